/* dybnn_fixed_simd_avx512.h - the vector words of fixed16 for AVX-512: 32 lanes of 16 bits, 16 of 32.
 *
 * Included after the file has switched its target on. H_VNNI 1 where that includes VNNI.
 */
#ifndef DYBNN_FIXED_SIMD_AVX512_H
#define DYBNN_FIXED_SIMD_AVX512_H

#include <string.h>

#include "dybnn_targets.h"

#define H_LANES 32

typedef __m512i h_vec;
typedef __m512i i_vec; /* int32 */

DYBNN_INLINE __mmask32 h_first(int32_t n) { return n >= 32 ? 0xffffffffu : ((__mmask32)1 << n) - 1u; }
DYBNN_INLINE h_vec h_load(const int16_t *p) { return _mm512_loadu_si512(p); }
DYBNN_INLINE void h_store(int16_t *p, h_vec v) { _mm512_storeu_si512(p, v); }
DYBNN_INLINE h_vec h_load_first(const int16_t *p, int32_t n) { return _mm512_maskz_loadu_epi16(h_first(n), p); }
DYBNN_INLINE void h_store_first(int16_t *p, int32_t n, h_vec v) { _mm512_mask_storeu_epi16(p, h_first(n), v); }
DYBNN_INLINE h_vec h_all(int32_t x) { return _mm512_set1_epi16((short)x); }
DYBNN_INLINE h_vec h_adds(h_vec a, h_vec b) { return _mm512_adds_epi16(a, b); }
DYBNN_INLINE h_vec h_subs(h_vec a, h_vec b) { return _mm512_subs_epi16(a, b); }
DYBNN_INLINE h_vec h_max(h_vec a, h_vec b) { return _mm512_max_epi16(a, b); }
/* rnd(a * b, 15); not for -2^15 times itself. */
DYBNN_INLINE h_vec h_mul15(h_vec a, h_vec b) { return _mm512_mulhrs_epi16(a, b); }
/* d, or where it is negative: `bent`; rnd(d * slope, 15); that plus d itself where `whole` is all ones, saturated. */
DYBNN_INLINE h_vec h_bend_to(h_vec d, h_vec bent) { return _mm512_mask_mov_epi16(d, _mm512_movepi16_mask(d), bent); }
DYBNN_INLINE h_vec h_bend(h_vec d, h_vec slope) { return _mm512_mask_mulhrs_epi16(d, _mm512_movepi16_mask(d), d, slope); }
DYBNN_INLINE h_vec h_bend_whole(h_vec d, h_vec slope, h_vec whole) {
  return _mm512_mask_adds_epi16(d, _mm512_movepi16_mask(d), _mm512_mulhrs_epi16(d, slope), _mm512_and_si512(d, whole));
}
/* All ones where a > b. */
DYBNN_INLINE h_vec h_greater(h_vec a, h_vec b) { return _mm512_movm_epi16(_mm512_cmpgt_epi16_mask(a, b)); }
DYBNN_INLINE h_vec h_and(h_vec a, h_vec b) { return _mm512_and_si512(a, b); }
DYBNN_INLINE h_vec h_sub(h_vec a, h_vec b) { return _mm512_sub_epi16(a, b); }
DYBNN_INLINE h_vec h_add(h_vec a, h_vec b) { return _mm512_add_epi16(a, b); }
/* Lane 0's comparison in bit 0. */
DYBNN_INLINE uint32_t h_bits_gt(h_vec a, h_vec b) { return (uint32_t)_mm512_cmpgt_epi16_mask(a, b); }
DYBNN_INLINE uint32_t h_bits_ge(h_vec a, h_vec b) { return (uint32_t)_mm512_cmpge_epi16_mask(a, b); }
/* Of 64 lanes. */
DYBNN_INLINE uint64_t h_word_gt(const int16_t *a, const int16_t *b) {
  return _mm512_kunpackd(_mm512_cmpgt_epi16_mask(h_load(a + 32), h_load(b + 32)), _mm512_cmpgt_epi16_mask(h_load(a), h_load(b)));
}
DYBNN_INLINE uint64_t h_word_ge(const int16_t *a, const int16_t *b) {
  return _mm512_kunpackd(_mm512_cmpge_epi16_mask(h_load(a + 32), h_load(b + 32)), _mm512_cmpge_epi16_mask(h_load(a), h_load(b)));
}
/* They become the bits from `at` on of the word, a multiple of H_LANES; the word's bits there are zero before. */
DYBNN_INLINE void h_put_bits(uint64_t *word, int32_t at, uint32_t bits) {
  memcpy((char *)word + at / 8, &bits, sizeof bits); /* x86 is little-endian */
}

