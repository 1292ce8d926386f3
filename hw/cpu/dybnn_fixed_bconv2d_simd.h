/* dybnn_fixed_bconv2d_simd.h - an int16 tail for dybnn_bconv2d_simd.h: the counts meet their scale while they are in registers.
 *
 * dot = n - 2 t with t mismatches, and y = sat((dot * m + c + h) >> S) with the rounding's half h [12.2]. n and dot are both odd or
 * both even, so with n = 2 N + e and S >= 1
 *   y = sat((((e * m + c + h) >> 1) + N * m - t * m) >> (S - 1))
 * where all but t is the same for a channel's pixels of one border class, and |N * m|, |t * m| < 2^30: one multiplication, one
 * addition and one shift a value. Dots themselves are m = 2, c + h = 0, S = 1; so they are stored where there is no scale, and
 * where S is 0, and the scale then has a pass of its own.
 *
 * The file that includes this brings dybnn_fixed_simd_*.h and, for the TILE_CHANNELS channels of a tile in vectors b_ints,
 *   b_scaling                      m, c + h, S - 1
 *   b_scaling_of(tail, channel, n) for channels channel .. channel + n - 1 (past those anything), tail NULL: for dots
 *   b_offset(scaling, base, present)   all but t
 *   b_scaled(scaling, offset, t)   y before sat
 *   b_store_two(p, q, yp, yq), b_store_one(p, y)   saturated to int16
 */
#ifndef DYBNN_FIXED_BCONV2D_SIMD_H
#define DYBNN_FIXED_BCONV2D_SIMD_H

#include "dybnn_fixed_bconv2d_types.h"

DYBNN_INLINE int bconv_scales(const dybnn_fixed_tail *tail) { return tail->scale && tail->scale_shift >= 1; }

typedef b_scaling bconv_scaling;
DYBNN_INLINE bconv_scaling bconv_scaling_of(const bconv_plan *plan, int32_t channel) {
  const int32_t channels = dybnn_min(plan->tail->channels - channel, TILE_CHANNELS);
  return b_scaling_of(bconv_scales(plan->tail) ? plan->tail : NULL, channel, channels);
}

/* As in dybnn_bconv2d_float.h. */
DYBNN_INLINE void bconv_store(const bconv_plan *plan, int32_t channel, const int32_t pixels, const int32_t *const *base,
                              ptrdiff_t c, int32_t present, const b_word *totals, int16_t *values) {
  const b_scaling scaling = bconv_scaling_of(plan, channel);
  b_ints offset = b_offset(&scaling, base[0] + c, present), y[2];
  int32_t p;
  DYBNN_UNROLL
  for (p = 0; p < pixels; p++) {
    if (p > 0 && base[p] != base[p - 1]) offset = b_offset(&scaling, base[p] + c, present);
    y[p % 2] = b_scaled(&scaling, offset, b_mismatches(totals + p * (TILE_CHANNELS / B_LANES)));
    if (p % 2) b_store_two(values + (p - 1) * STRIP_CHANNELS, values + p * STRIP_CHANNELS, y[0], y[1]);
  }
  if (pixels % 2) b_store_one(values + (pixels - 1) * STRIP_CHANNELS, y[0]);
}

/* The rest of the tail for a strip. */
DYBNN_INLINE void bconv_finish(const bconv_plan *plan, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                               int16_t *values) {
  const dybnn_fixed_tail *tail = plan->tail;
  if (tail->scale && !bconv_scales(tail)) fixed_rescale(tail, pixels, c, count, values, STRIP_CHANNELS, values);
  fixed_strip(plan, y, x, pixels, c, count, values, STRIP_CHANNELS);
}

#endif
