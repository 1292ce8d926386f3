/* dybnn_unpack.c - bits to floats [2.2]. */
#include "dybnn_kernels.h"

void dybnn_unpack(const void *args, int32_t begin, int32_t end) {
  const dybnn_unpack_args *const a = (const dybnn_unpack_args *)args;
  const int32_t words = (a->channels + 63) / 64;
  int32_t y, x, c;
  for (y = begin; y < end; y++) {
    const uint64_t *pixel = a->input + (ptrdiff_t)y * a->in_pitch;
    float *out = a->output + (ptrdiff_t)y * a->width * a->channels;
    for (x = 0; x < a->width; x++) {
      for (c = 0; c < a->channels; c++) out[c] = (pixel[c / 64] >> (c % 64) & 1u) != 0 ? 1.0f : -1.0f;
      pixel += words;
      out += a->channels;
    }
  }
}
