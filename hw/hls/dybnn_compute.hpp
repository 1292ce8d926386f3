// dybnn_compute.hpp - the process that owns all memories on chip and runs one step.
//
// In: a descriptor, streams of weights, maps and shortcuts. Out: streams of maps and floats, and the memories for the steps to come: they are
// static, so they keep what they hold from step to step and from call to call.
#ifndef DYBNN_COMPUTE_HPP
#define DYBNN_COMPUTE_HPP

#include "dybnn_float_unit.hpp"
#include "dybnn_limits.hpp"
#include "dybnn_slots.hpp"

namespace dybnn {

#ifdef DYBNN_SIMULATION
// Where a test bench finds what the last step left on chip; null before the first.
template <class C>
struct on_chip {
  packed_memory<C> *packed;
  map_memory<C> *maps;
  sums_memory<C> *sums;
  vector_memory<C> *vectors;
  narrow_parameters<C> *narrow;
  offset_parameters<C> *offsets;
};

template <class C>
on_chip<C> &probe() {
  static on_chip<C> found = {};
  return found;
}
#endif

template <class C>
void compute(descriptor d, hls::stream<word<C> > &weights, hls::stream<word<C> > &map, hls::stream<shortcut_word<C> > &shortcut,
             hls::stream<word<C> > &out, hls::stream<ap_uint<32> > &output) {
#pragma HLS INLINE off
  static packed_memory<C> packed;
#pragma HLS ARRAY_PARTITION variable = packed complete dim = 1
#pragma HLS ARRAY_PARTITION variable = packed complete dim = 2
#pragma HLS BIND_STORAGE variable = packed type = ram_s2p impl = bram
  // The map memory is one of these; the other has a word that nothing touches. UltraRAM begins with zeros; no step reads what none has written.
  static block_map_memory<C> block_maps;
#pragma HLS BIND_STORAGE variable = block_maps type = ram_s2p impl = bram
  static ultra_map_memory<C> ultra_maps;
#pragma HLS BIND_STORAGE variable = ultra_maps type = ram_s2p impl = uram
  static row_memory<C> rows;
#if DYBNN_ROWS_IN_LUTRAM
#pragma HLS BIND_STORAGE variable = rows type = ram_s2p impl = lutram
#endif
#if !DYBNN_ROWS_IN_LUTRAM
#pragma HLS BIND_STORAGE variable = rows type = ram_s2p impl = bram
#endif
  static binary_weight_memory<C> binary_weights;
#pragma HLS ARRAY_PARTITION variable = binary_weights complete dim = 1
#pragma HLS BIND_STORAGE variable = binary_weights type = ram_s2p impl = bram
  static int8_weight_memory<C> int8_weights;
#pragma HLS ARRAY_PARTITION variable = int8_weights complete dim = 1
#pragma HLS BIND_STORAGE variable = int8_weights type = ram_s2p impl = bram
  static accumulator_memory<C> accumulators;
#pragma HLS BIND_STORAGE variable = accumulators type = ram_s2p impl = bram
  static narrow_parameters<C> narrow;
#pragma HLS ARRAY_PARTITION variable = narrow complete dim = 1
#pragma HLS ARRAY_PARTITION variable = narrow complete dim = 2
#pragma HLS BIND_STORAGE variable = narrow type = ram_s2p impl = lutram
  static offset_parameters<C> offsets;
#pragma HLS ARRAY_PARTITION variable = offsets complete dim = 1
#pragma HLS BIND_STORAGE variable = offsets type = ram_s2p impl = lutram
  static sums_memory<C> sums;
#pragma HLS BIND_STORAGE variable = sums type = ram_s2p impl = lutram
  static vector_memory<C> vectors;
#pragma HLS ARRAY_PARTITION variable = vectors complete dim = 1
#pragma HLS BIND_STORAGE variable = vectors type = ram_t2p impl = bram
#ifdef DYBNN_SIMULATION
  void *const maps = DYBNN_MAPS_IN_URAM ? static_cast<void *>(&ultra_maps) : static_cast<void *>(&block_maps);
  probe<C>() = on_chip<C>{&packed, static_cast<map_memory<C> *>(maps), &sums, &vectors, &narrow, &offsets};
#endif

  check_limits<C>(d);
  const step_sizes s = sizes_of<C>(d);
  if (s.tail || s.int8_dense) {
    const slot_plan p = slot_plan_of<C>(d, s);
    const bool weighted = s.binary || s.int8 || s.int8_dense;
    const int group_weights = weighted ? product(p.tiles, d.tile_words) : 0;
    if (s.int8_dense) vectors_to_rows<C>(d, vectors, rows);
    load_parameters<C>(d, s.out_words, weights, narrow, offsets);
    weight_loader loader;
    // Without any in the stream those of the convolution before it stay.
    expect_weights(loader, d.weights_words > 0 ? group_weights : 0, false);
    if (s.binary) {
      load_weights<C>(weights, loader, binary_weights);
    } else {
      load_weights<C>(weights, loader, int8_weights);
    }
    const int groups = s.by_rows ? d.groups : 1;
    const int rows_of_group = s.by_rows ? d.out_height : 1;
    int first_word = 0;
  groups_of_tiles:
    for (int g = 0; g < groups; ++g) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 4
      // While a group is computed the next one's weights arrive, in the other half.
      expect_weights(loader, g + 1 < d.groups ? group_weights : 0, (g & 1) == 0);
      int next = 0;
    rows_of_map:
      for (int y = 0; y < rows_of_group; ++y) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 112
        if (s.by_rows) {
          const new_rows r = new_rows_of(d, y, next);
          load_rows<C>(d, s, r, map, block_maps, ultra_maps, rows);
          next = r.end;
        }
        run_slots<C>(d, s, p, first_word, y, loader, weights, map, shortcut, out, packed, block_maps, ultra_maps, rows, binary_weights,
                     int8_weights, accumulators, narrow, offsets, sums, vectors);
      }
      first_word += s.group_words;
    }
    if (s.int8_dense) scale_step<C>(d, weights, vectors);
  } else if (d.kind == MEAN) {
    mean_step<C>(d, sums, vectors);
  } else if (d.kind == DENSE) {
    dense_step<C>(d, weights, vectors);
  } else if (d.kind == PARAMETER) {
    parameter_step<C>(d, vectors, narrow);
  } else if (d.kind == OUTPUT) {
    output_step<C>(d, vectors, output);
  }
}

}  // namespace dybnn

#endif
