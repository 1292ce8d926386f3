// dybnn_recent.hpp - the last words written to a memory, kept in registers.
//
// A sum in memory may be read again an iteration after it was written, before the memory has it. The last DEPTH words are
// therefore looked up here first, and what the memory itself must keep in order is DEPTH + 1 iterations apart.
#ifndef DYBNN_RECENT_HPP
#define DYBNN_RECENT_HPP

namespace dybnn {

constexpr int RECENT = 3;
constexpr int RECENT_DISTANCE = RECENT + 1;  // in dependence pragmas

template <class W>
struct recent_words {
  int address[RECENT];
  W word[RECENT];
};

template <class W>
void forget(recent_words<W> &recent) {
#pragma HLS INLINE
entries:
  for (int i = 0; i < RECENT; ++i) {
#pragma HLS UNROLL
    recent.address[i] = -1;
  }
}

template <class W>
W newest(const recent_words<W> &recent, int address, const W &from_memory) {
#pragma HLS INLINE
  W found = from_memory;
entries:
  for (int i = RECENT - 1; i >= 0; --i) {
#pragma HLS UNROLL
    if (recent.address[i] == address) found = recent.word[i];
  }
  return found;
}

template <class W>
void remember(recent_words<W> &recent, int address, const W &written) {
#pragma HLS INLINE
entries:
  for (int i = RECENT - 1; i > 0; --i) {
#pragma HLS UNROLL
    recent.address[i] = recent.address[i - 1];
    recent.word[i] = recent.word[i - 1];
  }
  recent.address[0] = address;
  recent.word[0] = written;
}

}  // namespace dybnn

#endif
