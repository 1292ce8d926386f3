// dybnn_recent.hpp - the last words written to a memory, kept in registers.
//
// A sum in memory may be read again an iteration after it was written, before the memory has it. The last three words are therefore looked up
// here first; what the memory itself must keep in order is RECENT_DISTANCE iterations apart. The feedback is one adder and a 4:1 selection.
#ifndef DYBNN_RECENT_HPP
#define DYBNN_RECENT_HPP

namespace dybnn {

constexpr int RECENT = 3;
constexpr int RECENT_DISTANCE = RECENT + 1;  // in dependence pragmas

template <class W>
struct recent_words {
  int address0;  // the last one; -1: none
  int address1;
  int address2;
  W word0;
  W word1;
  W word2;
};

template <class W>
void forget(recent_words<W> &recent) {
#pragma HLS INLINE
  recent.address0 = -1;
  recent.address1 = -1;
  recent.address2 = -1;
  recent.word0 = 0;
  recent.word1 = 0;
  recent.word2 = 0;
}

template <class W>
W newest(const recent_words<W> &recent, int address, const W &from_memory) {
#pragma HLS INLINE
  return address == recent.address0   ? recent.word0
         : address == recent.address1 ? recent.word1
         : address == recent.address2 ? recent.word2
                                      : from_memory;
}

template <class W>
void remember(recent_words<W> &recent, int address, const W &written) {
#pragma HLS INLINE
  recent.address2 = recent.address1;
  recent.word2 = recent.word1;
  recent.address1 = recent.address0;
  recent.word1 = recent.word0;
  recent.address0 = address;
  recent.word0 = written;
}

}  // namespace dybnn

#endif
