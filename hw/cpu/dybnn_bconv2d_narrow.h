/* dybnn_bconv2d_narrow.h - binary convolution of a map with few channels: several taps of a window in one word [4.2].
 *
 * A word has 64 channels; where a map has 32 at most, half of it and more is empty, and so is half of every popcount. So a word
 * takes 2, 4 or 8 taps of 32, 16 or 8 channels, in the order of the taps, from all rows of the kernel. For a row of the output
 * there is a plane [word of the window][pixel]; it reads like the rows of a kernel of one word's width, and so does the convolution of it:
 * only the arguments change. Absent channels are zero on both sides as before, and the mismatches are the same.
 */
#ifndef DYBNN_BCONV2D_NARROW_H
#define DYBNN_BCONV2D_NARROW_H

#include "dybnn_bconv2d_window.h"

#define NARROW_PLANE_WORDS 2048  /* 16 KiB of stack for a row's planes */
#define NARROW_WEIGHT_WORDS 2048 /* 16 KiB for the weights, in the same order */

/* Bits of a word that a tap takes. */
DYBNN_INLINE int32_t narrow_bits(const bconv_args *args) {
  return args->in_channels <= 8 ? 8 : args->in_channels <= 16 ? 16 : args->in_channels <= 32 ? 32 : 64;
}

/* Words of a window, then. */
DYBNN_INLINE int32_t narrow_words(const bconv_args *args) {
  const int32_t taps = 64 / narrow_bits(args);
  return (bconv_window_words(args) + taps - 1) / taps;
}

/* Is there something to gain, and room? */
DYBNN_INLINE int narrow_fits(const bconv_args *args) {
  const int32_t words = narrow_words(args);
  return words < bconv_window_words(args) && words * args->tail.width <= NARROW_PLANE_WORDS &&
         words * ((args->tail.channels + 7) / 8 * 8) <= NARROW_WEIGHT_WORDS;
}

/* The arguments of the same convolution over planes; they go for every row of the output, once it is in the planes. */
DYBNN_INLINE void narrow_begin(const bconv_args *args, const uint64_t *planes, uint64_t *weights, bconv_args *narrow) {
  const int32_t bits = narrow_bits(args), words = narrow_words(args), taps = args->kernel_h * args->kernel_w;
  const int32_t blocks = (args->tail.channels + 7) / 8;
  int32_t block, t, i;
  memset(weights, 0, (size_t)(blocks * words * 8) * sizeof *weights);
  for (block = 0; block < blocks; block++)
    for (t = 0; t < taps; t++)
      for (i = 0; i < 8; i++)
        weights[(block * words + t * bits / 64) * 8 + i] |= args->weights[(block * taps + t) * 8 + i] << t * bits % 64;
  *narrow = *args;
  narrow->input = planes;
  narrow->weights = weights;
  narrow->words = 1;
  narrow->in_channels = 64;
  narrow->in_pitch = args->tail.width;
  narrow->kernel_h = words;
  narrow->kernel_w = narrow->stride_w = narrow->dilation_h = narrow->dilation_w = 1;
  narrow->stride_h = 0; /* every row lies in the same planes */
}

/* Row y of the output to the planes. */
DYBNN_INLINE void narrow_row(const bconv_args *args, int32_t y, uint64_t *planes) {
  const int32_t bits = narrow_bits(args), taps = args->kernel_h * args->kernel_w, width = args->tail.width;
  int32_t t, x;
  for (t = 0; t < taps; t++) {
    const uint64_t *from = args->input + (ptrdiff_t)(y * args->stride_h + t / args->kernel_w * args->dilation_h) * args->in_pitch +
                           t % args->kernel_w * args->dilation_w;
    uint64_t *DYBNN_RESTRICT to = planes + (ptrdiff_t)(t * bits / 64) * width;
    const int32_t shift = t * bits % 64, stride = args->stride_w;
    if (shift == 0)
      for (x = 0; x < width; x++) to[x] = from[(ptrdiff_t)x * stride];
    else
      for (x = 0; x < width; x++) to[x] |= from[(ptrdiff_t)x * stride] << shift;
  }
}

#endif
