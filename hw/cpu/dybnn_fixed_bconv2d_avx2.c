/* dybnn_fixed_bconv2d_avx2.c - binary convolution for AVX2 with an int16 tail. */
#include "dybnn_fixed_sets.h"
#include "dybnn_targets.h"

#if DYBNN_X86

#include <immintrin.h>

#include "dybnn_avx2_begin.h"

#include "dybnn_fixed_simd_avx2.h"

#include "dybnn_bconv2d_avx2.h"

#include "dybnn_fixed_bconv2d_avx2.h"
#include "dybnn_fixed_bconv2d_simd.h"

#include "dybnn_bconv2d_simd.h"

void dybnn_fixed_bconv2d_avx2(const void *args, int32_t begin, int32_t end) {
  bconv2d_units((const dybnn_fixed_bconv2d_args *)args, begin, end);
}

#include "dybnn_target_end.h"

#else
DYBNN_NOTHING_HERE(fixed_bconv2d_avx2);
#endif
