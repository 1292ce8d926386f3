/* dybnn_simd_neon.h - the vector words of the *_simd.h bodies for AArch64's Advanced SIMD: 4 lanes. Masks are vectors. */
#ifndef DYBNN_SIMD_NEON_H
#define DYBNN_SIMD_NEON_H

#include <string.h>

#include "dybnn_targets.h"

/* 32 registers: 20 accumulators, 4 weights, the activation, products. */
#define V_LANES 4
#define V_CONV_PIXELS 5
#define V_CONV_BLOCKS 1
#define V_CONV_PIXELS_ONE_BLOCK 5
#define V_CONV_MOST_PIXELS 5 /* the larger of the two */
#define V_CONV_ACCUMULATORS 20
#define V_CONV_STRIP 10
#define V_TAIL_VECTORS 1
#define V_DENSE_BLOCKS 4

typedef float32x4_t v_float;
typedef uint32x4_t v_mask;

DYBNN_INLINE v_float v_load(const float *p) { return vld1q_f32(p); }
DYBNN_INLINE void v_store(float *p, v_float v) { vst1q_f32(p, v); }
DYBNN_INLINE v_mask v_first(int32_t n) {
  static const int32_t lanes[4] = {0, 1, 2, 3};
  return vcltq_s32(vld1q_s32(lanes), vdupq_n_s32(n));
}
DYBNN_INLINE v_float v_load_first(const float *p, int32_t n) {
  float lanes[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  memcpy(lanes, p, (size_t)n * sizeof(float));
  return vld1q_f32(lanes);
}
DYBNN_INLINE void v_store_first(float *p, int32_t n, v_float v) {
  float lanes[4];
  vst1q_f32(lanes, v);
  memcpy(p, lanes, (size_t)n * sizeof(float));
}
DYBNN_INLINE v_float v_all(float x) { return vdupq_n_f32(x); }
DYBNN_INLINE v_float v_add(v_float a, v_float b) { return vaddq_f32(a, b); }
DYBNN_INLINE v_float v_sub(v_float a, v_float b) { return vsubq_f32(a, b); }
DYBNN_INLINE v_float v_mul(v_float a, v_float b) { return vmulq_f32(a, b); }
DYBNN_INLINE v_float v_div(v_float a, v_float b) { return vdivq_f32(a, b); }
DYBNN_INLINE v_float v_negate(v_float a) { return vnegq_f32(a); }
DYBNN_INLINE v_mask v_gt(v_float a, v_float b) { return vcgtq_f32(a, b); }
DYBNN_INLINE v_mask v_ge(v_float a, v_float b) { return vcgeq_f32(a, b); }
DYBNN_INLINE v_mask v_and(v_mask a, v_mask b) { return vandq_u32(a, b); }
/* a where the mask is set, else b. */
DYBNN_INLINE v_float v_select(v_mask m, v_float a, v_float b) { return vbslq_f32(m, a, b); }
/* a where a > b, else b. FMAX would rather have +0, and NaN. */
DYBNN_INLINE v_float v_greater(v_float a, v_float b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
/* d where the mask is set, else d * slope. */
DYBNN_INLINE v_float v_bend(v_mask above, v_float d, v_float slope) { return vbslq_f32(above, d, vmulq_f32(d, slope)); }
/* Lane 0 is bit 0. */
DYBNN_INLINE uint64_t v_bits(v_mask m) {
  static const uint32_t places[4] = {1, 2, 4, 8};
  return vaddvq_u32(vandq_u32(m, vld1q_u32(places)));
}
/* Lane 0's bit becomes bit `at` of the word, a multiple of V_LANES; the word's bits there are zero before. */
DYBNN_INLINE void v_put_bits(uint64_t *word, int32_t at, v_mask m) {
  *word |= v_bits(m) << at;
}
/* a0 b0 c0 a1 b1 c1 ... */
DYBNN_INLINE void v_store_three(float *p, v_float a, v_float b, v_float c) {
  const float32x4x3_t three = {{a, b, c}};
  vst3q_f32(p, three);
}
/* The least float above each; -0 and +0 are one. */
DYBNN_INLINE v_float v_next_above(v_float a) {
  const int32x4_t i = vreinterpretq_s32_f32(vaddq_f32(a, vdupq_n_f32(0.0f))); /* no -0 */
  const int32x4_t step = vorrq_s32(vshrq_n_s32(i, 31), vdupq_n_s32(1));
  return vreinterpretq_f32_s32(vaddq_s32(i, step));
}
/* Toward zero; |a| < 2^31. */
DYBNN_INLINE v_float v_truncate(v_float a) { return vcvtq_f32_s32(vcvtq_s32_f32(a)); }
/* 2^k for whole k in [-126, 127]. */
DYBNN_INLINE v_float v_power_of_two(v_float k) {
  return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(k), vdupq_n_s32(127)), 23));
}

#endif
