/* dybnn_simd_avx2.h - the vector words of the *_simd.h bodies for AVX2: 8 lanes. Masks are vectors. */
#ifndef DYBNN_SIMD_AVX2_H
#define DYBNN_SIMD_AVX2_H

#include <string.h>

#include "dybnn_targets.h"

/* 16 registers: 12 accumulators, the activation, a product; weights come from memory. */
#define V_LANES 8
#define V_CONV_PIXELS 3
#define V_CONV_BLOCKS 2
#define V_CONV_PIXELS_ONE_BLOCK 6
#define V_CONV_MOST_PIXELS 6 /* the larger of the two */
#define V_CONV_ACCUMULATORS 12
#define V_CONV_STRIP 12
#define V_TAIL_VECTORS 2
#define V_DENSE_BLOCKS 4

typedef __m256 v_float;
typedef __m256 v_mask;

DYBNN_INLINE v_float v_load(const float *p) { return _mm256_loadu_ps(p); }
DYBNN_INLINE void v_store(float *p, v_float v) { _mm256_storeu_ps(p, v); }
DYBNN_INLINE v_mask v_first(int32_t n) {
  return _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)));
}
DYBNN_INLINE v_float v_load_first(const float *p, int32_t n) { return _mm256_maskload_ps(p, _mm256_castps_si256(v_first(n))); }
DYBNN_INLINE void v_store_first(float *p, int32_t n, v_float v) {
  _mm256_maskstore_ps(p, _mm256_castps_si256(v_first(n)), v);
}
DYBNN_INLINE v_float v_all(float x) { return _mm256_set1_ps(x); }
DYBNN_INLINE v_float v_add(v_float a, v_float b) { return _mm256_add_ps(a, b); }
DYBNN_INLINE v_float v_sub(v_float a, v_float b) { return _mm256_sub_ps(a, b); }
DYBNN_INLINE v_float v_mul(v_float a, v_float b) { return _mm256_mul_ps(a, b); }
DYBNN_INLINE v_float v_div(v_float a, v_float b) { return _mm256_div_ps(a, b); }
DYBNN_INLINE v_float v_negate(v_float a) { return _mm256_xor_ps(a, _mm256_set1_ps(-0.0f)); }
DYBNN_INLINE v_mask v_gt(v_float a, v_float b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
DYBNN_INLINE v_mask v_ge(v_float a, v_float b) { return _mm256_cmp_ps(a, b, _CMP_GE_OQ); }
DYBNN_INLINE v_mask v_and(v_mask a, v_mask b) { return _mm256_and_ps(a, b); }
/* a where the mask is set, else b. */
DYBNN_INLINE v_float v_select(v_mask m, v_float a, v_float b) { return _mm256_blendv_ps(b, a, m); }
/* a where a > b, else b: just what the instruction does, of zeros and of NaN too. */
DYBNN_INLINE v_float v_greater(v_float a, v_float b) { return _mm256_max_ps(a, b); }
/* d where the mask is set, else d * slope. */
DYBNN_INLINE v_float v_bend(v_mask above, v_float d, v_float slope) { return v_select(above, d, v_mul(d, slope)); }
/* Lane 0 is bit 0. */
DYBNN_INLINE uint64_t v_bits(v_mask m) { return (uint64_t)(unsigned)_mm256_movemask_ps(m); }
/* Lane 0's bit becomes bit `at` of the word, a multiple of V_LANES; the word's bits there are zero before. */
DYBNN_INLINE void v_put_bits(uint64_t *word, int32_t at, v_mask m) {
  ((unsigned char *)word)[at / 8] = (unsigned char)_mm256_movemask_ps(m); /* x86 is little-endian */
}
/* a0 b0 c0 a1 b1 c1 ... */
DYBNN_INLINE void v_store_three(float *p, v_float a, v_float b, v_float c) {
  /* Element e takes lane e / 3 of a, b or c. */
  const __m256i first = _mm256_setr_epi32(0, 0, 0, 1, 1, 1, 2, 2), second = _mm256_setr_epi32(2, 3, 3, 3, 4, 4, 4, 5);
  const __m256i third = _mm256_setr_epi32(5, 5, 6, 6, 6, 7, 7, 7);
#define V_THREE(lanes, b_mask, c_mask)                                                                                        \
  _mm256_blend_ps(_mm256_blend_ps(_mm256_permutevar8x32_ps(a, lanes), _mm256_permutevar8x32_ps(b, lanes), b_mask), \
                  _mm256_permutevar8x32_ps(c, lanes), c_mask)
  v_store(p, V_THREE(first, 0x92, 0x24));
  v_store(p + 8, V_THREE(second, 0x24, 0x49));
  v_store(p + 16, V_THREE(third, 0x49, 0x92));
#undef V_THREE
}
/* The least float above each; -0 and +0 are one. */
DYBNN_INLINE v_float v_next_above(v_float a) {
  const __m256i i = _mm256_castps_si256(_mm256_add_ps(a, _mm256_setzero_ps())); /* no -0 */
  const __m256i minus_one_if_negative = _mm256_srai_epi32(i, 31);
  const __m256i step = _mm256_or_si256(minus_one_if_negative, _mm256_set1_epi32(1));
  return _mm256_castsi256_ps(_mm256_add_epi32(i, step));
}
/* Toward zero; |a| < 2^31. */
DYBNN_INLINE v_float v_truncate(v_float a) { return _mm256_cvtepi32_ps(_mm256_cvttps_epi32(a)); }
/* 2^k for whole k in [-126, 127]. */
DYBNN_INLINE v_float v_power_of_two(v_float k) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvttps_epi32(k), _mm256_set1_epi32(127)), 23));
}

#endif
