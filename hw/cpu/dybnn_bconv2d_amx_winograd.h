/* dybnn_bconv2d_amx_winograd.h - binary convolution with three taps in a row and stride 1, by half as many products.
 *
 * Four neighbouring outputs of a row take 12 products of 6 inputs and 3 weights; Winograd's F(4, 3) takes 6, of sums of inputs
 * and sums of weights (A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, arXiv:1509.09308, at the points
 * 0, 1, -1, 2, -2 and infinity). In floating point that costs accuracy. Here all are integers: inputs of +1 and -1 become at
 * most 10, weights at most 7, both of which are bytes for the matrix unit, and the sums for four outputs are whole multiples of
 * 24, 12, 6 and 6, exactly divided at the end. So the bits of the result are those of every other kernel [4.2].
 *
 *   inputs d0 .. d5         weights g0 g1 g2        outputs of the products' sums m0 .. m5
 *   4 d0 - 5 d2 + d4        g0                      24 y0 = 6 m0 - 4 (m1 + m2) + (m3 + m4)
 *   d4 - 4 d2 + d3 - 4 d1   g0 + g1 + g2            12 y1 = (m3 - m4) - 2 (m1 - m2)
 *   d4 - 4 d2 - d3 + 4 d1   g0 - g1 + g2             6 y2 = (m3 + m4) - (m1 + m2)
 *   d4 - d2 + 2 (d3 - d1)   g0 + 2 g1 + 4 g2         6 y3 = 2 (m3 - m4) - (m1 - m2) + 6 m5
 *   d4 - d2 - 2 (d3 - d1)   g0 - 2 g1 + 4 g2
 *   4 d1 - 5 d3 + d5        g2
 *
 * A position is four outputs of a row. Planes are [component][word][row][position], a line of 64 bytes each; the positions of a row
 * follow those of the row before without a gap, so that tiles need not end where rows do. Rows of a kernel are taps like
 * words: they add up in the tile. The three signs of a row of weights make a number below 8, which is found once for the six
 * components and looked up in a table for each.
 */
#ifndef DYBNN_BCONV2D_AMX_WINOGRAD_H
#define DYBNN_BCONV2D_AMX_WINOGRAD_H

#define COMPONENTS 6
#define WINOGRAD_TAPS 3
#define WINOGRAD_MOST_LINES 3136 /* 196 KiB of stack for the planes */
#define WINOGRAD_MOST_STEPS 48   /* words * kernel_h: 24 KiB of stack for the weights' signs */

/* Weights of a component by their signs: bit kx of the index is set where tap kx is -1. */
static const int8_t winograd_weights[COMPONENTS][8] = {
    {1, -1, 1, -1, 1, -1, 1, -1},  /* g0 */
    {3, 1, 1, -1, 1, -1, -1, -3},  /* g0 + g1 + g2 */
    {1, -1, 3, 1, -1, -3, 1, -1},  /* g0 - g1 + g2 */
    {7, 5, 3, 1, -1, -3, -5, -7},  /* g0 + 2 g1 + 4 g2 */
    {3, 1, 7, 5, -5, -7, -1, -3},  /* g0 - 2 g1 + 4 g2 */
    {1, 1, 1, 1, -1, -1, -1, -1}}; /* g2 */

/* How a map is cut into tiles of positions. */
typedef struct winograd_cut {
  int32_t per_row;   /* positions in a row of the output */
  int32_t rows;      /* of the output in a band */
  int32_t tile_rows; /* positions in a segment */
  int64_t cycles;    /* 0: this convolution cannot be done so; otherwise as direct_cycles */
} winograd_cut;

/* For `rows` rows of the output at a time: the height of a band that takes the least time. In cycles, measured: a step costs 30 for its
 * weights and 27 for 14 positions, a pixel 14 into and out of its products, a line of a plane 30 for all outputs. */
