/* dybnn_fixed_bconv2d_avx512.c - binary convolution for AVX-512 without a popcount instruction, with an int16 tail. */
#include "dybnn_fixed_sets.h"
#include "dybnn_targets.h"

#if DYBNN_X86

#include <immintrin.h>

#include "dybnn_avx512_begin.h"

#define H_VNNI 0
#include "dybnn_fixed_simd_avx512.h"

#include "dybnn_bconv2d_avx512.h"

#include "dybnn_fixed_bconv2d_avx512.h"
#include "dybnn_fixed_bconv2d_simd.h"

#include "dybnn_bconv2d_simd.h"

void dybnn_fixed_bconv2d_avx512(const void *args, int32_t begin, int32_t end) {
  bconv2d_units((const dybnn_fixed_bconv2d_args *)args, begin, end);
}

#include "dybnn_target_end.h"

#else
DYBNN_NOTHING_HERE(fixed_bconv2d_avx512);
#endif
