/* dybnn_fixed_map_scalar.c - a pass over an int16 map in portable C: its tail [12]. In place is fine: a chunk of a pixel is read
 * before it is written. */
#include "dybnn_fixed_sets.h"
#include "dybnn_fixed_tail.h"

void dybnn_fixed_map_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_fixed_map_args *args = (const dybnn_fixed_map_args *)arguments;
  const dybnn_fixed_tail *tail = &args->tail;
  int32_t y, x, c, i;
  for (y = begin; y < end; y++) {
    dybnn_fixed_tail_border(tail, y, 0, tail->channels);
    for (x = 0; x < tail->width; x++) {
      const int16_t *pixel = args->input + ((ptrdiff_t)y * tail->width + x) * tail->channels;
      for (c = 0; c < tail->channels; c += DYBNN_TAIL_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, DYBNN_TAIL_CHANNELS);
        int32_t values[DYBNN_TAIL_CHANNELS];
        for (i = 0; i < count; i++) values[i] = pixel[c + i];
        dybnn_fixed_tail_values(tail, y, x, c, count, values);
      }
    }
  }
}
