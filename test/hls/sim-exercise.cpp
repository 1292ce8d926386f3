// sim-exercise.cpp - every operation of the simulation headers' subset on awkward and random values, one line each.
//
// A line is `operation type operand type operand = type result`: a type is i or u and a width, or those of the fixed-point formats and their
// modes; numbers are the bits in hexadecimal. sim.test.ts reads the lines and computes each result again with BigInt; the same program
// built with AMD's own headers must print the same lines (amd-headers.ts). So it uses nothing that either lacks.
#include <ap_fixed.h>
#include <ap_int.h>
#include <hls_stream.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#ifdef DYBNN_SIM_AP_INT_H
template <int W, bool S>
using number = ap_sim::integer<W, S>;
#else
template <int W, bool S>
using number = ap_int_base<W, S>;
#endif

template <int W, bool S>
struct pick {
  typedef ap_int<W> type;
};
template <int W>
struct pick<W, false> {
  typedef ap_uint<W> type;
};

// ---------------------------------------------------------------- values

static std::uint64_t seed = 88172645463325252u;
static std::uint64_t random64() {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

static const int KINDS = 12;

// 0, 1, all ones, only the top bit, all but the top bit, alternating bits, a small number, else random.
template <int W, bool S>
typename pick<W, S>::type value(int kind) {
  typename pick<W, S>::type x = 0;
  const std::uint64_t small = random64() & 7;
  for (int i = 0; i < W; ++i) {
    const bool random = (random64() & 1) != 0;
    const bool bit = kind == 0   ? false
                     : kind == 1 ? i == 0
                     : kind == 2 ? true
                     : kind == 3 ? i == W - 1
                     : kind == 4 ? i != W - 1
                     : kind == 5 ? i % 2 == 0
                     : kind == 6 ? i < 3 && ((small >> i) & 1) != 0
                                 : random;
    x[i] = bit;
  }
  return x;
}

// ---------------------------------------------------------------- printing

template <class T>
void print_bits(const T &x, int width) {
  char digits[300];
  int at = 0;
  for (int nibble = (width - 1) / 4; nibble >= 0; --nibble) {
    int digit = 0;
    for (int b = 3; b >= 0; --b) digit = digit * 2 + (nibble * 4 + b < width && x[nibble * 4 + b] ? 1 : 0);
    digits[at++] = "0123456789abcdef"[digit];
  }
  digits[at] = 0;
  std::printf(" %s", digits);
}
template <int W, bool S>
void print(const number<W, S> &x) {
  std::printf(" %c%d", S ? 'i' : 'u', W);
  print_bits(x, W);
}
inline void print(bool x) { std::printf(" b1 %d", x ? 1 : 0); }
inline void print(long long x) { std::printf(" i64 %016llx", static_cast<unsigned long long>(x)); }

template <class T>
struct format;
template <int W, int I, ap_q_mode Q, ap_o_mode O>
struct format<ap_fixed<W, I, Q, O> > {
  static void print() { std::printf(" f%d,%d,%d,%d", W, I, static_cast<int>(Q), static_cast<int>(O)); }
};
template <int W, int I, ap_q_mode Q, ap_o_mode O>
struct format<ap_ufixed<W, I, Q, O> > {
  static void print() { std::printf(" q%d,%d,%d,%d", W, I, static_cast<int>(Q), static_cast<int>(O)); }
};
template <int W, int I, ap_q_mode Q, ap_o_mode O>
void print(const ap_fixed<W, I, Q, O> &x) {
  format<ap_fixed<W, I, Q, O> >::print();
  print_bits(x, W);
}
template <int W, int I, ap_q_mode Q, ap_o_mode O>
void print(const ap_ufixed<W, I, Q, O> &x) {
  format<ap_ufixed<W, I, Q, O> >::print();
  print_bits(x, W);
}

template <class A, class R>
void line1(const char *name, const A &a, const R &r) {
  std::printf("%s", name);
  print(a);
  std::printf(" =");
  print(r);
  std::printf("\n");
}
template <class A, class B, class R>
void line2(const char *name, const A &a, const B &b, const R &r) {
  std::printf("%s", name);
  print(a);
  print(b);
  std::printf(" =");
  print(r);
  std::printf("\n");
}

// ---------------------------------------------------------------- two numbers

template <bool Defined>
struct division {
  template <class A, class B>
  static void go(const A &a, const B &b) {
    if (!(b != 0)) return;
    line2("div", a, b, a / b);
    line2("mod", a, b, a % b);
  }
};
template <>
struct division<false> {
  template <class A, class B>
  static void go(const A &, const B &) {}
};

template <bool Defined>
struct multiplied {
  template <class A, class B>
  static void go(const A &a, const B &b) {
    A r = a;
    r *= b;
    line2("mul=", a, b, r);
  }
};
template <>
struct multiplied<false> {
  template <class A, class B>
  static void go(const A &, const B &) {}
};

template <int W1, bool S1, int W2, bool S2>
void pair() {
  typedef typename pick<W1, S1>::type A;
  typedef typename pick<W2, S2>::type B;
  for (int k = 0; k < 24; ++k) {
    const A a = value<W1, S1>(k < 12 ? k : k < 20 ? static_cast<int>(random64() % KINDS) : k - 18);
    B b = value<W2, S2>(k < 12 ? (k * 5 + 2) % KINDS : static_cast<int>(random64() % KINDS));
    if (k >= 20) b = a;  // the same bits, which may stand for another number
    line2("add", a, b, a + b);
    line2("sub", a, b, a - b);
    line2("mul", a, b, a * b);
    line2("and", a, b, a & b);
    line2("or", a, b, a | b);
    line2("xor", a, b, a ^ b);
    line2("lt", a, b, a < b);
    line2("le", a, b, a <= b);
    line2("gt", a, b, a > b);
    line2("ge", a, b, a >= b);
    line2("eq", a, b, a == b);
    line2("ne", a, b, a != b);
    line2("cat", a, b, typename pick<W1 + W2, false>::type((a, b)));
    A assigned = b;
    line2("set", a, b, assigned);
    assigned = a;
    assigned += b;
    line2("add=", a, b, assigned);
    assigned = a;
    assigned -= b;
    line2("sub=", a, b, assigned);
    multiplied<(W1 <= 64 || W2 <= W1)>::go(a, b);
    assigned = a;
    assigned ^= b;
    line2("xor=", a, b, assigned);
    division<(W1 <= 64 && W2 <= 64 && S1 == S2)>::go(a, b);
    // (x, y) = the concatenation the other way round.
    A x = 0;
    B y = 0;
    (x, y) = typename pick<W1 + W2, false>::type((b, a));
    line2("cat<", a, b, typename pick<W1 + W2, false>::type((x, y)));
  }
}

// ---------------------------------------------------------------- one number

template <int W, bool S>
void shifts() {
  const int counts[] = {0, 1, 3, W / 2, W - 1, W, W + 1, W + 70, -1, -W / 2, -W, -W - 5};
  for (int k = 0; k < KINDS; ++k) {
    const typename pick<W, S>::type a = value<W, S>(k);
    for (int n : counts) {
      const ap_int<32> count = n;
      line2("shl", a, count, a << n);
      line2("shr", a, count, a >> n);
      line2("shl", a, count, a << count);
      line2("shr", a, count, a >> count);
      const ap_uint<7> small = n & 127;
      line2("shl", a, small, a << small);
      line2("shr", a, small, a >> small);
      typename pick<W, S>::type b = a;
      b <<= n;
      line2("shl", a, count, b);
      b = a;
      b >>= n;
      line2("shr", a, count, b);
    }
  }
}

template <bool Unsigned>
struct unsigned_ranges {
  template <class A, class B>
  static void go(const A &a, const B &b, int high, int low) {
    const ap_uint<A::width> part = a.range(high, low);
    line2("add", part, b, a.range(high, low) + b);
    line2("mul", part, b, a.range(high, low) * b);
    line2("and", b, part, b & a.range(high, low));
    line2("sub", part, ap_int<32>(5), a.range(high, low) - 5);
    line1("parity", part, part.xor_reduce());
  }
};
template <>
struct unsigned_ranges<false> {
  template <class A, class B>
  static void go(const A &, const B &, int, int) {}
};

template <int W, bool S>
void ranges() {
  typedef typename pick<W, S>::type A;
  for (int k = 0; k < KINDS; ++k) {
    const A a = value<W, S>(k);
    for (int trial = 0; trial < 6; ++trial) {
      int low = static_cast<int>(random64() % W), high = static_cast<int>(random64() % W);
      if (trial == 0) low = 0, high = W - 1;
      if (trial == 1) low = high = W - 1;
      if (trial == 2) low = W > 1 ? 1 : 0, high = W - 1;
      if (high < low) {
        const int swap = low;
        low = high;
        high = swap;
      }
      std::printf("range");
      print(a);
      const ap_uint<W> read = a.range(high, low);
      std::printf(" %d %d =", high, low);
      print(read);
      std::printf("\n");
      const ap_int<16> narrow = a(high, low);
      std::printf("range");
      print(a);
      std::printf(" %d %d =", high, low);
      print(narrow);
      std::printf("\n");
      // Writing: a value that is wider than the range is cut, a narrower one is extended by its sign.
      A written = a;
      const ap_int<70> wide = value<70, true>(static_cast<int>(random64() % KINDS));
      written.range(high, low) = wide;
      std::printf("range= %d %d", high, low);
      print(a);
      print(wide);
      std::printf(" =");
      print(written);
      std::printf("\n");
      written = a;
      const ap_uint<5> few = value<5, false>(7);
      written(high, low) = few;
      std::printf("range= %d %d", high, low);
      print(a);
      print(few);
      std::printf(" =");
      print(written);
      std::printf("\n");
      // A range as an operand has the width of its number.
      unsigned_ranges<!S>::go(a, few, high, low);
      line2("eq", ap_uint<W>(a.range(high, low)), few, a.range(high, low) == few);
      // A range of one number into a range of another; ranges side by side.
      written = a;
      written.range(high, low) = wide.range(40, 3);
      std::printf("range= %d %d", high, low);
      print(a);
      print(ap_uint<38>(wide.range(40, 3)));
      std::printf(" =");
      print(written);
      std::printf("\n");
      const ap_uint<W + 70> side = (a.range(high, low), wide.range(20, 4));
      std::printf("sides %d %d 20 4", high, low);
      print(a);
      print(wide);
      std::printf(" =");
      print(side);
      std::printf("\n");
      written = a;
      written[low] = !a[low];
      std::printf("flip %d", low);
      print(a);
      std::printf(" =");
      print(written);
      std::printf("\n");
    }
  }
}

template <int W, bool S>
void single() {
  typedef typename pick<W, S>::type A;
  for (int k = 0; k < 2 * KINDS; ++k) {
    const A a = value<W, S>(k);
    line1("neg", a, -a);
    line1("not", a, ~a);
    line1("zero", a, !a);
    line1("to_int", a, static_cast<long long>(a.to_int()));
    line1("to_int64", a, static_cast<long long>(a.to_int64()));
    line1("to_int64", a, static_cast<long long>(a.to_uint64()));
    line1("any", a, a.or_reduce());
    line1("all", a, a.and_reduce());
    line1("length", a, static_cast<long long>(a.length() + A::width));
    A b = a;
    line1("zeros", a, static_cast<long long>(b.countLeadingZeros()));
    ++b;
    line1("inc", a, b);
    b = a;
    b--;
    line1("dec", a, b);
    // With native integers: an int counts as 32 bits, a short as 16, a bool as 1.
    const int native = static_cast<int>(random64());
    const ap_int<32> same = native;
    line2("add", a, same, a + native);
    line2("sub", same, a, native - a);
    line2("mul", a, same, a * native);
    line2("and", a, same, a & native);
    line2("lt", a, same, a < native);
    line2("ge", same, a, native >= a);
    line2("eq", a, same, a == native);
    const unsigned char byte = static_cast<unsigned char>(native);
    line2("add", a, ap_uint<8>(byte), a + byte);
    line2("xor", a, ap_uint<8>(byte), a ^ byte);
    const bool yes = (native & 1) != 0;
    line2("sub", a, ap_uint<1>(yes), a - yes);
    const long long longer = static_cast<long long>(random64());
    line2("mul", a, ap_int<64>(longer), a * longer);
    const unsigned short half = static_cast<unsigned short>(native);
    b = a;
    b += half;
    line2("add=", a, ap_uint<16>(half), b);
    const ap_uint<9> other = value<9, false>(7);
    line2("add", a, ap_uint<1>(bool(other[3])), a + other[3]);
    const A from_int(native);
    line2("set", a, same, from_int);
    const A from_long(longer);
    line2("set", a, ap_int<64>(longer), from_long);
  }
  const double reals[] = {0.0, -0.5, 0.99, -1.0, 1.5, -1.5, 127.99, -129.5, 4294967296.75, -1e10, 9007199254740993.0, 1e18, -3e30};
  for (double x : reals) {
    if (W < 53 && (x > 1e15 || x < -1e15)) continue;
    std::uint64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    line1("real", ap_uint<64>(bits), A(x));
  }
}

template <int W, bool S>
void alone() {
  single<W, S>();
  shifts<W, S>();
  ranges<W, S>();
}

// ---------------------------------------------------------------- fixed point

template <class T>
T fixed_value(int kind) {
  T x = 0;
  x.range(T::width - 1, 0) = value<T::width, false>(kind);
  return x;
}

template <class From, class To>
void convert() {
  for (int k = 0; k < 24; ++k) {
    const From a = fixed_value<From>(k);
    const To r = a;
    line1("fixed", a, r);
  }
}

template <class To>
void from_reals() {
  // Ties and their neighbours around places of the format; the format's ends; tiny numbers.
  const double place = 1.0 / (1 << 4), eps = 1.0 / (1 << 30);
  for (int k = -9; k <= 9; ++k) {
    for (int e = -1; e <= 1; ++e) {
      const double x = k * place / 2 + e * eps;
      std::uint64_t bits;
      std::memcpy(&bits, &x, sizeof bits);
      line1("freal", ap_uint<64>(bits), To(x));
    }
  }
  const double reals[] = {127.5, 127.99, 128.0, -128.0, -128.1, 255.9, 256.0, 1e9, -1e9, 1e-40, -1e-40, 3.1415926, -0.0, 2047.96875, 2047.97};
  for (double x : reals) {
    std::uint64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    line1("freal", ap_uint<64>(bits), To(x));
    const float f = static_cast<float>(x);
    const double same = f;
    std::memcpy(&bits, &same, sizeof bits);
    line1("freal", ap_uint<64>(bits), To(f));
  }
  const int ints[] = {0, 1, -1, 7, -8, 100, -300, 70000, -70000};
  for (int x : ints) line1("fint", ap_int<32>(x), To(x));
  for (int k = 0; k < KINDS; ++k) {
    const ap_uint<40> u = value<40, false>(k);
    line1("fint", u, To(u));
    const ap_int<9> i = value<9, true>(k);
    line1("fint", i, To(i));
  }
}

template <template <ap_q_mode, ap_o_mode> class Each>
void modes() {
#define OVERFLOWS(Q) Each<Q, AP_WRAP>::go(), Each<Q, AP_SAT>::go(), Each<Q, AP_SAT_ZERO>::go(), Each<Q, AP_SAT_SYM>::go()
  OVERFLOWS(AP_TRN);
  OVERFLOWS(AP_TRN_ZERO);
  OVERFLOWS(AP_RND);
  OVERFLOWS(AP_RND_ZERO);
  OVERFLOWS(AP_RND_MIN_INF);
  OVERFLOWS(AP_RND_INF);
  OVERFLOWS(AP_RND_CONV);
}

template <ap_q_mode Q, ap_o_mode O>
struct some_conversions {
  static void go() {
    convert<ap_fixed<16, 8>, ap_fixed<8, 4, Q, O> >();
    convert<ap_fixed<16, 8>, ap_ufixed<8, 4, Q, O> >();
    from_reals<ap_fixed<12, 8, Q, O> >();
  }
};

template <ap_q_mode Q, ap_o_mode O>
struct conversions {
  static void go() {
    convert<ap_ufixed<16, 8>, ap_fixed<8, 4, Q, O> >();
    convert<ap_ufixed<12, 5>, ap_ufixed<10, 6, Q, O> >();
    convert<ap_fixed<32, 16>, ap_fixed<16, 10, Q, O> >();
    convert<ap_fixed<40, 8>, ap_fixed<16, 2, Q, O> >();
    convert<ap_fixed<48, 20>, ap_fixed<33, 10, Q, O> >();
    convert<ap_fixed<64, 32>, ap_fixed<32, 16, Q, O> >();
    convert<ap_fixed<70, 30>, ap_fixed<16, 12, Q, O> >();
    convert<ap_fixed<8, 4>, ap_fixed<24, 10, Q, O> >();
    convert<ap_fixed<8, 0>, ap_fixed<6, 5, Q, O> >();
    convert<ap_fixed<8, -2>, ap_fixed<6, 3, Q, O> >();
    convert<ap_fixed<8, 12>, ap_fixed<12, 10, Q, O> >();
    from_reals<ap_ufixed<9, 5, Q, O> >();
    from_reals<ap_fixed<16, 12, Q, O> >();
  }
};

// Everything is dropped, and more than there is. AMD's headers stop at an assertion of their own here.
template <ap_q_mode Q, ap_o_mode O>
struct far_conversions {
  static void go() {
    convert<ap_fixed<8, -2>, ap_fixed<6, 6, Q, O> >();
    convert<ap_fixed<8, -1>, ap_fixed<6, 6, Q, O> >();
    convert<ap_fixed<8, 0>, ap_fixed<6, 6, Q, O> >();
    convert<ap_ufixed<8, -1>, ap_fixed<6, 6, Q, O> >();
    convert<ap_ufixed<8, -4>, ap_ufixed<6, 5, Q, O> >();
  }
};

template <class A, class B>
void fixed_pair() {
  for (int k = 0; k < 20; ++k) {
    const A a = fixed_value<A>(k);
    const B b = fixed_value<B>((k * 5 + 2) % 17);
    line2("fadd", a, b, a + b);
    line2("fsub", a, b, a - b);
    line2("fmul", a, b, a * b);
    line2("flt", a, b, a < b);
    line2("fle", a, b, a <= b);
    line2("fgt", a, b, a > b);
    line2("fge", a, b, a >= b);
    line2("feq", a, b, a == b);
    line2("fne", a, b, a != b);
    A sum = a;
    sum += b;
    line2("fadd=", a, b, sum);
    sum = a;
    sum *= b;
    line2("fmul=", a, b, sum);
  }
}

template <class A>
void fixed_alone() {
  for (int k = 0; k < 20; ++k) {
    const A a = fixed_value<A>(k);
    line1("fint_of", a, static_cast<long long>(a.to_int()));
    const double d = a.to_double();
    std::uint64_t bits;
    std::memcpy(&bits, &d, sizeof bits);
    line1("fdouble", a, ap_uint<64>(bits));
    const float f = a.to_float();
    std::uint32_t word;
    std::memcpy(&word, &f, sizeof word);
    line1("ffloat", a, ap_uint<32>(word));
    line1("fto", a, ap_int<12>(a));
    for (int n = 0; n < 9; ++n) {
      line2("fshl", a, ap_int<32>(n), A(a << n));
      line2("fshr", a, ap_int<32>(n), A(a >> n));
    }
    const ap_int<6> i = value<6, true>(k);
    line2("fadd", a, i, a + i);
    line2("flt", a, i, a < i);
    line2("fmul", i, a, i * a);
    line2("fge", a, ap_int<32>(3), a >= 3);
    line2("fsub", a, ap_int<32>(-1), a - (-1));
  }
}

// ---------------------------------------------------------------- streams

inline void streams() {
  hls::stream<ap_uint<40> > s("numbers");
  std::string order;
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 500; ++i) s.write(ap_uint<40>(round * 500 + i));
    for (int i = 0; i < 490; ++i) {
      ap_uint<40> x;
      if (i % 3 == 0) {
        x = s.read();
      } else if (i % 3 == 1) {
        s >> x;
      } else if (!s.read_nb(x)) {
        order += "?";
      }
      if (i == 0) order += " " + std::to_string(x.to_int());
    }
  }
  std::printf("stream%s left %d", order.c_str(), static_cast<int>(s.size()));
  int count = 0, last = -1;
  while (!s.empty()) {
    last = s.read().to_int();
    ++count;
  }
  ap_uint<40> x;
  std::printf(" %d %d %d", count, last, s.read_nb(x) ? 1 : 0);
  // All of it, and then some more while half of it is taken.
  for (int i = 0; i < 12000; ++i) s.write(ap_uint<40>(i));
  int in_order = 0;
  for (int i = 0; i < 18000; ++i) {
    if (i % 2 == 1 && i < 12000) s.write(ap_uint<40>(12000 + i / 2));
    in_order += s.read() == i ? 1 : 0;
  }
  std::printf(" order %d %d\n", in_order, s.empty() ? 1 : 0);
}

