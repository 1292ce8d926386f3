// dybnn_tail_stage.hpp - which word the tail takes in an iteration, and what becomes of it: a map, sums, bits.
//
// In: words of a finished slot in the order of a map, the shortcut's sums. Out: a word to store, the sums memory, the packed map. With a pooled shortcut a word takes
// four visits, one for each pixel of its 2x2 window.
#ifndef DYBNN_TAIL_STAGE_HPP
#define DYBNN_TAIL_STAGE_HPP

#include "dybnn_packed_map.hpp"
#include "dybnn_parameters.hpp"
#include "dybnn_recent.hpp"
#include "dybnn_tail.hpp"
#include "dybnn_walk.hpp"

namespace dybnn {

struct tail_state {
  position at;
  iteration it;                // of the slot
  ap_uint<2> visit;
  small column;                // pixel of the slot
  word_index channel;          // word of the pixel in the slot
  iteration taken;             // words of the slot so far
  bool buffer;                 // half of the accumulators
  word_index shortcut;         // channel word of the shortcut
  word_index group_shortcut;   // the group's first
  word_index group_step;       // and how far it moves from group to group
};

// Where a shortcut has fewer channels than the output they repeat.
inline word_index wrapped(int channel, int channels) {
#pragma HLS INLINE
  int left = channel;
wrap:
  while (left >= channels) {
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 1
    left -= channels;
  }
  return left;
}

inline tail_state begin_tail(const position &at, const step_sizes &s, const slot_plan &p) {
#pragma HLS INLINE
  tail_state q;
  q.at = at;
  q.it = 0;
  q.visit = 0;
  q.column = 0;
  q.channel = 0;
  q.taken = 0;
  q.buffer = false;
  q.group_step = 0;
  q.group_shortcut = 0;
  if (s.shortcut && !p.words) {
    q.group_step = wrapped(s.group_words, s.shortcut_words);
    q.group_shortcut = wrapped(at.word, s.shortcut_words);
  }
  q.shortcut = q.group_shortcut;
  return q;
}

// Visits of a word, words of a pixel, pixels of a slot, slots.
inline void next_word(tail_state &q, const step_sizes &s, const slot_plan &p, const input_index &step_x) {
#pragma HLS INLINE
  const bool last_of_slot = q.it + 1 == p.n;
  const bool last_visit = !s.pooled || q.visit == 3;
  const bool last_channel = q.channel + 1 == p.slot_words;
  q.visit = last_visit || last_of_slot ? ap_uint<2>(0) : ap_uint<2>(q.visit + 1);
  if (last_of_slot) {
    const position next = next_of(q.at, p, s, step_x);
    const bool next_group = !p.words && next.word != q.at.word;
    const word_index moved = q.group_shortcut + q.group_step;
    const word_index group_shortcut = moved >= s.shortcut_words ? word_index(moved - s.shortcut_words) : moved;
    q.group_shortcut = next_group ? group_shortcut : q.group_shortcut;
    q.shortcut = p.words ? next.word : q.group_shortcut;
    q.at = next;
    q.it = 0;
    q.column = 0;
    q.channel = 0;
    q.taken = 0;
    q.buffer = !q.buffer;
  } else {
    q.it = q.it + 1;
    if (last_visit) {
      q.taken = q.taken + 1;
      q.channel = last_channel ? word_index(0) : word_index(q.channel + 1);
      q.column = last_channel ? small(q.column + 1) : q.column;
      if (!p.words) {
        q.shortcut = last_channel                       ? q.group_shortcut
                     : q.shortcut + 1 == s.shortcut_words ? word_index(0)
                                                          : word_index(q.shortcut + 1);
      }
    }
  }
}

// What the descriptor asks to be left.
struct tail_outputs {
  bool store;
  bool sums;
  bool bits;
};

inline tail_outputs tail_outputs_of(const descriptor &d) {
#pragma HLS INLINE
  tail_outputs o;
  o.store = (d.flags & STORE) != 0;
  o.sums = (d.flags & SUMS) != 0;
  o.bits = (d.flags & BITS) != 0;
  return o;
}

// LANES channels of one pixel through clause 12.
template <class C>
word<C> take_word(const descriptor &d, const step_sizes &s, const tail_settings &settings, const tail_outputs &leaves, const tail_state &q, int x,
                  int pixel, int channel_word, const value (&entered)[constants<C>::LANES],
                  const ap_int<SHORTCUT_BITS> (&shortcut)[constants<C>::LANES], const narrow_parameters<C> &narrow,
                  const offset_parameters<C> &offsets, recent_words<sums_word<C> > &recent, sums_memory<C> &sums, packed_memory<C> &packed) {
#pragma HLS INLINE
  typedef constants<C> K;
  tail_parameters parameters[K::LANES];
#pragma HLS ARRAY_PARTITION variable = parameters complete
  get_parameters<C>(channel_word, narrow, offsets, parameters);
  const sums_word<C> sums_before = newest(recent, channel_word, sums[channel_word]);
  sums_word<C> sums_after = 0;
  word<C> made = 0;
  bits_part<C> bits = 0;
lanes:
  for (int i = 0; i < K::LANES; ++i) {
#pragma HLS UNROLL
    // Lanes past the last channel are 0, in maps and in bits.
    const bool valid = channel_word * K::LANES + i < d.out_channels;
    const value y = tail_value(settings, parameters[i], entered[i], shortcut[i]);
    const bool bit = tail_bit(settings, y, parameters[i].alpha);
    const value left = valid ? tail_left(settings, y, bit) : value(0);
    const ap_int<32> sum_before = pixel == 0 ? ap_int<32>(0) : lane_of<32>(sums_before, i);
    const ap_int<32> sum = sum_before + left;
    set_lane<VALUE_BITS>(made, i, left);
    set_lane<32>(sums_after, i, sum);
    bits[i] = valid && bit;
  }
  if (leaves.sums) {
    sums[channel_word] = sums_after;
    remember(recent, channel_word, sums_after);
  }
  if (leaves.bits) {
    const int block = product(q.at.y, words_for<K::BANKS>(d.out_width)) + quotient<K::BANKS>(x);
    const int address = d.bits_address + product(block, words_for<SIMD>(d.out_channels)) + quotient<K::PARTS>(channel_word);
    write_bits<C>(packed, x, address, remainder<K::PARTS>(channel_word), channel_word + 1 == s.out_words, bits);
  }
  return made;
}

}  // namespace dybnn

#endif
