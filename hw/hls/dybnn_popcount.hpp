// dybnn_popcount.hpp - the number of ones in 64 bits, as a tree of 6:3 compressors.
//
// Six bits of one weight become three bits of weights 1, 2 and 4: three LUT6 with the same inputs. One level takes 64 bits to 33, the
// next works on each weight alone. 63 bits fill ten compressors and one of three; what is left are a few small adders.
#ifndef DYBNN_POPCOUNT_HPP
#define DYBNN_POPCOUNT_HPP

#include "dybnn_types.hpp"

namespace dybnn {

typedef ap_uint<7> ones_count;  // 0 .. 64

// One compressor, as logic so that no carry chain is made of it: each of the three bits of the result is a function of the same six.
inline ap_uint<3> count_six(const ap_uint<6> &bits) {
#pragma HLS INLINE
  const bool a = bits[0], b = bits[1], c = bits[2], d = bits[3], e = bits[4], f = bits[5];
  const bool low_sum = a ^ b ^ c;
  const bool low_carry = (a && b) || (a && c) || (b && c);
  const bool high_sum = d ^ e ^ f;
  const bool high_carry = (d && e) || (d && f) || (e && f);
  const bool carry = low_sum && high_sum;
  ap_uint<3> count = 0;
  count[0] = low_sum ^ high_sum;
  count[1] = low_carry ^ high_carry ^ carry;
  count[2] = (low_carry && high_carry) || (low_carry && carry) || (high_carry && carry);
  return count;
}

// Ones among 12 bits: two compressors.
inline ap_uint<4> count_twelve(const ap_uint<12> &bits) {
#pragma HLS INLINE
  const ap_uint<6> low = bits(5, 0);
  const ap_uint<6> high = bits(11, 6);
  return count_six(low) + count_six(high);
}

inline ones_count compressor_tree(const ap_uint<64> &bits) {
#pragma HLS INLINE
  constexpr int SIXES = 11;  // 66 bits, the last two are 0
  ap_uint<66> padded = bits;
  ap_uint<12> ones = 0;  // of weight 1, 2 and 4: one bit of each compressor, and a 0 that fills the second level's
  ap_uint<12> twos = 0;
  ap_uint<12> fours = 0;
first_level:
  for (int i = 0; i < SIXES; ++i) {
#pragma HLS UNROLL
    const ap_uint<6> six = padded(6 * i + 5, 6 * i);
    const ap_uint<3> count = count_six(six);
    ones[i] = count[0];
    twos[i] = count[1];
    fours[i] = count[2];
  }
  const ones_count of_ones = count_twelve(ones);    // at most 11
  const ones_count of_twos = count_twelve(twos);    // at most 11, times 2
  const ones_count of_fours = count_twelve(fours);  // at most 11, times 4; all together at most 64
  return of_ones + (of_twos << 1) + (of_fours << 2);
}

// Simulation asks the processor; the bench holds the tree to it.
inline ones_count popcount(const ap_uint<64> &bits) {
#pragma HLS INLINE
#ifdef DYBNN_SIMULATION
  return __builtin_popcountll(bits.to_uint64());
#else
  return compressor_tree(bits);
#endif
}

}  // namespace dybnn

#endif
