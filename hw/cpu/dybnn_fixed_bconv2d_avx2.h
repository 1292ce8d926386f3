/* dybnn_fixed_bconv2d_avx2.h - the words of dybnn_fixed_bconv2d_simd.h for AVX2: 8 channels a vector. */
#ifndef DYBNN_FIXED_BCONV2D_AVX2_H
#define DYBNN_FIXED_BCONV2D_AVX2_H

#include <string.h>

#include "dybnn_fixed_tail.h"

typedef __m256i b_ints;

/* Factors in the low halves: a count's high half is zero, whatever it is multiplied with. */
typedef struct b_scaling {
  __m256i factor, minus_factor, offset, shift;
  __m256i dot_factor, dot_shift; /* m, its high half zero, and S; for a dot as it is, 1 and 0 */
} b_scaling;

DYBNN_INLINE b_scaling b_scaling_of(const dybnn_fixed_tail *tail, int32_t channel, int32_t n) {
  b_scaling s;
  if (tail) {
    const int16_t *factor = tail->scale + channel;
    const int32_t *offset = tail->offset + channel;
    int16_t factors[8] = {0};
    int32_t offsets[8] = {0};
    if (n < 8) {
      memcpy(factors, factor, (size_t)n * sizeof(int16_t));
      memcpy(offsets, offset, (size_t)n * sizeof(int32_t));
      factor = factors, offset = offsets;
    }
    s.factor = _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)factor));
    s.offset = _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(const void *)offset),
                                _mm256_set1_epi32(dybnn_half(tail->scale_shift)));
    s.shift = _mm256_set1_epi32(tail->scale_shift - 1);
    s.dot_factor = _mm256_and_si256(s.factor, _mm256_set1_epi32(0xffff));
    s.dot_shift = _mm256_set1_epi32(tail->scale_shift);
  } else {
    s.factor = _mm256_set1_epi32(2);
    s.offset = _mm256_setzero_si256();
    s.shift = _mm256_setzero_si256();
    s.dot_factor = _mm256_set1_epi32(1);
    s.dot_shift = s.shift;
  }
  s.minus_factor = _mm256_sub_epi32(_mm256_setzero_si256(), s.factor);
  return s;
}
/* Eight channels are always present. */
DYBNN_INLINE b_ints b_offset(const b_scaling *s, const int32_t *base, int32_t present) {
  const __m256i n = _mm256_loadu_si256((const __m256i *)(const void *)base);
  const __m256i odd = _mm256_srai_epi32(_mm256_slli_epi32(n, 31), 31);
  const __m256i once = _mm256_add_epi32(s->offset, _mm256_and_si256(odd, s->factor));
  (void)present;
  return _mm256_add_epi32(_mm256_srai_epi32(once, 1), _mm256_madd_epi16(_mm256_srli_epi32(n, 1), s->factor));
}
DYBNN_INLINE b_ints b_scaled(const b_scaling *s, b_ints offset, b_ints mismatches) {
  return _mm256_srav_epi32(_mm256_add_epi32(offset, _mm256_madd_epi16(mismatches, s->minus_factor)), s->shift);
}
DYBNN_INLINE void b_store_two(int16_t *p, int16_t *q, b_ints yp, b_ints yq) {
  const __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi32(yp, yq), 0xd8);
  _mm_storeu_si128((__m128i *)(void *)p, _mm256_castsi256_si128(both));
  _mm_storeu_si128((__m128i *)(void *)q, _mm256_extracti128_si256(both, 1));
}
DYBNN_INLINE void b_store_one(int16_t *p, b_ints y) {
  const __m128i low = _mm256_castsi256_si128(y), high = _mm256_extracti128_si256(y, 1);
  _mm_storeu_si128((__m128i *)(void *)p, _mm_packs_epi32(low, high));
}

/* For dybnn_bconv2d_table.h, which has another n for every pixel: dot = n - 2 t first, then 12.2 as it is written. */
DYBNN_INLINE void bconv_store_eight(const b_scaling *s, const int32_t *base, b_ints mismatches, int16_t *values) {
  const __m256i n = _mm256_loadu_si256((const __m256i *)(const void *)base);
  const __m256i dot = _mm256_sub_epi32(n, _mm256_add_epi32(mismatches, mismatches));
  b_store_one(values, _mm256_srav_epi32(_mm256_add_epi32(_mm256_madd_epi16(dot, s->dot_factor), s->offset), s->dot_shift));
}

#endif