static winograd_cut choose_winograd_cut(const bconv_args *args, int32_t rows) {
  const int32_t steps = args->words * args->kernel_h, blocks = (args->group_channels + OUTPUTS - 1) / OUTPUTS;
  winograd_cut best, k;
  best.cycles = 0;
  best.rows = best.tile_rows = 0;
  best.per_row = k.per_row = (args->tail.width + POSITION_PIXELS - 1) / POSITION_PIXELS;
  if (args->kernel_w != WINOGRAD_TAPS || args->stride_w != 1 || args->stride_h != 1 || args->dilation_w != 1) return best;
  if (steps > WINOGRAD_MOST_STEPS || (bconv_is_far(&args->tail) && steps < 6)) return best;
  for (k.rows = 1; k.rows <= rows; k.rows++) {
    const int32_t positions = k.rows * k.per_row;
    const int32_t segments = (positions + SEGMENT_PIXELS - 1) / SEGMENT_PIXELS;
    const int32_t lines = args->words * input_rows(args, k.rows) * k.per_row;
    if (segments > SEGMENTS || COMPONENTS * lines > WINOGRAD_MOST_LINES) break;
    k.tile_rows = (positions + segments - 1) / segments;
    k.cycles = COMPONENTS * steps * (30 + segments * 2 * dybnn_max(13, k.tile_rows)) + 600 + 30 * lines / blocks;
    k.cycles = (rows + k.rows - 1) / k.rows * k.cycles + (int64_t)14 * rows * args->tail.width;
    if (best.cycles == 0 || k.cycles < best.cycles) best = k;
  }
  return best;
}

/* Sixty-four channels of a pixel of an input row to +1 and -1; past the last that is needed +1, for outputs that are not there. */
DYBNN_INLINE __m512i winograd_input(const uint64_t *row, int32_t x, int32_t width, int32_t words) {
  return expand(x < width ? row[(ptrdiff_t)x * words] : 0);
}

/* Input rows of a band to planes. */
static void winograd_rows(const bconv_args *args, int32_t row, int32_t rows, int32_t per_row, unsigned char *planes) {
  const int32_t words = args->words, width = bconv_input_columns(args);
  const ptrdiff_t component_bytes = (ptrdiff_t)words * rows * per_row * LINE;
  int32_t y, i, k;
  for (k = 0; k < words; k++)
    for (y = 0; y < rows; y++) {
      const uint64_t *from = args->input + (ptrdiff_t)(row + y) * args->in_pitch + k;
      unsigned char *to = planes + ((ptrdiff_t)k * rows + y) * per_row * LINE;
      __m512i d0 = winograd_input(from, 0, width, words), d1 = winograd_input(from, 1, width, words);
      for (i = 0; i < per_row; i++, to += LINE) {
        const int32_t x = i * POSITION_PIXELS;
        const __m512i d2 = winograd_input(from, x + 2, width, words), d3 = winograd_input(from, x + 3, width, words);
        const __m512i d4 = winograd_input(from, x + 4, width, words), d5 = winograd_input(from, x + 5, width, words);
        /* There is no shift of bytes, but these have room: 4 d is d + d twice. */
        const __m512i twice1 = _mm512_add_epi8(d1, d1), twice3 = _mm512_add_epi8(d3, d3);
        const __m512i four0 = _mm512_add_epi8(_mm512_add_epi8(d0, d0), _mm512_add_epi8(d0, d0));
        const __m512i four1 = _mm512_add_epi8(twice1, twice1), four3 = _mm512_add_epi8(twice3, twice3);
        const __m512i four2 = _mm512_add_epi8(_mm512_add_epi8(d2, d2), _mm512_add_epi8(d2, d2));
        const __m512i a = _mm512_sub_epi8(d4, four2), b = _mm512_sub_epi8(d3, four1);
        const __m512i e = _mm512_sub_epi8(d4, d2), f = _mm512_sub_epi8(twice3, twice1);
        _mm512_store_si512(to, _mm512_add_epi8(four0, _mm512_sub_epi8(a, d2)));
        _mm512_store_si512(to + component_bytes, _mm512_add_epi8(a, b));
        _mm512_store_si512(to + 2 * component_bytes, _mm512_sub_epi8(a, b));
        _mm512_store_si512(to + 3 * component_bytes, _mm512_add_epi8(e, f));
        _mm512_store_si512(to + 4 * component_bytes, _mm512_sub_epi8(e, f));
        _mm512_store_si512(to + 5 * component_bytes, _mm512_sub_epi8(_mm512_add_epi8(four1, d5), _mm512_add_epi8(four3, d3)));
        d0 = d4;
        d1 = d5;
      }
    }
}

