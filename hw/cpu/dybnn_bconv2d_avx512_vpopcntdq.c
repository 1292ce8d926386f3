/* dybnn_bconv2d_avx512_vpopcntdq.c - binary convolution for AVX-512 with VPOPCNTDQ. */
#include "dybnn_sets.h"
#include "dybnn_targets.h"

#if DYBNN_X86

#include <immintrin.h>

#include "dybnn_avx512_vpopcntdq_begin.h"

#include "dybnn_simd_avx512.h"

typedef __m512i popcount_sum;

DYBNN_INLINE void popcount_start(popcount_sum *sum) { *sum = _mm512_setzero_si512(); }
DYBNN_INLINE void popcount_add(popcount_sum *sum, __m512i words) {
  *sum = _mm512_add_epi64(*sum, _mm512_popcnt_epi64(words));
}
DYBNN_INLINE __m512i popcount_end(const popcount_sum *sum) { return *sum; }

#include "dybnn_bconv2d_avx512.h"

void dybnn_bconv2d_avx512_vpopcntdq(const void *args, int32_t begin, int32_t end) {
  bconv2d_units((const dybnn_bconv2d_args *)args, begin, end);
}

#include "dybnn_target_end.h"

#else
DYBNN_NOTHING_HERE(bconv2d_avx512_vpopcntdq);
#endif