// ---------------------------------------------------------------- the whole

template <int W1, int W2>
void signs() {
  pair<W1, false, W2, false>();
  pair<W1, true, W2, true>();
  pair<W1, true, W2, false>();
  pair<W1, false, W2, true>();
}
template <int W>
void width() {
  alone<W, false>();
  alone<W, true>();
}

int main() {
#if PART == 1
  signs<1, 8>();
  signs<32, 32>();
  signs<64, 64>();
  signs<63, 65>();
  signs<512, 128>();
#elif PART == 2
  width<1>();
  width<32>();
  width<33>();
  width<65>();
  width<512>();
  streams();
#elif PART == 3
  modes<some_conversions>();
  fixed_pair<ap_fixed<16, 8, AP_RND, AP_SAT>, ap_fixed<12, 3, AP_RND, AP_SAT> >();
  fixed_pair<ap_ufixed<8, 4>, ap_fixed<10, 2> >();
  fixed_pair<ap_fixed<10, 4, AP_RND_CONV, AP_SAT>, ap_ufixed<8, 4> >();
  fixed_alone<ap_fixed<16, 8, AP_RND, AP_SAT> >();
  fixed_alone<ap_ufixed<16, 3> >();
#elif PART == 4
  signs<1, 1>();
  signs<7, 8>();
  signs<8, 7>();
  signs<16, 16>();
  signs<31, 16>();
  signs<31, 31>();
  signs<32, 16>();
  signs<32, 31>();
  signs<33, 32>();
  signs<63, 64>();
#elif PART == 5
  signs<64, 33>();
  signs<65, 64>();
  signs<64, 65>();
  signs<128, 63>();
  signs<65, 128>();
  signs<128, 128>();
  signs<512, 512>();
  signs<512, 64>();
  signs<33, 512>();
  signs<129, 200>();
#elif PART == 6
  width<7>();
  width<8>();
  width<16>();
  width<31>();
  width<63>();
  width<64>();
  width<128>();
  width<129>();
#elif PART == 7
  modes<conversions>();
  fixed_pair<ap_fixed<16, 8>, ap_fixed<16, 8> >();
  fixed_pair<ap_ufixed<8, 8>, ap_ufixed<9, 1> >();
  fixed_pair<ap_fixed<33, 20>, ap_fixed<40, 10> >();
  fixed_pair<ap_fixed<8, -2>, ap_fixed<8, 12> >();
  fixed_alone<ap_fixed<40, 20> >();
  fixed_alone<ap_fixed<9, 9> >();
  fixed_alone<ap_fixed<60, 30> >();
  fixed_alone<ap_fixed<8, 1> >();
#elif PART == 8
  modes<far_conversions>();
#else
#error PART is 1 to 8
#endif
  return 0;
}
