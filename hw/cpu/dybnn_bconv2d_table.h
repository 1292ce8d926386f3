/* dybnn_bconv2d_table.h - binary convolution by tables of activations, for AVX2: no popcount at all.
 *
 * Four activations make a table of 16 bytes, its entry w the mismatches with the four weights w: 16 tables for all there are,
 * in 256 bytes. A byte shuffle then looks up 32 output channels at once, their weights four bits a byte: one shuffle and one
 * addition for 128 multiply-accumulates, where counting by a table of nibbles takes 8 instructions for 256. With three vector
 * units that is 192 a cycle, twice as many. A table is one broadcast load at an address made of the activations themselves.
 *
 * The weights of 64 channels are turned from words to nibbles once for all rows (they stay in L2, 64 bytes for 4 taps * inputs);
 * 12 words of them stay in L1 for a strip. Bytes hold the counts of 3 words (192 of 255), then go to 16 bits.
 */
#ifndef DYBNN_BCONV2D_TABLE_H
#define DYBNN_BCONV2D_TABLE_H

#define TABLE_PIXELS 4       /* 8 counts, 2 vectors of weights and 1 table of 16 registers */
#define TABLE_CHUNK_WORDS 12 /* 12 KiB of nibbles */
#define TABLE_FLUSH_WORDS 3
#define TABLE_WORDS 144 /* of a window, all nibbles at once; 1024 channels and 3x3 */

typedef struct table_weights {
  unsigned char nibbles[TABLE_WORDS][16][STRIP_CHANNELS]; /* [word][four bits, lowest first][channel] */
} table_weights;

/* [activations][weights]: mismatches. */
#define TABLE_ROW(a)                                                                                                          \
  {TABLE_ONES((a) ^ 0),  TABLE_ONES((a) ^ 1),  TABLE_ONES((a) ^ 2),  TABLE_ONES((a) ^ 3),  TABLE_ONES((a) ^ 4),               \
   TABLE_ONES((a) ^ 5),  TABLE_ONES((a) ^ 6),  TABLE_ONES((a) ^ 7),  TABLE_ONES((a) ^ 8),  TABLE_ONES((a) ^ 9),               \
   TABLE_ONES((a) ^ 10), TABLE_ONES((a) ^ 11), TABLE_ONES((a) ^ 12), TABLE_ONES((a) ^ 13), TABLE_ONES((a) ^ 14),              \
   TABLE_ONES((a) ^ 15)}
#define TABLE_ONES(w) (((w) & 1) + ((w) >> 1 & 1) + ((w) >> 2 & 1) + ((w) >> 3 & 1))
static const unsigned char table_rows[16][16] = {
    TABLE_ROW(0), TABLE_ROW(1), TABLE_ROW(2),  TABLE_ROW(3),  TABLE_ROW(4),  TABLE_ROW(5),  TABLE_ROW(6),  TABLE_ROW(7),
    TABLE_ROW(8), TABLE_ROW(9), TABLE_ROW(10), TABLE_ROW(11), TABLE_ROW(12), TABLE_ROW(13), TABLE_ROW(14), TABLE_ROW(15)};

/* Is it worth it, and do the sums fit? Short sums do not pay for the way from words to nibbles. */
DYBNN_INLINE int table_fits(const bconv_args *args) {
  const int32_t words = bconv_window_words(args);
  return words >= 4 && words <= TABLE_WORDS;
}

/* One word of 32 channels: 8 vectors of channels, each its four bytes' worth of one byte of the word. `from` is the word of the first
 * eight channels, the next eight's is block_words further. A 128-bit lane holds two channels; a transposition of 16 channels by 8
 * bytes in each half of the registers. */
