// dybnn_pool.hpp - clauses 13.2 and 13.3 on LANES channels: one pixel of the window an iteration.
//
// In: a word of the row buffer and whether it lies inside the map. Kept: the largest and the sum of each lane. Out: the pool's value.
#ifndef DYBNN_POOL_HPP
#define DYBNN_POOL_HPP

#include "dybnn_fixed.hpp"
#include "dybnn_types.hpp"

namespace dybnn {

// Windows of at most 2048 pixels: their sum has 16 + 11 bits, which one 27 x 18 multiplier takes.
constexpr int MOST_POOLED = 2048;
typedef ap_int<VALUE_BITS + log2_of(MOST_POOLED)> pool_sum;

// R and P of 13.2 for windows that reach over the edge and count what lies inside: a table up to 64 pixels.
constexpr int MOST_COUNTED = 64;

constexpr int reciprocal_shift(int n) { return n == 1 ? 16 : 16 + index_bits(n); }

constexpr int reciprocal_factor(int n) {
  return static_cast<int>(((std::int64_t(2) << reciprocal_shift(n)) + n) / (2 * n));  // floor(2^P / n + 1/2)
}

// Of 1 .. 64 pixels, at index count - 1: literals, so that they become a ROM, checked against the formula right below.
static constexpr int RECIPROCAL_FACTOR[MOST_COUNTED] = {
    65536, 65536, 87381, 65536, 104858, 87381, 74898, 65536, 116508, 104858, 95325, 87381,
    80660, 74898, 69905, 65536, 123362, 116508, 110376, 104858, 99864, 95325, 91181, 87381,
    83886, 80660, 77672, 74898, 72316, 69905, 67650, 65536, 127100, 123362, 119837, 116508,
    113360, 110376, 107546, 104858, 102300, 99864, 97542, 95325, 93207, 91181, 89241, 87381,
    85598, 83886, 82241, 80660, 79138, 77672, 76260, 74898, 73584, 72316, 71090, 69905,
    68759, 67650, 66576, 65536};
static constexpr int RECIPROCAL_SHIFT[MOST_COUNTED] = {
    16, 17, 18, 18, 19, 19, 19, 19, 20, 20, 20, 20, 20, 20, 20, 20, 21, 21, 21, 21, 21, 21, 21, 21,
    21, 21, 21, 21, 21, 21, 21, 21, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22,
    22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22};

constexpr bool reciprocals_are_right() {
  for (int n = 1; n <= MOST_COUNTED; ++n) {
    if (RECIPROCAL_FACTOR[n - 1] != reciprocal_factor(n) || RECIPROCAL_SHIFT[n - 1] != reciprocal_shift(n)) return false;
  }
  return true;
}
static_assert(reciprocals_are_right(), "R = floor(2^P / n + 1/2), P = 16 + ceil(log2 n)");

struct pool_reciprocal {
  ap_int<18> factor;   // R < 2^17: 2^16 for powers of two, else below twice that
  shift_amount shift;  // at most 16 + 11
};

inline pool_reciprocal reciprocal_of(const ap_uint<6> &count_less_one) {
#pragma HLS INLINE
  pool_reciprocal r;
  r.factor = RECIPROCAL_FACTOR[count_less_one];
  r.shift = RECIPROCAL_SHIFT[count_less_one];
  return r;
}

// 13.2: the product has 27 + 18 bits, and half of 2^27 fits beside it.
inline value averaged(const pool_sum &sum, const pool_reciprocal &r) {
#pragma HLS INLINE
  const ap_int<46> product = sum * r.factor;
  return saturate<46>(round_shift<46>(product, r.shift));
}

}  // namespace dybnn

#endif
