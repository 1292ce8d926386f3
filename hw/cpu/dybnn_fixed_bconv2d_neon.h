/* dybnn_fixed_bconv2d_neon.h - the words of dybnn_fixed_bconv2d_simd.h for AArch64's Advanced SIMD: 8 channels in two vectors. */
#ifndef DYBNN_FIXED_BCONV2D_NEON_H
#define DYBNN_FIXED_BCONV2D_NEON_H

#include <string.h>

#include "dybnn_fixed_tail.h"

typedef struct b_ints {
  int32x4_t half[2];
} b_ints;

typedef struct b_scaling {
  int16x8_t factor;
  b_ints offset;
  int32x4_t right; /* minus the shift */
} b_scaling;

DYBNN_INLINE b_scaling b_scaling_of(const dybnn_fixed_tail *tail, int32_t channel, int32_t n) {
  int16_t factors[8] = {2, 2, 2, 2, 2, 2, 2, 2};
  int32_t offsets[8] = {0};
  int32_t half = 0, shift = 0;
  b_scaling s;
  if (tail) {
    memcpy(factors, tail->scale + channel, (size_t)n * sizeof(int16_t));
    memcpy(offsets, tail->offset + channel, (size_t)n * sizeof(int32_t));
    half = dybnn_half(tail->scale_shift);
    shift = tail->scale_shift - 1;
  }
  s.factor = vld1q_s16(factors);
  s.offset.half[0] = vaddq_s32(vld1q_s32(offsets), vdupq_n_s32(half));
  s.offset.half[1] = vaddq_s32(vld1q_s32(offsets + 4), vdupq_n_s32(half));
  s.right = vdupq_n_s32(-shift);
  return s;
}
/* Eight channels are always present. */
DYBNN_INLINE b_ints b_offset(const b_scaling *s, const int32_t *base, int32_t present) {
  const int16x4_t factors[2] = {vget_low_s16(s->factor), vget_high_s16(s->factor)};
  b_ints offset;
  int i;
  (void)present;
  DYBNN_UNROLL
  for (i = 0; i < 2; i++) {
    const int32x4_t n = vld1q_s32(base + 4 * i);
    const int32x4_t odd = vandq_s32(vnegq_s32(vandq_s32(n, vdupq_n_s32(1))), vmovl_s16(factors[i]));
    const int16x4_t halves = vmovn_s32(vshrq_n_s32(n, 1));
    offset.half[i] = vmlal_s16(vshrq_n_s32(vaddq_s32(s->offset.half[i], odd), 1), halves, factors[i]);
  }
  return offset;
}
DYBNN_INLINE b_ints b_scaled(const b_scaling *s, b_ints offset, b_counts mismatches) {
  const int16x4_t low = vmovn_s32(vreinterpretq_s32_u32(mismatches.half[0]));
  const int16x4_t high = vmovn_s32(vreinterpretq_s32_u32(mismatches.half[1]));
  offset.half[0] = vshlq_s32(vmlsl_s16(offset.half[0], low, vget_low_s16(s->factor)), s->right);
  offset.half[1] = vshlq_s32(vmlsl_s16(offset.half[1], high, vget_high_s16(s->factor)), s->right);
  return offset;
}
DYBNN_INLINE void b_store_one(int16_t *p, b_ints y) { vst1q_s16(p, vcombine_s16(vqmovn_s32(y.half[0]), vqmovn_s32(y.half[1]))); }
DYBNN_INLINE void b_store_two(int16_t *p, int16_t *q, b_ints yp, b_ints yq) {
  b_store_one(p, yp);
  b_store_one(q, yq);
}

#endif
