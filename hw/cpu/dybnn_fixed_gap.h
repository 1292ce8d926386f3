/* dybnn_fixed_gap.h - the end of a global average pool [13.1]: the one place where a map's integers become float32.
 *
 * A block of sixteen channels is a constant that every compiler makes vectors of, where it has them.
 */
#ifndef DYBNN_FIXED_GAP_H
#define DYBNN_FIXED_GAP_H

#include "dybnn_fixed_tail.h"

/* Channels c .. c + count - 1, at most sixteen. */
DYBNN_INLINE void fixed_gap_block(const dybnn_fixed_gap_args *args, int32_t c, const int32_t count) {
  int32_t sums[16];
  int32_t y, i;
  for (i = 0; i < count; i++) sums[i] = 0;
  for (y = 0; y < args->rows; y++) {
    const int32_t *row = args->row_sums + (ptrdiff_t)y * args->channels + c;
    for (i = 0; i < count; i++) sums[i] += row[i];
  }
  for (i = 0; i < count; i++) args->output[c + i] = (float)sums[i] * args->multiplier;
}

DYBNN_INLINE void fixed_gap_blocks(const dybnn_fixed_gap_args *args, int32_t begin, int32_t end) {
  int32_t c;
  for (c = begin * 16; c < dybnn_min(end * 16, args->channels); c += 16) {
    if (args->channels - c >= 16)
      fixed_gap_block(args, c, 16);
    else
      fixed_gap_block(args, c, args->channels - c);
  }
}

#endif
