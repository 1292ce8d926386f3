/* dybnn_tail_simd.h - dybnn_tail over vectors of channels; the arithmetic of dybnn_tail.h, lane by lane.
 *
 * In: values of a strip (some pixels of one row by at most 64 channels) in L1. Out: map, row sums, packed words. Per vector, or
 * V_TAIL_VECTORS of them at once where one would wait for its row sum, the constants of its channels are loaded once and stay in
 * registers while the pixels go by; a value is loaded once and every step happens before it is stored.
 *
 * A step that is left out becomes its identity where that has the same bits: v * 1, v + (-0), v - (+0) are v for every v, -0
 * included. v > t is v >= the next float above t. So few forms of the loop remain, each without a branch but for the store.
 */
#ifndef DYBNN_TAIL_SIMD_H
#define DYBNN_TAIL_SIMD_H

#include "dybnn_strip.h"
#include "dybnn_tail.h"

DYBNN_INLINE v_float tail_constant(const float *values, int32_t c, int32_t lanes, float absent) {
  if (!values) return v_all(absent);
  return lanes == V_LANES ? v_load(values + c) : v_load_first(values + c, lanes);
}

/* The pooled shortcut of dybnn_tail_shortcut: ((0 + r0) + r1) / 4. Its zeros only matter for four -0, so one at the end does. */
DYBNN_INLINE v_float tail_pooled(const float *z, ptrdiff_t pixel, ptrdiff_t row, int32_t lanes) {
  v_float a, b, c, d;
  if (lanes == V_LANES) {
    a = v_load(z), b = v_load(z + pixel), c = v_load(z + row), d = v_load(z + row + pixel);
  } else {
    a = v_load_first(z, lanes), b = v_load_first(z + pixel, lanes);
    c = v_load_first(z + row, lanes), d = v_load_first(z + row + pixel, lanes);
  }
  return v_mul(v_add(v_add(v_add(a, b), v_add(c, d)), v_all(0.0f)), v_all(0.25f));
}

/* What one vector of channels keeps in registers while the pixels go by. */
typedef struct tail_lanes {
  v_float scale, bias, gamma, bend, slope, zeta, threshold, sum;
  const float *shortcut;
} tail_lanes;

/* Channels c .. c + lanes - 1 from pixel x of row y on. */
DYBNN_INLINE tail_lanes tail_lanes_of(const dybnn_tail *tail, int32_t y, int32_t x, int32_t c, const int32_t lanes, const int shortcut,
                                      const int prelu, const int bits) {
  const float *sums = tail->row_sums ? tail->row_sums + (ptrdiff_t)y * tail->channels + c : NULL;
  const ptrdiff_t z_row = (ptrdiff_t)(shortcut == 2 ? tail->shortcut_width : tail->width) * tail->shortcut_channels;
  tail_lanes of;
  of.scale = tail_constant(tail->scale, c, lanes, 1.0f);
  of.bias = tail_constant(tail->bias, c, lanes, -0.0f);
  of.gamma = of.bend = of.slope = of.zeta = of.threshold = of.sum = v_all(0.0f);
  of.shortcut = NULL;
  if (prelu) {
    of.gamma = tail_constant(tail->prelu_gamma, c, lanes, 0.0f);
    of.bend = tail->prelu_ge ? of.gamma : v_next_above(of.gamma);
    of.slope = tail_constant(tail->prelu_slope, c, lanes, 1.0f);
    of.zeta = tail_constant(tail->prelu_zeta, c, lanes, -0.0f);
  }
  if (bits) {
    of.threshold = tail_constant(tail->threshold, c, lanes, 0.0f);
    if (tail->threshold_gt) of.threshold = v_next_above(of.threshold);
  }
  if (shortcut)
    of.shortcut = tail->shortcut + shortcut * (y * z_row + (ptrdiff_t)x * tail->shortcut_channels) + c % tail->shortcut_channels;
  if (sums && x > 0) of.sum = lanes == V_LANES ? v_load(sums) : v_load_first(sums, lanes);
  return of;
}

/* Some vectors of channels of the strip, side by side: channels c .. c + lanes - 1, then as many more, pixels x .. x + pixels - 1 of
 * row y. values[p * stride] is pixel p's first; words[p] takes the bits. `lanes` is V_LANES at all but the last vector of a map, which
 * comes alone. vectors, shortcut (0, 1, 2: its pool), prelu and bits are constants where this is called. */
