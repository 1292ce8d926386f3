/* dybnn_popcount.h - number of ones in a 64-bit word, and sums of many.
 *
 * With a POPCNT instruction the compiler's builtin is best. Without one the builtin is a library call, so words are counted in
 * parts: dybnn_byte_counts leaves a count of 0..8 in each byte, up to 31 of those add without overflow, and one
 * dybnn_sum_of_bytes ends the sum. Loops over both vectorize on plain SSE2 or VSX.
 */
#ifndef DYBNN_POPCOUNT_H
#define DYBNN_POPCOUNT_H

#include <stdint.h>

#include "dybnn_targets.h"

#if (defined(__GNUC__) || defined(__clang__)) && \
    (defined(__POPCNT__) || defined(__aarch64__) || defined(__riscv_zbb) || defined(__POWERPC64__) || defined(__s390x__))
#define DYBNN_HAS_POPCOUNT 1
#else
#define DYBNN_HAS_POPCOUNT 0
#endif

DYBNN_INLINE uint64_t dybnn_byte_counts(uint64_t word) {
  const uint64_t ones = UINT64_C(0x5555555555555555);
  const uint64_t twos = UINT64_C(0x3333333333333333);
  const uint64_t fours = UINT64_C(0x0f0f0f0f0f0f0f0f);
  word = word - ((word >> 1) & ones);
  word = (word & twos) + ((word >> 2) & twos);
  return (word + (word >> 4)) & fours;
}

/* Sum of the eight bytes; at most 31 * 8 in each. */
DYBNN_INLINE int32_t dybnn_sum_of_bytes(uint64_t bytes) {
  const uint64_t pairs = UINT64_C(0x00ff00ff00ff00ff);
  const uint64_t halves = (bytes & pairs) + ((bytes >> 8) & pairs);
  return (int32_t)((halves * UINT64_C(0x0001000100010001)) >> 48);
}

DYBNN_INLINE int32_t dybnn_popcount64(uint64_t word) {
#if DYBNN_HAS_POPCOUNT
  return (int32_t)__builtin_popcountll(word);
#else
  return dybnn_sum_of_bytes(dybnn_byte_counts(word));
#endif
}

#endif
