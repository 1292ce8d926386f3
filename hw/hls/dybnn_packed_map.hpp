// dybnn_packed_map.hpp - clause 2.2 on chip: BANKS = 2 * PIXELS banks by column, so that PIXELS columns with a stride of 1 or 2 lie
// in different banks.
//
// In: where a tap's first column lies. Out: PIXELS words of 64 bits. A bank has PARTS memories of LANES bits: a tail writes its
// lanes' bits and reads nothing. Ports: each memory is read once and written once an iteration (simple dual port).
#ifndef DYBNN_PACKED_MAP_HPP
#define DYBNN_PACKED_MAP_HPP

#include "dybnn_memories.hpp"

namespace dybnn {

// Bits of a column that choose its bank.
template <class C>
using bank_index = ap_uint<log2_of(constants<C>::BANKS)>;

// A bank is a ring of words: addresses wrap.
template <class C>
using bank_address = ap_uint<log2_of(C::BIT_WORDS)>;

// Columns x, x + stride, ... of one row; `word_of_first` is the address in bank 0 of the block of BANKS columns that x lies in, and
// `block_words` leads to the next one. Columns outside the map give anything.
template <class C>
void read_columns(const packed_memory<C> &memory, int x, int stride,
                  int word_of_first, int block_words, ap_uint<SIMD> (&words)[C::PIXELS]) {
#pragma HLS INLINE
  constexpr int LANES = constants<C>::LANES;
  const bank_index<C> first_bank = x;  // x mod BANKS, also below 0
  ap_uint<SIMD> read[constants<C>::BANKS];
#pragma HLS ARRAY_PARTITION variable = read complete
banks:
  for (int b = 0; b < constants<C>::BANKS; ++b) {
#pragma HLS UNROLL
    // Banks before the first column's hold columns of the next block.
    const bank_address<C> address = word_of_first + (b < first_bank ? block_words : 0);
  parts:
    for (int part = 0; part < constants<C>::PARTS; ++part) {
#pragma HLS UNROLL
      read[b](LANES * part + LANES - 1, LANES * part) = memory[b][part][address];
    }
  }
pixels:
  for (int i = 0; i < C::PIXELS; ++i) {
#pragma HLS UNROLL
    const bank_index<C> bank = x + i * stride;
    words[i] = read[bank];
  }
}

// LANES bits of a pixel's word. The last map word of a pixel also clears the parts behind it: clause 2.2's bits past the last channel.
template <class C>
void write_bits(packed_memory<C> &memory, int x, int address, int part, bool last,
                const bits_part<C> &bits) {
#pragma HLS INLINE
  const bank_index<C> bank = x;
  const bank_address<C> at = address;
banks:
  for (int b = 0; b < constants<C>::BANKS; ++b) {
#pragma HLS UNROLL
  parts:
    for (int p = 0; p < constants<C>::PARTS; ++p) {
#pragma HLS UNROLL
      if (b == bank && (p == part || (last && p > part))) memory[b][p][at] = p == part ? bits : bits_part<C>(0);
    }
  }
}

}  // namespace dybnn

#endif