/* Weight tiles on their way, as weight_stream: component by component, step by step; a step is a word and a row of the kernel. */
typedef struct winograd_stream {
  const uint64_t *weights; /* of the outputs in work */
  ptrdiff_t block_words;
  int32_t outputs;         /* from those on */
  int32_t words, kernel_h, component;
  int32_t left, odd;       /* steps of the component, with this one; is this one the second of its two */
  __m512i table, shift;    /* of the component, of the step */
  unsigned char *step;     /* signs of the step in work */
  /* [steps / 2][16][LINE]: a tile of two steps, the first's in the lower half of a byte, the second's in the upper. */
  unsigned char signs[WINOGRAD_MOST_STEPS / 2 * 16 * LINE] __attribute__((aligned(64)));
  tile_ring ring;
} winograd_stream;

/* The words of one step: tap kx of outputs 0, 1, 4, 5, 8, 9, 12, 13 to even[kx], of the others to odd[kx]. */
DYBNN_INLINE void winograd_taps(const winograd_stream *stream, int32_t step, __m512i *even, __m512i *odd) {
  const ptrdiff_t tap_words = (ptrdiff_t)stream->words * 8;
  const uint64_t *w = stream->weights + step % stream->kernel_h * WINOGRAD_TAPS * tap_words + step / stream->kernel_h * 8;
  const uint64_t *w2 = stream->outputs > 8 ? w + stream->block_words : w;
  const __m512i first = _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13), second = _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15);
  int32_t kx;
  for (kx = 0; kx < WINOGRAD_TAPS; kx++, w += tap_words, w2 += tap_words) {
    const __m512i low = _mm512_loadu_si512(w), high = _mm512_loadu_si512(w2);
    even[kx] = _mm512_permutex2var_epi64(low, first, high);
    odd[kx] = _mm512_permutex2var_epi64(low, second, high);
  }
}

/* Bits to numbers: taps a of one step, b of the next, eight outputs each with 64 inputs, to numbers[byte of inputs / 2][parity of
 * the output]: of an output two bytes' eight inputs, one after the other.
 * Byte by byte the taps of both steps are a matrix of 8 x 8 bits, a tap a row; its columns are the numbers. GF2P8AFFINEQB
 * with the unit vectors takes the columns, its first row in the highest byte. */
DYBNN_INLINE void winograd_numbers(const __m512i *a, const __m512i *b, __m512i numbers[4][2]) {
  const __m512i zero = _mm512_setzero_si512(), unit = _mm512_set1_epi64((long long)0x8040201008040201ull);
  const __m512i b2[2] = {_mm512_unpacklo_epi8(zero, b[2]), _mm512_unpackhi_epi8(zero, b[2])};
  const __m512i b10[2] = {_mm512_unpacklo_epi8(b[1], b[0]), _mm512_unpackhi_epi8(b[1], b[0])};
  const __m512i a2[2] = {_mm512_unpacklo_epi8(zero, a[2]), _mm512_unpackhi_epi8(zero, a[2])};
  const __m512i a10[2] = {_mm512_unpacklo_epi8(a[1], a[0]), _mm512_unpackhi_epi8(a[1], a[0])};
  int32_t parity;
  DYBNN_UNROLL
  for (parity = 0; parity < 2; parity++) {
    const __m512i b_low = _mm512_unpacklo_epi16(b2[parity], b10[parity]), b_high = _mm512_unpackhi_epi16(b2[parity], b10[parity]);
    const __m512i a_low = _mm512_unpacklo_epi16(a2[parity], a10[parity]), a_high = _mm512_unpackhi_epi16(a2[parity], a10[parity]);
    numbers[0][parity] = _mm512_gf2p8affine_epi64_epi8(unit, _mm512_maskz_unpacklo_epi32(0xffff, b_low, a_low), 0);
    numbers[1][parity] = _mm512_gf2p8affine_epi64_epi8(unit, _mm512_maskz_unpackhi_epi32(0xffff, b_low, a_low), 0);
    numbers[2][parity] = _mm512_gf2p8affine_epi64_epi8(unit, _mm512_maskz_unpacklo_epi32(0xffff, b_high, a_high), 0);
    numbers[3][parity] = _mm512_gf2p8affine_epi64_epi8(unit, _mm512_maskz_unpackhi_epi32(0xffff, b_high, a_high), 0);
  }
}

/* Signs of all steps for the outputs in work, two steps at a time; past the last step are zeros, which nothing uses. All at once,
 * because the processor cannot look past so much work to the matrix unit's next. */
