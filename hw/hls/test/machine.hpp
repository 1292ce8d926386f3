// machine.hpp - an engine with its memory around it, for benches: puts maps where a descriptor says, runs steps, looks at what is left.
//
// Layouts are README.md's, written here a second time.
#ifndef DYBNN_TEST_MACHINE_HPP
#define DYBNN_TEST_MACHINE_HPP

#include <vector>

#include "dybnn_engine.hpp"
#include "reference.hpp"

// Where a map lies.
struct place {
  int address;       // in DDR, words, of pixel 0
  int chip_address;  // in the map memory
  int chip_pixels;
  int pixel_words;   // from one pixel to the next
};

template <class C>
struct machine {
  typedef dybnn::constants<C> K;
  std::vector<dybnn::half_word<C> > maps[2];
  std::vector<dybnn::half_word<C> > weights[2];
  std::vector<dybnn::half_word<C> > program;
  std::vector<ap_uint<32> > output;

  explicit machine(int map_words) {
    for (int port = 0; port < 2; ++port) maps[port].resize(static_cast<std::size_t>(map_words));
    output.resize(4096);
    dybnn::descriptor nothing = {};
    run(nothing);  // makes the memories on chip visible
  }

  dybnn::on_chip<C> &chip() { return dybnn::probe<C>(); }

  // ---- weights, in the order in which the engine reads them

  void clear_weights() {
    weights[0].clear();
    weights[1].clear();
  }
  int weight_words() const { return static_cast<int>(weights[0].size()); }
  void add_word(const dybnn::word<C> &w) {
    weights[0].push_back(w(C::PORT_BITS - 1, 0));
    weights[1].push_back(w(2 * C::PORT_BITS - 1, C::PORT_BITS));
  }
  // Integers of `bits` bits, as many as there are, padded to whole words.
  void add_packed(const std::vector<std::int64_t> &values, int bits) {
    const int in_word = K::WORD_BITS / bits;
    for (std::size_t i = 0; i < values.size(); i += static_cast<std::size_t>(in_word)) {
      dybnn::word<C> w = 0;
      for (int j = 0; j < in_word && i + static_cast<std::size_t>(j) < values.size(); ++j) {
        const ap_uint<64> v = static_cast<std::uint64_t>(values[i + static_cast<std::size_t>(j)]);
        w(bits * j + bits - 1, bits * j) = v(bits - 1, 0);
      }
      add_word(w);
    }
  }

  // ---- maps

  dybnn::word<C> map_word(const place &at, int pixel, int w) {
    if (pixel < at.chip_pixels) return (*chip().maps)[at.chip_address + pixel * at.pixel_words + w];
    const std::size_t i = static_cast<std::size_t>(at.address + pixel * at.pixel_words + w);
    dybnn::word<C> made = 0;
    made(C::PORT_BITS - 1, 0) = maps[0][i];
    made(2 * C::PORT_BITS - 1, C::PORT_BITS) = maps[1][i];
    return made;
  }
  void set_map_word(const place &at, int pixel, int w, const dybnn::word<C> &v) {
    if (pixel < at.chip_pixels) {
      (*chip().maps)[at.chip_address + pixel * at.pixel_words + w] = v;
      return;
    }
    const std::size_t i = static_cast<std::size_t>(at.address + pixel * at.pixel_words + w);
    maps[0][i] = v(C::PORT_BITS - 1, 0);
    maps[1][i] = v(2 * C::PORT_BITS - 1, C::PORT_BITS);
  }
  void put_map(const place &at, const reference::map &m) {
    const int words = dybnn::divide_up(m.of.channels, K::LANES);
    for (int p = 0; p < m.of.height * m.of.width; ++p)
      for (int w = 0; w < words; ++w) {
        dybnn::word<C> v = 0;
        for (int i = 0; i < K::LANES && w * K::LANES + i < m.of.channels; ++i)
          dybnn::set_lane<16>(v, i, ap_int<16>(m.values[static_cast<std::size_t>(p * m.of.channels + w * K::LANES + i)]));
        set_map_word(at, p, w, v);
      }
  }
  // Lanes past the channels must be 0: they are counted as a wrong value of channel 0.
  reference::map get_map(const place &at, reference::shape s) {
    reference::map m(s);
    const int words = dybnn::divide_up(s.channels, K::LANES);
    for (int p = 0; p < s.height * s.width; ++p)
      for (int w = 0; w < words; ++w) {
        const dybnn::word<C> v = map_word(at, p, w);
        for (int i = 0; i < K::LANES; ++i) {
          const int found = dybnn::lane_of<16>(v, i).to_int();
          const int c = w * K::LANES + i;
          if (c < s.channels) {
            m.values[static_cast<std::size_t>(p * s.channels + c)] = found;
          } else if (found != 0) {
            m.values[static_cast<std::size_t>(p * s.channels)] = 1 << 20;
          }
        }
      }
    return m;
  }
  // Few channels, packed densely, rows padded to words.
  void put_dense(int address, int row_words, int pixel_lanes, const reference::map &m) {
    for (int y = 0; y < m.of.height; ++y)
      for (int w = 0; w < row_words; ++w) {
        dybnn::word<C> v = 0;
        for (int i = 0; i < K::LANES; ++i) {
          const int lane = w * K::LANES + i, x = lane / pixel_lanes, c = lane % pixel_lanes;
          if (x < m.of.width && c < m.of.channels) dybnn::set_lane<16>(v, i, ap_int<16>(m.at(y, x, c)));
        }
        set_map_word(place{address, 0, 0, 1}, y * row_words + w, 0, v);
      }
  }

