// dybnn_weights.hpp - the resident weights of a group of tiles, and the next group's on their way.
//
// In: the stream of weights, a word an iteration. Kept: a memory for each word of a row of an array, so that a row is read at once. With one group
// it has the whole memory; with several, groups take turns in the two halves.
#ifndef DYBNN_WEIGHTS_HPP
#define DYBNN_WEIGHTS_HPP

#include "dybnn_cycles.hpp"
#include "dybnn_sizes.hpp"

namespace dybnn {

// Where the next word goes: its memory (word of a row) and its row.
struct weight_loader {
  int left;    // words of the group that are still to come
  int row;     // relative to the half
  int memory;
  bool upper;  // half
};

inline void expect_weights(weight_loader &loader, int words, bool upper) {
#pragma HLS INLINE
  loader.left = words;
  loader.row = 0;
  loader.memory = 0;
  loader.upper = upper;
}

template <class C, int MEMORIES, int ROWS>
void put_weights(const word<C> &w, weight_loader &loader, word<C> (&memory)[MEMORIES][ROWS]) {
#pragma HLS INLINE
  const int address = loader.row + (loader.upper ? ROWS / 2 : 0);
memories:
  for (int m = 0; m < MEMORIES; ++m) {
#pragma HLS UNROLL
    if (m == loader.memory) memory[m][address] = w;
  }
  loader.memory = loader.memory + 1 == MEMORIES ? 0 : loader.memory + 1;
  if (loader.memory == 0) loader.row += 1;
  loader.left -= 1;
}

template <class C, int MEMORIES, int ROWS>
void get_weights(const word<C> (&memory)[MEMORIES][ROWS], bool upper, int row, word<C> (&out)[MEMORIES]) {
#pragma HLS INLINE
  const int address = row + (upper ? ROWS / 2 : 0);
memories:
  for (int m = 0; m < MEMORIES; ++m) {
#pragma HLS UNROLL
    out[m] = memory[m][address];
  }
}

// The first group, before any slot.
template <class C, int MEMORIES, int ROWS>
void load_weights(hls::stream<word<C> > &weights, weight_loader &loader, word<C> (&memory)[MEMORIES][ROWS]) {
#pragma HLS INLINE
  const int words = loader.left;
  if (words > 0) count_start(LOAD_DEPTH);
load:
  for (int i = 0; i < words; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 8192
    count_iteration();
    put_weights<C>(weights.read(), loader, memory);
  }
}

}  // namespace dybnn

#endif
