/* dybnn_bconv2d_avx512_sums.h - two vectors of eight 64-bit counts to sixteen of 32. */
#ifndef DYBNN_BCONV2D_AVX512_SUMS_H
#define DYBNN_BCONV2D_AVX512_SUMS_H

DYBNN_INLINE __m512i b_mismatches(const __m512i *totals) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return _mm512_permutex2var_epi32(totals[0], even, totals[1]);
}

#endif
