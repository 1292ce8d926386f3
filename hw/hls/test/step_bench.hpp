// step_bench.hpp - whole steps of an engine against the plain reference: random shapes, windows, tails and places.
//
// A step is built from README.md's page (descriptor, stream, layouts), run, and all that it left is compared, its cycles too.
#ifndef DYBNN_TEST_STEP_BENCH_HPP
#define DYBNN_TEST_STEP_BENCH_HPP

#include <cstdlib>
#include <string>

#include "check.hpp"
#include "machine.hpp"

template <class C>
struct step_bench {
  typedef dybnn::constants<C> K;
  typedef reference::integer integer;
  machine<C> m;
  check::random_numbers random;
  std::string name;

  step_bench(const char *config, std::uint64_t seed) : m(200000), random(seed), name(config) {}

  // ---- numbers

  // Mostly small, sometimes at the ends of the range.
  integer some_value() { return random.chance(6) ? (random.chance(50) ? 32767 : -32768) : random.chance(50) ? random.between(-40, 40) : random.between(-32768, 32767); }

  reference::map some_map(reference::shape s) {
    reference::map made(s);
    for (std::size_t i = 0; i < made.values.size(); ++i) made.values[i] = some_value();
    return made;
  }
  reference::map some_signs(reference::shape s) {
    reference::map made(s);
    for (std::size_t i = 0; i < made.values.size(); ++i) made.values[i] = random.chance(50) ? 1 : -1;
    return made;
  }

  int some_channels(int most) {
    static const int awkward[] = {1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 257};
    int c = random.chance(60) ? random.one_of(awkward) : random.chance(50) ? 2 * K::LANES * random.between(1, 4) : random.between(1, 200);
    return c > most ? most : c;
  }

  // ---- places

  int next_ddr;
  int next_chip;
  int next_bits;  // of the ring
  int used_bits;

  void begin() {
    next_ddr = random.between(0, 9);
    next_chip = random.between(0, 5);
    next_bits = random.between(0, C::BIT_WORDS - 1);
    used_bits = 0;
    m.clear_weights();
    for (int i = random.between(0, 5); i > 0; --i) m.add_word(0);
  }

  int take_bits(reference::shape s) {
    const int base = next_bits;
    used_bits += machine<C>::bit_words(s);
    next_bits = (next_bits + machine<C>::bit_words(s)) % C::BIT_WORDS;
    return base;
  }

  // In DDR, on chip, or `unit` pixels at a time in both.
  place some_place(reference::shape s, int unit, int extra_words, int on_chip) {
    place p;
    p.pixel_words = dybnn::divide_up(s.channels, K::LANES) + extra_words;
    const int pixels = s.height * s.width;
    p.chip_pixels = on_chip == 0 ? 0 : on_chip == 2 ? pixels : unit * random.between(0, (pixels - 1) / unit);
    p.address = next_ddr;
    p.chip_address = next_chip;
    next_ddr += pixels * p.pixel_words + random.between(0, 3);
    next_chip += p.chip_pixels * p.pixel_words + random.between(0, 3);
    if (next_chip > C::MAP_WORDS) {
      next_chip = p.chip_address;
      p.chip_pixels = 0;
    }
    return p;
  }

  // ---- tails

  std::vector<integer> some_values(int count, integer low, integer high) {
    std::vector<integer> made(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < made.size(); ++i) {
      const std::uint64_t range = static_cast<std::uint64_t>(high - low + 1);
      made[i] = random.chance(5) ? (random.chance(50) ? low : high) : low + static_cast<integer>((random.next() >> 20) % range);
    }
    return made;
  }

  struct tail_plan {
    reference::tail t;
    bool store, sums, bits;
  };

