/* dybnn_quantize.h - float32 to int16 [11.3].
 *
 * Keeps true: exact before the one floor. A float is mantissa * 2^exponent, and rounding is 11.2's shift of the mantissa; so there is
 * no float arithmetic here, no x + 0.5f that rounds, and a core without a float unit needs no library.
 */
#ifndef DYBNN_QUANTIZE_H
#define DYBNN_QUANTIZE_H

#include <string.h>

#include "dybnn_fixed_tail.h"

DYBNN_INLINE uint32_t dybnn_bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* sat(floor(x * 2^fraction + 1/2)) of a finite x. Below 2^-1 it is 0 (but for -1/2 itself, which is 0 too), from 2^15 on saturated. */
DYBNN_INLINE int16_t dybnn_quantize_one(float x, int32_t fraction) {
  const uint32_t bits = dybnn_bits_of(x);
  const int32_t exponent = (int32_t)(bits >> 23 & 255u) - 127 + fraction; /* of a subnormal: too large by less than 24, still small */
  const int negative = bits >> 31 != 0;
  int32_t mantissa = (int32_t)((bits & 0x7fffffu) | 0x800000u);
  if (exponent < -1) return 0;
  if (exponent >= 15) return negative ? INT16_MIN : INT16_MAX;
  if (negative) mantissa = -mantissa;
  return (int16_t)dybnn_sat(dybnn_rnd(mantissa, 23 - exponent)); /* by 9 to 24 */
}

/* Of a power of two. */
DYBNN_INLINE int32_t dybnn_exponent_of(float power) { return (int32_t)(dybnn_bits_of(power) >> 23) - 127; }

#endif
