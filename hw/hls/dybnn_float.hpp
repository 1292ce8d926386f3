// dybnn_float.hpp - clauses 1, 9 and 11.3: single operations of binary32, rounded once each.
//
// In: binary32. Out: the bits of src/contract/functions.ts and exp.ts. AMD's cores take and give 0 for subnormal numbers: simulation
// counts them, and while there are none the cores compute the same.
#ifndef DYBNN_FLOAT_HPP
#define DYBNN_FLOAT_HPP

#include "dybnn_fixed.hpp"
#include "dybnn_types.hpp"

#ifndef __SYNTHESIS__
#if defined(__FAST_MATH__)
#error "dybnn: compiled with -ffast-math: results would differ from the golden ones."
#endif
// No product and sum as one operation [1.1].
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif
#endif

namespace dybnn {

inline float float_of(std::uint32_t bits) {
#pragma HLS INLINE
  union {
    std::uint32_t bits;
    float number;
  } view;
  view.bits = bits;
  return view.number;
}

inline std::uint32_t bits_of(float number) {
#pragma HLS INLINE
  union {
    float number;
    std::uint32_t bits;
  } view;
  view.number = number;
  return view.bits;
}

#ifdef DYBNN_SIMULATION
inline std::uint64_t &subnormals() {
  static std::uint64_t count = 0;
  return count;
}
inline float noted(float x) {
  const std::uint32_t magnitude = bits_of(x) & 0x7fffffffu;
  if (magnitude != 0 && magnitude < 0x00800000u) subnormals() += 1;
  return x;
}
#else
inline float noted(float x) {
#pragma HLS INLINE
  return x;
}
#endif

inline float multiplied(float a, float b) {
#pragma HLS INLINE
  return noted(noted(a) * noted(b));
}

inline float added(float a, float b) {
#pragma HLS INLINE
  return noted(noted(a) + noted(b));
}

// f of 2^f, for a normal number.
inline int exponent_of(std::uint32_t power_bits) {
#pragma HLS INLINE
  return int((power_bits >> 23) & 0xff) - 127;
}

// 11.3: sat(floor(x * 2^f + 1/2)), exact before the floor. x is +-m * 2^(e - 150) with 2^23 <= m < 2^24, so the result is m shifted to the right by
// k = 150 - e - f, rounded as 11.2 rounds: halves go up. Below k = 8 it is at least 2^15 and saturates; from k = 25 on m * 2^-k is less than 1/2 and the result
// is 0, as it is for all subnormal numbers (f <= 30).
inline value fixed_of(float x, int fraction) {
#pragma HLS INLINE
  const std::uint32_t bits = bits_of(x);
  const bool negative = (bits >> 31) != 0;
  const int exponent = int((bits >> 23) & 0xff);
  const ap_uint<24> significand = (std::uint32_t(1) << 23) | (bits & 0x7fffff);
  const int k = 150 - exponent - fraction;
  const ap_int<26> magnitude = significand;
  const ap_int<26> v = negative ? ap_int<26>(-magnitude) : magnitude;
  const value rounded = saturate<26>(round_shift<26>(v, shift_amount(k)));
  const value end = negative ? -32768 : 32767;
  return exponent == 0 || k >= 25 ? value(0) : k < 8 ? end : rounded;
}

// [9.1]
inline float relu(float x) {
#pragma HLS INLINE
  return x > 0.0f ? x : 0.0f;
}

inline float clipped(float x, float low, float high) {
#pragma HLS INLINE
  return x < low ? low : (x > high ? high : x);
}

// [9.2]
inline float hard_sigmoid(float x, float alpha, float beta) {
#pragma HLS INLINE
  return clipped(added(multiplied(alpha, x), beta), 0.0f, 1.0f);
}

// [9.3] Cephes' coefficients, highest power first, as in src/contract/exp.ts.
inline float exponential(float x) {
#pragma HLS INLINE
  const float t = clipped(x, -87.0f, 88.0f);
  const float shifted = added(multiplied(t, 1.44269504088896341f), 0.5f);
  std::int32_t k = static_cast<std::int32_t>(shifted);  // toward zero; now down to the floor
  if (static_cast<float>(k) > shifted) k = k - 1;
  const float whole = static_cast<float>(k);
  const float high = multiplied(whole, 0.693359375f);
  const float low = multiplied(whole, -2.1219444e-4f);
  const float r = added(added(t, -high), -low);
  float p = added(multiplied(1.98756915e-4f, r), 1.3981999507e-3f);
  p = added(multiplied(p, r), 8.3334519073e-3f);
  p = added(multiplied(p, r), 4.1665795894e-2f);
  p = added(multiplied(p, r), 1.6666665459e-1f);
  p = added(multiplied(p, r), 5.0000001201e-1f);
  const float z = added(added(multiplied(p, multiplied(r, r)), r), 1.0f);
  return multiplied(z, float_of(std::uint32_t(k + 127) << 23));  // 2^k, k in [-126, 127]
}

// [9.4]
inline float sigmoid(float x) {
#pragma HLS INLINE
  return noted(1.0f / added(1.0f, exponential(-x)));
}

// Numbers of `function`, those of dybnn_function in hw/cpu.
enum function : std::int32_t {
  FUNCTION_NONE = 0,
  FUNCTION_RELU = 1,
  FUNCTION_CLIP = 2,
  FUNCTION_HARD_SIGMOID = 3,
  FUNCTION_HARD_SWISH = 4,
  FUNCTION_SIGMOID = 5,
  FUNCTION_SWISH = 6,
  FUNCTION_NEGATE = 7
};

inline bool function_multiplies(int f) {
#pragma HLS INLINE
  return f == FUNCTION_HARD_SIGMOID || f == FUNCTION_HARD_SWISH || f == FUNCTION_SIGMOID || f == FUNCTION_SWISH;
}

// Those that only compare: one for each lane.
inline float simple_function(int f, float alpha, float beta, float x) {
#pragma HLS INLINE
  return f == FUNCTION_RELU ? relu(x) : f == FUNCTION_CLIP ? clipped(x, alpha, beta) : f == FUNCTION_NEGATE ? -x : x;
}

// The others: one unit for all lanes. hardSwish's constants are its own (9.2).
template <bool EXPONENTIAL>
float multiplying_function(int f, float alpha, float beta, float x) {
#pragma HLS INLINE
  const bool swish = f == FUNCTION_HARD_SWISH || f == FUNCTION_SWISH;
  const bool hard = f == FUNCTION_HARD_SIGMOID || f == FUNCTION_HARD_SWISH;
  const float a = f == FUNCTION_HARD_SWISH ? 1.0f / 6.0f : alpha;
  const float b = f == FUNCTION_HARD_SWISH ? 0.5f : beta;
  float gate = hard_sigmoid(x, a, b);
  if (EXPONENTIAL && !hard) gate = sigmoid(x);
  return swish ? multiplied(x, gate) : gate;
}

}  // namespace dybnn

#endif
