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

#ifdef DYBNN_SIMULATION
#include <cassert>
#endif

namespace dybnn {

// How the iterations of a step's slots are spent; README.md, Schedule.
struct slot_plan {
  int n;           // iterations of a slot
  int work;        // of the producer for a tile
  int period;      // from one tile's begin to the next: its work, or what draining its predecessor takes
  int tiles;       // of a slot
  int drain;       // iterations in which a tile's accumulators leave
  int tail;        // iterations of the tail
  int slot_words;  // of a pixel in a slot
  int columns;     // pixels of a slot
  int height;      // of what the slots cover
  int width;
  int per_tap;     // iterations of a tap
  int kernel_h;
  int kernel_w;
  int stride_h;
  int stride_w;
  int pad_top;
  int pad_left;
  int in_height;
  int in_width;
  int pixel_lanes;
  bool words;      // a slot is one word of the map
};

template <class C>
slot_plan slot_plan_of(const descriptor &d, const step_sizes &s) {
#pragma HLS INLINE
  typedef constants<C> K;
  slot_plan p;
  const bool window = s.binary || s.int8 || s.pool;
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
  p.pixel_lanes = s.int8_dense ? divide_up(d.inputs, K::LANES) * K::LANES : d.in_pixel_lanes;
  p.words = s.pass || s.pool;
  p.per_tap = s.binary       ? divide_up(d.in_channels, SIMD)
              : s.int8       ? divide_up(d.in_channels, C::INT8_SIMD)
              : s.int8_dense ? divide_up(d.inputs, C::INT8_SIMD)
                             : 1;
  p.work = product(product(p.kernel_h, p.kernel_w), p.per_tap);
  p.drain = s.binary       ? C::PIXELS * K::TILE_WORDS
            : s.int8       ? K::INT8_TILE_WORDS
            : s.int8_dense ? C::INT8_PE / K::FLOAT_LANES
                           : 0;
  p.period = p.work > p.drain ? p.work : p.drain;
  p.tiles = p.words || s.int8_dense ? 1 : d.slot_tiles;
  p.slot_words = p.words ? 1 : s.group_words;
  p.columns = s.binary ? C::PIXELS : 1;
  p.tail = s.int8_dense ? 0 : product(p.slot_words, p.columns * (s.pooled ? 4 : 1));
  p.n = d.slot_iterations;
#ifdef DYBNN_SIMULATION
  assert(p.n >= p.tail && p.n >= product(p.tiles, p.period) && p.n > 0);
#endif
  return p;
}

// Slots of the whole step, or of one row of one group.
template <class C>
int slots_of(const descriptor &d, const step_sizes &s, const slot_plan &p) {
#pragma HLS INLINE
  const int column_groups = s.binary ? divide_up(p.width, C::PIXELS) : p.width;
  const int of_row = p.words ? product(p.width, s.out_words) : column_groups;
  const int rows = s.by_rows ? 1 : p.height;
  const int groups = s.by_rows || p.words ? 1 : d.groups;
  return product(product(of_row, rows), groups);
}

// Where a slot lies.
struct position {
  int word;      // first of the pixel's words that it has
  int y;
  int x;         // of its first pixel
  int pixel;     // number of that pixel
  int origin_y;  // of its window in the input
  int origin_x;
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

// Words of a map are walked pixel by pixel, tiles group by group.
inline void advance(position &at, const slot_plan &p, const step_sizes &s, const ap_uint<8> &step_x) {
#pragma HLS INLINE
  bool next_pixel = true;
  if (p.words) {
    next_pixel = at.word + 1 == s.out_words;
    at.word = next_pixel ? 0 : at.word + 1;
  }
  if (next_pixel) {
    const bool next_row = at.x + p.columns >= p.width;
    const bool next_group = next_row && at.y + 1 == p.height;
    at.pixel = next_group ? 0 : next_row ? at.pixel - at.x + p.width : at.pixel + p.columns;
    at.x = next_row ? 0 : at.x + p.columns;
    at.origin_x = next_row ? -p.pad_left : at.origin_x + int(step_x);
    if (next_row) {
      at.y = next_group ? 0 : at.y + 1;
      at.origin_y = next_group ? -p.pad_top : at.origin_y + p.stride_h;
    }
    if (next_group && !p.words) at.word += s.group_words;
  }
}

// Memories of `compute` that the loop touches, by their shapes.
template <class C>
using packed_memory = bits_part<C>[constants<C>::BANKS][constants<C>::PARTS][C::BIT_WORDS];
template <class C>
using map_memory = word<C>[C::MAP_WORDS];
template <class C>
using row_memory = word<C>[C::ROW_WORDS];
template <class C>
using binary_weight_memory = word<C>[constants<C>::WEIGHT_ROW_WORDS][C::WEIGHT_WORDS];
template <class C>
using int8_weight_memory = word<C>[constants<C>::INT8_ROW_WORDS][C::INT8_WORDS];
template <class C>
using accumulator_memory = word<C>[2][C::GROUP_WORDS];
template <class C>
using sums_memory = sums_word<C>[constants<C>::CHANNEL_WORDS];
template <class C>
using vector_memory = ap_uint<32>[constants<C>::FLOAT_LANES][constants<C>::VECTOR_WORDS];

inline int signed_product(int a, int b) {
#pragma HLS INLINE
  const ap_int<21> x = a;
  const ap_int<17> y = b;
  const ap_int<38> xy = x * y;
  return int(xy.to_int64());
}

// The loop. `first_word` and `first_row` say where it begins; `loader` is where the next group's weights go.
template <class C>
void run_slots(const descriptor &d, const step_sizes &s, const slot_plan &p, int first_word, int first_row, weight_loader &loader,
               hls::stream<word<C> > &weights, hls::stream<word<C> > &map, hls::stream<shortcut_word<C> > &shortcut, hls::stream<word<C> > &out,
               packed_memory<C> &packed, map_memory<C> &maps, row_memory<C> &rows, binary_weight_memory<C> &binary_weights,
               int8_weight_memory<C> &int8_weights, accumulator_memory<C> &accumulators, narrow_parameters<C> &narrow,
               offset_parameters<C> &offsets, sums_memory<C> &sums, vector_memory<C> &vectors) {
#pragma HLS INLINE
  typedef constants<C> K;
  constexpr int LANES = K::LANES;
  const tail_settings settings = tail_settings_of(d);
  const bool stores = (d.flags & STORE) != 0;
  const bool adds_up = (d.flags & SUMS) != 0;
  const bool packs = (d.flags & BITS) != 0;
  const bool largest = d.kind == MAX_POOL;
  const bool exclude_pad = (d.flags & EXCLUDE_PAD) != 0;
  const bool convolution = s.binary || s.int8;
  const bool has_tail = s.tail;
  const shift_amount entry_shift = d.entry_shift;
  const int in_blocks = divide_up(d.in_width, K::BANKS);   // of BANKS columns
  const int out_blocks = divide_up(d.out_width, K::BANKS);
  const int out_bit_words = divide_up(d.out_channels, SIMD);
  const int group_weights = s.binary || s.int8 || s.int8_dense ? product(p.tiles, d.tile_words) : 0;
  const int slots = slots_of<C>(d, s, p);
  const int producing = product(slots, p.n);
  const int total = producing + p.n + p.drain;
  const int tail_begins = p.n + p.drain;
  const ap_uint<8> step_x = product(p.columns, p.stride_w);

  // Producer.
  position make = begin_at(p, first_word, first_row);
  int it = 0;         // iteration of the slot
  int tile = 0;       // of the slot
  int in_tile = 0;    // iteration of the tile
  int ky = 0;
  int kx = 0;
  int tap_y = 0;      // the tap's place in the window
  int tap_x = 0;
  int k = 0;          // iteration of the tap
  int weight_row = 0;
  bool weights_half = !loader.upper;  // the loader fills the other one
  bool buffer = false;                // half of the accumulators that the slot drains into
  product_count mismatches[C::PIXELS][C::PE];
#pragma HLS ARRAY_PARTITION variable = mismatches complete dim = 0
  product_count products[C::PIXELS];
#pragma HLS ARRAY_PARTITION variable = products complete
  accumulator int8_sums[C::INT8_PE];
#pragma HLS ARRAY_PARTITION variable = int8_sums complete
  value most[LANES];
#pragma HLS ARRAY_PARTITION variable = most complete
  pool_sum pool_sums[LANES];
#pragma HLS ARRAY_PARTITION variable = pool_sums complete
  int counted = 0;    // pixels of a window that lie inside

  // Drain: a finished tile's accumulators.
  product_count done_mismatches[C::PIXELS][C::PE];
#pragma HLS ARRAY_PARTITION variable = done_mismatches complete dim = 0
  product_count done_products[C::PIXELS];
#pragma HLS ARRAY_PARTITION variable = done_products complete
  accumulator done_sums[C::INT8_PE];
#pragma HLS ARRAY_PARTITION variable = done_sums complete
  int drain_left = 0;
  int drain_column = 0;
  int drain_word = 0;
  int drain_at = 0;      // in the accumulators, or in the vectors
  int drain_output = 0;  // of an int8 dense layer
  bool drain_buffer = false;
  value made[LANES];     // the slot's word, where a slot is one
#pragma HLS ARRAY_PARTITION variable = made complete
  value making[LANES];
#pragma HLS ARRAY_PARTITION variable = making complete

  // Tail.
  position take = begin_at(p, first_word, first_row);
  int tail_it = 0;
  int visit = 0;         // of the four pixels of a pooled shortcut
  int column = 0;        // pixel of the slot
  int channel = 0;       // word of the pixel in the slot
  int tail_at = 0;       // word of the slot
  int shortcut_channel = 0;
  int group_shortcut = 0;
  bool tail_buffer = false;
  ap_int<SHORTCUT_BITS> pooled[LANES];
#pragma HLS ARRAY_PARTITION variable = pooled complete
  recent_words<sums_word<C> > recent_sums;
#pragma HLS ARRAY_PARTITION variable = recent_sums.address complete
#pragma HLS ARRAY_PARTITION variable = recent_sums.word complete
  forget(recent_sums);

clear:
  for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
    made[i] = 0;
    making[i] = 0;
    pooled[i] = 0;
    most[i] = 0;
    pool_sums[i] = 0;
  }
  // Where a shortcut has fewer channels they repeat: the first one of the loop's first group, and how far a group leads.
  int group_step = s.group_words;
  group_shortcut = p.words ? 0 : first_word;
wrap_first:
  while (s.shortcut && group_shortcut >= s.shortcut_words) {
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 1
    group_shortcut -= s.shortcut_words;
  }
wrap_step:
  while (s.shortcut && group_step >= s.shortcut_words) {
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 1
    group_step -= s.shortcut_words;
  }
  shortcut_channel = group_shortcut;

