/* dybnn_bconv2d_table.h - binary convolution by tables of activations, for AVX2: no popcount at all.
 *
 * Four activations make a table of 16 entries, entry w the mismatches with the four weights w: 0 to 4, which leaves room in a
 * byte for the same four channels of a second pixel, times 16. 256 tables for all pairs there are, in 4 KiB. A byte shuffle looks
 * up 32 output channels at once, their weights four bits a byte; three lookups add up in their halves of a byte (12 of 15) before
 * these must be taken apart. So 768 multiply-accumulates are three shuffles and six more instructions, where counting by a table of
 * nibbles takes 24: 341 a cycle with four vector units, 256 with three. A table is one broadcast load at an address made of the
 * activations themselves.
 *
 * The weights of 64 channels are turned from words to nibbles once for all rows (they stay in L2, 64 bytes for 4 taps * inputs);
 * 12 words of them stay in L1 for a strip. Bytes hold the counts of 3 words (192 of 255), then go to 16 bits.
 */
#ifndef DYBNN_BCONV2D_TABLE_H
#define DYBNN_BCONV2D_TABLE_H

#define TABLE_CHUNK_WORDS 12 /* 12 KiB of nibbles */
#define TABLE_FLUSH_WORDS 3
#define TABLE_WORDS 144 /* of a window, all nibbles at once; 1024 channels and 3x3 */
#define TABLE_ROW_WORDS 1536 /* of the input's rows that windows reach over: 48 KiB as offsets */
#define TABLE_LEAST_PIXELS 8
#define TABLE_VECTORS (STRIP_CHANNELS / 32)

/* Where the tables of a word's sixteen nibbles are for two pixels, in bytes from the first. */
typedef uint16_t table_offsets[16];

/* The weights of 64 channels and, as offsets, a piece of the input's rows. */
typedef struct table_state {
  unsigned char nibbles[TABLE_WORDS][16][STRIP_CHANNELS] __attribute__((aligned(64))); /* [word][four bits, lowest first][channel] */
  table_offsets rows[TABLE_ROW_WORDS] __attribute__((aligned(64)));                    /* [kernel row][column][word] */
  int32_t row_of[TABLE_WORDS]; /* the input row that is in one of them; -1: none */
  int32_t words;               /* of a column */
  ptrdiff_t word_step, column_step; /* from one word, one column of the input to the next */
  int32_t kernel_rows, runs, run_words; /* taps of a row that touch in memory are walked as one run */
  int32_t piece; /* pixels of an output row for which there is room; a multiple of STRIP_PIXELS */
  int32_t piece_words;
} table_state;

/* [activations of one pixel, times 16 those of the other][weights]: mismatches, in the same way. */
#define TABLE_ONES(w) (((w) & 1) + ((w) >> 1 & 1) + ((w) >> 2 & 1) + ((w) >> 3 & 1))
#define TABLE_ENTRY(a, w) (TABLE_ONES(((a) & 15) ^ (w)) + 16 * TABLE_ONES((a) >> 4 ^ (w)))
#define TABLE_ROW(a)                                                                                                     \
  {TABLE_ENTRY(a, 0),  TABLE_ENTRY(a, 1),  TABLE_ENTRY(a, 2),  TABLE_ENTRY(a, 3),  TABLE_ENTRY(a, 4),  TABLE_ENTRY(a, 5),  \
   TABLE_ENTRY(a, 6),  TABLE_ENTRY(a, 7),  TABLE_ENTRY(a, 8),  TABLE_ENTRY(a, 9),  TABLE_ENTRY(a, 10), TABLE_ENTRY(a, 11), \
   TABLE_ENTRY(a, 12), TABLE_ENTRY(a, 13), TABLE_ENTRY(a, 14), TABLE_ENTRY(a, 15)}
