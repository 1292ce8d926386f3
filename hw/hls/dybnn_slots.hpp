// dybnn_slots.hpp - the loop that all steps with a tail share: a producer, the drain of its accumulators, and the tail, at II = 1.
//
// In: a step, where in it the loop begins (a row of a group, or everything), the memories. Out: words, bits, sums. A slot is what the
// producer makes before the tail takes it: PIXELS pixels of slot_tiles tiles (binary), one pixel of slot_tiles tiles (int8), one map word (pass, pools).
// One loop for all of them, so that there is one tail. The tail of a slot runs n + drain iterations behind its producer.
//
// Memory ports in one iteration, all simple dual port: packed map 1 read, 1 write; map memory 1 read (a PASS's input or the shortcut,
// README.md), 1 write; weights 1 read, 1 write (in the other half); row buffer 1 read; accumulators 1 read, 1 write (in the other half);
// parameters 1 read each; sums 1 read, 1 write; vectors 1 write.
// DSP blocks: two a lane in the tail and one a lane for averages; the int8 array's; twelve for addresses.
// Feedback within one iteration: the arrays' and pools' adders (15, 32, 27 bits), the sums' (32 bits behind a 4:1 selection), the sum of a pooled
// shortcut (18 bits), and counters of at most 20 bits that are compared, selected and added to once.
#ifndef DYBNN_SLOTS_HPP
#define DYBNN_SLOTS_HPP

#include "dybnn_cycles.hpp"
#include "dybnn_drain.hpp"
#include "dybnn_producer.hpp"
#include "dybnn_tail_stage.hpp"

