/* dybnn_packed_map.h - the border of a packed map [2.2], the same for every tail.
 *
 * In: a packed map as the fields of a tail say it. Out: its border words are zero. Keeps true: each row of the map clears its own
 * border, the first and the last also those above and below, so that units stay independent.
 */
#ifndef DYBNN_PACKED_MAP_H
#define DYBNN_PACKED_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "dybnn_targets.h"

/* A tail takes a pixel by this many channels: one word of bits. */
#define DYBNN_TAIL_CHANNELS 64

DYBNN_INLINE int32_t dybnn_min(int32_t a, int32_t b) { return a < b ? a : b; }
DYBNN_INLINE int32_t dybnn_max(int32_t a, int32_t b) { return a > b ? a : b; }
DYBNN_INLINE int32_t dybnn_words(int32_t channels) { return (channels + 63) / 64; }

typedef struct dybnn_packed_map {
  uint64_t *bits; /* NULL: there is none */
  int32_t height, width, channels, pitch;
  int32_t border_top, border_bottom, border_left, border_right;
} dybnn_packed_map;

/* Words of channels first .. last - 1 (first a multiple of 64) of `pixels` pixels are made zero. */
DYBNN_INLINE void dybnn_clear_pixels(const dybnn_packed_map *map, uint64_t *pixel, ptrdiff_t pixels, int32_t first, int32_t last) {
  const int32_t words = dybnn_words(map->channels);
  ptrdiff_t p;
  int32_t w;
  for (p = 0; p < pixels; p++)
    for (w = first / 64; w < dybnn_words(last); w++) pixel[p * words + w] = 0;
}

/* The border that belongs to row y, for channels first .. last - 1. */
static inline void dybnn_clear_border(const dybnn_packed_map *map, int32_t y, int32_t first, int32_t last) {
  const int32_t words = dybnn_words(map->channels);
  const ptrdiff_t width = map->border_left + map->width + map->border_right;
  uint64_t *row;
  int32_t b;
  if (!map->bits) return;
  row = map->bits + (ptrdiff_t)(y + map->border_top) * map->pitch;
  dybnn_clear_pixels(map, row, map->border_left, first, last);
  dybnn_clear_pixels(map, row + (ptrdiff_t)(map->border_left + map->width) * words, map->border_right, first, last);
  if (y == 0)
    for (b = 0; b < map->border_top; b++) dybnn_clear_pixels(map, map->bits + (ptrdiff_t)b * map->pitch, width, first, last);
  if (y == map->height - 1)
    for (b = 1; b <= map->border_bottom; b++)
      dybnn_clear_pixels(map, row + (ptrdiff_t)b * map->pitch, width, first, last);
}

#endif
