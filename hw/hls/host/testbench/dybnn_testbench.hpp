// dybnn_testbench.hpp - replays golden samples through a generated engine and compares every bit that can be looked at.
//
// In: the top function, the network's layout (NAME_layout.h), what each step leaves behind (tables in testbench.cpp) and the project's
// folder. Out: `N passed, N failed` and the exit status.
//
// Every sample goes through the network step by step; after each step the checksums of what it left in the engine's memories are held
// against golden/checksums.txt, sums over pixels (the engine keeps no sums of rows) against golden/sums.txt, the step's counted cycles
// against the compiler's schedule. At the end the output is held against golden/output.npy, and then once more from a single call
// that does all runs. Under C/RTL co-simulation nobody can look into the memories: `--whole` makes that single call only.
#ifndef DYBNN_TESTBENCH_HPP
#define DYBNN_TESTBENCH_HPP

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "dybnn_array.h"
#include "dybnn_cycles.hpp"
#include "dybnn_host.h"
#include "dybnn_look.hpp"

namespace dybnn {

enum trace_kind { TRACE_MAP, TRACE_BITS, TRACE_VECTOR, TRACE_SUMS, TRACE_PARAMETER };

// Something that step `step` leaves behind. `row`: which line of the golden lists; `address`: words of DDR (map), words of 64 bits of a bank
// (bits) or floats (vector).
struct trace {
  int step, picture, row;
  trace_kind kind;
  const char *name;
  int channels, height, width;
  int address, chip_address, chip_pixels, pixel_words;
  int slot;
};

struct step_entry {
  const char *name;
  std::uint64_t cycles;
};

struct network {
  const dybnn_layout *layout;
  const step_entry *steps;
  const trace *traces;
  int trace_count;
};

// What one of the memory ports reads and writes: beats, and the same as bytes.
template <class C>
class port_memory {
 public:
  explicit port_memory(std::size_t bytes, unsigned char fill = 0) : beats_((bytes + BEAT_BYTES - 1) / BEAT_BYTES) {
    const std::vector<unsigned char> all(beats_.size() * BEAT_BYTES, fill);
    store(0, all.data(), all.size());
  }
  half_word<C> *data() { return beats_.data(); }
  std::size_t size() const { return beats_.size(); }

  void store(std::size_t at, const unsigned char *bytes, std::size_t count) {
    for (std::size_t b = 0; b < count / BEAT_BYTES; b++) {
      half_word<C> beat = 0;
      for (int i = 0; i < BEAT_BYTES; i++) beat(8 * i + 7, 8 * i) = ap_uint<8>(bytes[b * BEAT_BYTES + i]);
      beats_[at / BEAT_BYTES + b] = beat;
    }
  }
  void load(std::size_t at, unsigned char *bytes, std::size_t count) const {
    for (std::size_t b = 0; b < count / BEAT_BYTES; b++) {
      const half_word<C> beat = beats_[at / BEAT_BYTES + b];
      for (int i = 0; i < BEAT_BYTES; i++)
        bytes[b * BEAT_BYTES + i] = static_cast<unsigned char>(ap_uint<8>(beat(8 * i + 7, 8 * i)).to_uint());
    }
  }
  std::int16_t lane(std::size_t beat, int lane) const {
    const half_word<C> whole = beats_[beat];
    return static_cast<std::int16_t>(lane_of<16>(whole, lane).to_int());
  }

 private:
  enum { BEAT_BYTES = C::PORT_BITS / 8 };
  std::vector<half_word<C> > beats_;
};

// Two 32-bit lanes over 32-bit words, as in golden/checksums.txt.
class checksum {
 public:
  void add(std::uint32_t word) {
    a_ = (a_ ^ word) * 0x01000193u;
    b_ = ((b_ << 5 | b_ >> 27) ^ word) * 0x9e3779b1u;
  }
  void add(std::int32_t value) { add(static_cast<std::uint32_t>(value)); }
  void add(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    add(bits);
  }
  std::string hex() const {
    char text[17];
    std::snprintf(text, sizeof text, "%08lx%08lx", static_cast<unsigned long>(a_), static_cast<unsigned long>(b_));
    return text;
  }

 private:
  std::uint32_t a_ = 0x811c9dc5u, b_ = 0x9747b28cu;
};

// Lines `sample row checksum name`.
class golden_list {
 public:
  explicit golden_list(const std::string &path) {
    std::ifstream file(path.c_str());
    int sample, row;
    std::string hex, name;
    readable_ = file.good();
    while (file >> sample >> row >> hex >> name) {
      lines_[std::make_pair(sample, row)] = hex;
      names_[row] = name;
    }
  }
  bool readable() const { return readable_; }
  const std::map<int, std::string> &names() const { return names_; }
  std::string find(int sample, int row) const {
    const std::map<std::pair<int, int>, std::string>::const_iterator found = lines_.find(std::make_pair(sample, row));
    return found == lines_.end() ? "missing" : found->second;
  }