  tail_plan some_tail(int channels, int entry_shift, bool with_shortcut) {
    tail_plan p;
    reference::tail &t = p.t;
    t.scale = random.chance(70);
    t.bias = random.chance(30);
    t.shortcut = with_shortcut;
    t.prelu = random.chance(50);
    t.gamma = random.chance(70);
    t.zeta = random.chance(70);
    t.ge = random.chance(50);
    t.gt = random.chance(50);
    t.entry_shift = entry_shift;
    t.scale_shift = random.between(0, 15);
    t.slope_shift = random.between(0, 15);
    t.pooled = with_shortcut && random.chance(40) ? 2 : 1;
    t.shortcut_shift = random.chance(50) ? random.between(0, 3) : random.between(0, 16);
    if (t.pooled == 2) t.shortcut_shift += 2;
    t.multiplier = some_values(channels, -32767, 32767);
    t.offset = some_values(channels, -(1 << 30), 1 << 30);
    t.added = some_values(channels, -32768, 32767);
    t.gammas = some_values(channels, -300, 300);
    t.slopes = some_values(channels, -32768, 32767);
    t.zetas = some_values(channels, -32768, 32767);
    t.alphas = some_values(channels, -200, 200);
    t.sign_unit = random.chance(10) ? 1 << random.between(0, 14) : 0;
    p.store = random.chance(70);
    p.sums = random.chance(50);
    p.bits = random.chance(50) || (!p.store && !p.sums);
    return p;
  }

  void add_slot(dybnn::descriptor &d, int slot, const std::vector<integer> &values) {
    if (random.chance(30) && slot != dybnn::SCALE && slot != dybnn::SLOPE && slot != dybnn::OFFSET) {
      // As if the float unit had written it.
      for (std::size_t c = 0; c < values.size(); ++c) m.set_parameter(slot, static_cast<int>(c), values[c]);
      return;
    }
    d.flags |= 1 << (dybnn::LOAD_SHIFT + slot);
    const int words = dybnn::divide_up(static_cast<int>(values.size()), K::LANES);
    std::vector<integer> padded = values;
    padded.resize(static_cast<std::size_t>(words * K::LANES));
    m.add_packed(padded, slot == dybnn::OFFSET ? 32 : 16);
    d.parameters_words += slot == dybnn::OFFSET ? 2 * words : words;
  }

  // Flags, shifts and static parameters; the stream begins here.
  void add_tail(dybnn::descriptor &d, const tail_plan &p) {
    const reference::tail &t = p.t;
    d.stream_address = m.weight_words();
    d.parameters_words = 0;
    if (t.scale) d.flags |= dybnn::HAS_SCALE;
    if (t.bias) d.flags |= dybnn::HAS_BIAS;
    if (t.shortcut) d.flags |= dybnn::HAS_SHORTCUT;
    if (t.prelu) d.flags |= dybnn::HAS_PRELU;
    if (t.prelu && t.gamma) d.flags |= dybnn::HAS_GAMMA;
    if (t.prelu && t.zeta) d.flags |= dybnn::HAS_ZETA;
    if (t.ge) d.flags |= dybnn::PRELU_GE;
    if (t.gt) d.flags |= dybnn::BITS_GT;
    if (p.store) d.flags |= dybnn::STORE;
    if (p.sums) d.flags |= dybnn::SUMS;
    if (p.bits) d.flags |= dybnn::BITS;
    if (t.sign_unit != 0) d.flags |= dybnn::SIGNS;
    d.sign_unit = static_cast<std::int32_t>(t.sign_unit);
    d.entry_shift = t.entry_shift;
    d.scale_shift = t.scale_shift;
    d.slope_shift = t.slope_shift;
    d.shortcut_shift = t.shortcut_shift;
    if (t.scale) add_slot(d, dybnn::SCALE, t.multiplier);
    std::vector<integer> offsets = t.offset;
    for (std::size_t c = 0; c < offsets.size(); ++c) offsets[c] += (integer(1) << t.scale_shift) / 2;
    if (t.scale) add_slot(d, dybnn::OFFSET, offsets);
    if (t.bias) add_slot(d, dybnn::BIAS, t.added);
    if (t.prelu && t.gamma) add_slot(d, dybnn::GAMMA, t.gammas);
    if (t.prelu) add_slot(d, dybnn::SLOPE, t.slopes);
    if (t.prelu && t.zeta) add_slot(d, dybnn::ZETA, t.zetas);
    if (p.bits || t.sign_unit != 0) add_slot(d, dybnn::ALPHA, t.alphas);
  }

