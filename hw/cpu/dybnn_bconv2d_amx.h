/* dybnn_bconv2d_amx.h - binary convolution on the matrix unit (AMX-INT8), past the bound of any popcount.
 *
 * A bit becomes a byte of +1 or -1, and TDPBSSD multiplies a tile of 16 pixels x 64 channels by one of 64 channels x 16 outputs:
 * 16384 multiply-accumulates in 16 cycles, three times what xor, popcount and add do in two 512-bit units. The integers are
 * exact, so the bits of the result are those of every other kernel.
 *
 * Both operands are kept as bits and expanded on the way, on ports the matrix unit does not use:
 *   activations: the rows a band of output rows reads, once for all outputs, to a line of 64 bytes a word, planes[word][row][x];
 *   weights: 16 outputs of one word to a tile, used for all of the band's pixels at once.
 * A band is up to 6 segments of up to 16 pixels; their sums stay in 6 tile registers over all of K. The loop over a word's taps
 * is inside the one over words, so that the plane of a word is read from L1 for all taps.
 *
 * Equal bits give +1, unequal -1, and bits that are absent on both sides are equal: a sum is S = 64 K - 2 * mismatches with K
 * words a window, so base - 2 * mismatches = base - 64 K + S [4.2].
 *
 * Here: tiles, and how a map is cut into them; dybnn_bconv2d_amx_units.h has the rest. The file that includes this brings the names of
 * a tail (dybnn_bconv2d_float_types.h, dybnn_fixed_bconv2d_simd.h).
 */
#ifndef DYBNN_BCONV2D_AMX_H
#define DYBNN_BCONV2D_AMX_H

#include "dybnn_amx_tiles.h"
#include "dybnn_bconv2d_narrow.h"
#include "dybnn_bconv2d_window.h"
#include "dybnn_strip.h"

#define SEGMENTS 6
#define SEGMENT_PIXELS 16
#define MOST_LINES 1344 /* 84 KiB of stack for the planes */
#define MOST_TAPS 64
#define MOST_PLACES (SEGMENTS * SEGMENT_PIXELS)
#define OUTPUTS 16
#define POSITION_PIXELS 4 /* in a row of a tile, by dybnn_bconv2d_amx_winograd.h; directly 1 */
#define MOST_PIXELS (MOST_PLACES * POSITION_PIXELS)
/* Weight tiles are expanded so many steps before they are loaded: a load that meets its own stores on the way would wait. */
#define AHEAD 4
#define RING 8

/* Up to SEGMENT_PIXELS pixels of one output row that lie together among a band's sums, from the band's pixel `at` on. */
typedef struct placement {
  int32_t at, y, x, pixels;
} placement;

/* A band: what its segments read and where their results go. */
typedef struct band {
  const bconv_args *args;
  int32_t segments, places;        /* in use */
  placement place[MOST_PLACES];
  ptrdiff_t segment_at[SEGMENTS];  /* bytes from a plane's start to the segment's first pixel under tap (0, 0) */
  ptrdiff_t tap_at[MOST_TAPS];     /* bytes from there to a tap */
  ptrdiff_t plane_bytes;
  const unsigned char *planes;
} band;

DYBNN_INLINE __m512i expand(uint64_t word) {
  return _mm512_mask_blend_epi8((__mmask64)word, _mm512_set1_epi8(1), _mm512_set1_epi8(-1));
}

/* Input rows row .. row + rows - 1 to planes. Pixels past the last that is needed, up to `pitch`, are left as they are: what is read
 * from there is never used. */
static void expand_rows(const bconv_args *args, int32_t row, int32_t rows, int32_t pitch, unsigned char *planes) {
  const int32_t words = args->words, width = bconv_input_columns(args);
  int32_t y, x, k;
  for (k = 0; k < words; k++)
    for (y = 0; y < rows; y++) {
      const uint64_t *from = args->input + (ptrdiff_t)(row + y) * args->in_pitch + k;
      unsigned char *to = planes + ((ptrdiff_t)k * rows + y) * pitch * LINE;
      for (x = 0; x < width; x++, from += words, to += LINE) _mm512_store_si512(to, expand(*from));
    }
}

