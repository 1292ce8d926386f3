/* dybnn_bconv2d_neon.c - binary convolution for AArch64's Advanced SIMD with a float tail. */
#include "dybnn_sets.h"
#include "dybnn_targets.h"

#if DYBNN_NEON

#include <arm_neon.h>

#include "dybnn_simd_neon.h"
#include "dybnn_bconv2d_neon.h"

/* Eight channels are always present. */
DYBNN_INLINE void b_store(float *values, const int32_t *base, int32_t present, b_counts m) {
  int32_t half;
  (void)present;
  DYBNN_UNROLL
  for (half = 0; half < 2; half++) {
    const uint32x4_t twice = vaddq_u32(m.half[half], m.half[half]);
    const int32x4_t dot = vsubq_s32(vld1q_s32(base + 4 * half), vreinterpretq_s32_u32(twice));
    vst1q_f32(values + 4 * half, vcvtq_f32_s32(dot));
  }
}

#include "dybnn_bconv2d_float.h"

#include "dybnn_bconv2d_simd.h"

void dybnn_bconv2d_neon(const void *args, int32_t begin, int32_t end) {
  bconv2d_units((const dybnn_bconv2d_args *)args, begin, end);
}

#else
DYBNN_NOTHING_HERE(bconv2d_neon);
#endif
