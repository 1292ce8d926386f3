/* dybnn_fixed_pool_scalar.c - sums and maxima over pixels of int16 maps in portable C [13].
 *
 * Keeps true: a window is cut to the pixels inside the input; sums are exact, so their order is free.
 */
#include "dybnn_fixed_gap.h"
#include "dybnn_fixed_sets.h"
#include "dybnn_fixed_tail.h"

typedef struct pool_window {
  int32_t y0, y1, x0, x1;
} pool_window;

/* [13.2] */
static void average(const dybnn_fixed_pool_args *args, pool_window w, int32_t c, int32_t count, int32_t *DYBNN_RESTRICT values) {
  const int32_t pixels = args->exclude_pad ? (w.y1 - w.y0) * (w.x1 - w.x0) : args->kernel_h * args->kernel_w;
  const int32_t reciprocal = args->reciprocal[2 * pixels], shift = args->reciprocal[2 * pixels + 1];
  const int64_t half = (int64_t)1 << (shift - 1);
  int32_t y, x, i;
  for (i = 0; i < count; i++) values[i] = 0;
  for (y = w.y0; y < w.y1; y++) {
    for (x = w.x0; x < w.x1; x++) {
      const int16_t *pixel = args->input + ((ptrdiff_t)y * args->in_width + x) * args->channels + c;
      for (i = 0; i < count; i++) values[i] += pixel[i];
    }
  }
  for (i = 0; i < count; i++) values[i] = dybnn_sat((int32_t)(((int64_t)values[i] * reciprocal + half) >> shift));
}

/* [13.3] */
static void maximum(const dybnn_fixed_pool_args *args, pool_window w, int32_t c, int32_t count, int32_t *DYBNN_RESTRICT values) {
  int32_t y, x, i;
  for (i = 0; i < count; i++) values[i] = INT16_MIN;
  for (y = w.y0; y < w.y1; y++) {
    for (x = w.x0; x < w.x1; x++) {
      const int16_t *pixel = args->input + ((ptrdiff_t)y * args->in_width + x) * args->channels + c;
      for (i = 0; i < count; i++) values[i] = dybnn_max(values[i], pixel[i]);
    }
  }
}

void dybnn_fixed_pool_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_fixed_pool_args *args = (const dybnn_fixed_pool_args *)arguments;
  const dybnn_fixed_tail *tail = &args->tail;
  int32_t y, x, c;
  for (y = begin; y < end; y++) {
    const int32_t top = y * args->stride_h - args->pad_top;
    dybnn_fixed_tail_border(tail, y, 0, tail->channels);
    for (x = 0; x < tail->width; x++) {
      const int32_t left = x * args->stride_w - args->pad_left;
      pool_window window;
      window.y0 = dybnn_max(top, 0);
      window.y1 = dybnn_min(top + args->kernel_h, args->in_height);
      window.x0 = dybnn_max(left, 0);
      window.x1 = dybnn_min(left + args->kernel_w, args->in_width);
      for (c = 0; c < tail->channels; c += DYBNN_TAIL_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, DYBNN_TAIL_CHANNELS);
        int32_t values[DYBNN_TAIL_CHANNELS];
        if (args->is_max)
          maximum(args, window, c, count, values);
        else
          average(args, window, c, count, values);
        dybnn_fixed_tail_values(tail, y, x, c, count, values);
      }
    }
  }
}

void dybnn_fixed_gap_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_fixed_gap_args *args = (const dybnn_fixed_gap_args *)arguments;
  int32_t c;
  for (c = begin * 16; c < dybnn_min(end * 16, args->channels); c += 16)
    fixed_gap_channels(args, c, dybnn_min(args->channels - c, 16));
}

/* [13.4] */
void dybnn_fixed_concat_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_fixed_concat_args *args = (const dybnn_fixed_concat_args *)arguments;
  const ptrdiff_t first = (ptrdiff_t)begin * args->width, last = (ptrdiff_t)end * args->width;
  ptrdiff_t pixel;
  int32_t c;
  for (pixel = first; pixel < last; pixel++) {
    const int16_t *DYBNN_RESTRICT from = args->input + pixel * args->channels;
    int16_t *DYBNN_RESTRICT to = args->output + pixel * args->output_channels + args->offset;
    for (c = 0; c < args->channels; c++) to[c] = (int16_t)dybnn_rnd(from[c], args->shift);
  }
}
