// reference.hpp - the clauses of fixed16 as plain loops over 64-bit integers: what the units are held to here.
//
// Written from CONTRACT.md, not from the units; test/hls holds both to the executable contract.
#ifndef DYBNN_TEST_REFERENCE_HPP
#define DYBNN_TEST_REFERENCE_HPP

#include <cmath>
#include <cstdint>
#include <vector>

namespace reference {

typedef std::int64_t integer;

inline integer sat(integer v) { return v < -32768 ? -32768 : v > 32767 ? 32767 : v; }

// floor((v + 2^(n-1)) / 2^n), by division.
inline integer rnd(integer v, int n) {
  if (n == 0) return v;
  const integer whole = integer(1) << n;
  const integer sum = v + whole / 2;
  integer quotient = sum / whole;
  if (sum % whole < 0) --quotient;
  return quotient;
}

struct shape {
  int height;
  int width;
  int channels;
  int size() const { return height * width * channels; }
};

// Channels last.
struct map {
  shape of;
  std::vector<integer> values;
  explicit map(shape s) : of(s), values(static_cast<std::size_t>(s.size())) {}
  integer &at(int y, int x, int c) { return values[static_cast<std::size_t>((y * of.width + x) * of.channels + c)]; }
  integer at(int y, int x, int c) const { return values[static_cast<std::size_t>((y * of.width + x) * of.channels + c)]; }
  bool inside(int y, int x) const { return y >= 0 && x >= 0 && y < of.height && x < of.width; }
};

struct window {
  int kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
};

// 4.1: the map and the weights are -1 or 1; weights [output][tap][channel].
inline map convolve(const map &in, const std::vector<integer> &weights, const window &w, shape out) {
  map made(out);
  const int channels = in.of.channels;
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x)
      for (int o = 0; o < out.channels; ++o) {
        integer sum = 0;
        for (int ky = 0; ky < w.kernel_h; ++ky)
          for (int kx = 0; kx < w.kernel_w; ++kx) {
            const int iy = y * w.stride_h - w.pad_top + ky * w.dilation_h;
            const int ix = x * w.stride_w - w.pad_left + kx * w.dilation_w;
            if (!in.inside(iy, ix)) continue;
            for (int c = 0; c < channels; ++c)
              sum += in.at(iy, ix, c) * weights[static_cast<std::size_t>(((o * w.kernel_h + ky) * w.kernel_w + kx) * channels + c)];
          }
        made.at(y, x, o) = sum;
      }
  return made;
}

// 13.2 and 13.3.
inline map pool(const map &in, const window &w, shape out, bool largest, bool exclude_pad) {
  map made(out);
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x)
      for (int c = 0; c < out.channels; ++c) {
        integer sum = 0, most = -40000;
        int count = 0;
        for (int ky = 0; ky < w.kernel_h; ++ky)
          for (int kx = 0; kx < w.kernel_w; ++kx) {
            const int iy = y * w.stride_h - w.pad_top + ky, ix = x * w.stride_w - w.pad_left + kx;
            if (!in.inside(iy, ix)) continue;
            sum += in.at(iy, ix, c);
            if (in.at(iy, ix, c) > most) most = in.at(iy, ix, c);
            ++count;
          }
        const int n = exclude_pad ? count : w.kernel_h * w.kernel_w;
        const int p = 16 + static_cast<int>(std::ceil(std::log2(n)));
        const integer r = static_cast<integer>(std::floor(std::ldexp(1.0, p) / n + 0.5));
        made.at(y, x, c) = largest ? most : sat(rnd(sum * r, p));
      }
  return made;
}

struct tail {
  bool scale, bias, shortcut, prelu, gamma, zeta, ge, gt;
  int entry_shift, scale_shift, shortcut_shift, slope_shift, pooled;
  integer sign_unit;  // 0: the values themselves
  std::vector<integer> multiplier, offset, added, gammas, slopes, zetas, alphas;
};

// 12, for one value; z is the shortcut's sum.
inline integer tail_value(const tail &t, integer v, integer z, int c) {
  const std::size_t i = static_cast<std::size_t>(c);
  integer y = sat(rnd(v, t.entry_shift));
  if (t.scale) y = sat(rnd(y * t.multiplier[i] + t.offset[i], t.scale_shift));
  if (t.bias) y = sat(y + t.added[i]);
  if (t.shortcut) y = sat(y + rnd(z, t.shortcut_shift));
  if (t.prelu) {
    const integer gamma = t.gamma ? t.gammas[i] : 0, zeta = t.zeta ? t.zetas[i] : 0;
    const integer d = sat(y - gamma);
    const bool above = t.ge ? y >= gamma : y > gamma;
    y = sat((above ? d : sat(rnd(d * t.slopes[i], t.slope_shift))) + zeta);
  }
  return y;
}

struct tail_result {
  map stored;
  std::vector<integer> sums;
  map bits;
  explicit tail_result(shape s) : stored(s), sums(static_cast<std::size_t>(s.channels)), bits(s) {}
};

inline tail_result run_tail(const tail &t, const map &entering, const map *shortcut) {
  tail_result r(entering.of);
  for (int y = 0; y < entering.of.height; ++y)
    for (int x = 0; x < entering.of.width; ++x)
      for (int c = 0; c < entering.of.channels; ++c) {
        integer z = 0;
        if (t.shortcut && t.pooled == 1) z = shortcut->at(y, x, c % shortcut->of.channels);
        if (t.shortcut && t.pooled == 2)
          for (int q = 0; q < 4; ++q) z += shortcut->at(2 * y + q / 2, 2 * x + q % 2, c % shortcut->of.channels);
        const integer v = tail_value(t, entering.at(y, x, c), z, c);
        const std::size_t i = static_cast<std::size_t>(c);
        const bool bit = t.gt ? v > t.alphas[i] : v >= t.alphas[i];
        const integer left = t.sign_unit == 0 ? v : bit ? t.sign_unit : -t.sign_unit;
        r.stored.at(y, x, c) = left;
        r.sums[i] += left;
        r.bits.at(y, x, c) = bit;
      }
  return r;
}

}  // namespace reference

#endif
