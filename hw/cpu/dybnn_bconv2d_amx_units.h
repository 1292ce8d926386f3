/* dybnn_bconv2d_amx_units.h - from units to bands, and their tails.
 *
 * After dybnn_bconv2d_amx.h. The file that includes this brings bconv_by_popcounts, for convolutions that are faster by them, and of
 * a band's sums
 *   band_strip                                                what is kept of 64 channels
 *   band_begin(strip, pixels)                                 before the first of them
 *   band_store(args, plan, place, c, i, outputs, sums, strip) sums[pixel of the place][OUTPUTS] of channels c + i .. c + i + outputs - 1
 *   band_finish(plan, place, c, count, strip)                 after the last
 */
#ifndef DYBNN_BCONV2D_AMX_UNITS_H
#define DYBNN_BCONV2D_AMX_UNITS_H

#include "dybnn_bconv2d_amx_winograd.h"

/* Rows of one group that are done together. */
typedef struct piece {
  int32_t y, rows, in_rows, first, last; /* rows of the output, of the input; channels first .. last - 1 */
} piece;

/* From unit `begin` on, at most `rows` rows; their borders are written. */
static piece begin_piece(const bconv_args *args, int32_t begin, int32_t end, int32_t rows) {
  const bconv_tail *tail = &args->tail;
  piece p;
  int32_t i;
  p.y = begin % tail->height;
  p.rows = dybnn_min(dybnn_min(tail->height - p.y, end - begin), rows);
  p.in_rows = input_rows(args, p.rows);
  p.first = begin / tail->height * args->group_channels;
  p.last = dybnn_min(p.first + args->group_channels, tail->channels);
  for (i = 0; i < p.rows; i++) bconv_border(tail, p.y + i, p.first, p.last);
  return p;
}

/* All channels of the group for a band. */
static void band_channels(const band *b, const bconv_plan *plan, int32_t first, int32_t last) {
  const bconv_args *args = b->args;
  int32_t sums[MOST_PLACES * OUTPUTS] __attribute__((aligned(64)));
  band_strip strip;
  weight_stream stream;
  int32_t c, i, n;
  stream_start(&stream, args, first, last);
  for (c = first; c < last; c += STRIP_CHANNELS) {
    const int32_t count = dybnn_min(last - c, STRIP_CHANNELS);
    band_begin(&strip, b->segments * SEGMENT_PIXELS);
    for (i = 0; i < count; i += OUTPUTS) {
#define MULTIPLY(segments) multiply(b, segments, &stream, sums)
      BY_SEGMENTS(b->segments, MULTIPLY)
#undef MULTIPLY
      for (n = 0; n < b->places; n++)
        band_store(args, plan, &b->place[n], c, i, dybnn_min(count - i, OUTPUTS), sums + b->place[n].at * OUTPUTS, &strip);
    }
    for (n = 0; n < b->places; n++) band_finish(plan, &b->place[n], c, count, &strip);
  }
}

/* The same for a band of positions. */
static void winograd_channels(const band *b, const bconv_plan *plan, int32_t tile_rows, int32_t first, int32_t last) {
  const bconv_args *args = b->args;
  int32_t products[COMPONENTS * MOST_PLACES * OUTPUTS] __attribute__((aligned(64)));
  int32_t sums[SEGMENT_PIXELS * OUTPUTS] __attribute__((aligned(64)));
  band_strip strip;
  winograd_stream stream;
  int32_t c, i, n;
  winograd_start(&stream, args, first, last);
  for (c = first; c < last; c += STRIP_CHANNELS) {
    const int32_t count = dybnn_min(last - c, STRIP_CHANNELS);
    band_begin(&strip, b->segments * SEGMENT_PIXELS * POSITION_PIXELS);
    for (i = 0; i < count; i += OUTPUTS) {
#define MULTIPLY(segments) winograd_multiply(b, segments, tile_rows, &stream, products)
      BY_SEGMENTS(b->segments, MULTIPLY)
#undef MULTIPLY
      for (n = 0; n < b->places; n++) {
        const placement *const at = &b->place[n];
        winograd_outputs(products + at->at / POSITION_PIXELS * OUTPUTS,
                         (at->pixels + POSITION_PIXELS - 1) / POSITION_PIXELS, sums);
        band_store(args, plan, at, c, i, dybnn_min(count - i, OUTPUTS), sums, &strip);
      }
    }
    for (n = 0; n < b->places; n++) band_finish(plan, &b->place[n], c, count, &strip);
  }
}

