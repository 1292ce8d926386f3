/* dybnn_int8_conv2d_scalar.c - convolution of an int16 map with weights of 8 bits in portable C [14], with either tail.
 *
 * In: a map, channels last. Out: what the tail asks for. Keeps true: the sums are exact int32, taps outside the input add nothing.
 */
#include "dybnn_fixed_sets.h"
#include "dybnn_fixed_tail.h"
#include "dybnn_int8_conv2d.h"
#include "dybnn_tail.h"

/* Values first .. last - 1 of a run, `from` is value `first`: pairs, and what is left of one at either end. */
DYBNN_NO_LOOP_VECTORIZER
static void accumulate_run(const int16_t *from, const int8_t *run, int32_t first, int32_t last, int32_t *DYBNN_RESTRICT acc) {
  const int8_t *w = run + (ptrdiff_t)(first / 2) * 32;
  int32_t i = first, j;
  if (i % 2 != 0 && i < last) {
    const int32_t value = *from++;
    for (j = 0; j < 16; j++) acc[j] += value * w[2 * j + 1];
    i++;
    w += 32;
  }
  for (; i + 1 < last; i += 2, from += 2, w += 32) {
    const int32_t value = from[0], next = from[1];
    DYBNN_UNROLL
    for (j = 0; j < 16; j++) acc[j] += value * w[2 * j] + next * w[2 * j + 1];
  }
  if (i < last) {
    const int32_t value = *from;
    for (j = 0; j < 16; j++) acc[j] += value * w[2 * j];
  }
}

/* The sixteen outputs of a block at window (top, left); first[j] is output j's first input channel. */
static void accumulate(const int8_window *w, int32_t top, int32_t left, const int8_t *weights, const int32_t *first, int32_t *acc) {
  const int32_t inputs = w->in_channels / w->conv_groups;
  const ptrdiff_t run_size = (ptrdiff_t)(w->length + 1) / 2 * 32;
  const int one_group = first[0] == first[15];
  int32_t ky, kx, i, j;
  for (j = 0; j < 16; j++) acc[j] = 0;
  for (ky = 0; ky < w->kernel_h; ky++) {
    const int32_t iy = top + ky * w->dilation_h;
    if (iy < 0 || iy >= w->in_height) continue;
    for (kx = 0; kx < w->kernel_w; kx++) {
      const int32_t ix = left + kx * w->dilation_w;
      const int8_t *run = weights + (ky * w->runs + (w->runs == 1 ? 0 : kx)) * run_size;
      const int32_t at = w->runs == 1 ? kx * inputs : 0;
      const int16_t *pixel;
      if (ix < 0 || ix >= w->in_width) continue;
      pixel = w->input + ((ptrdiff_t)iy * w->in_width + ix) * w->in_channels;
      if (one_group) {
        accumulate_run(pixel + first[0], run, at, at + inputs, acc);
      } else {
        for (i = 0; i < inputs; i++)
          for (j = 0; j < 16; j++) acc[j] += pixel[first[j] + i] * run[(ptrdiff_t)((at + i) / 2) * 32 + 2 * j + (at + i) % 2];
      }
    }
  }
}

/* Channels c .. c + count - 1 of the output pixel (y, x). */
static void convolve_pixel(const int8_window *w, int32_t channels, int32_t y, int32_t x, int32_t c, int32_t count,
                           int32_t *values) {
  const int32_t inputs = w->in_channels / w->conv_groups, outputs = channels / w->conv_groups;
  const ptrdiff_t block_size = w->kernel_h * w->runs * ((ptrdiff_t)(w->length + 1) / 2 * 32);
  int32_t b, j;
  for (b = 0; b < count; b += 16) {
    int32_t first[16];
    /* Absent channels have zero weights; they read what the last channel reads. */
    for (j = 0; j < 16; j++) first[j] = dybnn_min(c + b + j, channels - 1) / outputs * inputs;
    accumulate(w, y * w->stride_h - w->pad_top, x * w->stride_w - w->pad_left, w->weights + (c + b) / 16 * block_size, first,
               values + b);
  }
}

void dybnn_int8_conv2d_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_int8_conv2d_args *args = (const dybnn_int8_conv2d_args *)arguments;
  const dybnn_fixed_tail *tail = &args->tail;
  const int8_window window = int8_window_of(args);
  int32_t y, x, c;
  for (y = begin; y < end; y++) {
    dybnn_fixed_tail_border(tail, y, 0, tail->channels);
    for (x = 0; x < tail->width; x++)
      for (c = 0; c < tail->channels; c += DYBNN_TAIL_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, DYBNN_TAIL_CHANNELS);
        int32_t values[DYBNN_TAIL_CHANNELS];
        convolve_pixel(&window, tail->channels, y, x, c, count, values);
        dybnn_fixed_tail_sums(tail, y, x, c, count, values);
      }
  }
}

void dybnn_int8_conv2d_float_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_int8_conv2d_float_args *args = (const dybnn_int8_conv2d_float_args *)arguments;
  const dybnn_tail *tail = &args->tail;
  const int8_window window = int8_float_window_of(args);
  int32_t y, x, c, i;
  for (y = begin; y < end; y++) {
    dybnn_tail_border(tail, y, 0, tail->channels);
    for (x = 0; x < tail->width; x++)
      for (c = 0; c < tail->channels; c += DYBNN_TAIL_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, DYBNN_TAIL_CHANNELS);
        int32_t sums[DYBNN_TAIL_CHANNELS];
        float values[DYBNN_TAIL_CHANNELS];
        convolve_pixel(&window, tail->channels, y, x, c, count, sums);
        for (i = 0; i < count; i++) values[i] = (float)sums[i]; /* rounded: a sum may have 31 bits [14.3] */
        dybnn_tail_pixel(tail, y, x, c, count, values);
      }
  }
}