DYBNN_INLINE void table_transpose(const uint64_t *from, ptrdiff_t block_words, int32_t blocks, unsigned char (*to)[STRIP_CHANNELS]) {
  const __m256i pairs = _mm256_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13,
                                         6, 14, 7, 15);
  const __m256i nibble = _mm256_set1_epi8(15);
  __m256i r[8], s[8];
  int32_t i;
  DYBNN_UNROLL
  for (i = 0; i < 8; i++) {
    /* Channels 2i, 2i + 1 below, 16 + 2i, 17 + 2i above; absent blocks are zero. */
    const ptrdiff_t at = (i / 4) * block_words + i % 4 * 2;
    const __m128i low = i / 4 < blocks ? _mm_loadu_si128((const __m128i *)(const void *)(from + at)) : _mm_setzero_si128();
    const __m128i high = i / 4 + 2 < blocks ? _mm_loadu_si128((const __m128i *)(const void *)(from + 2 * block_words + at))
                                            : _mm_setzero_si128();
    r[i] = _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1), pairs);
  }
  DYBNN_UNROLL
  for (i = 0; i < 4; i++) {
    s[i] = _mm256_unpacklo_epi16(r[2 * i], r[2 * i + 1]);     /* bytes 0 to 3 of channels 4i .. 4i + 3 */
    s[4 + i] = _mm256_unpackhi_epi16(r[2 * i], r[2 * i + 1]); /* bytes 4 to 7 */
  }
  DYBNN_UNROLL
  for (i = 0; i < 8; i += 2) {
    r[i] = _mm256_unpacklo_epi32(s[i], s[i + 1]);     /* bytes 0, 1 (4, 5) of channels 8(i / 2 mod 2) .. */
    r[i + 1] = _mm256_unpackhi_epi32(s[i], s[i + 1]); /* bytes 2, 3 (6, 7) */
  }
  DYBNN_UNROLL
  for (i = 0; i < 4; i++) {
    const int32_t first = i / 2 * 4 + i % 2;
    s[2 * i] = _mm256_unpacklo_epi64(r[first], r[first + 2]);
    s[2 * i + 1] = _mm256_unpackhi_epi64(r[first], r[first + 2]);
  }
  DYBNN_UNROLL
  for (i = 0; i < 8; i++) {
    _mm256_storeu_si256((__m256i *)(void *)to[2 * i], _mm256_and_si256(s[i], nibble));
    _mm256_storeu_si256((__m256i *)(void *)to[2 * i + 1], _mm256_and_si256(_mm256_srli_epi16(s[i], 4), nibble));
  }
}

/* The weights of channels c .. c + 63 as nibbles. */
static void table_prepare(const bconv_args *args, int32_t c, int32_t count, table_weights *weights) {
  const int32_t words = args->kernel_h * args->kernel_w * args->words;
  const ptrdiff_t block_words = (ptrdiff_t)8 * words;
  const uint64_t *from = args->weights + c / 8 * block_words;
  const int32_t blocks = (count + 7) / 8;
  int32_t k, n;
  for (k = 0; k < words; k++, from += 8) {
    unsigned char (*to)[STRIP_CHANNELS] = weights->nibbles[k];
    table_transpose(from, block_words, blocks, to);
    if (blocks <= 4) continue;
    {
      unsigned char upper[16][STRIP_CHANNELS];
      table_transpose(from + 4 * block_words, block_words, blocks - 4, upper);
      for (n = 0; n < 16; n++) memcpy(to[n] + 32, upper[n], 32);
    }
  }
}

/* Where the tables of a word's sixteen nibbles are, in bytes from the first. */
typedef unsigned char table_offsets[16];

/* Adds the mismatches of `words` words (at most TABLE_FLUSH_WORDS) of `pixels` pixels to their totals. `rows` has their
 * table_offsets, TABLE_CHUNK_WORDS a pixel. Totals of 32 channels: in the order of unpack. */
DYBNN_INLINE void table_add(const int32_t pixels, const int32_t vectors, int32_t words, const unsigned char *rows,
                            const unsigned char (*nibbles)[16][STRIP_CHANNELS], uint16_t (*totals)[STRIP_CHANNELS]) {
  __m256i count[TABLE_PIXELS * 2];
  const __m256i zero = _mm256_setzero_si256();
  int32_t k, n, p, v;
  DYBNN_UNROLL
  for (p = 0; p < pixels * vectors; p++) count[p] = zero;
  for (k = 0; k < words; k++) {
    DYBNN_UNROLL_TWICE
    for (n = 0; n < 16; n++) {
      __m256i w[2];
      DYBNN_UNROLL
      for (v = 0; v < vectors; v++) w[v] = _mm256_loadu_si256((const __m256i *)(const void *)(nibbles[k][n] + 32 * v));
      DYBNN_UNROLL
      for (p = 0; p < pixels; p++) {
        const unsigned char *row = &table_rows[0][0] + rows[(p * TABLE_CHUNK_WORDS + k) * 16 + n];
        const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)row));
        DYBNN_UNROLL
        for (v = 0; v < vectors; v++)
          count[p * vectors + v] = _mm256_add_epi8(count[p * vectors + v], _mm256_shuffle_epi8(table, w[v]));
      }
    }
  }
  DYBNN_UNROLL
  for (p = 0; p < pixels; p++) {
    DYBNN_UNROLL
    for (v = 0; v < vectors; v++) {
      __m256i *total = (__m256i *)(void *)(totals[p] + 32 * v);
      const __m256i low = _mm256_unpacklo_epi8(count[p * vectors + v], zero), high = _mm256_unpackhi_epi8(count[p * vectors + v], zero);
      _mm256_storeu_si256(total, _mm256_add_epi16(_mm256_loadu_si256(total), low));
      _mm256_storeu_si256(total + 1, _mm256_add_epi16(_mm256_loadu_si256(total + 1), high));
    }
  }
}

