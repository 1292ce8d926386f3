/* dybnn_layout_simd.h - the three planes of a picture to pixels of three channels [2.1]: no arithmetic.
 *
 * As many bytes are written as read, so the bound is the bandwidth of copying; a vector of each plane becomes three of pixels in
 * registers, where single floats would be stored one a cycle. Other counts of channels are rare and left to the portable kernel.
 */
#ifndef DYBNN_LAYOUT_SIMD_H
#define DYBNN_LAYOUT_SIMD_H

#include "dybnn_sets.h"

static void channels_last_rows(const dybnn_layout_args *args, int32_t begin, int32_t end) {
  const ptrdiff_t plane = (ptrdiff_t)args->height * args->width;
  /* Rows follow one another without a gap on both sides. */
  const ptrdiff_t last = (ptrdiff_t)end * args->width;
  ptrdiff_t i = (ptrdiff_t)begin * args->width;
  if (args->channels != 3) {
    dybnn_to_channels_last_scalar(args, begin, end);
    return;
  }
  for (; i + V_LANES <= last; i += V_LANES) {
    const float *from = args->input + i;
    v_store_three(args->output + 3 * i, v_load(from), v_load(from + plane), v_load(from + 2 * plane));
  }
  for (; i < last; i++) {
    args->output[3 * i] = args->input[i];
    args->output[3 * i + 1] = args->input[plane + i];
    args->output[3 * i + 2] = args->input[2 * plane + i];
  }
}

#endif
