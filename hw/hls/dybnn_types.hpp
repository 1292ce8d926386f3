// dybnn_types.hpp - what follows from an engine's parameters: derived sizes, the types of its words, and what must divide what.
//
// In: a configuration C, a struct of `static constexpr int` members with the names of README.md. Out: constants<C>, whose
// static_asserts refuse a configuration that the units could not be built for.
#ifndef DYBNN_TYPES_HPP
#define DYBNN_TYPES_HPP

#include <cstdint>

#include <ap_int.h>
#include <hls_stream.h>

namespace dybnn {

constexpr bool is_power_of_two(int v) { return v > 0 && (v & (v - 1)) == 0; }

constexpr int divide_up(int a, int b) { return (a + b - 1) / b; }

constexpr int largest_of(int a, int b) { return a > b ? a : b; }

constexpr int log2_of(int v) {
  int bits = 0;
  while (v > 1) {
    v /= 2;
    ++bits;
  }
  return bits;
}

// Bits of an index below n.
constexpr int index_bits(int n) { return log2_of(largest_of(n - 1, 1)) + 1; }

// By a power of two, as wires: the compiler's own division of a signed number rounds toward zero.
template <int N>
int quotient(int v) {
#pragma HLS INLINE
  static_assert(is_power_of_two(N), "divides by a shift");
  return v >> log2_of(N);
}

template <int N>
int remainder(int v) {
#pragma HLS INLINE
  static_assert(is_power_of_two(N), "keeps the low bits");
  return v & (N - 1);
}

// Words of N values that hold `count` of them.
template <int N>
int words_for(int count) {
#pragma HLS INLINE
  return quotient<N>(count + N - 1);
}

// Sizes that no configuration changes.
constexpr int SIMD = 64;                                // bits of a word of activations, clause 2.2
constexpr int VALUE_BITS = 16;                          // of a map
constexpr int PORTS = 2;                                // a word is striped over two memory ports
constexpr int MOST_PRODUCTS = 32767;                    // of an output of a binary convolution, clause 12.1
constexpr int SHORTCUT_BITS = VALUE_BITS + 2;           // the sum of four values, clause 12.3
constexpr int DESCRIPTOR_BITS = 64 * 32;                // 64 int32

// POOL_STORE's shift: four steps of one selection.
constexpr int LEAST_STORE_SHIFT = 2;
constexpr int MOST_STORE_SHIFT = 5;

// Words of the streams between a step's processes, all in LUTs; dybnn_memory.hpp says what the first three must hold.
constexpr int TURN = 24;  // of a PASS: words of its input, then of its shortcut
constexpr int MAP_FIFO = 64;
constexpr int RAW_SHORTCUT_FIFO = 32;
constexpr int SHORTCUT_FIFO = 16;
constexpr int MADE_FIFO = 16;
constexpr int STORED_FIFO = 16;
constexpr int OUTPUT_FIFO = 16;

template <class C>
struct constants {
  static constexpr int WORD_BITS = PORTS * C::PORT_BITS;
  static constexpr int LANES = WORD_BITS / VALUE_BITS;
  static constexpr int FLOAT_LANES = WORD_BITS / 32;
  static constexpr int CONVERT_PIECES = FLOAT_LANES / C::CONVERT_LANES;  // of a word of floats
  static constexpr int BANKS = 2 * C::PIXELS;
  static constexpr int PARTS = SIMD / LANES;               // of a word of bits, one for each map word
  static constexpr int TILE_WORDS = C::PE / LANES;         // map words of a pixel in a tile of the binary array
  static constexpr int INT8_TILE_WORDS = C::INT8_PE / LANES;
  static constexpr int CHANNEL_WORDS = C::CHANNELS / LANES;
  static constexpr int VECTOR_WORDS = C::VECTORS / FLOAT_LANES;
  // A row of weights is what an array takes in one iteration; it has so many words, each in a memory of its own.
  static constexpr int BITS_OF_WORD = WORD_BITS / SIMD;    // weights of so many outputs
  static constexpr int WEIGHT_ROW_WORDS = C::PE / BITS_OF_WORD;
  static constexpr int INT8_ROW_BITS = 8 * C::INT8_PE * C::INT8_SIMD;
  static constexpr int INT8_ROW_WORDS = INT8_ROW_BITS / WORD_BITS;
  static constexpr bool POOLS = C::MAX_POOL != 0 || C::AVERAGE_POOL != 0;
  static constexpr int PROGRAM_BEATS = DESCRIPTOR_BITS / C::PORT_BITS;
  static constexpr int BEAT_FIELDS = C::PORT_BITS / 32;

