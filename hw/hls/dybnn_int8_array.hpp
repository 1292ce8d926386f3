// dybnn_int8_array.hpp - INT8_PE x INT8_SIMD products of a map's values with 8-bit weights: clause 14.1.
//
// In, each iteration: INT8_SIMD values, and a row of weights [INT8_PE][INT8_SIMD]. Kept: INT8_PE sums, exact in 32 bits because the compiler made an
// output's weights so that the sum of their sizes is at most 65535: 65535 * 2^15 < 2^31.
#ifndef DYBNN_INT8_ARRAY_HPP
#define DYBNN_INT8_ARRAY_HPP

#include "dybnn_types.hpp"

namespace dybnn {

// One row of the weights: words of the memories side by side.
template <class C>
void int8_weights_of(const word<C> (&row)[constants<C>::INT8_ROW_WORDS], ap_int<8> (&weights)[C::INT8_PE][C::INT8_SIMD]) {
#pragma HLS INLINE
  constexpr int BYTES = constants<C>::WORD_BITS / 8;
outputs:
  for (int o = 0; o < C::INT8_PE; ++o) {
#pragma HLS UNROLL
  inputs:
    for (int i = 0; i < C::INT8_SIMD; ++i) {
#pragma HLS UNROLL
      weights[o][i] = lane_of<8>(row[(o * C::INT8_SIMD + i) / BYTES], (o * C::INT8_SIMD + i) % BYTES);
    }
  }
}

// A product has 23 bits, the sum of INT8_SIMD of them log2(INT8_SIMD) more; the feedback is one 32-bit adder.
template <class C>
void int8_accumulate(const ap_int<8> (&weights)[C::INT8_PE][C::INT8_SIMD], const value (&values)[C::INT8_SIMD], bool first,
                     accumulator (&sums)[C::INT8_PE]) {
#pragma HLS INLINE
outputs:
  for (int o = 0; o < C::INT8_PE; ++o) {
#pragma HLS UNROLL
    ap_int<24 + log2_of(C::INT8_SIMD)> sum = 0;
  inputs:
    for (int i = 0; i < C::INT8_SIMD; ++i) {
#pragma HLS UNROLL
      sum += weights[o][i] * values[i];
    }
    const accumulator before = first ? accumulator(0) : sums[o];
    sums[o] = before + sum;
  }
}

}  // namespace dybnn

#endif
