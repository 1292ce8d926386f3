/* dybnn_float_neon.c - the float kernels for AArch64's Advanced SIMD, from the *_simd.h bodies. */
#include "dybnn_sets.h"
#include "dybnn_targets.h"

#if DYBNN_NEON

#include <arm_neon.h>

#include "dybnn_simd_neon.h"

#include "dybnn_layout_simd.h"
#include "dybnn_map_simd.h"
#include "dybnn_conv2d_simd.h"

void dybnn_conv2d_neon(const void *args, int32_t begin, int32_t end) {
  conv2d_rows((const dybnn_conv2d_args *)args, begin, end);
}
void dybnn_dense_neon(const void *args, int32_t begin, int32_t end) {
  dense_range((const dybnn_dense_args *)args, begin, end);
}
void dybnn_map_neon(const void *args, int32_t begin, int32_t end) { map_rows((const dybnn_map_args *)args, begin, end); }
void dybnn_pool_neon(const void *args, int32_t begin, int32_t end) { pool_rows((const dybnn_pool_args *)args, begin, end); }
void dybnn_gap_neon(const void *args, int32_t begin, int32_t end) { gap_blocks((const dybnn_gap_args *)args, begin, end); }
void dybnn_to_channels_last_neon(const void *args, int32_t begin, int32_t end) {
  channels_last_rows((const dybnn_layout_args *)args, begin, end);
}

#else
DYBNN_NOTHING_HERE(float_neon);
#endif
