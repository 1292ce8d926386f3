/* dybnn_int8_neon.h - the words of dybnn_int8_conv2d_simd.h for AArch64's Advanced SIMD: 4 sums a vector.
 *
 * Bound: 4 multiply-accumulates in one instruction. Weights are unzipped as they are widened, so that a vector has one input's for
 * four outputs and nothing is added across lanes. 16 sums, 8 halves of weights and 1 pair of inputs of 32 registers.
 */
#ifndef DYBNN_INT8_NEON_H
#define DYBNN_INT8_NEON_H

#include <string.h>

#include "dybnn_targets.h"

#define C_LANES 4
#define C_PIXELS 4
#define C_BLOCKS 1
typedef int32x4_t c_sum;
typedef struct c_weights {
  int16x4_t even, odd;
} c_weights;
typedef int16x4_t c_pair; /* even inputs and odd ones by turns */

DYBNN_INLINE c_sum c_zero(void) { return vdupq_n_s32(0); }
DYBNN_INLINE void c_store(int32_t *p, c_sum v) { vst1q_s32(p, v); }
DYBNN_INLINE c_weights c_load_weights(const int8_t *w) {
  const int16x8_t both = vmovl_s8(vld1_s8(w));
  const int16x8_t apart = vuzp1q_s16(both, both), others = vuzp2q_s16(both, both);
  c_weights r;
  r.even = vget_low_s16(apart);
  r.odd = vget_low_s16(others);
  return r;
}
DYBNN_INLINE c_pair c_pair_of(const int16_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return vreinterpret_s16_s32(vdup_n_s32(pair));
}
DYBNN_INLINE c_pair c_pair_from(int32_t low, int32_t high) {
  return vreinterpret_s16_s32(vdup_n_s32((int32_t)((uint32_t)high << 16 | ((uint32_t)low & 0xffffu))));
}
DYBNN_INLINE c_sum c_mac(c_sum sum, c_weights w, c_pair x) {
  return vmlal_lane_s16(vmlal_lane_s16(sum, w.even, x, 0), w.odd, x, 1);
}
DYBNN_INLINE c_sum c_mac_each(c_sum sum, c_weights w, const int16_t *x, int32_t n) {
  int16_t lanes[C_LANES] = {0};
  if (n == C_LANES) return vmlal_s16(sum, w.even, vld1_s16(x));
  memcpy(lanes, x, (size_t)n * sizeof(int16_t));
  return vmlal_s16(sum, w.even, vld1_s16(lanes));
}

#endif
