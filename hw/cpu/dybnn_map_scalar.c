/* dybnn_map_scalar.c - a pass over a map in portable C: function [9], then tail. In place is fine: a chunk of a pixel is read
 * before it is written. */
#include "dybnn_functions.h"
#include "dybnn_sets.h"
#include "dybnn_tail.h"

void dybnn_map_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_map_args *args = (const dybnn_map_args *)arguments;
  const dybnn_tail *tail = &args->tail;
  int32_t y, x, c, i;
  for (y = begin; y < end; y++) {
    dybnn_tail_border(tail, y, 0, tail->channels);
    for (x = 0; x < tail->width; x++) {
      const float *pixel = args->input + ((ptrdiff_t)y * tail->width + x) * tail->channels;
      for (c = 0; c < tail->channels; c += DYBNN_TAIL_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, DYBNN_TAIL_CHANNELS);
        float values[DYBNN_TAIL_CHANNELS];
        for (i = 0; i < count; i++) values[i] = dybnn_apply(args->function, args->alpha, args->beta, pixel[c + i]);
        dybnn_tail_pixel(tail, y, x, c, count, values);
      }
    }
  }
}