/* Word k, tap t of 16 outputs (at `low` the first eight, at `high` the others), to a mask for each row of a weight tile: row r
 * holds bits 4r .. 4r + 3 of every output, so this is a 16 x 16 transpose of nibbles, first of bytes and then inside them. */
DYBNN_INLINE void transpose_weights(__m512i low, __m512i high, uint64_t *masks) {
  /* Byte j of output n comes to 16 j + n, for j in 0 .. 3 and in 4 .. 7. */
  static const uint8_t bytes[64] = {0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120,
                                    1, 9, 17, 25, 33, 41, 49, 57, 65, 73, 81, 89, 97, 105, 113, 121,
                                    2, 10, 18, 26, 34, 42, 50, 58, 66, 74, 82, 90, 98, 106, 114, 122,
                                    3, 11, 19, 27, 35, 43, 51, 59, 67, 75, 83, 91, 99, 107, 115, 123};
  const __m512i first = _mm512_loadu_si512(bytes);
  const __m512i second = _mm512_add_epi8(first, _mm512_set1_epi8(4));
  const __m512i outer = _mm512_set1_epi16((short)0xf00f), swapped = _mm512_set1_epi16(0x00f0);
  /* In a lane of 16 bytes: the even ones, then the odd ones. */
  const __m512i apart = _mm512_set4_epi32(0x0f0d0b09, 0x07050301, 0x0e0c0a08, 0x06040200);
  int32_t half;
  for (half = 0; half < 2; half++) {
    const __m512i t = _mm512_permutex2var_epi8(low, half ? second : first, high);
    /* Of two bytes ab, cd (a high nibble) make bd and ac: nibbles of one row side by side. */
    const __m512i up = _mm512_and_si512(_mm512_slli_epi16(t, 4), _mm512_slli_epi16(swapped, 4));
    const __m512i down = _mm512_and_si512(_mm512_srli_epi16(t, 4), swapped);
    const __m512i x = _mm512_or_si512(_mm512_and_si512(t, outer), _mm512_or_si512(up, down));
    _mm512_store_si512(masks + 8 * half, _mm512_shuffle_epi8(x, apart));
  }
  /* Through memory: loads feed the mask registers faster than shuffles would. */
  TILE_MEMORY_BARRIER();
}

/* Tile registers have to be constants: DO(i) for each of a band's segments. */
#define EACH_SEGMENT(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)

/* The same for how many segments there are. */
#define BY_SEGMENTS(segments, DO) \
  switch (segments) {             \
    case 1: DO(1); break;         \
    case 2: DO(2); break;         \
    case 3: DO(3); break;         \
    case 4: DO(4); break;         \
    case 5: DO(5); break;         \
    default: DO(6); break;        \
  }

/* `segments` is a constant where these are called. */
DYBNN_INLINE void zero_sums(const int32_t segments) {
#define SEGMENT_ZERO(i) \
  if (segments > i) _tile_zero(i);
  EACH_SEGMENT(SEGMENT_ZERO)
#undef SEGMENT_ZERO
}

/* To sums[segment][row of its tile][OUTPUTS], segments `rows` apart. */
DYBNN_INLINE void store_sums(const int32_t segments, int32_t rows, int32_t *sums) {
  const long step = OUTPUTS * (long)sizeof(int32_t);
#define SEGMENT_STORE(i) \
  if (segments > i) _tile_stored(i, sums + i * rows * OUTPUTS, step);
  EACH_SEGMENT(SEGMENT_STORE)
#undef SEGMENT_STORE
  TILE_MEMORY_BARRIER();
}

/* Weight tiles, written AHEAD of where they are read. */
typedef struct tile_ring {
  int32_t slot, turn; /* written last, read next */
  unsigned char tiles[RING * 16 * LINE] __attribute__((aligned(64)));
} tile_ring;

DYBNN_INLINE void ring_next(tile_ring *ring) { ring->slot = (ring->slot + 1) % RING; }

DYBNN_INLINE unsigned char *ring_tile(tile_ring *ring) { return ring->tiles + ring->slot * 16 * LINE; }