 private:
  bool readable_;
  std::map<std::pair<int, int>, std::string> lines_;
  std::map<int, std::string> names_;
};

inline bool read_file(const std::string &path, std::vector<unsigned char> &bytes) {
  std::ifstream file(path.c_str(), std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return false;
  }
  bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  return true;
}

template <class C>
class testbench {
 public:
  typedef void top_function(const half_word<C> *, const half_word<C> *, const half_word<C> *, const half_word<C> *, half_word<C> *,
                            half_word<C> *, const half_word<C> *, ap_uint<32> *, int, int, int, int, int);

  testbench(top_function *top, const network &net) : top_(top), net_(net), layout_(*net.layout) {}

  int main(int argc, char **argv) {
    std::string folder = ".";
    bool whole = false, profile = false;
    for (int i = 1; i < argc; i++) {
      const std::string argument = argv[i];
      if (argument == "--whole") whole = true;
      else if (argument == "--profile") profile = true;
      else if (argument.compare(0, 2, "--") != 0) folder = argument;
      else return usage(argv[0]);
    }
    if (!open(folder)) return 1;
    if (whole) {
      run_whole(0, layout_.pictures < samples_ ? layout_.pictures : samples_);
    } else {
      for (int first = 0; first < samples_; first += layout_.pictures) run_by_steps(first, first == 0);
      run_whole(0, samples_);
      if (profile) print_profile();
      summarize();
    }
    if (failed_ > MOST_PRINTED) std::printf("... and %d more\n", failed_ - MOST_PRINTED);
    std::printf("%d passed, %d failed\n", passed_, failed_);
    return failed_ == 0 ? 0 : 1;
  }

 private:
  enum { LANES = constants<C>::LANES, PORT_LANES = LANES / 2, MOST_PRINTED = 5 };

  static int usage(const char *program) {
    std::fprintf(stderr,
                 "usage: %s [--profile] [FOLDER]   replay FOLDER/golden step by step, then in one call\n"
                 "       %s --whole [FOLDER]       in one call only, one run (for C/RTL co-simulation)\n",
                 program, program);
    return 2;
  }

  bool open(const std::string &folder) {
    const std::string golden = folder + "/golden/", name = folder + "/" + layout_.name;
    std::size_t inputs = 0, outputs = 0;
    float *input = dybnn_read_samples((golden + "input.npy").c_str(), static_cast<std::int32_t>(dybnn_picture_floats(&layout_)), &inputs);
    float *output =
        dybnn_read_samples((golden + "output.npy").c_str(), static_cast<std::int32_t>(dybnn_result_floats(&layout_)), &outputs);
    if (input != NULL) input_.assign(input, input + inputs * dybnn_picture_floats(&layout_));
    if (output != NULL) output_.assign(output, output + outputs * dybnn_result_floats(&layout_));
    std::free(input);
    std::free(output);
    checksums_ = golden_list(golden + "checksums.txt");
    sums_ = golden_list(golden + "sums.txt");
    if (!checksums_.readable()) std::fprintf(stderr, "cannot read %schecksums.txt\n", golden.c_str());
    if (!sums_.readable()) std::fprintf(stderr, "cannot read %ssums.txt\n", golden.c_str());
    samples_ = static_cast<int>(inputs);
    std::vector<unsigned char> program, weights0, weights1;
    if (!read_file(name + "_program.bin", program) || !read_file(name + "_weights0.bin", weights0) ||
        !read_file(name + "_weights1.bin", weights1))
      return false;
    if (program.size() != layout_.program_bytes || weights0.size() != layout_.weights_bytes || weights1.size() != layout_.weights_bytes) {
      std::fprintf(stderr, "%s_*.bin are not of this project\n", name.c_str());
      return false;
    }
    program_.store(0, program.data(), program.size());
    weights0_.store(0, weights0.data(), weights0.size());
    weights1_.store(0, weights1.data(), weights1.size());
    return input != NULL && output != NULL && inputs == outputs && checksums_.readable() && sums_.readable();
  }

  void check(bool equal, const std::string &what) {
    if (equal) {
      passed_++;
      return;
    }
    failed_++;
    if (failed_ <= MOST_PRINTED) std::printf("FAILED %s\n", what.c_str());
  }