  static_assert(C::PORT_BITS == 64 || C::PORT_BITS == 128 || C::PORT_BITS == 256, "a memory port has 64, 128 or 256 bits");
  static_assert(is_power_of_two(C::PE) && C::PE % LANES == 0, "PE is a power of two and a multiple of LANES");
  static_assert(is_power_of_two(C::PIXELS) && C::PIXELS <= 8, "PIXELS is 1, 2, 4 or 8");
  static_assert(C::PE % BITS_OF_WORD == 0, "a row of binary weights is whole words");
  static_assert(is_power_of_two(C::INT8_PE) && C::INT8_PE % LANES == 0, "INT8_PE is a power of two and a multiple of LANES");
  static_assert(is_power_of_two(C::INT8_SIMD) && LANES % C::INT8_SIMD == 0, "INT8_SIMD divides LANES");
  static_assert(INT8_ROW_BITS % WORD_BITS == 0 && is_power_of_two(INT8_ROW_WORDS), "a row of int8 weights is 1, 2, 4 ... words");
  static_assert(C::WEIGHT_WORDS % 2 == 0 && C::INT8_WORDS % 2 == 0, "weights have two buffers of one size");
  static_assert(is_power_of_two(C::ROW_WORDS), "the row buffer is a ring addressed by the low bits");
  static_assert(C::CHANNELS % LANES == 0, "CHANNELS is whole words");
  static_assert(C::VECTORS % FLOAT_LANES == 0, "VECTORS is whole words");
  static_assert(C::GROUP_WORDS >= C::PIXELS * TILE_WORDS, "a slot has at least one tile of the binary array");
  static_assert(C::GROUP_WORDS >= INT8_TILE_WORDS, "a slot has at least one tile of the int8 array");
  static_assert(is_power_of_two(C::BIT_WORDS) && C::BIT_WORDS >= 2, "the packed-map memory is a ring addressed by the low bits");
  static_assert(C::MAP_WORDS >= 1 && C::POOL_WORDS >= 1, "a memory has at least one word");
  static_assert(C::STORE_WORDS >= 0, "no words: maps are not stored pooled");
  static_assert(((C::MAX_POOL | C::AVERAGE_POOL | C::FUNCTIONS | C::EXPONENTIAL) & ~1) == 0, "a unit is built or not");
  static_assert(C::EXPONENTIAL <= C::FUNCTIONS, "the exponential's functions multiply too");
  static_assert(is_power_of_two(C::CONVERT_LANES) && C::CONVERT_LANES <= FLOAT_LANES, "CONVERT_LANES divides FLOAT_LANES");
  static_assert(C::FLOAT_ROWS == 1 || C::FLOAT_ROWS == 2, "a bank of the vector memory has two ports");
  static_assert(C::FLOAT_DEPTH >= 1 && C::FLOAT_SLOTS >= 1, "a dense layer has an accumulator");
};

template <class C>
using word = ap_uint<constants<C>::WORD_BITS>;

template <class C>
using half_word = ap_uint<C::PORT_BITS>;

// LANES integers that are added to a tail, wide enough for the sum of four.
template <class C>
using shortcut_word = ap_uint<constants<C>::LANES * SHORTCUT_BITS>;

template <class C>
using sums_word = ap_uint<constants<C>::LANES * 32>;

// What the loops count. A register of each is carried along a pipeline, so they are as narrow as the largest network allows.
typedef ap_uint<16> extent;      // heights, widths, channels
typedef ap_uint<20> pixel_index; // of a map
typedef ap_uint<12> word_index;  // of a pixel
typedef ap_int<18> input_index;  // rows and columns of an input, and those outside it
typedef ap_uint<16> iteration;   // of a slot
typedef ap_uint<8> small;        // tiles of a slot; kernels, strides, dilations and padding

typedef ap_int<VALUE_BITS> value;
typedef ap_int<32> accumulator;

// Lane `lane` of a word of W-bit integers.
template <int W, int N>
ap_int<W> lane_of(const ap_uint<N> &bits, int lane) {
#pragma HLS INLINE
  const ap_int<W> v = bits(W * lane + W - 1, W * lane);
  return v;
}

template <int W, int N>
void set_lane(ap_uint<N> &bits, int lane, const ap_int<W> &v) {
#pragma HLS INLINE
  bits(W * lane + W - 1, W * lane) = v(W - 1, 0);
}

}  // namespace dybnn

#endif
