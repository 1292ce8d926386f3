/* reference.h - the contract's clauses as naively as they are written, for the tests to compare the portable kernels with.
 *
 * In: plain arrays and the numbers of an ONNX node. Out: plain maps. Nothing here is shared with the kernels but the tail
 * struct, which says where a result goes.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "../dybnn_fixed_kernels.h"

typedef struct window {
  int32_t in_height, in_width, in_channels, channels;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  int32_t pad_top, pad_left, pad_bottom, pad_right;
} window;

int32_t output_height(const window *w);
int32_t output_width(const window *w);

/* signs: +1 or -1. input [in_height][in_width][in_channels], weights [channels][kernel_h][kernel_w][in_channels]. */
void reference_bconv2d(const window *w, const int8_t *input, const int8_t *weights, int32_t *dots);
/* weights [channels][kernel_h][kernel_w][in_channels / groups], bias [channels]. */
void reference_conv2d(const window *w, int32_t groups, const float *input, const float *weights, const float *bias,
                      float *values);
void reference_pool(const window *w, int32_t is_max, int32_t exclude_pad, const float *input, float *values);
float reference_exponential(float x);
float reference_function(dybnn_function function, float alpha, float beta, float x);
/* values [height][width][channels] through the tail, into whatever the tail points at. */
void reference_tail(const dybnn_tail *tail, const float *values);

/* ---- fixed16: clauses 11 to 14, in 64 bits where 32 are said to suffice ---- */

int64_t reference_rnd(int64_t v, int32_t shift);
int16_t reference_sat(int64_t v);
/* weights [channels][kernel_h][kernel_w][in_channels / groups]. */
void reference_int8_conv2d(const window *w, int32_t groups, const int16_t *input, const int8_t *weights, int32_t *sums);
void reference_fixed_pool(const window *w, int32_t is_max, int32_t exclude_pad, const int16_t *input, int32_t *values);
int16_t reference_quantize(float x, int32_t fraction);
/* values [height][width][channels], sums or a map's, through the tail, into whatever the tail points at. */
void reference_fixed_tail(const dybnn_fixed_tail *tail, const int32_t *values);

#endif
