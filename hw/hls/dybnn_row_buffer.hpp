// dybnn_row_buffer.hpp - rows of a map in front of the int8 array and the pools.
//
// In: new rows, a word a cycle, from DDR or from the map memory. Kept: a ring of ROW_WORDS words; word i of row y lies at
// (y * in_row_words + i) mod ROW_WORDS, so a window's rows stay where they are while new ones overwrite those above it.
#ifndef DYBNN_ROW_BUFFER_HPP
#define DYBNN_ROW_BUFFER_HPP

#include "dybnn_cycles.hpp"
#include "dybnn_memories.hpp"
#include "dybnn_sizes.hpp"

namespace dybnn {

template <class C>
using row_index = ap_uint<log2_of(C::ROW_WORDS)>;

template <class C>
void load_rows(const descriptor &d, const step_sizes &s, const new_rows &r, hls::stream<word<C> > &map, const block_map_memory<C> &block_maps,
               const ultra_map_memory<C> &ultra_maps, row_memory<C> &rows) {
#pragma HLS INLINE
  const int first = product(r.first, d.in_row_words);
  const int end = product(r.end, d.in_row_words);
  if (first < end) count_start(LOAD_DEPTH);
load:
  for (int i = first; i < end; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 448
    count_iteration();
    word<C> w;
    if (i < s.in_chip) {
      w = read_map<C>(block_maps, ultra_maps, d.in_chip_address + i);
    } else {
      w = map.read();
    }
    rows[row_index<C>(i)] = w;
  }
}

// INT8_SIMD values from lane `lane` on, which lie in one word; 0 outside the map.
template <class C>
void values_at(const word<C> &w, int lane, bool inside, value (&values)[C::INT8_SIMD]) {
#pragma HLS INLINE
  constexpr int PIECES = constants<C>::LANES / C::INT8_SIMD;
  const int piece = remainder<PIECES>(quotient<C::INT8_SIMD>(lane));
lanes:
  for (int i = 0; i < C::INT8_SIMD; ++i) {
#pragma HLS UNROLL
    value chosen = 0;
  pieces:
    for (int q = 0; q < PIECES; ++q) {
#pragma HLS UNROLL
      if (inside && q == piece) chosen = lane_of<VALUE_BITS>(w, q * C::INT8_SIMD + i);
    }
    values[i] = chosen;
  }
}

}  // namespace dybnn

#endif