  count_start(SLOT_DEPTH);
slots:
  for (int t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 10 max = 100000
// A step reads no packed map that it writes; README.md.
#pragma HLS DEPENDENCE variable = packed type = inter dependent = false
// A map is written over only after it was read; README.md.
#pragma HLS DEPENDENCE variable = maps type = inter dependent = false
// The next group's weights go to the half that is not read.
#pragma HLS DEPENDENCE variable = binary_weights type = inter dependent = false
#pragma HLS DEPENDENCE variable = int8_weights type = inter dependent = false
// A slot drains into one half while the other is read; what is read was written at least one iteration before.
#pragma HLS DEPENDENCE variable = accumulators type = inter direction = WAR dependent = false
// Nearer ones are in recent_sums.
#pragma HLS DEPENDENCE variable = sums type = inter direction = RAW distance = RECENT_DISTANCE dependent = true
    count_iteration();
    const bool works = t < producing && tile < p.tiles && in_tile < p.work;
    const bool last_of_slot = it + 1 == p.n;

    // 1. The next group's weights.
    if (loader.left > 0) {
      const word<C> w = weights.read();
      if (s.binary) {
        put_weights<C>(w, loader, binary_weights);
      } else {
        put_weights<C>(w, loader, int8_weights);
      }
    }

    // 2. The map memory's read port: a PASS reads its input when a slot begins, the tail its shortcut otherwise.
    const bool tail_runs = has_tail && t >= tail_begins && tail_it < p.tail;
    const int x = take.x + column;
    const int pixel = take.pixel + column;
    const int tail_word = take.word + channel;
    const bool exists = tail_runs && x < p.width && tail_word < s.out_words;
    const int shortcut_row = s.pooled ? 2 * take.y + (visit >> 1) : take.y;
    const int shortcut_x = s.pooled ? 2 * x + (visit & 1) : x;
    const int shortcut_pixel = s.pooled ? product(shortcut_row, d.shortcut_width) + shortcut_x : pixel;
    const bool needs_shortcut = exists && s.shortcut;
    const bool shortcut_on_chip = shortcut_pixel < d.shortcut_chip_pixels;
    const bool pass_reads = s.pass && works;
    const int pass_word = product(make.pixel, s.in_words) + make.word;
    const bool pass_on_chip = pass_word < s.in_chip;
#ifdef DYBNN_SIMULATION
    assert(!(pass_reads && pass_on_chip && needs_shortcut && shortcut_on_chip));
#endif
    const int shortcut_address = d.shortcut_chip_address + product(shortcut_pixel, s.shortcut_words) + shortcut_channel;
    const int map_address = pass_reads && pass_on_chip ? d.in_chip_address + pass_word : shortcut_address;
    const bool reads_chip = (pass_reads && pass_on_chip) || (needs_shortcut && shortcut_on_chip);
    word<C> chip_word = 0;
    if (reads_chip) chip_word = maps[map_address];

    // 3. The tail: one word, or one of the four visits that a word takes with a pooled shortcut.
    const bool fires = exists && (!s.pooled || visit == 3);
    ap_int<SHORTCUT_BITS> z[LANES];
#pragma HLS ARRAY_PARTITION variable = z complete
    shortcut_word<C> from_ddr = 0;
    if (needs_shortcut && !shortcut_on_chip && fires) from_ddr = shortcut.read();
  shortcut_lanes:
    for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
      const ap_int<SHORTCUT_BITS> read = lane_of<VALUE_BITS>(chip_word, i);
      const ap_int<SHORTCUT_BITS> before = s.pooled && visit != 0 ? pooled[i] : ap_int<SHORTCUT_BITS>(0);
      pooled[i] = before + read;
      z[i] = shortcut_on_chip ? pooled[i] : lane_of<SHORTCUT_BITS>(from_ddr, i);
    }
    if (fires) {
      const word<C> taken = accumulators[tail_buffer][tail_at];
      tail_parameters parameters[LANES];
#pragma HLS ARRAY_PARTITION variable = parameters complete
      get_parameters<C>(tail_word, narrow, offsets, parameters);
      const sums_word<C> sums_before = newest(recent_sums, tail_word, sums[tail_word]);
      sums_word<C> sums_after = 0;
      word<C> stored = 0;
      bits_part<C> bits = 0;
    lanes:
      for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
        const value entered = convolution ? lane_of<VALUE_BITS>(taken, i) : made[i];
        const value computed = tail_value(settings, parameters[i], entered, z[i]);
        const bool valid = tail_word * LANES + i < d.out_channels;
        const bool bit = tail_bit(settings, computed, parameters[i].alpha);
        const value y = valid ? tail_left(settings, computed, bit) : value(0);
        set_lane<VALUE_BITS>(stored, i, y);
        bits[i] = valid && bit;
        const ap_int<32> base = pixel == 0 ? ap_int<32>(0) : lane_of<32>(sums_before, i);
        set_lane<32>(sums_after, i, ap_int<32>(base + y));
      }
      if (adds_up) {
        sums[tail_word] = sums_after;
        remember(recent_sums, tail_word, sums_after);
      }
      if (stores) {
        if (pixel < d.out_chip_pixels) {
          maps[d.out_chip_address + product(pixel, d.out_pixel_words) + tail_word] = stored;
        } else {
          out.write(stored);
        }
      }
      if (packs) {
        const int block = product(take.y, out_blocks) + x / K::BANKS;
        const int address = d.bits_address + product(block, out_bit_words) + tail_word / K::PARTS;
        write_bits<C>(packed, x, address, tail_word % K::PARTS, tail_word + 1 == s.out_words, bits);
      }
    }

