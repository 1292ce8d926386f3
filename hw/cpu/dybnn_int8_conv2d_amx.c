/* dybnn_int8_conv2d_amx.c - convolution of an int16 map with weights of 8 bits on the matrix unit (AMX-INT8) [14].
 *
 * An int16 is 256 times a signed byte plus an unsigned one. TDPBSSD multiplies the first by weights, TDPBUSD the second, each 16 pixels
 * x 64 taps x 16 outputs in 16 cycles: 512 multiply-accumulates a cycle, where VNNI makes 64. Their sums are exact and 256 times the
 * one plus the other is the sum [14.1].
 *
 * Two planes hold the rows of the input under a row of the output, high bytes and low bytes, column by column:
 * [column][slot][channel]. So a window is one piece of memory, whatever the kernel's shape, and a tile of pixels is loaded from where
 * it lies. A new row takes the slot of one that is no longer needed; then the window's rows begin in another slot, for which there
 * are weights in another order. Weights go to tiles once a call. Maps of few channels, such as pictures, have their rows taken two at
 * a time, to slots side by side: a column of both is one store.
 */
#include "dybnn_fixed_sets.h"
#include "dybnn_targets.h"

#if DYBNN_AMX

#include <immintrin.h>

#include "dybnn_amx_vnni_begin.h"

#include "dybnn_amx_tiles.h"

#define H_VNNI 1
#include "dybnn_simd_avx512.h"
#include "dybnn_fixed_simd_avx512.h"

#include "dybnn_int8_finish.h"

#define BLOCK 16 /* outputs of a tile of weights */
#define STRIP_BLOCKS (STRIP_CHANNELS / BLOCK)
#define TILE (16 * LINE)
#define MOST_TILES 64              /* of weights: 64 KiB of stack */
#define MOST_PLANE_BYTES (1 << 15) /* of each of two */
/* Of a pixel's products, and pixels: below, making tiles and planes takes longer than it saves. */
#define LEAST_PRODUCTS 2048
#define LEAST_PIXELS 32

/* How windows lie in a plane. */
typedef struct plane_shape {
  int32_t in_pairs; /* are rows taken two at a time? */
  int32_t slots;    /* rows that there is room for, a power of two; more than a window's where rows are taken in pairs */
  int32_t shift;    /* of all slots, with which new rows of stride 2 begin a pair; see slot_of */
  int32_t slot;     /* bytes: the channels of a column in a row, in fours */
  int32_t column;   /* bytes of all slots */
  int32_t columns;  /* of the input, its border with it, and so many more that rows by 16 and tiles may reach past them */
  int32_t steps;    /* tiles of a window */
  int32_t orders;   /* of slots, in which a window's rows may lie */
} plane_shape;

DYBNN_INLINE plane_shape plane_shape_of(const int8_window *g, int32_t width) {
  const int32_t last_strip = (width + STRIP_PIXELS - 1) / STRIP_PIXELS * STRIP_PIXELS - 1;
  plane_shape s;
  s.in_pairs = g->in_channels <= 4;
  s.shift = s.in_pairs ? g->kernel_h % 2 : 0;
  s.slots = 1;
  while (s.slots < g->kernel_h + s.in_pairs) s.slots *= 2;
  s.slot = (g->in_channels + 3) / 4 * 4;
  s.column = s.slots * s.slot;
  s.steps = (g->kernel_w * s.column + LINE - 1) / LINE;
  s.columns = dybnn_max(last_strip * g->stride_w + (s.steps * LINE + s.column - 1) / s.column,
                        g->pad_left + (g->in_width + 15) / 16 * 16);
  s.orders = 1;
  while (s.orders * g->stride_h % s.slots != 0) s.orders++;
  return s;
}

/* What plane_shape_of counts fits an int32_t, and pieces of four channels lie in two pairs of the weights. */
DYBNN_INLINE int is_usual(const int8_window *g) {
  return g->conv_groups == 1 && g->runs == 1 && g->dilation_h == 1 && (g->in_channels < 4 || g->in_channels % 2 == 0) &&
         g->in_channels <= 1024 && g->in_width <= MOST_PLANE_BYTES && g->kernel_h <= 16 && g->kernel_w <= 16 && g->stride_h <= 16 &&
         g->stride_w <= 16 && g->pad_left <= 16;
}

