/* dybnn_fixed_simd_avx2.h - the vector words of fixed16 for AVX2: 16 lanes of 16 bits, 8 of 32. */
#ifndef DYBNN_FIXED_SIMD_AVX2_H
#define DYBNN_FIXED_SIMD_AVX2_H

#include <string.h>

#include "dybnn_targets.h"

#define H_LANES 16

typedef __m256i h_vec;
typedef __m256i i_vec; /* int32 */

DYBNN_INLINE h_vec h_load(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }
DYBNN_INLINE void h_store(int16_t *p, h_vec v) { _mm256_storeu_si256((__m256i *)(void *)p, v); }
/* There are no masks for 16 bits. */
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
DYBNN_INLINE h_vec h_all(int32_t x) { return _mm256_set1_epi16((short)x); }
DYBNN_INLINE h_vec h_adds(h_vec a, h_vec b) { return _mm256_adds_epi16(a, b); }
DYBNN_INLINE h_vec h_subs(h_vec a, h_vec b) { return _mm256_subs_epi16(a, b); }
DYBNN_INLINE h_vec h_max(h_vec a, h_vec b) { return _mm256_max_epi16(a, b); }
/* rnd(a * b, 15); not for -2^15 times itself. */
DYBNN_INLINE h_vec h_mul15(h_vec a, h_vec b) { return _mm256_mulhrs_epi16(a, b); }
/* d, or where it is negative: `bent`; rnd(d * slope, 15); that plus d itself where `whole` is all ones, saturated. d is split in its
 * positive and its negative part, of which one is zero: cheaper than a choice. */
DYBNN_INLINE h_vec h_bend_to(h_vec d, h_vec bent) { return _mm256_blendv_epi8(d, bent, _mm256_srai_epi16(d, 15)); }
DYBNN_INLINE h_vec h_bend(h_vec d, h_vec slope) {
  const __m256i zero = _mm256_setzero_si256();
  return _mm256_add_epi16(_mm256_max_epi16(d, zero), _mm256_mulhrs_epi16(_mm256_min_epi16(d, zero), slope));
}
DYBNN_INLINE h_vec h_bend_whole(h_vec d, h_vec slope, h_vec whole) {
  const __m256i zero = _mm256_setzero_si256(), below = _mm256_min_epi16(d, zero);
  const __m256i bent = _mm256_adds_epi16(_mm256_mulhrs_epi16(below, slope), _mm256_and_si256(below, whole));
  return _mm256_add_epi16(_mm256_max_epi16(d, zero), bent);
}
/* All ones where a > b. */
DYBNN_INLINE h_vec h_greater(h_vec a, h_vec b) { return _mm256_cmpgt_epi16(a, b); }
DYBNN_INLINE h_vec h_and(h_vec a, h_vec b) { return _mm256_and_si256(a, b); }
DYBNN_INLINE h_vec h_sub(h_vec a, h_vec b) { return _mm256_sub_epi16(a, b); }
DYBNN_INLINE h_vec h_add(h_vec a, h_vec b) { return _mm256_add_epi16(a, b); }
/* Lane 0's comparison in bit 0. */
DYBNN_INLINE uint32_t h_bits_gt(h_vec a, h_vec b) {
  const __m256i greater = _mm256_cmpgt_epi16(a, b);
  const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(greater), _mm256_extracti128_si256(greater, 1));
  return (uint32_t)_mm_movemask_epi8(bytes);
}
DYBNN_INLINE uint32_t h_bits_ge(h_vec a, h_vec b) { return h_bits_gt(b, a) ^ 0xffffu; }
/* Of 64 lanes. */
DYBNN_INLINE uint64_t h_word_gt(const int16_t *a, const int16_t *b) {
  uint64_t word = 0;
  int i;
  DYBNN_UNROLL
  for (i = 0; i < 64; i += 32) {
    const __m256i first = _mm256_cmpgt_epi16(h_load(a + i), h_load(b + i));
    const __m256i second = _mm256_cmpgt_epi16(h_load(a + i + 16), h_load(b + i + 16));
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(first, second), 0xd8);
    word |= (uint64_t)(uint32_t)_mm256_movemask_epi8(bytes) << i;
  }
  return word;
}
DYBNN_INLINE uint64_t h_word_ge(const int16_t *a, const int16_t *b) { return ~h_word_gt(b, a); }
/* They become the bits from `at` on of the word, a multiple of H_LANES; the word's bits there are zero before. */
DYBNN_INLINE void h_put_bits(uint64_t *word, int32_t at, uint32_t bits) {
  const uint16_t some = (uint16_t)bits;
  memcpy((char *)word + at / 8, &some, sizeof some); /* x86 is little-endian */
}

