/* dybnn_sets.h - every kernel by name: dybnn_OPERATION_SET. dybnn_dispatch.c has the table that puts them together. */
#ifndef DYBNN_SETS_H
#define DYBNN_SETS_H

#include "dybnn_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Portable C. */
dybnn_kernel dybnn_bconv2d_scalar, dybnn_conv2d_scalar, dybnn_dense_scalar, dybnn_map_scalar, dybnn_pool_scalar,
    dybnn_gap_scalar, dybnn_concat_scalar, dybnn_to_channels_last_scalar, dybnn_to_channels_first_scalar, dybnn_softmax_scalar;

/* x86-64. Each is called only where dybnn_dispatch.c found the instructions its name says. */
dybnn_kernel dybnn_bconv2d_avx512_vpopcntdq, dybnn_bconv2d_avx512, dybnn_bconv2d_avx2;
dybnn_kernel dybnn_bconv2d_amx;
int dybnn_amx_usable(void);
dybnn_kernel dybnn_conv2d_avx512, dybnn_dense_avx512, dybnn_map_avx512, dybnn_pool_avx512, dybnn_gap_avx512;
dybnn_kernel dybnn_to_channels_last_avx512;
dybnn_kernel dybnn_conv2d_avx2, dybnn_dense_avx2, dybnn_map_avx2, dybnn_pool_avx2, dybnn_gap_avx2;
dybnn_kernel dybnn_to_channels_last_avx2;

/* AArch64. */
dybnn_kernel dybnn_bconv2d_neon;
dybnn_kernel dybnn_conv2d_neon, dybnn_dense_neon, dybnn_map_neon, dybnn_pool_neon, dybnn_gap_neon;
dybnn_kernel dybnn_to_channels_last_neon;

#ifdef __cplusplus
}
#endif
#endif
