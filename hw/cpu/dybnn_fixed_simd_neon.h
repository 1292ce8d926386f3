/* dybnn_fixed_simd_neon.h - the vector words of fixed16 for AArch64's Advanced SIMD: 8 lanes of 16 bits, 4 of 32. */
#ifndef DYBNN_FIXED_SIMD_NEON_H
#define DYBNN_FIXED_SIMD_NEON_H

#include <string.h>

#include "dybnn_targets.h"

#define H_LANES 8

typedef int16x8_t h_vec;
typedef int32x4_t i_vec;

DYBNN_INLINE h_vec h_load(const int16_t *p) { return vld1q_s16(p); }
DYBNN_INLINE void h_store(int16_t *p, h_vec v) { vst1q_s16(p, v); }
DYBNN_INLINE h_vec h_load_first(const int16_t *p, int32_t n) {
  int16_t lanes[H_LANES] = {0};
  memcpy(lanes, p, (size_t)n * sizeof(int16_t));
  return h_load(lanes);
}
DYBNN_INLINE void h_store_first(int16_t *p, int32_t n, h_vec v) {
  int16_t lanes[H_LANES];
  h_store(lanes, v);
  memcpy(p, lanes, (size_t)n * sizeof(int16_t));
}
DYBNN_INLINE h_vec h_all(int32_t x) { return vdupq_n_s16((int16_t)x); }
DYBNN_INLINE h_vec h_adds(h_vec a, h_vec b) { return vqaddq_s16(a, b); }
DYBNN_INLINE h_vec h_subs(h_vec a, h_vec b) { return vqsubq_s16(a, b); }
DYBNN_INLINE h_vec h_max(h_vec a, h_vec b) { return vmaxq_s16(a, b); }
/* rnd(a * b, 15); not for -2^15 times itself. */
DYBNN_INLINE h_vec h_mul15(h_vec a, h_vec b) { return vqrdmulhq_s16(a, b); }
/* d, or where it is negative: `bent`; rnd(d * slope, 15); that plus d itself where `whole` is all ones, saturated. */
DYBNN_INLINE h_vec h_bend_to(h_vec d, h_vec bent) { return vbslq_s16(vcltzq_s16(d), bent, d); }
DYBNN_INLINE h_vec h_bend(h_vec d, h_vec slope) { return h_bend_to(d, vqrdmulhq_s16(d, slope)); }
DYBNN_INLINE h_vec h_bend_whole(h_vec d, h_vec slope, h_vec whole) {
  return h_bend_to(d, vqaddq_s16(vqrdmulhq_s16(d, slope), vandq_s16(d, whole)));
}
/* All ones where a > b. */
DYBNN_INLINE h_vec h_greater(h_vec a, h_vec b) { return vreinterpretq_s16_u16(vcgtq_s16(a, b)); }
DYBNN_INLINE h_vec h_and(h_vec a, h_vec b) { return vandq_s16(a, b); }
DYBNN_INLINE h_vec h_sub(h_vec a, h_vec b) { return vsubq_s16(a, b); }
DYBNN_INLINE h_vec h_add(h_vec a, h_vec b) { return vaddq_s16(a, b); }
/* Lane 0's comparison in bit 0. */
DYBNN_INLINE uint32_t bits_of_mask(uint16x8_t mask) {
  static const uint16_t places[8] = {1, 2, 4, 8, 16, 32, 64, 128};
  return vaddvq_u16(vandq_u16(mask, vld1q_u16(places)));
}
DYBNN_INLINE uint32_t h_bits_gt(h_vec a, h_vec b) { return bits_of_mask(vcgtq_s16(a, b)); }
DYBNN_INLINE uint32_t h_bits_ge(h_vec a, h_vec b) { return bits_of_mask(vcgeq_s16(a, b)); }
/* Of 64 lanes: masks become bytes, each with its own bit, and three pairwise additions make bytes of eight. */
DYBNN_INLINE uint8x16_t bytes_of_masks(uint16x8_t low, uint16x8_t high) {
  static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  return vandq_u8(vcombine_u8(vmovn_u16(low), vmovn_u16(high)), vld1q_u8(places));
}
DYBNN_INLINE uint64_t word_of_bytes(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
  const uint8x16_t quarters = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(quarters, quarters)), 0);
}
#define H_MASKS(compare, i) \
  bytes_of_masks(compare(h_load(a + (i)), h_load(b + (i))), compare(h_load(a + (i) + 8), h_load(b + (i) + 8)))
DYBNN_INLINE uint64_t h_word_gt(const int16_t *a, const int16_t *b) {
  return word_of_bytes(H_MASKS(vcgtq_s16, 0), H_MASKS(vcgtq_s16, 16), H_MASKS(vcgtq_s16, 32), H_MASKS(vcgtq_s16, 48));
}
DYBNN_INLINE uint64_t h_word_ge(const int16_t *a, const int16_t *b) {
  return word_of_bytes(H_MASKS(vcgeq_s16, 0), H_MASKS(vcgeq_s16, 16), H_MASKS(vcgeq_s16, 32), H_MASKS(vcgeq_s16, 48));
}
#undef H_MASKS
/* They become the bits from `at` on of the word, a multiple of H_LANES; the word's bits there are zero before. */
DYBNN_INLINE void h_put_bits(uint64_t *word, int32_t at, uint32_t bits) { *word |= (uint64_t)bits << at; }

