// dybnn_drain.hpp - a finished tile's accumulators leave, a word an iteration, while the arrays make the next tile.
//
// In: registers with PIXELS x PE mismatches or INT8_PE sums. Out: LANES integers for 12.1's entry and where they go in the accumulator memory, in the order of a
// map: pixel by pixel of the slot, each with the words of all its tiles. An int8 dense layer's sums go to the vectors, FLOAT_LANES an iteration.
#ifndef DYBNN_DRAIN_HPP
#define DYBNN_DRAIN_HPP

#include "dybnn_binary_array.hpp"
#include "dybnn_memories.hpp"
#include "dybnn_walk.hpp"

namespace dybnn {

struct drain_state {
  iteration left;
  small column;       // pixel of the slot
  word_index word;    // of the tile
  int at;             // in the accumulators, or in the vectors
  extent output;      // of an int8 dense layer
  bool buffer;
};

inline drain_state begin_draining() {
#pragma HLS INLINE
  drain_state e;
  e.left = 0;
  e.column = 0;
  e.word = 0;
  e.at = 0;
  e.output = 0;
  e.buffer = false;
  return e;
}

// After an iteration; README.md: a tile drains within the next tile's period.
template <class C>
void next_drained(drain_state &e, const slot_plan &p) {
#pragma HLS INLINE
  const bool last = e.word + 1 == p.tile_words;
  e.left = e.left - 1;
  constexpr int LANES = constants<C>::FLOAT_LANES;
  e.output = e.output + LANES;
  e.at = last ? e.at + 1 + (p.slot_words - p.tile_words).to_int() : e.at + 1;
  e.column = last ? small(e.column + 1) : e.column;
  e.word = last ? word_index(0) : word_index(e.word + 1);
}

// The word that leaves in this iteration: a selection of PIXELS * TILE_WORDS or INT8_TILE_WORDS.
template <class C>
void leaving_word(const drain_state &e, bool binary, const product_count (&products)[C::PIXELS],
                  const product_count (&mismatches)[C::PIXELS][C::PE], const accumulator (&sums)[C::INT8_PE],
                  accumulator (&leaving)[constants<C>::LANES]) {
#pragma HLS INLINE
  typedef constants<C> K;
lanes:
  for (int i = 0; i < K::LANES; ++i) {
#pragma HLS UNROLL
    product_count count = 0;
    product_count total = 0;
    accumulator sum = 0;
  columns:
    for (int column = 0; column < C::PIXELS; ++column) {
#pragma HLS UNROLL
      if (column == e.column) total = products[column];
    binary_words:
      for (int w = 0; w < K::TILE_WORDS; ++w) {
#pragma HLS UNROLL
        if (column == e.column && w == e.word) count = mismatches[column][w * K::LANES + i];
      }
    }
  int8_words:
    for (int w = 0; w < K::INT8_TILE_WORDS; ++w) {
#pragma HLS UNROLL
      if (w == e.word) sum = sums[w * K::LANES + i];
    }
    leaving[i] = binary ? accumulator(dot_of(total, count)) : sum;
  }
}

// 14.3 begins with whole sums: they wait as integers where the results will be.
template <class C>
void drain_to_vectors(const drain_state &e, int outputs, const accumulator (&sums)[C::INT8_PE], vector_memory<C> &vectors) {
#pragma HLS INLINE
  typedef constants<C> K;
words:
  for (int w = 0; w < C::INT8_PE / K::FLOAT_LANES; ++w) {
#pragma HLS UNROLL
  lanes:
    for (int i = 0; i < K::FLOAT_LANES; ++i) {
#pragma HLS UNROLL
      if (w == e.word && e.output < outputs) vectors[i][e.at] = sums[w * K::FLOAT_LANES + i];
    }
  }
}

}  // namespace dybnn

#endif
