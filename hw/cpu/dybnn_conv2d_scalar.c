/* dybnn_conv2d_scalar.c - float convolution in portable C [7].
 *
 * In: a map, channels last. Out: what the tail asks for. Keeps true: one accumulator an output, taps in row-major order and
 * channels in ascending order; taps outside the input are skipped, which changes no bit [1.3].
 */
#include "dybnn_sets.h"
#include "dybnn_tail.h"

/* The sixteen outputs of a block at window (top, left); first[j] is output j's first input channel. */
DYBNN_NO_LOOP_VECTORIZER
static void accumulate(const dybnn_conv2d_args *args, int32_t top, int32_t left, const float *DYBNN_RESTRICT weights,
                       const int32_t *first, int32_t one_group, float *values) {
  const int32_t inputs = args->in_channels / args->conv_groups;
  float acc[16];
  int32_t ky, kx, i, j;
  for (j = 0; j < 16; j++) acc[j] = values[j];
  for (ky = 0; ky < args->kernel_h; ky++) {
    const int32_t iy = top + ky * args->dilation_h;
    if (iy < 0 || iy >= args->in_height) continue;
    for (kx = 0; kx < args->kernel_w; kx++) {
      const int32_t ix = left + kx * args->dilation_w;
      const float *w = weights + (ptrdiff_t)(ky * args->kernel_w + kx) * inputs * 16;
      const float *pixel;
      if (ix < 0 || ix >= args->in_width) continue;
      pixel = args->input + ((ptrdiff_t)iy * args->in_width + ix) * args->in_channels;
      if (one_group) {
        for (i = 0; i < inputs; i++, w += 16) {
          const float value = pixel[first[0] + i];
          DYBNN_UNROLL
          for (j = 0; j < 16; j++) acc[j] = acc[j] + value * w[j];
        }
      } else {
        for (i = 0; i < inputs; i++, w += 16)
          for (j = 0; j < 16; j++) acc[j] = acc[j] + pixel[first[j] + i] * w[j];
      }
    }
  }
  for (j = 0; j < 16; j++) values[j] = acc[j];
}

void dybnn_conv2d_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_conv2d_args *args = (const dybnn_conv2d_args *)arguments;
  const dybnn_tail *tail = &args->tail;
  const int32_t inputs = args->in_channels / args->conv_groups;
  const int32_t outputs = tail->channels / args->conv_groups;
  const ptrdiff_t block_size = (ptrdiff_t)args->kernel_h * args->kernel_w * inputs * 16;
  int32_t y, x, c, b, j;
  for (y = begin; y < end; y++) {
    dybnn_tail_border(tail, y, 0, tail->channels);
    for (x = 0; x < tail->width; x++) {
      for (c = 0; c < tail->channels; c += DYBNN_TAIL_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, DYBNN_TAIL_CHANNELS);
        float values[DYBNN_TAIL_CHANNELS];
        for (b = 0; b < count; b += 16) {
          int32_t first[16];
          /* Absent channels have zero weights; they read what the last channel reads. */
          for (j = 0; j < 16; j++) first[j] = dybnn_min(c + b + j, tail->channels - 1) / outputs * inputs;
          for (j = 0; j < 16; j++) values[b + j] = args->acc[c + b + j];
          accumulate(args, y * args->stride_h - args->pad_top, x * args->stride_w - args->pad_left,
                     args->weights + (c + b) / 16 * block_size, first, first[0] == first[15], values + b);
        }
        dybnn_tail_pixel(tail, y, x, c, count, values);
      }
    }
  }
}
