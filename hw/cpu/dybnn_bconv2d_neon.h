/* dybnn_bconv2d_neon.h - the words of dybnn_bconv2d_simd.h for AArch64's Advanced SIMD.
 *
 * CNT counts in bytes, which hold 31 words' counts at most: eor, cnt, add for 128 multiply-accumulates. Tiles of 4 pixels by 8
 * channels: 16 counts, 4 weights and 1 activation of 32 registers.
 */
#ifndef DYBNN_BCONV2D_NEON_H
#define DYBNN_BCONV2D_NEON_H

#include "dybnn_targets.h"

#define TILE_PIXELS 4
#define TILE_CHANNELS 8
#define B_LANES 2
#define B_FLUSH_WORDS 31
#define B_CARRY_SAVE 0
#define B_TABLE 0
typedef uint64x2_t b_word;

DYBNN_INLINE b_word b_zero(void) { return vdupq_n_u64(0); }
DYBNN_INLINE b_word b_load(const uint64_t *p) { return vld1q_u64(p); }
DYBNN_INLINE b_word b_broadcast(const uint64_t *p) { return vdupq_n_u64(*p); }
DYBNN_INLINE b_word b_xor(b_word a, b_word b) { return veorq_u64(a, b); }
DYBNN_INLINE b_word b_add(b_word count, b_word words) {
  return vreinterpretq_u64_u8(vaddq_u8(vreinterpretq_u8_u64(count), vcntq_u8(vreinterpretq_u8_u64(words))));
}
DYBNN_INLINE b_word b_widen(b_word total, b_word count) {
  return vaddq_u64(total, vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(vreinterpretq_u8_u64(count)))));
}
/* Four vectors of two 64-bit counts to eight of 32. */
typedef struct b_counts {
  uint32x4_t half[2];
} b_counts;
DYBNN_INLINE b_counts b_mismatches(const b_word *totals) {
  b_counts m;
  m.half[0] = vcombine_u32(vmovn_u64(totals[0]), vmovn_u64(totals[1]));
  m.half[1] = vcombine_u32(vmovn_u64(totals[2]), vmovn_u64(totals[3]));
  return m;
}

#endif