#define TABLE_FOUR(a) TABLE_ROW(a), TABLE_ROW((a) + 1), TABLE_ROW((a) + 2), TABLE_ROW((a) + 3)
#define TABLE_SIXTEEN(a) TABLE_FOUR(a), TABLE_FOUR((a) + 4), TABLE_FOUR((a) + 8), TABLE_FOUR((a) + 12)
static const unsigned char table_rows[256][16] __attribute__((aligned(64))) = {
    TABLE_SIXTEEN(0),   TABLE_SIXTEEN(16),  TABLE_SIXTEEN(32),  TABLE_SIXTEEN(48),  TABLE_SIXTEEN(64),  TABLE_SIXTEEN(80),
    TABLE_SIXTEEN(96),  TABLE_SIXTEEN(112), TABLE_SIXTEEN(128), TABLE_SIXTEEN(144), TABLE_SIXTEEN(160), TABLE_SIXTEEN(176),
    TABLE_SIXTEEN(192), TABLE_SIXTEEN(208), TABLE_SIXTEEN(224), TABLE_SIXTEEN(240)};

/* Is it worth it, do the sums fit, and is there room for a strip? A few pixels do not pay for the way from words to nibbles. */
DYBNN_INLINE int table_fits(const bconv_args *args) {
  const int32_t words = bconv_window_words(args);
  return args->tail.height * args->tail.width >= TABLE_LEAST_PIXELS && words <= TABLE_WORDS &&
         args->kernel_h * args->words * bconv_columns_under(args, dybnn_min(args->tail.width, STRIP_PIXELS)) <= TABLE_ROW_WORDS;
}

DYBNN_INLINE void table_begin(const bconv_args *args, table_state *state) {
  const int touching = args->dilation_w == 1;
  const int32_t width = args->tail.width;
  /* A map's planes (dybnn_bconv2d_narrow.h) are read as the words of one row. */
  const int planes = args->stride_h == 0;
  state->words = planes ? args->kernel_h : args->words;
  state->word_step = planes ? args->in_pitch : 1;
  state->column_step = args->words;
  state->kernel_rows = planes ? 1 : args->kernel_h;
  state->runs = touching ? 1 : args->kernel_w;
  state->run_words = touching ? args->kernel_w * state->words : state->words;
  state->piece = width;
  if (state->kernel_rows * state->words * bconv_columns_under(args, width) > TABLE_ROW_WORDS) {
    const int32_t columns = TABLE_ROW_WORDS / (state->kernel_rows * state->words);
    state->piece = ((columns - bconv_columns_under(args, 1)) / args->stride_w + 1) / STRIP_PIXELS * STRIP_PIXELS;
  }
  state->piece_words = state->words * bconv_columns_under(args, state->piece);
}

/* One word of 32 channels as nibbles, STRIP_CHANNELS bytes from one to the next. Channel i lies beside channel 16 + i, so that the even
 * and the odd bytes of a sum are sixteen channels in their order. `from` is the word of the first eight channels, the next eight's is
 * block_words further; absent blocks are zero. A transposition of 16 channels by 8 bytes in each half of the registers. */
DYBNN_INLINE void table_transpose(const uint64_t *from, ptrdiff_t block_words, int32_t blocks, unsigned char *to) {
  const __m256i pairs = _mm256_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13,
                                         6, 14, 7, 15);
  const __m256i nibble = _mm256_set1_epi8(15);
  __m256i r[8], s[8];
  int32_t i;
  DYBNN_UNROLL
  for (i = 0; i < 8; i++) {
    /* Channels i, 16 + i below, 8 + i, 24 + i above. */
    __m256i word;
    if (blocks > 3)
      word = _mm256_setr_epi64x((long long)from[i], (long long)from[2 * block_words + i], (long long)from[block_words + i],
                                (long long)from[3 * block_words + i]);
    else
      word = _mm256_setr_epi64x((long long)from[i], blocks > 2 ? (long long)from[2 * block_words + i] : 0,
                                blocks > 1 ? (long long)from[block_words + i] : 0, 0);
    r[i] = _mm256_shuffle_epi8(word, pairs);
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
    __m256i *low = (__m256i *)(void *)(to + 2 * i * STRIP_CHANNELS), *high = (__m256i *)(void *)(to + (2 * i + 1) * STRIP_CHANNELS);
    _mm256_store_si256(low, _mm256_and_si256(s[i], nibble));
    _mm256_store_si256(high, _mm256_and_si256(_mm256_srli_epi16(s[i], 4), nibble));
  }
}