DYBNN_INLINE void ring_load(tile_ring *ring) {
  TILE_MEMORY_BARRIER();
  _tile_loadd(7, ring->tiles + ring->turn * 16 * LINE, LINE);
  ring->turn = (ring->turn + 1) % RING;
}

/* Weight tiles on their way, from one 16 outputs to the next: masks[] of the one in work, and a ring of finished ones. */
typedef struct weight_stream {
  const uint64_t *weights; /* of the outputs in work */
  ptrdiff_t block_words;
  int32_t outputs;         /* from those on */
  int32_t words, taps, word, tap;
  uint64_t masks[16] __attribute__((aligned(64)));
  tile_ring ring;
} weight_stream;

/* Starts the next tile; past the very last some of the last outputs again, so that there is always one. */
DYBNN_INLINE void stream_next(weight_stream *stream) {
  const uint64_t *w = stream->weights + ((ptrdiff_t)stream->tap * stream->words + stream->word) * 8;
  /* Where the second eight are absent the first are counted twice and not used. */
  const uint64_t *w2 = stream->outputs > 8 ? w + stream->block_words : w;
  transpose_weights(_mm512_loadu_si512(w), _mm512_loadu_si512(w2), stream->masks);
  ring_next(&stream->ring);
  if (++stream->tap == stream->taps) {
    stream->tap = 0;
    if (++stream->word == stream->words) {
      stream->word = 0;
      if (stream->outputs > OUTPUTS) {
        stream->outputs -= OUTPUTS;
        stream->weights += 2 * stream->block_words;
      }
    }
  }
}

/* Rows first .. last - 1 of the tile in work. */
DYBNN_INLINE void stream_rows(weight_stream *stream, const int32_t first, const int32_t last) {
  unsigned char *const tile = ring_tile(&stream->ring);
  int32_t r;
  DYBNN_UNROLL
  for (r = first; r < last; r++) _mm512_store_si512(tile + r * LINE, expand(stream->masks[r]));
}

/* From the first of AHEAD tiles on. */
DYBNN_INLINE void stream_start(weight_stream *stream, const bconv_args *args, int32_t first, int32_t last) {
  int32_t i;
  stream->block_words = 8 * (ptrdiff_t)bconv_window_words(args);
  stream->weights = args->weights + first / 8 * stream->block_words;
  stream->outputs = last - first;
  stream->words = args->words;
  stream->taps = args->kernel_h * args->kernel_w;
  stream->word = stream->tap = stream->ring.turn = 0;
  stream->ring.slot = RING - 1;
  for (i = 0; i < AHEAD; i++) {
    stream_next(stream);
    stream_rows(stream, 0, 16);
  }
}

/* Sums of `segments` segments for 16 outputs over all words and taps, to sums[segment][pixel][OUTPUTS]. `segments` is a constant where
 * this is called.
 *
 * The processor renames few tile registers, so it cannot look far past them: the rows of the weight tile that is needed AHEAD
 * steps later are expanded between the multiplications, a share after each. */
DYBNN_INLINE void multiply(const band *b, const int32_t segments, weight_stream *stream, int32_t *sums) {
  const int32_t words = b->args->words, taps = b->args->kernel_h * b->args->kernel_w;
  const long step = (long)b->args->stride_w * LINE;
  const unsigned char *plane = b->planes;
  int32_t k, t;
#define SEGMENT(i)                                                           \
  if (segments > i) {                                                        \
    _tile_loadd(6, at + b->segment_at[i], step);                             \
    _tile_dpbssd(i, 6, 7);                                                   \
    if (i == 0) stream_next(stream);                                         \
    stream_rows(stream, 16 * i / segments, 16 * (i + 1) / segments);         \
  }
  zero_sums(segments);
  for (k = 0; k < words; k++, plane += b->plane_bytes) {
    for (t = 0; t < taps; t++) {
      const unsigned char *at = plane + b->tap_at[t];
      ring_load(&stream->ring);
      EACH_SEGMENT(SEGMENT)
    }
  }
  store_sums(segments, SEGMENT_PIXELS, sums);
#undef SEGMENT
}

