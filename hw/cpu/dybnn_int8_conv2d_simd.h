/* dybnn_int8_conv2d_simd.h - convolution of an int16 map with weights of 8 bits, outputs in lanes [14].
 *
 * A lane multiplies two inputs that lie side by side with the two weights that its output has for them and adds both products: a
 * pair of inputs is one 32-bit broadcast, a pair's weights for 16 outputs are 32 bytes. A tile of pixels by blocks of 16 outputs
 * loads and widens each weight once for all its pixels. Sums are exact and taps outside the input are skipped; where a run
 * starts or ends in the middle of a pair, the other half is zero, or what lies there in memory where its weight is zero.
 *
 * The file that includes this brings dybnn_simd_*.h, dybnn_fixed_simd_*.h and
 *   C_LANES                  outputs in a vector of sums
 *   C_PIXELS, C_BLOCKS       the tile
 *   c_sum, c_weights, c_pair vectors of sums, of weights (pairs), of a broadcast pair of inputs
 *   c_load_weights(w)        2 * C_LANES int8, widened
 *   c_pair_of(x)             x[0], x[1]; c_pair_from(low, high) of two numbers
 *   c_mac(sum, w, x)         sum + w.even * x.even + w.odd * x.odd
 *   c_mac_each(sum, w, x, n) sum + w.even * x, x of n (at most C_LANES) neighbours at a pointer
 *   c_zero, c_store
 */
#ifndef DYBNN_INT8_CONV2D_SIMD_H
#define DYBNN_INT8_CONV2D_SIMD_H

#include "dybnn_fixed_sets.h"
#include "dybnn_int8_finish.h"

#define BLOCK 16
#define BLOCK_VECTORS (BLOCK / C_LANES)
#define PAIR_BYTES (2 * BLOCK)

/* The taps inside the input. */
typedef struct int8_taps {
  int32_t ky0, ky1, kx0, kx1;
} int8_taps;

/* First and past-last tap inside 0 .. size - 1 when tap 0 is at `first`. */
DYBNN_INLINE void int8_clip(int32_t first, int32_t dilation, int32_t kernel, int32_t size, int32_t *k0, int32_t *k1) {
  int32_t a = 0, b = kernel;
  while (a < kernel && first + a * dilation < 0) a++;
  while (b > a && first + (b - 1) * dilation >= size) b--;
  *k0 = a;
  *k1 = b;
}

/* One tile: `pixels` windows whose tap (0, 0) is at input[corner] (before the map where it is cut off) and that lie `step` values
 * apart, `blocks` blocks of outputs. pixels and blocks are constants where this is called. */
DYBNN_INLINE void int8_tile(const int8_window *g, const int32_t pixels, const int32_t blocks, ptrdiff_t corner, ptrdiff_t step,
                            int8_taps taps, const int8_t *weights, ptrdiff_t block_size, int32_t *sums) {
  c_sum acc[C_PIXELS * C_BLOCKS * BLOCK_VECTORS];
  const int32_t inputs = g->in_channels / g->conv_groups;
  const ptrdiff_t run_size = (ptrdiff_t)(g->length + 1) / 2 * PAIR_BYTES;
  const ptrdiff_t row = (ptrdiff_t)g->in_width * g->in_channels * g->dilation_h;
  const ptrdiff_t column = (ptrdiff_t)g->in_channels * g->dilation_w;
  const int32_t first_run = g->runs == 1 ? 0 : taps.kx0, last_run = g->runs == 1 ? 1 : taps.kx1;
  const int32_t first = g->runs == 1 ? taps.kx0 * inputs : 0, last = g->runs == 1 ? taps.kx1 * inputs : g->length;
  const int32_t vectors = blocks * BLOCK_VECTORS;
  /* One past the last value that any of the windows reads. */
  const ptrdiff_t past = corner + (taps.ky1 - 1) * row + (last_run - 1) * column + last + (pixels - 1) * step;
  const int something_follows = past < (ptrdiff_t)g->in_height * g->in_width * g->in_channels;
  int32_t ky, run, i, p, v;
#define INT8_STEP(pair)                                                                                        \
  {                                                                                                            \
    c_weights wv[C_BLOCKS * BLOCK_VECTORS];                                                                    \
    DYBNN_UNROLL                                                                                               \
    for (v = 0; v < vectors; v++)                                                                              \
      wv[v] = c_load_weights(w + (v / BLOCK_VECTORS) * block_size + (v % BLOCK_VECTORS) * 2 * C_LANES);        \
    DYBNN_UNROLL                                                                                               \
    for (p = 0; p < pixels; p++) {                                                                             \
      const c_pair xv = pair;                                                                                  \
      DYBNN_UNROLL                                                                                             \
      for (v = 0; v < vectors; v++) acc[p * vectors + v] = c_mac(acc[p * vectors + v], wv[v], xv);             \
    }                                                                                                          \
  }
  DYBNN_UNROLL
  for (p = 0; p < pixels * vectors; p++) acc[p] = c_zero();
  for (ky = taps.ky0; ky < taps.ky1; ky++) {
    for (run = first_run; run < last_run; run++) {
      const int16_t *x = g->input + (corner + ky * row + run * column + first);
      const int8_t *w = weights + (ky * g->runs + run) * run_size + (ptrdiff_t)(first / 2) * PAIR_BYTES;
      i = first;
      if (i % 2 != 0 && i < last) {
        INT8_STEP(c_pair_from(0, x[p * step]))
        i++, x++, w += PAIR_BYTES;
      }
      for (; i + 1 < last; i += 2, x += 2, w += PAIR_BYTES) INT8_STEP(c_pair_of(x + p * step))
      if (i == last) continue;
      if (i + 1 == g->length && something_follows)
        INT8_STEP(c_pair_of(x + p * step))
      else
        INT8_STEP(c_pair_from(x[p * step], 0))
    }
  }
#undef INT8_STEP
  DYBNN_UNROLL
  for (p = 0; p < pixels; p++)
    DYBNN_UNROLL
    for (v = 0; v < vectors; v++) c_store(sums + p * STRIP_CHANNELS + v * C_LANES, acc[p * vectors + v]);
}

