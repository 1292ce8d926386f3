/* dybnn_bconv2d_plain.h - binary convolution in portable C [4], for any tail.
 *
 * In: a packed map with its border of zero words. Out: what the tail asks for. Keeps true: the integers are exact; a border
 * word counts as zeros, and `base` holds the correction for it, so no tap is treated specially [4.2].
 *
 * The file that includes this brings
 *   bconv_args, bconv_tail, bconv_value    the argument struct, its tail, and what that takes: float or int32_t
 *   bconv_border(tail, y, first, last)     the border of the packed map that belongs to a row
 *   bconv_finish(tail, y, x, c, count, values)   the values of at most DYBNN_TAIL_CHANNELS channels of a pixel
 */
#ifndef DYBNN_BCONV2D_PLAIN_H
#define DYBNN_BCONV2D_PLAIN_H

#include "dybnn_popcount.h"

/* mismatches[j] = popcount(w xor a) over all taps, for the eight channels whose weights interleave; `window` is the first
 * word of the first tap. */
static void count_mismatches(const bconv_args *args, const uint64_t *window, const uint64_t *weights,
                             int32_t *DYBNN_RESTRICT mismatches) {
  uint64_t partial[8] = {0, 0, 0, 0, 0, 0, 0, 0};
#if !DYBNN_HAS_POPCOUNT
  int32_t pending = 0;
#endif
  int32_t ky, kx, k, j;
  for (j = 0; j < 8; j++) mismatches[j] = 0;
  for (ky = 0; ky < args->kernel_h; ky++) {
    for (kx = 0; kx < args->kernel_w; kx++) {
      const uint64_t *tap = window + (ptrdiff_t)(ky * args->dilation_h) * args->in_pitch +
                            (ptrdiff_t)(kx * args->dilation_w) * args->words;
      for (k = 0; k < args->words; k++, weights += 8) {
        const uint64_t a = tap[k];
#if DYBNN_HAS_POPCOUNT
        for (j = 0; j < 8; j++) partial[j] += (uint64_t)dybnn_popcount64(a ^ weights[j]);
#else
        for (j = 0; j < 8; j++) partial[j] += dybnn_byte_counts(a ^ weights[j]);
        if (++pending == 31) {
          for (j = 0; j < 8; j++) {
            mismatches[j] += dybnn_sum_of_bytes(partial[j]);
            partial[j] = 0;
          }
          pending = 0;
        }
#endif
      }
    }
  }
  for (j = 0; j < 8; j++) {
#if DYBNN_HAS_POPCOUNT
    mismatches[j] = (int32_t)partial[j];
#else
    mismatches[j] += dybnn_sum_of_bytes(partial[j]);
#endif
  }
}

static void bconv_units(const bconv_args *args, int32_t begin, int32_t end) {
  const bconv_tail *tail = &args->tail;
  const ptrdiff_t block_words = (ptrdiff_t)8 * args->kernel_h * args->kernel_w * args->words;
  const ptrdiff_t base_channels = (tail->channels + 7) / 8 * 8;
  int32_t unit;
  for (unit = begin; unit < end; unit++) {
    const int32_t first = unit / tail->height * args->group_channels;
    const int32_t last = dybnn_min(first + args->group_channels, tail->channels);
    const int32_t y = unit % tail->height;
    const uint64_t *row = args->input + (ptrdiff_t)(y * args->stride_h) * args->in_pitch;
    int32_t x, c, b, j;
    bconv_border(tail, y, first, last);
    for (x = 0; x < tail->width; x++) {
      const uint64_t *window = row + (ptrdiff_t)(x * args->stride_w) * args->words;
      const int32_t *base = args->base + (args->row_class[y] * args->col_classes + args->col_class[x]) * base_channels;
      for (c = first; c < last; c += DYBNN_TAIL_CHANNELS) {
        const int32_t count = dybnn_min(last - c, DYBNN_TAIL_CHANNELS);
        bconv_value values[DYBNN_TAIL_CHANNELS];
        for (b = 0; b < count; b += 8) {
          int32_t mismatches[8];
          count_mismatches(args, window, args->weights + (c + b) / 8 * block_words, mismatches);
          for (j = 0; j < 8; j++) values[b + j] = (bconv_value)(base[c + b + j] - 2 * mismatches[j]);
        }
        bconv_finish(tail, y, x, c, count, values);
      }
    }
  }
}

#endif