  // ---- a step with a tail, from its entering values to what it leaves

  struct made_step {
    dybnn::descriptor d;
    tail_plan tail;
    place out;
    place shortcut_at;
    reference::map shortcut;
    int bits_base;
    made_step() : d(), out(), shortcut_at(), shortcut(reference::shape{0, 0, 0}), bits_base(0) {}
  };

  // Shortcut, output places and tail. `on_chip_input`: whether the map memory's read port serves the input as well.
  void add_ends(made_step &s, reference::shape out, bool pass, bool input_on_chip, int entry_shift, const place *in_place) {
    dybnn::descriptor &d = s.d;
    d.out_height = out.height;
    d.out_width = out.width;
    d.out_channels = out.channels;
    s.tail = some_tail(out.channels, entry_shift, random.chance(50));
    if (pass && s.tail.t.pooled == 2 && random.chance(70)) {
      s.tail.t.pooled = 1;
      s.tail.t.shortcut_shift -= 2;
    }
    if (s.tail.t.shortcut) {
      reference::shape z = out;
      if (s.tail.t.pooled == 2) {
        z.height = 2 * out.height + random.between(0, 1);
        z.width = 2 * out.width + random.between(0, 1);
      } else if (!pass && random.chance(40)) {
        // Fewer channels that repeat.
        for (int divisor = random.between(2, 4); divisor > 1; --divisor)
          if (out.channels % divisor == 0 && out.channels / divisor % K::LANES == 0) {
            z.channels = out.channels / divisor;
            break;
          }
      }
      s.shortcut = some_map(z);
      int where = random.between(0, 2);
      if (pass && input_on_chip) where = 0;
      if (pass && s.tail.t.pooled == 2 && !input_on_chip) where = 2;
      s.shortcut_at = some_place(z, s.tail.t.pooled == 2 ? 2 * z.width : 1, 0, where);
      if (pass && s.tail.t.pooled == 2 && !input_on_chip && s.shortcut_at.chip_pixels == 0) {
        s.tail.t.shortcut = false;  // no room on chip
        s.tail.t.pooled = 1;
      }
    }
    if (s.tail.t.shortcut) {
      m.put_map(s.shortcut_at, s.shortcut);
      d.shortcut_address = s.shortcut_at.address;
      d.shortcut_chip_address = s.shortcut_at.chip_address;
      d.shortcut_chip_pixels = s.shortcut_at.chip_pixels;
      d.shortcut_channels = s.shortcut.of.channels;
      d.shortcut_pool = s.tail.t.pooled;
      d.shortcut_width = s.shortcut.of.width;
    }
    // In place of the input or of the shortcut where the shapes agree, or a place of its own, perhaps between the channels of others.
    const bool as_shortcut = s.tail.t.shortcut && s.tail.t.pooled == 1 && s.shortcut.of.channels == out.channels;
    if (in_place && random.chance(40)) {
      s.out = *in_place;
    } else if (as_shortcut && random.chance(40)) {
      s.out = s.shortcut_at;
    } else {
      s.out = some_place(out, 1, random.chance(20) ? random.between(1, 3) : 0, random.between(0, 2));
    }
    d.out_address = s.out.address;
    d.out_chip_address = s.out.chip_address;
    d.out_chip_pixels = s.out.chip_pixels;
    d.out_pixel_words = s.out.pixel_words;
    s.bits_base = take_bits(out);
    d.bits_address = s.bits_base;
    if (s.tail.bits && used_bits > C::BIT_WORDS) s.tail.bits = false;
    if (s.tail.bits) m.scribble_bits(s.bits_base, machine<C>::bit_words(out));
    if (!s.tail.bits && !s.tail.sums) s.tail.store = true;
  }

