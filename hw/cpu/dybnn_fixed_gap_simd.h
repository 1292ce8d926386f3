/* dybnn_fixed_gap_simd.h - the end of a global average pool with channels in lanes [13.1].
 *
 * The file that includes this brings dybnn_simd_*.h and dybnn_fixed_simd_*.h, whose vectors of floats and of int32 are equally long.
 */
#ifndef DYBNN_FIXED_GAP_SIMD_H
#define DYBNN_FIXED_GAP_SIMD_H

#include "dybnn_fixed_gap.h"

/* Sums stay in registers from the first row to the last. */
static void fixed_gap_range(const dybnn_fixed_gap_args *args, int32_t begin, int32_t end) {
  const int32_t last = dybnn_min(end * 16, args->channels);
  const v_float multiplier = v_all(args->multiplier);
  int32_t c, y;
  for (c = begin * 16; c + V_LANES <= last; c += V_LANES) {
    const int32_t *at = args->row_sums + c;
    i_vec sum = i_load(at);
    for (y = 1; y < args->rows; y++) {
      at += args->channels;
      sum = i_add(sum, i_load(at));
    }
    v_store(args->output + c, v_mul(v_from_ints(sum), multiplier));
  }
  if (c < last) fixed_gap_channels(args, c, last - c);
}

#endif
