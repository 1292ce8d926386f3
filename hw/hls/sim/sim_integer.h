// sim_integer.h - integer<W, S>: the W-bit two's complement numbers behind ap_int and ap_uint, and their references.
//
// In: native integers, floats, other widths. Out: the same value modulo 2^W. Kept true: the storage always holds the value itself,
// sign-extended (S) or zero-extended, so reading costs nothing and only writing wraps.
//
// Two storages, one interface. Up to 128 bits a number is one machine integer; wider ones are an array of 64-bit words. Both can be built
// word by word and read word by word, which is all that conversions, references and wide arithmetic need. A range of bits is read
// straight into its destination: taking 16 bits of a 512-bit memory word costs a shift and a mask.
//
// Include ap_int.h, which says which subset this is.
#ifndef DYBNN_SIM_INTEGER_H
#define DYBNN_SIM_INTEGER_H

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>

namespace ap_sim {

__extension__ typedef __int128 int128_t;
__extension__ typedef unsigned __int128 uint128_t;

constexpr int WORD = 64;
constexpr int NATIVE_BITS = 128;  // widest number that is one machine integer
constexpr int WIDEST = 4096;      // AMD's own upper limit for AP_INT_MAX_W

template <bool Condition, class T = void>
using enable = typename std::enable_if<Condition, T>::type;

constexpr int larger(int a, int b) { return a > b ? a : b; }
constexpr int smaller(int a, int b) { return a < b ? a : b; }
constexpr int words_of(int bits) { return (bits + WORD - 1) / WORD; }

// The low `bits` bits set, 0 to 64 of them.
inline std::uint64_t low_mask(int bits) {
  return bits <= 0 ? 0 : bits >= WORD ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

// Misuse that hardware would turn into nonsense ends the simulation with the numbers that explain it.
[[noreturn]] inline void stop(const char *what, int a, int b) {
  std::fprintf(stderr, "ap_int simulation: ");
  std::fprintf(stderr, what, a, b);
  std::fprintf(stderr, "\n");
  std::abort();
}

// ---------------------------------------------------------------- storage

template <int W, bool S>
struct native_storage {
  static constexpr int SLOT = W <= 8 ? 8 : W <= 16 ? 16 : W <= 32 ? 32 : W <= 64 ? 64 : 128;
  using value_t = typename std::conditional<
      SLOT == 8, typename std::conditional<S, std::int8_t, std::uint8_t>::type,
      typename std::conditional<
          SLOT == 16, typename std::conditional<S, std::int16_t, std::uint16_t>::type,
          typename std::conditional<
              SLOT == 32, typename std::conditional<S, std::int32_t, std::uint32_t>::type,
              typename std::conditional<SLOT == 64, typename std::conditional<S, std::int64_t, std::uint64_t>::type,
                                        typename std::conditional<S, int128_t, uint128_t>::type>::type>::type>::type>::type;
  // Arithmetic happens in at least 32 unsigned bits, where overflow wraps.
  using bits_t = typename std::conditional<
      SLOT <= 32, std::uint32_t, typename std::conditional<SLOT == 64, std::uint64_t, uint128_t>::type>::type;
  using signed_bits_t = typename std::conditional<
      SLOT <= 32, std::int32_t, typename std::conditional<SLOT == 64, std::int64_t, int128_t>::type>::type;
  static constexpr int UNUSED = int(8 * sizeof(bits_t)) - W;

  value_t value;

  // Keeps the low W bits and extends them.
  void wrap(bits_t bits) {
    value = S ? static_cast<value_t>(static_cast<signed_bits_t>(static_cast<bits_t>(bits << UNUSED)) >> UNUSED)
              : static_cast<value_t>(static_cast<bits_t>(bits << UNUSED) >> UNUSED);
  }
  bool negative() const { return S && value < 0; }
  std::uint64_t word(int index) const {
    return index == 0             ? static_cast<std::uint64_t>(value)
           : index == 1 && W > 64 ? static_cast<std::uint64_t>(static_cast<uint128_t>(value) >> 64)
                                  : negative() ? ~std::uint64_t{0} : 0;
  }
  template <class WordAt>
  void build(WordAt word_at) {
    wrap(SLOT == 128 ? static_cast<bits_t>(word_at(0) | static_cast<uint128_t>(word_at(1)) << 64) : static_cast<bits_t>(word_at(0)));
  }
  // `count` bits (1 to 64) from bit `low` on. Both lie inside the number.
  std::uint64_t chunk(int low, int count) const {
    return static_cast<std::uint64_t>(static_cast<bits_t>(value) >> low) & low_mask(count);
  }
  void set_chunk(int low, int count, std::uint64_t bits) {
    const bits_t mask = static_cast<bits_t>(static_cast<bits_t>(low_mask(count)) << low);
    wrap((static_cast<bits_t>(value) & ~mask) | (static_cast<bits_t>(static_cast<bits_t>(bits) << low) & mask));
  }
};

template <int W, bool S>
struct wide_storage {
  static constexpr int N = words_of(W);
  static constexpr int UNUSED = N * WORD - W;

  std::uint64_t words[N];

  // Extends the top word, in which UNUSED bits lie beyond the number.
  void wrap_top() {
    std::uint64_t &top = words[N - 1];
    top = S ? static_cast<std::uint64_t>(static_cast<std::int64_t>(top << UNUSED) >> UNUSED) : (top << UNUSED) >> UNUSED;
  }
  bool negative() const { return S && (words[N - 1] >> (WORD - 1)) != 0; }
  std::uint64_t word(int index) const { return index < N ? words[index] : negative() ? ~std::uint64_t{0} : 0; }
  template <class WordAt>
  void build(WordAt word_at) {
    for (int i = 0; i < N; ++i) words[i] = word_at(i);
    wrap_top();
  }
  std::uint64_t chunk(int low, int count) const {
    const int index = low / WORD, offset = low % WORD;
    std::uint64_t bits = words[index] >> offset;
    if (offset != 0 && index + 1 < N) bits |= words[index + 1] << (WORD - offset);
    return bits & low_mask(count);
  }
  void set_chunk(int low, int count, std::uint64_t bits) {
    const int index = low / WORD, offset = low % WORD;
    const std::uint64_t mask = low_mask(count);
    words[index] = (words[index] & ~(mask << offset)) | ((bits & mask) << offset);
    if (offset != 0 && index + 1 < N && offset + count > WORD) {
      words[index + 1] = (words[index + 1] & ~(mask >> (WORD - offset))) | ((bits & mask) >> (WORD - offset));
    }
    wrap_top();
  }
};

template <int W, bool S>
using storage = typename std::conditional<W <= NATIVE_BITS, native_storage<W, S>, wide_storage<W, S>>::type;

// ---------------------------------------------------------------- what can stand in an expression

template <int W, bool S>
class integer;
template <int W, bool S>
class range_ref;
template <int W, bool S>
class bit_ref;
template <class High, class Low>
class concat_ref;

enum class shape { none, native, integer, range, bit, concat };

// The width and signedness that an operand has in an expression. A range counts with the width of the whole number, a concatenation
// with the sum of its parts' (so AMD defines it: the length of a range is not known to the type).
template <class T, class = void>
struct operand {
  static constexpr shape kind = shape::none;
  static constexpr int width = 1;
  static constexpr bool is_signed = false;
};
template <class T>
struct operand<T, enable<std::is_integral<T>::value>> {
  static constexpr shape kind = shape::native;
  static constexpr int width = std::is_same<T, bool>::value ? 1 : int(8 * sizeof(T));
  static constexpr bool is_signed = std::is_signed<T>::value;
};
template <class T>
struct operand<T, enable<std::is_enum<T>::value && std::is_convertible<T, long long>::value>>
    : operand<decltype(+std::declval<T>())> {};
template <int W, bool S>
struct operand<integer<W, S>> {
  static constexpr shape kind = shape::integer;
  static constexpr int width = W;
  static constexpr bool is_signed = S;
};
template <int W, bool S>
struct operand<range_ref<W, S>> {
  static constexpr shape kind = shape::range;
  static constexpr int width = W;
  static constexpr bool is_signed = false;
};
template <int W, bool S>
struct operand<bit_ref<W, S>> {
  static constexpr shape kind = shape::bit;
  static constexpr int width = 1;
  static constexpr bool is_signed = false;
};
template <class High, class Low>
struct operand<concat_ref<High, Low>> {
  static constexpr shape kind = shape::concat;
  static constexpr int width = concat_ref<High, Low>::width;
  static constexpr bool is_signed = false;
};

template <class T>
constexpr bool is_native() {
  return operand<T>::kind == shape::native;
}
template <class T>
constexpr bool is_number() {
  return operand<T>::kind == shape::integer || operand<T>::kind == shape::range || operand<T>::kind == shape::concat;
}
template <class T>
constexpr bool is_reference() {
  return operand<T>::kind == shape::range || operand<T>::kind == shape::bit || operand<T>::kind == shape::concat;
}
template <class T>
constexpr bool is_operand() {
  return operand<T>::kind != shape::none;
}

template <class T>
using integer_of = integer<operand<T>::width, operand<T>::is_signed>;

template <int W, bool S>
inline const integer<W, S> &as_integer(const integer<W, S> &x) {
  return x;
}
template <class T, enable<is_native<T>() || is_reference<T>(), int> = 0>
inline integer_of<T> as_integer(const T &x) {
  return integer_of<T>(x);
}

// ---------------------------------------------------------------- the number

template <int W, bool S>
class integer {
  static_assert(W >= 1 && W <= WIDEST, "1 to 4096 bits");

 public:
  static constexpr int width = W;
  static constexpr bool is_native = W <= NATIVE_BITS;
  storage<W, S> store;

  // Uninitialised, as in AMD's headers: a register has no value before its first write, and compilers warn of such a read.
  integer() = default;

  template <class T, enable<ap_sim::is_native<T>(), int> = 0>
  integer(T x) {  // NOLINT: implicit, as AMD's
    const bool fill = std::is_signed<decltype(+x)>::value && x < T(0);
    const std::uint64_t low = static_cast<std::uint64_t>(x);
    store.build([&](int i) { return i == 0 ? low : fill ? ~std::uint64_t{0} : 0; });
  }
  template <int W2, bool S2>
  integer(const integer<W2, S2> &x) {  // NOLINT
    store.build([&](int i) { return x.store.word(i); });
  }
  template <int W2, bool S2>
  integer(const range_ref<W2, S2> &x) {  // NOLINT
    store.build([&](int i) { return x.word(i); });
  }
  template <int W2, bool S2>
  integer(const bit_ref<W2, S2> &x) : integer(x.get()) {}  // NOLINT
  template <class High, class Low>
  integer(const concat_ref<High, Low> &x) : integer(x.get()) {}  // NOLINT

  // Towards zero, then modulo 2^W.
  template <class T, enable<std::is_floating_point<T>::value, int> = 0>
  integer(T x) {  // NOLINT
    const double whole = std::trunc(static_cast<double>(x));
    if (!std::isfinite(whole)) stop("a NaN or an infinity becomes an integer of %d bits", W, 0);
    int exponent = 0;
    const double fraction = std::frexp(whole, &exponent);
    const integer<64, true> mantissa(static_cast<std::int64_t>(std::ldexp(fraction, 53)));
    const int shift = exponent - 53;
    if (shift <= 0) {
      *this = integer(mantissa.shift_right(-shift));  // exact: `whole` has no bits below 1
    } else {
      *this = integer(mantissa).shift_left(shift);
    }
  }

  // ---- reading

  bool negative() const { return store.negative(); }
  std::uint64_t word(int index) const { return store.word(index); }
  int to_int() const { return static_cast<int>(static_cast<std::int64_t>(store.word(0))); }
  unsigned to_uint() const { return static_cast<unsigned>(store.word(0)); }
  long to_long() const { return static_cast<long>(store.word(0)); }
  unsigned long to_ulong() const { return static_cast<unsigned long>(store.word(0)); }
  long long to_int64() const { return static_cast<long long>(store.word(0)); }
  unsigned long long to_uint64() const { return store.word(0); }
  short to_short() const { return static_cast<short>(store.word(0)); }
  unsigned short to_ushort() const { return static_cast<unsigned short>(store.word(0)); }
  signed char to_char() const { return static_cast<signed char>(store.word(0)); }
  unsigned char to_uchar() const { return static_cast<unsigned char>(store.word(0)); }
  bool to_bool() const { return any(); }
  double to_double() const {
    static_assert(is_native, "to_double of more than 128 bits is not in this subset");
    return static_cast<double>(store.value);
  }
  float to_float() const {
    static_assert(is_native, "to_float of more than 128 bits is not in this subset");
    return static_cast<float>(store.value);
  }
  // AMD's implicit conversion: to a 64-bit integer whatever the width (UG1399 warns of wider ones in conditions).
  using builtin_t = typename std::conditional<S, long long, unsigned long long>::type;
  operator builtin_t() const { return static_cast<builtin_t>(store.word(0)); }  // NOLINT

  int length() const { return W; }
  bool sign() const { return negative(); }
  bool operator!() const { return !any(); }

  bool any() const {
    std::uint64_t bits = 0;
    for (int i = 0; i < words_of(W); ++i) bits |= store.word(i);
    return bits != 0;
  }
  bool or_reduce() const { return any(); }
  bool nor_reduce() const { return !any(); }
  bool and_reduce() const {
    bool all = true;
    for (int i = 0; i < words_of(W); ++i) all = all && (store.word(i) | ~low_mask(W - i * WORD)) == ~std::uint64_t{0};
    return all;
  }
  bool nand_reduce() const { return !and_reduce(); }
  bool xor_reduce() const {
    static_assert(!S, "xor_reduce of an ap_int: take it into an ap_uint (sim_operators.h says why)");
    std::uint64_t bits = 0;
    for (int i = 0; i < words_of(W); ++i) bits ^= store.word(i) & low_mask(W - i * WORD);
    return __builtin_parityll(bits) != 0;
  }
  bool xnor_reduce() const { return !xor_reduce(); }
  int countLeadingZeros() const {
    int zeros = 0;
    for (int i = words_of(W) - 1; i >= 0; --i) {
      const int bits = smaller(WORD, W - i * WORD);
      const std::uint64_t part = store.word(i) & low_mask(bits);
      if (part != 0) return zeros + __builtin_clzll(part) - (WORD - bits);
      zeros += bits;
    }
    return zeros;
  }

  // ---- bits and ranges. A const number gives references too, as AMD's; writing through one of those does not compile here.

  range_ref<W, S> range(int high, int low) { return range_ref<W, S>(*this, high, low); }
  const range_ref<W, S> range(int high, int low) const { return range_ref<W, S>(const_cast<integer &>(*this), high, low); }
  range_ref<W, S> range() { return range(W - 1, 0); }
  const range_ref<W, S> range() const { return range(W - 1, 0); }
  range_ref<W, S> operator()(int high, int low) { return range(high, low); }
  const range_ref<W, S> operator()(int high, int low) const { return range(high, low); }
  template <class High, class Low, enable<is_number<High>() || is_number<Low>(), int> = 0>
  range_ref<W, S> range(const High &high, const Low &low) {
    return range(as_integer(high).to_int(), as_integer(low).to_int());
  }
  template <class High, class Low, enable<is_number<High>() || is_number<Low>(), int> = 0>
  const range_ref<W, S> range(const High &high, const Low &low) const {
    return range(as_integer(high).to_int(), as_integer(low).to_int());
  }
  template <class High, class Low, enable<is_number<High>() || is_number<Low>(), int> = 0>
  range_ref<W, S> operator()(const High &high, const Low &low) {
    return range(high, low);
  }
  template <class High, class Low, enable<is_number<High>() || is_number<Low>(), int> = 0>
  const range_ref<W, S> operator()(const High &high, const Low &low) const {
    return range(high, low);
  }

  template <class Index, enable<is_operand<Index>(), int> = 0>
  bit_ref<W, S> operator[](const Index &index) {
    return bit_ref<W, S>(*this, as_integer(index).to_int());
  }
  template <class Index, enable<is_operand<Index>(), int> = 0>
  bool operator[](const Index &index) const {
    return bit_ref<W, S>(const_cast<integer &>(*this), as_integer(index).to_int()).get();
  }
  template <class Index>
  bit_ref<W, S> bit(const Index &index) {
    return (*this)[index];
  }
  template <class Index>
  bool bit(const Index &index) const {
    return (*this)[index];
  }
  bool get_bit(int index) const { return (*this)[index]; }
  void set_bit(int index, bool value) { (*this)[index] = value; }

  // ---- shifts: the result has the type of the left operand; bits that leave it are lost.

  integer shift_left(int n) const {
    if (n >= W) return integer(0);
    return shift_left_by(n, std::integral_constant<bool, is_native>());
  }
  integer shift_right(int n) const {
    if (n >= W) return integer(negative() ? -1 : 0);
    return shift_right_by(n, std::integral_constant<bool, is_native>());
  }

  // ---- assigning operators: computed modulo 2^W, which is what the full result would be cut to

  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator+=(const T &x);
  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator-=(const T &x);
  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator*=(const T &x);
  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator/=(const T &x);
  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator%=(const T &x);
  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator&=(const T &x);
  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator|=(const T &x);
  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator^=(const T &x);
  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator<<=(const T &x);
  template <class T, enable<is_operand<T>(), int> = 0>
  integer &operator>>=(const T &x);
  integer &operator++() { return *this += 1; }
  integer &operator--() { return *this -= 1; }
  integer operator++(int) {
    const integer before = *this;
    *this += 1;
    return before;
  }
  integer operator--(int) {
    const integer before = *this;
    *this -= 1;
    return before;
  }

 private:
  integer shift_left_by(int n, std::true_type) const {
    integer r;
    r.store.wrap(static_cast<typename storage<W, S>::bits_t>(static_cast<typename storage<W, S>::bits_t>(store.value) << n));
    return r;
  }
  integer shift_left_by(int n, std::false_type) const {
    integer r;
    r.store.build([&](int i) {
      const int from = i - n / WORD, offset = n % WORD;
      const std::uint64_t high = from >= 0 ? store.word(from) << offset : 0;
      return offset != 0 && from >= 1 ? high | store.word(from - 1) >> (WORD - offset) : high;
    });
    return r;
  }
  integer shift_right_by(int n, std::true_type) const {
    integer r;
    r.store.value = static_cast<typename storage<W, S>::value_t>(store.value >> n);
    return r;
  }
  integer shift_right_by(int n, std::false_type) const {
    integer r;
    r.store.build([&](int i) {
      const int from = i + n / WORD, offset = n % WORD;
      const std::uint64_t low = store.word(from) >> offset;
      return offset != 0 ? low | store.word(from + 1) << (WORD - offset) : low;
    });
    return r;
  }
};

template <int W, bool S>
constexpr int integer<W, S>::width;
template <int W, bool S>
constexpr bool integer<W, S>::is_native;

// ---------------------------------------------------------------- references

// Bits high .. low of a number: reads as unsigned, writes leave the other bits alone.
// AMD's reversed ranges (high < low reads the bits backwards) are not in this subset: they stop the simulation.
template <int W, bool S>
class range_ref {
 public:
  range_ref(integer<W, S> &number, int high, int low) : number_(number), high_(high), low_(low) {
    if (low < 0 || high < low || high >= W) {
      std::fprintf(stderr, "ap_int simulation: a number of %d bits: ", W);
      stop("range(%d, %d) does not lie inside", high, low);
    }
  }
  range_ref(const range_ref &) = default;

  int length() const { return high_ - low_ + 1; }
  // The index-th 64 bits of the range, zero-extended.
  std::uint64_t word(int index) const {
    const int left = length() - index * WORD;
    return left <= 0 ? 0 : number_.store.chunk(low_ + index * WORD, smaller(left, WORD));
  }
  integer<W, false> get() const { return integer<W, false>(*this); }
  operator unsigned long long() const { return word(0); }  // NOLINT
  unsigned long long to_uint64() const { return word(0); }
  long long to_int64() const { return static_cast<long long>(word(0)); }
  int to_int() const { return static_cast<int>(word(0)); }
  unsigned to_uint() const { return static_cast<unsigned>(word(0)); }

  bool or_reduce() const {
    bool any = false;
    for (int i = 0; i * WORD < length(); ++i) any = any || word(i) != 0;
    return any;
  }
  bool and_reduce() const {
    bool all = true;
    for (int i = 0; i * WORD < length(); ++i) all = all && word(i) == low_mask(length() - i * WORD);
    return all;
  }
  bool xor_reduce() const {
    std::uint64_t bits = 0;
    for (int i = 0; i * WORD < length(); ++i) bits ^= word(i);
    return __builtin_parityll(bits) != 0;
  }

  range_ref &operator=(const range_ref &x) { return assign(x); }
  template <class T, enable<is_operand<T>(), int> = 0>
  range_ref &operator=(const T &x) {
    return assign(x);
  }

 private:
  template <class T>
  range_ref &assign(const T &x) {
    // Held by value: x may overlap with the number that is written.
    const integer_of<T> value(x);
    for (int i = 0; i * WORD < length(); ++i) number_.store.set_chunk(low_ + i * WORD, smaller(length() - i * WORD, WORD), value.word(i));
    return *this;
  }
  integer<W, S> &number_;
  int high_, low_;
};

template <int W, bool S>
class bit_ref {
 public:
  bit_ref(integer<W, S> &number, int index) : number_(number), index_(index) {
    if (index < 0 || index >= W) stop("bit %d of a number of %d bits", index, W);
  }
  bit_ref(const bit_ref &) = default;

  bool get() const { return number_.store.chunk(index_, 1) != 0; }
  operator bool() const { return get(); }  // NOLINT
  bool to_bool() const { return get(); }
  bool operator~() const { return !get(); }
  int length() const { return 1; }

  bit_ref &operator=(const bit_ref &x) { return assign(x.get()); }
  // Anything but 0 sets the bit, as AMD's.
  template <class T, enable<is_operand<T>(), int> = 0>
  bit_ref &operator=(const T &x) {
    return assign(as_integer(x).any());
  }

 private:
  bit_ref &assign(bool value) {
    number_.store.set_chunk(index_, 1, value ? 1 : 0);
    return *this;
  }
  integer<W, S> &number_;
  int index_;
};

// (high, low): reads as the two side by side, writes into both. A named number is held by reference, anything else by value.
template <class High, class Low>
class concat_ref {
 public:
  using high_t = typename std::decay<High>::type;
  using low_t = typename std::decay<Low>::type;
  static constexpr int width = operand<high_t>::width + operand<low_t>::width;

  concat_ref(High high, Low low) : high_(high), low_(low) {}
  concat_ref(const concat_ref &) = default;

  int length() const { return high_.length() + low_.length(); }
  integer<width, false> get() const {
    integer<width, false> value(0);
    const int low_bits = low_.length(), high_bits = high_.length();
    value.range(low_bits - 1, 0) = integer_of<low_t>(low_);
    value.range(low_bits + high_bits - 1, low_bits) = integer_of<high_t>(high_);
    return value;
  }
  operator unsigned long long() const { return get().to_uint64(); }  // NOLINT
  unsigned long long to_uint64() const { return get().to_uint64(); }
  int to_int() const { return get().to_int(); }

  const concat_ref &operator=(const concat_ref &x) { return assign(x.get()); }
  template <class T, enable<is_operand<T>(), int> = 0>
  const concat_ref &operator=(const T &x) {
    return assign(integer<width, false>(as_integer(x)));
  }

 private:
  const concat_ref &assign(const integer<width, false> &value) {
    const int low_bits = low_.length(), high_bits = high_.length();
    set(low_, integer<width, false>(value.range(low_bits - 1, 0)));
    set(high_, integer<width, false>(value.range(low_bits + high_bits - 1, low_bits)));
    return *this;
  }
  template <class Part>
  static void set(Part &part, const integer<width, false> &value) {
    part = value;
  }
  High high_;
  Low low_;
};

template <class High, class Low>
constexpr int concat_ref<High, Low>::width;

}  // namespace ap_sim

#endif
