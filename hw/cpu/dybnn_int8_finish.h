/* dybnn_int8_finish.h - from a strip of int32 sums to its tail, for convolutions with weights of 8 bits [14].
 *
 * In: sums of up to STRIP_PIXELS pixels by channels c .. c + count - 1, STRIP_CHANNELS apart; those past `count` may be anything.
 */
#ifndef DYBNN_INT8_FINISH_H
#define DYBNN_INT8_FINISH_H

#include "dybnn_fixed_tail_simd.h"
#include "dybnn_int8_conv2d.h"
#include "dybnn_tail_simd.h"

/* Entry and scale, to int16 as far apart [12.1] [12.2]. */
static void fixed_enter(const dybnn_fixed_tail *tail, int32_t pixels, int32_t c, int32_t count, const int32_t *sums, int16_t *values) {
  const int32_t half = dybnn_half(tail->entry_shift);
  int32_t i, p;
  for (i = 0; i < count; i += H_LANES) {
    const int32_t lanes = dybnn_min(count - i, H_LANES);
    if (tail->scale) {
      const h_vec scale = fixed_constant(tail->scale, c + i, lanes);
      const h_wide offset = wide_add(wide_load_first(tail->offset + c + i, lanes), wide_all(dybnn_half(tail->scale_shift)));
      for (p = 0; p < pixels; p++)
        h_store(values + p * STRIP_CHANNELS + i, fixed_scaled(h_narrow(sums + p * STRIP_CHANNELS + i, half, tail->entry_shift),
                                                              scale, offset, tail->scale_shift));
    } else {
      for (p = 0; p < pixels; p++)
        h_store(values + p * STRIP_CHANNELS + i, h_narrow(sums + p * STRIP_CHANNELS + i, half, tail->entry_shift));
    }
  }
}

static inline void int8_finish(const fixed_plan *plan, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                               const int32_t *sums) {
  int16_t values[STRIP_PIXELS * STRIP_CHANNELS];
  fixed_enter(plan->tail, pixels, c, count, sums, values);
  fixed_strip(plan, y, x, pixels, c, count, values, STRIP_CHANNELS);
}

/* The same to float [14.3]. */
static inline void int8_float_finish(const dybnn_tail *tail, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                                     const int32_t *sums) {
  float values[STRIP_PIXELS * STRIP_CHANNELS];
  int32_t p, i;
  for (p = 0; p < pixels; p++)
    for (i = 0; i < count; i++) values[p * STRIP_CHANNELS + i] = (float)sums[p * STRIP_CHANNELS + i];
  tail_strip(tail, y, x, pixels, c, count, values, STRIP_CHANNELS);
}

#endif
