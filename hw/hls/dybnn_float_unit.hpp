// dybnn_float_unit.hpp - between two convolutions: means, dense layers and the way back to int16, in binary32 and in the contract's order.
//
// In: sums, vectors, float32 weights from the stream. Out: vectors, slots of the parameter memory. FLOAT_LANES outputs at once; the sums of a lane interleave groups
// of outputs and rows (pictures), so that each waits for its adder while others use it. An accumulator sees its inputs in ascending order (7.1).
#ifndef DYBNN_FLOAT_UNIT_HPP
#define DYBNN_FLOAT_UNIT_HPP

#include "dybnn_cycles.hpp"
#include "dybnn_float.hpp"
#include "dybnn_parameters.hpp"
#include "dybnn_memories.hpp"
#include "dybnn_row_buffer.hpp"
#include "dybnn_sizes.hpp"

namespace dybnn {

// 13.1: fl(fl(sum) * k).
template <class C>
void mean_step(const descriptor &d, const sums_memory<C> &sums, vector_memory<C> &vectors) {
#pragma HLS INLINE
  typedef constants<C> K;
  const int words = words_for<K::FLOAT_LANES>(d.outputs);
  const float factor = float_of(d.multiplier_bits);
  const int first = quotient<K::FLOAT_LANES>(d.vector_out);
  count_start(MEAN_DEPTH);
pieces_of_vector:
  for (int t = 0; t < words * K::CONVERT_PIECES; ++t) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 1024
    count_iteration();
    const sums_word<C> both = sums[quotient<2 * K::CONVERT_PIECES>(t)];
    const int piece = remainder<2 * K::CONVERT_PIECES>(t);  // of both words
  lanes:
    for (int i = 0; i < C::CONVERT_LANES; ++i) {
#pragma HLS UNROLL
      ap_int<32> sum = 0;
    pieces:
      for (int q = 0; q < 2 * K::CONVERT_PIECES; ++q) {
#pragma HLS UNROLL
        if (q == piece) sum = lane_of<32>(both, q * C::CONVERT_LANES + i);
      }
      const std::uint32_t mean = bits_of(multiplied(static_cast<float>(sum.to_int()), factor));
    places:
      for (int q = 0; q < K::CONVERT_PIECES; ++q) {
#pragma HLS UNROLL
        if (q == remainder<K::CONVERT_PIECES>(t)) vectors[q * C::CONVERT_LANES + i][first + quotient<K::CONVERT_PIECES>(t)] = mean;
      }
    }
  }
}

// 11.3, CONVERT_LANES values a cycle: a word of the parameter memory is written whole, with its last piece.
template <class C>
void parameter_step(const descriptor &d, const vector_memory<C> &vectors, narrow_parameters<C> &narrow) {
#pragma HLS INLINE
  typedef constants<C> K;
  const int words = words_for<K::FLOAT_LANES>(d.outputs);
  const int fraction = exponent_of(d.multiplier_bits);
  const int first = quotient<K::FLOAT_LANES>(d.in_address);
  half_word<C> values = 0;
  count_start(LOAD_DEPTH);
pieces_of_vector:
  for (int t = 0; t < words * K::CONVERT_PIECES; ++t) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 1024
    count_iteration();
    const int w = quotient<K::CONVERT_PIECES>(t);
    const int piece = remainder<K::CONVERT_PIECES>(t);
  lanes:
    for (int i = 0; i < C::CONVERT_LANES; ++i) {
#pragma HLS UNROLL
      ap_uint<32> bits = 0;
    pieces:
      for (int q = 0; q < K::CONVERT_PIECES; ++q) {
#pragma HLS UNROLL
        if (q == piece) bits = vectors[q * C::CONVERT_LANES + i][first + w];
      }
      const value converted = fixed_of(float_of(bits.to_uint()), fraction);
    places:
      for (int q = 0; q < K::CONVERT_PIECES; ++q) {
#pragma HLS UNROLL
        if (q == piece) set_lane<VALUE_BITS>(values, q * C::CONVERT_LANES + i, converted);
      }
    }
    if (piece + 1 == K::CONVERT_PIECES) put_parameter<C>(d.slot, w, values, narrow);
  }
}

template <class C>
void output_step(const descriptor &d, const vector_memory<C> &vectors, hls::stream<ap_uint<32> > &output) {
#pragma HLS INLINE
  typedef constants<C> K;
  count_start(LOAD_DEPTH);
floats:
  for (int i = 0; i < d.outputs; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 1000
    count_iteration();
    const int at = d.in_address + i;
    ap_uint<32> bits = 0;
  lanes:
    for (int lane = 0; lane < K::FLOAT_LANES; ++lane) {
#pragma HLS UNROLL
      if (lane == remainder<K::FLOAT_LANES>(at)) bits = vectors[lane][quotient<K::FLOAT_LANES>(at)];
    }
    output.write(bits);
  }
}

