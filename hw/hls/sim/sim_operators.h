// sim_operators.h - arithmetic, logic, shifts, comparisons and concatenation of ap_sim::integer, its references and native integers.
//
// In: any two of them, at least one not native. Out: AMD's result types, which are wide enough to lose nothing:
//
//   a + b     one bit more than the wider; two more if the wider is unsigned and the narrower signed
//   a - b     the same, always signed
//   a * b     the sum of the widths
//   & | ^     the wider; one more if the wider is unsigned and the narrower signed
//   a / b     the width of a, one more if b is signed; towards zero
//   a % b     the narrower; the sign of a
//   << >>     the left operand's type; a negative count shifts the other way, a count of W or more leaves zeros or signs
//   -a        one bit more, signed;  ~a the type of a
//
// A native int takes part as ap_int<32>, a char as ap_int<8>, and so on; a bool and a bit as ap_uint<1>.
//
// Comparisons follow AMD's simulation model, which follows C: operands of one signedness compare by value, and so do mixed ones
// where both are narrower than 32 bits or the signed one is the wider. Else (a signed one against an unsigned one of at least its width)
// a negative number counts as larger than every unsigned one, and equality compares the bits of the wider (two of one width: by value up to
// 63 bits). Mixed comparisons of this kind are best avoided in a design.
//
// Where AMD's simulation headers themselves give numbers that no hardware would (found by comparing with them), the operation does not compile here:
// division of a signed by an unsigned number or the reverse; arithmetic and logic on a range of a signed number;
// xor_reduce of a signed number; *= of more than 64 bits by a wider number.
#ifndef DYBNN_SIM_OPERATORS_H
#define DYBNN_SIM_OPERATORS_H

#include <iosfwd>

#include "sim_integer.h"

namespace ap_sim {

// ---------------------------------------------------------------- the ring of numbers modulo 2^W

// R is the result; its width may be less than the operands' (a += b), which modulo 2^W is no loss.
template <class R, bool Native = R::is_native>
struct ring;

template <class R>
struct ring<R, true> {
  using bits_t = typename decltype(R::store)::bits_t;
  template <int W, bool S>
  static bits_t bits(const integer<W, S> &x) {
    return bits(x, std::integral_constant<bool, (W <= NATIVE_BITS)>());
  }
  static R number(bits_t bits) {
    R r;
    r.store.wrap(bits);
    return r;
  }
  template <class A, class B>
  static R add(const A &a, const B &b) {
    return number(bits(a) + bits(b));
  }
  template <class A, class B>
  static R subtract(const A &a, const B &b) {
    return number(bits(a) - bits(b));
  }
  template <class A, class B>
  static R multiply(const A &a, const B &b) {
    return number(bits(a) * bits(b));
  }
  template <class A, class B>
  static R bit_and(const A &a, const B &b) {
    return number(bits(a) & bits(b));
  }
  template <class A, class B>
  static R bit_or(const A &a, const B &b) {
    return number(bits(a) | bits(b));
  }
  template <class A, class B>
  static R bit_xor(const A &a, const B &b) {
    return number(bits(a) ^ bits(b));
  }
  template <class A>
  static R bit_not(const A &a) {
    return number(~bits(a));
  }

