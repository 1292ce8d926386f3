// dybnn_program.hpp - the program on its way: from DDR, in beats of a memory port, to a descriptor.
//
// In: descriptors in DDR. Out: to `run_steps` each descriptor in pieces, to `read_weights` where a step's stream lies and how long it is.
#ifndef DYBNN_PROGRAM_HPP
#define DYBNN_PROGRAM_HPP

#include <cstddef>

#include "dybnn_memory.hpp"

namespace dybnn {

// What `read_weights` must know: address in the low half, words in the high one.
typedef ap_uint<64> weight_run;

constexpr int index_of(std::size_t offset) { return static_cast<int>(offset / sizeof(std::int32_t)); }

constexpr int DESCRIPTORS_AHEAD = 4;  // in the stream to `run_steps`

// A descriptor goes to `run_steps` in a few wide pieces, so that it arrives in a few cycles whatever the port's width.
constexpr int PIECE_BITS = 512;
constexpr int PIECE_FIELDS = PIECE_BITS / 32;
typedef ap_uint<PIECE_BITS> program_piece;
static_assert(DESCRIPTOR_CYCLES * PIECE_BITS == 32 * DESCRIPTOR_WORDS, "a descriptor is whole pieces");

inline std::int32_t field_of(const program_piece (&pieces)[DESCRIPTOR_CYCLES], int index) {
#pragma HLS INLINE
  return lane_of<32>(pieces[index / PIECE_FIELDS], index % PIECE_FIELDS).to_int();
}

#define DYBNN_FIELD(name) d.name = field_of(pieces, index_of(offsetof(descriptor, name)))

inline descriptor descriptor_of(const program_piece (&pieces)[DESCRIPTOR_CYCLES]) {
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

// One loop over all steps, so that the program comes in bursts and no step waits for the latency of DDR.
template <class C>
void read_program(const half_word<C> *program, int first_step, int last_step, int runs, hls::stream<program_piece> &steps,
                  hls::stream<weight_run> &weight_runs) {
#pragma HLS INLINE off
  typedef constants<C> K;
  constexpr int ADDRESS = index_of(offsetof(descriptor, stream_address));
  constexpr int PARAMETERS = index_of(offsetof(descriptor, parameters_words));
  constexpr int WEIGHTS = index_of(offsetof(descriptor, weights_words));
  constexpr int BEAT_BITS = C::PORT_BITS;
  constexpr int PIECE_BEATS = PIECE_BITS / BEAT_BITS;
  const int beats = (last_step - first_step) * K::PROGRAM_BEATS;
runs_of_program:
  for (int run = 0; run < runs; ++run) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 1
    program_piece piece = 0;
    ap_int<32> address = 0;
    ap_int<32> parameters = 0;
    ap_int<32> words = 0;
  beats_of_program:
    for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 16 max = 400 * 32
      const half_word<C> beat = program[first_step * K::PROGRAM_BEATS + i];
      const int at = i % K::PROGRAM_BEATS;  // a power of two
      // The first beat ends in the low bits.
      piece = piece >> BEAT_BITS;
      piece(PIECE_BITS - 1, PIECE_BITS - BEAT_BITS) = beat;
      if (i % PIECE_BEATS == PIECE_BEATS - 1) steps.write(piece);
      if (at == ADDRESS / K::BEAT_FIELDS) address = lane_of<32>(beat, ADDRESS % K::BEAT_FIELDS);
      if (at == PARAMETERS / K::BEAT_FIELDS) parameters = lane_of<32>(beat, PARAMETERS % K::BEAT_FIELDS);
      if (at == WEIGHTS / K::BEAT_FIELDS) words = lane_of<32>(beat, WEIGHTS % K::BEAT_FIELDS);
      if (at == K::PROGRAM_BEATS - 1) {
        weight_run r = 0;
        r(31, 0) = ap_uint<32>(address);
        r(63, 32) = ap_uint<32>(parameters + words);
        weight_runs.write(r);
      }
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
