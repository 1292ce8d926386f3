/* dybnn_fixed_map_simd.h - passes over int16 maps with channels in lanes: elementwise, pool, the input's conversion.
 *
 * All of them move more than they compute: the bound is the bandwidth of the cache the map is in, and a map is half of what it is in
 * float32. So each value is loaded once, and a map that needs no entry goes from its own memory into the tail.
 */
#ifndef DYBNN_FIXED_MAP_SIMD_H
#define DYBNN_FIXED_MAP_SIMD_H

#include "dybnn_fixed_tail_simd.h"

/* The pass of a dynamic threshold: nothing but bits. Pixel by pixel, so that the map is read as one stream; the thresholds of
 * all channels stay in L1. */
static void fixed_binarize_row(const dybnn_fixed_map_args *args, int32_t y) {
  const dybnn_fixed_tail *tail = &args->tail;
  const int16_t *from = args->input + (ptrdiff_t)y * tail->width * tail->channels;
  uint64_t *to = tail->bits + (ptrdiff_t)(y + tail->border_top) * tail->bits_pitch +
                 (ptrdiff_t)tail->border_left * dybnn_words(tail->channels);
  int32_t x, c, i;
  for (x = 0; x < tail->width; x++)
    for (c = 0; c < tail->channels; c += 64, to++) {
      const int32_t count = dybnn_min(tail->channels - c, 64);
      const int16_t *threshold = tail->threshold + c;
      uint64_t word = 0;
      if (count == 64)
        word = tail->threshold_gt ? h_word_gt(from, threshold) : h_word_ge(from, threshold);
      else if (tail->threshold_gt)
        for (i = 0; i < count; i += H_LANES) word |= (uint64_t)h_bits_gt(h_load(from + i), h_load(threshold + i)) << i;
      else
        for (i = 0; i < count; i += H_LANES) word |= (uint64_t)h_bits_ge(h_load(from + i), h_load(threshold + i)) << i;
      *to = word;
      from += count;
    }
}

DYBNN_INLINE int fixed_only_binarizes(const dybnn_fixed_map_args *args) {
  const dybnn_fixed_tail *tail = &args->tail;
  return tail->bits && tail->channels % H_LANES == 0 && !tail->entry_shift && !tail->scale && !tail->bias && !tail->shortcut &&
         !tail->prelu_slope && !tail->out && !tail->row_sums;
}

static void fixed_map_rows(const dybnn_fixed_map_args *args, int32_t begin, int32_t end) {
  const dybnn_fixed_tail *tail = &args->tail;
  const fixed_plan plan = fixed_plan_of(tail);
  const int enters = tail->entry_shift > 0 || tail->scale != NULL;
  int16_t values[STRIP_PIXELS * STRIP_CHANNELS];
  int32_t y, x, c;
  for (y = begin; y < end; y++) {
    dybnn_fixed_tail_border(tail, y, 0, tail->channels);
    if (fixed_only_binarizes(args)) {
      fixed_binarize_row(args, y);
      continue;
    }
    for (x = 0; x < tail->width; x += STRIP_PIXELS) {
      const int32_t pixels = dybnn_min(tail->width - x, STRIP_PIXELS);
      for (c = 0; c < tail->channels; c += STRIP_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, STRIP_CHANNELS);
        const int16_t *from = args->input + ((ptrdiff_t)y * tail->width + x) * tail->channels + c;
        if (enters) {
          fixed_rescale(tail, pixels, c, count, from, tail->channels, values);
          fixed_strip(&plan, y, x, pixels, c, count, values, STRIP_CHANNELS);
        } else {
          fixed_strip(&plan, y, x, pixels, c, count, from, tail->channels);
        }
      }
    }
  }
}

/* One window: the maximum of each channel [13.3], or the exact sum. */
DYBNN_INLINE void fixed_window(const dybnn_fixed_pool_args *args, int32_t y0, int32_t y1, int32_t x0, int32_t x1, int32_t c,
                               int32_t count, int16_t *maxima, int32_t *totals) {
  const ptrdiff_t row = (ptrdiff_t)args->in_width * args->channels;
  int32_t y, x, i;
  for (i = 0; i < count; i += H_LANES) {
    const int32_t lanes = dybnn_min(count - i, H_LANES);
    const int16_t *at = args->input + y0 * row + (ptrdiff_t)x0 * args->channels + c + i;
    h_vec max = h_all(INT16_MIN);
    h_sums sums = sums_zero();
    for (y = y0; y < y1; y++, at += row)
      for (x = 0; x < x1 - x0; x++) {
        const h_vec v = fixed_load(at + (ptrdiff_t)x * args->channels, lanes);
        if (args->is_max)
          max = h_max(max, v);
        else
          sums = sums_add(sums, v);
      }
    if (args->is_max)
      h_store(maxima + i, max);
    else
      sums_store(totals + i, lanes, 0, sums);
  }
}

/* [13.2]; where the count is a power of two, R is 2^16 and all of it fits 32 bits. */
DYBNN_INLINE void fixed_means(const dybnn_fixed_pool_args *args, int32_t pixels, int32_t count, const int32_t *DYBNN_RESTRICT totals,
                              int16_t *DYBNN_RESTRICT values) {
  const int32_t reciprocal = args->reciprocal[2 * pixels], shift = args->reciprocal[2 * pixels + 1];
  int32_t i;
  if (reciprocal == 65536) {
    for (i = 0; i < count; i++) values[i] = (int16_t)dybnn_sat(dybnn_rnd(totals[i], shift - 16));
  } else {
    const int64_t half = (int64_t)1 << (shift - 1);
    for (i = 0; i < count; i++) values[i] = (int16_t)dybnn_sat((int32_t)(((int64_t)totals[i] * reciprocal + half) >> shift));
  }
}

static void fixed_pool_rows(const dybnn_fixed_pool_args *args, int32_t begin, int32_t end) {
  const dybnn_fixed_tail *tail = &args->tail;
  const fixed_plan plan = fixed_plan_of(tail);
  int16_t values[STRIP_PIXELS * STRIP_CHANNELS];
  int32_t totals[STRIP_CHANNELS];
  int32_t y, x, c, p;
  for (y = begin; y < end; y++) {
    const int32_t top = y * args->stride_h - args->pad_top;
    const int32_t y0 = dybnn_max(top, 0), y1 = dybnn_min(top + args->kernel_h, args->in_height);
    dybnn_fixed_tail_border(tail, y, 0, tail->channels);
    for (x = 0; x < tail->width; x += STRIP_PIXELS) {
      const int32_t pixels = dybnn_min(tail->width - x, STRIP_PIXELS);
      for (c = 0; c < tail->channels; c += STRIP_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, STRIP_CHANNELS);
        for (p = 0; p < pixels; p++) {
          const int32_t left = (x + p) * args->stride_w - args->pad_left;
          const int32_t x0 = dybnn_max(left, 0), x1 = dybnn_min(left + args->kernel_w, args->in_width);
          const int32_t counted = args->exclude_pad ? (y1 - y0) * (x1 - x0) : args->kernel_h * args->kernel_w;
          fixed_window(args, y0, y1, x0, x1, c, count, values + p * STRIP_CHANNELS, totals);
          if (!args->is_max) fixed_means(args, counted, count, totals, values + p * STRIP_CHANNELS);
        }
        if (tail->entry_shift > 0 || tail->scale) fixed_rescale(tail, pixels, c, count, values, STRIP_CHANNELS, values);
        fixed_strip(&plan, y, x, pixels, c, count, values, STRIP_CHANNELS);
      }
    }
  }
}

#endif