 private:
  template <int W, bool S>
  static bits_t bits(const integer<W, S> &x, std::true_type) {
    return static_cast<bits_t>(x.store.value);
  }
  template <int W, bool S>
  static bits_t bits(const integer<W, S> &x, std::false_type) {
    return static_cast<bits_t>(x.word(0) | static_cast<uint128_t>(x.word(1)) << 64);
  }
};

template <class R>
struct ring<R, false> {
  template <class A, class B>
  static R add(const A &a, const B &b) {
    std::uint64_t carry = 0;
    return number([&](int i) {
      const uint128_t sum = static_cast<uint128_t>(a.word(i)) + b.word(i) + carry;
      carry = static_cast<std::uint64_t>(sum >> WORD);
      return static_cast<std::uint64_t>(sum);
    });
  }
  template <class A, class B>
  static R subtract(const A &a, const B &b) {
    std::uint64_t carry = 1;  // a - b = a + ~b + 1
    return number([&](int i) {
      const uint128_t sum = static_cast<uint128_t>(a.word(i)) + ~b.word(i) + carry;
      carry = static_cast<std::uint64_t>(sum >> WORD);
      return static_cast<std::uint64_t>(sum);
    });
  }
  // Schoolbook on sign-extended operands: modulo 2^(64 N) two's complement needs no case for signs.
  template <class A, class B>
  static R multiply(const A &a, const B &b) {
    constexpr int N = words_of(R::width);
    std::uint64_t product[N] = {};
    for (int i = 0; i < N; ++i) {
      std::uint64_t carry = 0;
      for (int j = 0; i + j < N; ++j) {
        const uint128_t sum = static_cast<uint128_t>(a.word(i)) * b.word(j) + product[i + j] + carry;
        product[i + j] = static_cast<std::uint64_t>(sum);
        carry = static_cast<std::uint64_t>(sum >> WORD);
      }
    }
    return number([&](int i) { return product[i]; });
  }
  template <class A, class B>
  static R bit_and(const A &a, const B &b) {
    return number([&](int i) { return a.word(i) & b.word(i); });
  }
  template <class A, class B>
  static R bit_or(const A &a, const B &b) {
    return number([&](int i) { return a.word(i) | b.word(i); });
  }
  template <class A, class B>
  static R bit_xor(const A &a, const B &b) {
    return number([&](int i) { return a.word(i) ^ b.word(i); });
  }
  template <class A>
  static R bit_not(const A &a) {
    return number([&](int i) { return ~a.word(i); });
  }

 private:
  template <class WordAt>
  static R number(WordAt word_at) {
    R r;
    r.store.build(word_at);
    return r;
  }
};

// ---------------------------------------------------------------- result types

template <class A, class B>
struct results {
  static constexpr int wa = operand<A>::width, wb = operand<B>::width;
  static constexpr bool sa = operand<A>::is_signed, sb = operand<B>::is_signed;
  static constexpr bool either = sa || sb;
  // The width that holds a value of either operand with the common signedness.
  static constexpr int common = larger(wa + (sb && !sa ? 1 : 0), wb + (sa && !sb ? 1 : 0));

