/* dybnn_bconv2d_amx_float.h - a band's sums to a float tail, sixteen channels at a time. */
#ifndef DYBNN_BCONV2D_AMX_FLOAT_H
#define DYBNN_BCONV2D_AMX_FLOAT_H

typedef struct band_strip {
  uint64_t bits[MOST_PIXELS];
} band_strip;

DYBNN_INLINE void band_begin(band_strip *strip, int32_t pixels) { memset(strip->bits, 0, (size_t)pixels * sizeof *strip->bits); }

DYBNN_INLINE void band_store(const bconv_args *args, const bconv_plan *plan, const placement *at, int32_t c, int32_t i,
                             int32_t outputs, const int32_t *sums, band_strip *strip) {
  const ptrdiff_t base_channels = (args->tail.channels + 7) / 8 * 8;
  const __m512i most = _mm512_set1_epi32(64 * args->kernel_h * args->kernel_w * args->words);
  const __mmask16 present = outputs > 8 ? 0xffff : 0x00ff;
  const int32_t *base = args->base + args->row_class[at->y] * args->col_classes * base_channels + c + i;
  const uint8_t *col_class = args->col_class + at->x;
  float values[SEGMENT_PIXELS * OUTPUTS];
  int32_t p;
  for (p = 0; p < at->pixels; p++) {
    const __m512i inside = _mm512_maskz_loadu_epi32(present, base + col_class[p] * base_channels);
    const __m512i sum = _mm512_loadu_si512(sums + p * OUTPUTS);
    const __m512i dot = _mm512_add_epi32(_mm512_sub_epi32(inside, most), sum);
    _mm512_storeu_ps(values + p * OUTPUTS, _mm512_maskz_cvtepi32_ps(0xffff, dot));
  }
  tail_part(*plan, at->y, at->x, at->pixels, c + i, outputs, values, OUTPUTS, strip->bits + at->at);
}

DYBNN_INLINE void band_finish(const bconv_plan *plan, const placement *at, int32_t c, int32_t count, const band_strip *strip) {
  (void)count;
  tail_words(*plan, at->y, at->x, at->pixels, c, strip->bits + at->at);
}

#endif
