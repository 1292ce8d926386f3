/* dybnn_fixed_tail_simd.h - dybnn_fixed_tail over vectors of channels; the arithmetic of dybnn_fixed_tail.h, lane by lane.
 *
 * Two parts. Entry, scale and offset [12.1] [12.2] need 32 bits and belong to whoever has the values: fixed_rescale for a map,
 * the convolutions while their sums are 32 bits wide. Everything after them stays in 16 bits: additions saturate, and
 *   rnd(z, k) = rnd(z * 2^(15 - k), 15)          one rounding multiplication [12.3]
 *   y > gamma exactly where sat(y - gamma) > 0, and at 0 both branches agree: so PReLU asks for a sign, and > and >= are one
 *   rnd(d * beta, 15)                            one rounding multiplication [12.4]
 *   rnd(d * beta, 14) = d + rnd(d * 2 (beta - 2^14), 15) where beta >= 2^14, else rnd(d * 2 beta, 15); saturated, the sum is exact
 * and only slopes of 2 and more, or of -1 and less, take the way through 32 bits.
 *
 * As in dybnn_tail_simd.h, constants of a vector of channels stay in registers while the pixels of a strip go by.
 */
#ifndef DYBNN_FIXED_TAIL_SIMD_H
#define DYBNN_FIXED_TAIL_SIMD_H

#include "dybnn_fixed_tail.h"
#include "dybnn_strip.h"

DYBNN_INLINE h_vec fixed_constant(const int16_t *values, int32_t c, int32_t lanes) {
  if (!values) return h_all(0);
  return lanes == H_LANES ? h_load(values + c) : h_load_first(values + c, lanes);
}

DYBNN_INLINE h_vec fixed_load(const int16_t *p, int32_t lanes) { return lanes == H_LANES ? h_load(p) : h_load_first(p, lanes); }

/* How a slope is multiplied. */
enum { SLOPE_PLAIN, SLOPE_WHOLE, SLOPE_WIDE };

/* Once a call, for all channels. */
static int fixed_slope_kind(const dybnn_fixed_tail *tail) {
  const int32_t least = tail->slope_shift == 15 ? INT16_MIN : -16384;
  int32_t c;
  if (!tail->prelu_slope || tail->slope_shift < 14) return SLOPE_WIDE;
  for (c = 0; c < tail->channels; c++)
    if (tail->prelu_slope[c] <= least) return SLOPE_WIDE; /* the one product that does not fit */
  return tail->slope_shift == 15 ? SLOPE_PLAIN : SLOPE_WHOLE;
}

/* sat(rnd(v * scale + offset, shift)) with the rounding's half in the offset. */
DYBNN_INLINE h_vec fixed_scaled(h_vec v, h_vec scale, h_wide offset, int32_t shift) {
  return wide_narrow(wide_add(wide_mul(v, scale), offset), shift);
}

/* Entry and scale of a strip of int16 values `stride` apart; to STRIP_CHANNELS apart, the same memory where strides agree. */
static inline void fixed_rescale(const dybnn_fixed_tail *tail, int32_t pixels, int32_t c, int32_t count, const int16_t *values,
                          ptrdiff_t stride, int16_t *to) {
  /* rnd by 0 is no product of 15 bits. */
  const h_vec round = h_all((1 << 15) >> tail->entry_shift & 0x7fff);
  int32_t i, p;
  for (i = 0; i < count; i += H_LANES) {
    const int32_t lanes = dybnn_min(count - i, H_LANES);
    const h_vec scale = fixed_constant(tail->scale, c + i, lanes);
    h_wide offset = wide_all(dybnn_half(tail->scale_shift));
    if (tail->scale) offset = wide_add(offset, wide_load_first(tail->offset + c + i, lanes));
    for (p = 0; p < pixels; p++) {
      h_vec v = fixed_load(values + p * stride + i, lanes);
      if (tail->entry_shift) v = h_mul15(v, round);
      if (tail->scale) v = fixed_scaled(v, scale, offset, tail->scale_shift);
      h_store(to + p * STRIP_CHANNELS + i, v);
    }
  }
}

/* What does not depend on the pixel. */
typedef struct fixed_plan {
  const dybnn_fixed_tail *tail;
  int slope; /* SLOPE_... */
} fixed_plan;

DYBNN_INLINE fixed_plan fixed_plan_of(const dybnn_fixed_tail *tail) {
  fixed_plan plan;
  plan.tail = tail;
  plan.slope = fixed_slope_kind(tail);
  return plan;
}

