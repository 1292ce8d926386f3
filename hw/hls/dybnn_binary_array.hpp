// dybnn_binary_array.hpp - PE x PIXELS exclusive-ors with popcount and accumulator: clause 4.1 by 4.2.
//
// In, each iteration: a word of weights for each of PE outputs, a word of activations for each of PIXELS pixels. Kept: how many
// products are -1. Out: dot = products - 2 * mismatches, where products counts the taps inside the map only; so a tap outside adds 0.
#ifndef DYBNN_BINARY_ARRAY_HPP
#define DYBNN_BINARY_ARRAY_HPP

#include "dybnn_popcount.hpp"
#include "dybnn_types.hpp"

namespace dybnn {

// At most 32767 (12.1), so 15 bits; an iteration adds at most 64.
typedef ap_uint<15> product_count;

// One row of the weights: words of the memories side by side, BITS_OF_WORD outputs each.
template <class C>
void binary_weights_of(const word<C> (&row)[constants<C>::WEIGHT_ROW_WORDS], ap_uint<SIMD> (&weights)[C::PE]) {
#pragma HLS INLINE
  constexpr int Q = constants<C>::BITS_OF_WORD;
outputs:
  for (int o = 0; o < C::PE; ++o) {
#pragma HLS UNROLL
    weights[o] = row[o / Q](SIMD * (o % Q) + SIMD - 1, SIMD * (o % Q));
  }
}

// The feedback of the accumulator is one 15-bit adder whose addend is masked in the same LUTs.
template <class C>
void binary_accumulate(const ap_uint<SIMD> (&weights)[C::PE], const ap_uint<SIMD> (&activations)[C::PIXELS],
                       const bool (&inside)[C::PIXELS], bool first, product_count (&mismatches)[C::PIXELS][C::PE]) {
#pragma HLS INLINE
pixels:
  for (int i = 0; i < C::PIXELS; ++i) {
#pragma HLS UNROLL
  outputs:
    for (int o = 0; o < C::PE; ++o) {
#pragma HLS UNROLL
      const product_count before = first ? product_count(0) : mismatches[i][o];
      const ap_uint<SIMD> differ = weights[o] ^ activations[i];
      const ones_count added = inside[i] ? popcount(differ) : ones_count(0);
      mismatches[i][o] = before + added;
    }
  }
}

// |dot| <= 32767: 16 bits.
inline value dot_of(const product_count &products, const product_count &mismatches) {
#pragma HLS INLINE
  const ap_int<17> twice = ap_int<17>(mismatches) << 1;
  return ap_int<17>(products) - twice;
}

}  // namespace dybnn

#endif
