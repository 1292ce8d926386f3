/* dybnn_fixed_kernels.h - what a kernel of fixed16 is given and what it must compute (CONTRACT.md, clauses 11 to 14).
 *
 * Like dybnn_kernels.h, for maps of int16. `sat` clips to int16, `rnd(v, n)` is (v + 2^(n-1)) >> n, v itself for n = 0 [11.2].
 * Kernels of the float unit (dense layers, softmax) are those of dybnn_kernels.h.
 */
#ifndef DYBNN_FIXED_KERNELS_H
#define DYBNN_FIXED_KERNELS_H

#include "dybnn_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What happens to every value v of a map once it is computed (an accumulator, or a value of a map), in this order; a NULL
 * pointer leaves its step out. All of it, parameters included, has one fraction. */
typedef struct dybnn_fixed_tail {
  int32_t height, width, channels;

  int32_t entry_shift; /* v = sat(rnd(v, entry_shift))                                                       [12.1] */

  const int16_t *scale;  /* [channels]  v = sat(rnd(v * scale + offset, scale_shift)); fits int32            [12.2] */
  const int32_t *offset; /* [channels]  present where scale is */
  int32_t scale_shift;
  const int16_t *bias; /* [channels]  v = sat(v + bias)                                                      [12.2] */

  /* v = sat(v + rnd(z, shortcut_shift)), z at channel c mod shortcut_channels of a map of the same height and width; with
   * shortcut_pool 2: z = the sum of the 2x2 window at (2y, 2x), and shortcut_shift + 2. Rows have shortcut_width pixels. [12.3] */
  const int16_t *shortcut;
  int32_t shortcut_channels, shortcut_pool, shortcut_width, shortcut_shift;

  /* d = sat(v - gamma); v > gamma (prelu_ge: >=) ? sat(d + zeta) : sat(sat(rnd(d * slope, slope_shift)) + zeta)      [12.4]
   * slope NULL: no PReLU. gamma or zeta NULL: 0. */
  const int16_t *prelu_gamma, *prelu_slope, *prelu_zeta; /* [channels] */
  int32_t slope_shift, prelu_ge;

  int16_t *out;      /* the map, channels last; may be the memory of a map pass's input or of the shortcut as in dybnn_tail */
  int32_t *row_sums; /* [height][channels] exact sums of rows                                                [13.1] */

  uint64_t *bits; /* packed map with its border, as in dybnn_tail */
  const int16_t *threshold; /* [channels] bit = v >= threshold (threshold_gt: >)                             [12.5] */
  int32_t threshold_gt;
  int32_t bits_pitch, border_top, border_bottom, border_left, border_right;
} dybnn_fixed_tail;

/* Binary convolution [4.1] [4.2]: fields and units of dybnn_bconv2d_args. |dot| <= 32767; entry_shift is 0. */
typedef struct dybnn_fixed_bconv2d_args {
  const uint64_t *input;
  const uint64_t *weights;
  const int32_t *base;
  const uint8_t *row_class;
  const uint8_t *col_class;
  int32_t col_classes;
  int32_t in_channels;
  int32_t words;
  int32_t in_pitch;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  int32_t oc_groups, group_channels;
  dybnn_fixed_tail tail;
} dybnn_fixed_bconv2d_args;

/* Convolution of an int16 map with weights of 8 bits, exact in int32 [14.1]. Units: rows of the output.
 * A row of the kernel is `runs` runs of `length` values: one run of kernel_w * in_channels that lie side by side in memory where
 * conv_groups is 1 and dilation_w is 1, else kernel_w runs of in_channels / conv_groups. */
typedef struct dybnn_int8_conv2d_args {
  const int16_t *input;  /* [in_height][in_width][in_channels] */
  const int8_t *weights; /* [ceil(channels/16)][kernel_h][runs][ceil(length/2)][16][2], zeros where nothing is */
  int32_t in_height, in_width, in_channels;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int32_t conv_groups, runs, length;
  dybnn_fixed_tail tail;
} dybnn_int8_conv2d_args;

/* The same, then float32: v = fl(acc), then dybnn_tail [14.3]. Units: rows of the output. */
typedef struct dybnn_int8_conv2d_float_args {
  const int16_t *input;
  const int8_t *weights;
  int32_t in_height, in_width, in_channels;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int32_t conv_groups, runs, length;
  dybnn_tail tail;
} dybnn_int8_conv2d_float_args;

/* A pass over an int16 map: its tail. Units: rows. In place (tail.out == input) is allowed. */
typedef struct dybnn_fixed_map_args {
  const int16_t *input; /* [height][width][channels] */
  dybnn_fixed_tail tail;
} dybnn_fixed_map_args;

/* Max or average pool [13.2] [13.3]. Units: rows of the output. */
typedef struct dybnn_fixed_pool_args {
  const int16_t *input;
  int32_t in_height, in_width, channels;
  int32_t kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left;
  int32_t is_max;
  /* Average: v = sat(rnd(sum * reciprocal[2n], reciprocal[2n + 1])), 64 bits before rnd; n = kernel_h * kernel_w, or with
   * exclude_pad the number of pixels inside the input. */
  int32_t exclude_pad;
  const int32_t *reciprocal; /* [kernel_h * kernel_w + 1][2]; NULL for max */
  dybnn_fixed_tail tail;
} dybnn_fixed_pool_args;

/* The end of a global average pool: exact sums of rows -> float32 means, fl(fl(sum) * multiplier) [13.1]. Units: blocks of 16
 * channels. The sum over all rows fits int32. */
typedef struct dybnn_fixed_gap_args {
  const int32_t *row_sums; /* [rows][channels] */
  float *output;           /* [channels] */
  int32_t rows, channels;
  float multiplier;
} dybnn_fixed_gap_args;

/* Copies a map into a wider one as rnd(q, shift): output channel offset + c of each pixel [13.4]. Units: rows. */
typedef struct dybnn_fixed_concat_args {
  const int16_t *input;
  int16_t *output;
  int32_t height, width, channels, output_channels, offset, shift;
} dybnn_fixed_concat_args;

/* float32 -> int16 [11.3]: q = sat(floor(x * multiplier + 1/2)), exact before the floor; multiplier is 2^fraction. x is finite.
 * channels_first: the input is [channels][height][width], the output [height][width][channels]. Units: rows of the map. */
typedef struct dybnn_quantize_args {
  const float *input;
  int16_t *output;
  int32_t height, width, channels, channels_first;
  float multiplier;
} dybnn_quantize_args;

/* int16 -> float32: x = q * multiplier, exact; multiplier is 2^-fraction. channels_first: of the output. Units: rows. */
typedef struct dybnn_dequantize_args {
  const int16_t *input;
  float *output;
  int32_t height, width, channels, channels_first;
  float multiplier;
} dybnn_dequantize_args;

typedef struct dybnn_fixed_kernels {
  const char *name;
  dybnn_kernel *bconv2d, *int8_conv2d, *int8_conv2d_float, *map, *pool, *gap, *concat, *quantize, *dequantize;
} dybnn_fixed_kernels;

/* Defined in dybnn_fixed_dispatch.c: the row with the name of a row of dybnn_kernels. */
const dybnn_fixed_kernels *dybnn_find_fixed_kernels(const char *name);

#ifdef __cplusplus
}
#endif
#endif
