/* dybnn_fixed_sets.h - every kernel of fixed16 by name. dybnn_fixed_dispatch.c has the table that puts them together. */
#ifndef DYBNN_FIXED_SETS_H
#define DYBNN_FIXED_SETS_H

#include "dybnn_fixed_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Portable C. */
dybnn_kernel dybnn_fixed_bconv2d_scalar, dybnn_int8_conv2d_scalar, dybnn_int8_conv2d_float_scalar, dybnn_fixed_map_scalar,
    dybnn_fixed_pool_scalar, dybnn_fixed_gap_scalar, dybnn_fixed_concat_scalar, dybnn_quantize_scalar, dybnn_dequantize_scalar;

/* x86-64. */
dybnn_kernel dybnn_fixed_bconv2d_amx, dybnn_int8_conv2d_amx, dybnn_int8_conv2d_float_amx;
dybnn_kernel dybnn_fixed_bconv2d_avx512_vpopcntdq, dybnn_fixed_bconv2d_avx512;
dybnn_kernel dybnn_int8_conv2d_avx512, dybnn_int8_conv2d_float_avx512, dybnn_fixed_map_avx512, dybnn_fixed_pool_avx512,
    dybnn_fixed_gap_avx512, dybnn_quantize_avx512;
dybnn_kernel dybnn_int8_conv2d_avx512_vnni, dybnn_int8_conv2d_float_avx512_vnni, dybnn_fixed_map_avx512_vnni,
    dybnn_fixed_pool_avx512_vnni;
dybnn_kernel dybnn_fixed_bconv2d_avx2, dybnn_int8_conv2d_avx2, dybnn_int8_conv2d_float_avx2, dybnn_fixed_map_avx2,
    dybnn_fixed_pool_avx2, dybnn_fixed_gap_avx2, dybnn_quantize_avx2;

/* AArch64. */
dybnn_kernel dybnn_fixed_bconv2d_neon, dybnn_int8_conv2d_neon, dybnn_int8_conv2d_float_neon, dybnn_fixed_map_neon,
    dybnn_fixed_pool_neon, dybnn_fixed_gap_neon, dybnn_quantize_neon;

#ifdef __cplusplus
}
#endif
#endif
