// test_limits.cpp - steps that an engine does not hold end the simulation, each with its sentence (dybnn_limits.hpp); the same step within the limits does not.
//
// A step that may end the program runs in a child process.
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "check.hpp"
#include "configs.hpp"
#include "machine.hpp"

namespace {

// What a step says before it ends the program; empty where it does not.
template <class C>
std::string last_words(const dybnn::descriptor &d) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 2);
    dybnn::check_limits<C>(d);
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char piece[256];
  for (ssize_t n; (n = read(ends[0], piece, sizeof piece)) > 0;) said.append(piece, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? said : said.empty() ? "" : "went on after: " + said;
}

template <class C>
void refused(const dybnn::descriptor &d, const std::string &sentence) {
  const std::string said = last_words<C>(d);
  check::equal("'" + said + "' says '" + sentence + "'", said.find(sentence) != std::string::npos, 1);
}

template <class C>
void held(const char *what, const dybnn::descriptor &d) {
  const std::string said = last_words<C>(d);
  check::equal(std::string(what) + ": " + said, said.empty(), 1);
}

// 8 channels, 4 x 4 pixels, a window of 1.
dybnn::descriptor small_step(dybnn::kind kind) {
  dybnn::descriptor d = {};
  d.kind = kind;
  d.flags = dybnn::STORE;
  d.in_height = d.in_width = d.out_height = d.out_width = 4;
  d.in_channels = d.out_channels = 8;
  d.in_pixel_lanes = 8;
  d.in_row_words = 4;
  d.out_pixel_words = 1;
  d.kernel_h = d.kernel_w = d.stride_h = d.stride_w = d.dilation_h = d.dilation_w = 1;
  d.groups = d.slot_tiles = 1;
  d.slot_iterations = 64;
  return d;
}

void optional_units() {
  const dybnn::descriptor largest = small_step(dybnn::MAX_POOL), average = small_step(dybnn::AVERAGE_POOL);
  held<largest_only>("max pool", largest);
  held<averages_only>("average pool", average);
  refused<bare>(largest, "a step of kind 4 needs 1 units for max pools, the engine has 0");
  refused<averages_only>(largest, "a step of kind 4 needs 1 units for max pools, the engine has 0");
  refused<bare>(average, "a step of kind 5 needs 1 units for average pools, the engine has 0");
  refused<largest_only>(average, "a step of kind 5 needs 1 units for average pools, the engine has 0");
  dybnn::descriptor dense = {};
  dense.kind = dybnn::DENSE;
  dense.rows = dense.block_groups = 1;
  dense.inputs = dense.outputs = 4;
  dense.function = dybnn::FUNCTION_SIGMOID;
  held<single>("sigmoid", dense);
  refused<bare>(dense, "needs 1 functions that multiply, the engine has 0");
  refused<wide>(dense, "needs 1 exponentials, the engine has 0");
}

void sizes() {
  typedef usual C;
  dybnn::descriptor d = small_step(dybnn::PASS);
  d.in_pixel_lanes = 16;
  held<C>("pass", d);
  d.out_chip_pixels = 16;
  d.out_chip_address = C::MAP_WORDS - 16;
  held<C>("the last words on chip", d);
  d.out_chip_address += 1;
  refused<C>(d, "needs " + std::to_string(C::MAP_WORDS + 1) + " words of the map memory, the engine has " + std::to_string(C::MAP_WORDS));
  d = small_step(dybnn::PASS);
  d.out_channels = C::CHANNELS + 1;
  refused<C>(d, " channels, the engine has ");
  d = small_step(dybnn::MAX_POOL);
  d.in_row_words = C::ROW_WORDS + 1;
  refused<C>(d, " words of the row buffer, the engine has ");
  d = small_step(dybnn::BINARY_CONV);
  held<C>("binary conv", d);
  d.stride_w = 3;
  refused<C>(d, " columns from the first to the last pixel of a slot, the engine has ");
  d = small_step(dybnn::BINARY_CONV);
  d.in_channels = 64 * (C::WEIGHT_WORDS + 1);
  d.slot_iterations = C::WEIGHT_WORDS + 1;
  refused<C>(d, " rows of binary weights, the engine has ");
}

void pooled_stores() {
  typedef usual C;
  dybnn::descriptor d = small_step(dybnn::PASS);
  d.in_pixel_lanes = 16;
  d.flags |= dybnn::POOL_STORE;
  for (int shift = dybnn::LEAST_STORE_SHIFT; shift <= dybnn::MOST_STORE_SHIFT; ++shift) {
    d.store_shift = shift;
    held<C>("a pooled map", d);
  }
  dybnn::descriptor narrow_step = d;
  narrow_step.in_pixel_lanes = 8;
  refused<bare>(narrow_step, "needs 2 words of a row of a map that is stored pooled, the engine has 0");
  d.store_shift = dybnn::MOST_STORE_SHIFT + 1;
  refused<C>(d, " more than the least shift of a map that is stored pooled, the engine has ");
  d.store_shift = dybnn::LEAST_STORE_SHIFT - 1;
  refused<C>(d, "needs -1 more than the least shift");
  d.store_shift = 2;
  d.out_chip_pixels = 4;
  refused<C>(d, "needs 4 pixels on chip of a map that is stored pooled, the engine has 0");
  d.out_chip_pixels = 0;
  d.out_pixel_words = 2;
  refused<C>(d, "needs 1 other words in a pixel");
  d.out_pixel_words = 1;
  d.in_width = d.out_width = 2 * C::STORE_WORDS + 1;
  refused<C>(d, " words of a row of a map that is stored pooled, the engine has ");
}

// 8 channels are a word, so a row of 4 x 4 pixels is one word of the banks; a window of 3 rows begins a row above.
void rings() {
  typedef usual C;
  const int last = C::BIT_WORDS - 1;
  dybnn::descriptor d = small_step(dybnn::BINARY_CONV);
  d.flags |= dybnn::BITS;
  d.kernel_h = 3;
  d.pad_top = 1;
  d.in_address = last;  // wraps
  d.bits_address = last - 4;
  held<C>("bits below", d);
  d.bits_address = last - 2;
  held<C>("bits two rows below what is read", d);
  d.bits_address = last - 1;
  refused<C>(d, "needs 3 rows of bits over rows that are still to be read, the engine has 0");
  d.bits_address = 3;
  held<C>("bits behind", d);
  d.bits_address = 2;
  refused<C>(d, "needs 1 rows of bits over rows that are still to be read, the engine has 0");
  d.bits_address = last - 2;
  d.groups = 2;
  refused<C>(d, "needs 2 rows of bits over rows that are still to be read, the engine has 0");
  d.groups = 1;
  d.bits_address = last + 1;
  refused<C>(d, "as a packed map's address");
}

}  // namespace

int main() {
  rings();
  optional_units();
  pooled_stores();
  sizes();
  return check::finish("limits");
}
