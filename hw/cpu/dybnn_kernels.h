/* dybnn_kernels.h - what a kernel is given and what it must compute.
 *
 * One contract, many instruction sets: every kernel of one operation takes the same argument struct and leaves the same bits
 * (CONTRACT.md; clauses are cited as [4.2]). C99, also valid C++11. No allocation, no globals that change, no recursion.
 *
 * A kernel is called as kernel(args, begin, end) and does the units begin <= u < end of its work. Units are independent: they
 * may be done in any order and by any thread, and the bits do not depend on it.
 */
#ifndef DYBNN_KERNELS_H
#define DYBNN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "dybnn_arithmetic.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void dybnn_kernel(const void *args, int32_t begin, int32_t end);

/* Functions of clause 9. */
typedef enum dybnn_function {
  DYBNN_NONE = 0,
  DYBNN_RELU,
  DYBNN_CLIP,         /* alpha = lo, beta = hi */
  DYBNN_HARD_SIGMOID, /* alpha, beta */
  DYBNN_HARD_SWISH,
  DYBNN_SIGMOID,
  DYBNN_SWISH,
  DYBNN_NEGATE
} dybnn_function;

/* What happens to every value of a map once it is computed, in this order; a NULL pointer leaves its step out.
 * The map has `height` x `width` pixels of `channels` channels. */
typedef struct dybnn_tail {
  int32_t height, width, channels;

  const float *scale; /* [channels]  v = fl(v * scale)                                          [4.4] [5.3] */
  const float *bias;  /* [channels]  v = fl(v + bias)                                           [4.4] [5.3] */

  /* v = fl(v + z), z from a map of shortcut_channels channels, read at channel c mod shortcut_channels.       [5.1]
   * shortcut_pool 1: same height and width. 2: z = fl(((0 + r0) + r1) * 0.25), r = (0 + v) + v' of each row of the 2x2
   * window at (2y, 2x) [6.1] [6.2], so four -0 give +0 here as in an average pool; rows of the shortcut map then have shortcut_width pixels. */
  const float *shortcut;
  int32_t shortcut_channels, shortcut_pool, shortcut_width;

  /* d = fl(v - gamma); v > gamma (prelu_ge: >=) ? fl(d + zeta) : fl(fl(slope * d) + zeta)                      [5.2]
   * slope NULL: no PReLU. gamma or zeta NULL: that step is left out. */
  const float *prelu_gamma, *prelu_slope, *prelu_zeta; /* [channels] */
  int32_t prelu_ge;

  /* The map, channels last [2.1]. May be the very memory of the input of a map pass, or of a shortcut with shortcut_pool 1 and
   * shortcut_channels == channels (each element is read before it is written): no restrict on these three. */
  float *out;

  /* row_sums[y*channels + c] = ((0 + v(y,0,c)) + v(y,1,c)) + ...                                                [6.1] */
  float *row_sums;

  /* Packed map [2.2] with a border of zero words: pixel (y, x) at bits + ((y + border_top) * bits_pitch) +
   * (x + border_left) * words, words = ceil(channels/64), bits_pitch = (border_left + width + border_right) * words.
   * The unit that holds row y writes that row's left and right border, that of row 0 the top border rows too, that of the
   * last row the bottom ones (all of a unit's own words only, see oc_groups). */
  uint64_t *bits;
  const float *threshold; /* [channels] bit = v >= threshold (threshold_gt: >)                                   [3.1] */
  int32_t threshold_gt;
  int32_t bits_pitch, border_top, border_bottom, border_left, border_right;
} dybnn_tail;

/* Binary convolution [4]. Units: oc_groups * tail.height; unit u = group * tail.height + y. */
typedef struct dybnn_bconv2d_args {
  const uint64_t *input; /* packed map with its border, as dybnn_tail.bits: origin at the border's first word */
  /* [ceil(channels/8)][kernel_h * kernel_w * words][8]: eight output channels interleave; absent channels are zero words.
   * Word k of a channel is word k mod words of tap k / words, taps in row-major order [2.3]. */
  const uint64_t *weights;
  /* [row_classes * col_classes][8 * ceil(channels/8)]: n of [4.2] for each border class and output channel. */
  const int32_t *base;
  const uint8_t *row_class; /* [tail.height] */
  const uint8_t *col_class; /* [tail.width] */
  int32_t col_classes;
  int32_t in_channels;
  int32_t words;    /* ceil(in_channels / 64) */
  int32_t in_pitch; /* words from one row of the input to the next */
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  /* Output channels are split in groups of group_channels (a multiple of 64, the last may be shorter). */
  int32_t oc_groups, group_channels;
  dybnn_tail tail; /* channels, height, width are the output's */
} dybnn_bconv2d_args;

