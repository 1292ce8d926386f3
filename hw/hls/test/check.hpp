// check.hpp - comparisons that are counted, and what a bench says at its end.
#ifndef DYBNN_TEST_CHECK_HPP
#define DYBNN_TEST_CHECK_HPP

#include <cstdint>
#include <cstdio>
#include <string>

namespace check {

inline int &passed() {
  static int count = 0;
  return count;
}
inline int &failed() {
  static int count = 0;
  return count;
}

constexpr int MOST_SHOWN = 20;

inline void equal(const std::string &what, std::int64_t found, std::int64_t expected) {
  if (found == expected) {
    ++passed();
  } else if (++failed() <= MOST_SHOWN) {
    std::printf("%s: found %lld, expected %lld\n", what.c_str(), static_cast<long long>(found), static_cast<long long>(expected));
  }
}

// One comparison of many places: the first that differs is shown.
template <class A, class B>
void all_equal(const std::string &what, const A &found, const B &expected) {
  if (found.size() != expected.size()) return equal(what + " size", static_cast<std::int64_t>(found.size()), static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] != expected[i]) {
      return equal(what + " [" + std::to_string(i) + "]", static_cast<std::int64_t>(found[i]), static_cast<std::int64_t>(expected[i]));
    }
  }
  ++passed();
}

inline int finish(const char *bench) {
  std::printf("%s: %d passed, %d failed\n", bench, passed(), failed());
  return failed() == 0 ? 0 : 1;
}

// The same numbers on every machine.
struct random_numbers {
  std::uint64_t state;
  explicit random_numbers(std::uint64_t seed) : state(seed * 0x9E3779B97F4A7C15ull + 1) {}
  std::uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545F4914F6CDD1Dull;
  }
  // low .. high
  int between(int low, int high) { return low + static_cast<int>((next() >> 33) % static_cast<std::uint64_t>(high - low + 1)); }
  bool chance(int percent) { return between(1, 100) <= percent; }
  template <class T, std::size_t N>
  T one_of(const T (&values)[N]) {
    return values[between(0, static_cast<int>(N) - 1)];
  }
};

}  // namespace check

#endif
