/* dybnn_bconv2d_simd.h - binary convolution with output channels in lanes [4].
 *
 * A vector holds the same word of several output channels (B_LANES), so a word of activations is broadcast and nothing is ever
 * summed across lanes. A tile is up to TILE_PIXELS pixels of a row by TILE_CHANNELS channels, its counts in registers; each
 * weight vector is loaded once for all pixels and each broadcast serves all vectors, so loads stay far below the arithmetic.
 *
 * Blocking: 64 channels (one word of the next packed map, 256 bytes of a pixel) outside, then rows, then strips of 16 pixels.
 * The weights of 64 channels are 512 * K bytes (K words a window: at most 72 KiB for 1024 channels and 3x3) and stay in L2 for
 * all rows, those of one tile in L1 for a strip. A tile of 8 pixels by 16 channels then asks L2 for 128 bytes in 24 cycles.
 *
 * The file that includes this brings dybnn_simd_*.h, a header with a tail (dybnn_bconv2d_float.h, dybnn_fixed_bconv2d_simd.h) and one
 * with the words of an instruction set:
 *   b_word, b_count         a vector of words, and of running counts
 *   b_load, b_broadcast, b_xor, b_zero
 *   b_add(count, words)     adds the ones of each lane's word to its count
 *   B_FLUSH_WORDS           after how many words b_widen must move the counts to totals of the same type (0: never)
 *   b_widen(total, count)   total + count, full width
 *   B_CARRY_SAVE            1: also b_xor3, b_twice and b_carry of dybnn_bconv2d_carry_save.h
 *   B_TABLE                 1: dybnn_bconv2d_table.h where it pays
 *   b_mismatches(totals)    the totals of one pixel as int32
 */
#ifndef DYBNN_BCONV2D_SIMD_H
#define DYBNN_BCONV2D_SIMD_H

#include <string.h>

#include "dybnn_bconv2d_narrow.h"
#include "dybnn_sets.h"
#include "dybnn_strip.h"

#define TILE_VECTORS (TILE_CHANNELS / B_LANES)

/* `pixels` windows `step` words apart for TILE_CHANNELS channels. `second` is the distance to the weights of the second eight
 * channels, if a tile has them. The first is `channel` of the map, c of the strip. base[p] + c is pixel p's n of [4.2]. `pixels` is a constant where this is called. */
DYBNN_INLINE void bconv_tile(const bconv_args *args, const bconv_plan *plan, int32_t channel, const int32_t pixels,
                             const uint64_t *window, ptrdiff_t step, const uint64_t *weights, ptrdiff_t second,
                             const int32_t *const *base, ptrdiff_t c, int32_t present, bconv_value *values) {
  b_word count[TILE_PIXELS * TILE_VECTORS];
#if B_FLUSH_WORDS
  b_word total[TILE_PIXELS * TILE_VECTORS];
  int32_t budget = B_FLUSH_WORDS;
#else
  b_word *const total = count;
#endif
  /* Taps of a row that touch in memory are walked as one. */
  const int touching = args->dilation_w == 1;
  const int32_t runs = touching ? 1 : args->kernel_w;
  const int32_t length = touching ? args->kernel_w * args->words : args->words;
  int32_t ky, run, p, v;
  DYBNN_UNROLL
  for (p = 0; p < pixels * TILE_VECTORS; p++) {
    count[p] = b_zero();
    total[p] = b_zero();
  }
  for (ky = 0; ky < args->kernel_h; ky++) {
    for (run = 0; run < runs; run++) {
      const uint64_t *a = window + (ptrdiff_t)(ky * args->dilation_h) * args->in_pitch +
                          (ptrdiff_t)(run * args->dilation_w) * args->words;
      const uint64_t *const end = a + length;
      while (a != end) {
#if B_FLUSH_WORDS
        const uint64_t *const stop = end - a < budget ? end : a + budget;
        budget -= (int32_t)(stop - a);
#else
        const uint64_t *const stop = end;
#endif
        for (; a != stop; a++, weights += 8) {
          b_word w[TILE_VECTORS];
          DYBNN_UNROLL
          for (v = 0; v < TILE_VECTORS; v++) w[v] = b_load(weights + (v * B_LANES >= 8 ? second : 0) + v * B_LANES % 8);
          DYBNN_UNROLL
          for (p = 0; p < pixels; p++) {
            const b_word x = b_broadcast(a + p * step);
            DYBNN_UNROLL
            for (v = 0; v < TILE_VECTORS; v++)
              count[p * TILE_VECTORS + v] = b_add(count[p * TILE_VECTORS + v], b_xor(x, w[v]));
          }
        }
#if B_FLUSH_WORDS
        if (budget == 0) {
          DYBNN_UNROLL
          for (p = 0; p < pixels * TILE_VECTORS; p++) {
            total[p] = b_widen(total[p], count[p]);
            count[p] = b_zero();
          }
          budget = B_FLUSH_WORDS;
        }
#endif
      }
    }
  }
#if B_FLUSH_WORDS
  DYBNN_UNROLL
  for (p = 0; p < pixels * TILE_VECTORS; p++) total[p] = b_widen(total[p], count[p]);
#endif
  bconv_store(plan, channel, pixels, base, c, present, total, values);
}

#if B_CARRY_SAVE
#include "dybnn_bconv2d_carry_save.h"
#endif

#if B_TABLE
#include "dybnn_bconv2d_table.h"
#endif

