/* dybnn_bconv2d_avx512.h - binary convolution for AVX-512 [4]; the file that includes it brings the popcount.
 *
 * Output channels in lanes: a vector holds the same word of eight output channels, so a word of activations is broadcast and
 * nothing is ever summed across lanes. A tile is up to 8 pixels of a row by 16 channels: 16 accumulators; each weight vector
 * is loaded once for all pixels, each broadcast serves two vectors, so loads stay far below the arithmetic.
 *
 * Bound: xor, popcount and add are 3 instructions for 512 multiply-accumulates; with two 512-bit units (popcount on one of
 * them) that is 341 a cycle.
 *
 * Blocking: 64 channels (one word of the next packed map, 256 bytes of a pixel) outside, rows, then strips of 16 pixels; the
 * weights of 64 channels are 512 * K bytes (K words a window; at most 72 KiB for 1024 channels and 3x3) and stay in L2 for
 * all rows, those of 16 channels in L1 for a strip. In that order a tile asks L2 for 128 bytes in 24 cycles.
 */
#ifndef DYBNN_BCONV2D_AVX512_H
#define DYBNN_BCONV2D_AVX512_H

#include "dybnn_sets.h"
#include "dybnn_tail_simd.h"

#define TILE_PIXELS 8

/* base - 2 * mismatches of `pixels` windows `step` words apart for 16 channels, as floats. `low` and `high` are the weights of
 * the two halves. base[p] is pixel p's. `pixels` is a constant where this is called. */
DYBNN_INLINE void bconv_tile(const dybnn_bconv2d_args *args, const int32_t pixels, const uint64_t *window, ptrdiff_t step,
                             const uint64_t *low, const uint64_t *high, const int32_t *const *base, __mmask16 present,
                             float *values) {
  popcount_sum sum[2 * TILE_PIXELS];
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  /* Taps of a row that touch in memory are walked as one. */
  const int touching = args->dilation_w == 1;
  const int32_t runs = touching ? 1 : args->kernel_w;
  const int32_t length = touching ? args->kernel_w * args->words : args->words;
  int32_t ky, run, k, p;
  for (p = 0; p < 2 * pixels; p++) popcount_start(&sum[p]);
  for (ky = 0; ky < args->kernel_h; ky++) {
    for (run = 0; run < runs; run++) {
      const uint64_t *a = window + (ptrdiff_t)(ky * args->dilation_h) * args->in_pitch +
                          (ptrdiff_t)(run * args->dilation_w) * args->words;
      for (k = 0; k < length; k++, a++, low += 8, high += 8) {
        const __m512i w0 = _mm512_loadu_si512(low), w1 = _mm512_loadu_si512(high);
        for (p = 0; p < pixels; p++) {
          const __m512i x = _mm512_set1_epi64((long long)a[p * step]);
          popcount_add(&sum[2 * p], _mm512_xor_si512(x, w0));
          popcount_add(&sum[2 * p + 1], _mm512_xor_si512(x, w1));
        }
      }
    }
  }
  for (p = 0; p < pixels; p++) {
    const __m512i m = _mm512_permutex2var_epi32(popcount_end(&sum[2 * p]), even, popcount_end(&sum[2 * p + 1]));
    const __m512i n = _mm512_maskz_loadu_epi32(present, base[p]);
    _mm512_storeu_ps(values + p * STRIP_CHANNELS, _mm512_cvtepi32_ps(_mm512_sub_epi32(n, _mm512_add_epi32(m, m))));
  }
}

/* A strip of `pixels` pixels from (y, x) by channels c .. c + count - 1. */
static void bconv_strip(const dybnn_bconv2d_args *args, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                        float *values) {
  const ptrdiff_t block_words = (ptrdiff_t)8 * args->kernel_h * args->kernel_w * args->words;
  const ptrdiff_t base_channels = (args->tail.channels + 7) / 8 * 8;
  const int32_t *row_base = args->base + args->row_class[y] * args->col_classes * base_channels + c;
  const uint64_t *row = args->input + (ptrdiff_t)(y * args->stride_h) * args->in_pitch;
  const ptrdiff_t step = (ptrdiff_t)args->stride_w * args->words;
  const int32_t tiles = (pixels + TILE_PIXELS - 1) / TILE_PIXELS;
  const int32_t tile_pixels = (pixels + tiles - 1) / tiles;
  int32_t b, p, i;
  for (b = 0; b < count; b += 16) {
    const uint64_t *low = args->weights + (c + b) / 8 * block_words;
    /* Where the second half has no channel the first is counted twice and not used. */
    const uint64_t *high = count - b > 8 ? low + block_words : low;
    const __mmask16 present = count - b > 8 ? 0xffff : 0x00ff;
    for (p = 0; p < pixels; p += tile_pixels) {
      const uint64_t *window = row + (x + p) * step;
      const int32_t n = dybnn_min(tile_pixels, pixels - p);
      const int32_t *base[TILE_PIXELS];
      float *to = values + p * STRIP_CHANNELS + b;
      for (i = 0; i < n; i++) base[i] = row_base + args->col_class[x + p + i] * base_channels + b;
      switch (n) {
        case 1: bconv_tile(args, 1, window, step, low, high, base, present, to); break;
        case 2: bconv_tile(args, 2, window, step, low, high, base, present, to); break;
        case 3: bconv_tile(args, 3, window, step, low, high, base, present, to); break;
        case 4: bconv_tile(args, 4, window, step, low, high, base, present, to); break;
        case 5: bconv_tile(args, 5, window, step, low, high, base, present, to); break;
        case 6: bconv_tile(args, 6, window, step, low, high, base, present, to); break;
        case 7: bconv_tile(args, 7, window, step, low, high, base, present, to); break;
        default: bconv_tile(args, 8, window, step, low, high, base, present, to); break;
      }
    }
  }
}

static void bconv2d_units(const dybnn_bconv2d_args *args, int32_t begin, int32_t end) {
  const dybnn_tail *tail = &args->tail;
  float values[STRIP_PIXELS * STRIP_CHANNELS];
  while (begin < end) {
    const int32_t group = begin / tail->height;
    const int32_t y0 = begin % tail->height;
    const int32_t y1 = dybnn_min(tail->height, y0 + end - begin);
    const int32_t first = group * args->group_channels;
    const int32_t last = dybnn_min(first + args->group_channels, tail->channels);
    int32_t y, x, c;
    for (y = y0; y < y1; y++) dybnn_tail_border(tail, y, first, last);
    for (c = first; c < last; c += STRIP_CHANNELS) {
      const int32_t count = dybnn_min(last - c, STRIP_CHANNELS);
      for (y = y0; y < y1; y++) {
        for (x = 0; x < tail->width; x += STRIP_PIXELS) {
          const int32_t pixels = dybnn_min(tail->width - x, STRIP_PIXELS);
          bconv_strip(args, y, x, pixels, c, count, values);
          tail_strip(tail, y, x, pixels, c, count, values, STRIP_CHANNELS);
        }
      }
    }
    begin += y1 - y0;
  }
}

#endif
