/* dybnn_tail.h - the plain form of dybnn_tail: what happens to every value of a map once it is computed.
 *
 * In: up to 64 channels of one pixel, in channel order. Out: the map, the row sums and the packed bits of those channels.
 * A row's pixels come from left to right, since the row sums add in that order [6.1].
 */
#ifndef DYBNN_TAIL_H
#define DYBNN_TAIL_H

#include "dybnn_kernels.h"
#include "dybnn_packed_map.h"
#include "dybnn_targets.h"

/* The shortcut's value for channel c of pixel (y, x). */
DYBNN_INLINE float dybnn_tail_shortcut(const dybnn_tail *tail, int32_t y, int32_t x, int32_t c) {
  const ptrdiff_t channels = tail->shortcut_channels;
  const ptrdiff_t row = (ptrdiff_t)tail->shortcut_width * channels;
  const float *z;
  float top, bottom, sum;
  if (tail->shortcut_pool == 1) return tail->shortcut[((ptrdiff_t)y * tail->width + x) * channels + c % channels];
  z = tail->shortcut + 2 * y * row + 2 * x * channels + c % channels;
  top = (0.0f + z[0]) + z[channels];
  bottom = (0.0f + z[row]) + z[row + channels];
  sum = (0.0f + top) + bottom;
  return sum * 0.25f;
}

/* Channels c .. c + count - 1 of pixel (y, x); c is a multiple of 64, count at most 64. `values` is overwritten. */
static inline void dybnn_tail_pixel(const dybnn_tail *tail, int32_t y, int32_t x, int32_t c, int32_t count, float *values) {
  const ptrdiff_t pixel = ((ptrdiff_t)y * tail->width + x) * tail->channels + c;
  int32_t i;
  if (tail->scale)
    for (i = 0; i < count; i++) values[i] = values[i] * tail->scale[c + i];
  if (tail->bias)
    for (i = 0; i < count; i++) values[i] = values[i] + tail->bias[c + i];
  if (tail->shortcut)
    for (i = 0; i < count; i++) values[i] = values[i] + dybnn_tail_shortcut(tail, y, x, c + i);
  if (tail->prelu_slope)
    for (i = 0; i < count; i++) {
      const float v = values[i];
      const float gamma = tail->prelu_gamma ? tail->prelu_gamma[c + i] : 0.0f;
      const int above = tail->prelu_ge ? v >= gamma : v > gamma;
      const float d = tail->prelu_gamma ? v - gamma : v;
      const float bent = above ? d : tail->prelu_slope[c + i] * d;
      values[i] = tail->prelu_zeta ? bent + tail->prelu_zeta[c + i] : bent;
    }
  if (tail->out)
    for (i = 0; i < count; i++) tail->out[pixel + i] = values[i];
  if (tail->row_sums) {
    float *sums = tail->row_sums + (ptrdiff_t)y * tail->channels + c;
    for (i = 0; i < count; i++) sums[i] = (x == 0 ? 0.0f : sums[i]) + values[i];
  }
  if (tail->bits) {
    uint64_t word = 0;
    for (i = 0; i < count; i++) {
      const float threshold = tail->threshold[c + i];
      const int plus = tail->threshold_gt ? values[i] > threshold : values[i] >= threshold;
      word |= (uint64_t)plus << i;
    }
    tail->bits[(ptrdiff_t)(y + tail->border_top) * tail->bits_pitch +
               (ptrdiff_t)(x + tail->border_left) * dybnn_words(tail->channels) + c / 64] = word;
  }
}

/* The border of the packed map that belongs to row y, for channels first .. last - 1. */
DYBNN_INLINE void dybnn_tail_border(const dybnn_tail *tail, int32_t y, int32_t first, int32_t last) {
  const dybnn_packed_map map = {tail->bits,         tail->height,        tail->width,       tail->channels,    tail->bits_pitch,
                                tail->border_top,   tail->border_bottom, tail->border_left, tail->border_right};
  dybnn_clear_border(&map, y, first, last);
}

#endif
