// dybnn_slots.hpp - the loop that all steps with a tail share: a producer, the drain of its accumulators, and the tail, at II = 1.
//
// In: a step, where in it the loop begins (a row of a group, or everything), the memories. Out: words, bits, sums. A slot is what the
// producer makes before the tail takes it: PIXELS pixels of slot_tiles tiles (binary), one pixel of slot_tiles tiles (int8), one map word (pass, pools).
// One loop for all of them, so that there is one tail. The tail of a slot runs n + drain iterations behind its producer.
//
// Memory ports in one iteration: packed map 1 read, 1 write; map memory 1 read (a PASS's input or the shortcut, README.md), 1 write;
// weights 1 read, 1 write (in the other half); row buffer 1 read; accumulators 1 read, 1 write (in the other half); parameters 1 read
// each; sums 1 read, 1 write; vectors 1 write. All simple dual port.
#ifndef DYBNN_SLOTS_HPP
#define DYBNN_SLOTS_HPP

#include "dybnn_binary_array.hpp"
#include "dybnn_cycles.hpp"
#include "dybnn_int8_array.hpp"
#include "dybnn_packed_map.hpp"
#include "dybnn_parameters.hpp"
#include "dybnn_pool.hpp"
#include "dybnn_recent.hpp"
#include "dybnn_row_buffer.hpp"
#include "dybnn_sizes.hpp"
#include "dybnn_tail.hpp"
#include "dybnn_weights.hpp"

namespace dybnn {

// How the iterations of a step's slots are spent; README.md, Schedule.
struct slot_plan {
  int n;            // iterations of a slot
  int work;         // of the producer for a tile
  int period;       // from one tile's begin to the next: its work, or what draining its predecessor takes
  int drain;        // words of a tile's accumulators
  int tail;         // iterations of the tail
  int slot_words;   // of a pixel in a slot
  int columns;      // pixels of a slot
  int per_tap;      // iterations of a tap
  int kernel_h;
  int kernel_w;
};

template <class C>
slot_plan slot_plan_of(const descriptor &d, const step_sizes &s) {
#pragma HLS INLINE
  typedef constants<C> K;
  slot_plan p;
  p.kernel_h = s.pass || s.int8_dense ? 1 : d.kernel_h;
  p.kernel_w = s.pass || s.int8_dense ? 1 : d.kernel_w;
  const int taps = product(p.kernel_h, p.kernel_w);
  const int inputs = s.int8_dense ? d.inputs : d.in_channels;
  p.per_tap = s.binary ? divide_up(inputs, SIMD) : s.int8 || s.int8_dense ? divide_up(inputs, C::INT8_SIMD) : 1;
  p.work = product(taps, p.per_tap);
  p.drain = s.binary ? C::PIXELS * K::TILE_WORDS
            : s.int8 ? K::INT8_TILE_WORDS
            : s.int8_dense ? C::INT8_PE / K::FLOAT_LANES : 0;
  p.period = p.work > p.drain ? p.work : p.drain;
  const bool words = s.pass || s.pool;
  p.slot_words = words ? 1 : s.group_words;
  p.columns = s.binary ? C::PIXELS : 1;
  const int visits = s.pooled ? 4 : 1;  // reads of a pooled shortcut
  p.tail = s.int8_dense ? 0 : visits * p.columns * p.slot_words;
  const int produced = words ? p.work : product(d.slot_tiles, p.period);
  p.n = produced > p.tail ? produced : p.tail;
  if (d.groups > 1) {
    // The next group's weights arrive one word an iteration.
    const int group_slots = s.int8_dense ? d.rows : product(d.out_height, (d.out_width + p.columns - 1) / C::PIXELS * (s.binary ? 1 : C::PIXELS));
    const int least = (product(d.slot_tiles, d.tile_words) + group_slots - 1) / group_slots;
    if (least > p.n) p.n = least;
  }
  return p;
}
