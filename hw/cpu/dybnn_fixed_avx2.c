/* dybnn_fixed_avx2.c - the kernels of fixed16 for AVX2, from the *_simd.h bodies. */
#include "dybnn_fixed_sets.h"
#include "dybnn_targets.h"

#if DYBNN_X86

#include <immintrin.h>

#include "dybnn_avx2_begin.h"

#include "dybnn_simd_avx2.h"
#include "dybnn_fixed_simd_avx2.h"
#include "dybnn_int8_avx2.h"

#include "dybnn_fixed_gap_simd.h"
#include "dybnn_fixed_map_simd.h"
#include "dybnn_int8_conv2d_simd.h"
#include "dybnn_quantize_simd.h"

void dybnn_int8_conv2d_avx2(const void *args, int32_t begin, int32_t end) {
  int8_conv2d_rows((const dybnn_int8_conv2d_args *)args, begin, end);
}
void dybnn_int8_conv2d_float_avx2(const void *args, int32_t begin, int32_t end) {
  int8_conv2d_float_rows((const dybnn_int8_conv2d_float_args *)args, begin, end);
}
void dybnn_fixed_map_avx2(const void *args, int32_t begin, int32_t end) {
  fixed_map_rows((const dybnn_fixed_map_args *)args, begin, end);
}
void dybnn_fixed_pool_avx2(const void *args, int32_t begin, int32_t end) {
  fixed_pool_rows((const dybnn_fixed_pool_args *)args, begin, end);
}
void dybnn_fixed_gap_avx2(const void *args, int32_t begin, int32_t end) {
  fixed_gap_range((const dybnn_fixed_gap_args *)args, begin, end);
}
void dybnn_quantize_avx2(const void *args, int32_t begin, int32_t end) {
  quantize_rows((const dybnn_quantize_args *)args, begin, end);
}

#include "dybnn_target_end.h"

#else
DYBNN_NOTHING_HERE(fixed_avx2);
#endif
