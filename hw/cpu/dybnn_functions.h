/* dybnn_functions.h - clause 9: functions of one value, each operation rounded once.
 *
 * In: a binary32 value. Out: the same bits as src/contract/functions.ts.
 */
#ifndef DYBNN_FUNCTIONS_H
#define DYBNN_FUNCTIONS_H

#include <string.h>

#include "dybnn_kernels.h"
#include "dybnn_targets.h"

/* Constants of [9.3], highest power first, and of [9.2]: shared with the SIMD forms. */
#define DYBNN_LOG2E 1.44269504088896341f
#define DYBNN_LN2_HIGH 0.693359375f
#define DYBNN_LN2_LOW (-2.1219444e-4f)
#define DYBNN_EXP_5 1.98756915e-4f
#define DYBNN_EXP_4 1.3981999507e-3f
#define DYBNN_EXP_3 8.3334519073e-3f
#define DYBNN_EXP_2 4.1665795894e-2f
#define DYBNN_EXP_1 1.6666665459e-1f
#define DYBNN_EXP_0 5.0000001201e-1f
#define DYBNN_HARD_SWISH_ALPHA (1.0f / 6.0f)
#define DYBNN_HARD_SWISH_BETA 0.5f

/* [9.1] */
DYBNN_INLINE float dybnn_relu(float x) { return x > 0.0f ? x : 0.0f; }

DYBNN_INLINE float dybnn_clip(float x, float lo, float hi) { return x < lo ? lo : (x > hi ? hi : x); }

/* [9.2] */
DYBNN_INLINE float dybnn_hard_sigmoid(float x, float alpha, float beta) {
  float scaled = alpha * x;
  scaled = scaled + beta;
  return dybnn_clip(scaled, 0.0f, 1.0f);
}

/* [9.3] x = k ln 2 + r with |r| <= ln 2 / 2; e^x = 2^k e^r. */
DYBNN_INLINE float dybnn_exp(float x) {
  const float t = dybnn_clip(x, -87.0f, 88.0f);
  const float scaled = t * DYBNN_LOG2E;
  const float shifted = scaled + 0.5f;
  int32_t k = (int32_t)shifted; /* toward zero; now down to the floor */
  uint32_t bits;
  float whole, high, low, r, square, p, z, power;
  if ((float)k > shifted) k = k - 1;
  whole = (float)k;
  high = whole * DYBNN_LN2_HIGH;
  low = whole * DYBNN_LN2_LOW;
  r = (t - high) - low;
  p = DYBNN_EXP_5 * r + DYBNN_EXP_4;
  p = p * r + DYBNN_EXP_3;
  p = p * r + DYBNN_EXP_2;
  p = p * r + DYBNN_EXP_1;
  p = p * r + DYBNN_EXP_0;
  square = r * r;
  z = p * square + r;
  z = z + 1.0f;
  bits = (uint32_t)(k + 127) << 23; /* 2^k, k in [-126, 127] */
  memcpy(&power, &bits, sizeof power);
  return z * power;
}

/* [9.4] */
DYBNN_INLINE float dybnn_sigmoid(float x) { return 1.0f / (1.0f + dybnn_exp(-x)); }

DYBNN_INLINE float dybnn_apply(dybnn_function function, float alpha, float beta, float x) {
  switch (function) {
    case DYBNN_NONE: return x;
    case DYBNN_RELU: return dybnn_relu(x);
    case DYBNN_CLIP: return dybnn_clip(x, alpha, beta);
    case DYBNN_HARD_SIGMOID: return dybnn_hard_sigmoid(x, alpha, beta);
    case DYBNN_HARD_SWISH: return x * dybnn_hard_sigmoid(x, DYBNN_HARD_SWISH_ALPHA, DYBNN_HARD_SWISH_BETA);
    case DYBNN_SIGMOID: return dybnn_sigmoid(x);
    case DYBNN_SWISH: return x * dybnn_sigmoid(x);
    case DYBNN_NEGATE: return -x;
  }
  return x;
}

#endif
