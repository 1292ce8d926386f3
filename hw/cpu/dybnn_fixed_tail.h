/* dybnn_fixed_tail.h - the plain form of dybnn_fixed_tail: what happens to every value of an int16 map once it is computed [12].
 *
 * In: up to 64 channels of one pixel, in channel order, as int32. Out: the map, the row sums and the packed bits of those
 * channels. Integers only, 32 bits are enough everywhere (the clauses have the bounds). A row's pixels come from left to right.
 */
#ifndef DYBNN_FIXED_TAIL_H
#define DYBNN_FIXED_TAIL_H

#if defined(__ARM_FEATURE_SAT)
#include <arm_acle.h>
#endif

#include "dybnn_fixed_kernels.h"
#include "dybnn_packed_map.h"
#include "dybnn_targets.h"

/* Shifts to the right of negative integers are arithmetic here: ISO C leaves that to the compiler, all that are known do it. */
typedef char dybnn_shifts_are_arithmetic[(-1 >> 1) == -1 ? 1 : -1];

/* [11.2] */
#if defined(__ARM_FEATURE_SAT)
DYBNN_INLINE int32_t dybnn_sat(int32_t v) { return __ssat(v, 16); }
#else
DYBNN_INLINE int32_t dybnn_sat(int32_t v) { return v < INT16_MIN ? INT16_MIN : (v > INT16_MAX ? INT16_MAX : v); }
#endif
DYBNN_INLINE int32_t dybnn_half(int32_t shift) { return shift > 0 ? (int32_t)1 << (shift - 1) : 0; }
DYBNN_INLINE int32_t dybnn_rnd(int32_t v, int32_t shift) { return (v + dybnn_half(shift)) >> shift; }

/* The shortcut's value for channel c of pixel (y, x), rounded [12.3]. */
DYBNN_INLINE int32_t dybnn_fixed_shortcut(const dybnn_fixed_tail *tail, int32_t y, int32_t x, int32_t c) {
  const ptrdiff_t channels = tail->shortcut_channels;
  const ptrdiff_t row = (ptrdiff_t)tail->shortcut_width * channels;
  const int16_t *z;
  if (tail->shortcut_pool == 1) {
    z = tail->shortcut + ((ptrdiff_t)y * tail->width + x) * channels + c % channels;
    return dybnn_rnd(z[0], tail->shortcut_shift);
  }
  z = tail->shortcut + 2 * y * row + 2 * x * channels + c % channels;
  return dybnn_rnd(z[0] + z[channels] + z[row] + z[row + channels], tail->shortcut_shift + 2);
}

/* The steps after entry and scale, for channels c .. c + count - 1 of pixel (y, x); c is a multiple of 64, count at most 64.
 * `values` is overwritten. As far as a compiler knows it may be part of the tail, whose numbers are int32 too and would be loaded
 * again after every value: hence the copy, of which only what is used is made. */
static inline void dybnn_fixed_tail_rest(const dybnn_fixed_tail *given, int32_t y, int32_t x, int32_t c, int32_t count,
                                         int32_t *values) {
  const dybnn_fixed_tail own = *given, *const tail = &own;
  const ptrdiff_t pixel = ((ptrdiff_t)y * tail->width + x) * tail->channels + c;
  int32_t i;
  if (tail->bias)
    for (i = 0; i < count; i++) values[i] = dybnn_sat(values[i] + tail->bias[c + i]);
  if (tail->shortcut)
    for (i = 0; i < count; i++) values[i] = dybnn_sat(values[i] + dybnn_fixed_shortcut(tail, y, x, c + i));
  if (tail->prelu_slope)
    for (i = 0; i < count; i++) {
      const int32_t gamma = tail->prelu_gamma ? tail->prelu_gamma[c + i] : 0;
      const int32_t zeta = tail->prelu_zeta ? tail->prelu_zeta[c + i] : 0;
      const int32_t d = dybnn_sat(values[i] - gamma);
      const int above = tail->prelu_ge ? values[i] >= gamma : values[i] > gamma;
      const int32_t bent = above ? d : dybnn_sat(dybnn_rnd(d * tail->prelu_slope[c + i], tail->slope_shift));
      values[i] = dybnn_sat(bent + zeta);
    }
  if (tail->out)
    for (i = 0; i < count; i++) tail->out[pixel + i] = (int16_t)values[i];
  if (tail->row_sums) {
    int32_t *sums = tail->row_sums + (ptrdiff_t)y * tail->channels + c;
    for (i = 0; i < count; i++) sums[i] = (x == 0 ? 0 : sums[i]) + values[i];
  }
  if (tail->bits) {
    uint64_t word = 0;
    for (i = 0; i < count; i++) {
      const int32_t threshold = tail->threshold[c + i];
      const int plus = tail->threshold_gt ? values[i] > threshold : values[i] >= threshold;
      word |= (uint64_t)plus << i;
    }
    tail->bits[(ptrdiff_t)(y + tail->border_top) * tail->bits_pitch +
               (ptrdiff_t)(x + tail->border_left) * dybnn_words(tail->channels) + c / 64] = word;
  }
}

/* All of them. */
static inline void dybnn_fixed_tail_pixel(const dybnn_fixed_tail *given, int32_t y, int32_t x, int32_t c, int32_t count,
                                          const int enters, int32_t *values) {
  const dybnn_fixed_tail own = *given, *const tail = &own;
  int32_t i;
  if (enters)
    for (i = 0; i < count; i++) values[i] = dybnn_sat(dybnn_rnd(values[i], tail->entry_shift));
  if (tail->scale)
    for (i = 0; i < count; i++)
      values[i] = dybnn_sat(dybnn_rnd(values[i] * tail->scale[c + i] + tail->offset[c + i], tail->scale_shift));
  dybnn_fixed_tail_rest(tail, y, x, c, count, values);
}

/* Of accumulators. */
static inline void dybnn_fixed_tail_sums(const dybnn_fixed_tail *tail, int32_t y, int32_t x, int32_t c, int32_t count, int32_t *values) {
  dybnn_fixed_tail_pixel(tail, y, x, c, count, 1, values);
}

/* Of values that are int16 already, dots among them: without a shift they enter as they are. */
static inline void dybnn_fixed_tail_values(const dybnn_fixed_tail *tail, int32_t y, int32_t x, int32_t c, int32_t count, int32_t *values) {
  dybnn_fixed_tail_pixel(tail, y, x, c, count, tail->entry_shift > 0, values);
}

/* The border of the packed map that belongs to row y, for channels first .. last - 1. */
DYBNN_INLINE void dybnn_fixed_tail_border(const dybnn_fixed_tail *tail, int32_t y, int32_t first, int32_t last) {
  const dybnn_packed_map map = {tail->bits,       tail->height,        tail->width,       tail->channels,    tail->bits_pitch,
                                tail->border_top, tail->border_bottom, tail->border_left, tail->border_right};
  dybnn_clear_border(&map, y, first, last);
}

#endif
