// dybnn_memory.hpp - the processes between DDR and `compute`: long runs over the two ports, in the order in which the slots go.
//
// In: a step's descriptor and pointers to the ports. Out: streams, or words written; on the way shortcuts repeat or are pooled, and so are maps to store. A word is striped over two ports. Each loop reads or writes consecutive
// addresses wherever the step has one group, so that bursts are inferred; `compute` takes and gives words in the same order.
#ifndef DYBNN_MEMORY_HPP
#define DYBNN_MEMORY_HPP

#include "dybnn_cycles.hpp"
#include "dybnn_recent.hpp"
#include "dybnn_sizes.hpp"

namespace dybnn {

// A PASS reads TURN words of its input, then as many of its shortcut, and so on in turns. In `compute` a word of the input is taken in iteration t, the shortcut's in t + 1,
// by stages of one pipeline of which either may come first; so the two are at most LAG words apart. Each waits for the other for ever if the stream of one is full
// while the other's is empty:
// - the input's is empty: all words of the turns so far are taken, and of the shortcut's all but LAG. So many fit its streams: it is not full.
// - the shortcut's is empty: all words of the turns before are taken, and of the input's all but LAG. Those and a turn fit its stream: it is not full.
constexpr int LAG = SLOT_DEPTH + 1;
static_assert(MAP_FIFO >= TURN + LAG && RAW_SHORTCUT_FIFO + SHORTCUT_FIFO >= LAG, "a PASS with a shortcut would hang");

// For loops whose bounds a program gives; reports only.
constexpr int TYPICAL_RUN = 25088;

template <class C>
word<C> read_word(const half_word<C> *port0, const half_word<C> *port1, int address) {
#pragma HLS INLINE
  word<C> w = 0;
  w(C::PORT_BITS - 1, 0) = port0[address];
  w(2 * C::PORT_BITS - 1, C::PORT_BITS) = port1[address];
  return w;
}

template <class C>
void read_run(const half_word<C> *port0, const half_word<C> *port1, int address, int words, hls::stream<word<C> > &out) {
#pragma HLS INLINE
run:
  for (int i = 0; i < words; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = TYPICAL_RUN
    out.write(read_word<C>(port0, port1, address + i));
  }
}

// Words [first, end) of a map of which the first `chip` lie on chip.
template <class C>
void read_rest(const half_word<C> *port0, const half_word<C> *port1, int address, int chip, int first, int end, hls::stream<word<C> > &out) {
#pragma HLS INLINE
  const int from = first < chip ? chip : first;
  read_run<C>(port0, port1, address + from, end - from, out);
}

// A shortcut's words of pixels [first, end) for the channels of one group; those of pixels on chip are left out.
template <class C>
void read_shortcut_pixels(const descriptor &d, const step_sizes &s, const half_word<C> *port0, const half_word<C> *port1, int group_word,
                          int first, int end, hls::stream<word<C> > &out) {
#pragma HLS INLINE
  const int from = first < d.shortcut_chip_pixels ? d.shortcut_chip_pixels : first;
  if (d.groups == 1) {
    // Each pixel's channels once; where they repeat, arrange_shortcut does it.
    const int words = from < end ? product(end - from, s.shortcut_words) : 0;
    read_run<C>(port0, port1, d.shortcut_address + product(from, s.shortcut_words), words, out);
  } else {
    const int words = words_of_group(s, group_word);
    int first_channel = group_word;
  wrap:
    while (first_channel >= s.shortcut_words) {
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 1
      first_channel -= s.shortcut_words;
    }
    int address = d.shortcut_address + product(from, s.shortcut_words);
  pixels:
    for (int p = from; p < end; ++p) {
#pragma HLS LOOP_TRIPCOUNT min = 0 max = TYPICAL_RUN
      int channel = first_channel;
    channels:
      for (int j = 0; j < words; ++j) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 64
        out.write(read_word<C>(port0, port1, address + channel));
        channel = channel + 1 == s.shortcut_words ? 0 : channel + 1;
      }
      address += s.shortcut_words;
    }
  }
}

