/* dybnn_fixed_bconv2d_amx.h - a band's sums to an int16 tail.
 *
 * Scale and offset are taken sixteen channels at a time, while the sums are 32 bits wide and in L1; the rest of the tail when 64
 * channels are there, in whole vectors.
 */
#ifndef DYBNN_FIXED_BCONV2D_AMX_H
#define DYBNN_FIXED_BCONV2D_AMX_H

typedef struct band_strip {
  int16_t values[MOST_PIXELS * STRIP_CHANNELS];
} band_strip;

DYBNN_INLINE void band_begin(band_strip *strip, int32_t pixels) { (void)strip, (void)pixels; }

/* dot = base - 64 K + S; sat((dot * m + c + h) >> shift) [12.2]. */
DYBNN_INLINE void band_store(const bconv_args *args, const bconv_plan *plan, const placement *at, int32_t c, int32_t i,
                             int32_t outputs, const int32_t *sums, band_strip *strip) {
  const dybnn_fixed_tail *tail = plan->tail;
  const ptrdiff_t base_channels = (tail->channels + 7) / 8 * 8;
  const __m512i most = _mm512_set1_epi32(64 * args->kernel_h * args->kernel_w * args->words);
  const __mmask16 present = outputs > 8 ? 0xffff : 0x00ff, channels = (__mmask16)((1u << outputs) - 1u);
  const __m512i shift = _mm512_set1_epi32(tail->scale ? tail->scale_shift : 0);
  const int32_t *base = args->base + args->row_class[at->y] * args->col_classes * base_channels + c + i;
  const uint8_t *col_class = args->col_class + at->x;
  int16_t *values = strip->values + at->at * STRIP_CHANNELS + i;
  __m512i factor = _mm512_set1_epi32(1), offset = _mm512_setzero_si512();
  int32_t p;
  if (tail->scale) {
    factor = _mm512_maskz_cvtepi16_epi32(channels, _mm256_maskz_loadu_epi16(channels, tail->scale + c + i));
    offset = _mm512_add_epi32(_mm512_maskz_loadu_epi32(channels, tail->offset + c + i),
                              _mm512_set1_epi32(dybnn_half(tail->scale_shift)));
  }
  factor = _mm512_and_si512(factor, _mm512_set1_epi32(0xffff)); /* a dot's high half has only its sign */
  for (p = 0; p < at->pixels; p++) {
    const __m512i inside = _mm512_maskz_loadu_epi32(present, base + col_class[p] * base_channels);
    const __m512i sum = _mm512_loadu_si512(sums + p * OUTPUTS);
    const __m512i dot = _mm512_add_epi32(_mm512_sub_epi32(inside, most), sum);
    const __m512i y = _mm512_maskz_srav_epi32(0xffff, _mm512_add_epi32(_mm512_madd_epi16(dot, factor), offset), shift);
    _mm256_storeu_si256((__m256i *)(void *)(values + p * STRIP_CHANNELS), _mm512_maskz_cvtsepi32_epi16(0xffff, y));
  }
}

DYBNN_INLINE void band_finish(const bconv_plan *plan, const placement *at, int32_t c, int32_t count, const band_strip *strip) {
  fixed_strip(plan, at->y, at->x, at->pixels, c, count, strip->values + at->at * STRIP_CHANNELS, STRIP_CHANNELS);
}

#endif
