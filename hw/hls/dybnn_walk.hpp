// dybnn_walk.hpp - how the iterations of a step's slots are spent, and in which order slots cover the map; README.md, Schedule.
//
// In: a descriptor. Out: a plan of constant numbers, and positions that advance slot by slot.
#ifndef DYBNN_WALK_HPP
#define DYBNN_WALK_HPP

#include "dybnn_sizes.hpp"

namespace dybnn {

struct slot_plan {
  bool words;            // a slot is one word of the map
  iteration n;           // of a slot
  iteration work;        // of the producer for a tile
  iteration period;      // from one tile's begin to the next: its work, or what draining its predecessor takes
  small tiles;           // of a slot
  iteration drain;       // in which a tile's accumulators leave
  word_index tile_words; // words of a tile's pixel as it drains
  iteration tail;        // of the tail
  word_index slot_words; // of a pixel in a slot
  small columns;         // pixels of a slot
  extent height;         // of what the slots cover
  extent width;
  extent per_tap;        // iterations of a tap
  small kernel_h;
  small kernel_w;
  small stride_h;
  small stride_w;
  small pad_top;
  small pad_left;
  extent in_height;
  extent in_width;
  extent pixel_lanes;
  extent row_words;
};

template <class C>
slot_plan slot_plan_of(const descriptor &d, const step_sizes &s) {
#pragma HLS INLINE
  typedef constants<C> K;
  slot_plan p;
  const bool window = s.binary || s.int8 || s.pool;
  p.words = s.pass || s.pool;
  p.kernel_h = window ? d.kernel_h : 1;
  p.kernel_w = window ? d.kernel_w : 1;
  p.stride_h = window ? d.stride_h : 1;
  p.stride_w = window ? d.stride_w : 1;
  p.pad_top = window ? d.pad_top : 0;
  p.pad_left = window ? d.pad_left : 0;
  // An int8 dense layer is a convolution over a row of `rows` pixels.
  p.height = s.int8_dense ? 1 : d.out_height;
  p.width = s.int8_dense ? d.rows : d.out_width;
  p.in_height = s.int8_dense ? 1 : d.in_height;
  p.in_width = s.int8_dense ? d.rows : d.in_width;
  p.pixel_lanes = s.int8_dense ? words_for<K::LANES>(d.inputs) * K::LANES : d.in_pixel_lanes;
  p.row_words = s.int8_dense ? 0 : d.in_row_words;
  p.per_tap = s.binary       ? words_for<SIMD>(d.in_channels)
              : s.int8       ? words_for<C::INT8_SIMD>(d.in_channels)
              : s.int8_dense ? words_for<C::INT8_SIMD>(d.inputs)
                             : 1;
  p.work = product(product(p.kernel_h, p.kernel_w), p.per_tap);
  p.tile_words = s.binary ? K::TILE_WORDS : s.int8 ? K::INT8_TILE_WORDS : s.int8_dense ? C::INT8_PE / K::FLOAT_LANES : 0;
  p.drain = s.binary ? C::PIXELS * K::TILE_WORDS : p.tile_words.to_int();
  p.period = p.work > p.drain ? p.work : p.drain;
  p.tiles = p.words || s.int8_dense ? 1 : d.slot_tiles;
  p.slot_words = p.words ? 1 : s.group_words;
  p.columns = s.binary ? C::PIXELS : 1;
  p.tail = s.int8_dense ? 0 : product(p.slot_words, p.columns * (s.pooled ? 4 : 1));
  p.n = d.slot_iterations;
#ifdef DYBNN_SIMULATION
  assert(p.n == d.slot_iterations && p.n >= p.tail && p.n >= product(p.tiles, p.period) && p.n > 0);
#endif
  return p;
}

// Slots of the whole step, or of one row of one group.
template <class C>
int slots_of(const descriptor &d, const step_sizes &s, const slot_plan &p) {
#pragma HLS INLINE
  const int column_groups = s.binary ? words_for<C::PIXELS>(p.width) : p.width.to_int();
  const int of_row = p.words ? product(p.width, s.out_words) : column_groups;
  const int rows = s.by_rows ? 1 : p.height.to_int();
  const int groups = s.by_rows || p.words ? 1 : d.groups;
  return product(product(of_row, rows), groups);
}

// Where a slot lies.
struct position {
  word_index word;       // first of the pixel's words that it has
  extent y;
  extent x;              // of its first pixel
  pixel_index pixel;     // number of that pixel
  input_index origin_y;  // of its window in the input
  input_index origin_x;
};

inline position begin_at(const slot_plan &p, int word, int y) {
#pragma HLS INLINE
  position at;
  at.word = word;
  at.y = y;
  at.x = 0;
  at.pixel = product(y, p.width);
  at.origin_y = product(y, p.stride_h) - p.pad_top;
  at.origin_x = -p.pad_left;
  return at;
}

// Words of a map are walked pixel by pixel, tiles group by group. `step_x`: from one slot's window to the next.
inline position next_of(const position &at, const slot_plan &p, const step_sizes &s, const input_index &step_x) {
#pragma HLS INLINE
  position next = at;
  const bool last_word = !p.words || at.word + 1 == s.out_words;
  if (p.words) next.word = last_word ? word_index(0) : word_index(at.word + 1);
  if (last_word) {
    const bool last_column = at.x + p.columns >= p.width;
    const bool last_row = last_column && at.y + 1 == p.height;
    // The last slot of a row may reach beyond it.
    next.pixel = last_row      ? pixel_index(0)
                 : last_column ? pixel_index(at.pixel - at.x + p.width)
                               : pixel_index(at.pixel + p.columns);
    next.x = last_column ? extent(0) : extent(at.x + p.columns);
    next.origin_x = last_column ? input_index(-p.pad_left) : input_index(at.origin_x + step_x);
    if (last_column) {
      next.y = last_row ? extent(0) : extent(at.y + 1);
      next.origin_y = last_row ? input_index(-p.pad_top) : input_index(at.origin_y + p.stride_h);
    }
    if (last_row && !p.words) next.word = at.word + s.group_words;
  }
  return next;
}

}  // namespace dybnn

#endif
