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
typedef ap_int<VALUE_BITS + 11> pool_sum;

// R and P of 13.2 for windows that reach over the edge and count what lies inside: a table up to 64 pixels.
constexpr int MOST_COUNTED = 64;

constexpr int reciprocal_shift(int n) { return n <= 1 ? 16 : 1 + reciprocal_shift(divide_up(n, 2)); }

constexpr int reciprocal_factor(int n) {
  return static_cast<int>(((std::int64_t(2) << reciprocal_shift(n)) + n) / (2 * n));  // floor(2^P / n + 1/2)
}

// Of 1 .. 64 pixels, at index count - 1.
struct reciprocal_table {
  int factor[MOST_COUNTED];
  int shift[MOST_COUNTED];
  constexpr reciprocal_table() : factor(), shift() {
    for (int i = 0; i < MOST_COUNTED; ++i) {
      factor[i] = reciprocal_factor(i + 1);
      shift[i] = reciprocal_shift(i + 1);
    }
  }
};

struct pool_reciprocal {
  ap_int<18> factor;   // R < 2^17: 2^16 for powers of two, else below twice that
  shift_amount shift;  // at most 16 + 11
};

inline pool_reciprocal reciprocal_of(const ap_uint<6> &count_less_one) {
#pragma HLS INLINE
  static constexpr reciprocal_table TABLE;
  pool_reciprocal r;
  r.factor = TABLE.factor[count_less_one];
  r.shift = TABLE.shift[count_less_one];
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