DYBNN_INLINE int tiles_fit(const int8_window *g, int32_t rows, int32_t width, int32_t channels) {
  plane_shape s;
  if (!is_usual(g) || rows * width < LEAST_PIXELS || (int64_t)g->kernel_h * g->length * channels < LEAST_PRODUCTS) return 0;
  s = plane_shape_of(g, width);
  return s.columns * s.column <= MOST_PLANE_BYTES && STRIP_BLOCKS * s.steps * s.orders <= MOST_TILES;
}

/* The weights of `blocks` blocks for windows whose first row lies in slot `first`: two pairs of taps of sixteen outputs lie one after
 * the other; in a tile the four of one output are side by side. */
static void take_weights(const int8_window *g, const plane_shape *s, int32_t block, int32_t blocks, int32_t first,
                         unsigned char *tiles) {
  /* Where the four of output 0 are among two pairs of 32 bytes, of the others two bytes further each. */
  const __m512i output = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                            _mm512_set1_epi32(0x02020202));
  const __m512i even = _mm512_or_si512(output, _mm512_set1_epi32(0x21200100));
  const __m512i odd = _mm512_or_si512(output, _mm512_set1_epi32(0x00212001));
  const int32_t pairs = (g->length + 1) / 2;
  int32_t i, ky, kx, c;
  for (i = 0; i < blocks; i++, tiles += s->steps * TILE) {
    const int8_t *from = g->weights + (ptrdiff_t)(block + i) * g->kernel_h * pairs * 2 * BLOCK;
    for (ky = 0; ky < g->kernel_h; ky++, from += pairs * 2 * BLOCK)
      for (kx = 0; kx < g->kernel_w; kx++)
        for (c = 0; c < g->in_channels; c += 4) {
          const int32_t tap = kx * g->in_channels + c, at = kx * s->column + (first + ky) % s->slots * s->slot + c;
          const __m512i two = _mm512_maskz_loadu_epi32(pairs - tap / 2 > 1 ? 0xffff : 0xff, from + tap / 2 * 2 * BLOCK);
          const __mmask64 present = 0x1111111111111111u * ((1u << dybnn_min(g->in_channels - c, 4)) - 1u);
          _mm512_store_si512(tiles + at / LINE * TILE + at % LINE / 4 * LINE,
                             _mm512_maskz_permutexvar_epi8(present, tap % 2 ? odd : even, two));
        }
  }
}

typedef unsigned char plane[MOST_PLANE_BYTES];

/* The slot of row y of the input, which may lie in the border above it. */
DYBNN_INLINE int32_t slot_of(const int8_window *g, const plane_shape *s, int32_t y) { return (y + g->pad_top + s->shift) % s->slots; }

/* Where the low bytes of sixteen columns of up to four channels are among 64 values. */
DYBNN_INLINE __m512i places_of(int32_t channels) {
  unsigned char places[LINE];
  int32_t i;
  for (i = 0; i < LINE; i++) places[i] = (unsigned char)(2 * (i / 4 * channels + dybnn_min(i % 4, channels - 1)));
  return _mm512_loadu_si512(places);
}

/* Sixteen columns of two rows, `first` and `second`, `step` bytes apart. */
DYBNN_INLINE void put_columns(__m512i first, __m512i second, ptrdiff_t step, unsigned char *to) {
  const __m512i two[2] = {_mm512_unpacklo_epi32(first, second), _mm512_unpackhi_epi32(first, second)};
  int32_t i;
  DYBNN_UNROLL
  for (i = 0; i < 2; i++, to += 2 * step) {
    const __m128i quarter[4] = {_mm512_maskz_extracti32x4_epi32(15, two[i], 0), _mm512_maskz_extracti32x4_epi32(15, two[i], 1),
                                _mm512_maskz_extracti32x4_epi32(15, two[i], 2), _mm512_maskz_extracti32x4_epi32(15, two[i], 3)};
    int32_t k;
    DYBNN_UNROLL
    for (k = 0; k < 4; k++) {
      _mm_storel_epi64((__m128i *)(void *)(to + 4 * k * step), quarter[k]);
      _mm_storeh_pd((double *)(void *)(to + (4 * k + 1) * step), _mm_castsi128_pd(quarter[k]));
    }
  }
}