  // The map that is stored, pooled by 2x2 on its way to DDR. After `split`: it needs one group.
  void perhaps_pooled(made_step &s, reference::shape out) {
    const int words = dybnn::divide_up(out.channels, K::LANES);
    if (!s.tail.store || s.d.groups != 1 || out.height < 2 || out.width < 2 || (out.width + 1) / 2 * words > C::STORE_WORDS || !random.chance(35)) return;
    s.d.flags |= dybnn::POOL_STORE;
    s.d.store_shift = random.between(dybnn::LEAST_STORE_SHIFT, dybnn::MOST_STORE_SHIFT);
    s.out = some_place(reference::shape{out.height / 2, out.width / 2, out.channels}, 1, 0, 0);
    s.d.out_address = s.out.address;
    s.d.out_chip_address = s.out.chip_address;
    s.d.out_chip_pixels = 0;
    s.d.out_pixel_words = s.out.pixel_words;
  }

  // The bits written over rows of the packed map that the step reads, as near as the rows that are still read allow. After `split`: it needs one group.
  bool perhaps_overlaid(made_step &s, reference::shape in, reference::shape out) {
    if (!s.tail.bits || s.d.groups != 1 || !random.chance(50)) return false;
    const int in_row = machine<C>::bit_words(in) / in.height, out_row = machine<C>::bit_words(out) / out.height;
    int distance = 0;
    for (int y = 0; y < out.height; ++y) {
      const int top = y * s.d.stride_h - s.d.pad_top;
      distance = most(distance, (y + 1) * out_row - (top < 0 ? 0 : top) * in_row);
    }
    if (most(machine<C>::bit_words(out), distance + machine<C>::bit_words(in)) > C::BIT_WORDS) return false;
    s.bits_base = (s.d.in_address - distance + C::BIT_WORDS) % C::BIT_WORDS;
    s.d.bits_address = s.bits_base;
    return true;
  }

  static reference::map pooled(const reference::map &m, int shift) {
    reference::map made(reference::shape{m.of.height / 2, m.of.width / 2, m.of.channels});
    for (int y = 0; y < made.of.height; ++y)
      for (int x = 0; x < made.of.width; ++x)
        for (int c = 0; c < made.of.channels; ++c)
          made.at(y, x, c) = reference::rnd(m.at(2 * y, 2 * x, c) + m.at(2 * y, 2 * x + 1, c) + m.at(2 * y + 1, 2 * x, c) + m.at(2 * y + 1, 2 * x + 1, c), shift);
    return made;
  }

  void compare(const made_step &s, const reference::map &entering, const std::string &what, std::uint64_t cycles, std::uint64_t expected_cycles) {
    const reference::tail_result r = reference::run_tail(s.tail.t, entering, &s.shortcut);
    const bool halved = (s.d.flags & dybnn::POOL_STORE) != 0;
    const reference::map stored = halved ? pooled(r.stored, s.d.store_shift) : r.stored;
    if (s.tail.store) check::all_equal(what + (halved ? " pooled map" : " map"), m.get_map(s.out, stored.of).values, stored.values);
    if (s.tail.sums) {
      std::vector<integer> sums;
      for (int c = 0; c < entering.of.channels; ++c) sums.push_back(m.sum(c));
      check::all_equal(what + " sums", sums, r.sums);
    }
    if (s.tail.bits) check::all_equal(what + " bits", m.get_bits(s.bits_base, entering.of).values, r.bits.values);
    check::equal(what + " cycles", static_cast<std::int64_t>(cycles), static_cast<std::int64_t>(expected_cycles));
  }

  // ---- cycles, from README.md's page

  static std::uint64_t loop(int iterations, int depth) { return iterations > 0 ? static_cast<std::uint64_t>(iterations + depth) : 0; }
  static int most(int a, int b) { return a > b ? a : b; }
  static std::uint64_t step_cycles() { return static_cast<std::uint64_t>(dybnn::STEP_CYCLES + dybnn::DESCRIPTOR_CYCLES); }

  static int tail_iterations(const made_step &s, int words, int pixels) { return words * pixels * (s.tail.t.pooled == 2 ? 4 : 1); }