DYBNN_INLINE void tail_block(const dybnn_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, const int32_t vectors,
                             const int32_t lanes, const float *values, ptrdiff_t stride, uint64_t *words, const int shortcut,
                             const int prelu, const int bits) {
  const int full = lanes == V_LANES;
  const ptrdiff_t channels = tail->channels;
  float *out = tail->out ? tail->out + ((ptrdiff_t)y * tail->width + x) * channels + c : NULL;
  float *sums = tail->row_sums ? tail->row_sums + (ptrdiff_t)y * channels + c : NULL;
  const ptrdiff_t z_pixel = tail->shortcut_channels;
  const ptrdiff_t z_row = (ptrdiff_t)tail->shortcut_width * z_pixel;
  tail_lanes of[V_TAIL_VECTORS];
  int32_t p, i;
  DYBNN_UNROLL
  for (i = 0; i < V_TAIL_VECTORS; i++) /* where vectors is 1 the second is the first again, and not used */
    of[i] = tail_lanes_of(tail, y, x, i < vectors ? c + i * V_LANES : c, lanes, shortcut, prelu, bits);
  for (p = 0; p < pixels; p++) {
    DYBNN_UNROLL
    for (i = 0; i < vectors; i++) {
      v_float v = full ? v_load(values + i * V_LANES) : v_load_first(values, lanes);
      v = v_add(v_mul(v, of[i].scale), of[i].bias);
      if (shortcut == 1) v = v_add(v, full ? v_load(of[i].shortcut) : v_load_first(of[i].shortcut, lanes));
      if (shortcut == 2) v = v_add(v, tail_pooled(of[i].shortcut, z_pixel, z_row, lanes));
      if (shortcut) of[i].shortcut += shortcut * z_pixel;
      if (prelu) v = v_add(v_bend(v_ge(v, of[i].bend), v_sub(v, of[i].gamma), of[i].slope), of[i].zeta);
      if (out) {
        if (full)
          v_store(out + i * V_LANES, v);
        else
          v_store_first(out, lanes, v);
      }
      of[i].sum = v_add(of[i].sum, v);
      if (bits) {
        v_mask plus = v_ge(v, of[i].threshold);
        if (!full) plus = v_and(plus, v_first(lanes));
        v_put_bits(words + p, (c + i * V_LANES) % 64, plus);
      }
    }
    values += stride;
    if (out) out += channels;
  }
  DYBNN_UNROLL
  for (i = 0; i < vectors; i++)
    if (sums) {
      if (full)
        v_store(sums + i * V_LANES, of[i].sum);
      else
        v_store_first(sums, lanes, of[i].sum);
    }
}

DYBNN_INLINE void tail_vectors(const dybnn_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                               const float *values, ptrdiff_t stride, uint64_t *words, const int shortcut, const int prelu,
                               const int bits) {
  int32_t i = 0;
  for (; i + V_TAIL_VECTORS * V_LANES <= count; i += V_TAIL_VECTORS * V_LANES)
    tail_block(tail, y, x, pixels, c + i, V_TAIL_VECTORS, V_LANES, values + i, stride, words, shortcut, prelu, bits);
#if V_TAIL_VECTORS > 1
  for (; i + V_LANES <= count; i += V_LANES)
    tail_block(tail, y, x, pixels, c + i, 1, V_LANES, values + i, stride, words, shortcut, prelu, bits);
#endif
  if (i < count) tail_block(tail, y, x, pixels, c + i, 1, count - i, values + i, stride, words, shortcut, prelu, bits);
}

/* From 1 MiB on a map is taken to lie beyond L2, and its lines are asked for before the arithmetic. */
DYBNN_INLINE int tail_is_far(const dybnn_tail *tail) {
  const ptrdiff_t far_floats = (ptrdiff_t)1 << 18, pixels = (ptrdiff_t)tail->height * tail->width;
  return (tail->out && pixels * tail->channels >= far_floats) ||
         (tail->shortcut && pixels * tail->shortcut_pool * tail->shortcut_pool * tail->shortcut_channels >= far_floats);
}