  // Pictures first .. first + pictures - 1 of the golden ones as run `run`; the last one again where there are no more.
  void place(port_memory<C> &maps0, port_memory<C> &maps1, int run, int first) const {
    std::vector<unsigned char> bytes0(dybnn_maps_bytes(&layout_, run + 1)), bytes1(bytes0.size());
    for (int picture = 0; picture < layout_.pictures; picture++) {
      const int sample = first + picture < samples_ ? first + picture : samples_ - 1;
      dybnn_place_picture(&layout_, run, picture, &input_[static_cast<std::size_t>(sample) * dybnn_picture_floats(&layout_)],
                          bytes0.data(), bytes1.data());
    }
    for (int picture = 0; picture < layout_.pictures; picture++) {
      const dybnn_picture_place &p = layout_.inputs[picture];
      const std::size_t word = static_cast<std::size_t>(p.address) + static_cast<std::size_t>(run) * static_cast<std::size_t>(layout_.picture_words);
      const std::size_t at = word * static_cast<std::size_t>(layout_.port_bytes);
      const std::size_t count = static_cast<std::size_t>(p.height) * static_cast<std::size_t>(p.row_words) * static_cast<std::size_t>(layout_.port_bytes);
      maps0.store(at, &bytes0[at], count);
      maps1.store(at, &bytes1[at], count);
    }
  }

  void call(port_memory<C> &maps0, port_memory<C> &maps1, std::vector<ap_uint<32> > &output, int first_step, int last_step, int runs) {
    top_(weights0_.data(), weights1_.data(), maps0.data(), maps1.data(), maps0.data(), maps1.data(), program_.data(), output.data(),
         first_step, last_step, runs, layout_.picture_words, layout_.output_floats);
  }

  void run_by_steps(int first, bool check_cycles) {
    port_memory<C> maps0(dybnn_maps_bytes(&layout_, 1), 0xa5), maps1(dybnn_maps_bytes(&layout_, 1), 0xa5);
    std::vector<ap_uint<32> > output(static_cast<std::size_t>(layout_.output_floats) + 1);
    place(maps0, maps1, 0, first);
    int t = 0;
    for (int step = 0; step < layout_.steps; step++) {
      const std::uint64_t before = cycles();
      call(maps0, maps1, output, step, step + 1, 1);
      const std::uint64_t counted = cycles() - before;
      if (check_cycles) {
        counted_.push_back(counted);
        check(counted == net_.steps[step].cycles, step_text(step) + ": " + std::to_string(counted) + " cycles, the schedule says " +
                                                      std::to_string(net_.steps[step].cycles));
      }
      for (; t < net_.trace_count && net_.traces[t].step == step; t++) check_trace(net_.traces[t], first, maps0, maps1);
    }
    for (int picture = 0; picture < layout_.pictures && first + picture < samples_; picture++)
      check_result(maps0, maps1, output, 0, picture, first + picture, "step by step");
  }

  void run_whole(int first, int count) {
    const int runs = results_survive() ? (count + layout_.pictures - 1) / layout_.pictures : 1;
    port_memory<C> maps0(dybnn_maps_bytes(&layout_, runs), 0x5a), maps1(dybnn_maps_bytes(&layout_, runs), 0x5a);
    std::vector<ap_uint<32> > output(static_cast<std::size_t>(runs) * static_cast<std::size_t>(layout_.output_floats) + 1);
    for (int run = 0; run < runs; run++) place(maps0, maps1, run, first + run * layout_.pictures);
    call(maps0, maps1, output, 0, layout_.steps, runs);
    for (int run = 0; run < runs; run++) {
      for (int picture = 0; picture < layout_.pictures; picture++) {
        const int sample = first + run * layout_.pictures + picture;
        if (sample < first + count) check_result(maps0, maps1, output, run, picture, sample, "in one call");
      }
    }
  }

  // A result that is a map is overwritten by the next run.
  bool results_survive() const { return layout_.outputs[0].kind == DYBNN_RESULT_VECTOR; }

  void check_result(const port_memory<C> &maps0, const port_memory<C> &maps1, const std::vector<ap_uint<32> > &output, int run,
                    int picture, int sample, const char *how) {
    std::vector<unsigned char> bytes0, bytes1, floats(4 * output.size());
    if (!results_survive()) {
      bytes0.resize(dybnn_maps_bytes(&layout_, 1));
      bytes1.resize(bytes0.size());
      maps0.load(0, bytes0.data(), bytes0.size());
      maps1.load(0, bytes1.data(), bytes1.size());
    }
    for (std::size_t i = 0; i < output.size(); i++) {
      const std::uint32_t bits = static_cast<std::uint32_t>(output[i].to_uint());
      for (int b = 0; b < 4; b++) floats[4 * i + static_cast<std::size_t>(b)] = static_cast<unsigned char>(bits >> (8 * b));
    }
    const std::size_t count = dybnn_result_floats(&layout_);
    std::vector<float> result(count);
    dybnn_read_result(&layout_, run, picture, bytes0.data(), bytes1.data(), floats.data(), result.data());
    check(std::memcmp(result.data(), &output_[static_cast<std::size_t>(sample) * count], 4 * count) == 0,
          "sample " + std::to_string(sample) + ", " + how + ": the output differs");
  }

