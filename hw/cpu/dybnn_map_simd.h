/* dybnn_map_simd.h - passes over maps with channels in lanes: elementwise, pool, the end of a global average pool.
 *
 * All of them move more than they compute: the bound is the bandwidth of the cache the map is in. So each value is loaded
 * once, and a map that needs no function goes from its own memory into the tail, with no copy between.
 */
#ifndef DYBNN_MAP_SIMD_H
#define DYBNN_MAP_SIMD_H

#include "dybnn_functions_simd.h"
#include "dybnn_tail_simd.h"

#define POOL_VECTORS (32 / V_LANES)

DYBNN_INLINE uint64_t binarize_lanes(const float *from, const float *threshold, const int gt) {
  const v_float v = v_load(from), t = v_load(threshold);
  return v_bits(gt ? v_gt(v, t) : v_ge(v, t));
}

/* One word: `count` channels, a constant and a multiple of V_LANES. */
DYBNN_INLINE void binarize_word(const float *from, const float *threshold, const int32_t count, const int gt, uint64_t *to) {
  uint64_t word = 0;
  int32_t i;
  DYBNN_UNROLL
  for (i = 0; i < count; i += V_LANES) word |= binarize_lanes(from + i, threshold + i, gt) << i;
  *to = word;
}

/* The same of a count that is not known before it runs, which nothing can unroll. */
DYBNN_INLINE void binarize_part(const float *from, const float *threshold, int32_t count, const int gt, uint64_t *to) {
  uint64_t word = 0;
  int32_t i;
  for (i = 0; i < count; i += V_LANES) word |= binarize_lanes(from + i, threshold + i, gt) << i;
  *to = word;
}

/* The pass of a dynamic threshold: nothing but bits. Pixel by pixel, so that the map is read as one stream; the thresholds of
 * all channels stay in L1. What the loop needs is in variables of its own: a store of bits might change the tail, for all the
 * compiler knows. */
DYBNN_INLINE void binarize_row(const dybnn_map_args *args, int32_t y, const int gt) {
  const dybnn_tail *tail = &args->tail;
  const int32_t width = tail->width, channels = tail->channels, whole = channels / 64 * 64;
  const float *const threshold = tail->threshold;
  const float *from = args->input + (ptrdiff_t)y * width * channels;
  uint64_t *to = tail->bits + (ptrdiff_t)(y + tail->border_top) * tail->bits_pitch +
                 (ptrdiff_t)tail->border_left * dybnn_words(channels);
  int32_t x, c;
  for (x = 0; x < width; x++, from += channels) {
    for (c = 0; c < whole; c += 64) binarize_word(from + c, threshold + c, 64, gt, to++);
    if (channels - whole == 32)
      binarize_word(from + c, threshold + c, 32, gt, to++);
    else if (channels > whole)
      binarize_part(from + c, threshold + c, channels - whole, gt, to++);
  }
}

DYBNN_INLINE int only_binarizes(const dybnn_map_args *args) {
  const dybnn_tail *tail = &args->tail;
  return args->function == DYBNN_NONE && tail->bits && tail->channels % V_LANES == 0 && !tail->scale && !tail->bias &&
         !tail->shortcut && !tail->prelu_slope && !tail->out && !tail->row_sums;
}

static void map_rows(const dybnn_map_args *args, int32_t begin, int32_t end) {
  const dybnn_tail *tail = &args->tail;
  float values[STRIP_PIXELS * STRIP_CHANNELS];
  int32_t y, x, c, p, i;
  for (y = begin; y < end; y++) {
    dybnn_tail_border(tail, y, 0, tail->channels);
    if (only_binarizes(args)) {
      if (tail->threshold_gt)
        binarize_row(args, y, 1);
      else
        binarize_row(args, y, 0);
      continue;
    }
    for (x = 0; x < tail->width; x += STRIP_PIXELS) {
      const int32_t pixels = dybnn_min(tail->width - x, STRIP_PIXELS);
      for (c = 0; c < tail->channels; c += STRIP_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, STRIP_CHANNELS);
        const float *from = args->input + ((ptrdiff_t)y * tail->width + x) * tail->channels + c;
        if (args->function == DYBNN_NONE) {
          tail_strip(tail, y, x, pixels, c, count, from, tail->channels);
          continue;
        }
        for (p = 0; p < pixels; p++, from += tail->channels)
          for (i = 0; i < count; i += V_LANES) {
            const v_float v = count - i >= V_LANES ? v_load(from + i) : v_load_first(from + i, count - i);
            v_store(values + p * STRIP_CHANNELS + i, v_apply(args->function, args->alpha, args->beta, v));
          }
        tail_strip(tail, y, x, pixels, c, count, values, STRIP_CHANNELS);
      }
    }
  }
}

/* The average of one vector of channels of one window [6]. */
DYBNN_INLINE v_float pool_average(const dybnn_pool_args *args, int32_t y0, int32_t y1, int32_t x0, int32_t x1, int32_t c,
                                 int32_t lanes, float k) {
  const int full = lanes == V_LANES;
  const ptrdiff_t row = (ptrdiff_t)args->in_width * args->channels;
  const float *at = args->input + y0 * row + (ptrdiff_t)x0 * args->channels + c;
  v_float result = v_all(0.0f);
  int32_t y, x;
  for (y = y0; y < y1; y++, at += row) {
    v_float sum = v_all(0.0f);
    for (x = 0; x < x1 - x0; x++) {
      const float *pixel = at + (ptrdiff_t)x * args->channels;
      sum = v_add(sum, full ? v_load(pixel) : v_load_first(pixel, lanes));
    }
    result = v_add(result, sum);
  }
  return v_mul(result, v_all(k));
}