/* Twice as wide: a vector's even and odd quarters of four as int32, which is how it is unpacked and packed. */
typedef struct h_wide {
  i_vec low, high;
} h_wide;

DYBNN_INLINE h_wide wide_from(i_vec first, i_vec second) {
  const __m512i low = _mm512_setr_epi32(0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
  const __m512i high = _mm512_setr_epi32(4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  h_wide w;
  w.low = _mm512_permutex2var_epi32(first, low, second);
  w.high = _mm512_permutex2var_epi32(first, high, second);
  return w;
}
DYBNN_INLINE h_wide wide_load_first(const int32_t *p, int32_t n) {
  const __mmask32 mask = h_first(n);
  return wide_from(_mm512_maskz_loadu_epi32((__mmask16)mask, p), _mm512_maskz_loadu_epi32((__mmask16)(mask >> 16), p + (n > 16 ? 16 : 0)));
}
DYBNN_INLINE h_wide wide_all(int32_t x) {
  h_wide w;
  w.low = w.high = _mm512_set1_epi32(x);
  return w;
}
DYBNN_INLINE h_wide wide_add(h_wide a, h_wide b) {
  a.low = _mm512_add_epi32(a.low, b.low);
  a.high = _mm512_add_epi32(a.high, b.high);
  return a;
}
/* sat(a >> shift); shifts by a vector of counts are one operation, by one count two. */
DYBNN_INLINE h_vec wide_narrow(h_wide a, int32_t shift) {
  const __m512i count = _mm512_set1_epi32(shift);
  return _mm512_packs_epi32(_mm512_maskz_srav_epi32(0xffff, a.low, count), _mm512_maskz_srav_epi32(0xffff, a.high, count));
}
DYBNN_INLINE h_wide wide_mul(h_vec a, h_vec b) {
  const __m512i low = _mm512_mullo_epi16(a, b), high = _mm512_mulhi_epi16(a, b);
  h_wide w;
  w.low = _mm512_unpacklo_epi16(low, high);
  w.high = _mm512_unpackhi_epi16(low, high);
  return w;
}
/* a + b */
DYBNN_INLINE h_wide wide_sum(h_vec a, h_vec b) {
  const __m512i ones = _mm512_set1_epi16(1);
  h_wide w;
  w.low = _mm512_madd_epi16(_mm512_unpacklo_epi16(a, b), ones);
  w.high = _mm512_madd_epi16(_mm512_unpackhi_epi16(a, b), ones);
  return w;
}
/* H_LANES int32 in their order to sat(rnd(v, shift)), `half` is 2^(shift - 1). */
DYBNN_INLINE h_vec h_narrow(const int32_t *p, int32_t half, int32_t shift) {
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), h = _mm512_set1_epi32(half);
  const __m512i count = _mm512_set1_epi32(shift);
  const __m512i first = _mm512_maskz_srav_epi32(0xffff, _mm512_add_epi32(_mm512_loadu_si512(p), h), count);
  const __m512i second = _mm512_maskz_srav_epi32(0xffff, _mm512_add_epi32(_mm512_loadu_si512(p + 16), h), count);
  return _mm512_maskz_permutexvar_epi64(0xff, order, _mm512_packs_epi32(first, second));
}

/* sat(floor(x * multiplier + 1/2)) of H_LANES floats, exactly: the floor, and one more where at least a half is left [11.3]. */
DYBNN_INLINE i_vec quantize_16(const float *p, float multiplier) {
  const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(p), _mm512_set1_ps(multiplier));
  const __m512 x = _mm512_maskz_min_ps(0xffff, _mm512_maskz_max_ps(0xffff, scaled, _mm512_set1_ps(-65536.0f)), _mm512_set1_ps(65536.0f));
  const __m512 whole = _mm512_maskz_roundscale_ps(0xffff, x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  const __mmask16 up = _mm512_cmp_ps_mask(_mm512_sub_ps(x, whole), _mm512_set1_ps(0.5f), _CMP_GE_OQ);
  const __m512i i = _mm512_maskz_cvtps_epi32(0xffff, whole);
  return _mm512_mask_add_epi32(i, up, i, _mm512_set1_epi32(1));
}
DYBNN_INLINE h_vec h_quantize(const float *p, float multiplier) {
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  const __m512i both = _mm512_packs_epi32(quantize_16(p, multiplier), quantize_16(p + 16, multiplier));
  return _mm512_maskz_permutexvar_epi64(0xff, order, both);
}
/* a[0], b[0], c[0], a[1], ... */
DYBNN_INLINE void h_store_three(int16_t *to, h_vec a, h_vec b, h_vec c) {
  static const int16_t places[3][2][32] = {
      {{0, 32, 0, 1, 33, 0, 2, 34, 0, 3, 35, 0, 4, 36, 0, 5, 37, 0, 6, 38, 0, 7, 39, 0, 8, 40, 0, 9, 41, 0, 10, 42},
       {0, 1, 32, 3, 4, 33, 6, 7, 34, 9, 10, 35, 12, 13, 36, 15, 16, 37, 18, 19, 38, 21, 22, 39, 24, 25, 40, 27, 28, 41, 30, 31}},
      {{0, 11, 43, 0, 12, 44, 0, 13, 45, 0, 14, 46, 0, 15, 47, 0, 16, 48, 0, 17, 49, 0, 18, 50, 0, 19, 51, 0, 20, 52, 0, 21},
       {42, 1, 2, 43, 4, 5, 44, 7, 8, 45, 10, 11, 46, 13, 14, 47, 16, 17, 48, 19, 20, 49, 22, 23, 50, 25, 26, 51, 28, 29, 52, 31}},
      {{53, 0, 22, 54, 0, 23, 55, 0, 24, 56, 0, 25, 57, 0, 26, 58, 0, 27, 59, 0, 28, 60, 0, 29, 61, 0, 30, 62, 0, 31, 63, 0},
       {0, 53, 2, 3, 54, 5, 6, 55, 8, 9, 56, 11, 12, 57, 14, 15, 58, 17, 18, 59, 20, 21, 60, 23, 24, 61, 26, 27, 62, 29, 30, 63}}};
  int i;
  DYBNN_UNROLL
  for (i = 0; i < 3; i++) {
    const __m512i two = _mm512_permutex2var_epi16(a, _mm512_loadu_si512(places[i][0]), b);
    _mm512_storeu_si512(to + 32 * i, _mm512_permutex2var_epi16(two, _mm512_loadu_si512(places[i][1]), c));
  }
}

DYBNN_INLINE i_vec i_load(const int32_t *p) { return _mm512_loadu_si512(p); }
DYBNN_INLINE i_vec i_add(i_vec a, i_vec b) { return _mm512_add_epi32(a, b); }
DYBNN_INLINE __m512 v_from_ints(i_vec v) { return _mm512_maskz_cvtepi32_ps(0xffff, v); } /* rounded once */

/* Exact sums of many vectors: even and odd lanes apart. */
typedef struct h_sums {
  i_vec even, odd;
} h_sums;

DYBNN_INLINE h_sums sums_zero(void) {
  h_sums s;
  s.even = s.odd = _mm512_setzero_si512();
  return s;
}
DYBNN_INLINE h_sums sums_add(h_sums s, h_vec v) {
  const __m512i even = _mm512_set1_epi32(1), odd = _mm512_set1_epi32(0x10000);
#if H_VNNI
  s.even = _mm512_dpwssd_epi32(s.even, v, even);
  s.odd = _mm512_dpwssd_epi32(s.odd, v, odd);
#else
  s.even = _mm512_add_epi32(s.even, _mm512_madd_epi16(v, even));
  s.odd = _mm512_add_epi32(s.odd, _mm512_madd_epi16(v, odd));
#endif
  return s;
}
/* to[0 .. n - 1], plus what is there where `more`. */
DYBNN_INLINE void sums_store(int32_t *to, int32_t n, int more, h_sums s) {
  const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
  const __mmask32 mask = h_first(n);
  const __mmask16 low = (__mmask16)mask, high = (__mmask16)(mask >> 16);
  __m512i a = _mm512_permutex2var_epi32(s.even, first, s.odd), b = _mm512_permutex2var_epi32(s.even, second, s.odd);
  if (more) a = _mm512_add_epi32(a, _mm512_maskz_loadu_epi32(low, to));
  _mm512_mask_storeu_epi32(to, low, a);
  if (n > 16) {
    if (more) b = _mm512_add_epi32(b, _mm512_maskz_loadu_epi32(high, to + 16));
    _mm512_mask_storeu_epi32(to + 16, high, b);
  }
}

#endif
