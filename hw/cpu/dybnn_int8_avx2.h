/* dybnn_int8_avx2.h - the words of dybnn_int8_conv2d_simd.h for AVX2: 8 sums a vector.
 *
 * Bound: 16 multiply-accumulates in two instructions. 12 sums, 2 weights, 1 input and a product are the 16 registers.
 */
#ifndef DYBNN_INT8_AVX2_H
#define DYBNN_INT8_AVX2_H

#include <string.h>

#include "dybnn_targets.h"

#define C_LANES 8
#define C_PIXELS 6
#define C_BLOCKS 1
typedef __m256i c_sum;
typedef __m256i c_weights;
typedef __m256i c_pair;

DYBNN_INLINE c_sum c_zero(void) { return _mm256_setzero_si256(); }
DYBNN_INLINE void c_store(int32_t *p, c_sum v) { _mm256_storeu_si256((__m256i *)(void *)p, v); }
DYBNN_INLINE c_weights c_load_weights(const int8_t *w) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)w));
}
DYBNN_INLINE c_pair c_pair_of(const int16_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return _mm256_set1_epi32(pair);
}
DYBNN_INLINE c_pair c_pair_from(int32_t low, int32_t high) {
  return _mm256_set1_epi32((int32_t)((uint32_t)high << 16 | ((uint32_t)low & 0xffffu)));
}
DYBNN_INLINE c_sum c_mac(c_sum sum, c_weights w, c_pair x) { return _mm256_add_epi32(sum, _mm256_madd_epi16(w, x)); }
/* The odd weights are zero, so what a sign fills the odd halves with does not matter. */
DYBNN_INLINE c_sum c_mac_each(c_sum sum, c_weights w, const int16_t *x, int32_t n) {
  int16_t lanes[C_LANES] = {0};
  if (n == C_LANES) return c_mac(sum, w, _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)x)));
  memcpy(lanes, x, (size_t)n * sizeof(int16_t));
  return c_mac(sum, w, _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)lanes)));
}

#endif
