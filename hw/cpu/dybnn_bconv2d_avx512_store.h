/* dybnn_bconv2d_avx512_store.h - from two vectors of eight 64-bit counts to sixteen floats. */
#ifndef DYBNN_BCONV2D_AVX512_STORE_H
#define DYBNN_BCONV2D_AVX512_STORE_H

DYBNN_INLINE void b_store(float *values, const int32_t *base, int32_t present, const __m512i *totals) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i m = _mm512_permutex2var_epi32(totals[0], even, totals[1]);
  const __m512i n = _mm512_maskz_loadu_epi32(v_first(present), base);
  _mm512_storeu_ps(values, _mm512_maskz_cvtepi32_ps(0xffff, _mm512_sub_epi32(n, _mm512_add_epi32(m, m))));
}

#endif