// One float of a vector.
template <class C>
float vector_at(const vector_memory<C> &vectors, int at) {
#pragma HLS INLINE
  typedef constants<C> K;
  ap_uint<32> bits = 0;
lanes:
  for (int lane = 0; lane < K::FLOAT_LANES; ++lane) {
#pragma HLS UNROLL
    const ap_uint<32> read = vectors[lane][quotient<K::FLOAT_LANES>(at)];
    if (lane == remainder<K::FLOAT_LANES>(at)) bits = read;
  }
  return float_of(bits.to_uint());
}

// A row's sum in a slot.
template <class C>
float sum_of(const float (&sums)[C::FLOAT_ROWS][constants<C>::FLOAT_LANES][C::FLOAT_SLOTS], int row, int lane, int slot) {
#pragma HLS INLINE
  float sum = sums[0][lane][slot];
rows:
  for (int k = 1; k < C::FLOAT_ROWS; ++k) {
#pragma HLS UNROLL
    if (k == remainder<C::FLOAT_ROWS>(row)) sum = sums[k][lane][slot];
  }
  return sum;
}

// 7.1 for `rows` vectors side by side, FLOAT_ROWS of them in one iteration: a turn. Slot g * turns + t of the accumulators is group g of the block for the
// rows of turn t. Rows past the last are computed from the turn's first and never looked at.
template <class C>
void dense_step(const descriptor &d, hls::stream<word<C> > &weights, vector_memory<C> &vectors) {
#pragma HLS INLINE
  typedef constants<C> K;
  constexpr int ROWS = C::FLOAT_ROWS;
  float sums[ROWS][K::FLOAT_LANES][C::FLOAT_SLOTS];
#pragma HLS ARRAY_PARTITION variable = sums complete dim = 1
#pragma HLS ARRAY_PARTITION variable = sums complete dim = 2
#pragma HLS BIND_STORAGE variable = sums type = ram_s2p impl = lutram
  const int groups = words_for<K::FLOAT_LANES>(d.outputs);
  const int turns = words_for<ROWS>(d.rows);
  const int turn_stride = product(ROWS, d.in_stride);
  const bool serial = C::FUNCTIONS != 0 && function_multiplies(d.function);
  const float alpha = float_of(d.alpha_bits);
  const float beta = float_of(d.beta_bits);
  int group = 0;  // first of the block
blocks:
  while (group < groups) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 4
    const int in_block = groups - group < d.block_groups ? groups - group : d.block_groups;
    const int slots = product(in_block, turns);
    const int results = product(in_block, d.rows);
    const int period = slots > C::FLOAT_DEPTH ? slots : C::FLOAT_DEPTH;

    // Where the sums start: the same for all rows.
    int turn = 0;
    word<C> held = 0;
    count_start(LOAD_DEPTH);
  starts:
    for (int slot = 0; slot < slots; ++slot) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 32
      count_iteration();
      if (turn == 0) held = weights.read();
    start_lanes:
      for (int i = 0; i < K::FLOAT_LANES; ++i) {
#pragma HLS UNROLL
      start_rows:
        for (int k = 0; k < ROWS; ++k) {
#pragma HLS UNROLL
          sums[k][i][slot] = float_of(lane_of<32>(held, i).to_uint());
        }
      }
      turn = turn + 1 == turns ? 0 : turn + 1;
    }

    const int iterations = product(d.inputs, period);
    int slot = 0;
    int input = 0;
    int x_at = d.in_address;  // of the turn's first vector
    int row = 0;              // of that one
    turn = 0;
    count_start(DENSE_DEPTH);
  inputs:
    for (int t = 0; t < iterations; ++t) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 8 max = 32768