/* How a map is cut into tiles of pixels. */
typedef struct cut {
  int32_t per_row;     /* segments in a row of the output */
  int32_t per_segment; /* or rows of the output in a segment, where they are narrow */
  int32_t pixels;      /* of one row in a segment */
  int32_t apart;       /* tile rows from one row of the output to the next, in the same segment */
  int32_t tile_rows;
  int32_t pitch;       /* lines of a row of a plane */
  int32_t rows;        /* of the output in a band */
} cut;

static int32_t input_rows(const bconv_args *args, int32_t rows) {
  return (rows - 1) * args->stride_h + (args->kernel_h - 1) * args->dilation_h + 1;
}

/* For `rows` rows of the output at a time. */
static cut choose_cut(const bconv_args *args, int32_t rows) {
  const bconv_tail *tail = &args->tail;
  cut k;
  int32_t bands;
  k.per_row = (tail->width + SEGMENT_PIXELS - 1) / SEGMENT_PIXELS;
  k.pixels = (tail->width + k.per_row - 1) / k.per_row;
  /* A row's last segment may be short; its tile still reads as many pixels. */
  k.pitch = dybnn_max(args->in_pitch / args->words,
                      (k.per_row * k.pixels - 1) * args->stride_w + (args->kernel_w - 1) * args->dilation_w + 1);
  /* Two rows of 7 pixels and the 2 of border between them are 16 lines in a row. */
  k.apart = args->stride_w == 1 ? k.pitch * args->stride_h : SEGMENT_PIXELS;
  k.per_segment = k.per_row == 1 ? 1 + (SEGMENT_PIXELS - k.pixels) / k.apart : 1;
  k.tile_rows = (k.per_segment - 1) * k.apart + k.pixels;
  /* Bands of equal height, as high as tile registers and planes allow. */
  k.rows = dybnn_max(1, SEGMENTS / k.per_row) * k.per_segment;
  while (k.rows > 1 && input_rows(args, k.rows) * k.pitch * args->words > MOST_LINES) k.rows--;
  bands = (rows + k.rows - 1) / k.rows;
  k.rows = (rows + bands - 1) / bands;
  return k;
}

/* Short sums on maps beyond L2 are better counted, the more so with a pooled shortcut: popcounts and memory overlap, but a band's
 * tail has to wait for its tiles. */
static int is_bound_by_memory(const bconv_args *args) {
  const bconv_tail *tail = &args->tail;
  const int pooled = tail->shortcut && tail->shortcut_pool == 2;
  return bconv_is_far(tail) && bconv_window_words(args) < (pooled ? 32 : 4);
}

/* Time for 16 outputs of `rows` rows in tiles and by counting bits, in cycles, measured: a word costs about 45 for its weights and 13 to 18
 * a segment here, twice that with a stride and planes beyond L1 (four times as many lines for as many outputs), and 3.4 a pixel
 * there; 600 go into and out of the tiles of a band, 3 a pixel into and out of registers. So small maps, strides and short sums are better
 * counted. */
static int64_t direct_cycles(const bconv_args *args, const cut *k, int32_t rows) {
  const int32_t words = bconv_window_words(args);
  const int32_t segments = dybnn_min(SEGMENTS, (k->rows + k->per_segment - 1) / k->per_segment * k->per_row);
  const int32_t pixels = dybnn_min(k->rows * args->tail.width, SEGMENTS * k->pixels * k->per_segment);
  const int64_t bands = ((int64_t)rows * args->tail.width + pixels - 1) / pixels;
  const int32_t multiply_cycles = dybnn_max(13, k->tile_rows + k->tile_rows / 8) * (args->stride_w > 1 && args->words > 2 ? 2 : 1);
  return bands * (words * (45 + segments * multiply_cycles) + 600);
}

static int64_t popcount_cycles(const bconv_args *args, int32_t rows) {
  const int32_t words = narrow_fits(args) ? narrow_words(args) : bconv_window_words(args);
  return (int64_t)rows * args->tail.width * (34 * words + 30) / 10;
}

#endif