static void bconv2d_by_winograd(const bconv_args *args, const winograd_cut *k, int32_t begin, int32_t end) {
  const bconv_tail *tail = &args->tail;
  const bconv_plan plan = bconv_plan_of(tail);
  unsigned char planes[(WINOGRAD_MOST_LINES + SEGMENTS * SEGMENT_PIXELS) * LINE] __attribute__((aligned(64)));
  band b;
  int32_t i, x;
  load_tile_config(k->tile_rows, 6);
  b.args = args;
  b.planes = planes;
  for (i = 0; i < SEGMENTS; i++) b.segment_at[i] = (ptrdiff_t)i * k->tile_rows * LINE;
  for (i = 0; i < args->kernel_h; i++) b.tap_at[i] = (ptrdiff_t)i * args->dilation_h * k->per_row * LINE;
  while (begin < end) {
    const piece p = begin_piece(args, begin, end, k->rows);
    winograd_rows(args, p.y, p.in_rows, k->per_row, planes);
    b.plane_bytes = (ptrdiff_t)p.in_rows * k->per_row * LINE;
    b.segments = (p.rows * k->per_row + k->tile_rows - 1) / k->tile_rows;
    b.places = 0;
    for (i = 0; i < p.rows; i++)
      for (x = 0; x < tail->width; x += SEGMENT_PIXELS) {
        placement *const at = &b.place[b.places++];
        at->at = i * k->per_row * POSITION_PIXELS + x;
        at->y = p.y + i;
        at->x = x;
        at->pixels = dybnn_min(tail->width - x, SEGMENT_PIXELS);
      }
    winograd_channels(&b, &plan, k->tile_rows, p.first, p.last);
    begin += p.rows;
  }
  _tile_release();
}

static void bconv2d_directly(const bconv_args *args, const cut *k, int32_t begin, int32_t end) {
  const bconv_tail *tail = &args->tail;
  const bconv_plan plan = bconv_plan_of(tail);
  const int32_t taps = args->kernel_h * args->kernel_w;
  unsigned char planes[(MOST_LINES + SEGMENT_PIXELS) * LINE] __attribute__((aligned(64)));
  band b;
  int32_t i, t;
  load_tile_config(k->tile_rows, 6);
  b.args = args;
  b.planes = planes;
  for (t = 0; t < taps; t++)
    b.tap_at[t] = ((ptrdiff_t)(t / args->kernel_w * args->dilation_h) * k->pitch + t % args->kernel_w * args->dilation_w) * LINE;
  while (begin < end) {
    const piece p = begin_piece(args, begin, end, k->rows);
    int32_t row = 0, x = 0;
    expand_rows(args, p.y * args->stride_h, p.in_rows, k->pitch, planes);
    b.plane_bytes = (ptrdiff_t)p.in_rows * k->pitch * LINE;
    while (row < p.rows) {
      b.places = 0;
      for (b.segments = 0; b.segments < SEGMENTS && row < p.rows; b.segments++) {
        b.segment_at[b.segments] = ((ptrdiff_t)row * args->stride_h * k->pitch + x * args->stride_w) * LINE;
        for (i = 0; i < k->per_segment && row < p.rows; i++) {
          placement *const at = &b.place[b.places++];
          at->at = b.segments * SEGMENT_PIXELS + i * k->apart;
          at->y = p.y + row;
          at->x = x;
          at->pixels = dybnn_min(k->pixels, tail->width - x);
          x += k->pixels;
          if (x >= tail->width) {
            x = 0;
            row++;
          }
        }
      }
      band_channels(&b, &plan, p.first, p.last);
    }
    begin += p.rows;
  }
  _tile_release();
}

/* Directly, by Winograd's way or by counting bits: whichever is faster. */
static void bconv2d_by_fastest(const bconv_args *args, int32_t begin, int32_t end) {
  const int32_t rows = dybnn_max(1, dybnn_min(args->tail.height, end - begin));
  const cut k = choose_cut(args, rows);
  const winograd_cut w = choose_winograd_cut(args, rows);
  const int fits = input_rows(args, k.rows) * k.pitch * args->words <= MOST_LINES && args->kernel_h * args->kernel_w <= MOST_TAPS;
  /* Whoever only counts bits runs at a higher frequency: the matrix unit has to be a sixth faster. */
  const int64_t counted = popcount_cycles(args, rows) / 7 * 6, direct = fits ? direct_cycles(args, &k, rows) : counted;
  if (!bconv_is_regular(&args->tail) || is_bound_by_memory(args))
    bconv_by_popcounts(args, begin, end);
  else if (w.cycles > 0 && w.cycles < direct && w.cycles < counted)
    bconv2d_by_winograd(args, &w, begin, end);
  else if (direct < counted)
    bconv2d_directly(args, &k, begin, end);
  else
    bconv_by_popcounts(args, begin, end);
}

/* Groups of channels are there for threads; whoever has several of them whole does them as one, with planes made once. */
static void bconv2d_by_tiles(const bconv_args *args, int32_t begin, int32_t end) {
  const int32_t height = args->tail.height, groups = (end - begin) / height;
  if (groups > 1 && begin % (groups * height) == 0) {
    bconv_args together = *args;
    together.group_channels *= groups;
    bconv2d_by_fastest(&together, begin / groups, begin / groups + height);
    begin += groups * height;
  }
  if (begin < end) bconv2d_by_fastest(args, begin, end);
}

#endif
