/* dybnn_layout_scalar.c - copies between layouts in portable C [2.1]: no arithmetic. */
#include <string.h>

#include "dybnn_sets.h"

void dybnn_concat_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_concat_args *args = (const dybnn_concat_args *)arguments;
  const ptrdiff_t first = (ptrdiff_t)begin * args->width, last = (ptrdiff_t)end * args->width;
  ptrdiff_t pixel;
  for (pixel = first; pixel < last; pixel++)
    memcpy(args->output + pixel * args->output_channels + args->offset, args->input + pixel * args->channels,
           (size_t)args->channels * sizeof(float));
}

/* The three planes of a picture: what is written lies side by side. */
static void interleave_three(const dybnn_layout_args *args, int32_t y) {
  const ptrdiff_t plane = (ptrdiff_t)args->height * args->width;
  const float *DYBNN_RESTRICT from = args->input + (ptrdiff_t)y * args->width;
  float *DYBNN_RESTRICT to = args->output + (ptrdiff_t)y * args->width * 3;
  int32_t x;
  for (x = 0; x < args->width; x++) {
    to[3 * x] = from[x];
    to[3 * x + 1] = from[plane + x];
    to[3 * x + 2] = from[2 * plane + x];
  }
}

void dybnn_to_channels_last_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_layout_args *args = (const dybnn_layout_args *)arguments;
  int32_t y, x, c;
  if (args->channels == 3) {
    for (y = begin; y < end; y++) interleave_three(args, y);
    return;
  }
  for (y = begin; y < end; y++)
    for (c = 0; c < args->channels; c++) {
      const float *DYBNN_RESTRICT from = args->input + ((ptrdiff_t)c * args->height + y) * args->width;
      float *DYBNN_RESTRICT to = args->output + (ptrdiff_t)y * args->width * args->channels + c;
      for (x = 0; x < args->width; x++) to[(ptrdiff_t)x * args->channels] = from[x];
    }
}

void dybnn_to_channels_first_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_layout_args *args = (const dybnn_layout_args *)arguments;
  int32_t y, x, c;
  for (y = begin; y < end; y++)
    for (c = 0; c < args->channels; c++) {
      const float *DYBNN_RESTRICT from = args->input + (ptrdiff_t)y * args->width * args->channels + c;
      float *DYBNN_RESTRICT to = args->output + ((ptrdiff_t)c * args->height + y) * args->width;
      for (x = 0; x < args->width; x++) to[x] = from[(ptrdiff_t)x * args->channels];
    }
}
