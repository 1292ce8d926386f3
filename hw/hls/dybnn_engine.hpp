// dybnn_engine.hpp - the engine: a program, run as a dataflow over its whole length, each step a dataflow of its own.
//
// In: pointers to memory (README.md, Top). Out: maps in DDR and float32 outputs. A configuration C names the sizes; a top function of
// the project gives the interfaces and calls engine<C>.
#ifndef DYBNN_ENGINE_HPP
#define DYBNN_ENGINE_HPP

#include "dybnn_compute.hpp"
#include "dybnn_memory.hpp"
#include "dybnn_program.hpp"

namespace dybnn {

// One step. Its processes are joined by streams alone.
template <class C>
void run_step(descriptor d, const half_word<C> *in0, const half_word<C> *in1, half_word<C> *out0, half_word<C> *out1, ap_uint<32> *output,
              hls::stream<word<C> > &weights) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  hls::stream<word<C> > map("map");
#pragma HLS STREAM variable = map depth = MAP_FIFO
#pragma HLS BIND_STORAGE variable = map type = fifo impl = lutram
  hls::stream<word<C> > raw_shortcut("raw_shortcut");
#pragma HLS STREAM variable = raw_shortcut depth = RAW_SHORTCUT_FIFO
#pragma HLS BIND_STORAGE variable = raw_shortcut type = fifo impl = lutram
  hls::stream<shortcut_word<C> > shortcut("shortcut");
#pragma HLS STREAM variable = shortcut depth = SHORTCUT_FIFO
#pragma HLS BIND_STORAGE variable = shortcut type = fifo impl = lutram
  hls::stream<word<C> > made("made");
#pragma HLS STREAM variable = made depth = MADE_FIFO
#pragma HLS BIND_STORAGE variable = made type = fifo impl = lutram
  hls::stream<word<C> > stored("stored");
#pragma HLS STREAM variable = stored depth = STORED_FIFO
#pragma HLS BIND_STORAGE variable = stored type = fifo impl = lutram
  hls::stream<ap_uint<32> > floats("floats");
#pragma HLS STREAM variable = floats depth = OUTPUT_FIFO
#pragma HLS BIND_STORAGE variable = floats type = fifo impl = lutram
  read_maps<C>(d, in0, in1, map, raw_shortcut);
  arrange_shortcut<C>(d, raw_shortcut, shortcut);
  compute<C>(d, weights, map, shortcut, made, floats);
  arrange_stored<C>(d, made, stored);
  write_maps<C>(d, stored, out0, out1);
  write_output(d, floats, output);
}

// The steps, one after another: each may read what the one before has written.
template <class C>
void run_steps(const half_word<C> *in0, const half_word<C> *in1, half_word<C> *out0, half_word<C> *out1, ap_uint<32> *output,
               int first_step, int last_step, int runs, int input_words, int output_words, hls::stream<program_piece> &program, hls::stream<word<C> > &weights) {
#pragma HLS INLINE off
runs_of_program:
  for (int run = 0; run < runs; ++run) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 1
  steps_of_program:
    for (int step = first_step; step < last_step; ++step) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 400
      program_piece pieces[DESCRIPTOR_CYCLES];
#pragma HLS ARRAY_PARTITION variable = pieces complete
      count_start(STEP_CYCLES);
    pieces_of_step:
      for (int i = 0; i < DESCRIPTOR_CYCLES; ++i) {
#pragma HLS PIPELINE II = 1
        count_iteration();
        pieces[i] = program.read();
      }
      descriptor d = descriptor_of(pieces);
      if ((d.flags & PER_RUN) != 0) {
        if (d.kind == OUTPUT) {
          d.out_address += run * output_words;
        } else {
          d.in_address += run * input_words;
        }
      }
      run_step<C>(d, in0, in1, out0, out1, output, weights);
    }
  }
}

template <class C>
void engine(const half_word<C> *weights0, const half_word<C> *weights1, const half_word<C> *in0, const half_word<C> *in1, half_word<C> *out0,
            half_word<C> *out1, const half_word<C> *program, ap_uint<32> *output, int first_step, int last_step, int runs, int input_words,
            int output_words) {
#pragma HLS DATAFLOW
  hls::stream<program_piece> steps("steps");
#pragma HLS STREAM variable = steps depth = DESCRIPTORS_AHEAD * DESCRIPTOR_CYCLES
#pragma HLS BIND_STORAGE variable = steps type = fifo impl = lutram
  hls::stream<weight_run> weight_runs("weight_runs");
#pragma HLS STREAM variable = weight_runs depth = 16
  hls::stream<word<C> > weights("weights");
#pragma HLS STREAM variable = weights depth = C::WEIGHT_FIFO
  read_program<C>(program, first_step, last_step, runs, steps, weight_runs);
  read_weights<C>(weights0, weights1, first_step, last_step, runs, weight_runs, weights);
  run_steps<C>(in0, in1, out0, out1, output, first_step, last_step, runs, input_words, output_words, steps, weights);
}

}  // namespace dybnn

#endif
