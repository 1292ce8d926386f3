/* dybnn_bconv2d_avx512_store.h - sixteen counts to sixteen floats. */
#ifndef DYBNN_BCONV2D_AVX512_STORE_H
#define DYBNN_BCONV2D_AVX512_STORE_H

DYBNN_INLINE void b_store(float *values, const int32_t *base, int32_t present, __m512i m) {
  const __m512i n = _mm512_maskz_loadu_epi32(v_first(present), base);
  _mm512_storeu_ps(values, _mm512_maskz_cvtepi32_ps(0xffff, _mm512_sub_epi32(n, _mm512_add_epi32(m, m))));
}

#endif
