// dybnn_limits.hpp - in simulation: a step that an engine's memories do not hold stops with a sentence. Hardware would go on with wrong bits.
//
// In: a descriptor. Out: nothing, or the end of the program. What the compiler must see to is in README.md; this says it in the engine's own numbers.
#ifndef DYBNN_LIMITS_HPP
#define DYBNN_LIMITS_HPP

#include "dybnn_memories.hpp"
#include "dybnn_walk.hpp"

#ifdef DYBNN_SIMULATION
#include <cstdio>
#include <cstdlib>
#endif

namespace dybnn {

#ifdef DYBNN_SIMULATION

inline void must_hold(long long needed, long long there, int kind, const char *what) {
  if (needed >= 0 && needed <= there) return;
  std::fprintf(stderr, "a step of kind %d needs %lld %s, the engine has %lld\n", kind, needed, what, there);
  std::abort();
}

template <class C>
void check_vectors(const descriptor &d, long long address, long long stride, long long rows, long long floats) {
  const long long lanes = constants<C>::FLOAT_LANES;
  must_hold(address % lanes == 0 && (rows == 1 || stride % lanes == 0) ? 0 : 1, 0, d.kind, "floats more or less for whole words");
  must_hold(address + (rows - 1) * stride + (floats + lanes - 1) / lanes * lanes, C::VECTORS, d.kind, "floats of vectors");
}

// A dense layer, as an OUTPUT, reads float by float, from anywhere.
template <class C>
void check_inputs(const descriptor &d) {
  must_hold(d.in_address + (d.rows - 1LL) * d.in_stride + d.inputs, C::VECTORS, d.kind, "floats of vectors");
}

// Whether two ranges of a ring of `words` have a word in common.
inline bool meet(long long a, long long size_a, long long b, long long size_b, long long words) {
  const long long from_a = ((b - a) % words + words) % words, from_b = ((a - b) % words + words) % words;
  return size_a > 0 && size_b > 0 && (from_a < size_a || from_b < size_b);
}

// Bits go over rows of the input only once no window reads them any more: all rows from the top of the row's window on are still read. With several groups
// every row is.
template <class C>
void check_overlaid(const descriptor &d) {
  const long long in_row = static_cast<long long>(words_for<constants<C>::BANKS>(d.in_width)) * words_for<SIMD>(d.in_channels);
  const long long out_row = static_cast<long long>(words_for<constants<C>::BANKS>(d.out_width)) * words_for<SIMD>(d.out_channels);
  long long met = 0;
  for (int y = 0; y < d.out_height; ++y) {
    const int top = y * d.stride_h - d.pad_top;
    const long long left = d.groups > 1 || top < 0 ? 0 : top < d.in_height ? top : d.in_height;
    if (meet(d.bits_address + y * out_row, out_row, d.in_address + left * in_row, (d.in_height - left) * in_row, C::BIT_WORDS)) ++met;
  }
  must_hold(met, 0, d.kind, "rows of bits over rows that are still to be read");
}

template <class C>
void check_limits(const descriptor &d) {
  typedef constants<C> K;
  const int kind = d.kind;
  const long long in = d.in_address, out = d.vector_out;
  const step_sizes s = sizes_of<C>(d);
  switch (kind) {
    case MEAN:
      must_hold(d.outputs, C::CHANNELS, kind, "channels");
      return check_vectors<C>(d, out, 0, 1, d.outputs);
    case PARAMETER:
      must_hold(d.outputs, C::CHANNELS, kind, "channels");
      must_hold(d.slot, SLOTS - 1, kind, "slots");
      return check_vectors<C>(d, in, 0, 1, d.outputs);
    case OUTPUT:
      return must_hold(in + d.outputs, C::VECTORS, kind, "floats of vectors");
    case DENSE:
      must_hold(static_cast<long long>(d.block_groups) * words_for<C::FLOAT_ROWS>(d.rows), C::FLOAT_SLOTS, kind, "accumulators of a float lane");
      must_hold(function_multiplies(d.function) ? 1 : 0, C::FUNCTIONS, kind, "functions that multiply");
      must_hold(d.function == 5 || d.function == 6 ? 1 : 0, C::EXPONENTIAL, kind, "exponentials");
      check_inputs<C>(d);
      return check_vectors<C>(d, out, d.out_stride, d.rows, d.outputs);
    case INT8_DENSE:
      must_hold(static_cast<long long>(d.rows) * words_for<K::LANES>(d.inputs), C::ROW_WORDS, kind, "words of the row buffer");
      check_inputs<C>(d);
      check_vectors<C>(d, out, d.out_stride, d.rows, d.outputs);
      break;
    case MAX_POOL:
      must_hold(1, C::MAX_POOL, kind, "units for max pools");
      break;
    case AVERAGE_POOL:
      must_hold(1, C::AVERAGE_POOL, kind, "units for average pools");
      break;
    default:
      if (!s.tail) return;
  }
  const slot_plan p = slot_plan_of<C>(d, s);
  const long long rows = static_cast<long long>(p.tiles.to_int()) * p.work.to_int() * (d.groups > 1 ? 2 : 1);
  if (s.binary) must_hold(rows, C::WEIGHT_WORDS, kind, "rows of binary weights");
  if (s.int8 || s.int8_dense) must_hold(rows, C::INT8_WORDS, kind, "rows of int8 weights");
  if (!s.tail) return;
  must_hold(d.out_channels, C::CHANNELS, kind, "channels");
  must_hold(static_cast<long long>(p.columns.to_int()) * p.slot_words.to_int(), s.binary || s.int8 ? C::GROUP_WORDS : 1, kind, "words of a slot");
  if (s.by_rows) must_hold(((d.kernel_h - 1LL) * d.dilation_h + 1) * d.in_row_words, C::ROW_WORDS, kind, "words of the row buffer");
  if (s.binary) {
    const long long words = static_cast<long long>(d.in_height) * words_for<K::BANKS>(d.in_width) * words_for<SIMD>(d.in_channels);
    must_hold(static_cast<long long>(d.kernel_h) * d.kernel_w * d.in_channels, MOST_PRODUCTS, kind, "products of an output");
    must_hold(words, C::BIT_WORDS, kind, "words of a packed map's bank");
    must_hold(in, C::BIT_WORDS - 1, kind, "as a packed map's address");
    const long long columns = d.out_width < C::PIXELS ? d.out_width : C::PIXELS;
    must_hold(d.stride_w * (columns - 1), K::BANKS - 1, kind, "columns from the first to the last pixel of a slot");
  } else if (!s.int8_dense) {
    must_hold(d.in_chip_address + static_cast<long long>(s.in_chip), C::MAP_WORDS, kind, "words of the map memory");
  }
  if ((d.flags & BITS) != 0) {
    const long long words = static_cast<long long>(d.out_height) * words_for<K::BANKS>(d.out_width) * words_for<SIMD>(d.out_channels);
    must_hold(words, C::BIT_WORDS, kind, "words of a packed map's bank");
    must_hold(d.bits_address, C::BIT_WORDS - 1, kind, "as a packed map's address");
    if (s.binary) check_overlaid<C>(d);
  }
  if (s.pools_store) {
    must_hold(d.out_chip_pixels, 0, kind, "pixels on chip of a map that is stored pooled");
    must_hold(d.groups, 1, kind, "groups of a map that is stored pooled");
    must_hold(d.out_pixel_words - s.out_words, 0, kind, "other words in a pixel of a map that is stored pooled");
    must_hold(d.store_shift - LEAST_STORE_SHIFT, MOST_STORE_SHIFT - LEAST_STORE_SHIFT, kind, "more than the least shift of a map that is stored pooled");
    must_hold((d.out_width + 1LL) / 2 * s.out_words, C::STORE_WORDS, kind, "words of a row of a map that is stored pooled");
  }
  if ((d.flags & STORE) != 0) {
    const long long pixels = d.out_chip_pixels < s.pixels ? d.out_chip_pixels : s.pixels;
    must_hold(pixels == 0 ? 0 : d.out_chip_address + (pixels - 1) * d.out_pixel_words + s.out_words, C::MAP_WORDS, kind, "words of the map memory");
  }
  if (s.shortcut) {
    must_hold(d.shortcut_chip_address + static_cast<long long>(d.shortcut_chip_pixels) * s.shortcut_words, C::MAP_WORDS, kind, "words of the map memory");
    if (s.pooled) must_hold(static_cast<long long>(d.out_width) * s.group_words, largest_of(C::POOL_WORDS, K::CHANNEL_WORDS), kind, "words of a pooled row");
  }
}

#else

template <class C>
void check_limits(const descriptor &) {}

#endif

}  // namespace dybnn

#endif
