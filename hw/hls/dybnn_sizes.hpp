// dybnn_sizes.hpp - what every process derives from a step's descriptor in the same way.
//
// In: a descriptor. Out: words, groups and the order in which maps move. The processes agree because they all ask here.
#ifndef DYBNN_SIZES_HPP
#define DYBNN_SIZES_HPP

#include "dybnn_descriptor.hpp"
#include "dybnn_types.hpp"

#ifdef DYBNN_SIMULATION
#include <cassert>
#endif

namespace dybnn {

// Products of sizes and of addresses: 20 x 16 bits, or 18 x 16 with a sign. Each is one DSP block (27 x 18).
inline int product(int a, int b) {
#pragma HLS INLINE
  const pixel_index x = a;
  const extent y = b;
#ifdef DYBNN_SIMULATION
  assert(x == a && y == b);
#endif
  const ap_uint<36> xy = x * y;
  return int(xy.to_uint64());
}

inline int signed_product(int a, int b) {
#pragma HLS INLINE
  const input_index x = a;
  const extent y = b;
#ifdef DYBNN_SIMULATION
  assert(x == a && y == b);
#endif
  const ap_int<35> xy = x * y;
  return int(xy.to_int64());
}

struct step_sizes {
  bool binary;
  bool int8;        // a convolution
  bool pass;
  bool pool;
  bool int8_dense;
  bool tail;        // has one
  bool by_rows;     // a loop for each row of each group
  bool shortcut;
  bool pooled;      // the shortcut
  bool stores;
  bool pools_store; // leaves the sums of 2x2 pixels
  int pixels;       // of the output map
  int ddr_pixels;   // of what is stored, those in DDR
  int in_words;     // of a pixel of the input map (not a dense one)
  int out_words;    // of a pixel that the step makes
  int shortcut_words;
  int group_words;  // of a pixel in a group
  int in_total;
  int in_chip;      // words on chip
};

template <class C>
step_sizes sizes_of(const descriptor &d) {
#pragma HLS INLINE
  constexpr int LANES = constants<C>::LANES;
  step_sizes s;
  s.binary = d.kind == BINARY_CONV;
  s.int8 = d.kind == INT8_CONV;
  s.pass = d.kind == PASS;
  s.pool = d.kind == MAX_POOL || d.kind == AVERAGE_POOL;
  s.int8_dense = d.kind == INT8_DENSE;
  s.tail = s.binary || s.int8 || s.pass || s.pool;
  s.by_rows = s.int8 || s.pool;
  s.shortcut = s.tail && (d.flags & HAS_SHORTCUT) != 0;
  s.pooled = s.shortcut && d.shortcut_pool == 2;
  s.stores = s.tail && (d.flags & STORE) != 0;
  s.pools_store = s.stores && (d.flags & POOL_STORE) != 0;
  s.pixels = product(d.out_height, d.out_width);
  const int stored_pixels = s.pools_store ? product(d.out_height >> 1, d.out_width >> 1) : s.pixels;
  s.ddr_pixels = s.stores && stored_pixels > d.out_chip_pixels ? stored_pixels - d.out_chip_pixels : 0;
  s.in_words = quotient<LANES>(d.in_pixel_lanes);
  s.out_words = words_for<LANES>(s.int8_dense ? d.outputs : d.out_channels);
  s.shortcut_words = words_for<LANES>(d.shortcut_channels);
  s.group_words = s.binary       ? product(d.slot_tiles, constants<C>::TILE_WORDS)
                  : s.int8       ? product(d.slot_tiles, constants<C>::INT8_TILE_WORDS)
                  : s.int8_dense ? constants<C>::INT8_TILE_WORDS
                                 : s.out_words;
  s.in_total = product(product(d.in_height, d.in_width), s.in_words);
  s.in_chip = product(d.in_chip_pixels, s.in_words);
  return s;
}

// The channels of a group that there are: the last group's tiles may be partly empty.
inline int words_of_group(const step_sizes &s, int first_word) {
#pragma HLS INLINE
  const int left = s.out_words - first_word;
  return left < s.group_words ? left : s.group_words;
}

// Rows of the input that an output row needs and that no earlier row of the group has brought: first .. end - 1.
struct new_rows {
  int first;
  int end;
};

inline new_rows new_rows_of(const descriptor &d, int y, int next) {
#pragma HLS INLINE
  const int top = product(y, d.stride_h) - d.pad_top;
  const int bottom = top + product(d.kernel_h - 1, d.dilation_h) + 1;
  new_rows r;
  r.first = top > next ? top : next;
  r.end = bottom < d.in_height ? bottom : d.in_height;
  if (r.end < r.first) r.end = r.first;
  return r;
}

}  // namespace dybnn

#endif
