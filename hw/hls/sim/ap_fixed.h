// ap_fixed.h - ap_fixed<W, I, Q, O> and ap_ufixed<W, I, Q, O> for simulation with a plain C++14 compiler.
//
// In: numbers of another format, integers, floats. Out: W bits, I of them left of the binary point: the bits stand for bits * 2^(I - W).
// Kept true: a number never holds anything but what the hardware register would.
//
// After AMD, Vitis High-Level Synthesis User Guide (UG1399), "C++ Arbitrary Precision Fixed-Point Types": "Overview of C++ Fixed-Point
// Data Types" (modes), "Class Methods, Operators, and Data Members" (result widths, shifts). Our own code; see ap_int.h for how it is compared with AMD's.
//
// Where a conversion drops bits below the last place, Q says how: with h half of the last place,
//   AP_TRN           towards minus infinity (the default)   AP_TRN_ZERO      towards zero
//   AP_RND           to nearest, ties up                     AP_RND_ZERO      to nearest, ties towards zero
//   AP_RND_MIN_INF   to nearest, ties down                   AP_RND_INF       to nearest, ties away from zero
//   AP_RND_CONV      to nearest, ties to even
// Where the result does not fit, O says what is left:
//   AP_WRAP          the low W bits (the default)            AP_SAT           the largest or the smallest number
//   AP_SAT_ZERO      0                                       AP_SAT_SYM       the same with -largest for the smallest
//
// The subset: conversions between formats, from and to integers, float and double; + - * and unary - at full precision; comparisons by
// value; << and >> (of the bits, in the same format, neither rounded nor saturated: AMD's rule); range(), (high, low) and [bit] of
// the bits; to_int and the like (towards zero), to_double, to_float, length, width, iwidth. Not in it: division, & | ^, strings, AP_WRAP_SM, the
// number of saturated bits N, and arithmetic with float or double.
#ifndef DYBNN_SIM_AP_FIXED_H
#define DYBNN_SIM_AP_FIXED_H

#include "ap_int.h"

enum ap_q_mode { AP_RND, AP_RND_ZERO, AP_RND_MIN_INF, AP_RND_INF, AP_RND_CONV, AP_TRN, AP_TRN_ZERO };
enum ap_o_mode { AP_SAT, AP_SAT_ZERO, AP_SAT_SYM, AP_WRAP };

namespace ap_sim {

// Whether a quotient rounded towards minus infinity goes up by one. `half`: the first dropped bit; `below`: any bit after it.
template <ap_q_mode Q>
inline bool rounds_up(bool half, bool below, bool negative, bool odd) {
  switch (Q) {
    case AP_RND: return half;
    case AP_RND_ZERO: return half && (below || negative);
    case AP_RND_MIN_INF: return half && below;
    case AP_RND_INF: return half && (below || !negative);
    case AP_RND_CONV: return half && (below || odd);
    case AP_TRN_ZERO: return negative && (half || below);
    case AP_TRN: return false;
  }
  return false;
}

// value * 2^-N, rounded. One more bit than the value, for the carry.
template <ap_q_mode Q, int N, int W, enable<(N > 0), int> = 0>
inline integer<W + 1, true> rescale(const integer<W, true> &value) {
  integer<W + 1, true> quotient = value.shift_right(N);
  const bool half = value[smaller(N - 1, W - 1)];  // beyond the number its sign goes on
  const bool below = value.shift_left(larger(0, W - (N - 1))).any();
  if (rounds_up<Q>(half, below, value.negative(), quotient[0])) ++quotient;
  return quotient;
}
template <ap_q_mode Q, int N, int W, enable<(N <= 0), int> = 0>
inline integer<W - N, true> rescale(const integer<W, true> &value) {
  return integer<W - N, true>(value).shift_left(-N);
}

// The value in W bits. `over` and `under` say on which side it does not fit.
template <ap_o_mode O, int W, bool S, class Value>
inline integer<W, S> fit(const Value &value, bool over, bool under) {
  if (O == AP_WRAP || !(over || under)) return integer<W, S>(value);
  if (O == AP_SAT_ZERO) return integer<W, S>(0);
  integer<W, S> end(0);
  if (S) {
    end[W - 1] = 1;
    if (over) return ~end;
    if (O == AP_SAT_SYM && W > 1) end[0] = 1;
    return end;
  }
  return over ? ~end : end;
}

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
class fixed;

template <class T>
struct fixed_operand {
  static constexpr bool is_fixed = false;
  static constexpr bool is_any = is_operand<T>();
  static constexpr int width = operand<T>::width, iwidth = width;
  static constexpr bool is_signed = operand<T>::is_signed;
};
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
struct fixed_operand<fixed<W, I, S, Q, O>> {
  static constexpr bool is_fixed = true;
  static constexpr bool is_any = true;
  static constexpr int width = W, iwidth = I;
  static constexpr bool is_signed = S;
};

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
class fixed {
 public:
  static constexpr int width = W;
  static constexpr int iwidth = I;
  static constexpr int fraction = W - I;
  static constexpr ap_q_mode qmode = Q;
  static constexpr ap_o_mode omode = O;
  integer<W, S> bits;

