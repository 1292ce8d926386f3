// test_vectors.cpp - units against numbers that the executable contract made (test/hls/units.test.ts): lines of integers on standard input.
#include <iostream>
#include <sstream>
#include <vector>

#include "check.hpp"
#include "dybnn_float.hpp"
#include "dybnn_pool.hpp"
#include "dybnn_tail.hpp"

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream in(line);
    std::string what;
    in >> what;
    std::vector<std::int64_t> v;
    for (std::int64_t n; in >> n;) v.push_back(n);
    if (what == "fixed" && v.size() == 3) {
      check::equal(line, dybnn::fixed_of(dybnn::float_of(static_cast<std::uint32_t>(v[0])), static_cast<int>(v[1])).to_int(), v[2]);
    } else if (what == "function" && v.size() == 5) {
      const int f = static_cast<int>(v[0]);
      const float alpha = dybnn::float_of(static_cast<std::uint32_t>(v[1])), beta = dybnn::float_of(static_cast<std::uint32_t>(v[2]));
      const float x = dybnn::float_of(static_cast<std::uint32_t>(v[3]));
      const float y = dybnn::function_multiplies(f) ? dybnn::multiplying_function<true>(f, alpha, beta, x) : dybnn::simple_function(f, alpha, beta, x);
      check::equal(line, dybnn::bits_of(y), v[4]);
    } else if (what == "average" && v.size() == 3) {
      // Sum, pixels, value; the reciprocal from the table.
      const dybnn::pool_reciprocal r = dybnn::reciprocal_of(ap_uint<6>(v[1] - 1));
      check::equal(line, dybnn::averaged(dybnn::pool_sum(v[0]), r).to_int(), v[2]);
    } else if (what == "tail" && v.size() == 16) {
      dybnn::descriptor d = {};
      d.flags = static_cast<std::int32_t>(v[0]);
      d.scale_shift = static_cast<std::int32_t>(v[2]);
      d.shortcut_shift = static_cast<std::int32_t>(v[3]);
      d.slope_shift = static_cast<std::int32_t>(v[4]);
      dybnn::tail_parameters p;
      p.scale = v[7];
      p.offset = v[8] + dybnn::half_of(d.scale_shift).to_int();
      p.bias = v[9];
      p.gamma = v[10];
      p.slope = v[11];
      p.zeta = v[12];
      p.alpha = v[13];
      const dybnn::tail_settings t = dybnn::tail_settings_of(d);
      const dybnn::value y = dybnn::tail_value(t, p, dybnn::enter(dybnn::accumulator(v[5]), static_cast<int>(v[1]), dybnn::half_of(static_cast<int>(v[1]))), ap_int<18>(v[6]));
      check::equal(line, y.to_int(), v[14]);
      check::equal(line + " (bit)", dybnn::tail_bit(t, y, p.alpha), v[15]);
    } else {
      check::equal("unknown vector " + line, 1, 0);
    }
  }
  return check::finish("vectors");
}
