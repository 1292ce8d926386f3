/* dybnn_fixed_bconv2d_amx.c - binary convolution on the matrix unit with an int16 tail. */
#include "dybnn_fixed_sets.h"
#include "dybnn_targets.h"

#if DYBNN_AMX

#include <immintrin.h>
#include <string.h>

#include "dybnn_amx_vnni_begin.h"

#define H_VNNI 1
#include "dybnn_fixed_simd_avx512.h"

#include "dybnn_fixed_bconv2d_types.h"

#include "dybnn_bconv2d_amx.h"
#include "dybnn_fixed_bconv2d_amx.h"

#define bconv_by_popcounts dybnn_fixed_bconv2d_avx512_vpopcntdq
#include "dybnn_bconv2d_amx_units.h"

void dybnn_fixed_bconv2d_amx(const void *args, int32_t begin, int32_t end) {
  bconv2d_by_tiles((const dybnn_fixed_bconv2d_args *)args, begin, end);
}

#include "dybnn_target_end.h"

#else
DYBNN_NOTHING_HERE(fixed_bconv2d_amx);
#endif