/* Asks for the lines a strip will read and write, ahead of the arithmetic that comes before its tail; in the order of their
 * addresses, which the tail itself does not keep, so that the processor goes on asking by itself. */
DYBNN_INLINE void tail_prefetch(const dybnn_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count) {
  const ptrdiff_t pixel = (ptrdiff_t)y * tail->width + x;
  int32_t p, i, row;
  if (tail->out && tail->out != tail->shortcut)
    for (p = 0; p < pixels; p++)
      for (i = 0; i < count; i += 16) DYBNN_PREFETCH_WRITE(tail->out + (pixel + p) * tail->channels + c + i);
  if (tail->shortcut) {
    const ptrdiff_t channels = tail->shortcut_channels;
    const ptrdiff_t first = tail->shortcut_pool == 1 ? pixel : (ptrdiff_t)2 * y * tail->shortcut_width + 2 * x;
    for (row = 0; row < tail->shortcut_pool; row++) {
      const float *from = tail->shortcut + (first + (ptrdiff_t)row * tail->shortcut_width) * channels + c % channels;
      for (p = 0; p < pixels * tail->shortcut_pool; p++, from += channels)
        for (i = 0; i < count; i += 16) DYBNN_PREFETCH(from + i);
    }
  }
}

/* A vector of channels reads a shortcut of fewer channels in one piece only where their count is a multiple of a vector. */
DYBNN_INLINE int tail_is_regular(const dybnn_tail *tail) {
  return !tail->shortcut || tail->shortcut_channels == tail->channels || tail->shortcut_channels % V_LANES == 0;
}

/* A part of a regular tail's strip: channels c .. c + count - 1, their bits into words[0 .. pixels - 1]. */
static inline void tail_part(const dybnn_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                             const float *values, ptrdiff_t stride, uint64_t *words) {
#define TAIL_CASE(shortcut, prelu, bits)                                                      \
  case 4 * (shortcut) + 2 * (prelu) + (bits):                                                 \
    tail_vectors(tail, y, x, pixels, c, count, values, stride, words, shortcut, prelu, bits); \
    break;
  switch (4 * (tail->shortcut ? tail->shortcut_pool : 0) + 2 * (tail->prelu_slope != NULL) + (tail->bits != NULL)) {
    TAIL_CASE(0, 0, 0)
    TAIL_CASE(0, 0, 1)
    TAIL_CASE(0, 1, 0)
    TAIL_CASE(0, 1, 1)
    TAIL_CASE(1, 0, 0)
    TAIL_CASE(1, 0, 1)
    TAIL_CASE(1, 1, 0)
    TAIL_CASE(1, 1, 1)
    TAIL_CASE(2, 0, 0)
    TAIL_CASE(2, 0, 1)
    TAIL_CASE(2, 1, 0)
    TAIL_CASE(2, 1, 1)
  }
#undef TAIL_CASE
}

/* The words of channels c .. c + 63 of a strip. */
DYBNN_INLINE void tail_words(const dybnn_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, const uint64_t *words) {
  if (tail->bits) {
    const int32_t pixel_words = dybnn_words(tail->channels);
    uint64_t *to = tail->bits + (ptrdiff_t)(y + tail->border_top) * tail->bits_pitch +
                   (ptrdiff_t)(x + tail->border_left) * pixel_words + c / 64;
    int32_t p;
    for (p = 0; p < pixels; p++) to[(ptrdiff_t)p * pixel_words] = words[p];
  }
}

/* The strip: channels c .. c + count - 1 (c a multiple of 64, count <= 64), at most STRIP_PIXELS pixels. */
static inline void tail_strip(const dybnn_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                              const float *values, ptrdiff_t stride) {
  if (tail_is_regular(tail)) {
    uint64_t words[STRIP_PIXELS] = {0};
    tail_part(tail, y, x, pixels, c, count, values, stride, words);
    tail_words(tail, y, x, pixels, c, words);
  } else {
    int32_t i, p;
    for (p = 0; p < pixels; p++) {
      float copy[STRIP_CHANNELS];
      for (i = 0; i < count; i++) copy[i] = values[p * stride + i];
      dybnn_tail_pixel(tail, y, x + p, c, count, copy);
    }
  }
}

#endif