namespace dybnn {

// `first_word` and `first_row` say where the loop begins; `loader` is where the next group's weights go.
template <class C>
void run_slots(const descriptor &d, const step_sizes &s, const slot_plan &p, int first_word, int first_row, weight_loader &loader,
               hls::stream<word<C> > &weights, hls::stream<word<C> > &map, hls::stream<shortcut_word<C> > &shortcut, hls::stream<word<C> > &out,
               packed_memory<C> &packed, block_map_memory<C> &block_maps, ultra_map_memory<C> &ultra_maps, row_memory<C> &rows,
               binary_weight_memory<C> &binary_weights, int8_weight_memory<C> &int8_weights, accumulator_memory<C> &accumulators,
               narrow_parameters<C> &narrow, offset_parameters<C> &offsets, sums_memory<C> &sums, vector_memory<C> &vectors) {
#pragma HLS INLINE
  typedef constants<C> K;
  constexpr int LANES = K::LANES;
  const tail_settings settings = tail_settings_of(d);
  const tail_outputs leaves = tail_outputs_of(d);
  const bool convolution = s.binary || s.int8;
  const shift_amount entry_shift = d.entry_shift;
  const rounding entry_half = half_of(entry_shift);
  const int group_weights = convolution || s.int8_dense ? product(p.tiles, d.tile_words) : 0;
  const int producing = product(slots_of<C>(d, s, p), p.n);
  const int tail_begins = p.n + p.drain;
  const int total = producing + tail_begins;
  const input_index step_x = product(p.columns, p.stride_w);

  // Producer. The loader fills the half that is not read.
  producer_state make = begin_producing(begin_at(p, first_word, first_row), !loader.upper);
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
  small counted = 0;  // pixels of a window that lie inside
  value making[LANES];
#pragma HLS ARRAY_PARTITION variable = making complete

  // Drain: a finished tile's accumulators; or the finished slot, where it is one word.
  drain_state drain = begin_draining();
  product_count done_mismatches[C::PIXELS][C::PE];
#pragma HLS ARRAY_PARTITION variable = done_mismatches complete dim = 0
  product_count done_products[C::PIXELS];
#pragma HLS ARRAY_PARTITION variable = done_products complete
  accumulator done_sums[C::INT8_PE];
#pragma HLS ARRAY_PARTITION variable = done_sums complete
  value made[LANES];
#pragma HLS ARRAY_PARTITION variable = made complete

  // Tail.
  tail_state take = begin_tail(begin_at(p, first_word, first_row), s, p);
  ap_int<SHORTCUT_BITS> pooled[LANES];
#pragma HLS ARRAY_PARTITION variable = pooled complete
  recent_words<sums_word<C> > recent;
  forget(recent);

#ifndef __SYNTHESIS__
  // None of these is used before it is set; in hardware they begin with anything.
  for (int i = 0; i < LANES; ++i) {
    most[i] = 0;
    pool_sums[i] = 0;
    making[i] = 0;
    made[i] = 0;
    pooled[i] = 0;
  }
  for (int o = 0; o < C::INT8_PE; ++o) {
    int8_sums[o] = 0;
    done_sums[o] = 0;
  }
  for (int i = 0; i < C::PIXELS; ++i) {
    products[i] = 0;
    done_products[i] = 0;
    for (int o = 0; o < C::PE; ++o) {
      mismatches[i][o] = 0;
      done_mismatches[i][o] = 0;
    }
  }
#endif

  count_start(SLOT_DEPTH);
slots:
  for (int t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 10 max = 100000
// A step writes no word of a packed map that it reads later: what it writes over its input lies below the rows of the tail's slot and those behind it, and the producer
// is at the next slot already; README.md. So a read and a later write may change places only if n iterations lay between them.
#pragma HLS DEPENDENCE variable = packed type = inter dependent = false
// A word of a map is written over only after it was read; README.md.
#pragma HLS DEPENDENCE variable = block_maps type = inter dependent = false
#pragma HLS DEPENDENCE variable = ultra_maps type = inter dependent = false
// The next group's weights go to the half that is not read.
#pragma HLS DEPENDENCE variable = binary_weights type = inter dependent = false
#pragma HLS DEPENDENCE variable = int8_weights type = inter dependent = false
// A slot drains into one half while the other is read; what is read was written in an earlier iteration.
#pragma HLS DEPENDENCE variable = accumulators type = inter direction = WAR dependent = false
// Nearer ones are in `recent`.
#pragma HLS DEPENDENCE variable = sums type = inter direction = RAW distance = RECENT_DISTANCE dependent = true
    count_iteration();
    const bool works = t < producing && make.tile < p.tiles && make.in_tile < p.work;
    const bool last_of_slot = make.it + 1 == p.n;

    // 1. The next group's weights.
    if (loader.left > 0) {
      const word<C> w = weights.read();
      if (s.binary) {
        put_weights<C>(w, loader, binary_weights);
      } else {
        put_weights<C>(w, loader, int8_weights);
      }
    }

    // 2. The map memory's read port: a PASS's input where the slot begins, else the shortcut of the tail's word.
    const int x = take.at.x.to_int() + take.column.to_int();
    const int pixel = take.at.pixel.to_int() + take.column.to_int();
    const int channel_word = take.at.word.to_int() + take.channel.to_int();
    const bool exists = s.tail && t >= tail_begins && take.it < p.tail && x < p.width && channel_word < s.out_words;
    const int visit = take.visit.to_int();
    const int pooled_pixel = product(2 * take.at.y.to_int() + (visit >> 1), d.shortcut_width) + 2 * x + (visit & 1);
    const int shortcut_pixel = s.pooled ? pooled_pixel : pixel;
    const bool adds_shortcut = exists && s.shortcut;
    const bool shortcut_on_chip = shortcut_pixel < d.shortcut_chip_pixels;
    const int pass_word = product(make.at.pixel, s.in_words) + make.at.word.to_int();
    const bool pass_reads = s.pass && works;
    const bool pass_on_chip = pass_word < s.in_chip;
    const bool reads_pass = pass_reads && pass_on_chip;
    const bool reads_shortcut = adds_shortcut && shortcut_on_chip;
#ifdef DYBNN_SIMULATION
    assert(!(reads_pass && reads_shortcut));
#endif
    const int shortcut_address = d.shortcut_chip_address + product(shortcut_pixel, s.shortcut_words) + take.shortcut.to_int();
    const int map_address = reads_pass ? d.in_chip_address + pass_word : shortcut_address;
    word<C> chip_word = 0;
    if (reads_pass || reads_shortcut) chip_word = read_map<C>(block_maps, ultra_maps, map_address);

    // 3. The tail, in the last visit of a word.
    const bool fires = exists && (!s.pooled || take.visit == 3);
    shortcut_word<C> from_ddr = 0;
    if (adds_shortcut && !shortcut_on_chip && fires) from_ddr = shortcut.read();
    word<C> taken = 0;
    if (fires && convolution) taken = accumulators[take.buffer][take.taken];
    ap_int<SHORTCUT_BITS> z[LANES];
#pragma HLS ARRAY_PARTITION variable = z complete
    value entered[LANES];
#pragma HLS ARRAY_PARTITION variable = entered complete
  lanes_in:
    for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
      const ap_int<SHORTCUT_BITS> before = s.pooled && take.visit != 0 ? pooled[i] : ap_int<SHORTCUT_BITS>(0);
      pooled[i] = before + lane_of<VALUE_BITS>(chip_word, i);
      z[i] = shortcut_on_chip ? pooled[i] : lane_of<SHORTCUT_BITS>(from_ddr, i);
      entered[i] = convolution ? lane_of<VALUE_BITS>(taken, i) : made[i];
    }
    if (fires) {
      const word<C> left =
          take_word<C>(d, s, settings, leaves, take, x, pixel, channel_word, entered, z, narrow, offsets, recent, sums, packed);
      if (leaves.store) {
        if (pixel < d.out_chip_pixels) {
          write_map<C>(block_maps, ultra_maps, d.out_chip_address + product(pixel, d.out_pixel_words) + channel_word, left);
        } else {
          out.write(left);
        }
      }
    }

    // 4. Drain. It looks at a finished tile before the producer finishes the next one below.
    const bool drains = drain.left > 0;
    accumulator leaving[LANES];
#pragma HLS ARRAY_PARTITION variable = leaving complete
    leaving_word<C>(drain, s.binary, done_products, done_mismatches, done_sums, leaving);
    if (drains && s.int8_dense) drain_to_vectors<C>(drain, d.outputs, done_sums, vectors);

    // 5. The producer.
    if (s.binary && works) produce_binary<C>(make, d, p, packed, binary_weights, products, mismatches);
    if ((s.int8 || s.int8_dense) && works) produce_int8<C>(make, p, rows, int8_weights, int8_sums);
    if (K::POOLS && s.pool && works) produce_pool<C>(make, d, p, rows, counted, most, pool_sums, making);
    if (pass_reads) {
      word<C> w = chip_word;
      if (!pass_on_chip) w = map.read();
    pass_lanes:
      for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
        making[i] = lane_of<VALUE_BITS>(w, i);
      }
    }

