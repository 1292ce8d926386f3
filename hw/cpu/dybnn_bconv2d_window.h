/* dybnn_bconv2d_window.h - sizes of what a binary convolution reads. */
#ifndef DYBNN_BCONV2D_WINDOW_H
#define DYBNN_BCONV2D_WINDOW_H

/* Words of a window. */
DYBNN_INLINE int32_t bconv_window_words(const bconv_args *args) { return args->kernel_h * args->kernel_w * args->words; }

/* Columns of the input that so many pixels of a row depend on. */
DYBNN_INLINE int32_t bconv_columns_under(const bconv_args *args, int32_t pixels) {
  return (pixels - 1) * args->stride_w + (args->kernel_w - 1) * args->dilation_w + 1;
}

/* Those of a whole row; the map's border may be wider, and the input start inside of it. */
DYBNN_INLINE int32_t bconv_input_columns(const bconv_args *args) { return bconv_columns_under(args, args->tail.width); }

#endif
