/* dybnn_tail_simd.h - dybnn_tail over vectors of channels; the arithmetic of dybnn_tail.h, lane by lane.
 *
 * In: values of a strip (some pixels of one row by at most 64 channels) in L1. Out: map, row sums, packed words. Per vector
 * the constants of its channels are loaded once and stay in registers while the pixels go by; a value is loaded once and every
 * step happens before it is stored.
 *
 * A step that is left out becomes its identity where that has the same bits: v * 1, v + (-0), v - (+0) are v for every v, -0
 * included. So one loop serves all tails; the branches that remain are the same for the whole strip.
 */
#ifndef DYBNN_TAIL_SIMD_H
#define DYBNN_TAIL_SIMD_H

#include "dybnn_tail.h"

#define STRIP_PIXELS 16
#define STRIP_CHANNELS 64

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

/* One vector of channels of the strip: channels c .. c + lanes - 1, pixels x .. x + pixels - 1 of row y. values[p * stride]
 * is pixel p's vector; words[p] gathers its bits at `shift`. `lanes` is V_LANES at all but the last vector of a map. */
DYBNN_INLINE void tail_vector(const dybnn_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t lanes,
                              const float *values, ptrdiff_t stride, uint64_t *words) {
  const v_float scale = tail_constant(tail->scale, c, lanes, 1.0f);
  const v_float bias = tail_constant(tail->bias, c, lanes, -0.0f);
  const v_float gamma = tail_constant(tail->prelu_gamma, c, lanes, 0.0f);
  const v_float slope = tail_constant(tail->prelu_slope, c, lanes, 1.0f);
  const v_float zeta = tail_constant(tail->prelu_zeta, c, lanes, -0.0f);
  const v_float threshold = tail_constant(tail->bits ? tail->threshold : NULL, c, lanes, 0.0f);
  const int full = lanes == V_LANES;
  const int scaled = tail->scale || tail->bias;
  const int prelu = tail->prelu_slope != NULL, prelu_ge = tail->prelu_ge;
  const int shortcut = tail->shortcut ? tail->shortcut_pool : 0;
  const int has_bits = tail->bits != NULL, gt = tail->threshold_gt;
  const ptrdiff_t channels = tail->channels;
  float *out = tail->out ? tail->out + ((ptrdiff_t)y * tail->width + x) * channels + c : NULL;
  float *sums = tail->row_sums ? tail->row_sums + (ptrdiff_t)y * channels + c : NULL;
  const ptrdiff_t z_pixel = tail->shortcut_channels;
  const ptrdiff_t z_row = (ptrdiff_t)tail->shortcut_width * z_pixel;
  const float *z = NULL;
  v_float sum = v_all(0.0f);
  int32_t p;
  if (shortcut == 1) z = tail->shortcut + ((ptrdiff_t)y * tail->width + x) * z_pixel + c % tail->shortcut_channels;
  if (shortcut == 2) z = tail->shortcut + 2 * (ptrdiff_t)y * z_row + 2 * (ptrdiff_t)x * z_pixel + c % tail->shortcut_channels;
  if (sums && x > 0) sum = full ? v_load(sums) : v_load_first(sums, lanes);
  for (p = 0; p < pixels; p++) {
    v_float v = full ? v_load(values + p * stride) : v_load_first(values + p * stride, lanes);
    if (scaled) v = v_add(v_mul(v, scale), bias);
    if (shortcut == 1) {
      v = v_add(v, full ? v_load(z) : v_load_first(z, lanes));
      z += z_pixel;
    } else if (shortcut == 2) {
      v = v_add(v, tail_pooled(z, z_pixel, z_row, lanes));
      z += 2 * z_pixel;
    }
    if (prelu) {
      const v_mask above = prelu_ge ? v_ge(v, gamma) : v_gt(v, gamma);
      v = v_add(v_bend(above, v_sub(v, gamma), slope), zeta);
    }
    if (out) {
      if (full)
        v_store(out, v);
      else
        v_store_first(out, lanes, v);
      out += channels;
    }
    sum = v_add(sum, v);
    if (has_bits) {
      uint64_t bits = v_bits(gt ? v_gt(v, threshold) : v_ge(v, threshold));
      if (!full) bits &= (UINT64_C(1) << lanes) - 1;
      words[p] |= bits << (c % 64);
    }
  }
  if (sums) {
    if (full)
      v_store(sums, sum);
    else
      v_store_first(sums, lanes, sum);
  }
}

/* The strip: channels c .. c + count - 1 (c a multiple of 64, count <= 64), at most STRIP_PIXELS pixels. */
static inline void tail_strip(const dybnn_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                              const float *values, ptrdiff_t stride) {
  uint64_t words[STRIP_PIXELS] = {0};
  int32_t i, p;
  /* A vector of channels reads a shortcut of fewer channels in one piece only where their count is a multiple of a vector. */
  if (tail->shortcut && tail->shortcut_channels != tail->channels && tail->shortcut_channels % V_LANES != 0) {
    for (p = 0; p < pixels; p++) {
      float copy[STRIP_CHANNELS];
      for (i = 0; i < count; i++) copy[i] = values[p * stride + i];
      dybnn_tail_pixel(tail, y, x + p, c, count, copy);
    }
    return;
  }
  for (i = 0; i < count; i += V_LANES) {
    if (count - i >= V_LANES)
      tail_vector(tail, y, x, pixels, c + i, V_LANES, values + i, stride, words);
    else
      tail_vector(tail, y, x, pixels, c + i, count - i, values + i, stride, words);
  }
  if (tail->bits) {
    const int32_t pixel_words = dybnn_words(tail->channels);
    uint64_t *to = tail->bits + (ptrdiff_t)(y + tail->border_top) * tail->bits_pitch +
                   (ptrdiff_t)(x + tail->border_left) * pixel_words + c / 64;
    for (p = 0; p < pixels; p++) to[(ptrdiff_t)p * pixel_words] = words[p];
  }
}

#endif