/* Rows y and y + 1 of the input to their slots, y's even; above and below the map are zeros, and so is what follows the last column. */
static void take_pair(const int8_window *g, const plane_shape *s, int32_t y, unsigned char *high, unsigned char *low) {
  const ptrdiff_t at = slot_of(g, s, y) * s->slot + g->pad_left * s->column;
  const __m512i places = places_of(g->in_channels), one = _mm512_set1_epi8(1);
  const int32_t values = g->in_width * g->in_channels;
  int32_t i, x, k;
  for (i = x = 0; i < values; i += 16 * g->in_channels, x += 16) {
    __m512i lows[2], highs[2];
    DYBNN_UNROLL
    for (k = 0; k < 2; k++) {
      const int inside = y + k >= 0 && y + k < g->in_height;
      const int16_t *from = inside ? g->input + (ptrdiff_t)(y + k) * values + i : g->input;
      const int32_t count = inside ? dybnn_min(values - i, 16 * g->in_channels) : 0, more = dybnn_max(count - 32, 0);
      const h_vec a = h_load_first(from, count), b = h_load_first(more ? from + 32 : from, more);
      lows[k] = _mm512_permutex2var_epi8(a, places, b);
      highs[k] = _mm512_permutex2var_epi8(a, _mm512_or_si512(places, one), b);
    }
    put_columns(lows[0], lows[1], s->column, low + at + x * s->column);
    put_columns(highs[0], highs[1], s->column, high + at + x * s->column);
  }
}

/* Row y alone. */
static void take_row(const int8_window *g, const plane_shape *s, int32_t y, unsigned char *high, unsigned char *low) {
  const ptrdiff_t at = slot_of(g, s, y) * s->slot + g->pad_left * s->column;
  const int inside = y >= 0 && y < g->in_height;
  const int16_t *row = inside ? g->input + (ptrdiff_t)y * g->in_width * g->in_channels : g->input;
  int32_t x, c;
  for (x = 0; x < g->in_width; x++)
    for (c = 0; c < g->in_channels; c += 32) {
      const int32_t count = dybnn_min(g->in_channels - c, 32);
      const h_vec v = h_load_first(row, inside ? count : 0);
      _mm512_mask_cvtepi16_storeu_epi8(low + at + x * s->column + c, h_first(count), v);
      _mm512_mask_cvtepi16_storeu_epi8(high + at + x * s->column + c, h_first(count), _mm512_srli_epi16(v, 8));
      if (inside) row += count;
    }
}

/* Rows y .. past - 1; the answer is the next that has no slot yet. */
static int32_t take_rows(const int8_window *g, const plane_shape *s, int32_t y, int32_t past, unsigned char *high, unsigned char *low) {
  if (s->in_pairs) {
    for (y -= slot_of(g, s, y) % 2; y < past; y += 2) take_pair(g, s, y, high, low);
  } else {
    for (; y < past; y++) take_row(g, s, y, high, low);
  }
  return y;
}

/* Sums of a strip for one or two blocks of outputs. The windows begin at high and low, `step` bytes apart. */
DYBNN_INLINE void multiply_blocks(const int32_t blocks, const unsigned char *high, const unsigned char *low, size_t step, int32_t steps,
                                  const unsigned char *weights, int32_t pixels, int32_t *sums) {
  int32_t halves[4][STRIP_PIXELS * BLOCK] __attribute__((aligned(64)));
  int32_t k, i, p;
  TILE_MEMORY_BARRIER();
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (k = 0; k < steps; k++, high += LINE, low += LINE, weights += TILE) {
    _tile_loadd(4, high, step);
    _tile_loadd(5, low, step);
    _tile_loadd(6, weights, LINE);
    _tile_dpbssd(0, 4, 6);
    _tile_dpbusd(1, 5, 6);
    if (blocks > 1) {
      _tile_loadd(7, weights + steps * TILE, LINE);
      _tile_dpbssd(2, 4, 7);
      _tile_dpbusd(3, 5, 7);
    }
  }
  _tile_stored(0, halves[0], LINE);
  _tile_stored(1, halves[1], LINE);
  _tile_stored(2, halves[2], LINE);
  _tile_stored(3, halves[3], LINE);
  TILE_MEMORY_BARRIER();
  for (p = 0; p < pixels; p++, sums += STRIP_CHANNELS)
    DYBNN_UNROLL
    for (i = 0; i < blocks; i++) {
      const __m512i upper = _mm512_load_si512(halves[2 * i] + p * BLOCK), lower = _mm512_load_si512(halves[2 * i + 1] + p * BLOCK);
      _mm512_storeu_si512(sums + i * BLOCK, _mm512_add_epi32(_mm512_maskz_slli_epi32(0xffff, upper, 8), lower));
    }
}

/* What takes a strip's sums; `end` is its own. */
typedef void strip_end(const void *end, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count, const int32_t *sums);