  using sum = integer<common + 1, either>;
  using difference = integer<common + 1, true>;
  using product = integer<wa + wb, either>;
  using logic = integer<common, either>;
  using quotient = integer<wa + (sb ? 1 : 0), either>;
  using remainder = integer<smaller(wa, wb + (sa && !sb ? 1 : 0)), sa>;
};

// A number (or a reference to bits of one) with a number, a single bit or a native integer.
template <class A, class B>
constexpr bool is_pair() {
  return is_operand<A>() && is_operand<B>() && (is_number<A>() || is_number<B>());
}

template <class T>
struct is_signed_range : std::false_type {};
template <int W>
struct is_signed_range<range_ref<W, true>> : std::true_type {};

#define DYBNN_SIM_BINARY(SYMBOL, RESULT, RING)                                         \
  template <class A, class B, enable<is_pair<A, B>(), int> = 0>                        \
  inline typename results<A, B>::RESULT operator SYMBOL(const A &a, const B &b) {      \
    static_assert(!is_signed_range<A>::value && !is_signed_range<B>::value,            \
                  "a range of an ap_int in an expression: take it into an ap_uint");   \
    return ring<typename results<A, B>::RESULT>::RING(as_integer(a), as_integer(b));   \
  }
DYBNN_SIM_BINARY(+, sum, add)
DYBNN_SIM_BINARY(-, difference, subtract)
DYBNN_SIM_BINARY(*, product, multiply)
DYBNN_SIM_BINARY(&, logic, bit_and)
DYBNN_SIM_BINARY(|, logic, bit_or)
DYBNN_SIM_BINARY(^, logic, bit_xor)
#undef DYBNN_SIM_BINARY

// ---------------------------------------------------------------- division, of at most 64 bits and one signedness

template <int W, bool S>
inline uint128_t magnitude(const integer<W, S> &x) {
  const uint128_t bits = static_cast<uint128_t>(static_cast<int128_t>(x.store.value));
  return x.negative() ? ~bits + 1 : bits;
}

template <class A, class B>
inline void check_division(const B &b) {
  static_assert(operand<A>::width <= 64 && operand<B>::width <= 64, "division of more than 64 bits is not in this subset");
  static_assert(operand<A>::is_signed == operand<B>::is_signed, "division of mixed signedness is not in this subset");
  if (!as_integer(b).any()) stop("a number of %d bits is divided by zero", operand<A>::width, 0);
}

template <class A, class B, enable<is_pair<A, B>(), int> = 0>
inline typename results<A, B>::quotient operator/(const A &a, const B &b) {
  check_division<A>(b);
  using R = typename results<A, B>::quotient;
  const auto &x = as_integer(a);
  const auto &y = as_integer(b);
  const uint128_t q = magnitude(x) / magnitude(y);
  return ring<R>::number(static_cast<typename ring<R>::bits_t>(x.negative() != y.negative() ? ~q + 1 : q));
}
template <class A, class B, enable<is_pair<A, B>(), int> = 0>
inline typename results<A, B>::remainder operator%(const A &a, const B &b) {
  check_division<A>(b);
  using R = typename results<A, B>::remainder;
  const auto &x = as_integer(a);
  const uint128_t r = magnitude(x) % magnitude(as_integer(b));
  return ring<R>::number(static_cast<typename ring<R>::bits_t>(x.negative() ? ~r + 1 : r));
}

// ---------------------------------------------------------------- one operand

template <class A, enable<is_number<A>(), int> = 0>
inline integer<larger(operand<A>::width, operand<A>::is_signed ? 2 : 1) + 1, true> operator-(const A &a) {
  using R = integer<larger(operand<A>::width, operand<A>::is_signed ? 2 : 1) + 1, true>;
  return ring<R>::subtract(integer<1, false>(0), as_integer(a));
}
template <int W, bool S>
inline integer<W, S> operator+(const integer<W, S> &a) {
  return a;
}
template <class A, enable<is_number<A>(), int> = 0>
inline integer_of<A> operator~(const A &a) {
  return ring<integer_of<A>>::bit_not(as_integer(a));
}

// ---------------------------------------------------------------- shifts

// A count as an int; counts beyond every width are all alike.
template <class T>
inline int shift_count(const T &count) {
  const auto &n = as_integer(count);
  if (n.negative()) {
    const long long value = n.to_int64();
    return value < -WIDEST ? -WIDEST : static_cast<int>(value);
  }
  const unsigned long long value = n.to_uint64();
  return value > static_cast<unsigned long long>(WIDEST) ? WIDEST : static_cast<int>(value);
}

template <class A, class B, enable<is_number<A>() && is_operand<B>(), int> = 0>
inline integer_of<A> operator<<(const A &a, const B &b) {
  const int n = shift_count(b);
  return n >= 0 ? as_integer(a).shift_left(n) : as_integer(a).shift_right(-n);
}
template <class A, class B, enable<is_number<A>() && is_operand<B>(), int> = 0>
inline integer_of<A> operator>>(const A &a, const B &b) {
  const int n = shift_count(b);
  return n >= 0 ? as_integer(a).shift_right(n) : as_integer(a).shift_left(-n);
}

// ---------------------------------------------------------------- comparisons

template <int W1, bool S1, int W2, bool S2>
constexpr bool compares_unsigned() {
  return S1 != S2 && !(W1 < 32 && W2 < 32) && (S1 ? W2 >= W1 : W1 >= W2);
}

// By value, both at most 64 bits: native comparisons of one signedness, else the sign decides first.
template <bool S1, bool S2, class V1, class V2>
inline bool less_native(V1 a, V2 b, std::true_type) {
  static_assert(S1 == S2, "");
  return a < b;
}
template <bool S1, bool S2, class V1, class V2>
inline bool less_native(V1 a, V2 b, std::false_type) {
  return static_cast<int128_t>(a) < static_cast<int128_t>(b);
}
template <int W1, bool S1, int W2, bool S2>
inline bool less_by_value(const integer<W1, S1> &a, const integer<W2, S2> &b, std::true_type) {
  return less_native<S1, S2>(a.store.value, b.store.value, std::integral_constant<bool, S1 == S2>());
}
template <int W1, bool S1, int W2, bool S2>
inline bool less_by_value(const integer<W1, S1> &a, const integer<W2, S2> &b, std::false_type) {
  if (a.negative() != b.negative()) return a.negative();
  for (int i = words_of(larger(W1, W2)) - 1; i >= 0; --i) {
    if (a.word(i) != b.word(i)) return a.word(i) < b.word(i);
  }
  return false;
}

template <int W1, bool S1, int W2, bool S2>
inline bool less(const integer<W1, S1> &a, const integer<W2, S2> &b) {
  if (compares_unsigned<W1, S1, W2, S2>()) {
    if (a.negative()) return false;
    if (b.negative()) return true;
  }
  return less_by_value(a, b, std::integral_constant<bool, (W1 <= 64 && W2 <= 64) || (S1 == S2 && W1 <= 128 && W2 <= 128)>());
}

// Same bits in the width of the wider operand, 32 at least; two of one width in 64 bits.
template <int W1, bool S1, int W2, bool S2>
inline bool equal(const integer<W1, S1> &a, const integer<W2, S2> &b) {
  constexpr int bits = W1 <= 64 && W2 <= 64 ? (W1 == W2 ? 64 : larger(larger(W1, W2), 32)) : larger(W1, W2);
  bool same = true;
  for (int i = 0; i < words_of(bits); ++i) {
    const int in_word = bits - i * WORD;
    same = same && ((a.word(i) ^ b.word(i)) & low_mask(in_word)) == 0;
  }
  return same;
}

#define DYBNN_SIM_COMPARE(SYMBOL, EXPRESSION)                      \
  template <class A, class B, enable<is_pair<A, B>(), int> = 0>    \
  inline bool operator SYMBOL(const A &left, const B &right) {     \
    const auto &a = as_integer(left);                              \
    const auto &b = as_integer(right);                             \
    return EXPRESSION;                                             \
  }
DYBNN_SIM_COMPARE(<, less(a, b))
DYBNN_SIM_COMPARE(>, less(b, a))
DYBNN_SIM_COMPARE(<=, !less(b, a))
DYBNN_SIM_COMPARE(>=, !less(a, b))
DYBNN_SIM_COMPARE(==, equal(a, b))
DYBNN_SIM_COMPARE(!=, !equal(a, b))
#undef DYBNN_SIM_COMPARE

// ---------------------------------------------------------------- with float and double: the number is converted first

#define DYBNN_SIM_WITH_FLOAT(SYMBOL, RESULT, FLOAT)                                                \
  template <class T, int W, bool S, enable<std::is_floating_point<T>::value, int> = 0>             \
  inline RESULT operator SYMBOL(const integer<W, S> &a, T b) {                                     \
    return static_cast<FLOAT>(static_cast<typename integer<W, S>::builtin_t>(a)) SYMBOL b;         \
  }                                                                                                \
  template <class T, int W, bool S, enable<std::is_floating_point<T>::value, int> = 0>             \
  inline RESULT operator SYMBOL(T a, const integer<W, S> &b) {                                     \
    return a SYMBOL static_cast<FLOAT>(static_cast<typename integer<W, S>::builtin_t>(b));         \
  }
DYBNN_SIM_WITH_FLOAT(+, T, T)
DYBNN_SIM_WITH_FLOAT(-, T, T)
DYBNN_SIM_WITH_FLOAT(*, T, T)
DYBNN_SIM_WITH_FLOAT(/, T, T)
DYBNN_SIM_WITH_FLOAT(<, bool, double)
DYBNN_SIM_WITH_FLOAT(>, bool, double)
DYBNN_SIM_WITH_FLOAT(<=, bool, double)
DYBNN_SIM_WITH_FLOAT(>=, bool, double)
DYBNN_SIM_WITH_FLOAT(==, bool, double)
DYBNN_SIM_WITH_FLOAT(!=, bool, double)
#undef DYBNN_SIM_WITH_FLOAT

// ---------------------------------------------------------------- concatenation

template <class T>
constexpr bool is_part() {
  return is_number<typename std::decay<T>::type>() || operand<typename std::decay<T>::type>::kind == shape::bit;
}
// Named numbers by reference, temporaries and references by value.
template <class T>
using held = typename std::conditional<
    std::is_lvalue_reference<T>::value && operand<typename std::decay<T>::type>::kind == shape::integer, T,
    typename std::decay<T>::type>::type;

template <class High, class Low, enable<is_part<High>() && is_part<Low>(), int> = 0>
inline concat_ref<held<High>, held<Low>> operator,(High &&high, Low &&low) {
  return concat_ref<held<High>, held<Low>>(high, low);
}
// AMD takes a native integer as a part of its full width, which is seldom meant. Write ap_uint<N>(x).
template <class High, class Low, enable<is_part<High>() && is_native<Low>(), int> = 0>
void operator,(High &&high, Low low) = delete;
template <class High, class Low, enable<is_native<High>() && is_part<Low>(), int> = 0>
void operator,(High high, Low &&low) = delete;

// ---------------------------------------------------------------- assigning operators

#define DYBNN_SIM_ASSIGN(SYMBOL, RING)                                 \
  template <int W, bool S>                                             \
  template <class T, enable<is_operand<T>(), int>>                     \
  inline integer<W, S> &integer<W, S>::operator SYMBOL(const T &x) {   \
    *this = ring<integer>::RING(*this, as_integer(x));                 \
    return *this;                                                      \
  }
DYBNN_SIM_ASSIGN(+=, add)
DYBNN_SIM_ASSIGN(-=, subtract)
DYBNN_SIM_ASSIGN(&=, bit_and)
DYBNN_SIM_ASSIGN(|=, bit_or)
DYBNN_SIM_ASSIGN(^=, bit_xor)
#undef DYBNN_SIM_ASSIGN

template <int W, bool S>
template <class T, enable<is_operand<T>(), int>>
inline integer<W, S> &integer<W, S>::operator*=(const T &x) {
  static_assert(W <= 64 || operand<T>::width <= W, "*= by a wider number is not in this subset");
  *this = ring<integer>::multiply(*this, as_integer(x));
  return *this;
}

#define DYBNN_SIM_ASSIGN(SYMBOL)                                         \
  template <int W, bool S>                                               \
  template <class T, enable<is_operand<T>(), int>>                       \
  inline integer<W, S> &integer<W, S>::operator SYMBOL##=(const T &x) {  \
    *this = integer(*this SYMBOL x);                                     \
    return *this;                                                        \
  }