// An accumulator is used again after `period` iterations, at least FLOAT_DEPTH.
#pragma HLS DEPENDENCE variable = sums type = inter direction = RAW distance = C::FLOAT_DEPTH dependent = true
      count_iteration();
      if (slot < slots) {
        if (turn == 0) held = weights.read();
      rows_of_turn:
        for (int k = 0; k < ROWS; ++k) {
#pragma HLS UNROLL
          const float x = vector_at<C>(vectors, k > 0 && row + k < d.rows ? x_at + k * d.in_stride + input : x_at + input);
        lanes:
          for (int i = 0; i < K::FLOAT_LANES; ++i) {
#pragma HLS UNROLL
            const float w = float_of(lane_of<32>(held, i).to_uint());
            sums[k][i][slot] = added(sums[k][i][slot], multiplied(x, w));
          }
        }
        const bool last = turn + 1 == turns;
        x_at = last ? d.in_address : x_at + turn_stride;
        row = last ? 0 : row + ROWS;
        turn = last ? 0 : turn + 1;
      }
      if (slot + 1 == period) {
        slot = 0;
        input += 1;
        x_at = d.in_address;
        row = 0;
        turn = 0;
      } else {
        slot += 1;
      }
    }

    // Function and store. The last group's lanes past the outputs are the vector's own.
    int out_at = quotient<K::FLOAT_LANES>(d.vector_out) + group;
    int group_out = out_at;
    int r = 0;  // slot
    row = 0;
    if (!serial) {
      count_start(LOAD_DEPTH);
    simple_results:
      for (int t = 0; t < results; ++t) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 32
        count_iteration();
      result_lanes:
        for (int i = 0; i < K::FLOAT_LANES; ++i) {
#pragma HLS UNROLL
          vectors[i][out_at] = bits_of(simple_function(d.function, alpha, beta, sum_of<C>(sums, row, i, r)));
        }
        const bool last = row + 1 == d.rows;
        r = last || remainder<ROWS>(row) + 1 == ROWS ? r + 1 : r;
        group_out = last ? group_out + 1 : group_out;
        out_at = last ? group_out : out_at + quotient<K::FLOAT_LANES>(d.out_stride);
        row = last ? 0 : row + 1;
      }
    } else {
      int lane = 0;
      count_start(FUNCTION_DEPTH);
    serial_results:
      for (int t = 0; t < results * K::FLOAT_LANES; ++t) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 8 max = 256
        count_iteration();
        float sum = 0.0f;
      choose:
        for (int i = 0; i < K::FLOAT_LANES; ++i) {
#pragma HLS UNROLL
          if (i == lane) sum = sum_of<C>(sums, row, i, r);
        }
        const float y = multiplying_function<C::EXPONENTIAL != 0>(d.function, alpha, beta, sum);
      put:
        for (int i = 0; i < K::FLOAT_LANES; ++i) {
#pragma HLS UNROLL
          if (i == lane) vectors[i][out_at] = bits_of(y);
        }
        if (lane + 1 == K::FLOAT_LANES) {
          const bool last = row + 1 == d.rows;
          lane = 0;
          r = last || remainder<ROWS>(row) + 1 == ROWS ? r + 1 : r;
          group_out = last ? group_out + 1 : group_out;
          out_at = last ? group_out : out_at + quotient<K::FLOAT_LANES>(d.out_stride);
          row = last ? 0 : row + 1;
        } else {
          lane += 1;
        }
      }
    }
    group += d.block_groups;
  }
}

// Before an int8 dense layer: its vectors as int16 (11.3) in the row buffer, one after the other in whole words.
template <class C>
void vectors_to_rows(const descriptor &d, const vector_memory<C> &vectors, row_memory<C> &rows) {
#pragma HLS INLINE
  constexpr int LANES = constants<C>::LANES;
  const int fraction = exponent_of(d.multiplier_bits);
  const int count = product(d.inputs, d.rows);
  int input = 0;
  int lane = 0;
  int to = 0;
  int from = d.in_address;
  word<C> w = 0;
  count_start(LOAD_DEPTH);
floats:
  for (int t = 0; t < count; ++t) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 16 max = 4096
    count_iteration();
    set_lane<VALUE_BITS>(w, lane, fixed_of(vector_at<C>(vectors, from + input), fraction));
    const bool last = input + 1 == d.inputs;
    if (last || lane + 1 == LANES) {
      rows[row_index<C>(to)] = w;
      w = 0;
      to += 1;
      lane = 0;
    } else {
      lane += 1;
    }
    input = last ? 0 : input + 1;
    from = last ? from + d.in_stride : from;
  }
}

// 14.3 after it: fl(fl(fl(acc) * s) + b), in place of the accumulators. Output by output, each for all rows.
template <class C>
void scale_step(const descriptor &d, hls::stream<word<C> > &weights, vector_memory<C> &vectors) {
#pragma HLS INLINE
  typedef constants<C> K;
  constexpr int PAIRS = K::FLOAT_LANES / 2;  // (scale, bias) in a word
  const int count = product(d.outputs, d.rows);
  int output = 0;
  int row = 0;
  int at = d.vector_out;
  int pair = 0;
  word<C> held = 0;
  count_start(SCALE_DEPTH);
results:
  for (int t = 0; t < count; ++t) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 10 max = 1000
// Each result is read and written in one iteration.
#pragma HLS DEPENDENCE variable = vectors type = inter dependent = false
    count_iteration();
    if (pair == 0 && row == 0) held = weights.read();
    float scale = 0.0f;
    float bias = 0.0f;
  pairs:
    for (int i = 0; i < PAIRS; ++i) {
#pragma HLS UNROLL
      if (i == pair) {
        scale = float_of(lane_of<32>(held, 2 * i).to_uint());
        bias = float_of(lane_of<32>(held, 2 * i + 1).to_uint());
      }
    }
    const std::int32_t sum = static_cast<std::int32_t>(bits_of(vector_at<C>(vectors, at)));
    const float y = added(multiplied(static_cast<float>(sum), scale), bias);
  lanes:
    for (int i = 0; i < K::FLOAT_LANES; ++i) {
#pragma HLS UNROLL
      if (i == remainder<K::FLOAT_LANES>(at)) vectors[i][quotient<K::FLOAT_LANES>(at)] = bits_of(y);
    }
    if (row + 1 == d.rows) {
      row = 0;
      output += 1;
      at = d.vector_out + output;
      pair = pair + 1 == PAIRS ? 0 : pair + 1;
    } else {
      row += 1;
      at += d.out_stride;
    }
  }
}

}  // namespace dybnn

#endif