    // 6. Entry (12.1): the word that drains, or a slot's own when it ends. A dot enters as it is, with a shift of 0.
    word<C> entering = 0;
  entry_lanes:
    for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
      const value e = enter(p.words ? accumulator(making[i]) : leaving[i], entry_shift, entry_half);
      set_lane<VALUE_BITS>(entering, i, e);
      if (p.words && last_of_slot) made[i] = e;
    }
    if (drains && convolution) accumulators[drain.buffer][drain.at] = entering;

    // 7. What comes next.
    if (drains) next_drained<C>(drain, p);
    if (works && make.in_tile + 1 == p.work && !p.words) {
      // A tile is finished: it drains from the next iteration on.
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
      // Of an int8 dense layer a group is a tile, a pixel a vector.
      const int output = make.at.word.to_int() * LANES;
      const int vector_word = quotient<K::FLOAT_LANES>(d.vector_out + product(make.at.x, d.out_stride) + output);
      drain.left = p.drain;
      drain.column = 0;
      drain.word = 0;
      drain.output = output;
      drain.at = s.int8_dense ? vector_word : product(make.tile, p.tile_words);
      drain.buffer = make.buffer;
    }
    const word_index group_before = make.at.word;
    next_iteration(make, d, s, p, works, last_of_slot, step_x);
    if (group_weights > 0 && !s.by_rows && make.at.word != group_before) {
      // The next group: its weights are there (README.md, n), and the one after it begins to arrive.
#ifdef DYBNN_SIMULATION
      assert(loader.left == 0);
#endif
      const bool more = make.at.word + s.group_words < s.out_words;
      expect_weights(loader, more ? group_weights : 0, make.weights_half);
      make.weights_half = !make.weights_half;
    }
    if (t >= tail_begins) next_word(take, s, p, step_x);
  }
}

}  // namespace dybnn

#endif
