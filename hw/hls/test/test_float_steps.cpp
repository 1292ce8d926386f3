// test_float_steps.cpp - steps of the float unit, on four engines: bits of binary32 operations in the contract's order.
#include <cstdlib>
#include <cstring>

#include "check.hpp"
#include "configs.hpp"
#include "machine.hpp"

namespace {

std::int64_t bits(float x) {
  std::uint32_t b;
  std::memcpy(&b, &x, sizeof b);
  return b;
}

// Each operation on its own, so that no compiler fuses two.
float times(float a, float b) {
  volatile float x = a, y = b, r = x * y;
  return r;
}
float plus(float a, float b) {
  volatile float x = a, y = b, r = x + y;
  return r;
}

// 11.3 in binary64, exact: x * 2^f has 24 bits, half is added to at most 53.
std::int64_t fixed(float x, int fraction) {
  const double scaled = std::ldexp(static_cast<double>(x), fraction);
  const double below = std::floor(scaled);
  return reference::sat(static_cast<std::int64_t>(std::max(-1e6, std::min(1e6, scaled - below >= 0.5 ? below + 1 : below))));
}

float clip(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

float exponential(float x) {
  const float t = clip(x, -87.0f, 88.0f);
  const double k = std::floor(static_cast<double>(plus(times(t, static_cast<float>(1.44269504088896341)), 0.5f)));
  const float whole = static_cast<float>(k);
  const float r = plus(plus(t, -times(whole, 0.693359375f)), -times(whole, static_cast<float>(-2.1219444e-4)));
  const double coefficients[] = {1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1};
  float p = static_cast<float>(coefficients[0]);
  for (int i = 1; i < 6; ++i) p = plus(times(p, r), static_cast<float>(coefficients[i]));
  const float z = plus(plus(times(p, times(r, r)), r), 1.0f);
  return static_cast<float>(std::ldexp(static_cast<double>(z), static_cast<int>(k)));
}

float apply(int f, float alpha, float beta, float x) {
  const float hard = clip(plus(times(f == dybnn::FUNCTION_HARD_SWISH ? static_cast<float>(1.0 / 6.0) : alpha, x), f == dybnn::FUNCTION_HARD_SWISH ? 0.5f : beta), 0.0f, 1.0f);
  switch (f) {
    case dybnn::FUNCTION_RELU: return x > 0 ? x : 0.0f;
    case dybnn::FUNCTION_CLIP: return clip(x, alpha, beta);
    case dybnn::FUNCTION_HARD_SIGMOID: return hard;
    case dybnn::FUNCTION_HARD_SWISH: return times(x, hard);
    case dybnn::FUNCTION_SIGMOID:
    case dybnn::FUNCTION_SWISH: {
      volatile float one = 1.0f, below = plus(1.0f, exponential(-x)), s = one / below;
      return f == dybnn::FUNCTION_SIGMOID ? s : times(x, s);
    }
    case dybnn::FUNCTION_NEGATE: return -x;
  }
  return x;
}

template <class C>
struct float_bench {
  typedef dybnn::constants<C> K;
  machine<C> m;
  check::random_numbers random;
  std::string name;
  explicit float_bench(const char *config) : m(64), random(11), name(config) {}

  float some_float() {
    const float size = std::ldexp(1.0f, random.between(-12, 8));
    return (random.between(0, 1) != 0 ? size : -size) * (1.0f + static_cast<float>(random.between(0, 8388607)) / 8388608.0f) * (random.chance(3) ? 0.0f : 1.0f);
  }
  static std::uint64_t step_cycles() { return static_cast<std::uint64_t>(dybnn::STEP_CYCLES + dybnn::DESCRIPTOR_CYCLES); }
  static std::uint64_t loop(int iterations, int depth) { return static_cast<std::uint64_t>(iterations + depth); }
  void check_cycles(const std::string &what, std::uint64_t found, std::uint64_t expected) {
    check::equal(what + " cycles", static_cast<std::int64_t>(found), static_cast<std::int64_t>(expected));
  }
  static int up(int a, int b) { return (a + b - 1) / b; }
  void begin() {
    m.clear_weights();
    for (int i = random.between(0, 3); i > 0; --i) m.add_word(0);
  }

  void mean() {
    const int channels = random.between(1, 200);
    std::vector<std::int32_t> sums;
    for (int c = 0; c < channels; ++c) {
      sums.push_back(static_cast<std::int32_t>(random.next() >> (32 + random.between(0, 24))) * (random.chance(50) ? 1 : -1));
      dybnn::set_lane<32>((*m.chip().sums)[c / K::LANES], c % K::LANES, ap_int<32>(sums.back()));
    }
    const float k = some_float();
    dybnn::descriptor d = {};
    d.kind = dybnn::MEAN;
    d.outputs = channels;
    d.vector_out = K::FLOAT_LANES * random.between(0, 5);
    d.multiplier_bits = static_cast<std::int32_t>(bits(k));
    check_cycles(name + " mean", m.run(d), step_cycles() + loop(up(channels, K::FLOAT_LANES) * K::CONVERT_PIECES, dybnn::MEAN_DEPTH));
    for (int c = 0; c < channels; ++c) check::equal(name + " mean", bits(m.vector(d.vector_out + c)), bits(times(static_cast<float>(sums[static_cast<std::size_t>(c)]), k)));
  }

  void parameter() {
    const int channels = random.between(1, 200), fraction = random.between(-14, 30);
    dybnn::descriptor d = {};
    d.kind = dybnn::PARAMETER;
    d.outputs = channels;
    d.in_address = K::FLOAT_LANES * random.between(0, 5);
    d.multiplier_bits = static_cast<std::int32_t>(bits(std::ldexp(1.0f, fraction)));
    const int slots[] = {dybnn::BIAS, dybnn::GAMMA, dybnn::ZETA, dybnn::ALPHA};
    d.slot = random.one_of(slots);
    std::vector<float> x;
    for (int c = 0; c < channels; ++c) {
      // Around the range of int16 at this fraction, with halves, subnormals and the ends among them.
      float v = std::ldexp(static_cast<float>(random.between(-140000, 140000)), -fraction - random.between(1, 18));
      if (random.chance(5)) v = random.chance(50) ? 1e-40f : -3.0e38f;
      x.push_back(v);
      m.set_vector(d.in_address + c, v);
    }
    check_cycles(name + " parameter", m.run(d), step_cycles() + loop(up(channels, K::FLOAT_LANES) * K::CONVERT_PIECES, dybnn::LOAD_DEPTH));
    for (int c = 0; c < channels; ++c) check::equal(name + " parameter", m.parameter(d.slot, c), fixed(x[static_cast<std::size_t>(c)], fraction));
  }

  void output() {
    const int count = random.between(1, 100), runs = random.between(1, 3);
    dybnn::descriptor d = {};
    d.kind = dybnn::OUTPUT;
    d.flags = runs > 1 ? static_cast<std::int32_t>(dybnn::PER_RUN) : 0;
    d.outputs = count;
    d.in_address = random.between(0, 3 * K::FLOAT_LANES);
    d.out_address = random.between(0, 50);
    std::vector<float> x;
    for (int i = 0; i < count; ++i) {
      x.push_back(some_float());
      m.set_vector(d.in_address + i, x.back());
    }
    check_cycles(name + " output", m.run(d, runs, 0, 200), static_cast<std::uint64_t>(runs) * (step_cycles() + loop(count, dybnn::LOAD_DEPTH)));
    for (int run = 0; run < runs; ++run)
      for (int i = 0; i < count; ++i)
        check::equal(name + " output", m.output[static_cast<std::size_t>(d.out_address + 200 * run + i)].to_uint(), bits(x[static_cast<std::size_t>(i)]));
  }

  void dense() {
    begin();
    const int inputs = random.between(1, 70), outputs = random.between(1, 300), rows = random.between(1, 5);
    const int turns = up(rows, C::FLOAT_ROWS), groups = up(outputs, K::FLOAT_LANES), block = random.between(1, std::max(1, C::FLOAT_SLOTS / turns));
    dybnn::descriptor d = {};
    d.kind = dybnn::DENSE;
    d.inputs = inputs;
    d.outputs = outputs;
    d.rows = rows;
    d.block_groups = block;
    d.in_stride = inputs + random.between(0, K::FLOAT_LANES);
    d.out_stride = groups * K::FLOAT_LANES + K::FLOAT_LANES * random.between(0, 1);
    d.in_address = random.between(0, 3 * K::FLOAT_LANES);
    d.vector_out = up(d.in_address + rows * d.in_stride, K::FLOAT_LANES) * K::FLOAT_LANES;
    d.function = random.chance(40) ? 0 : random.between(1, C::EXPONENTIAL ? 7 : 4);
    if (!C::EXPONENTIAL && random.chance(20)) d.function = dybnn::FUNCTION_NEGATE;
    const float alpha = d.function == dybnn::FUNCTION_CLIP ? -1.5f : 0.2f, beta = d.function == dybnn::FUNCTION_CLIP ? 6.0f : 0.5f;
    d.alpha_bits = static_cast<std::int32_t>(bits(alpha));
    d.beta_bits = static_cast<std::int32_t>(bits(beta));
    std::vector<std::vector<float> > x(static_cast<std::size_t>(rows)), w(static_cast<std::size_t>(outputs));
    std::vector<float> start;
    const float scale = d.function >= dybnn::FUNCTION_HARD_SIGMOID ? 1.0f / 64 : 1.0f;
    for (int r = 0; r < rows; ++r)
      for (int i = 0; i < inputs; ++i) {
        x[static_cast<std::size_t>(r)].push_back(some_float());
        m.set_vector(d.in_address + r * d.in_stride + i, x[static_cast<std::size_t>(r)].back());
      }
    for (int o = 0; o < outputs; ++o) {
      start.push_back(some_float() * scale);
      for (int i = 0; i < inputs; ++i) w[static_cast<std::size_t>(o)].push_back(some_float() * scale);
    }
    d.stream_address = m.weight_words();
    std::uint64_t expected = step_cycles();
    const bool serial = d.function >= dybnn::FUNCTION_HARD_SIGMOID && d.function <= dybnn::FUNCTION_SWISH;
    for (int g = 0; g < groups; g += block) {
      const int in_block = std::min(block, groups - g), slots = in_block * turns, results = in_block * rows;
      std::vector<std::int64_t> words;
      for (int i = -1; i < inputs; ++i)
        for (int lane = 0; lane < in_block * K::FLOAT_LANES; ++lane) {
          const int o = g * K::FLOAT_LANES + lane;
          words.push_back(o >= outputs ? 0 : bits(i < 0 ? start[static_cast<std::size_t>(o)] : w[static_cast<std::size_t>(o)][static_cast<std::size_t>(i)]));
        }
      m.add_packed(words, 32);
      expected += loop(slots, dybnn::LOAD_DEPTH) + loop(inputs * std::max(int(C::FLOAT_DEPTH), slots), dybnn::DENSE_DEPTH) +
                  (serial ? loop(results * K::FLOAT_LANES, dybnn::FUNCTION_DEPTH) : loop(results, dybnn::LOAD_DEPTH));
    }
    d.weights_words = m.weight_words() - d.stream_address;
    const std::string what = name + " dense " + std::to_string(inputs) + " -> " + std::to_string(outputs) + " rows " + std::to_string(rows) + " function " + std::to_string(d.function);
    check_cycles(what, m.run(d), expected);
    for (int r = 0; r < rows; ++r)
      for (int o = 0; o < outputs; ++o) {
        float sum = start[static_cast<std::size_t>(o)];
        for (int i = 0; i < inputs; ++i) sum = plus(sum, times(x[static_cast<std::size_t>(r)][static_cast<std::size_t>(i)], w[static_cast<std::size_t>(o)][static_cast<std::size_t>(i)]));
        check::equal(what, bits(m.vector(d.vector_out + r * d.out_stride + o)), bits(apply(d.function, alpha, beta, sum)));
      }
  }

  void int8_dense() {
    begin();
    const int inputs = random.between(1, 200), outputs = random.between(1, 100), rows = random.between(1, 4), fraction = random.between(-3, 14);
    dybnn::descriptor d = {};
    d.kind = dybnn::INT8_DENSE;
    d.inputs = inputs;
    d.outputs = outputs;
    d.rows = rows;
    d.in_stride = up(inputs, K::FLOAT_LANES) * K::FLOAT_LANES;
    d.out_stride = up(outputs, K::FLOAT_LANES) * K::FLOAT_LANES;
    d.in_address = K::FLOAT_LANES * random.between(0, 3);
    d.vector_out = d.in_address + rows * d.in_stride;
    d.multiplier_bits = static_cast<std::int32_t>(bits(std::ldexp(1.0f, fraction)));
    std::vector<std::vector<std::int64_t> > q(static_cast<std::size_t>(rows)), w(static_cast<std::size_t>(outputs));
    for (int r = 0; r < rows; ++r)
      for (int i = 0; i < inputs; ++i) {
        const float x = some_float();
        m.set_vector(d.in_address + r * d.in_stride + i, x);
        q[static_cast<std::size_t>(r)].push_back(fixed(x, fraction));
      }
    std::vector<float> scale, bias;
    for (int o = 0; o < outputs; ++o) {
      for (int i = 0; i < inputs; ++i) w[static_cast<std::size_t>(o)].push_back(random.between(-127, 127));
      scale.push_back(some_float());
      bias.push_back(some_float());
    }
    d.stream_address = m.weight_words();
    const int tiles = up(outputs, C::INT8_PE), pieces = up(inputs, C::INT8_SIMD);
    std::vector<std::int64_t> packed;
    for (int tile = 0; tile < tiles; ++tile)
      for (int piece = 0; piece < pieces; ++piece)
        for (int o = tile * C::INT8_PE; o < (tile + 1) * C::INT8_PE; ++o)
          for (int i = piece * C::INT8_SIMD; i < (piece + 1) * C::INT8_SIMD; ++i)
            packed.push_back(o < outputs && i < inputs ? w[static_cast<std::size_t>(o)][static_cast<std::size_t>(i)] : 0);
    m.add_packed(packed, 8);
    std::vector<std::int64_t> pairs;
    for (int o = 0; o < outputs; ++o) {
      pairs.push_back(bits(scale[static_cast<std::size_t>(o)]));
      pairs.push_back(bits(bias[static_cast<std::size_t>(o)]));
    }
    m.add_packed(pairs, 32);
    d.weights_words = m.weight_words() - d.stream_address;
    d.tile_words = pieces * K::INT8_ROW_WORDS;
    d.groups = tiles;
    d.slot_tiles = 1;
    const int drain = C::INT8_PE / K::FLOAT_LANES;
    int n = std::max(pieces, drain);
    if (tiles > 1) n = std::max(n, up(d.tile_words, rows));
    d.slot_iterations = n;
    const int after = d.vector_out + rows * d.out_stride;
    for (int i = 0; i < K::FLOAT_LANES; ++i) m.set_vector(after + i, 3.0f);
    const std::string what = name + " int8 dense " + std::to_string(inputs) + " -> " + std::to_string(outputs) + " rows " + std::to_string(rows);
    check_cycles(what, m.run(d),
                 step_cycles() + loop(rows * inputs, dybnn::LOAD_DEPTH) + loop(d.tile_words, dybnn::LOAD_DEPTH) + loop((tiles * rows + 1) * n + drain, dybnn::SLOT_DEPTH) + loop(rows * outputs, dybnn::SCALE_DEPTH));
    for (int i = 0; i < K::FLOAT_LANES; ++i) check::equal(what + " behind", bits(m.vector(after + i)), bits(3.0f));
    for (int r = 0; r < rows; ++r)
      for (int o = 0; o < outputs; ++o) {
        std::int64_t sum = 0;
        for (int i = 0; i < inputs; ++i) sum += q[static_cast<std::size_t>(r)][static_cast<std::size_t>(i)] * w[static_cast<std::size_t>(o)][static_cast<std::size_t>(i)];
        check::equal(what, bits(m.vector(d.vector_out + r * d.out_stride + o)),
                     bits(plus(times(static_cast<float>(sum), scale[static_cast<std::size_t>(o)]), bias[static_cast<std::size_t>(o)])));
      }
  }
};

template <class C>
void steps(const char *config, int count) {
  float_bench<C> bench(config);
  for (int i = 0; i < count; ++i) {
    bench.mean();
    bench.parameter();
    bench.output();
    bench.dense();
    bench.int8_dense();
  }
}

}  // namespace

int main(int argc, char **argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 40;
  steps<narrow>("narrow", count);
  steps<single>("single", count);
  steps<usual>("usual", count);
  steps<wide>("wide", count);
  return check::finish("float steps");
}
