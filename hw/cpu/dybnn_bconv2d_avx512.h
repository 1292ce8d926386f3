/* dybnn_bconv2d_avx512.h - the words of dybnn_bconv2d_simd.h for AVX-512 without a popcount instruction.
 *
 * Ones are counted by table, a nibble at a time, into bytes; a byte holds 31 words' counts at most. 8 instructions for 512
 * multiply-accumulates, of which the two table look-ups have one unit: 128 a cycle.
 */
#ifndef DYBNN_BCONV2D_AVX512_H
#define DYBNN_BCONV2D_AVX512_H

#include "dybnn_targets.h"

#define TILE_PIXELS 8
#define TILE_CHANNELS 16
#define B_LANES 8
#define B_FLUSH_WORDS 31
#define B_CARRY_SAVE 0
#define B_TABLE 0
typedef __m512i b_word;

DYBNN_INLINE b_word b_zero(void) { return _mm512_setzero_si512(); }
DYBNN_INLINE b_word b_load(const uint64_t *p) { return _mm512_loadu_si512(p); }
DYBNN_INLINE b_word b_broadcast(const uint64_t *p) { return _mm512_set1_epi64((long long)*p); }
DYBNN_INLINE b_word b_xor(b_word a, b_word b) { return _mm512_xor_si512(a, b); }
DYBNN_INLINE b_word b_add(b_word count, b_word words) {
  const __m512i table = _mm512_set4_epi32(0x04030302, 0x03020201, 0x03020201, 0x02010100);
  const __m512i nibble = _mm512_set1_epi8(15);
  const __m512i low = _mm512_and_si512(words, nibble);
  const __m512i high = _mm512_and_si512(_mm512_srli_epi16(words, 4), nibble);
  return _mm512_add_epi8(count, _mm512_add_epi8(_mm512_shuffle_epi8(table, low), _mm512_shuffle_epi8(table, high)));
}
DYBNN_INLINE b_word b_widen(b_word total, b_word count) {
  return _mm512_add_epi64(total, _mm512_sad_epu8(count, _mm512_setzero_si512()));
}

#include "dybnn_bconv2d_avx512_sums.h"

#endif