// The two rows of a pooled shortcut under row y of the output, one after the other.
template <class C>
void read_pooled_rows(const descriptor &d, const step_sizes &s, const half_word<C> *port0, const half_word<C> *port1, int group_word,
                      int y, hls::stream<word<C> > &out) {
#pragma HLS INLINE
rows:
  for (int dy = 0; dy < 2; ++dy) {
    const int first = product(2 * y + dy, d.shortcut_width);
    read_shortcut_pixels<C>(d, s, port0, port1, group_word, first, first + 2 * d.out_width, out);
  }
}

template <class C>
void read_pass(const descriptor &d, const step_sizes &s, const half_word<C> *port0, const half_word<C> *port1, hls::stream<word<C> > &map,
               hls::stream<word<C> > &shortcut) {
#pragma HLS INLINE
  const int total = s.in_total;
  const int shortcut_chip = product(d.shortcut_chip_pixels, s.out_words);
  if (s.pooled) {
    // Either is on chip as a whole, so only one of the two streams moves.
    read_rest<C>(port0, port1, d.in_address, s.in_chip, 0, total, map);
  pooled_rows:
    for (int y = 0; y < d.out_height; ++y) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 56
      read_pooled_rows<C>(d, s, port0, port1, 0, y, shortcut);
    }
  } else if (s.shortcut && shortcut_chip < total) {
    // The tail takes a word of each in turn.
  turns:
    for (int w = 0; w < total; w += TURN) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 784
      const int end = w + TURN < total ? w + TURN : total;
      read_rest<C>(port0, port1, d.in_address, s.in_chip, w, end, map);
      read_rest<C>(port0, port1, d.shortcut_address, shortcut_chip, w, end, shortcut);
    }
  } else {
    read_rest<C>(port0, port1, d.in_address, s.in_chip, 0, total, map);
  }
}

template <class C>
void read_maps(descriptor d, const half_word<C> *port0, const half_word<C> *port1, hls::stream<word<C> > &map,
               hls::stream<word<C> > &shortcut) {
#pragma HLS INLINE off
  const step_sizes s = sizes_of<C>(d);
  if (s.pass) {
    read_pass<C>(d, s, port0, port1, map, shortcut);
  } else if (s.by_rows || s.shortcut) {
  groups:
    for (int g = 0; g < d.groups; ++g) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 4
      const int group_word = product(g, s.group_words);
      if (s.binary && !s.pooled) {
        read_shortcut_pixels<C>(d, s, port0, port1, group_word, 0, s.pixels, shortcut);
      } else {
        int next = 0;
      rows:
        for (int y = 0; y < d.out_height; ++y) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 112
          if (s.by_rows) {
            const new_rows r = new_rows_of(d, y, next);
            read_rest<C>(port0, port1, d.in_address, s.in_chip, product(r.first, d.in_row_words), product(r.end, d.in_row_words), map);
            next = r.end;
          }
          if (s.pooled) {
            read_pooled_rows<C>(d, s, port0, port1, group_word, y, shortcut);
          } else if (s.shortcut) {
            const int first = product(y, d.out_width);
            read_shortcut_pixels<C>(d, s, port0, port1, group_word, first, first + d.out_width, shortcut);
          }
        }
      }
    }
  }
}

template <class C>
shortcut_word<C> widened(const word<C> &w) {
#pragma HLS INLINE
  shortcut_word<C> wide = 0;
lanes:
  for (int i = 0; i < constants<C>::LANES; ++i) {
#pragma HLS UNROLL
    set_lane<SHORTCUT_BITS>(wide, i, ap_int<SHORTCUT_BITS>(lane_of<VALUE_BITS>(w, i)));
  }
  return wide;
}

