// dybnn_tail.hpp - clause 12: what happens to LANES values of a map in one cycle.
//
// In: values after 12.1's entry, the shortcut's sum, a word of each parameter. Out: the values to store, to add up and to
// compare. Two multipliers a lane: scale (12.2) and slope (12.4), both 16 x 16 bits.
#ifndef DYBNN_TAIL_HPP
#define DYBNN_TAIL_HPP

#include "dybnn_descriptor.hpp"
#include "dybnn_fixed.hpp"
#include "dybnn_types.hpp"

namespace dybnn {

// What is the same for all values of a step.
struct tail_settings {
  bool scale;
  bool bias;
  bool shortcut;
  bool prelu;
  bool gamma;
  bool zeta;
  bool bits_gt;
  bool signs;
  value sign_unit;
  shift_amount scale_shift;
  shift_amount shortcut_shift;
  shift_amount slope_shift;
  rounding shortcut_half;
  rounding slope_half;
};

inline tail_settings tail_settings_of(const descriptor &d) {
#pragma HLS INLINE
  tail_settings t;
  t.scale = (d.flags & HAS_SCALE) != 0;
  t.bias = (d.flags & HAS_BIAS) != 0;
  t.shortcut = (d.flags & HAS_SHORTCUT) != 0;
  t.prelu = (d.flags & HAS_PRELU) != 0;
  t.gamma = (d.flags & HAS_GAMMA) != 0;
  t.zeta = (d.flags & HAS_ZETA) != 0;
  t.bits_gt = (d.flags & BITS_GT) != 0;
  t.signs = (d.flags & SIGNS) != 0;
  t.sign_unit = d.sign_unit;
  t.scale_shift = d.scale_shift;
  t.shortcut_shift = d.shortcut_shift;
  t.slope_shift = d.slope_shift;
  t.shortcut_half = half_of(t.shortcut_shift);
  t.slope_half = half_of(t.slope_shift);
  return t;
}

// One channel's parameters.
struct tail_parameters {
  value scale;
  ap_int<32> offset;  // c of 12.2 and half of 2^S: the compiler adds it, so that rounding takes no adder
  value bias;
  value gamma;
  value slope;
  value zeta;
  value alpha;
};

// 12.1. |v| + 2^14 stays in 32 bits after an accumulator; a map's value with a shift of 16 is far from them.
inline value enter(const accumulator &v, const shift_amount &shift, const rounding &half) {
#pragma HLS INLINE
  return saturate<32>(round_shift<32>(v, shift, half));
}

// 12.2: |a * m + c| + 2^14 <= 2^31 - 2^14; |c| + 2^14 <= 2^30 + 2^14. One DSP block, whose third operand is the offset.
inline value scaled(const value &a, const value &scale, const ap_int<32> &offset, const shift_amount &shift) {
#pragma HLS INLINE
  const ap_int<32> product = a * scale;
  const ap_int<32> sum = product + offset;
  return saturate<32>(ap_int<32>(sum >> shift));
}

// 12.3: the sum of four values and half of 2^18 need 20 bits.
inline value with_shortcut(const value &y, const ap_int<SHORTCUT_BITS> &z, const shift_amount &shift, const rounding &half) {
#pragma HLS INLINE
  const ap_int<20> rounded = round_shift<20>(ap_int<20>(z), shift, ap_int<20>(half));
  const ap_int<21> sum = rounded + y;
  return saturate<21>(sum);
}

// 12.4: |d * slope| + 2^14 <= 2^30 + 2^14. The sign of d is the comparison: at y = gamma both sides give zeta, so whether the graph has > or >= makes no
// difference to these integers (and PRELU_GE none to the engine).
inline value rprelu(const value &y, const value &gamma, const value &slope, const value &zeta, const shift_amount &shift, const rounding &half) {
#pragma HLS INLINE
  const value d = saturate<17>(ap_int<17>(y) - gamma);
  // One DSP block; its third operand is that half.
  const ap_int<32> product = d * slope + half;
  const value below = saturate<32>(ap_int<32>(product >> shift));
  const value kept = d < 0 ? below : d;
  return saturate<17>(ap_int<17>(kept) + zeta);
}

inline value tail_value(const tail_settings &t, const tail_parameters &p, const value &entered, const ap_int<SHORTCUT_BITS> &z) {
#pragma HLS INLINE
  const value zero = 0;
  const value a = t.scale ? scaled(entered, p.scale, p.offset, t.scale_shift) : entered;
  const value b = t.bias ? saturate<17>(ap_int<17>(a) + p.bias) : a;
  const value c = t.shortcut ? with_shortcut(b, z, t.shortcut_shift, t.shortcut_half) : b;
  const value gamma = t.gamma ? p.gamma : zero;
  const value zeta = t.zeta ? p.zeta : zero;
  return t.prelu ? rprelu(c, gamma, p.slope, zeta, t.slope_shift, t.slope_half) : c;
}

// 12.5.
inline bool tail_bit(const tail_settings &t, const value &y, const value &alpha) {
#pragma HLS INLINE
  return t.bits_gt ? y > alpha : y >= alpha;
}

// What is stored and added up: the value, or its sign as a number (sign_unit is a power of two, at most 2^14).
inline value tail_left(const tail_settings &t, const value &y, bool bit) {
#pragma HLS INLINE
  const value minus = -t.sign_unit;
  const value number = bit ? t.sign_unit : minus;
  return t.signs ? number : y;
}

}  // namespace dybnn

#endif