/* One vector of channels of the strip after entry and scale: channels c .. c + lanes - 1, pixels x .. x + pixels - 1 of row y.
 * values[p * stride] is pixel p's vector; words[p] takes its bits. shortcut (0, 1, 2: its pool), prelu and bits are constants
 * where this is called. */
DYBNN_INLINE void fixed_vector(const fixed_plan *plan, int32_t y, int32_t x, int32_t pixels, int32_t c, const int32_t lanes,
                               const int16_t *values, ptrdiff_t stride, uint64_t *words, const int shortcut, const int prelu,
                               const int bits) {
  const dybnn_fixed_tail *tail = plan->tail;
  const ptrdiff_t channels = tail->channels;
  const ptrdiff_t pixel = ((ptrdiff_t)y * tail->width + x) * channels + c;
  const h_vec bias = fixed_constant(tail->bias, c, lanes);
  const int has_bias = tail->bias != NULL, ge = !tail->threshold_gt;
  const uint32_t present = lanes == 32 ? 0xffffffffu : ((uint32_t)1 << lanes) - 1u;
  int16_t *out = tail->out ? tail->out + pixel : NULL;
  int32_t *row_sums = tail->row_sums ? tail->row_sums + (ptrdiff_t)y * channels + c : NULL;
  const ptrdiff_t z_pixel = tail->shortcut_channels;
  const ptrdiff_t z_row = (ptrdiff_t)tail->shortcut_width * z_pixel;
  const int16_t *z = NULL;
  const int32_t z_shift = tail->shortcut_shift + (shortcut == 2 ? 2 : 0);
  const int z_rounds = z_shift > 0;
  const h_vec z_round = h_all((1 << 15) >> z_shift & 0x7fff);
  const h_wide z_half = wide_all(dybnn_half(z_shift)), slope_half = wide_all(dybnn_half(tail->slope_shift));
  h_vec gamma = h_all(0), slope = gamma, whole = gamma, zeta = gamma, threshold = gamma;
  h_sums sums = sums_zero();
  int32_t p;
  if (prelu) {
    gamma = fixed_constant(tail->prelu_gamma, c, lanes);
    slope = fixed_constant(tail->prelu_slope, c, lanes);
    zeta = fixed_constant(tail->prelu_zeta, c, lanes);
    if (plan->slope == SLOPE_WHOLE) {
      whole = h_greater(slope, h_all(16383));
      slope = h_sub(slope, h_and(whole, h_all(16384)));
      slope = h_add(slope, slope);
    }
  }
  if (bits) threshold = fixed_constant(tail->threshold, c, lanes);
  if (shortcut == 1) z = tail->shortcut + ((ptrdiff_t)y * tail->width + x) * z_pixel + c % tail->shortcut_channels;
  if (shortcut == 2) z = tail->shortcut + 2 * (ptrdiff_t)y * z_row + 2 * (ptrdiff_t)x * z_pixel + c % tail->shortcut_channels;
  for (p = 0; p < pixels; p++) {
    h_vec v = fixed_load(values, lanes);
    values += stride;
    if (has_bias) v = h_adds(v, bias);
    if (shortcut == 1) {
      h_vec other = fixed_load(z, lanes);
      if (z_rounds) other = h_mul15(other, z_round);
      v = h_adds(v, other);
      z += z_pixel;
    }
    if (shortcut == 2) {
      const h_wide top = wide_sum(fixed_load(z, lanes), fixed_load(z + z_pixel, lanes));
      const h_wide bottom = wide_sum(fixed_load(z + z_row, lanes), fixed_load(z + z_row + z_pixel, lanes));
      v = h_adds(v, wide_narrow(wide_add(wide_add(top, bottom), z_half), z_shift));
      z += 2 * z_pixel;
    }
    if (prelu) {
      const h_vec d = h_subs(v, gamma);
      if (plan->slope == SLOPE_PLAIN)
        v = h_bend(d, slope);
      else if (plan->slope == SLOPE_WHOLE)
        v = h_bend_whole(d, slope, whole);
      else
        v = h_bend_to(d, wide_narrow(wide_add(wide_mul(d, slope), slope_half), tail->slope_shift));
      v = h_adds(v, zeta);
    }
    if (out) {
      if (lanes == H_LANES)
        h_store(out, v);
      else
        h_store_first(out, lanes, v);
      out += channels;
    }
    if (row_sums) sums = sums_add(sums, v);
    if (bits) {
      uint32_t plus = ge ? h_bits_ge(v, threshold) : h_bits_gt(v, threshold);
      if (lanes != H_LANES) plus &= present;
      h_put_bits(words + p, c % 64, plus);
    }
  }
  if (row_sums) sums_store(row_sums, lanes, x > 0, sums);
}