/* The weights of channels c .. c + 63 as nibbles; no row is held. */
static void table_prepare(const bconv_args *args, int32_t c, int32_t count, table_state *state) {
  const int32_t words = bconv_window_words(args);
  const ptrdiff_t block_words = (ptrdiff_t)8 * words;
  const uint64_t *from = args->weights + c / 8 * block_words;
  const int32_t blocks = (count + 7) / 8;
  int32_t k, v;
  for (k = 0; k < words; k++, from += 8)
    for (v = 0; 4 * v < blocks; v++)
      table_transpose(from + 4 * v * block_words, block_words, blocks - 4 * v, state->nibbles[k][0] + 32 * v);
  for (k = 0; k < state->kernel_rows; k++) state->row_of[k] = -1;
}

/* Adds what `nibbles` (three at most) of two pixels count. low: bytes, the first pixel's mismatches. both: 16 bits of b1 * 256 +
 * b0 with the lowest four left out: the second pixel's, and sixteen times the first's of the odd byte. */
DYBNN_INLINE void table_group(const int32_t vectors, const int32_t nibbles, const uint16_t *rows,
                              const unsigned char *weights, __m256i *low, __m256i *both) {
  const __m256i half = _mm256_set1_epi8(15);
  __m256i sum[TABLE_VECTORS];
  int32_t n, v;
  DYBNN_UNROLL
  for (n = 0; n < nibbles; n++) {
    const unsigned char *row = &table_rows[0][0] + rows[n];
    const __m256i table = _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(const void *)row));
    DYBNN_UNROLL
    for (v = 0; v < vectors; v++) {
      const __m256i w = _mm256_load_si256((const __m256i *)(const void *)(weights + n * STRIP_CHANNELS + 32 * v));
      const __m256i mismatches = _mm256_shuffle_epi8(table, w);
      sum[v] = n ? _mm256_add_epi8(sum[v], mismatches) : mismatches;
    }
  }
  DYBNN_UNROLL
  for (v = 0; v < vectors; v++) {
    low[v] = _mm256_add_epi8(low[v], _mm256_and_si256(sum[v], half));
    both[v] = _mm256_add_epi16(both[v], _mm256_srli_epi16(sum[v], 4));
  }
}

/* What the even and the odd bytes of one vector counted, of the first pixel and of the second: 16 channels each. */
typedef struct table_totals {
  __m256i even, odd, second_even, second_odd;
} table_totals;

/* The mismatches of `words` words of each of some runs (TABLE_CHUNK_WORDS in all at most) of two pixels, added to their counts or, if
 * `fresh`, in their place. Run r begins at starts[r] + at. */
