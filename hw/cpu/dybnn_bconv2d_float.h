/* dybnn_bconv2d_float.h - a float tail for dybnn_bconv2d_simd.h: dots become floats, scale and all else are the tail's.
 *
 * The file that includes this brings
 *   b_store(values, base, present, mismatches)   base - 2 * mismatches for the tile's channels of one pixel, as floats; base
 *                                                has only `present` of them
 */
#ifndef DYBNN_BCONV2D_FLOAT_H
#define DYBNN_BCONV2D_FLOAT_H

#include "dybnn_bconv2d_float_types.h"

/* What a tile of `pixels` pixels counted, for the channels from `channel` on, c of the strip; base[p] + c is pixel p's n of [4.2]. */
DYBNN_INLINE void bconv_store(const bconv_plan *plan, int32_t channel, const int32_t pixels, const int32_t *const *base,
                              ptrdiff_t c, int32_t present, const b_word *totals, float *values) {
  int32_t p;
  (void)plan, (void)channel;
  DYBNN_UNROLL
  for (p = 0; p < pixels; p++)
    b_store(values + p * STRIP_CHANNELS, base[p] + c, present, b_mismatches(totals + p * (TILE_CHANNELS / B_LANES)));
}

#endif