DYBNN_SIM_ASSIGN(/)
DYBNN_SIM_ASSIGN(%)
DYBNN_SIM_ASSIGN(<<)
DYBNN_SIM_ASSIGN(>>)
#undef DYBNN_SIM_ASSIGN

// ---------------------------------------------------------------- printing, in decimal

template <class Character, class Traits, int W, bool S>
inline std::basic_ostream<Character, Traits> &operator<<(std::basic_ostream<Character, Traits> &stream, const integer<W, S> &x) {
  // 10^18 at a time, from the magnitude's top word down.
  constexpr std::uint64_t BILLION_SQUARED = 1000000000000000000u;
  constexpr int N = words_of(W);
  std::uint64_t left[N];
  std::uint64_t carry = 1;
  for (int i = 0; i < N; ++i) {
    left[i] = x.negative() ? ~x.word(i) + carry : x.word(i) & low_mask(W - i * WORD);
    carry = carry != 0 && left[i] == 0 ? 1 : 0;
  }
  char text[W / 3 + 3];
  int at = static_cast<int>(sizeof text) - 1;
  text[at] = 0;
  bool more = true;
  while (more) {
    uint128_t rest = 0;
    more = false;
    for (int i = N - 1; i >= 0; --i) {
      rest = rest << WORD | left[i];
      left[i] = static_cast<std::uint64_t>(rest / BILLION_SQUARED);
      rest %= BILLION_SQUARED;
      more = more || left[i] != 0;
    }
    std::uint64_t digits = static_cast<std::uint64_t>(rest);
    for (int d = 0; d < 18 && (more || digits != 0); ++d, digits /= 10) text[--at] = static_cast<char>('0' + digits % 10);
  }
  if (text[at] == 0) text[--at] = '0';
  if (x.negative()) text[--at] = '-';
  stream << static_cast<const char *>(text + at);
  return stream;
}

}  // namespace ap_sim

#endif