/* Twice as wide: the lower halves of both 128-bit lanes, and the upper, which is how a vector is unpacked and packed. */
typedef struct h_wide {
  i_vec low, high;
} h_wide;

DYBNN_INLINE h_wide wide_load_first(const int32_t *p, int32_t n) {
  int32_t lanes[H_LANES] = {0};
  __m256i first, second;
  h_wide w;
  memcpy(lanes, p, (size_t)n * sizeof(int32_t));
  first = _mm256_loadu_si256((const __m256i *)(const void *)lanes);
  second = _mm256_loadu_si256((const __m256i *)(const void *)(lanes + 8));
  w.low = _mm256_permute2x128_si256(first, second, 0x20);
  w.high = _mm256_permute2x128_si256(first, second, 0x31);
  return w;
}
DYBNN_INLINE h_wide wide_all(int32_t x) {
  h_wide w;
  w.low = w.high = _mm256_set1_epi32(x);
  return w;
}
DYBNN_INLINE h_wide wide_add(h_wide a, h_wide b) {
  a.low = _mm256_add_epi32(a.low, b.low);
  a.high = _mm256_add_epi32(a.high, b.high);
  return a;
}
/* sat(a >> shift); shifts by a vector of counts are one operation, by one count two. */
DYBNN_INLINE h_vec wide_narrow(h_wide a, int32_t shift) {
  const __m256i count = _mm256_set1_epi32(shift);
  return _mm256_packs_epi32(_mm256_srav_epi32(a.low, count), _mm256_srav_epi32(a.high, count));
}
DYBNN_INLINE h_wide wide_mul(h_vec a, h_vec b) {
  const __m256i low = _mm256_mullo_epi16(a, b), high = _mm256_mulhi_epi16(a, b);
  h_wide w;
  w.low = _mm256_unpacklo_epi16(low, high);
  w.high = _mm256_unpackhi_epi16(low, high);
  return w;
}
/* a + b */
DYBNN_INLINE h_wide wide_sum(h_vec a, h_vec b) {
  const __m256i ones = _mm256_set1_epi16(1);
  h_wide w;
  w.low = _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), ones);
  w.high = _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), ones);
  return w;
}
/* H_LANES int32 in their order to sat(rnd(v, shift)), `half` is 2^(shift - 1). */
DYBNN_INLINE h_vec h_narrow(const int32_t *p, int32_t half, int32_t shift) {
  const __m256i h = _mm256_set1_epi32(half);
  const __m256i count = _mm256_set1_epi32(shift);
  const __m256i first = _mm256_loadu_si256((const __m256i *)(const void *)p);
  const __m256i second = _mm256_loadu_si256((const __m256i *)(const void *)(p + 8));
  const __m256i both = _mm256_packs_epi32(_mm256_srav_epi32(_mm256_add_epi32(first, h), count),
                                          _mm256_srav_epi32(_mm256_add_epi32(second, h), count));
  return _mm256_permute4x64_epi64(both, 0xd8);
}

