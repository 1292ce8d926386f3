// board.cpp - a board to run drivers on: the engine's registers, memory behind a cache, and the engine itself from its C++.
//
// In: reads and writes of registers, flushes and invalidations, as a driver makes them. Out: what the hardware would do. The engine sees only
// what was flushed, the processor only what was invalidated: a driver that forgets either gives wrong results here as on a board.
// Compiled for one project by -DBOARD_TOP='"NAME_top.hpp"' -DBOARD_LAYOUT='"NAME_layout.h"' -DBOARD_NAME=NAME.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#include "dybnn_host.h"
#include "dybnn_registers.h"
#include BOARD_LAYOUT
#include BOARD_TOP

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define ENGINE JOIN(BOARD_NAME, _engine)
#define LAYOUT JOIN(BOARD_NAME, _layout)
#define CONFIG JOIN(BOARD_NAME, _config)

namespace {

const std::size_t PAGE = 4096;

// Memory as the engine sees it. What nobody flushed holds rubbish.
class memory {
 public:
  unsigned char &at(std::uintptr_t address) {
    std::vector<unsigned char> &page = pages_[address / PAGE];
    if (page.empty()) page.assign(PAGE, 0xcc);
    return page[address % PAGE];
  }

 private:
  std::map<std::uintptr_t, std::vector<unsigned char> > pages_;
};

memory ddr;
std::uint32_t registers[0x100 / 4];
bool done = false;

typedef ap_uint<CONFIG::PORT_BITS> beat;
const std::size_t BEAT_BYTES = CONFIG::PORT_BITS / 8;

std::uintptr_t address_in(std::uint32_t offset) {
  const std::uint64_t low = registers[offset / 4], high = registers[offset / 4 + 1];
  return static_cast<std::uintptr_t>(low | high << 32);
}

std::vector<beat> load(std::uint32_t offset, std::size_t bytes) {
  std::vector<beat> beats(bytes / BEAT_BYTES + 1);
  for (std::size_t i = 0; i < bytes; i++) {
    const int low = static_cast<int>(8 * (i % BEAT_BYTES));
    beats[i / BEAT_BYTES](low + 7, low) = ap_uint<8>(ddr.at(address_in(offset) + i));
  }
  return beats;
}

void store(std::uint32_t offset, const std::vector<beat> &beats, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i++) {
    const int low = static_cast<int>(8 * (i % BEAT_BYTES));
    ddr.at(address_in(offset) + i) = static_cast<unsigned char>(ap_uint<8>(beats[i / BEAT_BYTES](low + 7, low)).to_uint());
  }
}

void start() {
  const int runs = static_cast<int>(registers[DYBNN_REG_RUNS / 4]);
  if (address_in(DYBNN_REG_IN0) != address_in(DYBNN_REG_OUT0) || address_in(DYBNN_REG_IN1) != address_in(DYBNN_REG_OUT1)) {
    std::fprintf(stderr, "maps are read and written at different places\n");
    std::exit(3);
  }
  const std::size_t maps_bytes = dybnn_maps_bytes(&LAYOUT, runs), output_bytes = dybnn_output_bytes(&LAYOUT, runs);
  const std::vector<beat> weights0 = load(DYBNN_REG_WEIGHTS0, LAYOUT.weights_bytes), weights1 = load(DYBNN_REG_WEIGHTS1, LAYOUT.weights_bytes);
  const std::vector<beat> program = load(DYBNN_REG_PROGRAM, LAYOUT.program_bytes);
  std::vector<beat> maps0 = load(DYBNN_REG_IN0, maps_bytes), maps1 = load(DYBNN_REG_IN1, maps_bytes);
  std::vector<ap_uint<32> > output(output_bytes / 4 + 1);
  ENGINE(weights0.data(), weights1.data(), maps0.data(), maps1.data(), maps0.data(), maps1.data(), program.data(), output.data(),
         static_cast<int>(registers[DYBNN_REG_FIRST_STEP / 4]), static_cast<int>(registers[DYBNN_REG_LAST_STEP / 4]), runs,
         static_cast<int>(registers[DYBNN_REG_INPUT_WORDS / 4]), static_cast<int>(registers[DYBNN_REG_OUTPUT_WORDS / 4]));
  store(DYBNN_REG_OUT0, maps0, maps_bytes);
  store(DYBNN_REG_OUT1, maps1, maps_bytes);
  for (std::size_t i = 0; i < output_bytes; i++)
    ddr.at(address_in(DYBNN_REG_OUTPUT) + i) = static_cast<unsigned char>(output[i / 4].to_uint() >> (8 * (i % 4)));
  done = true;
}

}  // namespace

extern "C" void board_write(std::uint32_t offset, std::uint32_t value) {
  if (offset >= sizeof registers || offset % 4 != 0) {
    std::fprintf(stderr, "no register at 0x%lx\n", static_cast<unsigned long>(offset));
    std::exit(3);
  }
  if (offset != DYBNN_REG_CONTROL) registers[offset / 4] = value;
  else if (value & DYBNN_CONTROL_START) start();
}

extern "C" std::uint32_t board_read(std::uint32_t offset) {
  if (offset != DYBNN_REG_CONTROL) return registers[offset / 4];
  const std::uint32_t control = DYBNN_CONTROL_IDLE | (done ? DYBNN_CONTROL_DONE : 0);
  done = false;
  return control;
}

extern "C" void board_flush(const unsigned char *address, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i++) ddr.at(reinterpret_cast<std::uintptr_t>(address) + i) = address[i];
}

extern "C" void board_invalidate(unsigned char *address, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i++) address[i] = ddr.at(reinterpret_cast<std::uintptr_t>(address) + i);
}
