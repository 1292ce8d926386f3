// dybnn_parameters.hpp - the tail's numbers for each channel: static ones from the weights' stream, dynamic ones from the float unit.
//
// In: words of LANES int16 (offsets: two words of LANES / 2 int32), or FLOAT_LANES = LANES / 2 int16 of a vector. So a slot has two memories of half a word.
// What was written stays until it is overwritten. Ports: one read an iteration of the tail; one write where it is loaded.
#ifndef DYBNN_PARAMETERS_HPP
#define DYBNN_PARAMETERS_HPP

#include "dybnn_cycles.hpp"
#include "dybnn_memories.hpp"
#include "dybnn_sizes.hpp"
#include "dybnn_tail.hpp"

namespace dybnn {

// Static parameters, those whose LOAD bit is set, in the order of the slots.
template <class C>
void load_parameters(const descriptor &d, int words, hls::stream<word<C> > &weights, narrow_parameters<C> &narrow, offset_parameters<C> &offsets) {
#pragma HLS INLINE
  int slot = SCALE;
  int at = 0;
  int half = 0;  // of an offset
  if (d.parameters_words > 0) count_start(LOAD_DEPTH);
load:
  for (int i = 0; i < d.parameters_words; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 512
    count_iteration();
    const word<C> w = weights.read();
    // The next slot that the step loads; they come in order.
    int now = slot;
    if (at == 0 && half == 0) {
    search:
      for (int k = SLOTS - 1; k >= 0; --k) {
#pragma HLS UNROLL
        if (k >= slot && ((d.flags >> (LOAD_SHIFT + k)) & 1) != 0) now = k;
      }
    }
    if (now == OFFSET) {
    halves:
      for (int h = 0; h < HALVES; ++h) {
#pragma HLS UNROLL
        if (h == half) offsets[h][at] = w;
      }
    } else {
    slots:
      for (int k = 0; k < SLOTS; ++k) {
#pragma HLS UNROLL
        if (k == now) {
          narrow[k][0][at] = w(C::PORT_BITS - 1, 0);
          narrow[k][1][at] = w(2 * C::PORT_BITS - 1, C::PORT_BITS);
        }
      }
    }
    if (now == OFFSET && half == 0) {
      half = 1;
    } else {
      half = 0;
      at += 1;
    }
    slot = now;
    if (at == words) {
      at = 0;
      slot = now + 1;
    }
  }
}

// FLOAT_LANES values of a dynamic parameter: word `at` of a vector.
template <class C>
void put_parameter(int slot, int at, const half_word<C> &values, narrow_parameters<C> &narrow) {
#pragma HLS INLINE
slots:
  for (int k = 0; k < SLOTS; ++k) {
#pragma HLS UNROLL
  halves:
    for (int h = 0; h < HALVES; ++h) {
#pragma HLS UNROLL
      if (k == slot && h == (at & 1)) narrow[k][h][at >> 1] = values;
    }
  }
}

template <class C>
void get_parameters(int at, const narrow_parameters<C> &narrow, const offset_parameters<C> &offsets, tail_parameters (&out)[constants<C>::LANES]) {
#pragma HLS INLINE
  constexpr int LANES = constants<C>::LANES;
lanes:
  for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
    const int h = i / (LANES / 2);
    const int lane = i % (LANES / 2);
    out[i].scale = lane_of<VALUE_BITS>(narrow[SCALE][h][at], lane);
    out[i].bias = lane_of<VALUE_BITS>(narrow[BIAS][h][at], lane);
    out[i].gamma = lane_of<VALUE_BITS>(narrow[GAMMA][h][at], lane);
    out[i].slope = lane_of<VALUE_BITS>(narrow[SLOPE][h][at], lane);
    out[i].zeta = lane_of<VALUE_BITS>(narrow[ZETA][h][at], lane);
    out[i].alpha = lane_of<VALUE_BITS>(narrow[ALPHA][h][at], lane);
    out[i].offset = lane_of<32>(offsets[h][at], lane);
  }
}

}  // namespace dybnn

#endif
