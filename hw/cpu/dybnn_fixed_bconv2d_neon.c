/* dybnn_fixed_bconv2d_neon.c - binary convolution for AArch64's Advanced SIMD with an int16 tail. */
#include "dybnn_fixed_sets.h"
#include "dybnn_targets.h"

#if DYBNN_NEON

#include <arm_neon.h>

#include "dybnn_fixed_simd_neon.h"

#include "dybnn_bconv2d_neon.h"

#include "dybnn_fixed_bconv2d_neon.h"
#include "dybnn_fixed_bconv2d_simd.h"

#include "dybnn_bconv2d_simd.h"

void dybnn_fixed_bconv2d_neon(const void *args, int32_t begin, int32_t end) {
  bconv2d_units((const dybnn_fixed_bconv2d_args *)args, begin, end);
}

#else
DYBNN_NOTHING_HERE(fixed_bconv2d_neon);
#endif