  // Tiles to groups: all of them, or so many that at least two groups come out.
  void split(dybnn::descriptor &d, int tiles, int rows_of_tile, int memory_rows, int words_of_slot_tile) {
    int slot_tiles = random.chance(60) ? tiles : random.between(1, tiles);
    while (true) {
      const int groups = dybnn::divide_up(tiles, slot_tiles);
      if (slot_tiles * rows_of_tile <= (groups > 1 ? memory_rows / 2 : memory_rows) && slot_tiles * words_of_slot_tile <= C::GROUP_WORDS) break;
      if (slot_tiles == 1) {
        std::printf("a tile does not fit\n");
        std::exit(1);
      }
      --slot_tiles;
    }
    d.slot_tiles = slot_tiles;
    d.groups = dybnn::divide_up(tiles, slot_tiles);
  }

  reference::window some_window(reference::shape in, bool binary) {
    reference::window w;
    w.kernel_h = random.chance(40) ? 1 : random.chance(60) ? 3 : random.between(1, 4);
    w.kernel_w = random.chance(70) ? w.kernel_h : random.between(1, 3);
    w.stride_h = random.chance(60) ? 1 : random.between(1, 3);
    w.stride_w = random.chance(60) ? 1 : binary && C::PIXELS > 1 ? 2 : random.between(1, 3);
    w.dilation_h = random.chance(80) ? 1 : 2;
    w.dilation_w = random.chance(80) ? 1 : 3;
    w.pad_top = random.between(0, w.kernel_h - 1);
    w.pad_left = random.between(0, w.kernel_w - 1);
    (void)in;
    return w;
  }

  // So many windows as fit, and at times one or two beyond the edge, whose taps are all outside.
  int some_extent(int in, int kernel, int dilation, int stride, int pad, int beyond) {
    const int span = (kernel - 1) * dilation + 1;
    const int fit = (in + 2 * pad - span) / stride + 1;
    return most(1, fit + beyond);
  }

  void set_window(dybnn::descriptor &d, const reference::window &w) {
    d.kernel_h = w.kernel_h;
    d.kernel_w = w.kernel_w;
    d.stride_h = w.stride_h;
    d.stride_w = w.stride_w;
    d.dilation_h = w.dilation_h;
    d.dilation_w = w.dilation_w;
    d.pad_top = w.pad_top;
    d.pad_left = w.pad_left;
  }

  static std::string text(reference::shape s) { return std::to_string(s.channels) + "x" + std::to_string(s.height) + "x" + std::to_string(s.width); }

  void set_input(dybnn::descriptor &d, reference::shape in, const place &at) {
    d.in_address = at.address;
    d.in_chip_address = at.chip_address;
    d.in_chip_pixels = at.chip_pixels;
    d.in_height = in.height;
    d.in_width = in.width;
    d.in_channels = in.channels;
    d.in_row_words = in.width * at.pixel_words;
    d.in_pixel_lanes = at.pixel_words * K::LANES;
  }

  // ---- kinds

  // The same layer once more with the weights that are there, where it may be (one group, nothing written over what it reads).
  std::uint64_t again(made_step &s, std::uint64_t cycles, std::uint64_t expected, int loaded_words) {
    const bool in_place = s.tail.t.shortcut && s.out.address == s.shortcut_at.address;
    if (s.d.groups != 1 || in_place || !random.chance(40)) return cycles;
    check::equal("cycles with weights", static_cast<std::int64_t>(cycles), static_cast<std::int64_t>(expected));
    s.d.weights_words = 0;
    if (s.tail.bits) m.scribble_bits(s.bits_base, machine<C>::bit_words(reference::shape{s.d.out_height, s.d.out_width, s.d.out_channels}));
    return m.run(s.d) + loop(loaded_words, dybnn::LOAD_DEPTH);
  }

