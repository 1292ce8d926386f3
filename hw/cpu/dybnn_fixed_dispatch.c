/* dybnn_fixed_dispatch.c - the kernels of fixed16 for the sets of dybnn_dispatch.c, which makes the choice. */
#include <string.h>

#include "dybnn_fixed_sets.h"
#include "dybnn_targets.h"

static const dybnn_fixed_kernels sets[] = {
    /* name, bconv2d, int8_conv2d, int8_conv2d_float, map, pool, gap, concat, quantize, dequantize */
    {"scalar", dybnn_fixed_bconv2d_scalar, dybnn_int8_conv2d_scalar, dybnn_int8_conv2d_float_scalar, dybnn_fixed_map_scalar,
     dybnn_fixed_pool_scalar, dybnn_fixed_gap_scalar, dybnn_fixed_concat_scalar, dybnn_quantize_scalar, dybnn_dequantize_scalar},
};

enum { SET_COUNT = (int)(sizeof sets / sizeof sets[0]) };

const dybnn_fixed_kernels *dybnn_find_fixed_kernels(const char *name) {
  int i;
  for (i = 0; i < SET_COUNT - 1; i++)
    if (strcmp(sets[i].name, name) == 0) break;
  return &sets[i]; /* the last is portable */
}
