/* dybnn_pool_scalar.c - average and max pool in portable C [6].
 *
 * Keeps true: a window is cut to the pixels inside the input; sums run along x, then along y [6.1]; the first pixel of the
 * window starts the maximum [6.3].
 */
#include "dybnn_sets.h"
#include "dybnn_tail.h"

typedef struct pool_window {
  int32_t y0, y1, x0, x1;
} pool_window;

static void average(const dybnn_pool_args *args, pool_window w, int32_t c, int32_t count, float *DYBNN_RESTRICT values) {
  const float k = args->reciprocal ? args->reciprocal[(w.y1 - w.y0) * (w.x1 - w.x0)] : args->multiplier;
  int32_t y, x, i;
  for (i = 0; i < count; i++) values[i] = 0.0f;
  for (y = w.y0; y < w.y1; y++) {
    float row[DYBNN_TAIL_CHANNELS];
    for (i = 0; i < count; i++) row[i] = 0.0f;
    for (x = w.x0; x < w.x1; x++) {
      const float *pixel = args->input + ((ptrdiff_t)y * args->in_width + x) * args->channels + c;
      for (i = 0; i < count; i++) row[i] = row[i] + pixel[i];
    }
    for (i = 0; i < count; i++) values[i] = values[i] + row[i];
  }
  for (i = 0; i < count; i++) values[i] = values[i] * k;
}

static void maximum(const dybnn_pool_args *args, pool_window w, int32_t c, int32_t count, float *DYBNN_RESTRICT values) {
  const float *first = args->input + ((ptrdiff_t)w.y0 * args->in_width + w.x0) * args->channels + c;
  int32_t y, x, i;
  for (i = 0; i < count; i++) values[i] = first[i];
  for (y = w.y0; y < w.y1; y++) {
    for (x = w.x0; x < w.x1; x++) {
      const float *pixel = args->input + ((ptrdiff_t)y * args->in_width + x) * args->channels + c;
      for (i = 0; i < count; i++) values[i] = pixel[i] > values[i] ? pixel[i] : values[i];
    }
  }
}

void dybnn_pool_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_pool_args *args = (const dybnn_pool_args *)arguments;
  const dybnn_tail *tail = &args->tail;
  int32_t y, x, c;
  for (y = begin; y < end; y++) {
    const int32_t top = y * args->stride_h - args->pad_top;
    dybnn_tail_border(tail, y, 0, tail->channels);
    for (x = 0; x < tail->width; x++) {
      const int32_t left = x * args->stride_w - args->pad_left;
      pool_window window;
      window.y0 = dybnn_max(top, 0);
      window.y1 = dybnn_min(top + args->kernel_h, args->in_height);
      window.x0 = dybnn_max(left, 0);
      window.x1 = dybnn_min(left + args->kernel_w, args->in_width);
      for (c = 0; c < tail->channels; c += DYBNN_TAIL_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, DYBNN_TAIL_CHANNELS);
        float values[DYBNN_TAIL_CHANNELS];
        if (args->is_max)
          maximum(args, window, c, count, values);
        else
          average(args, window, c, count, values);
        dybnn_tail_pixel(tail, y, x, c, count, values);
      }
    }
  }
}

/* The end of a global average pool: sums of rows, from top to bottom, to means. */
void dybnn_gap_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_gap_args *args = (const dybnn_gap_args *)arguments;
  const int32_t last = dybnn_min(end * 16, args->channels);
  int32_t c, y;
  for (c = begin * 16; c < last; c++) {
    float sum = 0.0f;
    for (y = 0; y < args->rows; y++) sum = sum + args->row_sums[(ptrdiff_t)y * args->channels + c];
    args->output[c] = sum * args->multiplier;
  }
}
