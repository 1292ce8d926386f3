/* dybnn_simd_avx512.h - the vector words of the *_simd.h bodies for AVX-512: 16 lanes.
 *
 * Included after the file has switched its target on. v_add and v_mul stay two roundings (dybnn_arithmetic.h).
 */
#ifndef DYBNN_SIMD_AVX512_H
#define DYBNN_SIMD_AVX512_H

#include <string.h>

#include "dybnn_targets.h"

/* 32 registers: 24 accumulators, 2 weights, 1 activation, products. Two blocks of a 7x7 stem of 3 channels stay in L1 (18 KiB), four
 * with the picture's rows would not. */
#define V_LANES 16
#define V_CONV_PIXELS 12
#define V_CONV_BLOCKS 2
#define V_CONV_PIXELS_ONE_BLOCK 12
#define V_CONV_MOST_PIXELS 12 /* the larger of the two */
#define V_CONV_ACCUMULATORS 24
#define V_CONV_STRIP 24
#define V_TAIL_VECTORS 1
#define V_DENSE_BLOCKS 8

typedef __m512 v_float;
typedef __mmask16 v_mask;

DYBNN_INLINE v_float v_load(const float *p) { return _mm512_loadu_ps(p); }
DYBNN_INLINE void v_store(float *p, v_float v) { _mm512_storeu_ps(p, v); }
DYBNN_INLINE v_mask v_first(int32_t n) { return (v_mask)((1u << n) - 1u); }
DYBNN_INLINE v_float v_load_first(const float *p, int32_t n) { return _mm512_maskz_loadu_ps(v_first(n), p); }
DYBNN_INLINE void v_store_first(float *p, int32_t n, v_float v) { _mm512_mask_storeu_ps(p, v_first(n), v); }
DYBNN_INLINE v_float v_all(float x) { return _mm512_set1_ps(x); }
DYBNN_INLINE v_float v_add(v_float a, v_float b) { return _mm512_add_ps(a, b); }
DYBNN_INLINE v_float v_sub(v_float a, v_float b) { return _mm512_sub_ps(a, b); }
DYBNN_INLINE v_float v_mul(v_float a, v_float b) { return _mm512_mul_ps(a, b); }
DYBNN_INLINE v_float v_div(v_float a, v_float b) { return _mm512_div_ps(a, b); }
DYBNN_INLINE v_float v_negate(v_float a) {
  return _mm512_castsi512_ps(_mm512_xor_si512(_mm512_castps_si512(a), _mm512_set1_epi32(INT32_MIN)));
}
DYBNN_INLINE v_mask v_gt(v_float a, v_float b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
DYBNN_INLINE v_mask v_ge(v_float a, v_float b) { return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ); }
/* a where the mask is set, else b. */
DYBNN_INLINE v_float v_select(v_mask m, v_float a, v_float b) { return _mm512_mask_blend_ps(m, b, a); }
/* a where a > b, else b: just what the instruction does, of zeros and of NaN too. */
DYBNN_INLINE v_float v_greater(v_float a, v_float b) { return _mm512_max_ps(a, b); }
/* d where the mask is set, else d * slope. */
DYBNN_INLINE v_float v_bend(v_mask above, v_float d, v_float slope) {
  return _mm512_mask_mul_ps(d, (v_mask)~above, d, slope);
}
/* Lane 0 is bit 0. */
DYBNN_INLINE uint64_t v_bits(v_mask m) { return (uint16_t)m; }
/* Lane 0's bit becomes bit `at` of the word, a multiple of V_LANES; the word's bits there are zero before. */
DYBNN_INLINE void v_put_bits(uint64_t *word, int32_t at, v_mask m) {
  const uint16_t bits = (uint16_t)m;
  memcpy((char *)word + at / 8, &bits, sizeof bits); /* x86 is little-endian */
}
/* a0 b0 c0 a1 b1 c1 ... */
DYBNN_INLINE void v_store_three(float *p, v_float a, v_float b, v_float c) {
  /* Element e takes lane e / 3: of b, 16 further in a and b together, where e mod 3 is 1; of c, by mask, where it is 2. */
  const __m512i first = _mm512_setr_epi32(0, 16, 0, 1, 17, 1, 2, 18, 2, 3, 19, 3, 4, 20, 4, 5);
  const __m512i second = _mm512_setr_epi32(21, 5, 6, 22, 6, 7, 23, 7, 8, 24, 8, 9, 25, 9, 10, 26);
  const __m512i third = _mm512_setr_epi32(10, 11, 27, 11, 12, 28, 12, 13, 29, 13, 14, 30, 14, 15, 31, 15);
  v_store(p, _mm512_mask_permutexvar_ps(_mm512_permutex2var_ps(a, first, b), 0x4924, first, c));
  v_store(p + 16, _mm512_mask_permutexvar_ps(_mm512_permutex2var_ps(a, second, b), 0x2492, second, c));
  v_store(p + 32, _mm512_mask_permutexvar_ps(_mm512_permutex2var_ps(a, third, b), 0x9249, third, c));
}
DYBNN_INLINE v_mask v_and(v_mask a, v_mask b) { return (v_mask)(a & b); }
/* The least float above each; -0 and +0 are one. */
DYBNN_INLINE v_float v_next_above(v_float a) {
  const __m512i i = _mm512_castps_si512(_mm512_add_ps(a, _mm512_setzero_ps())); /* no -0 */
  const __mmask16 negative = _mm512_cmplt_epi32_mask(i, _mm512_setzero_si512());
  const __m512i one = _mm512_set1_epi32(1);
  return _mm512_castsi512_ps(_mm512_mask_sub_epi32(_mm512_add_epi32(i, one), negative, i, one));
}
/* Toward zero; |a| < 2^31. The maskz forms are the same instructions, without GCC's warning about an unused operand. */
DYBNN_INLINE v_float v_truncate(v_float a) {
  return _mm512_maskz_cvtepi32_ps(0xffff, _mm512_maskz_cvttps_epi32(0xffff, a));
}
/* 2^k for whole k in [-126, 127]. */
DYBNN_INLINE v_float v_power_of_two(v_float k) {
  const __m512i exponent = _mm512_add_epi32(_mm512_maskz_cvttps_epi32(0xffff, k), _mm512_set1_epi32(127));
  return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(0xffff, exponent, 23));
}

#endif
