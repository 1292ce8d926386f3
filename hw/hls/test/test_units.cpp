// test_units.cpp - single units: the compressor tree, fixed16's rounding, windows' reciprocals, the arrays, packed maps, words just written, maps pooled on their way, streams that fill up.
#include <cstdlib>

#include "check.hpp"
#include "configs.hpp"
#include "dybnn_float.hpp"
#include "dybnn_memory.hpp"
#include "dybnn_slots.hpp"
#include "reference.hpp"

namespace {

void popcounts(check::random_numbers &random) {
  // Every number of ones in every place that one compressor sees, and random words.
  for (int i = 0; i < 64; ++i)
    for (int j = 0; j <= 64 - i; ++j) {
      const std::uint64_t v = j == 0 ? 0 : (~std::uint64_t(0) >> (64 - j)) << i;
      check::equal("popcount of a run", dybnn::compressor_tree(v).to_int(), j);
    }
  for (int i = 0; i < 5000; ++i) {
    std::uint64_t v = random.next();
    if (random.chance(30)) v &= random.next();
    if (random.chance(30)) v |= random.next();
    check::equal("popcount", dybnn::compressor_tree(v).to_int(), __builtin_popcountll(v));
  }
  for (int bits = 0; bits < 4096; ++bits) check::equal("count of 12", dybnn::count_twelve(ap_uint<12>(bits)).to_int(), __builtin_popcount(static_cast<unsigned>(bits)));
}

void roundings(check::random_numbers &random) {
  const std::int64_t ends[] = {-2147467264ll, -65536, -32769, -32768, -32767, -1, 0, 1, 32766, 32767, 32768, 65535, 2147467263ll};
  for (std::int64_t v : ends)
    for (int n = 0; n <= 15; ++n) {
      check::equal("rnd of 32 bits", dybnn::round_shift<32>(ap_int<32>(v), n).to_int64(), reference::rnd(v, n));
      check::equal("sat of 32 bits", dybnn::saturate<32>(ap_int<32>(v)).to_int64(), reference::sat(v));
    }
  for (int i = 0; i < 5000; ++i) {
    const int n = random.between(0, 15);
    const std::int64_t v = static_cast<std::int32_t>(random.next() >> 32) >> random.between(1, 24);
    check::equal("rnd", dybnn::round_shift<32>(ap_int<32>(v), n).to_int64(), reference::rnd(v, n));
    const int k = random.between(0, 18);
    const std::int64_t z = random.between(-131072, 131068);
    check::equal("rnd of a shortcut", dybnn::round_shift<20>(ap_int<20>(z), k).to_int64(), reference::rnd(z, k));
    check::equal("entry", dybnn::enter(ap_int<32>(v), n, dybnn::half_of(n)).to_int64(), reference::sat(reference::rnd(v, n)));
  }
  for (int v = -32768; v <= 32767; v += 257) check::equal("entry of a map", dybnn::enter(ap_int<32>(v), 16, dybnn::half_of(16)).to_int64(), 0);
}

void averages(check::random_numbers &random) {
  for (int n = 1; n <= dybnn::MOST_COUNTED; ++n) {
    const int p = 16 + static_cast<int>(std::ceil(std::log2(n)));
    const dybnn::pool_reciprocal r = dybnn::reciprocal_of(ap_uint<6>(n - 1));
    check::equal("P of " + std::to_string(n), r.shift.to_int(), p);
    check::equal("R of " + std::to_string(n), r.factor.to_int(), static_cast<std::int64_t>(std::floor(std::ldexp(1.0, p) / n + 0.5)));
  }
  for (int i = 0; i < 5000; ++i) {
    const int n = random.chance(50) ? random.between(1, 64) : random.between(1, 2048);
    const int p = 16 + static_cast<int>(std::ceil(std::log2(n)));
    dybnn::pool_reciprocal r;
    r.factor = static_cast<int>(std::floor(std::ldexp(1.0, p) / n + 0.5));
    r.shift = p;
    const std::int64_t sum = random.chance(10) ? (random.chance(50) ? 32767ll : -32768ll) * n : random.between(-32768 * n, 32767 * n);
    check::equal("average", dybnn::averaged(dybnn::pool_sum(sum), r).to_int(), reference::sat(reference::rnd(sum * r.factor.to_int64(), p)));
  }
}

void newest_words(check::random_numbers &random) {
  // A memory that is late by as many iterations as the words are remembered for.
  int memory[8] = {}, late[8] = {}, expected[8] = {};
  int address_of[dybnn::RECENT] = {}, word_of[dybnn::RECENT] = {};
  dybnn::recent_words<int> recent = {};
  dybnn::forget(recent);
  int pending = 0;
  for (int i = 0; i < 4000; ++i) {
    const int at = random.between(0, 1 + i % 7);
    check::equal("newest word", dybnn::newest(recent, at, late[at]), expected[at]);
    if (random.chance(80)) {
      expected[at] += i;
      dybnn::remember(recent, at, expected[at]);
      // The memory sees it when three more have been remembered.
      if (pending == dybnn::RECENT) {
        late[address_of[0]] = word_of[0];
        for (int k = 1; k < dybnn::RECENT; ++k) {
          address_of[k - 1] = address_of[k];
          word_of[k - 1] = word_of[k];
        }
        --pending;
      }
      address_of[pending] = at;
      word_of[pending] = expected[at];
      ++pending;
    }
  }
  (void)memory;
}

template <class C>
void binary_array(check::random_numbers &random) {
  ap_uint<64> weights[C::PE], activations[C::PIXELS];
  bool inside[C::PIXELS];
  dybnn::product_count mismatches[C::PIXELS][C::PE];
  std::int64_t expected[C::PIXELS][C::PE] = {}, products[C::PIXELS] = {};
  const int steps = 200;
  for (int t = 0; t < steps; ++t) {
    for (int o = 0; o < C::PE; ++o) weights[o] = random.next();
    for (int i = 0; i < C::PIXELS; ++i) {
      activations[i] = random.next();
      inside[i] = random.chance(80);
      products[i] += inside[i] ? 64 : 0;
      for (int o = 0; o < C::PE; ++o)
        if (inside[i]) expected[i][o] += 64 - 2 * __builtin_popcountll(weights[o].to_uint64() ^ activations[i].to_uint64());
    }
    dybnn::binary_accumulate<C>(weights, activations, inside, t == 0, mismatches);
  }
  for (int i = 0; i < C::PIXELS; ++i)
    for (int o = 0; o < C::PE; ++o)
      check::equal("dot", dybnn::dot_of(dybnn::product_count(products[i]), mismatches[i][o]).to_int(), expected[i][o]);
  // The ends of 12.1.
  check::equal("largest dot", dybnn::dot_of(32767, 0).to_int(), 32767);
  check::equal("least dot", dybnn::dot_of(32767, 32767).to_int(), -32767);
}

template <class C>
void int8_array(check::random_numbers &random) {
  ap_int<8> weights[C::INT8_PE][C::INT8_SIMD];
  dybnn::value values[C::INT8_SIMD];
  dybnn::accumulator sums[C::INT8_PE];
  std::int64_t expected[C::INT8_PE] = {};
  for (int t = 0; t < 65535 / 127 / C::INT8_SIMD; ++t) {
    for (int i = 0; i < C::INT8_SIMD; ++i) values[i] = t < 10 ? random.between(-32768, 32767) : -32768;
    for (int o = 0; o < C::INT8_PE; ++o)
      for (int i = 0; i < C::INT8_SIMD; ++i) {
        weights[o][i] = o == 0 ? 127 : o == 1 ? -127 : random.between(-127, 127);
        expected[o] += weights[o][i].to_int64() * values[i].to_int64();
      }
    dybnn::int8_accumulate<C>(weights, values, t == 0, sums);
  }
  for (int o = 0; o < C::INT8_PE; ++o) check::equal("int8 sum", sums[o].to_int64(), expected[o]);
}

template <class C>
void packed_maps(check::random_numbers &random) {
  typedef dybnn::constants<C> K;
  static dybnn::packed_memory<C> memory;
  const int width = 37, words = 3, blocks = dybnn::divide_up(width, K::BANKS);
  std::vector<std::uint64_t> expected(static_cast<std::size_t>(width * words));
  for (int x = 0; x < width; ++x)
    for (int k = 0; k < words; ++k)
      for (int part = 0; part < K::PARTS; ++part) {
        // The last word of a pixel clears what is behind its part.
        const bool last = k == words - 1 && part == 0;
        const std::uint64_t bits = random.next() >> (64 - K::LANES);
        std::uint64_t &word = expected[static_cast<std::size_t>(x * words + k)];
        if (last) {
          word = bits;
        } else {
          const std::uint64_t mask = (~std::uint64_t(0) >> (64 - K::LANES)) << (K::LANES * part);
          word = (word & ~mask) | bits << (K::LANES * part);
        }
        const int address = (x / K::BANKS) * words + k;
        dybnn::write_bits<C>(memory, x, address, part, last, dybnn::bits_part<C>(bits));
        if (last) break;
      }
  (void)blocks;
  for (int stride = 1; stride <= 2; ++stride)
    for (int x = -7; x < width; ++x)
      for (int k = 0; k < words; ++k) {
        ap_uint<64> read[C::PIXELS];
        const int block = x >= 0 ? x / K::BANKS : -((-x + K::BANKS - 1) / K::BANKS);
        dybnn::read_columns<C>(memory, x, stride, block * words + k, words, read);
        for (int i = 0; i < C::PIXELS; ++i) {
          const int column = x + i * stride;
          if (column >= 0 && column < width)
            check::equal("column", static_cast<std::int64_t>(read[i].to_uint64()), static_cast<std::int64_t>(expected[static_cast<std::size_t>(column * words + k)]));
        }
      }
}

// Maps of values at the ends of their range, so that four of them reach the ends of a sum.
template <class C>
void pooled_maps(check::random_numbers &random) {
  typedef dybnn::constants<C> K;
  for (int i = 0; i < 400; ++i) {
    dybnn::descriptor d = {};
    d.kind = dybnn::PASS;
    d.flags = dybnn::STORE | dybnn::POOL_STORE;
    d.groups = 1;
    d.out_height = random.between(2, 5);
    d.out_width = random.between(2, 5);
    const int words = random.between(1, 2);
    d.out_channels = words * K::LANES;
    d.store_shift = random.between(dybnn::LEAST_STORE_SHIFT, dybnn::MOST_STORE_SHIFT);
    const int most = random.between(0, 100);
    reference::map map(reference::shape{d.out_height, d.out_width, d.out_channels});
    hls::stream<dybnn::word<C> > in("in"), out("out");
    for (int at = 0; at < map.of.size(); at += K::LANES) {
      dybnn::word<C> w = 0;
      for (int lane = 0; lane < K::LANES; ++lane) {
        const int v = (random.chance(most) ? 32767 : -32768);
        map.values[static_cast<std::size_t>(at + lane)] = v;
        dybnn::set_lane<16>(w, lane, ap_int<16>(v));
      }
      in.write(w);
    }
    dybnn::arrange_stored<C>(d, in, out);
    for (int y = 0; y + 1 < d.out_height; y += 2)
      for (int x = 0; x + 1 < d.out_width; x += 2)
        for (int j = 0; j < words; ++j) {
          const dybnn::word<C> w = out.read();
          for (int lane = 0; lane < K::LANES; ++lane) {
            const int c = j * K::LANES + lane;
            const std::int64_t sum = map.at(y, x, c) + map.at(y, x + 1, c) + map.at(y + 1, x, c) + map.at(y + 1, x + 1, c);
            check::equal("pooled value", dybnn::lane_of<16>(w, lane).to_int(), reference::rnd(sum, d.store_shift));
          }
        }
    check::equal("pooled words left", out.empty() && in.empty(), 1);
  }
}

// A PASS whose input and shortcut come in turns: words of the input and of the shortcut that `compute` took before nothing moved any more. Its pipeline stands still as a whole
// while a word is missing; the input of iteration t is read in tick t + map_stage, the shortcut of t - 1 in t + shortcut_stage.
int taken_in_turns(int words, int turn, int map_fifo, int shortcut_fifo, int map_stage, int shortcut_stage) {
  int map_held = 0, shortcut_held = 0;
  int map_taken = 0, shortcut_taken = 0;
  int begun = 0, map_sent = 0, shortcut_sent = 0;  // words of the turns so far; of those, in the streams or beyond
  int tick = 0;
  while (true) {
    bool moved = false;
    if (map_sent == begun && shortcut_sent == begun) begun = begun + turn < words ? begun + turn : words;
    if (map_sent < begun) {
      if (map_held < map_fifo) ++map_held, ++map_sent, moved = true;
    } else if (shortcut_sent < begun && shortcut_held < shortcut_fifo) {
      ++shortcut_held, ++shortcut_sent, moved = true;
    }
    const bool wants_map = tick >= map_stage && map_taken < words;
    const bool wants_shortcut = tick > shortcut_stage && shortcut_taken < words;
    if ((!wants_map || map_held > 0) && (!wants_shortcut || shortcut_held > 0) && (map_taken < words || shortcut_taken < words)) {
      if (wants_map) --map_held, ++map_taken;
      if (wants_shortcut) --shortcut_held, ++shortcut_taken;
      ++tick;
      moved = true;
    }
    if (!moved) return map_taken + shortcut_taken;
  }
}

void turns() {
  using dybnn::SLOT_DEPTH;
  using dybnn::TURN;
  const int shortcut_fifo = dybnn::RAW_SHORTCUT_FIFO + dybnn::SHORTCUT_FIFO;
  for (int words : {1, TURN, 10 * TURN + 1})
    for (int a = 0; a < SLOT_DEPTH; ++a)
      for (int b = 0; b < SLOT_DEPTH; ++b)
        check::equal("words of a PASS by stages " + std::to_string(a) + " and " + std::to_string(b), taken_in_turns(words, TURN, dybnn::MAP_FIFO, shortcut_fifo, a, b), 2 * words);
  // That it can hang: with a stream too small on either side.
  check::equal("too small a stream of the input", taken_in_turns(1000, TURN, TURN + SLOT_DEPTH - 3, shortcut_fifo, SLOT_DEPTH - 1, 0) < 2000, 1);
  check::equal("too small a stream of the shortcut", taken_in_turns(1000, TURN, dybnn::MAP_FIFO, SLOT_DEPTH - 2, 0, SLOT_DEPTH - 1) < 2000, 1);
}

}  // namespace

int main() {
  check::random_numbers random(3);
  popcounts(random);
  roundings(random);
  averages(random);
  newest_words(random);
  binary_array<usual>(random);
  binary_array<single>(random);
  int8_array<usual>(random);
  int8_array<wide>(random);
  packed_maps<narrow>(random);
  packed_maps<single>(random);
  packed_maps<usual>(random);
  packed_maps<wide>(random);
  pooled_maps<usual>(random);
  turns();
  return check::finish("units");
}