  fixed() = default;

  template <int W2, int I2, bool S2, ap_q_mode Q2, ap_o_mode O2>
  fixed(const fixed<W2, I2, S2, Q2, O2> &x) {  // NOLINT: implicit, as AMD's
    take<W2 - I2>(x.bits);
  }
  template <class T, enable<is_operand<T>(), int> = 0>
  fixed(const T &x) {  // NOLINT
    take<0>(as_integer(x));
  }
  template <class T, enable<std::is_floating_point<T>::value, int> = 0>
  fixed(T x) {  // NOLINT
    take_real(static_cast<double>(x));
  }

  // The register's content, taken as it is.
  template <class T>
  static fixed from_bits(const T &x) {
    fixed r;
    r.bits = x;
    return r;
  }

  // ---- reading

  bool operator!() const { return !bits; }
  int length() const { return W; }
  bool is_neg() const { return bits.negative(); }
  double to_double() const { return std::ldexp(bits.to_double(), -fraction); }
  float to_float() const { return std::ldexp(bits.to_float(), -fraction); }
  // The integer part, towards zero. (AMD's headers make -1 of a negative number without integer bits.)
  integer<(I > 1 ? I : 1), S> to_ap_int() const {
    static_assert(I >= 1, "the integer part of a format without integer bits is not in this subset");
    using R = integer<(I > 1 ? I : 1), S>;
    constexpr int WIDE = larger(W, I) + 2;
    return R(rescale<AP_TRN_ZERO, fraction>(integer<WIDE, true>(bits)));
  }
  int to_int() const { return to_ap_int().to_int(); }
  unsigned to_uint() const { return to_ap_int().to_uint(); }
  long long to_int64() const { return to_ap_int().to_int64(); }
  unsigned long long to_uint64() const { return to_ap_int().to_uint64(); }
  template <int W2, bool S2>
  operator integer<W2, S2>() const {  // NOLINT
    return integer<W2, S2>(to_ap_int());
  }
  operator bool() const { return bits.any(); }  // NOLINT
  template <class T, enable<std::is_integral<T>::value && !std::is_same<T, bool>::value, int> = 0>
  operator T() const {  // NOLINT
    return static_cast<T>(to_ap_int().to_int64());
  }
  operator float() const { return to_float(); }    // NOLINT
  operator double() const { return to_double(); }  // NOLINT

  range_ref<W, S> range(int high, int low) { return bits.range(high, low); }
  const range_ref<W, S> range(int high, int low) const { return bits.range(high, low); }
  range_ref<W, S> range() { return bits.range(); }
  const range_ref<W, S> range() const { return bits.range(); }
  range_ref<W, S> operator()(int high, int low) { return bits.range(high, low); }
  const range_ref<W, S> operator()(int high, int low) const { return bits.range(high, low); }
  template <class Index, enable<is_operand<Index>(), int> = 0>
  bit_ref<W, S> operator[](const Index &index) {
    return bits[index];
  }
  template <class Index, enable<is_operand<Index>(), int> = 0>
  bool operator[](const Index &index) const {
    return bits[index];
  }

  // ---- shifts of the bits

  template <class T, enable<is_operand<T>(), int> = 0>
  fixed operator<<(const T &count) const {
    return from_bits(bits << count);
  }
  template <class T, enable<is_operand<T>(), int> = 0>
  fixed operator>>(const T &count) const {
    return from_bits(bits >> count);
  }
  template <class T>
  fixed &operator<<=(const T &count) {
    return *this = *this << count;
  }
  template <class T>
  fixed &operator>>=(const T &count) {
    return *this = *this >> count;
  }

  template <class T>
  fixed &operator+=(const T &x) {
    return *this = fixed(*this + x);
  }
  template <class T>
  fixed &operator-=(const T &x) {
    return *this = fixed(*this - x);
  }
  template <class T>
  fixed &operator*=(const T &x) {
    return *this = fixed(*this * x);
  }

