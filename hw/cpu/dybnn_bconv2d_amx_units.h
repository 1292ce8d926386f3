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

/* All channels of the group for a band. */
static void band_channels(const band *b, const bconv_plan *plan, int32_t first, int32_t last) {
  const bconv_args *args = b->args;
  const ptrdiff_t block_words = (ptrdiff_t)8 * args->kernel_h * args->kernel_w * args->words;
  int32_t sums[SEGMENTS * SEGMENT_PIXELS * OUTPUTS] __attribute__((aligned(64)));
  band_strip strip;
  weight_stream stream;
  int32_t c, i, n;
  stream.weights = args->weights + first / 8 * block_words;
  stream.block_words = block_words;
  stream.outputs = last - first;
  stream.words = args->words;
  stream.taps = args->kernel_h * args->kernel_w;
  stream.word = stream.tap = stream.turn = 0;
  stream.slot = RING - 1;
  for (i = 0; i < AHEAD; i++) {
    stream_next(&stream);
    stream_rows(&stream, 0, 16);
  }
  for (c = first; c < last; c += STRIP_CHANNELS) {
    const int32_t count = dybnn_min(last - c, STRIP_CHANNELS);
    band_begin(&strip, b->segments * SEGMENT_PIXELS);
    for (i = 0; i < count; i += OUTPUTS) {
      switch (b->segments) {
        case 1: multiply(b, 1, &stream, sums); break;
        case 2: multiply(b, 2, &stream, sums); break;
        case 3: multiply(b, 3, &stream, sums); break;
        case 4: multiply(b, 4, &stream, sums); break;
        case 5: multiply(b, 5, &stream, sums); break;
        default: multiply(b, 6, &stream, sums); break;
      }
      for (n = 0; n < b->places; n++)
        band_store(args, plan, &b->place[n], c, i, dybnn_min(count - i, OUTPUTS), sums + b->place[n].at * OUTPUTS, &strip);
    }
    for (n = 0; n < b->places; n++) band_finish(plan, &b->place[n], c, count, &strip);
  }
}

/* All channels of the group for a band of positions. */
static void winograd_channels(const band *b, const bconv_plan *plan, const winograd_cut *k, int32_t first, int32_t last) {
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
      switch (b->segments) {
        case 1: winograd_multiply(b, 1, k->tile_rows, &stream, products); break;
        case 2: winograd_multiply(b, 2, k->tile_rows, &stream, products); break;
        case 3: winograd_multiply(b, 3, k->tile_rows, &stream, products); break;
        case 4: winograd_multiply(b, 4, k->tile_rows, &stream, products); break;
        case 5: winograd_multiply(b, 5, k->tile_rows, &stream, products); break;
        default: winograd_multiply(b, 6, k->tile_rows, &stream, products); break;
      }
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
  unsigned char planes[(WINOGRAD_MOST_LINES + SEGMENTS * SEGMENT_PIXELS + 1) * LINE];
  unsigned char *const aligned = planes + (LINE - (uintptr_t)planes % LINE) % LINE;
  band b;
  int32_t i, x;
  load_tile_config(k->tile_rows);
  b.args = args;
  b.planes = aligned;
  for (i = 0; i < SEGMENTS; i++) b.segment_at[i] = (ptrdiff_t)i * k->tile_rows * LINE;
  while (begin < end) {
    const int32_t y = begin % tail->height;
    const int32_t rows = dybnn_min(dybnn_min(tail->height - y, end - begin), k->rows);
    const int32_t first = begin / tail->height * args->group_channels;
    const int32_t last = dybnn_min(first + args->group_channels, tail->channels);
    const int32_t in_rows = input_rows(args, rows);
    for (i = 0; i < args->kernel_h; i++) b.tap_at[i] = (ptrdiff_t)i * args->dilation_h * k->per_row * LINE;
    for (i = 0; i < rows; i++) bconv_border(tail, y + i, first, last);
    winograd_rows(args, y * args->stride_h, in_rows, k->per_row, aligned);
    b.plane_bytes = (ptrdiff_t)in_rows * k->per_row * LINE;
    b.segments = (rows * k->per_row + k->tile_rows - 1) / k->tile_rows;
    b.places = 0;
    for (i = 0; i < rows; i++)
      for (x = 0; x < tail->width; x += SEGMENT_PIXELS) {
        placement *const at = &b.place[b.places++];
        at->at = i * k->per_row * POSITION_PIXELS + x;
        at->y = y + i;
        at->x = x;
        at->pixels = dybnn_min(tail->width - x, SEGMENT_PIXELS);
      }
    winograd_channels(&b, &plan, k, first, last);
    begin += rows;
  }
  _tile_release();
}

static void bconv2d_directly(const bconv_args *args, const cut *k, int32_t begin, int32_t end) {
  const bconv_tail *tail = &args->tail;
  const bconv_plan plan = bconv_plan_of(tail);
  const int32_t taps = args->kernel_h * args->kernel_w;
  unsigned char planes[(MOST_LINES + SEGMENT_PIXELS + 1) * LINE];
  unsigned char *const aligned = planes + (LINE - (uintptr_t)planes % LINE) % LINE;
  band b;
  int32_t i, t;
  load_tile_config(k->tile_rows);
  b.args = args;
  b.planes = aligned;
  for (t = 0; t < taps; t++)
    b.tap_at[t] = ((ptrdiff_t)(t / args->kernel_w * args->dilation_h) * k->pitch + t % args->kernel_w * args->dilation_w) * LINE;
  while (begin < end) {
    const int32_t group = begin / tail->height, y = begin % tail->height;
    const int32_t rows = dybnn_min(dybnn_min(tail->height - y, end - begin), k->rows);
    const int32_t first = group * args->group_channels;
    const int32_t last = dybnn_min(first + args->group_channels, tail->channels);
    const int32_t in_rows = input_rows(args, rows);
    int32_t row = 0, x = 0;
    for (i = 0; i < rows; i++) bconv_border(tail, y + i, first, last);
    expand_rows(args, y * args->stride_h, in_rows, k->pitch, aligned);
    b.plane_bytes = (ptrdiff_t)in_rows * k->pitch * LINE;
    while (row < rows) {
      b.places = 0;
      for (b.segments = 0; b.segments < SEGMENTS && row < rows; b.segments++) {
        b.segment_at[b.segments] = ((ptrdiff_t)row * args->stride_h * k->pitch + x * args->stride_w) * LINE;
        for (i = 0; i < k->per_segment && row < rows; i++) {
          placement *const at = &b.place[b.places++];
          at->at = b.segments * SEGMENT_PIXELS + i * k->apart;
          at->y = y + row;
          at->x = x;
          at->pixels = dybnn_min(k->pixels, tail->width - x);
          x += k->pixels;
          if (x >= tail->width) {
            x = 0;
            row++;
          }
        }
      }
      band_channels(&b, &plan, first, last);
    }
    begin += rows;
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

/* Groups of channels are there for threads; whoever has several from the first on does them as one, with planes made once. */
static void bconv2d_by_tiles(const bconv_args *args, int32_t begin, int32_t end) {
  const int32_t groups = begin == 0 ? end / args->tail.height : 0;
  if (groups > 1) {
    bconv_args together = *args;
    together.group_channels *= groups;
    bconv2d_by_fastest(&together, 0, args->tail.height);
    begin = groups * args->tail.height;
  }
  if (begin < end) bconv2d_by_fastest(args, begin, end);
}

#endif
