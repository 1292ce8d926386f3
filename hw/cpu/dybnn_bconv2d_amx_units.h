/* dybnn_bconv2d_amx_units.h - from units to bands, and their tails.
 *
 * After dybnn_bconv2d_amx.h. The file that includes this brings bconv_by_popcounts, for convolutions that are faster by them, and of
 * a band's sums
 *   band_strip                                      what is kept of 64 channels
 *   band_begin(strip)                               before the first of them
 *   band_store(b, plan, c, i, outputs, sums, strip) sums of channels c + i .. c + i + outputs - 1
 *   band_finish(b, plan, c, count, strip)           after the last
 */
#ifndef DYBNN_BCONV2D_AMX_UNITS_H
#define DYBNN_BCONV2D_AMX_UNITS_H

/* All channels of the group for a band. */
static void band_channels(const band *b, const bconv_plan *plan, int32_t first, int32_t last) {
  const bconv_args *args = b->args;
  const ptrdiff_t block_words = (ptrdiff_t)8 * args->kernel_h * args->kernel_w * args->words;
  int32_t sums[SEGMENTS * SEGMENT_PIXELS * OUTPUTS];
  band_strip strip;
  weight_stream stream;
  int32_t c, i;
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
    band_begin(&strip);
    for (i = 0; i < count; i += OUTPUTS) {
      switch (b->segments) {
        case 1: multiply(b, 1, &stream, sums); break;
        case 2: multiply(b, 2, &stream, sums); break;
        case 3: multiply(b, 3, &stream, sums); break;
        case 4: multiply(b, 4, &stream, sums); break;
        case 5: multiply(b, 5, &stream, sums); break;
        default: multiply(b, 6, &stream, sums); break;
      }
      band_store(b, plan, c, i, dybnn_min(count - i, OUTPUTS), sums, &strip);
    }
    band_finish(b, plan, c, count, &strip);
  }
}

static void bconv2d_by_tiles(const bconv_args *args, int32_t begin, int32_t end) {
  const bconv_tail *tail = &args->tail;
  const bconv_plan plan = bconv_plan_of(tail);
  const int32_t taps = args->kernel_h * args->kernel_w;
  const cut k = choose_cut(args, dybnn_max(1, dybnn_min(tail->height, end - begin)));
  unsigned char planes[(MOST_LINES + SEGMENT_PIXELS + 1) * LINE];
  unsigned char *const aligned = planes + (LINE - (uintptr_t)planes % LINE) % LINE;
  tile_config config;
  band b;
  int32_t i, t;
  if (input_rows(args, k.rows) * k.pitch * args->words > MOST_LINES || taps > MOST_TAPS || !bconv_is_regular(tail) ||
      !is_worth_it(args, &k)) {
    bconv_by_popcounts(args, begin, end);
    return;
  }
  memset(&config, 0, sizeof config);
  config.palette = 1;
  for (i = 0; i < 8; i++) {
    config.bytes_per_row[i] = LINE;
    config.rows[i] = (uint8_t)(i < 7 ? k.tile_rows : 16);
  }
  TILE_MEMORY_BARRIER();
  _tile_loadconfig(&config);
  b.args = args;
  b.planes = aligned;
  for (t = 0; t < taps; t++)
    b.tap_at[t] = ((ptrdiff_t)(t / args->kernel_w * args->dilation_h) * k.pitch + t % args->kernel_w * args->dilation_w) * LINE;
  while (begin < end) {
    const int32_t group = begin / tail->height, y = begin % tail->height;
    const int32_t rows = dybnn_min(dybnn_min(tail->height - y, end - begin), k.rows);
    const int32_t first = group * args->group_channels;
    const int32_t last = dybnn_min(first + args->group_channels, tail->channels);
    const int32_t in_rows = input_rows(args, rows);
    int32_t row = 0, x = 0;
    for (i = 0; i < rows; i++) bconv_border(tail, y + i, first, last);
    expand_rows(args, y * args->stride_h, in_rows, k.pitch, aligned);
    b.plane_bytes = (ptrdiff_t)in_rows * k.pitch * LINE;
    while (row < rows) {
      b.places = 0;
      for (b.segments = 0; b.segments < SEGMENTS && row < rows; b.segments++) {
        b.segment_at[b.segments] = ((ptrdiff_t)row * args->stride_h * k.pitch + x * args->stride_w) * LINE;
        for (i = 0; i < k.per_segment && row < rows; i++) {
          placement *const at = &b.place[b.places++];
          at->segment = b.segments;
          at->at = i * k.apart;
          at->y = y + row;
          at->x = x;
          at->pixels = dybnn_min(k.pixels, tail->width - x);
          x += k.pixels;
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

#endif