static void winograd_signs(winograd_stream *stream) {
  const int32_t steps = stream->words * stream->kernel_h;
  unsigned char *to = stream->signs;
  int32_t step, i;
  for (step = 0; step < steps; step += 2, to += 16 * LINE) {
    __m512i even_a[WINOGRAD_TAPS], odd_a[WINOGRAD_TAPS], even_b[WINOGRAD_TAPS], odd_b[WINOGRAD_TAPS], even[4][2], odd[4][2];
    winograd_taps(stream, step, even_a, odd_a);
    if (step + 1 < steps)
      winograd_taps(stream, step + 1, even_b, odd_b);
    else
      for (i = 0; i < WINOGRAD_TAPS; i++) even_b[i] = odd_b[i] = _mm512_setzero_si512();
    winograd_numbers(even_a, even_b, even);
    winograd_numbers(odd_a, odd_b, odd);
    DYBNN_UNROLL
    for (i = 0; i < 4; i++) {
      /* Four outputs side by side, four inputs of each: a tile row. */
      const __m512i low = _mm512_maskz_unpacklo_epi32(0xffff, even[i][0], even[i][1]);
      const __m512i high = _mm512_maskz_unpackhi_epi32(0xffff, even[i][0], even[i][1]);
      const __m512i low2 = _mm512_maskz_unpacklo_epi32(0xffff, odd[i][0], odd[i][1]);
      const __m512i high2 = _mm512_maskz_unpackhi_epi32(0xffff, odd[i][0], odd[i][1]);
      _mm512_store_si512(to + (4 * i + 0) * LINE, _mm512_maskz_unpacklo_epi64(0xff, low, low2));
      _mm512_store_si512(to + (4 * i + 1) * LINE, _mm512_maskz_unpackhi_epi64(0xff, low, low2));
      _mm512_store_si512(to + (4 * i + 2) * LINE, _mm512_maskz_unpacklo_epi64(0xff, high, high2));
      _mm512_store_si512(to + (4 * i + 3) * LINE, _mm512_maskz_unpackhi_epi64(0xff, high, high2));
    }
  }
}

/* To the first step of a component of the outputs in work. */
DYBNN_INLINE void winograd_component(winograd_stream *stream, int32_t component) {
  stream->component = component;
  stream->odd = 0;
  stream->left = stream->words * stream->kernel_h;
  stream->step = stream->signs;
  stream->shift = _mm512_setzero_si512();
  stream->table = _mm512_set1_epi64(*(const long long *)(const void *)winograd_weights[component]);
  if (component == 0) winograd_signs(stream);
}

/* To the next tile; past the very last some of the last outputs again. */
DYBNN_INLINE void winograd_next(winograd_stream *stream) {
  ring_next(&stream->ring);
  if (--stream->left > 0) {
    stream->step += 16 * LINE * (stream->odd & 1);
    stream->odd ^= 1;
    stream->shift = _mm512_xor_si512(stream->shift, _mm512_set1_epi16(4));
    return;
  }
  if (stream->component + 1 == COMPONENTS && stream->outputs > OUTPUTS) {
    stream->outputs -= OUTPUTS;
    stream->weights += 2 * stream->block_words;
  }
  winograd_component(stream, (stream->component + 1) % COMPONENTS);
}

/* Rows first .. last - 1 of the tile in work. A look-up takes the lower half of a byte; bit 7 is 0, shifted or not. */
DYBNN_INLINE void winograd_tile_rows(winograd_stream *stream, const int32_t first, const int32_t last) {
  unsigned char *const tile = ring_tile(&stream->ring);
  const unsigned char *const step = stream->step;
  const __m512i table = stream->table, shift = stream->shift;
  int32_t r;
  DYBNN_UNROLL
  for (r = first; r < last; r++) {
    const __m512i signs = _mm512_srlv_epi16(_mm512_load_si512(step + r * LINE), shift);
    _mm512_store_si512(tile + r * LINE, _mm512_shuffle_epi8(table, signs));
  }
}

