// run_plans.cpp - programs of the compiler on an engine, step by step, against what the compiler's simulator left: test/hls/engine-networks.test.ts.
//
// In: the file named by the argument, int32 little-endian: networks one after another (see `read_network`). Out: a line for each network, and the first
// places that differ; after the steps one by one all of them in one call must give the same output.
// The configuration is the macro CONFIG, a struct of the header named by CONFIG_HEADER.
#include CONFIG_HEADER

#include <fstream>
#include <iterator>

#include "check.hpp"
#include "machine.hpp"

namespace {

typedef CONFIG C;
typedef dybnn::constants<C> K;

struct reader {
  std::vector<std::int32_t> words;
  std::size_t at;
  std::int32_t next() { return words.at(at++); }
  std::vector<std::int32_t> list() {
    const std::size_t count = static_cast<std::size_t>(next());
    const std::vector<std::int32_t> v(words.begin() + static_cast<std::ptrdiff_t>(at), words.begin() + static_cast<std::ptrdiff_t>(at + count));
    at += count;
    return v;
  }
  bool more() const { return at < words.size(); }
};

enum { TRACE_MAP, TRACE_BITS, TRACE_VECTOR, TRACE_SUMS, TRACE_PARAMETER };

struct trace {
  int number, step, kind;
  reference::shape shape;
  int address, chip_address, chip_pixels, pixel_words, slot;
  std::vector<std::int32_t> expected;
};

std::vector<dybnn::half_word<C> > beats_of(const std::vector<std::int32_t> &words) {
  std::vector<dybnn::half_word<C> > beats((words.size() + K::BEAT_FIELDS - 1) / K::BEAT_FIELDS + 1);
  for (std::size_t i = 0; i < words.size(); ++i)
    dybnn::set_lane<32>(beats[i / K::BEAT_FIELDS], static_cast<int>(i % K::BEAT_FIELDS), ap_int<32>(words[i]));
  return beats;
}

std::vector<std::int32_t> found(machine<C> &m, const trace &t) {
  std::vector<std::int32_t> values;
  const int count = t.shape.size();
  if (t.kind == TRACE_MAP || t.kind == TRACE_BITS) {
    const place at = {t.address, t.chip_address, t.chip_pixels, t.pixel_words};
    const reference::map map = t.kind == TRACE_MAP ? m.get_map(at, t.shape) : m.get_bits(t.address, t.shape);
    for (std::size_t i = 0; i < map.values.size(); ++i) values.push_back(static_cast<std::int32_t>(map.values[i]));
  }
  for (int i = 0; i < count; ++i) {
    if (t.kind == TRACE_VECTOR) values.push_back(static_cast<std::int32_t>(dybnn::bits_of(m.vector(t.address + i))));
    if (t.kind == TRACE_PARAMETER) values.push_back(m.parameter(t.slot, i));
    if (t.kind == TRACE_SUMS && i < t.shape.channels) values.push_back(static_cast<std::int32_t>(m.sum(i)));
  }
  return values;
}

// Memories on chip hold anything before a network begins.
void scribble(machine<C> &m, check::random_numbers &random) {
  for (int i = 0; i < C::MAP_WORDS; ++i) (*m.chip().maps)[i] = random.next();
  for (int i = 0; i < C::VECTORS; ++i) m.set_vector(i, dybnn::float_of(static_cast<std::uint32_t>(random.next() >> 40)));
  m.scribble_bits(0, C::BIT_WORDS);
}

void run_network(machine<C> &m, reader &in, int number, check::random_numbers &random) {
  const std::string name = "network " + std::to_string(number);
  const int steps = in.next();
  const std::vector<dybnn::half_word<C> > program = beats_of(in.list());
  const std::vector<dybnn::half_word<C> > weights0 = beats_of(in.list()), weights1 = beats_of(in.list());
  const int map_words = in.next();
  const int picture_word = in.next();
  const std::vector<std::int32_t> pictures = in.list();  // int16 lanes from there on
  const std::vector<std::int32_t> cycles = in.list();
  const std::vector<std::int32_t> output = in.list();  // float32 by their bits
  const int trace_count = in.next();
  std::vector<trace> traces;
  for (int i = 0; i < trace_count; ++i) {
    trace t;
    t.number = i;
    t.step = in.next();
    t.kind = in.next();
    t.shape.channels = in.next();
    t.shape.height = in.next();
    t.shape.width = in.next();
    t.address = in.next();
    t.chip_address = in.next();
    t.chip_pixels = in.next();
    t.pixel_words = in.next();
    t.slot = in.next();
    t.expected = in.list();
    traces.push_back(t);
  }
  const auto begin = [&]() {
    scribble(m, random);
    for (int port = 0; port < 2; ++port) {
      m.maps[port].assign(static_cast<std::size_t>(map_words + 1), dybnn::half_word<C>(0));
      for (std::size_t i = 0; i < m.maps[port].size(); ++i) m.maps[port][i] = random.next();
    }
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const int lane = static_cast<int>(i) % K::LANES, half = K::LANES / 2;
      const std::size_t at = static_cast<std::size_t>(picture_word) + i / K::LANES;
      dybnn::set_lane<16>(m.maps[lane / half][at], lane % half, ap_int<16>(pictures[i]));
    }
    m.output.assign(output.size() + 1, ap_uint<32>(0));
  };
  const auto run = [&](int from, int to) {
    dybnn::engine<C>(weights0.data(), weights1.data(), m.maps[0].data(), m.maps[1].data(), m.maps[0].data(), m.maps[1].data(), program.data(),
                     m.output.data(), from, to, 1, 0, 0);
  };
  const auto compare_output = [&](const char *what) {
    std::vector<std::int32_t> values;
    for (std::size_t i = 0; i < output.size(); ++i) values.push_back(static_cast<std::int32_t>(m.output[i].to_uint()));
    check::all_equal(name + what, values, output);
  };
  begin();
  for (int step = 0; step < steps; ++step) {
    dybnn::cycles() = 0;
    run(step, step + 1);
    check::equal(name + " step " + std::to_string(step) + " cycles", static_cast<std::int64_t>(dybnn::cycles()), cycles[static_cast<std::size_t>(step)]);
    for (const trace &t : traces)
      if (t.step == step) check::all_equal(name + " step " + std::to_string(step) + " trace " + std::to_string(t.number), found(m, t), t.expected);
  }
  compare_output(" output");
  begin();
  run(0, steps);
  compare_output(" output of one call");
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  reader in = {std::vector<std::int32_t>(bytes.size() / 4), 0};
  for (std::size_t i = 0; i < in.words.size(); ++i) {
    std::uint32_t word = 0;
    for (int b = 0; b < 4; ++b) word |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[4 * i + static_cast<std::size_t>(b)])) << (8 * b);
    in.words[i] = static_cast<std::int32_t>(word);
  }
  static machine<C> m(1);
  check::random_numbers random(17);
  for (int number = 0; in.more(); ++number) {
    const int failed = check::failed();
    run_network(m, in, number, random);
    if (check::failed() > failed) std::printf("network %d differs\n", number);
  }
  return check::finish("plans");
}
