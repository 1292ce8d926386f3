/* dybnn_float_avx512.c - the float kernels for AVX-512 (F, BW, DQ, VL), from the *_simd.h bodies. */
#include "dybnn_sets.h"
#include "dybnn_targets.h"

#if DYBNN_X86

#include <immintrin.h>

#include "dybnn_avx512_begin.h"

#include "dybnn_simd_avx512.h"

#include "dybnn_layout_simd.h"
#include "dybnn_map_simd.h"
#include "dybnn_conv2d_simd.h"

void dybnn_conv2d_avx512(const void *args, int32_t begin, int32_t end) {
  conv2d_rows((const dybnn_conv2d_args *)args, begin, end);
}
void dybnn_dense_avx512(const void *args, int32_t begin, int32_t end) {
  dense_range((const dybnn_dense_args *)args, begin, end);
}
void dybnn_map_avx512(const void *args, int32_t begin, int32_t end) { map_rows((const dybnn_map_args *)args, begin, end); }
void dybnn_pool_avx512(const void *args, int32_t begin, int32_t end) { pool_rows((const dybnn_pool_args *)args, begin, end); }
void dybnn_gap_avx512(const void *args, int32_t begin, int32_t end) { gap_blocks((const dybnn_gap_args *)args, begin, end); }
void dybnn_to_channels_last_avx512(const void *args, int32_t begin, int32_t end) {
  channels_last_rows((const dybnn_layout_args *)args, begin, end);
}

#include "dybnn_target_end.h"

#else
DYBNN_NOTHING_HERE(float_avx512);
#endif
