// dybnn_fixed.hpp - clause 11.2: the one saturation and the one rounding of fixed16.
//
// In: integers of W bits. Out: what src/contract/fixed.ts computes, in hardware an adder, a barrel shifter and a comparison of
// the upper bits.
#ifndef DYBNN_FIXED_HPP
#define DYBNN_FIXED_HPP

#include "dybnn_types.hpp"

namespace dybnn {

typedef ap_uint<5> shift_amount;  // at most 18: a pooled shortcut of k = 16

// sat: to 16 bits. All bits above the sign of the result must equal it.
template <int W>
value saturate(const ap_int<W> &v) {
#pragma HLS INLINE
  const ap_int<W> most = 32767;
  const ap_int<W> least = -32768;
  return v > most ? value(32767) : v < least ? value(-32768) : value(v);
}

// 2^(n-1), or 0 for n = 0: what rnd adds. Where n is a step's it is made once for all lanes.
typedef ap_uint<19> rounding;
inline rounding half_of(const shift_amount &n) {
#pragma HLS INLINE
  const ap_uint<20> one = 1;
  return ap_uint<20>(one << n) >> 1;
}

// rnd: floor((v + 2^(n-1)) / 2^n), or v for n = 0. The caller's W holds the sum.
template <int W>
ap_int<W> round_shift(const ap_int<W> &v, const shift_amount &n, const ap_int<W> &half) {
#pragma HLS INLINE
  const ap_int<W> sum = v + half;
  return sum >> n;
}

template <int W>
ap_int<W> round_shift(const ap_int<W> &v, const shift_amount &n) {
#pragma HLS INLINE
  const ap_int<W> one = 1;
  const ap_int<W> half = ap_int<W>(one << n) >> 1;
  return round_shift<W>(v, n, half);
}

}  // namespace dybnn

#endif
