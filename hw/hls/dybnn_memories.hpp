// dybnn_memories.hpp - the shapes of the memories that `compute` owns. How each is partitioned and bound is said where it is declared.
#ifndef DYBNN_MEMORIES_HPP
#define DYBNN_MEMORIES_HPP

#include "dybnn_types.hpp"

#ifndef DYBNN_MAPS_IN_URAM
#define DYBNN_MAPS_IN_URAM 0
#endif
// The row buffer and the rows of pooled sums in LUTs instead of block RAM. A macro, as a pragma cannot ask a template parameter.
#ifndef DYBNN_ROWS_IN_LUTRAM
#define DYBNN_ROWS_IN_LUTRAM 0
#endif

namespace dybnn {

// LANES bits of a word of a packed map.
template <class C>
using bits_part = ap_uint<constants<C>::LANES>;

constexpr int SLOTS = 7;   // of the parameter memory, enum slot
constexpr int HALVES = 2;  // of a word

template <class C>
using packed_memory = bits_part<C>[constants<C>::BANKS][constants<C>::PARTS][C::BIT_WORDS];
template <class C>
using map_memory = word<C>[C::MAP_WORDS];
// The map memory in block RAM or in UltraRAM.
template <class C>
using block_map_memory = word<C>[DYBNN_MAPS_IN_URAM ? 1 : C::MAP_WORDS];
template <class C>
using ultra_map_memory = word<C>[DYBNN_MAPS_IN_URAM ? C::MAP_WORDS : 1];
template <class C>
using row_memory = word<C>[C::ROW_WORDS];
// A memory for each word of a row of weights.
template <class C>
using binary_weight_memory = word<C>[constants<C>::WEIGHT_ROW_WORDS][C::WEIGHT_WORDS];
template <class C>
using int8_weight_memory = word<C>[constants<C>::INT8_ROW_WORDS][C::INT8_WORDS];
template <class C>
using accumulator_memory = word<C>[2][C::GROUP_WORDS];
// int16 by slot (OFFSET's is unused), and the offsets.
template <class C>
using narrow_parameters = half_word<C>[SLOTS][HALVES][constants<C>::CHANNEL_WORDS];
template <class C>
using offset_parameters = word<C>[HALVES][constants<C>::CHANNEL_WORDS];
template <class C>
using sums_memory = sums_word<C>[constants<C>::CHANNEL_WORDS];
template <class C>
using vector_memory = ap_uint<32>[constants<C>::FLOAT_LANES][constants<C>::VECTOR_WORDS];

template <class C>
word<C> read_map(const block_map_memory<C> &block, const ultra_map_memory<C> &ultra, int address) {
#pragma HLS INLINE
  return DYBNN_MAPS_IN_URAM ? ultra[address] : block[address];
}

template <class C>
void write_map(block_map_memory<C> &block, ultra_map_memory<C> &ultra, int address, const word<C> &w) {
#pragma HLS INLINE
  if (DYBNN_MAPS_IN_URAM) {
    ultra[address] = w;
  } else {
    block[address] = w;
  }
}

}  // namespace dybnn

#endif