DYBNN_INLINE void fixed_vectors(const fixed_plan *plan, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                                const int16_t *values, ptrdiff_t stride, uint64_t *words, const int shortcut, const int prelu,
                                const int bits) {
  int32_t i;
  for (i = 0; i + H_LANES <= count; i += H_LANES)
    fixed_vector(plan, y, x, pixels, c + i, H_LANES, values + i, stride, words, shortcut, prelu, bits);
  if (i < count) fixed_vector(plan, y, x, pixels, c + i, count - i, values + i, stride, words, shortcut, prelu, bits);
}

/* From 1 MiB on a map is taken to lie beyond L2, and its lines are asked for before the arithmetic. */
DYBNN_INLINE int fixed_is_far(const dybnn_fixed_tail *tail) {
  const ptrdiff_t far_values = (ptrdiff_t)1 << 19, pixels = (ptrdiff_t)tail->height * tail->width;
  return (tail->out && pixels * tail->channels >= far_values) ||
         (tail->shortcut && pixels * tail->shortcut_pool * tail->shortcut_pool * tail->shortcut_channels >= far_values);
}

/* As tail_prefetch of dybnn_tail_simd.h. */
DYBNN_INLINE void fixed_prefetch(const dybnn_fixed_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count) {
  const ptrdiff_t pixel = (ptrdiff_t)y * tail->width + x;
  int32_t p, i, row;
  if (tail->out && tail->out != tail->shortcut)
    for (p = 0; p < pixels; p++)
      for (i = 0; i < count; i += 32) DYBNN_PREFETCH_WRITE(tail->out + (pixel + p) * tail->channels + c + i);
  if (tail->shortcut) {
    const ptrdiff_t channels = tail->shortcut_channels;
    const ptrdiff_t first = tail->shortcut_pool == 1 ? pixel : (ptrdiff_t)2 * y * tail->shortcut_width + 2 * x;
    for (row = 0; row < tail->shortcut_pool; row++) {
      const int16_t *from = tail->shortcut + (first + (ptrdiff_t)row * tail->shortcut_width) * channels + c % channels;
      for (p = 0; p < pixels * tail->shortcut_pool; p++, from += channels)
        for (i = 0; i < count; i += 32) DYBNN_PREFETCH(from + i);
    }
  }
}

/* A vector of channels reads a shortcut of fewer channels in one piece only where their count is a multiple of a vector. */
DYBNN_INLINE int fixed_is_regular(const dybnn_fixed_tail *tail) {
  return !tail->shortcut || tail->shortcut_channels == tail->channels || tail->shortcut_channels % H_LANES == 0;
}

/* A part of a regular tail's strip: channels c .. c + count - 1, their bits into words[0 .. pixels - 1]. */
static inline void fixed_part(const fixed_plan *plan, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                              const int16_t *values, ptrdiff_t stride, uint64_t *words) {
  const dybnn_fixed_tail *tail = plan->tail;
#define TAIL_CASE(shortcut, prelu, bits)                                                       \
  case 4 * (shortcut) + 2 * (prelu) + (bits):                                                  \
    fixed_vectors(plan, y, x, pixels, c, count, values, stride, words, shortcut, prelu, bits); \
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
DYBNN_INLINE void fixed_words(const dybnn_fixed_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, const uint64_t *words) {
  if (tail->bits) {
    const int32_t pixel_words = dybnn_words(tail->channels);
    uint64_t *to = tail->bits + (ptrdiff_t)(y + tail->border_top) * tail->bits_pitch +
                   (ptrdiff_t)(x + tail->border_left) * pixel_words + c / 64;
    int32_t p;
    for (p = 0; p < pixels; p++) to[(ptrdiff_t)p * pixel_words] = words[p];
  }
}

/* The strip after entry and scale: channels c .. c + count - 1 (c a multiple of 64, count <= 64), at most STRIP_PIXELS pixels. */
static inline void fixed_strip(const fixed_plan *plan, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                               const int16_t *values, ptrdiff_t stride) {
  const dybnn_fixed_tail *tail = plan->tail;
  if (fixed_is_regular(tail)) {
    uint64_t words[STRIP_PIXELS] = {0};
    fixed_part(plan, y, x, pixels, c, count, values, stride, words);
    fixed_words(tail, y, x, pixels, c, words);
  } else {
    int32_t i, p;
    for (p = 0; p < pixels; p++) {
      int32_t copy[STRIP_CHANNELS];
      for (i = 0; i < count; i++) copy[i] = values[p * stride + i];
      dybnn_fixed_tail_rest(tail, y, x + p, c, count, copy);
    }
  }
}

#endif