  void binary_conv(int number) {
    begin();
    made_step s;
    reference::shape in{random.between(1, 9), random.between(1, 19), some_channels(257)};
    const reference::window w = some_window(in, true);
    if (in.channels * w.kernel_h * w.kernel_w > 9 * 256) in.channels = 65;
    reference::shape out{some_extent(in.height, w.kernel_h, w.dilation_h, w.stride_h, w.pad_top, random.between(0, 1)),
                         some_extent(in.width, w.kernel_w, w.dilation_w, w.stride_w, w.pad_left, random.between(0, 1)), some_channels(257)};
    const reference::map map = some_signs(in);
    const std::vector<integer> weights = some_signs(reference::shape{out.channels, w.kernel_h * w.kernel_w, in.channels}).values;
    s.d.kind = dybnn::BINARY_CONV;
    const int base = take_bits(in);
    m.put_bits(base, map);
    set_input(s.d, in, place{base, 0, 0, 0});
    s.d.in_pixel_lanes = s.d.in_row_words = 0;
    set_window(s.d, w);
    add_ends(s, out, false, false, 0, nullptr);
    add_tail(s.d, s.tail);
    const int tiles = dybnn::divide_up(out.channels, C::PE), words = dybnn::divide_up(in.channels, 64), taps = w.kernel_h * w.kernel_w;
    split(s.d, tiles, taps * words, C::WEIGHT_WORDS, C::PIXELS * K::TILE_WORDS);
    perhaps_pooled(s, out);
    const bool overlaid = perhaps_overlaid(s, in, out);
    s.d.tile_words = taps * words * K::WEIGHT_ROW_WORDS;
    const int all = s.d.slot_tiles * s.d.groups;
    std::vector<integer> packed;
    for (int tile = 0; tile < all; ++tile)
      for (int row = 0; row < taps * words; ++row)
        for (int o = 0; o < C::PE; ++o) {
          std::uint64_t bits = 0;
          const int output = tile * C::PE + o;
          for (int i = 0; i < 64 && output < out.channels; ++i) {
            const int c = row % words * 64 + i;
            if (c < in.channels && weights[static_cast<std::size_t>((output * taps + row / words) * in.channels + c)] > 0) bits |= std::uint64_t(1) << i;
          }
          packed.push_back(static_cast<integer>(bits));
        }
    m.add_packed(packed, 64);
    s.d.weights_words = all * s.d.tile_words;
    // Cycles.
    const int drain = C::PIXELS * K::TILE_WORDS, column_groups = dybnn::divide_up(out.width, C::PIXELS);
    const int slots = out.height * column_groups;
    int n = most(s.d.slot_tiles * most(taps * words, drain), tail_iterations(s, s.d.slot_tiles * K::TILE_WORDS, C::PIXELS));
    if (s.d.groups > 1) n = most(n, dybnn::divide_up(s.d.slot_tiles * s.d.tile_words, slots));
    s.d.slot_iterations = n;
    const std::uint64_t expected = step_cycles() + loop(s.d.parameters_words, dybnn::LOAD_DEPTH) + loop(s.d.slot_tiles * s.d.tile_words, dybnn::LOAD_DEPTH) +
                                   loop((s.d.groups * slots + 1) * n + drain, dybnn::SLOT_DEPTH);
    std::uint64_t cycles = m.run(s.d);
    if (!overlaid) cycles = again(s, cycles, expected, s.d.slot_tiles * s.d.tile_words);
    compare(s, reference::convolve(map, weights, w, out),
            name + (overlaid ? " overlaid" : "") + " binary conv " + std::to_string(number) + " " + text(in) + " -> " + text(out) + " groups " + std::to_string(s.d.groups), cycles, expected);
  }

  int row_loads(const dybnn::descriptor &d, std::uint64_t &cycles) {
    int next = 0;
    for (int y = 0; y < d.out_height; ++y) {
      const int top = y * d.stride_h - d.pad_top, bottom = top + (d.kernel_h - 1) * d.dilation_h + 1;
      const int first = most(top, next), end = bottom < d.in_height ? bottom : d.in_height;
      cycles += loop(first < end ? (end - first) * d.in_row_words : 0, dybnn::LOAD_DEPTH);
      next = most(first, end);
    }
    return next;
  }