/* The maximum of one window, some vectors of `lanes` channels side by side: every tap is an address and as many maxima. vectors is a
 * constant where this is called, lanes V_LANES where there are several. */
DYBNN_INLINE void pool_max(const float *at, ptrdiff_t pixel, ptrdiff_t row, int32_t rows, int32_t columns, const int32_t vectors,
                           const int32_t lanes, float *to) {
  const int full = lanes == V_LANES;
  v_float most[POOL_VECTORS];
  int32_t y, x, i;
  DYBNN_UNROLL
  for (i = 0; i < vectors; i++) most[i] = full ? v_load(at + i * V_LANES) : v_load_first(at, lanes);
  for (y = 0; y < rows; y++, at += row) {
    const float *z = at;
    for (x = 0; x < columns; x++, z += pixel)
      DYBNN_UNROLL
      for (i = 0; i < vectors; i++) most[i] = v_greater(full ? v_load(z + i * V_LANES) : v_load_first(z, lanes), most[i]);
  }
  DYBNN_UNROLL
  for (i = 0; i < vectors; i++) v_store(to + i * V_LANES, most[i]);
}

/* One pixel of a 2x2 average, which lies whole inside: no loops, and the zeros of [6.1] as in tail_pooled. */
DYBNN_INLINE void pool_four(const float *at, ptrdiff_t pixel, ptrdiff_t row, int32_t count, float k, float *to) {
  const v_float factor = v_all(k), zero = v_all(0.0f);
  int32_t i;
  for (i = 0; i < count; i += V_LANES) {
    const float *z = at + i;
    const v_float top = v_add(v_load(z), v_load(z + pixel)), bottom = v_add(v_load(z + row), v_load(z + row + pixel));
    v_store(to + i, v_mul(v_add(v_add(top, bottom), zero), factor));
  }
}

static void pool_rows(const dybnn_pool_args *args, int32_t begin, int32_t end) {
  const dybnn_tail *tail = &args->tail;
  const ptrdiff_t row = (ptrdiff_t)args->in_width * args->channels;
  float values[STRIP_PIXELS * STRIP_CHANNELS];
  int32_t y, x, c, p, i;
  for (y = begin; y < end; y++) {
    const int32_t top = y * args->stride_h - args->pad_top;
    const int32_t y0 = dybnn_max(top, 0), y1 = dybnn_min(top + args->kernel_h, args->in_height);
    dybnn_tail_border(tail, y, 0, tail->channels);
    for (x = 0; x < tail->width; x += STRIP_PIXELS) {
      const int32_t pixels = dybnn_min(tail->width - x, STRIP_PIXELS);
      for (c = 0; c < tail->channels; c += STRIP_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, STRIP_CHANNELS);
        for (p = 0; p < pixels; p++) {
          const int32_t left = (x + p) * args->stride_w - args->pad_left;
          const int32_t x0 = dybnn_max(left, 0), x1 = dybnn_min(left + args->kernel_w, args->in_width);
          const float k = args->reciprocal ? args->reciprocal[(y1 - y0) * (x1 - x0)] : args->multiplier;
          const float *at = args->input + y0 * row + (ptrdiff_t)x0 * args->channels + c;
          float *to = values + p * STRIP_CHANNELS;
          if (args->is_max) {
            for (i = 0; i + POOL_VECTORS * V_LANES <= count; i += POOL_VECTORS * V_LANES)
              pool_max(at + i, args->channels, row, y1 - y0, x1 - x0, POOL_VECTORS, V_LANES, to + i);
            for (; i < count; i += V_LANES)
              pool_max(at + i, args->channels, row, y1 - y0, x1 - x0, 1, dybnn_min(count - i, V_LANES), to + i);
          } else if (y1 - y0 == 2 && x1 - x0 == 2 && count % V_LANES == 0) {
            pool_four(at, args->channels, row, count, k, to);
          } else {
            for (i = 0; i < count; i += V_LANES)
              v_store(to + i, pool_average(args, y0, y1, x0, x1, c + i, dybnn_min(count - i, V_LANES), k));
          }
        }
        tail_strip(tail, y, x, pixels, c, count, values, STRIP_CHANNELS);
      }
    }
  }
}

static void gap_blocks(const dybnn_gap_args *args, int32_t begin, int32_t end) {
  const int32_t last = dybnn_min(end * 16, args->channels);
  int32_t c, y;
  for (c = begin * 16; c < last; c += V_LANES) {
    const int32_t lanes = dybnn_min(last - c, V_LANES);
    const float *at = args->row_sums + c;
    v_float sum = v_all(0.0f);
    for (y = 0; y < args->rows; y++, at += args->channels)
      sum = v_add(sum, lanes == V_LANES ? v_load(at) : v_load_first(at, lanes));
    sum = v_mul(sum, v_all(args->multiplier));
    if (lanes == V_LANES)
      v_store(args->output + c, sum);
    else
      v_store_first(args->output + c, lanes, sum);
  }
}

#endif
