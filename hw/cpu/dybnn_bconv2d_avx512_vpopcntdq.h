/* dybnn_bconv2d_avx512_vpopcntdq.h - the words of dybnn_bconv2d_simd.h for AVX-512 with VPOPCNTDQ.
 *
 * Bound: xor, popcount and add are 3 instructions for 512 multiply-accumulates; with two 512-bit units (one of them counts)
 * that is 341 a cycle. 16 counts, 2 weight vectors and 1 activation of 32 registers. Long sums go by pairs of words with 5
 * instructions for 1024 (dybnn_bconv2d_carry_save.h): 410 a cycle, less what it takes to make the pairs.
 */
#ifndef DYBNN_BCONV2D_AVX512_VPOPCNTDQ_H
#define DYBNN_BCONV2D_AVX512_VPOPCNTDQ_H

#include "dybnn_targets.h"

#define TILE_PIXELS 8
#define TILE_CHANNELS 16
#define B_LANES 8
#define B_FLUSH_WORDS 0
#define B_CARRY_SAVE 1
#define B_TABLE 0
typedef __m512i b_word;

DYBNN_INLINE b_word b_zero(void) { return _mm512_setzero_si512(); }
DYBNN_INLINE b_word b_load(const uint64_t *p) { return _mm512_loadu_si512(p); }
DYBNN_INLINE b_word b_broadcast(const uint64_t *p) { return _mm512_set1_epi64((long long)*p); }
DYBNN_INLINE b_word b_xor(b_word a, b_word b) { return _mm512_xor_si512(a, b); }
DYBNN_INLINE b_word b_add(b_word count, b_word words) { return _mm512_add_epi64(count, _mm512_popcnt_epi64(words)); }

DYBNN_INLINE b_word b_xor3(b_word a, b_word b, b_word c) { return _mm512_ternarylogic_epi64(a, b, c, 0x96); }
/* Majority of a, b and q = a^b^sum: one for (a, b, sum) = 010 and 100, where q is 1, and for 110 and 111. */
DYBNN_INLINE b_word b_carry(b_word a, b_word b, b_word sum) { return _mm512_ternarylogic_epi64(a, b, sum, 0xd4); }
DYBNN_INLINE b_word b_twice(b_word a) { return _mm512_add_epi64(a, a); }

#include "dybnn_bconv2d_avx512_sums.h"

#endif