// Between DDR and the tail: repeats the channels of a shortcut that has fewer than the output, adds up 2x2 pixels of a pooled one.
// Ports of `sums`: one read and one write an iteration.
template <class C>
void arrange_shortcut(descriptor d, hls::stream<word<C> > &in, hls::stream<shortcut_word<C> > &out) {
#pragma HLS INLINE off
  constexpr int WORDS = largest_of(C::POOL_WORDS, constants<C>::CHANNEL_WORDS);
  shortcut_word<C> sums[WORDS];
#if DYBNN_ROWS_IN_LUTRAM
#pragma HLS BIND_STORAGE variable = sums type = ram_s2p impl = lutram
#endif
#if !DYBNN_ROWS_IN_LUTRAM
#pragma HLS BIND_STORAGE variable = sums type = ram_s2p impl = bram
#endif
  const step_sizes s = sizes_of<C>(d);
  recent_words<shortcut_word<C> > recent;
  forget(recent);
  if (s.pooled) {
  groups:
    for (int g = 0; g < d.groups; ++g) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 4
      const int words = words_of_group(s, product(g, s.group_words));
      const int row_words = product(d.out_width, words);
    rows:
      for (int y = 0; y < d.out_height; ++y) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 56
        if (product(2 * y, d.shortcut_width) >= d.shortcut_chip_pixels) {
          int column = 0;   // left or right of its pair
          int pair = 0;     // first word of the pair's sums
          int channel = 0;
        words_of_two_rows:
          for (int i = 0; i < 4 * row_words; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 4 max = TYPICAL_RUN
#pragma HLS DEPENDENCE variable = sums type = inter direction = RAW distance = RECENT_DISTANCE dependent = true
            const bool second_row = i >= 2 * row_words;
            const int at = pair + channel;
            const shortcut_word<C> added = widened<C>(in.read());
            const shortcut_word<C> before = newest(recent, at, sums[at]);
            shortcut_word<C> sum = 0;
          lanes:
            for (int lane = 0; lane < constants<C>::LANES; ++lane) {
#pragma HLS UNROLL
              const ap_int<SHORTCUT_BITS> base =
                  second_row || column == 1 ? lane_of<SHORTCUT_BITS>(before, lane) : ap_int<SHORTCUT_BITS>(0);
              set_lane<SHORTCUT_BITS>(sum, lane, ap_int<SHORTCUT_BITS>(base + lane_of<SHORTCUT_BITS>(added, lane)));
            }
            sums[at] = sum;
            remember(recent, at, sum);
            if (second_row && column == 1) out.write(sum);
            // The next word: channels of a pixel, the pair's other pixel, the next pair; then the second row.
            channel += 1;
            if (channel == words) {
              channel = 0;
              if (column == 1) pair += words;
              column = 1 - column;
            }
            if (i + 1 == 2 * row_words) pair = 0;
          }
        }
      }
    }
  } else if (s.shortcut) {
    const bool repeats = d.groups == 1 && s.shortcut_words < s.out_words;
    const int pixels = s.pixels - d.shortcut_chip_pixels;
    const int words = pixels > 0 ? product(pixels, s.out_words) : 0;
    int channel = 0;  // of the output
    int source = 0;   // of the shortcut
  words_of_map:
    for (int i = 0; i < words; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = TYPICAL_RUN
#pragma HLS DEPENDENCE variable = sums type = inter direction = RAW distance = RECENT_DISTANCE dependent = true
      const bool again = repeats && channel >= s.shortcut_words;
      shortcut_word<C> w = newest(recent, source, sums[source]);
      if (!again) w = widened<C>(in.read());
      if (!again) sums[source] = w;
      remember(recent, source, w);
      out.write(w);
      source = source + 1 == s.shortcut_words || channel + 1 == s.out_words ? 0 : source + 1;
      channel = channel + 1 == s.out_words ? 0 : channel + 1;
      if (!repeats) source = 0;
    }
  }
}

