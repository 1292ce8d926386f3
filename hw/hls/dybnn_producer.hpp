// dybnn_producer.hpp - what makes a slot: one iteration of the binary array, of the int8 array, of a pool.
//
// In: where in the slot the iteration is, the packed map or the row buffer, the resident weights. Out: the arrays' accumulators, or a pool's word.
#ifndef DYBNN_PRODUCER_HPP
#define DYBNN_PRODUCER_HPP

#include "dybnn_binary_array.hpp"
#include "dybnn_int8_array.hpp"
#include "dybnn_packed_map.hpp"
#include "dybnn_pool.hpp"
#include "dybnn_row_buffer.hpp"
#include "dybnn_walk.hpp"
#include "dybnn_weights.hpp"

namespace dybnn {

struct producer_state {
  position at;
  iteration it;          // of the slot
  small tile;            // of the slot
  iteration in_tile;
  small ky;
  small kx;
  extent tap_y;          // the tap's place in the window
  extent tap_x;
  extent k;              // iteration of the tap
  iteration weight_row;
  bool weights_half;
  bool buffer;           // half of the accumulators that the slot drains into
};

inline producer_state begin_producing(const position &at, bool weights_half) {
#pragma HLS INLINE
  producer_state m;
  m.at = at;
  m.it = 0;
  m.tile = 0;
  m.in_tile = 0;
  m.ky = 0;
  m.kx = 0;
  m.tap_y = 0;
  m.tap_x = 0;
  m.k = 0;
  m.weight_row = 0;
  m.weights_half = weights_half;
  m.buffer = false;
  return m;
}

// Iterations, taps and tiles; a slot's last iteration begins the next slot.
inline void next_iteration(producer_state &m, const descriptor &d, const step_sizes &s, const slot_plan &p, bool works, bool last_of_slot,
                           const input_index &step_x) {
#pragma HLS INLINE
  const bool last_of_tile = m.in_tile + 1 == p.period;
  const bool last_of_tap = m.k + 1 == p.per_tap;
  const bool last_of_row = m.kx + 1 == p.kernel_w;
  const bool fresh = last_of_slot || last_of_tile;
  const extent k_next = last_of_tap ? extent(0) : extent(m.k + 1);
  if (fresh) {
    m.k = 0;
    m.kx = 0;
    m.ky = 0;
    m.tap_x = 0;
    m.tap_y = 0;
  } else if (works) {
    m.k = k_next;
    if (last_of_tap) {
      m.kx = last_of_row ? small(0) : small(m.kx + 1);
      m.tap_x = last_of_row ? extent(0) : extent(m.tap_x + d.dilation_w);
      if (last_of_row) {
        m.ky = m.ky + 1;
        m.tap_y = m.tap_y + d.dilation_h;
      }
    }
  }
  m.weight_row = last_of_slot ? iteration(0) : works ? iteration(m.weight_row + 1) : m.weight_row;
  m.in_tile = fresh ? iteration(0) : iteration(m.in_tile + 1);
  m.tile = last_of_slot ? small(0) : last_of_tile && m.tile < p.tiles ? small(m.tile + 1) : m.tile;
  m.it = last_of_slot ? iteration(0) : iteration(m.it + 1);
  if (last_of_slot) {
    m.buffer = !m.buffer;
    m.at = next_of(m.at, p, s, step_x);
  }
}

// 4.1. The address in the packed map is two products; its blocks are BANKS columns.
template <class C>
void produce_binary(const producer_state &m, const descriptor &d, const slot_plan &p, const packed_memory<C> &packed,
                    const binary_weight_memory<C> &weights, product_count (&products)[C::PIXELS],
                    product_count (&mismatches)[C::PIXELS][C::PE]) {
#pragma HLS INLINE
  typedef constants<C> K;
  ap_uint<SIMD> activations[C::PIXELS];
#pragma HLS ARRAY_PARTITION variable = activations complete
  ap_uint<SIMD> row_weights[C::PE];
#pragma HLS ARRAY_PARTITION variable = row_weights complete
  word<C> row[K::WEIGHT_ROW_WORDS];
#pragma HLS ARRAY_PARTITION variable = row complete
  bool inside[C::PIXELS];
#pragma HLS ARRAY_PARTITION variable = inside complete
  const input_index iy = m.at.origin_y + m.tap_y;
  const input_index ix = m.at.origin_x + m.tap_x;
  const bool row_inside = iy >= 0 && iy < p.in_height;
  const bool first = m.in_tile == 0;
  const int blocks = words_for<K::BANKS>(d.in_width);
  const int block = signed_product(iy, blocks) + (ix >> log2_of(K::BANKS)).to_int();
  const int address = d.in_address + signed_product(block, p.per_tap) + m.k.to_int();
  read_columns<C>(packed, ix, p.stride_w, address, p.per_tap, activations);
  get_weights<C>(weights, m.weights_half, m.weight_row, row);
  binary_weights_of<C>(row, row_weights);
columns:
  for (int i = 0; i < C::PIXELS; ++i) {
#pragma HLS UNROLL
    const input_index at = ix + i * p.stride_w;
    inside[i] = row_inside && at >= 0 && at < p.in_width;
    const product_count before = first ? product_count(0) : products[i];
    const product_count of_tap = inside[i] && m.k == 0 ? product_count(d.in_channels) : product_count(0);
    products[i] = before + of_tap;
  }
  binary_accumulate<C>(row_weights, activations, inside, first, mismatches);
}

// The word of the row buffer that an iteration of the int8 array or of a pool reads, and whether it lies in the map.
template <class C>
word<C> read_row(const producer_state &m, const slot_plan &p, int first_lane, const row_memory<C> &rows, bool &inside, int &lane) {
#pragma HLS INLINE
  constexpr int LANES = constants<C>::LANES;
  const input_index iy = m.at.origin_y + m.tap_y;
  const input_index ix = m.at.origin_x + m.tap_x;
  inside = iy >= 0 && iy < p.in_height && ix >= 0 && ix < p.in_width;
  lane = signed_product(ix, p.pixel_lanes) + first_lane;
  const row_index<C> address = signed_product(iy, p.row_words) + quotient<LANES>(lane);
  return rows[address];
}

// 14.1.
template <class C>
void produce_int8(const producer_state &m, const slot_plan &p, const row_memory<C> &rows, const int8_weight_memory<C> &weights,
                  accumulator (&sums)[C::INT8_PE]) {
#pragma HLS INLINE
  typedef constants<C> K;
  value values[C::INT8_SIMD];
#pragma HLS ARRAY_PARTITION variable = values complete
  ap_int<8> row_weights[C::INT8_PE][C::INT8_SIMD];
#pragma HLS ARRAY_PARTITION variable = row_weights complete dim = 0
  word<C> row[K::INT8_ROW_WORDS];
#pragma HLS ARRAY_PARTITION variable = row complete
  bool inside = false;
  int lane = 0;
  const word<C> w = read_row<C>(m, p, m.k.to_int() * C::INT8_SIMD, rows, inside, lane);
  values_at<C>(w, lane, inside, values);
  get_weights<C>(weights, m.weights_half, m.weight_row, row);
  int8_weights_of<C>(row, row_weights);
  int8_accumulate<C>(row_weights, values, m.in_tile == 0, sums);
}

// 13.2 and 13.3; the value is whole when the tile's work ends.
template <class C>
void produce_pool(const producer_state &m, const descriptor &d, const slot_plan &p, const row_memory<C> &rows, small &counted,
                  value (&most)[constants<C>::LANES], pool_sum (&sums)[constants<C>::LANES], value (&making)[constants<C>::LANES]) {
#pragma HLS INLINE
  constexpr int LANES = constants<C>::LANES;
  const bool first = m.in_tile == 0;
  bool inside = false;
  int lane = 0;
  const word<C> w = read_row<C>(m, p, m.at.word.to_int() * LANES, rows, inside, lane);
  const small counted_before = first ? small(0) : counted;
  counted = counted_before + (inside ? 1 : 0);
  const bool largest = C::AVERAGE_POOL == 0 || (C::MAX_POOL != 0 && d.kind == MAX_POOL);  // a unit that is not built leaves no choice
  pool_reciprocal reciprocal;
  reciprocal.factor = d.pool_factor;
  reciprocal.shift = d.pool_shift;
  if ((d.flags & EXCLUDE_PAD) != 0) reciprocal = reciprocal_of(ap_uint<6>(counted - 1));
lanes:
  for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
    const value v = lane_of<VALUE_BITS>(w, i);
    const value most_before = first ? value(-32768) : most[i];
    const pool_sum sum_before = first ? pool_sum(0) : sums[i];
    const pool_sum sum_after = sum_before + v;
    most[i] = inside && v > most_before ? v : most_before;
    sums[i] = inside ? sum_after : sum_before;
    making[i] = largest ? most[i] : averaged(sums[i], reciprocal);
  }
}

}  // namespace dybnn

#endif