/* Float convolution [7]. Units: rows of the output. */
typedef struct dybnn_conv2d_args {
  const float *input;   /* [in_height][in_width][in_channels] */
  const float *weights; /* [ceil(channels/16)][kernel_h][kernel_w][in_channels / conv_groups][16], zeros for absent channels */
  const float *acc;     /* [16 * ceil(channels/16)] where the accumulators start [7.1] */
  int32_t in_height, in_width, in_channels;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int32_t conv_groups; /* ONNX's group */
  dybnn_tail tail;
} dybnn_conv2d_args;

/* Dense layer [7]. Units: blocks of 16 outputs. */
typedef struct dybnn_dense_args {
  const float *input;   /* [inputs] */
  const float *weights; /* [ceil(outputs/16)][inputs][16], zeros for absent outputs */
  const float *acc;     /* [16 * ceil(outputs/16)] */
  float *output;        /* [outputs] */
  int32_t inputs, outputs;
  dybnn_function function; /* applied to each output [9] */
  float alpha, beta;
} dybnn_dense_args;

/* A pass over a map: function, then tail. Units: rows. In place (tail.out == input) is allowed. */
typedef struct dybnn_map_args {
  const float *input; /* [height][width][channels] */
  dybnn_function function;
  float alpha, beta;
  dybnn_tail tail;
} dybnn_map_args;

/* Max or average pool [6]. Units: rows of the output. */
typedef struct dybnn_pool_args {
  const float *input;
  int32_t in_height, in_width, channels;
  int32_t kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left;
  int32_t is_max;
  /* Average: multiplier where all kernel_h * kernel_w pixels count [6.2]; exclude_pad: 1/count of those inside instead,
   * looked up in reciprocal[count]. */
  float multiplier;
  const float *reciprocal; /* NULL: multiplier for every window */
  dybnn_tail tail;
} dybnn_pool_args;

/* The end of a global average pool: sums of rows -> mean [6]. Units: blocks of 16 channels. */
typedef struct dybnn_gap_args {
  const float *row_sums; /* [rows][channels] */
  float *output;         /* [channels] */
  int32_t rows, channels;
  float multiplier;
} dybnn_gap_args;

/* Copies a map into a wider one: output channel offset + c of each pixel. Units: rows. */
typedef struct dybnn_concat_args {
  const float *input;
  float *output;
  int32_t height, width, channels, output_channels, offset;
} dybnn_concat_args;

/* Channels first to channels last, or back [2.1]. Units: rows. */
typedef struct dybnn_layout_args {
  const float *input;
  float *output;
  int32_t height, width, channels;
} dybnn_layout_args;

/* Softmax over a vector [9.5]. One unit. */
typedef struct dybnn_softmax_args {
  const float *input;
  float *output;
  int32_t count;
} dybnn_softmax_args;

/* A packed map as floats of -1 and +1, for operators that stay float. Units: rows. The same for every instruction set. */
typedef struct dybnn_unpack_args {
  const uint64_t *input; /* the first word inside the border */
  float *output;         /* [height][width][channels] */
  int32_t height, width, channels, in_pitch; /* words from one row to the next */
} dybnn_unpack_args;

dybnn_kernel dybnn_unpack;

/* One kernel of every operation for one instruction set. Where a set has nothing of its own the scalar kernel stands. */
typedef struct dybnn_kernels {
  const char *name;
  dybnn_kernel *bconv2d, *conv2d, *dense, *map, *pool, *gap, *concat, *to_channels_last, *to_channels_first, *softmax;
} dybnn_kernels;

/* Defined in dybnn_dispatch.c. The best set that this processor has (the choice is made once per call, from the CPU's own
 * word, and kept nowhere). */
const dybnn_kernels *dybnn_select_kernels(void);
/* By name ("scalar", "avx2", "avx512", ...): NULL if it was not compiled in or the processor lacks it. */
const dybnn_kernels *dybnn_find_kernels(const char *name);
/* Row `index` of the table of compiled sets, best first, whether or not the processor has it; NULL past the last. */
const dybnn_kernels *dybnn_kernels_at(int32_t index);

#ifdef __cplusplus
}
#endif
#endif