DYBNN_INLINE void winograd_start(winograd_stream *stream, const bconv_args *args, int32_t first, int32_t last) {
  int32_t i;
  stream->block_words = 8 * (ptrdiff_t)bconv_window_words(args);
  stream->weights = args->weights + first / 8 * stream->block_words;
  stream->outputs = last - first;
  stream->words = args->words;
  stream->kernel_h = args->kernel_h;
  stream->ring.slot = stream->ring.turn = 0;
  winograd_component(stream, 0);
  winograd_tile_rows(stream, 0, 16);
  for (i = 1; i < AHEAD; i++) {
    winograd_next(stream);
    winograd_tile_rows(stream, 0, 16);
  }
}

/* Products of all positions of a band for 16 outputs, over all words and rows of the kernel, to
 * products[component][position][OUTPUTS]. `segments` is a constant where this is called; see multiply. */
DYBNN_INLINE void winograd_multiply(const band *b, const int32_t segments, int32_t tile_rows, winograd_stream *stream,
                                    int32_t *products) {
  const int32_t words = b->args->words, kernel_h = b->args->kernel_h;
  const unsigned char *plane = b->planes;
  int32_t component, k, ky;
#define SEGMENT(i)                                                              \
  if (segments > i) {                                                           \
    _tile_loadd(6, at + b->segment_at[i], LINE);                                \
    _tile_dpbssd(i, 6, 7);                                                      \
    if (i == 0) winograd_next(stream);                                          \
    winograd_tile_rows(stream, 16 * i / segments, 16 * (i + 1) / segments);     \
  }
  for (component = 0; component < COMPONENTS; component++, products += MOST_PLACES * OUTPUTS) {
    zero_sums(segments);
    for (k = 0; k < words; k++, plane += b->plane_bytes) {
      for (ky = 0; ky < kernel_h; ky++) {
        const unsigned char *at = plane + b->tap_at[ky];
        ring_load(&stream->ring);
        EACH_SEGMENT(SEGMENT)
      }
    }
    store_sums(segments, tile_rows, products);
  }
#undef SEGMENT
}

/* v / (3 << shift), where there is no remainder: a third is a multiplication modulo 2^32. */
DYBNN_INLINE __m512i winograd_exactly(__m512i v, const unsigned shift) {
  return _mm512_mullo_epi32(_mm512_maskz_srai_epi32(0xffff, v, shift), _mm512_set1_epi32(-1431655765));
}

/* Sums of the pixels of `positions` positions. */
DYBNN_INLINE void winograd_outputs(const int32_t *products, int32_t positions, int32_t *sums) {
  const ptrdiff_t next = (ptrdiff_t)MOST_PLACES * OUTPUTS;
  int32_t i;
  for (i = 0; i < positions; i++, products += OUTPUTS, sums += POSITION_PIXELS * OUTPUTS) {
    const __m512i m0 = _mm512_loadu_si512(products), m5 = _mm512_loadu_si512(products + 5 * next);
    const __m512i m1 = _mm512_loadu_si512(products + next), m2 = _mm512_loadu_si512(products + 2 * next);
    const __m512i m3 = _mm512_loadu_si512(products + 3 * next), m4 = _mm512_loadu_si512(products + 4 * next);
    const __m512i s = _mm512_add_epi32(m1, m2), d = _mm512_sub_epi32(m1, m2);
    const __m512i p = _mm512_add_epi32(m3, m4), q = _mm512_sub_epi32(m3, m4);
    const __m512i six0 = _mm512_add_epi32(_mm512_maskz_slli_epi32(0xffff, m0, 2), _mm512_add_epi32(m0, m0));
    const __m512i six5 = _mm512_add_epi32(_mm512_maskz_slli_epi32(0xffff, m5, 2), _mm512_add_epi32(m5, m5));
    const __m512i y0 = _mm512_add_epi32(_mm512_sub_epi32(six0, _mm512_maskz_slli_epi32(0xffff, s, 2)), p);
    const __m512i y3 = _mm512_add_epi32(_mm512_sub_epi32(_mm512_add_epi32(q, q), d), six5);
    _mm512_storeu_si512(sums, winograd_exactly(y0, 3));
    _mm512_storeu_si512(sums + OUTPUTS, winograd_exactly(_mm512_sub_epi32(q, _mm512_add_epi32(d, d)), 2));
    _mm512_storeu_si512(sums + 2 * OUTPUTS, winograd_exactly(_mm512_sub_epi32(p, s), 1));
    _mm512_storeu_si512(sums + 3 * OUTPUTS, winograd_exactly(y3, 1));
  }
}

#endif