// POOL_STORE, 12.3's sum: words in the order of a map (one group) become those of a map of half the rows and columns; a last row or column without a partner is dropped.
// Half of 2^shift is where a sum starts, so that its end is a selection. A sum that waits has three values and that half, at most 18 bits; the whole one 19. Other maps go on as
// they are. Ports of `sums`: one read and one write an iteration.
template <class C>
void arrange_stored(descriptor d, hls::stream<word<C> > &in, hls::stream<word<C> > &out) {
#pragma HLS INLINE off
  shortcut_word<C> sums[largest_of(C::STORE_WORDS, 1)];
#if DYBNN_ROWS_IN_LUTRAM
#pragma HLS BIND_STORAGE variable = sums type = ram_s2p impl = lutram
#endif
#if !DYBNN_ROWS_IN_LUTRAM
#pragma HLS BIND_STORAGE variable = sums type = ram_s2p impl = bram
#endif
  const step_sizes s = sizes_of<C>(d);
  const bool pools = C::STORE_WORDS > 0 && s.pools_store;
  const int words = pools ? product(s.pixels, s.out_words) : product(s.ddr_pixels, s.out_words);
  const ap_int<SHORTCUT_BITS> half = (1 << d.store_shift) >> 1;
  recent_words<shortcut_word<C> > recent;
  forget(recent);
  bool right = false;  // of a pair of columns
  bool below = false;  // of a pair of rows
  int x = 0;
  int pair = 0;        // first word of the pair's sums
  int channel = 0;
words_of_map:
  for (int i = 0; i < words; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = TYPICAL_RUN
#pragma HLS DEPENDENCE variable = sums type = inter direction = RAW distance = RECENT_DISTANCE dependent = true
    const int at = pools ? pair + channel : 0;
    const word<C> w = in.read();
    const shortcut_word<C> before = newest(recent, at, sums[at]);
    shortcut_word<C> sum = 0;
    word<C> pooled = 0;
  lanes:
    for (int lane = 0; lane < constants<C>::LANES; ++lane) {
#pragma HLS UNROLL
      const ap_int<SHORTCUT_BITS> base = right || below ? lane_of<SHORTCUT_BITS>(before, lane) : half;
      const ap_int<SHORTCUT_BITS + 1> total = base + lane_of<VALUE_BITS>(w, lane);
      set_lane<SHORTCUT_BITS>(sum, lane, ap_int<SHORTCUT_BITS>(total));
      value rounded = total >> MOST_STORE_SHIFT;
    shifts:
      for (int shift = LEAST_STORE_SHIFT; shift < MOST_STORE_SHIFT; ++shift) {
#pragma HLS UNROLL
        if (shift == d.store_shift) rounded = total >> shift;
      }
      set_lane<VALUE_BITS>(pooled, lane, rounded);
    }
    sums[at] = sum;
    remember(recent, at, sum);
    if (!pools || (right && below)) out.write(pools ? pooled : w);
    // The next word: channels of a pixel, the pair's other pixel, the next pair; then the next row.
    channel += 1;
    if (channel == s.out_words) {
      channel = 0;
      x += 1;
      if (right) pair += s.out_words;
      right = !right;
      if (x == d.out_width) {
        x = 0;
        pair = 0;
        right = false;
        below = !below;
      }
    }
  }
}

// Pixels on chip are not in the stream. With one group, and no other channels beside them, all words are one run.
template <class C>
void write_maps(descriptor d, hls::stream<word<C> > &in, half_word<C> *port0, half_word<C> *port1) {
#pragma HLS INLINE off
  const step_sizes s = sizes_of<C>(d);
  const int pixels = s.ddr_pixels;
  const int first = d.out_address + product(d.out_chip_pixels, d.out_pixel_words);
  if (pixels == 0) return;
  if (d.groups == 1 && d.out_pixel_words == s.out_words) {
    const int words = product(pixels, s.out_words);
  run:
    for (int i = 0; i < words; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = TYPICAL_RUN
      const word<C> w = in.read();
      port0[first + i] = w(C::PORT_BITS - 1, 0);
      port1[first + i] = w(2 * C::PORT_BITS - 1, C::PORT_BITS);
    }
  } else {
  groups:
    for (int g = 0; g < d.groups; ++g) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 4
      const int group_word = product(g, s.group_words);
      const int words = words_of_group(s, group_word);
      int address = first + group_word;
    pixels_of_group:
      for (int p = 0; p < pixels; ++p) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = TYPICAL_RUN
      channels:
        for (int j = 0; j < words; ++j) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 64
          const word<C> w = in.read();
          port0[address + j] = w(C::PORT_BITS - 1, 0);
          port1[address + j] = w(2 * C::PORT_BITS - 1, C::PORT_BITS);
        }
        address += d.out_pixel_words;
      }
    }
  }
}

inline void write_output(descriptor d, hls::stream<ap_uint<32> > &in, ap_uint<32> *output) {
#pragma HLS INLINE off
  const int count = d.kind == OUTPUT ? d.outputs : 0;
floats:
  for (int i = 0; i < count; ++i) {
#pragma HLS PIPELINE II = 1
#pragma HLS LOOP_TRIPCOUNT min = 0 max = 1000
    output[d.out_address + i] = in.read();
  }
}

}  // namespace dybnn

#endif
