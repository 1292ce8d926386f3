/* dybnn_int8_conv2d.h - what the two argument structs of a convolution with weights of 8 bits have in common: all but the tail. */
#ifndef DYBNN_INT8_CONV2D_H
#define DYBNN_INT8_CONV2D_H

#include "dybnn_fixed_kernels.h"
#include "dybnn_targets.h"

/* Fields as in dybnn_int8_conv2d_args. */
typedef struct int8_window {
  const int16_t *input;
  const int8_t *weights;
  int32_t in_height, in_width, in_channels;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int32_t conv_groups, runs, length;
} int8_window;

#define DYBNN_INT8_WINDOW(a)                                                                                                  \
  {                                                                                                                           \
    (a)->input, (a)->weights, (a)->in_height, (a)->in_width, (a)->in_channels, (a)->kernel_h, (a)->kernel_w, (a)->stride_h,   \
        (a)->stride_w, (a)->dilation_h, (a)->dilation_w, (a)->pad_top, (a)->pad_left, (a)->conv_groups, (a)->runs,            \
        (a)->length                                                                                                           \
  }

DYBNN_INLINE int8_window int8_window_of(const dybnn_int8_conv2d_args *args) {
  const int8_window window = DYBNN_INT8_WINDOW(args);
  return window;
}
DYBNN_INLINE int8_window int8_float_window_of(const dybnn_int8_conv2d_float_args *args) {
  const int8_window window = DYBNN_INT8_WINDOW(args);
  return window;
}

#endif