  // Weights [output][tap][channel] of all tiles in the order of the array.
  void add_int8_weights(dybnn::descriptor &d, const std::vector<integer> &weights, int outputs, int taps, int channels, int tiles) {
    const int pieces = dybnn::divide_up(channels, C::INT8_SIMD);
    std::vector<integer> packed;
    for (int tile = 0; tile < tiles; ++tile)
      for (int tap = 0; tap < taps; ++tap)
        for (int piece = 0; piece < pieces; ++piece)
          for (int o = 0; o < C::INT8_PE; ++o)
            for (int i = 0; i < C::INT8_SIMD; ++i) {
              const int output = tile * C::INT8_PE + o, c = piece * C::INT8_SIMD + i;
              packed.push_back(output < outputs && c < channels ? weights[static_cast<std::size_t>((output * taps + tap) * channels + c)] : 0);
            }
    m.add_packed(packed, 8);
    d.tile_words = taps * pieces * K::INT8_ROW_WORDS;
    d.weights_words = tiles * d.tile_words;
  }

  void int8_conv(int number) {
    begin();
    made_step s;
    reference::shape in{random.between(1, 8), random.between(1, 12), random.chance(40) ? random.between(1, 7) : some_channels(129)};
    const reference::window w = some_window(in, false);
    reference::shape out{some_extent(in.height, w.kernel_h, w.dilation_h, w.stride_h, w.pad_top, random.between(0, 1)),
                         some_extent(in.width, w.kernel_w, w.dilation_w, w.stride_w, w.pad_left, random.between(0, 1)), some_channels(129)};
    const reference::map map = some_map(in);
    const int taps = w.kernel_h * w.kernel_w;
    const std::vector<integer> weights = some_values(out.channels * taps * in.channels, -57, 57);  // sums below 2^31
    s.d.kind = dybnn::INT8_CONV;
    const int c4 = dybnn::divide_up(in.channels, C::INT8_SIMD) * C::INT8_SIMD;
    if (random.chance(40)) {
      const int row_words = dybnn::divide_up(in.width * c4, K::LANES);
      set_input(s.d, in, place{next_ddr, 0, 0, 0});
      s.d.in_row_words = row_words;
      s.d.in_pixel_lanes = c4;
      m.put_dense(next_ddr, row_words, c4, map);
      next_ddr += in.height * row_words;
    } else {
      const place at = some_place(in, 1, 0, random.between(0, 2));
      m.put_map(at, map);
      set_input(s.d, in, at);
    }
    set_window(s.d, w);
    add_ends(s, out, false, false, random.between(0, 15), nullptr);
    add_tail(s.d, s.tail);
    const int pieces = dybnn::divide_up(in.channels, C::INT8_SIMD);
    split(s.d, dybnn::divide_up(out.channels, C::INT8_PE), taps * pieces, C::INT8_WORDS, K::INT8_TILE_WORDS);
    perhaps_pooled(s, out);
    add_int8_weights(s.d, weights, out.channels, taps, in.channels, s.d.slot_tiles * s.d.groups);
    const int drain = K::INT8_TILE_WORDS;
    int n = most(s.d.slot_tiles * most(taps * pieces, drain), tail_iterations(s, s.d.slot_tiles * drain, 1));
    if (s.d.groups > 1) n = most(n, dybnn::divide_up(s.d.slot_tiles * s.d.tile_words, out.height * out.width));
    s.d.slot_iterations = n;
    std::uint64_t expected = step_cycles() + loop(s.d.parameters_words, dybnn::LOAD_DEPTH) + loop(s.d.slot_tiles * s.d.tile_words, dybnn::LOAD_DEPTH);
    for (int g = 0; g < s.d.groups; ++g) {
      row_loads(s.d, expected);
      expected += static_cast<std::uint64_t>(out.height) * loop((out.width + 1) * n + drain, dybnn::SLOT_DEPTH);
    }
    std::uint64_t cycles = m.run(s.d);
    cycles = again(s, cycles, expected, s.d.slot_tiles * s.d.tile_words);
    compare(s, reference::convolve(map, weights, w, out),
            name + " int8 conv " + std::to_string(number) + " " + text(in) + " -> " + text(out) + " groups " + std::to_string(s.d.groups), cycles, expected);
  }