/* The words of the windows of a strip from word `first` of a window on, as offsets. */
DYBNN_INLINE void table_gather(const bconv_args *args, int32_t y, int32_t x, int32_t pixels, int32_t first, int32_t words,
                               table_offsets (*to)[TABLE_CHUNK_WORDS]) {
  const __m128i high = _mm_set1_epi8((char)0xf0);
  const ptrdiff_t step = (ptrdiff_t)args->stride_w * args->words;
  const uint64_t *window = args->input + (ptrdiff_t)(y * args->stride_h) * args->in_pitch + x * step;
  int32_t k, p;
  for (k = 0; k < words; k++) {
    const int32_t tap = (first + k) / args->words;
    const uint64_t *a = window + (ptrdiff_t)(tap / args->kernel_w * args->dilation_h) * args->in_pitch +
                        (ptrdiff_t)(tap % args->kernel_w * args->dilation_w) * args->words + (first + k) % args->words;
    for (p = 0; p < pixels; p++, a += step) {
      const __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)a);
      const __m128i offsets = _mm_unpacklo_epi8(_mm_slli_epi16(bytes, 4), bytes);
      _mm_storeu_si128((__m128i *)(void *)to[p][k], _mm_and_si128(offsets, high));
    }
  }
}

/* bconv_strip with prepared weights. */
static void table_strip(const bconv_args *args, const bconv_plan *plan, const table_weights *weights, int32_t y, int32_t x,
                        int32_t pixels, int32_t c, int32_t count, bconv_value *values) {
  const int32_t words = args->kernel_h * args->kernel_w * args->words;
  const ptrdiff_t base_channels = (args->tail.channels + 7) / 8 * 8;
  const int32_t *row_base = args->base + args->row_class[y] * args->col_classes * base_channels + c;
  uint16_t totals[STRIP_PIXELS][STRIP_CHANNELS];
  table_offsets rows[STRIP_PIXELS][TABLE_CHUNK_WORDS];
  int32_t k, j, p, b;
  memset(totals, 0, (size_t)pixels * sizeof totals[0]);
  for (k = 0; k < words; k += TABLE_CHUNK_WORDS) {
    const int32_t chunk = dybnn_min(words - k, TABLE_CHUNK_WORDS);
    table_gather(args, y, x, pixels, k, chunk, rows);
    for (p = 0; p < pixels; p += TABLE_PIXELS)
      for (j = 0; j < chunk; j += TABLE_FLUSH_WORDS) {
        const int32_t some = dybnn_min(chunk - j, TABLE_FLUSH_WORDS);
        const unsigned char *a = rows[p][j];
#define TABLE_CASE(n, v) \
  case 2 * (n) + (v)-1: table_add(n, v, some, a, &weights->nibbles[k + j], &totals[p]); break;
        switch (2 * dybnn_min(pixels - p, TABLE_PIXELS) + (count > 32)) {
          TABLE_CASE(1, 1)
          TABLE_CASE(2, 1)
          TABLE_CASE(3, 1)
          TABLE_CASE(4, 1)
          TABLE_CASE(1, 2)
          TABLE_CASE(2, 2)
          TABLE_CASE(3, 2)
          TABLE_CASE(4, 2)
        }
#undef TABLE_CASE
      }
  }
  for (b = 0; b < count; b += 8) {
    /* In the order of unpack, channels 8..15 and 16..23 of 32 have changed places. */
    const int32_t quarter = b / 8 % 4, at = b / 32 * 32 + (quarter == 1 ? 16 : quarter == 2 ? 8 : quarter * 8);
    const bconv_scaling scaling = bconv_scaling_of(plan, c + b);
    for (p = 0; p < pixels; p++) {
      const __m256i m = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(totals[p] + at)));
      bconv_store_eight(&scaling, row_base + args->col_class[x + p] * base_channels + b, m, values + p * STRIP_CHANNELS + b);
    }
  }
}

#endif
