/* dybnn_fixed_dispatch.c - the kernels of fixed16 for the sets of dybnn_dispatch.c, which makes the choice.
 *
 * To add a kernel: one .c file, its name in dybnn_fixed_sets.h, and its place in a row here. Tests and benchmarks walk this table.
 */
#include <string.h>

#include "dybnn_fixed_sets.h"
#include "dybnn_targets.h"

typedef struct fixed_set {
  dybnn_fixed_kernels kernels;
  int (*supported)(void); /* what it needs beyond the set of that name; NULL: nothing */
} fixed_set;

#if DYBNN_X86
static int has_vnni(void) { return __builtin_cpu_supports("avx512vnni"); }
#endif

static const fixed_set sets[] = {
    /* name, bconv2d, int8_conv2d, int8_conv2d_float, map, pool, gap, concat, quantize, dequantize */
#if DYBNN_AMX
    {{"amx", dybnn_fixed_bconv2d_amx, dybnn_int8_conv2d_amx, dybnn_int8_conv2d_float_amx,
      dybnn_fixed_map_avx512_vnni, dybnn_fixed_pool_avx512_vnni, dybnn_fixed_gap_avx512, dybnn_fixed_concat_scalar,
      dybnn_quantize_avx512, dybnn_dequantize_scalar},
     has_vnni},
#endif
#if DYBNN_X86
    {{"avx512", dybnn_fixed_bconv2d_avx512_vpopcntdq, dybnn_int8_conv2d_avx512_vnni, dybnn_int8_conv2d_float_avx512_vnni,
      dybnn_fixed_map_avx512_vnni, dybnn_fixed_pool_avx512_vnni, dybnn_fixed_gap_avx512, dybnn_fixed_concat_scalar,
      dybnn_quantize_avx512, dybnn_dequantize_scalar},
     has_vnni},
    {{"avx512bw", dybnn_fixed_bconv2d_avx512, dybnn_int8_conv2d_avx512, dybnn_int8_conv2d_float_avx512,
      dybnn_fixed_map_avx512, dybnn_fixed_pool_avx512, dybnn_fixed_gap_avx512, dybnn_fixed_concat_scalar,
      dybnn_quantize_avx512, dybnn_dequantize_scalar},
     NULL},
    {{"avx2", dybnn_fixed_bconv2d_avx2, dybnn_int8_conv2d_avx2, dybnn_int8_conv2d_float_avx2, dybnn_fixed_map_avx2,
      dybnn_fixed_pool_avx2, dybnn_fixed_gap_avx2, dybnn_fixed_concat_scalar, dybnn_quantize_avx2, dybnn_dequantize_scalar},
     NULL},
#endif
#if DYBNN_NEON
    {{"neon", dybnn_fixed_bconv2d_neon, dybnn_int8_conv2d_neon, dybnn_int8_conv2d_float_neon, dybnn_fixed_map_neon,
      dybnn_fixed_pool_neon, dybnn_fixed_gap_neon, dybnn_fixed_concat_scalar, dybnn_quantize_neon, dybnn_dequantize_scalar},
     NULL},
#endif
    {{"scalar", dybnn_fixed_bconv2d_scalar, dybnn_int8_conv2d_scalar, dybnn_int8_conv2d_float_scalar, dybnn_fixed_map_scalar,
      dybnn_fixed_pool_scalar, dybnn_fixed_gap_scalar, dybnn_fixed_concat_scalar, dybnn_quantize_scalar,
      dybnn_dequantize_scalar},
     NULL},
};

enum { SET_COUNT = (int)(sizeof sets / sizeof sets[0]) };

const dybnn_fixed_kernels *dybnn_find_fixed_kernels(const char *name) {
  int i;
  for (i = 0; i < SET_COUNT - 1; i++) {
    if (strcmp(sets[i].kernels.name, name) != 0) continue;
    if (!sets[i].supported || sets[i].supported()) break;
    name = "avx512bw"; /* further down; for popcounts or tiles without VNNI, which some hypervisor may make */
  }
  return &sets[i].kernels; /* the last is portable */
}
