// dybnn_popcount.hpp - the number of ones in 64 bits, as a tree of 6:3 compressors.
//
// Six bits of one weight become three bits of weights 1, 2 and 4: three LUT6 with the same inputs. One level takes 64 bits to 33, the
// next works on each weight alone. 63 bits fill ten compressors and one of three; what is left are a few small adders.
#ifndef DYBNN_POPCOUNT_HPP
#define DYBNN_POPCOUNT_HPP

#include "dybnn_types.hpp"

namespace dybnn {

typedef ap_uint<7> ones_count;  // 0 .. 64

// One compressor: each of the three bits of the result is one LUT6.
inline ap_uint<3> count_six(const ap_uint<6> &bits) {
#pragma HLS INLINE
  const ap_uint<2> low = ap_uint<2>(bits[0] + bits[1] + bits[2]);
  const ap_uint<2> high = ap_uint<2>(bits[3] + bits[4] + bits[5]);
  return low + high;
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