/* sat(floor(x * multiplier + 1/2)) of H_LANES floats, exactly: the floor, and one more where at least a half is left [11.3]. */
DYBNN_INLINE i_vec quantize_8(const float *p, float multiplier) {
  const __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(p), _mm256_set1_ps(multiplier));
  const __m256 x = _mm256_min_ps(_mm256_max_ps(scaled, _mm256_set1_ps(-65536.0f)), _mm256_set1_ps(65536.0f));
  const __m256 whole = _mm256_floor_ps(x);
  const __m256 up = _mm256_cmp_ps(_mm256_sub_ps(x, whole), _mm256_set1_ps(0.5f), _CMP_GE_OQ);
  return _mm256_sub_epi32(_mm256_cvtps_epi32(whole), _mm256_castps_si256(up));
}
DYBNN_INLINE h_vec h_quantize(const float *p, float multiplier) {
  return _mm256_permute4x64_epi64(_mm256_packs_epi32(quantize_8(p, multiplier), quantize_8(p + 8, multiplier)), 0xd8);
}
/* a[0], b[0], c[0], a[1], ...: eight of each at a time. */
DYBNN_INLINE void h_store_three(int16_t *to, h_vec a, h_vec b, h_vec c) {
  int half;
  DYBNN_UNROLL
  for (half = 0; half < 2; half++) {
    const __m128i x = half ? _mm256_extracti128_si256(a, 1) : _mm256_castsi256_si128(a);
    const __m128i y = half ? _mm256_extracti128_si256(b, 1) : _mm256_castsi256_si128(b);
    const __m128i z = half ? _mm256_extracti128_si256(c, 1) : _mm256_castsi256_si128(c);
    /* Each in its places of the three vectors, all else of which is zero (index -1). */
    const __m128i x0 = _mm_shuffle_epi8(x, _mm_setr_epi8(0, 1, -1, -1, -1, -1, 2, 3, -1, -1, -1, -1, 4, 5, -1, -1));
    const __m128i y0 = _mm_shuffle_epi8(y, _mm_setr_epi8(-1, -1, 0, 1, -1, -1, -1, -1, 2, 3, -1, -1, -1, -1, 4, 5));
    const __m128i z0 = _mm_shuffle_epi8(z, _mm_setr_epi8(-1, -1, -1, -1, 0, 1, -1, -1, -1, -1, 2, 3, -1, -1, -1, -1));
    const __m128i x1 = _mm_shuffle_epi8(x, _mm_setr_epi8(-1, -1, 6, 7, -1, -1, -1, -1, 8, 9, -1, -1, -1, -1, 10, 11));
    const __m128i y1 = _mm_shuffle_epi8(y, _mm_setr_epi8(-1, -1, -1, -1, 6, 7, -1, -1, -1, -1, 8, 9, -1, -1, -1, -1));
    const __m128i z1 = _mm_shuffle_epi8(z, _mm_setr_epi8(4, 5, -1, -1, -1, -1, 6, 7, -1, -1, -1, -1, 8, 9, -1, -1));
    const __m128i x2 = _mm_shuffle_epi8(x, _mm_setr_epi8(-1, -1, -1, -1, 12, 13, -1, -1, -1, -1, 14, 15, -1, -1, -1, -1));
    const __m128i y2 = _mm_shuffle_epi8(y, _mm_setr_epi8(10, 11, -1, -1, -1, -1, 12, 13, -1, -1, -1, -1, 14, 15, -1, -1));
    const __m128i z2 = _mm_shuffle_epi8(z, _mm_setr_epi8(-1, -1, 10, 11, -1, -1, -1, -1, 12, 13, -1, -1, -1, -1, 14, 15));
    __m128i *at = (__m128i *)(void *)(to + 24 * half);
    _mm_storeu_si128(at, _mm_or_si128(_mm_or_si128(x0, y0), z0));
    _mm_storeu_si128(at + 1, _mm_or_si128(_mm_or_si128(x1, y1), z1));
    _mm_storeu_si128(at + 2, _mm_or_si128(_mm_or_si128(x2, y2), z2));
  }
}

DYBNN_INLINE i_vec i_load(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }
DYBNN_INLINE i_vec i_add(i_vec a, i_vec b) { return _mm256_add_epi32(a, b); }
DYBNN_INLINE __m256 v_from_ints(i_vec v) { return _mm256_cvtepi32_ps(v); } /* rounded once */

/* Exact sums of many vectors: even and odd lanes apart. */
typedef struct h_sums {
  i_vec even, odd;
} h_sums;

DYBNN_INLINE h_sums sums_zero(void) {
  h_sums s;
  s.even = s.odd = _mm256_setzero_si256();
  return s;
}
DYBNN_INLINE h_sums sums_add(h_sums s, h_vec v) {
  s.even = _mm256_add_epi32(s.even, _mm256_madd_epi16(v, _mm256_set1_epi32(1)));
  s.odd = _mm256_add_epi32(s.odd, _mm256_srai_epi32(v, 16));
  return s;
}
/* to[0 .. n - 1], plus what is there where `more`. */
DYBNN_INLINE void sums_store(int32_t *to, int32_t n, int more, h_sums s) {
  const __m256i low = _mm256_unpacklo_epi32(s.even, s.odd), high = _mm256_unpackhi_epi32(s.even, s.odd);
  int32_t sums[H_LANES];
  int32_t i;
  _mm256_storeu_si256((__m256i *)(void *)sums, _mm256_permute2x128_si256(low, high, 0x20));
  _mm256_storeu_si256((__m256i *)(void *)(sums + 8), _mm256_permute2x128_si256(low, high, 0x31));
  if (n == H_LANES)
    for (i = 0; i < H_LANES; i++) to[i] = (more ? to[i] : 0) + sums[i];
  else
    for (i = 0; i < n; i++) to[i] = (more ? to[i] : 0) + sums[i];
}

#endif
