/* dybnn_fixed_gap.h - the end of a global average pool [13.1]: the one place where a map's integers become float32.
 *
 * In portable C, for some channels: all of a block, or the few that are left of a vector.
 */
#ifndef DYBNN_FIXED_GAP_H
#define DYBNN_FIXED_GAP_H

#include "dybnn_fixed_tail.h"

/* Channels c .. c + count - 1, at most sixteen. */
DYBNN_INLINE void fixed_gap_channels(const dybnn_fixed_gap_args *args, int32_t c, int32_t count) {
  int32_t sums[16];
  int32_t y, i;
  for (i = 0; i < count; i++) sums[i] = 0;
  for (y = 0; y < args->rows; y++) {
    const int32_t *row = args->row_sums + (ptrdiff_t)y * args->channels + c;
    for (i = 0; i < count; i++) sums[i] += row[i];
  }
  for (i = 0; i < count; i++) args->output[c + i] = (float)sums[i] * args->multiplier;
}

#endif