/* `pixels` windows, at most C_PIXELS. */
DYBNN_INLINE void int8_tiles(const int8_window *g, const int32_t blocks, int32_t pixels, ptrdiff_t corner, ptrdiff_t step,
                             int8_taps taps, const int8_t *weights, ptrdiff_t block_size, int32_t *sums) {
#define TILE_CASE(n) \
  case n: int8_tile(g, n, blocks, corner, step, taps, weights, block_size, sums); break;
  switch (pixels) {
    TILE_CASE(1)
    TILE_CASE(2)
    TILE_CASE(3)
    TILE_CASE(4)
#if C_PIXELS > 4
    TILE_CASE(5)
    TILE_CASE(6)
#endif
#if C_PIXELS > 6
    TILE_CASE(7)
    TILE_CASE(8)
#endif
  }
#undef TILE_CASE
}

/* Blocks `block` .. block + blocks - 1 of the strip; they read the input channels from `first` on. */
DYBNN_INLINE void int8_blocks(const int8_window *g, const int32_t blocks, int32_t y, int32_t x, int32_t pixels, int32_t block,
                              int32_t first, int32_t *sums) {
  const ptrdiff_t block_size = (ptrdiff_t)g->kernel_h * g->runs * ((g->length + 1) / 2) * PAIR_BYTES;
  const int8_t *weights = g->weights + block * block_size;
  const int32_t top = y * g->stride_h - g->pad_top;
  const ptrdiff_t step = (ptrdiff_t)g->stride_w * g->in_channels;
  const int32_t reach = (g->kernel_w - 1) * g->dilation_w;
  int8_taps taps;
  int32_t p, n;
  int8_clip(top, g->dilation_h, g->kernel_h, g->in_height, &taps.ky0, &taps.ky1);
  for (p = 0; p < pixels; p += n) {
    const int32_t left = (x + p) * g->stride_w - g->pad_left;
    /* Of the pixels left, how many from here on have their whole width inside? */
    const int32_t inside = left >= 0 ? (g->in_width - 1 - reach - left + g->stride_w) / g->stride_w : 0;
    const ptrdiff_t corner = ((ptrdiff_t)top * g->in_width + left) * g->in_channels + first;
    if (inside >= 1) {
      /* Tiles of equal width. */
      const int32_t together = dybnn_min(inside, pixels - p), tiles = (together + C_PIXELS - 1) / C_PIXELS;
      n = (together + tiles - 1) / tiles;
      taps.kx0 = 0;
      taps.kx1 = g->kernel_w;
    } else {
      n = 1;
      int8_clip(left, g->dilation_w, g->kernel_w, g->in_width, &taps.kx0, &taps.kx1);
    }
    int8_tiles(g, blocks, n, corner, step, taps, weights, block_size, sums + p * STRIP_CHANNELS);
  }
}

