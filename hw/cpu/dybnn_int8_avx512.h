/* dybnn_int8_avx512.h - the words of dybnn_int8_conv2d_simd.h for AVX-512: 16 sums a vector.
 *
 * Bound: 32 multiply-accumulates in one instruction with VNNI (H_VNNI 1), in two without. 16 sums, 2 weights and 1 input of 32
 * registers; a weight's widening takes one of the two units' slots for 8 pixels' multiplications.
 */
#ifndef DYBNN_INT8_AVX512_H
#define DYBNN_INT8_AVX512_H

#include <string.h>

#include "dybnn_targets.h"

#define C_LANES 16
#define C_PIXELS 8
#define C_BLOCKS 2
typedef __m512i c_sum;
typedef __m512i c_weights;
typedef __m512i c_pair;

DYBNN_INLINE c_sum c_zero(void) { return _mm512_setzero_si512(); }
DYBNN_INLINE void c_store(int32_t *p, c_sum v) { _mm512_storeu_si512(p, v); }
DYBNN_INLINE c_weights c_load_weights(const int8_t *w) {
  return _mm512_maskz_cvtepi8_epi16(0xffffffffu, _mm256_loadu_si256((const __m256i *)(const void *)w));
}
DYBNN_INLINE c_pair c_pair_of(const int16_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return _mm512_set1_epi32(pair);
}
DYBNN_INLINE c_pair c_pair_from(int32_t low, int32_t high) {
  return _mm512_set1_epi32((int32_t)((uint32_t)high << 16 | ((uint32_t)low & 0xffffu)));
}
DYBNN_INLINE c_sum c_mac(c_sum sum, c_weights w, c_pair x) {
#if H_VNNI
  return _mm512_dpwssd_epi32(sum, w, x);
#else
  return _mm512_add_epi32(sum, _mm512_madd_epi16(w, x));
#endif
}
/* The odd weights are zero, so what a sign fills the odd halves with does not matter. */
DYBNN_INLINE c_sum c_mac_each(c_sum sum, c_weights w, const int16_t *x, int32_t n) {
  return c_mac(sum, w, _mm512_maskz_cvtepi16_epi32(0xffff, _mm256_maskz_loadu_epi16((__mmask16)((1u << n) - 1u), x)));
}

#endif
