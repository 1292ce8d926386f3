// dybnn_program.hpp - the program on its way: from DDR, as beats of a memory port, to a descriptor.
//
// In: descriptors in DDR. Out: to `run_steps` each descriptor's beats, to `read_weights` where a step's stream lies and how long it is.
#ifndef DYBNN_PROGRAM_HPP
#define DYBNN_PROGRAM_HPP

#include <cstddef>

#include "dybnn_memory.hpp"

namespace dybnn {

// What `read_weights` must know: address in the low half, words in the high one.
typedef ap_uint<64> weight_run;

constexpr int index_of(std::size_t offset) { return static_cast<int>(offset / sizeof(std::int32_t)); }

constexpr int DESCRIPTORS_AHEAD = 2;  // in the stream to `run_steps`

template <class C>
std::int32_t field_of(const half_word<C> (&beats)[constants<C>::PROGRAM_BEATS], int index) {
#pragma HLS INLINE
  constexpr int FIELDS = constants<C>::BEAT_FIELDS;
  return lane_of<32>(beats[index / FIELDS], index % FIELDS).to_int();
}

#define DYBNN_FIELD(name) d.name = field_of<C>(beats, index_of(offsetof(descriptor, name)))

template <class C>
descriptor descriptor_of(const half_word<C> (&beats)[constants<C>::PROGRAM_BEATS]) {
#pragma HLS INLINE
  descriptor d;
  DYBNN_FIELD(kind);
  DYBNN_FIELD(flags);
  DYBNN_FIELD(in_address);
  DYBNN_FIELD(in_chip_address);
  DYBNN_FIELD(in_chip_pixels);
  DYBNN_FIELD(in_height);
  DYBNN_FIELD(in_width);
  DYBNN_FIELD(in_channels);
  DYBNN_FIELD(in_row_words);
  DYBNN_FIELD(in_pixel_lanes);
  DYBNN_FIELD(kernel_h);
  DYBNN_FIELD(kernel_w);
  DYBNN_FIELD(stride_h);
  DYBNN_FIELD(stride_w);
  DYBNN_FIELD(dilation_h);
  DYBNN_FIELD(dilation_w);
  DYBNN_FIELD(pad_top);
  DYBNN_FIELD(pad_left);
  DYBNN_FIELD(stream_address);
  DYBNN_FIELD(parameters_words);
  DYBNN_FIELD(weights_words);
  DYBNN_FIELD(tile_words);
  DYBNN_FIELD(groups);
  DYBNN_FIELD(slot_tiles);
  DYBNN_FIELD(slot_iterations);
  DYBNN_FIELD(out_height);
  DYBNN_FIELD(out_width);
  DYBNN_FIELD(out_channels);
  DYBNN_FIELD(out_address);
  DYBNN_FIELD(out_chip_address);
  DYBNN_FIELD(out_chip_pixels);
  DYBNN_FIELD(out_pixel_words);
  DYBNN_FIELD(bits_address);
  DYBNN_FIELD(entry_shift);
  DYBNN_FIELD(scale_shift);
  DYBNN_FIELD(slope_shift);
  DYBNN_FIELD(shortcut_address);
  DYBNN_FIELD(shortcut_chip_address);
  DYBNN_FIELD(shortcut_chip_pixels);
  DYBNN_FIELD(shortcut_channels);
  DYBNN_FIELD(shortcut_pool);
  DYBNN_FIELD(shortcut_width);
  DYBNN_FIELD(shortcut_shift);
  DYBNN_FIELD(pool_factor);
  DYBNN_FIELD(pool_shift);
  DYBNN_FIELD(vector_out);
  DYBNN_FIELD(inputs);
  DYBNN_FIELD(outputs);
  DYBNN_FIELD(rows);
  DYBNN_FIELD(in_stride);
  DYBNN_FIELD(out_stride);
  DYBNN_FIELD(block_groups);
  DYBNN_FIELD(function);
  DYBNN_FIELD(alpha_bits);
  DYBNN_FIELD(beta_bits);
  DYBNN_FIELD(multiplier_bits);
  DYBNN_FIELD(slot);
  DYBNN_FIELD(sign_unit);
  DYBNN_FIELD(store_shift);
  return d;
}

#undef DYBNN_FIELD

template <class C>
void read_program(const half_word<C> *program, int first_step, int last_step, int runs, hls::stream<half_word<C> > &steps,
                  hls::stream<weight_run> &weight_runs) {
#pragma HLS INLINE off
  typedef constants<C> K;
runs_of_program:
  for (int run = 0; run < runs; ++run) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 1
  steps_of_program:
    for (int step = first_step; step < last_step; ++step) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 400
      half_word<C> beats[K::PROGRAM_BEATS];
#pragma HLS ARRAY_PARTITION variable = beats complete
    beats_of_step:
      for (int beat = 0; beat < K::PROGRAM_BEATS; ++beat) {
#pragma HLS PIPELINE II = 1
        beats[beat] = program[step * K::PROGRAM_BEATS + beat];
        steps.write(beats[beat]);
      }
      const int parameters = field_of<C>(beats, index_of(offsetof(descriptor, parameters_words)));
      const int words = field_of<C>(beats, index_of(offsetof(descriptor, weights_words)));
      weight_run r = 0;
      r(31, 0) = ap_uint<32>(field_of<C>(beats, index_of(offsetof(descriptor, stream_address))));
      r(63, 32) = ap_uint<32>(parameters + words);
      weight_runs.write(r);
    }
  }
}

// Steps' parameters and weights, one after the other and ahead of the steps.
template <class C>
void read_weights(const half_word<C> *port0, const half_word<C> *port1, int first_step, int last_step, int runs,
                  hls::stream<weight_run> &weight_runs, hls::stream<word<C> > &weights) {
#pragma HLS INLINE off
runs_of_program:
  for (int run = 0; run < runs; ++run) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 1
  steps_of_program:
    for (int step = first_step; step < last_step; ++step) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 400
      const weight_run r = weight_runs.read();
      const ap_uint<32> address = r(31, 0);
      const ap_uint<32> words = r(63, 32);
      read_run<C>(port0, port1, address.to_int(), words.to_int(), weights);
    }
  }
}

}  // namespace dybnn

#endif
