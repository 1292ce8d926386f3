// hls_stream.h - hls::stream<T> for simulation with a plain C++14 compiler: an unbounded queue with a name.
//
// AMD, UG1399, "HLS Stream Library". As in C simulation there, processes of a dataflow region run one after the other, so a stream holds as
// much as its writer writes, whatever its depth: full() is always false. Unlike there, a read of an empty stream ends the simulation
// (hardware would hang), and data left over in a stream that dies is reported on standard error.
//
// hls::stream<T, DEPTH> is a hls::stream<T>, as in Vitis 2020.2 and later. AMD's older open headers lack the second argument: a
// design that is to compile with those gives the depth by `#pragma HLS STREAM variable=... depth=...`.
#ifndef DYBNN_SIM_HLS_STREAM_H
#define DYBNN_SIM_HLS_STREAM_H

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace hls {

template <class T, int DEPTH = 0>
class stream;

template <class T>
class stream<T, 0> {
 public:
  stream() : name_("(unnamed)") {}
  explicit stream(const char *name) : name_(name) {}
  explicit stream(const std::string &name) : name_(name) {}
  stream(const stream &) = delete;
  stream &operator=(const stream &) = delete;
  ~stream() {
    if (!empty()) std::fprintf(stderr, "hls::stream '%s' still holds %zu values at its end\n", name_.c_str(), size());
  }

  bool empty() const { return head_ == values_.size(); }
  bool full() const { return false; }
  std::size_t size() const { return values_.size() - head_; }
  const char *get_name() const { return name_.c_str(); }

  T read() {
    if (empty()) {
      std::fprintf(stderr, "hls::stream '%s' is read while empty: hardware would hang here\n", name_.c_str());
      std::abort();
    }
    const T value = values_[head_++];
    // Taken values go when they are half of what is held: each value moves once on average.
    if (empty()) {
      values_.clear();
      head_ = 0;
    } else if (head_ >= 4096 && head_ * 2 >= values_.size()) {
      values_.erase(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    return value;
  }
  void read(T &value) { value = read(); }
  bool read_nb(T &value) {
    if (empty()) return false;
    value = read();
    return true;
  }
  void write(const T &value) { values_.push_back(value); }
  bool write_nb(const T &value) {
    write(value);
    return true;
  }
  void operator>>(T &value) { value = read(); }
  void operator<<(const T &value) { write(value); }

 private:
  std::string name_;
  std::vector<T> values_;
  std::size_t head_ = 0;
};

template <class T, int DEPTH>
class stream : public stream<T, 0> {
 public:
  using stream<T, 0>::stream;
};

}  // namespace hls

#endif
