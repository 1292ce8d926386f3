/* dybnn_dispatch.c - the table of instruction sets, best first, and the choice among them.
 *
 * To add a kernel: one .c file, its name in dybnn_sets.h, and its place in a row here. Tests and benchmarks walk this table.
 */
#include <string.h>

#include "dybnn_sets.h"
#include "dybnn_targets.h"

typedef struct dybnn_set {
  dybnn_kernels kernels;
  int (*supported)(void); /* by this processor and its operating system */
} dybnn_set;

static int always(void) { return 1; }

#if DYBNN_X86
/* The builtin asks CPUID, and XGETBV whether the operating system keeps the wide registers. */
static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"); }
static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
static int has_avx512_vpopcntdq(void) { return has_avx512() && __builtin_cpu_supports("avx512vpopcntdq"); }
#endif

#if DYBNN_AMX
static int has_amx(void) {
  return has_avx512_vpopcntdq() && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("gfni") && dybnn_amx_usable();
}
#endif

static const dybnn_set sets[] = {
    /* name, bconv2d, conv2d, dense, map, pool, gap, concat, to_channels_last, to_channels_first, softmax */
#if DYBNN_AMX
    {{"amx", dybnn_bconv2d_amx, dybnn_conv2d_avx512, dybnn_dense_avx512, dybnn_map_avx512, dybnn_pool_avx512,
      dybnn_gap_avx512, dybnn_concat_scalar, dybnn_to_channels_last_avx512, dybnn_to_channels_first_scalar,
      dybnn_softmax_scalar},
     has_amx},
#endif
#if DYBNN_X86
    {{"avx512", dybnn_bconv2d_avx512_vpopcntdq, dybnn_conv2d_avx512, dybnn_dense_avx512, dybnn_map_avx512, dybnn_pool_avx512,
      dybnn_gap_avx512, dybnn_concat_scalar, dybnn_to_channels_last_avx512, dybnn_to_channels_first_scalar,
      dybnn_softmax_scalar},
     has_avx512_vpopcntdq},
    {{"avx512bw", dybnn_bconv2d_avx512, dybnn_conv2d_avx512, dybnn_dense_avx512, dybnn_map_avx512, dybnn_pool_avx512,
      dybnn_gap_avx512, dybnn_concat_scalar, dybnn_to_channels_last_avx512, dybnn_to_channels_first_scalar,
      dybnn_softmax_scalar},
     has_avx512},
    {{"avx2", dybnn_bconv2d_avx2, dybnn_conv2d_avx2, dybnn_dense_avx2, dybnn_map_avx2, dybnn_pool_avx2, dybnn_gap_avx2,
      dybnn_concat_scalar, dybnn_to_channels_last_avx2, dybnn_to_channels_first_scalar, dybnn_softmax_scalar},
     has_avx2},
#endif
#if DYBNN_NEON
    {{"neon", dybnn_bconv2d_neon, dybnn_conv2d_neon, dybnn_dense_neon, dybnn_map_neon, dybnn_pool_neon, dybnn_gap_neon,
      dybnn_concat_scalar, dybnn_to_channels_last_neon, dybnn_to_channels_first_scalar, dybnn_softmax_scalar},
     always}, /* a part of AArch64 */
#endif
    {{"scalar", dybnn_bconv2d_scalar, dybnn_conv2d_scalar, dybnn_dense_scalar, dybnn_map_scalar, dybnn_pool_scalar,
      dybnn_gap_scalar, dybnn_concat_scalar, dybnn_to_channels_last_scalar, dybnn_to_channels_first_scalar,
      dybnn_softmax_scalar},
     always},
};

enum { SET_COUNT = (int)(sizeof sets / sizeof sets[0]) };

const dybnn_kernels *dybnn_kernels_at(int32_t index) {
  return index >= 0 && index < SET_COUNT ? &sets[index].kernels : NULL;
}

const dybnn_kernels *dybnn_select_kernels(void) {
  int i;
  for (i = 0; i < SET_COUNT - 1; i++)
    if (sets[i].supported()) break;
  return &sets[i].kernels;
}

const dybnn_kernels *dybnn_find_kernels(const char *name) {
  int i;
  for (i = 0; i < SET_COUNT; i++)
    if (strcmp(sets[i].kernels.name, name) == 0) return sets[i].supported() ? &sets[i].kernels : NULL;
  return NULL;
}
