/* dybnn_bconv2d_float_types.h - the names by which a binary convolution knows a float tail. */
#ifndef DYBNN_BCONV2D_FLOAT_TYPES_H
#define DYBNN_BCONV2D_FLOAT_TYPES_H

#include "dybnn_sets.h"
#include "dybnn_tail_simd.h"

typedef dybnn_bconv2d_args bconv_args;
typedef dybnn_tail bconv_tail;
typedef const dybnn_tail *bconv_plan;
typedef float bconv_value;

#define bconv_plan_of(tail) (tail)
#define bconv_border dybnn_tail_border
#define bconv_is_far tail_is_far
#define bconv_is_regular tail_is_regular
#define bconv_prefetch tail_prefetch
#define bconv_finish(plan, y, x, pixels, c, count, values) tail_strip(*(plan), y, x, pixels, c, count, values, STRIP_CHANNELS)

#endif
