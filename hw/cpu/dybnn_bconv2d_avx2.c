/* dybnn_bconv2d_avx2.c - binary convolution for AVX2 with a float tail. */
#include "dybnn_sets.h"
#include "dybnn_targets.h"

#if DYBNN_X86

#include <immintrin.h>

#include "dybnn_avx2_begin.h"

#include "dybnn_simd_avx2.h"
#include "dybnn_bconv2d_avx2.h"

/* Eight channels are always present. */
DYBNN_INLINE void b_store(float *values, const int32_t *base, int32_t present, __m256i m) {
  const __m256i n = _mm256_loadu_si256((const __m256i *)(const void *)base);
  (void)present;
  _mm256_storeu_ps(values, _mm256_cvtepi32_ps(_mm256_sub_epi32(n, _mm256_add_epi32(m, m))));
}

#include "dybnn_bconv2d_float.h"

/* For dybnn_bconv2d_table.h; there is nothing to prepare. */
typedef const bconv_plan *bconv_scaling;
#define bconv_scaling_of(plan, channel) (plan)
#define bconv_store_eight(scaling, base, mismatches, values) ((void)(scaling), b_store(values, base, 8, mismatches))

#include "dybnn_bconv2d_simd.h"

void dybnn_bconv2d_avx2(const void *args, int32_t begin, int32_t end) {
  bconv2d_units((const dybnn_bconv2d_args *)args, begin, end);
}

#include "dybnn_target_end.h"

#else
DYBNN_NOTHING_HERE(bconv2d_avx2);
#endif