/* Twice as wide. */
typedef struct h_wide {
  i_vec low, high;
} h_wide;

DYBNN_INLINE h_wide wide_load_first(const int32_t *p, int32_t n) {
  int32_t lanes[H_LANES] = {0};
  h_wide w;
  memcpy(lanes, p, (size_t)n * sizeof(int32_t));
  w.low = vld1q_s32(lanes);
  w.high = vld1q_s32(lanes + 4);
  return w;
}
DYBNN_INLINE h_wide wide_all(int32_t x) {
  h_wide w;
  w.low = w.high = vdupq_n_s32(x);
  return w;
}
DYBNN_INLINE h_wide wide_add(h_wide a, h_wide b) {
  a.low = vaddq_s32(a.low, b.low);
  a.high = vaddq_s32(a.high, b.high);
  return a;
}
/* sat(a >> shift) */
DYBNN_INLINE h_vec wide_narrow(h_wide a, int32_t shift) {
  const int32x4_t right = vdupq_n_s32(-shift);
  return vcombine_s16(vqmovn_s32(vshlq_s32(a.low, right)), vqmovn_s32(vshlq_s32(a.high, right)));
}
DYBNN_INLINE h_wide wide_mul(h_vec a, h_vec b) {
  h_wide w;
  w.low = vmull_s16(vget_low_s16(a), vget_low_s16(b));
  w.high = vmull_high_s16(a, b);
  return w;
}
/* a + b */
DYBNN_INLINE h_wide wide_sum(h_vec a, h_vec b) {
  h_wide w;
  w.low = vaddl_s16(vget_low_s16(a), vget_low_s16(b));
  w.high = vaddl_high_s16(a, b);
  return w;
}
/* H_LANES int32 in their order to sat(rnd(v, shift)), `half` is 2^(shift - 1). */
DYBNN_INLINE h_vec h_narrow(const int32_t *p, int32_t half, int32_t shift) {
  h_wide w;
  w.low = vld1q_s32(p);
  w.high = vld1q_s32(p + 4);
  return wide_narrow(wide_add(w, wide_all(half)), shift);
}

/* sat(floor(x * multiplier + 1/2)) of H_LANES floats, exactly: the floor, and one more where at least a half is left [11.3]. */
DYBNN_INLINE int16x4_t quantize_4(const float *p, float multiplier) {
  const float32x4_t x = vmulq_n_f32(vld1q_f32(p), multiplier);
  const float32x4_t whole = vrndmq_f32(x);
  const uint32x4_t up = vcgeq_f32(vsubq_f32(x, whole), vdupq_n_f32(0.5f));
  return vqmovn_s32(vqsubq_s32(vcvtq_s32_f32(whole), vreinterpretq_s32_u32(up))); /* all of them saturate */
}
DYBNN_INLINE h_vec h_quantize(const float *p, float multiplier) {
  return vcombine_s16(quantize_4(p, multiplier), quantize_4(p + 4, multiplier));
}
/* a[0], b[0], c[0], a[1], ... */
DYBNN_INLINE void h_store_three(int16_t *to, h_vec a, h_vec b, h_vec c) {
  int16x8x3_t three;
  three.val[0] = a, three.val[1] = b, three.val[2] = c;
  vst3q_s16(to, three);
}

DYBNN_INLINE i_vec i_load(const int32_t *p) { return vld1q_s32(p); }
DYBNN_INLINE i_vec i_add(i_vec a, i_vec b) { return vaddq_s32(a, b); }
DYBNN_INLINE float32x4_t v_from_ints(i_vec v) { return vcvtq_f32_s32(v); } /* rounded once */

/* Exact sums of many vectors. */
typedef h_wide h_sums;

DYBNN_INLINE h_sums sums_zero(void) { return wide_all(0); }
DYBNN_INLINE h_sums sums_add(h_sums s, h_vec v) {
  s.low = vaddw_s16(s.low, vget_low_s16(v));
  s.high = vaddw_high_s16(s.high, v);
  return s;
}
/* to[0 .. n - 1], plus what is there where `more`. */
DYBNN_INLINE void sums_store(int32_t *to, int32_t n, int more, h_sums s) {
  int32_t sums[H_LANES];
  int32_t i;
  vst1q_s32(sums, s.low);
  vst1q_s32(sums + 4, s.high);
  if (n == H_LANES)
    for (i = 0; i < H_LANES; i++) to[i] = (more ? to[i] : 0) + sums[i];
  else
    for (i = 0; i < n; i++) to[i] = (more ? to[i] : 0) + sums[i];
}

#endif
