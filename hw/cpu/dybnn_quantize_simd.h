/* dybnn_quantize_simd.h - a picture's conversion to int16 [11.3], lanes along a row: one pass over the float32 input, and its copy to
 * channels last with it.
 */
#ifndef DYBNN_QUANTIZE_SIMD_H
#define DYBNN_QUANTIZE_SIMD_H

#include "dybnn_quantize.h"

/* `count` neighbours. What is left of a vector is done with some of those before it once more. */
DYBNN_INLINE void quantize_row(const float *from, int16_t *to, int32_t count, float multiplier) {
  int32_t i;
  for (i = 0; i + H_LANES <= count; i += H_LANES) h_store(to + i, h_quantize(from + i, multiplier));
  if (i < count && count >= H_LANES) {
    h_store(to + count - H_LANES, h_quantize(from + count - H_LANES, multiplier));
  } else {
    const int32_t fraction = dybnn_exponent_of(multiplier);
    for (; i < count; i++) to[i] = dybnn_quantize_one(from[i], fraction);
  }
}

/* A row of each plane to a row of pixels. */
static void quantize_planes(const dybnn_quantize_args *args, int32_t y) {
  const ptrdiff_t plane = (ptrdiff_t)args->height * args->width;
  const float *from = args->input + (ptrdiff_t)y * args->width;
  int16_t *DYBNN_RESTRICT to = args->output + (ptrdiff_t)y * args->width * args->channels;
  const float multiplier = args->multiplier;
  int16_t values[H_LANES];
  int32_t x, c, i;
  for (x = 0; x < args->width; x += H_LANES) {
    const int32_t count = dybnn_min(args->width - x, H_LANES);
    if (args->channels == 3 && count == H_LANES) {
      h_store_three(to + (ptrdiff_t)x * 3, h_quantize(from + x, multiplier), h_quantize(from + plane + x, multiplier),
                    h_quantize(from + 2 * plane + x, multiplier));
      continue;
    }
    for (c = 0; c < args->channels; c++) {
      int16_t *pixel = to + (ptrdiff_t)x * args->channels + c;
      quantize_row(from + c * plane + x, values, count, multiplier);
      for (i = 0; i < count; i++) pixel[(ptrdiff_t)i * args->channels] = values[i];
    }
  }
}

/* Where the order stays, rows that follow one another are one. */
static void quantize_rows(const dybnn_quantize_args *args, int32_t begin, int32_t end) {
  const ptrdiff_t row = (ptrdiff_t)args->width * args->channels;
  int32_t y;
  if (args->channels_first && args->channels > 1)
    for (y = begin; y < end; y++) quantize_planes(args, y);
  else
    quantize_row(args->input + begin * row, args->output + begin * row, (int32_t)((end - begin) * row), args->multiplier);
}

#endif