/* Rows begin .. end - 1 of `channels` channels: for as many of these as there is room for tiles, row after row, strip after strip. */
DYBNN_INLINE void by_tiles(const int8_window *g, int32_t width, int32_t channels, int32_t begin, int32_t end, strip_end *finish,
                           const void *arg) {
  const plane_shape s = plane_shape_of(g, width);
  const int32_t together = MOST_TILES / (STRIP_BLOCKS * s.steps * s.orders) * STRIP_CHANNELS;
  unsigned char weights[MOST_TILES * TILE] __attribute__((aligned(64)));
  plane high __attribute__((aligned(64))), low __attribute__((aligned(64)));
  int32_t sums[STRIP_PIXELS * STRIP_CHANNELS];
  int32_t first, y, x, c, i;
  memset(high, 0, (size_t)(s.columns * s.column));
  memset(low, 0, (size_t)(s.columns * s.column));
  load_tile_config(16, 7);
  for (first = 0; first < channels; first += together) {
    const int32_t last = dybnn_min(first + together, channels), blocks = (last - first + BLOCK - 1) / BLOCK;
    int32_t row = begin * g->stride_h - g->pad_top; /* of the input: the next that has no slot yet */
    memset(weights, 0, (size_t)(s.orders * blocks * s.steps * TILE));
    for (i = 0; i < s.orders; i++)
      take_weights(g, &s, first / BLOCK, blocks, (i * g->stride_h + s.shift) % s.slots, weights + i * blocks * s.steps * TILE);
    for (y = begin; y < end; y++) {
      const unsigned char *order = weights + y % s.orders * blocks * s.steps * TILE;
      const int32_t top = y * g->stride_h - g->pad_top;
      row = take_rows(g, &s, dybnn_max(row, top), top + g->kernel_h, high, low);
      for (x = 0; x < width; x += STRIP_PIXELS) {
        const int32_t pixels = dybnn_min(width - x, STRIP_PIXELS);
        const ptrdiff_t at = (ptrdiff_t)x * g->stride_w * s.column;
        const size_t step = (size_t)(g->stride_w * s.column);
        const unsigned char *tiles = order;
        for (c = first; c < last; c += STRIP_CHANNELS) {
          const int32_t count = dybnn_min(last - c, STRIP_CHANNELS);
          for (i = 0; i + BLOCK < count; i += 2 * BLOCK, tiles += 2 * s.steps * TILE)
            multiply_blocks(2, high + at, low + at, step, s.steps, tiles, pixels, sums + i);
          if (i < count) {
            multiply_blocks(1, high + at, low + at, step, s.steps, tiles, pixels, sums + i);
            tiles += s.steps * TILE;
          }
          finish(arg, y, x, pixels, c, count, sums);
        }
      }
    }
  }
  _tile_release();
}

static void finish_fixed(const void *end, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count, const int32_t *sums) {
  int8_finish((const fixed_plan *)end, y, x, pixels, c, count, sums);
}

void dybnn_int8_conv2d_amx(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_int8_conv2d_args *args = (const dybnn_int8_conv2d_args *)arguments;
  const dybnn_fixed_tail *tail = &args->tail;
  const int8_window g = int8_window_of(args);
  const fixed_plan plan = fixed_plan_of(tail);
  int32_t y;
  if (!tiles_fit(&g, end - begin, tail->width, tail->channels)) {
    dybnn_int8_conv2d_avx512_vnni(args, begin, end);
    return;
  }
  for (y = begin; y < end; y++) dybnn_fixed_tail_border(tail, y, 0, tail->channels);
  by_tiles(&g, tail->width, tail->channels, begin, end, finish_fixed, &plan);
}

static void finish_float(const void *end, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count, const int32_t *sums) {
  int8_float_finish((const dybnn_tail *)end, y, x, pixels, c, count, sums);
}

void dybnn_int8_conv2d_float_amx(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_int8_conv2d_float_args *args = (const dybnn_int8_conv2d_float_args *)arguments;
  const dybnn_tail *tail = &args->tail;
  const int8_window g = int8_float_window_of(args);
  int32_t y;
  if (!tiles_fit(&g, end - begin, tail->width, tail->channels)) {
    dybnn_int8_conv2d_float_avx512_vnni(args, begin, end);
    return;
  }
  for (y = begin; y < end; y++) dybnn_tail_border(tail, y, 0, tail->channels);
  by_tiles(&g, tail->width, tail->channels, begin, end, finish_float, tail);
}

#include "dybnn_target_end.h"

#else
DYBNN_NOTHING_HERE(int8_conv2d_amx);
#endif
