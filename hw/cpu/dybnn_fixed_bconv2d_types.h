/* dybnn_fixed_bconv2d_types.h - the names by which a binary convolution knows an int16 tail. */
#ifndef DYBNN_FIXED_BCONV2D_TYPES_H
#define DYBNN_FIXED_BCONV2D_TYPES_H

#include "dybnn_fixed_sets.h"
#include "dybnn_fixed_tail_simd.h"

typedef dybnn_fixed_bconv2d_args bconv_args;
typedef dybnn_fixed_tail bconv_tail;
typedef fixed_plan bconv_plan;
typedef int16_t bconv_value;

#define bconv_plan_of fixed_plan_of
#define bconv_border dybnn_fixed_tail_border
#define bconv_is_far fixed_is_far
#define bconv_is_regular fixed_is_regular
#define bconv_prefetch fixed_prefetch

#endif