 private:
  template <int F2, int W2, bool S2>
  void take(const integer<W2, S2> &x) {
    // One signed number that holds every value of x.
    const auto value = rescale<Q, F2 - fraction>(integer<W2 + 1, true>(x));
    constexpr int VALUE_BITS = decltype(value)::width;
    const integer<larger(VALUE_BITS, W + 1), true> wide(value);
    const integer<larger(VALUE_BITS, W + 1), true> end = integer<larger(VALUE_BITS, W + 1), true>(1).shift_left(W - (S ? 1 : 0));
    const bool over = !wide.negative() && !(wide < end);
    const bool under = S ? wide < -end || (O == AP_SAT_SYM && wide == -end) : wide.negative();
    bits = fit<O, W, S>(wide, over, under);
  }
  void take_real(double x) {
    if (!std::isfinite(x)) stop("a NaN or an infinity becomes a fixed-point number of %d bits", W, 0);
    const double scaled = std::ldexp(x, fraction);
    const double below = std::floor(scaled);
    const double rest = scaled - below;  // exact: both are multiples of the last place of `scaled`
    const bool up = rounds_up<Q>(rest >= 0.5, rest != 0 && rest != 0.5, x < 0, std::fmod(below, 2.0) != 0);
    const double value = up ? below + 1 : below;
    const double end = std::ldexp(1.0, W - (S ? 1 : 0));
    const bool under = S ? value < -end || (O == AP_SAT_SYM && value == -end) : value < 0;
    bits = fit<O, W, S>(value, value >= end, under);
  }
};

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
constexpr int fixed<W, I, S, Q, O>::width;
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
constexpr int fixed<W, I, S, Q, O>::iwidth;
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
constexpr int fixed<W, I, S, Q, O>::fraction;

// ---------------------------------------------------------------- arithmetic at full precision

template <class A, class B>
constexpr bool is_fixed_pair() {
  return fixed_operand<A>::is_any && fixed_operand<B>::is_any && (fixed_operand<A>::is_fixed || fixed_operand<B>::is_fixed);
}
template <class T>
using fixed_of = fixed<fixed_operand<T>::width, fixed_operand<T>::iwidth, fixed_operand<T>::is_signed, AP_TRN, AP_WRAP>;

template <class A, class B>
struct fixed_results {
  static constexpr int wa = fixed_operand<A>::width, wb = fixed_operand<B>::width;
  static constexpr int ia = fixed_operand<A>::iwidth, ib = fixed_operand<B>::iwidth;
  static constexpr bool sa = fixed_operand<A>::is_signed, sb = fixed_operand<B>::is_signed;
  static constexpr int common_i = larger(ia + (sb && !sa ? 1 : 0), ib + (sa && !sb ? 1 : 0));
  static constexpr int common_f = larger(wa - ia, wb - ib);
  using sum = fixed<common_i + 1 + common_f, common_i + 1, sa || sb, AP_TRN, AP_WRAP>;
  using difference = fixed<common_i + 1 + common_f, common_i + 1, true, AP_TRN, AP_WRAP>;
  using product = fixed<wa + wb, ia + ib, sa || sb, AP_TRN, AP_WRAP>;
  // Both values exactly, for comparisons.
  using exact = fixed<common_i + 1 + common_f, common_i + 1, true, AP_TRN, AP_WRAP>;
};

template <class A, class B, enable<is_fixed_pair<A, B>(), int> = 0>
inline typename fixed_results<A, B>::sum operator+(const A &a, const B &b) {
  using R = typename fixed_results<A, B>::sum;
  return R::from_bits(ring<integer<R::width, fixed_operand<R>::is_signed>>::add(R(fixed_of<A>(a)).bits, R(fixed_of<B>(b)).bits));
}
template <class A, class B, enable<is_fixed_pair<A, B>(), int> = 0>
inline typename fixed_results<A, B>::difference operator-(const A &a, const B &b) {
  using R = typename fixed_results<A, B>::difference;
  return R::from_bits(ring<integer<R::width, true>>::subtract(R(fixed_of<A>(a)).bits, R(fixed_of<B>(b)).bits));
}
template <class A, class B, enable<is_fixed_pair<A, B>(), int> = 0>
inline typename fixed_results<A, B>::product operator*(const A &a, const B &b) {
  return fixed_results<A, B>::product::from_bits(fixed_of<A>(a).bits * fixed_of<B>(b).bits);
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
inline fixed<W + 1, I + 1, true, AP_TRN, AP_WRAP> operator-(const fixed<W, I, S, Q, O> &a) {
  return fixed<W + 1, I + 1, true, AP_TRN, AP_WRAP>::from_bits(-integer<W + 1, true>(a.bits));
}

#define DYBNN_SIM_COMPARE(SYMBOL)                                                                 \
  template <class A, class B, enable<is_fixed_pair<A, B>(), int> = 0>                             \
  inline bool operator SYMBOL(const A &a, const B &b) {                                           \
    using E = typename fixed_results<A, B>::exact;                                                \
    return E(fixed_of<A>(a)).bits SYMBOL E(fixed_of<B>(b)).bits;                                  \
  }
DYBNN_SIM_COMPARE(<)
DYBNN_SIM_COMPARE(>)
DYBNN_SIM_COMPARE(<=)
DYBNN_SIM_COMPARE(>=)
DYBNN_SIM_COMPARE(==)
DYBNN_SIM_COMPARE(!=)
#undef DYBNN_SIM_COMPARE

}  // namespace ap_sim

template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP>
using ap_fixed = ap_sim::fixed<W, I, true, Q, O>;
template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP>
using ap_ufixed = ap_sim::fixed<W, I, false, Q, O>;

#endif