  // ---- packed maps

  static int bit_address(const reference::shape &s, int base, int y, int x, int k) {
    return (base + (y * dybnn::divide_up(s.width, K::BANKS) + x / K::BANKS) * dybnn::divide_up(s.channels, 64) + k) % C::BIT_WORDS;
  }
  static int bit_words(const reference::shape &s) {
    return s.height * dybnn::divide_up(s.width, K::BANKS) * dybnn::divide_up(s.channels, 64);
  }
  void put_bits(int base, const reference::map &m) {
    for (int y = 0; y < m.of.height; ++y)
      for (int x = 0; x < m.of.width; ++x)
        for (int k = 0; k < dybnn::divide_up(m.of.channels, 64); ++k)
          for (int part = 0; part < K::PARTS; ++part) {
            dybnn::bits_part<C> v = 0;
            for (int i = 0; i < K::LANES; ++i) {
              const int c = 64 * k + part * K::LANES + i;
              if (c < m.of.channels && m.at(y, x, c) > 0) v[i] = 1;
            }
            (*chip().packed)[x % K::BANKS][part][bit_address(m.of, base, y, x, k)] = v;
          }
  }
  // Bits past the channels must be 0.
  reference::map get_bits(int base, reference::shape s) {
    reference::map m(s);
    for (int y = 0; y < s.height; ++y)
      for (int x = 0; x < s.width; ++x)
        for (int k = 0; k < dybnn::divide_up(s.channels, 64); ++k)
          for (int part = 0; part < K::PARTS; ++part) {
            const dybnn::bits_part<C> v = (*chip().packed)[x % K::BANKS][part][bit_address(s, base, y, x, k)];
            for (int i = 0; i < K::LANES; ++i) {
              const int c = 64 * k + part * K::LANES + i;
              const bool bit = v[i] != 0;
              if (c < s.channels) {
                m.at(y, x, c) = bit;
              } else if (bit) {
                m.at(y, x, 0) = 1 << 20;
              }
            }
          }
    return m;
  }
  // Anything, so that what a step should have cleared shows.
  void scribble_bits(int base, int words) {
    for (int b = 0; b < K::BANKS; ++b)
      for (int part = 0; part < K::PARTS; ++part)
        for (int i = 0; i < words; ++i) (*chip().packed)[b][part][(base + i) % C::BIT_WORDS] = ~dybnn::bits_part<C>(0);
  }

  // ---- the rest

  float vector(int at) const {
    const dybnn::on_chip<C> &c = dybnn::probe<C>();
    return dybnn::float_of((*c.vectors)[at % K::FLOAT_LANES][at / K::FLOAT_LANES].to_uint());
  }
  void set_vector(int at, float v) { (*chip().vectors)[at % K::FLOAT_LANES][at / K::FLOAT_LANES] = dybnn::bits_of(v); }
  std::int64_t sum(int c) { return dybnn::lane_of<32>((*chip().sums)[c / K::LANES], c % K::LANES).to_int(); }
  int parameter(int slot, int c) {
    const int half = c % K::LANES / (K::LANES / 2);
    return dybnn::lane_of<16>((*chip().narrow)[slot][half][c / K::LANES], c % (K::LANES / 2)).to_int();
  }
  void set_parameter(int slot, int c, std::int64_t v) {
    const int half = c % K::LANES / (K::LANES / 2);
    dybnn::set_lane<16>((*chip().narrow)[slot][half][c / K::LANES], c % (K::LANES / 2), ap_int<16>(v));
  }

  // One step. How many cycles it took.
  std::uint64_t run(const dybnn::descriptor &d, int runs = 1, int input_words = 0, int output_words = 0) {
    const std::int32_t *fields = &d.kind;
    program.assign(K::PROGRAM_BEATS, dybnn::half_word<C>(0));
    for (int i = 0; i < dybnn::DESCRIPTOR_WORDS; ++i)
      dybnn::set_lane<32>(program[static_cast<std::size_t>(i / K::BEAT_FIELDS)], i % K::BEAT_FIELDS, ap_int<32>(fields[i]));
    if (weights[0].empty()) add_word(0);
    dybnn::cycles() = 0;
    dybnn::engine<C>(weights[0].data(), weights[1].data(), maps[0].data(), maps[1].data(), maps[0].data(), maps[1].data(), program.data(),
                     output.data(), 0, 1, runs, input_words, output_words);
    return dybnn::cycles();
  }
};

#endif
