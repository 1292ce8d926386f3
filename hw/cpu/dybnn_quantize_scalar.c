/* dybnn_quantize_scalar.c - float32 to int16 and back in portable C [11.3]. */
#include "dybnn_fixed_sets.h"
#include "dybnn_quantize.h"

void dybnn_quantize_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_quantize_args *args = (const dybnn_quantize_args *)arguments;
  const int32_t fraction = dybnn_exponent_of(args->multiplier);
  const ptrdiff_t next = args->channels_first ? (ptrdiff_t)args->height * args->width : 1;
  int32_t y, x, c;
  for (y = begin; y < end; y++)
    for (x = 0; x < args->width; x++) {
      const ptrdiff_t pixel = (ptrdiff_t)y * args->width + x;
      const float *from = args->input + (args->channels_first ? pixel : pixel * args->channels);
      int16_t *to = args->output + pixel * args->channels;
      for (c = 0; c < args->channels; c++) to[c] = dybnn_quantize_one(from[c * next], fraction);
    }
}

void dybnn_dequantize_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_dequantize_args *args = (const dybnn_dequantize_args *)arguments;
  const ptrdiff_t next = args->channels_first ? (ptrdiff_t)args->height * args->width : 1;
  int32_t y, x, c;
  for (y = begin; y < end; y++)
    for (x = 0; x < args->width; x++) {
      const ptrdiff_t pixel = (ptrdiff_t)y * args->width + x;
      const int16_t *from = args->input + pixel * args->channels;
      float *to = args->output + (args->channels_first ? pixel : pixel * args->channels);
      for (c = 0; c < args->channels; c++) to[c * next] = (float)from[c] * args->multiplier;
    }
}