DYBNN_INLINE void table_add(const int32_t vectors, const uint16_t *const *starts, ptrdiff_t at, int32_t runs, int32_t words,
                            const unsigned char *weights, int fresh, uint16_t (*counts)[STRIP_CHANNELS]) {
  const __m256i byte = _mm256_set1_epi16(255), zero = _mm256_setzero_si256();
  table_totals totals[TABLE_VECTORS];
  int32_t r, k, v;
  DYBNN_UNROLL
  for (v = 0; v < vectors; v++) {
    const __m256i *from = (const __m256i *)(const void *)(counts[0] + 32 * v);
    const __m256i *second = (const __m256i *)(const void *)(counts[1] + 32 * v);
    totals[v].even = fresh ? zero : _mm256_load_si256(from);
    totals[v].odd = fresh ? zero : _mm256_load_si256(from + 1);
    totals[v].second_even = fresh ? zero : _mm256_load_si256(second);
    totals[v].second_odd = fresh ? zero : _mm256_load_si256(second + 1);
  }
  for (r = 0; r < runs; r++) {
    const uint16_t *row = starts[r] + at;
    int32_t left;
    for (left = words; left > 0; left -= TABLE_FLUSH_WORDS) {
      __m256i low[TABLE_VECTORS], both[TABLE_VECTORS];
      DYBNN_UNROLL
      for (v = 0; v < vectors; v++) low[v] = both[v] = zero;
      if (left >= TABLE_FLUSH_WORDS) {
        DYBNN_UNROLL_TWICE
        for (k = 0; k < 16; k++, row += 3, weights += 3 * STRIP_CHANNELS) table_group(vectors, 3, row, weights, low, both);
      } else {
        for (k = 0; k < left; k++, row += 16, weights += 16 * STRIP_CHANNELS) {
          int32_t n;
          DYBNN_UNROLL
          for (n = 0; n < 15; n += 3) table_group(vectors, 3, row + n, weights + n * STRIP_CHANNELS, low, both);
          table_group(vectors, 1, row + 15, weights + 15 * STRIP_CHANNELS, low, both);
        }
      }
      DYBNN_UNROLL
      for (v = 0; v < vectors; v++) {
        const __m256i odd = _mm256_srli_epi16(low[v], 8), second = _mm256_sub_epi16(both[v], _mm256_slli_epi16(odd, 4));
        totals[v].even = _mm256_add_epi16(totals[v].even, _mm256_and_si256(low[v], byte));
        totals[v].odd = _mm256_add_epi16(totals[v].odd, odd);
        totals[v].second_even = _mm256_add_epi16(totals[v].second_even, _mm256_and_si256(second, byte));
        totals[v].second_odd = _mm256_add_epi16(totals[v].second_odd, _mm256_srli_epi16(second, 8));
      }
    }
  }
  DYBNN_UNROLL
  for (v = 0; v < vectors; v++) {
    __m256i *to = (__m256i *)(void *)(counts[0] + 32 * v), *second = (__m256i *)(void *)(counts[1] + 32 * v);
    _mm256_store_si256(to, totals[v].even);
    _mm256_store_si256(to + 1, totals[v].odd);
    _mm256_store_si256(second, totals[v].second_even);
    _mm256_store_si256(second + 1, totals[v].second_odd);
  }
}

/* Sixteen bytes, the activations of two pixels by fours, to table_offsets. */
DYBNN_INLINE void table_store_offsets(__m128i bytes, uint16_t *to) {
  _mm256_store_si256((__m256i *)(void *)to, _mm256_slli_epi16(_mm256_cvtepu8_epi16(bytes), 4));
}

/* Four words of one pixel and four of another by fours: the first and the third word's in the two halves of `even`. */
DYBNN_INLINE void table_by_fours(__m256i one, __m256i two, __m256i *even, __m256i *odd) {
  const __m256i half = _mm256_set1_epi8(15);
  const __m256i low = _mm256_or_si256(_mm256_and_si256(one, half), _mm256_slli_epi16(_mm256_and_si256(two, half), 4));
  const __m256i high = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(one, 4), half), _mm256_andnot_si256(half, two));
  *even = _mm256_unpacklo_epi8(low, high);
  *odd = _mm256_unpackhi_epi8(low, high);
}

/* `words` words and those `other` words after them as offsets, each `step` of these from the one before. */
DYBNN_INLINE void table_pair(const uint64_t *from, ptrdiff_t other, int32_t words, table_offsets *to, ptrdiff_t step) {
  __m256i even, odd;
  int32_t i;
  for (i = 0; i + 4 <= words; i += 4, to += 4 * step) {
    table_by_fours(_mm256_loadu_si256((const __m256i *)(const void *)(from + i)),
                   _mm256_loadu_si256((const __m256i *)(const void *)(from + i + other)), &even, &odd);
    table_store_offsets(_mm256_castsi256_si128(even), to[0]);
    table_store_offsets(_mm256_castsi256_si128(odd), to[step]);
    table_store_offsets(_mm256_extracti128_si256(even, 1), to[2 * step]);
    table_store_offsets(_mm256_extracti128_si256(odd, 1), to[3 * step]);
  }
  for (; i < words; i++, to += step) {
    table_by_fours(_mm256_set1_epi64x((long long)from[i]), _mm256_set1_epi64x((long long)from[i + other]), &even, &odd);
    table_store_offsets(_mm256_castsi256_si128(even), to[0]);
  }
}

/* Where row `ky` of row y's windows is held: in turn, so that neighbours stay where they are for the next row. */
DYBNN_INLINE int32_t table_slot(const bconv_args *args, const table_state *state, int32_t y, int32_t ky) {
  return (y * args->stride_h + ky) % state->kernel_rows;
}

