/* dybnn_bconv2d_neon.c - binary convolution for AArch64's Advanced SIMD.
 *
 * CNT counts in bytes, which hold 31 words' counts at most: eor, cnt, add for 128 multiply-accumulates. Tiles of 4 pixels by 8
 * channels: 16 counts, 4 weights and 1 activation of 32 registers.
 */
#include "dybnn_sets.h"
#include "dybnn_targets.h"

#if DYBNN_NEON

#include <arm_neon.h>

#include "dybnn_simd_neon.h"

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
/* Four vectors of two 64-bit counts to eight floats; eight channels are always present. */
DYBNN_INLINE void b_store(float *values, const int32_t *base, int32_t present, const b_word *totals) {
  int32_t half;
  (void)present;
  DYBNN_UNROLL
  for (half = 0; half < 2; half++) {
    const uint32x4_t m = vcombine_u32(vmovn_u64(totals[2 * half]), vmovn_u64(totals[2 * half + 1]));
    const int32x4_t dot = vsubq_s32(vld1q_s32(base + 4 * half), vreinterpretq_s32_u32(vaddq_u32(m, m)));
    vst1q_f32(values + 4 * half, vcvtq_f32_s32(dot));
  }
}

#include "dybnn_bconv2d_simd.h"

void dybnn_bconv2d_neon(const void *args, int32_t begin, int32_t end) {
  bconv2d_units((const dybnn_bconv2d_args *)args, begin, end);
}

#else
DYBNN_NOTHING_HERE(bconv2d_neon);
#endif