/* A strip of `pixels` pixels from (y, x) by channels c .. c + count - 1. `parity` is NULL where words are not taken in pairs. */
static void bconv_strip(const bconv_args *args, const bconv_plan *plan, const uint64_t *parity, int32_t y, int32_t x,
                        int32_t pixels, int32_t c, int32_t count, bconv_value *values) {
  const ptrdiff_t block_words = (ptrdiff_t)8 * args->kernel_h * args->kernel_w * args->words;
  const ptrdiff_t base_channels = (args->tail.channels + 7) / 8 * 8;
  const int32_t *row_base = args->base + args->row_class[y] * args->col_classes * base_channels + c;
  const int32_t *base[STRIP_PIXELS];
  const uint64_t *row = args->input + (ptrdiff_t)(y * args->stride_h) * args->in_pitch;
  const ptrdiff_t step = (ptrdiff_t)args->stride_w * args->words;
#if B_CARRY_SAVE
  const int32_t most_pixels = parity ? PAIR_PIXELS : TILE_PIXELS;
#else
  const int32_t most_pixels = TILE_PIXELS;
#endif
  const int32_t tiles = (pixels + most_pixels - 1) / most_pixels;
  const int32_t tile_pixels = (pixels + tiles - 1) / tiles;
  int32_t b, p;
  (void)parity;
  for (p = 0; p < pixels; p++) base[p] = row_base + args->col_class[x + p] * base_channels;
  for (b = 0; b < count; b += TILE_CHANNELS) {
    const uint64_t *weights = args->weights + (c + b) / 8 * block_words;
    /* A multiple of 8, as the weights and the base are padded. */
    const int32_t present = dybnn_min((count - b + 7) / 8 * 8, TILE_CHANNELS);
    /* Where the second eight are absent the first are counted twice and not used. */
    const ptrdiff_t second = present > 8 ? block_words : 0;
    for (p = 0; p < pixels; p += tile_pixels) {
      const uint64_t *window = row + (x + p) * step;
      bconv_value *to = values + p * STRIP_CHANNELS + b;
#if B_CARRY_SAVE
      if (parity) {
        const uint64_t *pairs = parity + (x + p) * step;
#define TILE_CASE(n) \
  case n: bconv_tile_pairs(args, plan, c + b, n, window, pairs, step, weights, second, base + p, b, present, to); break;
        switch (dybnn_min(tile_pixels, pixels - p)) {
          TILE_CASE(1)
          TILE_CASE(2)
          TILE_CASE(3)
          TILE_CASE(4)
          TILE_CASE(5)
        }
#undef TILE_CASE
        continue;
      }
#endif
#define TILE_CASE(n)                                                                                   \
  case n: bconv_tile(args, plan, c + b, n, window, step, weights, second, base + p, b, present, to); break;
      switch (dybnn_min(tile_pixels, pixels - p)) {
        TILE_CASE(1)
        TILE_CASE(2)
        TILE_CASE(3)
        TILE_CASE(4)
#if TILE_PIXELS == 8
        TILE_CASE(5)
        TILE_CASE(6)
        TILE_CASE(7)
        TILE_CASE(8)
#endif
      }
#undef TILE_CASE
    }
  }
}

static void bconv2d_units(const bconv_args *given, int32_t begin, int32_t end) {
  const bconv_tail *tail = &given->tail;
  const bconv_plan plan = bconv_plan_of(tail);
  const int far_away = bconv_is_far(tail);
  bconv_value values[STRIP_PIXELS * STRIP_CHANNELS];
  uint64_t narrow_planes[NARROW_PLANE_WORDS], narrow_weights[NARROW_WEIGHT_WORDS];
  bconv_args narrow;
  const bconv_args *args = given;
  const uint64_t *parity = NULL;
  if (narrow_fits(given)) {
    narrow_begin(given, narrow_planes, narrow_weights, &narrow);
    args = &narrow;
  }
#if B_CARRY_SAVE
  uint64_t parity_rows[PARITY_WORDS];
  if (pairs_fit(args)) parity = parity_rows;
#else
  (void)parity;
#endif
#if B_TABLE
  table_state table;
  const int by_table = table_fits(args);
  if (by_table) table_begin(args, &table);
#endif
  while (begin < end) {
    const int32_t group = begin / tail->height;
    const int32_t y0 = begin % tail->height;
    const int32_t y1 = dybnn_min(tail->height, y0 + end - begin);
    const int32_t first = group * args->group_channels;
    const int32_t last = dybnn_min(first + args->group_channels, tail->channels);
    int32_t y, x, c;
    for (y = y0; y < y1; y++) bconv_border(tail, y, first, last);
    for (c = first; c < last; c += STRIP_CHANNELS) {
      const int32_t count = dybnn_min(last - c, STRIP_CHANNELS);
#if B_TABLE
      if (by_table) table_prepare(args, c, count, &table);
#endif
      for (y = y0; y < y1; y++) {
        if (args != given) narrow_row(given, y, narrow_planes);
#if B_CARRY_SAVE
        if (parity) make_parity(args, args->input + (ptrdiff_t)(y * args->stride_h) * args->in_pitch, parity_rows);
#endif
        for (x = 0; x < tail->width; x += STRIP_PIXELS) {
          const int32_t pixels = dybnn_min(tail->width - x, STRIP_PIXELS);
          if (far_away) bconv_prefetch(tail, y, x, pixels, c, count);
#if B_TABLE
          if (by_table)
            table_strip(args, &plan, &table, y, x, pixels, c, count, values);
          else
#endif
            bconv_strip(args, &plan, parity, y, x, pixels, c, count, values);
          bconv_finish(&plan, y, x, pixels, c, count, values);
        }
      }
    }
    begin += y1 - y0;
  }
}

#endif