  void pass(int number) {
    begin();
    made_step s;
    const reference::shape in{random.between(1, 9), random.between(1, 12), some_channels(257)};
    const reference::map map = some_map(in);
    s.d.kind = dybnn::PASS;
    const place at = some_place(in, 1, 0, random.between(0, 2));
    m.put_map(at, map);
    set_input(s.d, in, at);
    s.d.groups = s.d.slot_tiles = 1;
    add_ends(s, in, true, at.chip_pixels > 0, random.between(0, 16), &at);
    // Pooled shortcuts need either of the two on chip as a whole.
    if (s.tail.t.pooled == 2 && at.chip_pixels > 0 && at.chip_pixels < in.height * in.width) return pass(number);
    if (s.tail.t.pooled == 2 && at.chip_pixels == 0 && s.shortcut_at.chip_pixels < s.shortcut.of.height * s.shortcut.of.width) return pass(number);
    add_tail(s.d, s.tail);
    perhaps_pooled(s, in);
    const int words = dybnn::divide_up(in.channels, K::LANES);
    const int n = s.tail.t.pooled == 2 ? 4 : 1;
    s.d.slot_iterations = n;
    const std::uint64_t expected =
        step_cycles() + loop(s.d.parameters_words, dybnn::LOAD_DEPTH) + loop((in.height * in.width * words + 1) * n, dybnn::SLOT_DEPTH);
    const std::uint64_t cycles = m.run(s.d);
    compare(s, map, name + " pass " + std::to_string(number) + " " + text(in), cycles, expected);
  }

  void pool(int number) {
    begin();
    made_step s;
    const reference::shape in{random.between(1, 9), random.between(1, 12), some_channels(129)};
    reference::window w = some_window(in, false);
    w.dilation_h = w.dilation_w = 1;
    if (random.chance(10)) w.kernel_h = w.kernel_w = 8;
    if (w.kernel_h > in.height + w.pad_top) w.kernel_h = in.height;
    if (w.kernel_w > in.width + w.pad_left) w.kernel_w = in.width;
    w.pad_top = w.pad_top < w.kernel_h ? w.pad_top : w.kernel_h - 1;
    w.pad_left = w.pad_left < w.kernel_w ? w.pad_left : w.kernel_w - 1;
    // Every window touches the map.
    const reference::shape out{(in.height - 1 + w.pad_top) / w.stride_h + 1, (in.width - 1 + w.pad_left) / w.stride_w + 1, in.channels};
    const reference::map map = some_map(in);
    const bool largest = C::AVERAGE_POOL == 0 || (C::MAX_POOL != 0 && random.chance(50)), exclude_pad = !largest && random.chance(50);
    s.d.kind = largest ? dybnn::MAX_POOL : dybnn::AVERAGE_POOL;
    if (exclude_pad) s.d.flags |= dybnn::EXCLUDE_PAD;
    const int taps = w.kernel_h * w.kernel_w;
    s.d.pool_shift = 16 + static_cast<int>(std::ceil(std::log2(taps)));
    s.d.pool_factor = static_cast<int>(std::floor(std::ldexp(1.0, s.d.pool_shift) / taps + 0.5));
    const place at = some_place(in, 1, 0, random.between(0, 2));
    m.put_map(at, map);
    set_input(s.d, in, at);
    set_window(s.d, w);
    s.d.groups = s.d.slot_tiles = 1;
    add_ends(s, out, false, false, random.between(0, 4), nullptr);
    // All words of a pixel are one group: a shortcut has all channels.
    if (s.tail.t.shortcut && s.shortcut.of.channels != out.channels) return pool(number);
    add_tail(s.d, s.tail);
    perhaps_pooled(s, out);
    const int words = dybnn::divide_up(in.channels, K::LANES);
    const int n = most(taps, s.tail.t.pooled == 2 ? 4 : 1);
    s.d.slot_iterations = n;
    std::uint64_t expected = step_cycles() + loop(s.d.parameters_words, dybnn::LOAD_DEPTH);
    row_loads(s.d, expected);
    expected += static_cast<std::uint64_t>(out.height) * loop((out.width * words + 1) * n, dybnn::SLOT_DEPTH);
    const std::uint64_t cycles = m.run(s.d);
    compare(s, reference::pool(map, w, out, largest, exclude_pad),
            name + (largest ? " max pool " : " average pool ") + std::to_string(number) + " " + text(in) + " -> " + text(out), cycles, expected);
  }
};

#endif
