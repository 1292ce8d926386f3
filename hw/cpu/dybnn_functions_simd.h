/* dybnn_functions_simd.h - clause 9 over vectors: the operations of dybnn_functions.h, lane by lane. */
#ifndef DYBNN_FUNCTIONS_SIMD_H
#define DYBNN_FUNCTIONS_SIMD_H

#include "dybnn_functions.h"

/* Comparisons and not min/max instructions: those disagree about the sign of zero. */
DYBNN_INLINE v_float v_clip(v_float x, v_float lo, v_float hi) {
  return v_select(v_gt(lo, x), lo, v_select(v_gt(x, hi), hi, x));
}

DYBNN_INLINE v_float v_hard_sigmoid(v_float x, float alpha, float beta) {
  return v_clip(v_add(v_mul(x, v_all(alpha)), v_all(beta)), v_all(0.0f), v_all(1.0f));
}

DYBNN_INLINE v_float v_exp(v_float x) {
  const v_float t = v_clip(x, v_all(-87.0f), v_all(88.0f));
  const v_float shifted = v_add(v_mul(t, v_all(DYBNN_LOG2E)), v_all(0.5f));
  const v_float toward_zero = v_truncate(shifted);
  const v_float k = v_select(v_gt(toward_zero, shifted), v_sub(toward_zero, v_all(1.0f)), toward_zero);
  const v_float r = v_sub(v_sub(t, v_mul(k, v_all(DYBNN_LN2_HIGH))), v_mul(k, v_all(DYBNN_LN2_LOW)));
  v_float p = v_add(v_mul(v_all(DYBNN_EXP_5), r), v_all(DYBNN_EXP_4));
  p = v_add(v_mul(p, r), v_all(DYBNN_EXP_3));
  p = v_add(v_mul(p, r), v_all(DYBNN_EXP_2));
  p = v_add(v_mul(p, r), v_all(DYBNN_EXP_1));
  p = v_add(v_mul(p, r), v_all(DYBNN_EXP_0));
  p = v_add(v_mul(p, v_mul(r, r)), r);
  return v_mul(v_add(p, v_all(1.0f)), v_power_of_two(k));
}

DYBNN_INLINE v_float v_sigmoid(v_float x) { return v_div(v_all(1.0f), v_add(v_all(1.0f), v_exp(v_negate(x)))); }

DYBNN_INLINE v_float v_apply(dybnn_function function, float alpha, float beta, v_float x) {
  switch (function) {
    case DYBNN_NONE: return x;
    case DYBNN_RELU: return v_select(v_gt(x, v_all(0.0f)), x, v_all(0.0f));
    case DYBNN_CLIP: return v_clip(x, v_all(alpha), v_all(beta));
    case DYBNN_HARD_SIGMOID: return v_hard_sigmoid(x, alpha, beta);
    case DYBNN_HARD_SWISH: return v_mul(x, v_hard_sigmoid(x, DYBNN_HARD_SWISH_ALPHA, DYBNN_HARD_SWISH_BETA));
    case DYBNN_SIGMOID: return v_sigmoid(x);
    case DYBNN_SWISH: return v_mul(x, v_sigmoid(x));
    case DYBNN_NEGATE: return v_negate(x);
  }
  return x;
}

#endif
