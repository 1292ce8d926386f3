/* dybnn_quantize_scalar.c - float32 to int16 and back in portable C [11.3].
 *
 * Keeps true: exact before the one floor. A float is mantissa * 2^exponent, and rounding is 11.2's shift of the mantissa; so there is
 * no float arithmetic here, no x + 0.5f that rounds, and a core without a float unit needs no library.
 */
#include <string.h>

#include "dybnn_fixed_sets.h"
#include "dybnn_fixed_tail.h"

DYBNN_INLINE uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* sat(floor(x * 2^fraction + 1/2)) of a finite x. Below 2^-1 it is 0 (but for -1/2 itself, which is 0 too), from 2^15 on saturated. */
DYBNN_INLINE int16_t quantize(float x, int32_t fraction) {
  const uint32_t bits = bits_of(x);
  const int32_t exponent = (int32_t)(bits >> 23 & 255u) - 127 + fraction; /* of a subnormal: too large by less than 24, still small */
  const int negative = bits >> 31 != 0;
  int32_t mantissa = (int32_t)((bits & 0x7fffffu) | 0x800000u);
  if (exponent < -1) return 0;
  if (exponent >= 15) return negative ? INT16_MIN : INT16_MAX;
  if (negative) mantissa = -mantissa;
  return (int16_t)dybnn_sat(dybnn_rnd(mantissa, 23 - exponent)); /* by 9 to 24 */
}

void dybnn_quantize_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_quantize_args *args = (const dybnn_quantize_args *)arguments;
  const int32_t fraction = (int32_t)(bits_of(args->multiplier) >> 23) - 127;
  const ptrdiff_t next = args->channels_first ? (ptrdiff_t)args->height * args->width : 1;
  int32_t y, x, c;
  for (y = begin; y < end; y++)
    for (x = 0; x < args->width; x++) {
      const ptrdiff_t pixel = (ptrdiff_t)y * args->width + x;
      const float *from = args->input + (args->channels_first ? pixel : pixel * args->channels);
      int16_t *to = args->output + pixel * args->channels;
      for (c = 0; c < args->channels; c++) to[c] = quantize(from[c * next], fraction);
    }
}

void dybnn_dequantize_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_dequantize_args *args = (const dybnn_dequantize_args *)arguments;
  const ptrdiff_t next = args->channels_first ? (ptrdiff_t)args->height * args->width : 1;
  int32_t y, x, c;
  for (y = begin; y < end; y++)
    for (x = 0; x < args->width; x++) {
      const ptrdiff_t pixel = (ptrdiff_t)y * args->width + x;
      const int16_t *from = args->input + pixel * args->channels;
      float *to = args->output + (args->channels_first ? pixel : pixel * args->channels);
      for (c = 0; c < args->channels; c++) to[c * next] = (float)from[c] * args->multiplier;
    }
}
