// dybnn_look.hpp - a look into the engine's memories between two steps, in simulation: what lies there, by the names of README.md.
//
// In: the probe that `compute` leaves. Out: values. After the first step only.
#ifndef DYBNN_LOOK_HPP
#define DYBNN_LOOK_HPP

#include <cstdint>
#include <cstring>

#include "dybnn_engine.hpp"

namespace dybnn {

template <class C>
struct look {
  typedef constants<C> K;

  // A bank's word of the packed-map memory, which is a ring.
  static std::uint64_t bits(int bank, int address) {
    std::uint64_t word = 0;
    for (int part = 0; part < K::PARTS; ++part) {
      const bits_part<C> lanes = (*probe<C>().packed)[bank][part][address % C::BIT_WORDS];
      word |= static_cast<std::uint64_t>(lanes.to_uint64()) << (part * K::LANES);
    }
    return word;
  }

  static std::int16_t map(int word, int lane) { return int16_of((*probe<C>().maps)[word], lane); }

  static std::int32_t sum(int channel) {
    const sums_word<C> word = (*probe<C>().sums)[channel / K::LANES];
    return static_cast<std::int32_t>(lane_of<32>(word, channel % K::LANES).to_int());
  }

  static float vector(int at) {
    const std::uint32_t bits = static_cast<std::uint32_t>((*probe<C>().vectors)[at % K::FLOAT_LANES][at / K::FLOAT_LANES].to_uint());
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }

  static std::int16_t parameter(int slot, int channel) {
    const int lane = channel % K::LANES, half = lane / (K::LANES / HALVES);
    return int16_of((*probe<C>().narrow)[slot][half][channel / K::LANES], lane % (K::LANES / HALVES));
  }

 private:
  template <int N>
  static std::int16_t int16_of(const ap_uint<N> &word, int lane) {
    return static_cast<std::int16_t>(lane_of<VALUE_BITS>(word, lane).to_int());
  }
};

}  // namespace dybnn

#endif
