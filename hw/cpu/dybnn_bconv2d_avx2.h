/* dybnn_bconv2d_avx2.h - the words of dybnn_bconv2d_simd.h for AVX2.
 *
 * Nearly all is done by tables of activations (dybnn_bconv2d_table.h, and what bounds them). Left for these words: maps of a few
 * pixels and windows too large for the tables. Ones are counted by table, a nibble at a time, into bytes; a byte holds 31 words' counts
 * at most. 8 instructions for 256 multiply-accumulates: 96 a cycle with three vector units. 8 counts, 2 weights, 1 activation, the table
 * and the mask leave 3 of 16 registers for what is between.
 */
#ifndef DYBNN_BCONV2D_AVX2_H
#define DYBNN_BCONV2D_AVX2_H

#include "dybnn_targets.h"

#define TILE_PIXELS 4
#define TILE_CHANNELS 8
#define B_LANES 4
#define B_FLUSH_WORDS 31
#define B_CARRY_SAVE 0
#define B_TABLE 1
typedef __m256i b_word;

DYBNN_INLINE b_word b_zero(void) { return _mm256_setzero_si256(); }
DYBNN_INLINE b_word b_load(const uint64_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }
DYBNN_INLINE b_word b_broadcast(const uint64_t *p) { return _mm256_set1_epi64x((long long)*p); }
DYBNN_INLINE b_word b_xor(b_word a, b_word b) { return _mm256_xor_si256(a, b); }
DYBNN_INLINE b_word b_add(b_word count, b_word words) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2,
                                         3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i low = _mm256_and_si256(words, nibble);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(words, 4), nibble);
  return _mm256_add_epi8(count, _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high)));
}
DYBNN_INLINE b_word b_widen(b_word total, b_word count) {
  return _mm256_add_epi64(total, _mm256_sad_epu8(count, _mm256_setzero_si256()));
}
/* Two vectors of four 64-bit counts to eight of 32. */
DYBNN_INLINE __m256i b_mismatches(const b_word *totals) {
  const __m256 halves = _mm256_shuffle_ps(_mm256_castsi256_ps(totals[0]), _mm256_castsi256_ps(totals[1]), 0x88);
  return _mm256_permute4x64_epi64(_mm256_castps_si256(halves), 0xd8);
}

#endif