    // 4. Drain: what enters fixed16 in this iteration, a word of a finished tile. Registers that the producer sets below are read first.
    accumulator entering[LANES];
#pragma HLS ARRAY_PARTITION variable = entering complete
    const bool drains = drain_left > 0;
  entering_lanes:
    for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
      entering[i] = 0;
    binary_words:
      for (int w = 0; w < C::PIXELS * K::TILE_WORDS; ++w) {
#pragma HLS UNROLL
        if (s.binary && w == drain_column * K::TILE_WORDS + drain_word) {
          const int pixel_of_slot = w / K::TILE_WORDS;
          entering[i] = dot_of(done_products[pixel_of_slot], done_mismatches[pixel_of_slot][w % K::TILE_WORDS * LANES + i]);
        }
      }
    int8_words:
      for (int w = 0; w < K::INT8_TILE_WORDS; ++w) {
#pragma HLS UNROLL
        if (s.int8 && w == drain_word) entering[i] = done_sums[w * LANES + i];
      }
    }
    if (drains && s.int8_dense) {
    dense_words:
      for (int w = 0; w < C::INT8_PE / K::FLOAT_LANES; ++w) {
#pragma HLS UNROLL
      dense_lanes:
        for (int i = 0; i < K::FLOAT_LANES; ++i) {
#pragma HLS UNROLL
          if (w == drain_word && drain_output < d.outputs) vectors[i][drain_at] = done_sums[w * K::FLOAT_LANES + i];
        }
      }
    }

    // 5. The producer.
    const int iy = make.origin_y + tap_y;
    const int ix = make.origin_x + tap_x;
    const bool row_inside = iy >= 0 && iy < p.in_height;
    const bool first_of_tile = in_tile == 0;
    if (s.binary && works) {
      ap_uint<SIMD> activations[C::PIXELS];
#pragma HLS ARRAY_PARTITION variable = activations complete
      ap_uint<SIMD> row_weights[C::PE];
#pragma HLS ARRAY_PARTITION variable = row_weights complete
      word<C> row[K::WEIGHT_ROW_WORDS];
#pragma HLS ARRAY_PARTITION variable = row complete
      bool inside[C::PIXELS];
#pragma HLS ARRAY_PARTITION variable = inside complete
      const int block = signed_product(iy, in_blocks) + (ix >> log2_of(K::BANKS));
      read_columns<C>(packed, ix, p.stride_w, d.in_address + signed_product(block, p.per_tap) + k, p.per_tap, activations);
      get_weights<C>(binary_weights, weights_half, weight_row, row);
      binary_weights_of<C>(row, row_weights);
    columns:
      for (int i = 0; i < C::PIXELS; ++i) {
#pragma HLS UNROLL
        const int at = ix + i * p.stride_w;
        inside[i] = row_inside && at >= 0 && at < p.in_width && make.x + i < p.width;
        const product_count before = first_of_tile ? product_count(0) : products[i];
        products[i] = before + (inside[i] && k == 0 ? product_count(d.in_channels) : product_count(0));
      }
      binary_accumulate<C>(row_weights, activations, inside, first_of_tile, mismatches);
    }
    if ((s.int8 || s.int8_dense || s.pool) && works) {
      const bool in_map = row_inside && ix >= 0 && ix < p.in_width;
      const int lane = signed_product(ix, p.pixel_lanes) + (s.pool ? make.word * LANES : k * C::INT8_SIMD);
      const int address = signed_product(iy, d.in_row_words) + lane / LANES;
      const word<C> w = rows[row_index<C>(in_map ? address : 0)];
      if (!s.pool) {
        value values[C::INT8_SIMD];
#pragma HLS ARRAY_PARTITION variable = values complete
        ap_int<8> row_weights[C::INT8_PE][C::INT8_SIMD];
#pragma HLS ARRAY_PARTITION variable = row_weights complete dim = 0
        word<C> row[K::INT8_ROW_WORDS];
#pragma HLS ARRAY_PARTITION variable = row complete
        values_at<C>(w, lane, values);
      mask:
        for (int i = 0; i < C::INT8_SIMD; ++i) {
#pragma HLS UNROLL
          if (!in_map) values[i] = 0;
        }
        get_weights<C>(int8_weights, weights_half, weight_row, row);
        int8_weights_of<C>(row, row_weights);
        int8_accumulate<C>(row_weights, values, first_of_tile, int8_sums);
      } else {
        counted = (first_of_tile ? 0 : counted) + (in_map ? 1 : 0);
        pool_reciprocal reciprocal;
        reciprocal.factor = d.pool_factor;
        reciprocal.shift = d.pool_shift;
        if (exclude_pad) reciprocal = reciprocal_of(ap_uint<6>(counted - 1));
      pool_lanes:
        for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
          const value v = lane_of<VALUE_BITS>(w, i);
          const value most_before = first_of_tile ? value(-32768) : most[i];
          const pool_sum sum_before = first_of_tile ? pool_sum(0) : pool_sums[i];
          most[i] = in_map && v > most_before ? v : most_before;
          pool_sums[i] = in_map ? pool_sum(sum_before + v) : sum_before;
          making[i] = largest ? most[i] : averaged(pool_sums[i], reciprocal);
        }
      }
    }
    if (pass_reads) {
      word<C> w = chip_word;
      if (!pass_on_chip) w = map.read();
    pass_lanes:
      for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
        making[i] = lane_of<VALUE_BITS>(w, i);
      }
    }

    // 6. Entry (12.1): a word of a finished tile, or the slot's own. A dot enters as it is.
    word<C> entered = 0;
  entry_lanes:
    for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
      const accumulator v = p.words ? accumulator(making[i]) : entering[i];
      const value e = enter(v, entry_shift);
      set_lane<VALUE_BITS>(entered, i, e);
      if (p.words && last_of_slot) made[i] = e;
    }
    if (drains && convolution) accumulators[drain_buffer][drain_at] = entered;

    // 7. What comes next. The drain walks over a tile's words, pixel by pixel; a tile that has just been finished begins with the next iteration.
    if (drains) {
      const int tile_words = s.binary ? K::TILE_WORDS : s.int8 ? K::INT8_TILE_WORDS : C::INT8_PE / K::FLOAT_LANES;
      drain_left -= 1;
      drain_output += K::FLOAT_LANES;
      if (drain_word + 1 == tile_words) {
        drain_word = 0;
        drain_column += 1;
        drain_at += p.slot_words - tile_words + 1;
      } else {
        drain_word += 1;
        drain_at += 1;
      }
    }
    if (works && in_tile + 1 == p.work && !p.words) {
    finished_columns:
      for (int i = 0; i < C::PIXELS; ++i) {
#pragma HLS UNROLL
        done_products[i] = products[i];
      finished_outputs:
        for (int o = 0; o < C::PE; ++o) {
#pragma HLS UNROLL
          done_mismatches[i][o] = mismatches[i][o];
        }
      }
    finished_sums:
      for (int o = 0; o < C::INT8_PE; ++o) {
#pragma HLS UNROLL
        done_sums[o] = int8_sums[o];
      }
      drain_left = p.drain;
      drain_word = 0;
      drain_column = 0;
      drain_buffer = buffer;
      const int tile_words = s.binary ? K::TILE_WORDS : K::INT8_TILE_WORDS;
      const int output = make.word * LANES;  // of an int8 dense layer: a group is a tile
      drain_output = output;
      drain_at = s.int8_dense ? (d.vector_out + product(make.x, d.out_stride) + output) / K::FLOAT_LANES : product(tile, tile_words);
    }
    if (works) {
      weight_row += 1;
      if (k + 1 < p.per_tap) {
        k += 1;
      } else {
        k = 0;
        if (kx + 1 < p.kernel_w) {
          kx += 1;
          tap_x += d.dilation_w;
        } else {
          kx = 0;
          tap_x = 0;
          ky += 1;
          tap_y += d.dilation_h;
        }
      }
    }
    const bool last_of_tile = in_tile + 1 == p.period;
    in_tile = last_of_slot || last_of_tile ? 0 : in_tile + 1;
    tile = last_of_slot ? 0 : last_of_tile && tile < p.tiles ? tile + 1 : tile;
    if (last_of_slot || last_of_tile) {
      k = 0;
      kx = 0;
      ky = 0;
      tap_x = 0;
      tap_y = 0;
    }
    it = last_of_slot ? 0 : it + 1;
    if (last_of_slot) {
      weight_row = 0;
      buffer = !buffer;
      const int before = make.word;
      advance(make, p, s, step_x);
      const bool next_group = !p.words && !s.by_rows && make.word != before;
      if (next_group && group_weights > 0) {
#ifdef DYBNN_SIMULATION
        assert(loader.left == 0);
#endif
        weights_half = !weights_half;
        const bool more = make.word + s.group_words < s.out_words;
        expect_weights(loader, more ? group_weights : 0, !weights_half);
      }
    }

    // The tail's next word: visits of a pooled shortcut, channels of a pixel, pixels of a slot.
    if (t >= tail_begins) {
      const bool last_visit = !s.pooled || visit == 3;
      visit = last_visit ? 0 : visit + 1;
      if (last_visit && tail_it < p.tail) {
        tail_at += 1;
        const bool last_channel = channel + 1 == p.slot_words;
        if (!p.words) {
          shortcut_channel = last_channel                               ? group_shortcut
                             : shortcut_channel + 1 == s.shortcut_words ? 0
                                                                        : shortcut_channel + 1;
        }
        channel = last_channel ? 0 : channel + 1;
        column = last_channel ? column + 1 : column;
      }
      if (tail_it + 1 == p.n) {
        tail_it = 0;
        tail_at = 0;
        visit = 0;
        channel = 0;
        column = 0;
        tail_buffer = !tail_buffer;
        const int before = take.word;
        advance(take, p, s, step_x);
        if (p.words) {
          shortcut_channel = take.word;
        } else if (take.word != before) {
          group_shortcut = group_shortcut + group_step >= s.shortcut_words ? group_shortcut + group_step - s.shortcut_words
                                                                           : group_shortcut + group_step;
          shortcut_channel = group_shortcut;
        }
      } else {
        tail_it += 1;
      }
    }
  }
}

}  // namespace dybnn

#endif