/* One output channel an input channel: the lanes read as many inputs. */
static void int8_depthwise_strip(const int8_window *g, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count, int32_t *sums) {
  const ptrdiff_t block_size = (ptrdiff_t)g->kernel_h * g->kernel_w * PAIR_BYTES;
  const int32_t top = y * g->stride_h - g->pad_top;
  int8_taps taps;
  int32_t p, ky, kx, i;
  int8_clip(top, g->dilation_h, g->kernel_h, g->in_height, &taps.ky0, &taps.ky1);
  for (p = 0; p < pixels; p++, sums += STRIP_CHANNELS) {
    const int32_t left = (x + p) * g->stride_w - g->pad_left;
    int8_clip(left, g->dilation_w, g->kernel_w, g->in_width, &taps.kx0, &taps.kx1);
    for (i = 0; i < count; i += C_LANES) {
      const int32_t lanes = dybnn_min(count - i, C_LANES);
      const int8_t *weights = g->weights + (c + i) / BLOCK * block_size + (c + i) % BLOCK * 2;
      c_sum acc = c_zero();
      for (ky = taps.ky0; ky < taps.ky1; ky++)
        for (kx = taps.kx0; kx < taps.kx1; kx++) {
          const int16_t *pixel = g->input + ((ptrdiff_t)(top + ky * g->dilation_h) * g->in_width + left + kx * g->dilation_w) *
                                                g->in_channels + c + i;
          acc = c_mac_each(acc, c_load_weights(weights + (ptrdiff_t)(ky * g->kernel_w + kx) * PAIR_BYTES), pixel, lanes);
        }
      c_store(sums + i, acc);
    }
  }
}

DYBNN_INLINE int int8_is_depthwise(const int8_window *g, int32_t channels) {
  return g->conv_groups == g->in_channels && channels == g->in_channels && g->conv_groups > 1;
}

/* Groups whose outputs do not fill blocks have lanes that read different inputs: rare, left to the portable kernel. */
DYBNN_INLINE int int8_is_regular(const int8_window *g, int32_t channels) {
  return g->conv_groups == 1 || channels / g->conv_groups % BLOCK == 0 || int8_is_depthwise(g, channels);
}

static void int8_strip(const int8_window *g, int32_t channels, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                       int32_t *sums) {
  const int32_t inputs = g->in_channels / g->conv_groups, outputs = channels / g->conv_groups;
  const int32_t last = (c + count + BLOCK - 1) / BLOCK;
  int32_t block = c / BLOCK;
  if (int8_is_depthwise(g, channels)) {
    int8_depthwise_strip(g, y, x, pixels, c, count, sums);
    return;
  }
  while (block < last) {
    const int32_t first = block * BLOCK / outputs * inputs;
    int32_t *to = sums + block * BLOCK - c;
    if (last - block >= C_BLOCKS && (block + C_BLOCKS - 1) * BLOCK / outputs * inputs == first) {
      int8_blocks(g, C_BLOCKS, y, x, pixels, block, first, to);
      block += C_BLOCKS;
    } else {
      int8_blocks(g, 1, y, x, pixels, block, first, to);
      block += 1;
    }
  }
}

static void int8_conv2d_rows(const dybnn_int8_conv2d_args *args, int32_t begin, int32_t end) {
  const dybnn_fixed_tail *tail = &args->tail;
  const int8_window g = int8_window_of(args);
  const fixed_plan plan = fixed_plan_of(tail);
  int32_t sums[STRIP_PIXELS * STRIP_CHANNELS] = {0};
  int32_t y, x, c;
  if (!int8_is_regular(&g, tail->channels)) {
    dybnn_int8_conv2d_scalar(args, begin, end);
    return;
  }
  for (y = begin; y < end; y++) {
    dybnn_fixed_tail_border(tail, y, 0, tail->channels);
    for (c = 0; c < tail->channels; c += STRIP_CHANNELS) {
      const int32_t count = dybnn_min(tail->channels - c, STRIP_CHANNELS);
      for (x = 0; x < tail->width; x += STRIP_PIXELS) {
        const int32_t pixels = dybnn_min(tail->width - x, STRIP_PIXELS);
        int8_strip(&g, tail->channels, y, x, pixels, c, count, sums);
        int8_finish(&plan, y, x, pixels, c, count, sums);
      }
    }
  }
}

static void int8_conv2d_float_rows(const dybnn_int8_conv2d_float_args *args, int32_t begin, int32_t end) {
  const dybnn_tail *tail = &args->tail;
  const int8_window g = int8_float_window_of(args);
  int32_t sums[STRIP_PIXELS * STRIP_CHANNELS] = {0};
  int32_t y, x, c;
  if (!int8_is_regular(&g, tail->channels)) {
    dybnn_int8_conv2d_float_scalar(args, begin, end);
    return;
  }
  for (y = begin; y < end; y++) {
    dybnn_tail_border(tail, y, 0, tail->channels);
    for (c = 0; c < tail->channels; c += STRIP_CHANNELS) {
      const int32_t count = dybnn_min(tail->channels - c, STRIP_CHANNELS);
      for (x = 0; x < tail->width; x += STRIP_PIXELS) {
        const int32_t pixels = dybnn_min(tail->width - x, STRIP_PIXELS);
        int8_strip(&g, tail->channels, y, x, pixels, c, count, sums);
        int8_float_finish(tail, y, x, pixels, c, count, sums);
      }
    }
  }
}

#endif