/* The rows under pixels x .. x + pixels - 1 of row y as offsets: every column with the one that is a pixel to its right, which a
 * window's tap needs of two pixels at once. The last columns have none in the map and are paired with themselves. A row that is
 * there from the row of the output before stays. */
static void table_fill(const bconv_args *args, table_state *state, int32_t y, int32_t x, int32_t pixels) {
  const int32_t columns = bconv_columns_under(args, pixels);
  const int32_t paired = dybnn_max(columns - args->stride_w, 0);
  const int32_t words = state->words, alone = columns - paired;
  const ptrdiff_t right = args->stride_w * state->column_step;
  int32_t ky, w;
  for (ky = 0; ky < state->kernel_rows; ky++) {
    const int32_t row = y * args->stride_h + ky * args->dilation_h;
    const int32_t slot = table_slot(args, state, y, ky);
    const uint64_t *from = args->input + (ptrdiff_t)row * args->in_pitch + x * right;
    table_offsets *to = state->rows + (ptrdiff_t)slot * state->piece_words;
    if (state->row_of[slot] == row && state->piece == args->tail.width && args->stride_h > 0) continue;
    state->row_of[slot] = row;
    if (state->word_step == 1) {
      table_pair(from, right, paired * words, to, 1);
      table_pair(from + paired * state->column_step, 0, alone * words, to + (ptrdiff_t)paired * words, 1);
    } else {
      for (w = 0; w < words; w++, from += state->word_step) {
        table_pair(from, right, paired, to + w, words);
        table_pair(from + paired, 0, alone, to + (ptrdiff_t)paired * words + w, words);
      }
    }
  }
}

/* bconv_strip with prepared weights. */
static void table_strip(const bconv_args *args, const bconv_plan *plan, table_state *state, int32_t y, int32_t x, int32_t pixels,
                        int32_t c, int32_t count, bconv_value *values) {
  const ptrdiff_t base_channels = (args->tail.channels + 7) / 8 * 8;
  const int32_t *row_base = args->base + args->row_class[y] * args->col_classes * base_channels + c;
  const int32_t runs = state->kernel_rows * state->runs, together = runs * state->run_words <= TABLE_CHUNK_WORDS ? runs : 1;
  const int32_t chunk_words = together > 1 ? state->run_words : TABLE_CHUNK_WORDS;
  const ptrdiff_t pixel = 16 * (ptrdiff_t)args->stride_w * state->words;
  const unsigned char *weights = state->nibbles[0][0];
  uint16_t counts[STRIP_PIXELS][STRIP_CHANNELS] __attribute__((aligned(64)));
  const uint16_t *starts[TABLE_WORDS];
  int32_t r, k, p, b;
  if (x % state->piece == 0) table_fill(args, state, y, x, dybnn_min(args->tail.width - x, state->piece));
  for (r = 0; r < runs; r++) {
    const int32_t kx = r % state->runs, slot = table_slot(args, state, y, r / state->runs);
    starts[r] = state->rows[(ptrdiff_t)slot * state->piece_words + kx * args->dilation_w * state->words] + x % state->piece * pixel;
  }
  for (r = 0; r < runs; r += together)
    for (k = 0; k < state->run_words; k += chunk_words) {
      const int32_t words = dybnn_min(state->run_words - k, chunk_words);
      const int fresh = r + k == 0;
      for (p = 0; p < pixels; p += 2)
        if (count > 32)
          table_add(2, starts + r, p * pixel + 16 * k, together, words, weights, fresh, &counts[p]);
        else
          table_add(1, starts + r, p * pixel + 16 * k, together, words, weights, fresh, &counts[p]);
      weights += 16 * together * words * STRIP_CHANNELS;
    }
  for (b = 0; b < count; b += 8) {
    const bconv_scaling scaling = bconv_scaling_of(plan, c + b);
    for (p = 0; p < pixels; p++) {
      const __m256i m = _mm256_cvtepu16_epi32(_mm_load_si128((const __m128i *)(const void *)(counts[p] + b)));
      bconv_store_eight(&scaling, row_base + args->col_class[x + p] * base_channels + b, m, values + p * STRIP_CHANNELS + b);
    }
  }
}

#endif
