/* dybnn_fixed_bconv2d_avx512.h - the words of dybnn_fixed_bconv2d_simd.h for AVX-512: 16 channels a vector. */
#ifndef DYBNN_FIXED_BCONV2D_AVX512_H
#define DYBNN_FIXED_BCONV2D_AVX512_H

#include <string.h>

#include "dybnn_fixed_tail.h"

typedef __m512i b_ints;

/* Factors in the low halves: a count's high half is zero, whatever it is multiplied with. */
typedef struct b_scaling {
  __m512i factor, minus_factor, offset, shift;
} b_scaling;

DYBNN_INLINE b_scaling b_scaling_of(const dybnn_fixed_tail *tail, int32_t channel, int32_t n) {
  b_scaling s;
  if (tail) {
    const __mmask16 mask = (__mmask16)((1u << n) - 1u);
    const __m512i half = _mm512_set1_epi32(dybnn_half(tail->scale_shift));
    s.factor = _mm512_maskz_cvtepi16_epi32(mask, _mm256_maskz_loadu_epi16(mask, tail->scale + channel));
    s.offset = _mm512_add_epi32(_mm512_maskz_loadu_epi32(mask, tail->offset + channel), half);
    s.shift = _mm512_set1_epi32(tail->scale_shift - 1);
  } else {
    s.factor = _mm512_set1_epi32(2);
    s.offset = _mm512_setzero_si512();
    s.shift = _mm512_setzero_si512();
  }
  s.minus_factor = _mm512_sub_epi32(_mm512_setzero_si512(), s.factor);
  return s;
}
DYBNN_INLINE b_ints b_offset(const b_scaling *s, const int32_t *base, int32_t present) {
  const __m512i n = _mm512_maskz_loadu_epi32((__mmask16)((1u << present) - 1u), base);
  const __mmask16 odd = _mm512_test_epi32_mask(n, _mm512_set1_epi32(1));
  const __m512i once = _mm512_mask_add_epi32(s->offset, odd, s->offset, s->factor);
  const __m512i halves = _mm512_madd_epi16(_mm512_maskz_srli_epi32(0xffff, n, 1), s->factor);
  return _mm512_add_epi32(_mm512_maskz_srai_epi32(0xffff, once, 1), halves);
}
DYBNN_INLINE b_ints b_scaled(const b_scaling *s, b_ints offset, b_ints mismatches) {
#if H_VNNI
  return _mm512_maskz_srav_epi32(0xffff, _mm512_dpwssd_epi32(offset, mismatches, s->minus_factor), s->shift);
#else
  return _mm512_maskz_srav_epi32(0xffff, _mm512_add_epi32(offset, _mm512_madd_epi16(mismatches, s->minus_factor)), s->shift);
#endif
}
/* GCC's own cast warns, as C++, of an operand that it does not use. */
DYBNN_INLINE __m256i low_half(__m512i v) {
  __m256i low;
  memcpy(&low, &v, sizeof low);
  return low;
}
DYBNN_INLINE void b_store_two(int16_t *p, int16_t *q, b_ints yp, b_ints yq) {
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  const __m512i both = _mm512_maskz_permutexvar_epi64(0xff, order, _mm512_packs_epi32(yp, yq));
  _mm256_storeu_si256((__m256i *)(void *)p, low_half(both));
  _mm256_storeu_si256((__m256i *)(void *)q, _mm512_maskz_extracti64x4_epi64(0xff, both, 1));
}
DYBNN_INLINE void b_store_one(int16_t *p, b_ints y) {
  _mm256_storeu_si256((__m256i *)(void *)p, _mm512_maskz_cvtsepi32_epi16(0xffff, y));
}

#endif