  void check_trace(const trace &t, int first, const port_memory<C> &maps0, const port_memory<C> &maps1) {
    const int sample = first + t.picture;
    if (sample >= samples_) return;
    const golden_list &list = t.kind == TRACE_SUMS ? sums_ : checksums_;
    const std::string expected = list.find(sample, t.row), found = checksum_of(t, maps0, maps1).hex();
    seen_[t.row] = true;
    check(found == expected,
          "sample " + std::to_string(sample) + ", " + step_text(t.step) + ", " + t.name + ": " + found + ", expected " + expected);
  }

  checksum checksum_of(const trace &t, const port_memory<C> &maps0, const port_memory<C> &maps1) const {
    checksum sum;
    const int pixels = t.height * t.width, bit_words = divide_up(t.channels, SIMD);
    switch (t.kind) {
      case TRACE_MAP:
        for (int p = 0; p < pixels; p++) {
          for (int c = 0; c < t.channels; c++) sum.add(static_cast<std::int32_t>(map_value(t, p, c, maps0, maps1)));
        }
        break;
      case TRACE_BITS:
        for (int p = 0; p < pixels; p++) {
          const int y = p / t.width, x = p % t.width;
          const int at = t.address + (y * divide_up(t.width, constants<C>::BANKS) + x / constants<C>::BANKS) * bit_words;
          for (int k = 0; k < bit_words; k++) {
            const std::uint64_t bits = look<C>::bits(x % constants<C>::BANKS, at + k);
            sum.add(static_cast<std::uint32_t>(bits & 0xffffffffu));
            sum.add(static_cast<std::uint32_t>(bits >> 32));
          }
        }
        break;
      case TRACE_VECTOR:
        for (int i = 0; i < t.channels * pixels; i++) sum.add(look<C>::vector(t.address + i));
        break;
      case TRACE_SUMS:
        for (int c = 0; c < t.channels; c++) sum.add(look<C>::sum(c));
        break;
      case TRACE_PARAMETER:
        for (int c = 0; c < t.channels; c++) sum.add(static_cast<std::int32_t>(look<C>::parameter(t.slot, c)));
        break;
    }
    return sum;
  }

  static std::int16_t map_value(const trace &t, int pixel, int channel, const port_memory<C> &maps0, const port_memory<C> &maps1) {
    const int within = pixel * t.pixel_words + channel / LANES, lane = channel % LANES;
    if (pixel < t.chip_pixels) return look<C>::map(t.chip_address + within, lane);
    const std::size_t beat = static_cast<std::size_t>(t.address + within);
    return lane < PORT_LANES ? maps0.lane(beat, lane) : maps1.lane(beat, lane - PORT_LANES);
  }

  std::string step_text(int step) const { return "step " + std::to_string(step) + " (" + net_.steps[step].name + ")"; }

  void print_profile() const {
    for (int step = 0; step < layout_.steps; step++)
      std::printf("%12llu cycles  %s\n", static_cast<unsigned long long>(counted_[static_cast<std::size_t>(step)]), net_.steps[step].name);
  }

  void summarize() const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < counted_.size(); i++) total += counted_[i];
    std::printf("%s: %d samples, %d at a time, %llu cycles a run\n", layout_.name, samples_, layout_.pictures,
                static_cast<unsigned long long>(total));
    if (subnormals() > 0)
      std::printf("%llu subnormal floats: AMD's cores take them as 0, so the board's bits may differ here\n",
                  static_cast<unsigned long long>(subnormals()));
    std::string unseen;
    for (std::map<int, std::string>::const_iterator i = checksums_.names().begin(); i != checksums_.names().end(); ++i) {
      if (seen_.count(i->first) == 0) unseen += (unseen.empty() ? "" : ", ") + i->second;
    }
    std::printf("%d of %d tensors compared; in no memory of the engine between two steps: %s\n", static_cast<int>(seen_.size()),
                static_cast<int>(checksums_.names().size()), unseen.empty() ? "none" : unseen.c_str());
  }

  top_function *top_;
  network net_;
  const dybnn_layout &layout_;
  port_memory<C> program_{net_.layout->program_bytes}, weights0_{net_.layout->weights_bytes}, weights1_{net_.layout->weights_bytes};
  std::vector<float> input_, output_;
  golden_list checksums_{""}, sums_{""};
  std::map<int, bool> seen_;
  std::vector<std::uint64_t> counted_;
  int samples_ = 0, passed_ = 0, failed_ = 0;
};

}  // namespace dybnn

#endif
