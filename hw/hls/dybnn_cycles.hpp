// dybnn_cycles.hpp - what the engine's time is counted in.
//
// The constants are what each pipeline is reckoned to need from an iteration's start to its end. The compiler reads them from
// this file, so that its schedule and a simulation that counts (DYBNN_SIMULATION) must come to the same number. They are
// assumptions for a clock of 250 to 300 MHz, made before any synthesis.
#ifndef DYBNN_CYCLES_HPP
#define DYBNN_CYCLES_HPP

#include <cstdint>

namespace dybnn {

constexpr int STEP_CYCLES = 12;      // start and end of a step's processes, besides its descriptor
constexpr int DESCRIPTOR_CYCLES = 4; // a descriptor, in pieces of 512 bits
constexpr int LOAD_DEPTH = 6;        // a stream or a memory into a memory
constexpr int SLOT_DEPTH = 36;       // address, memory, array, entry, accumulator memory, tail, memory
constexpr int MEAN_DEPTH = 14;       // integer to float32, a product
constexpr int DENSE_DEPTH = 16;      // vector memory, a product, a sum
constexpr int FUNCTION_DEPTH = 150;  // the exponential's thirteen products and sums in a chain, a sum, a quotient, a product
constexpr int SCALE_DEPTH = 24;      // integer to float32, a product, a sum

#ifdef DYBNN_SIMULATION

// Of everything since the last reset.
inline std::uint64_t &cycles() {
  static std::uint64_t count = 0;
  return count;
}

// A loop's pipeline is filled once; each iteration counts its interval of one.
inline void count_start(int depth) { cycles() += static_cast<std::uint64_t>(depth); }
inline void count_iteration() { cycles() += 1; }

#else

inline void count_start(int) {}
inline void count_iteration() {}

#endif

}  // namespace dybnn

#endif
