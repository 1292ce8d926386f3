/* cases.c - see cases.h. */
#include "cases.h"

#include <stdlib.h>
#include <string.h>

#include "harness.h"

#define ONE(h, w, i, o, k, s, p) {{h, w, i, o, k, k, s, s, 1, 1, p, p, p, p}, 0, MIXED}

const bconv_case bconv_cases[] = {
  ONE(5, 6, 1, 1, 3, 1, 1), ONE(4, 5, 7, 8, 3, 1, 1), ONE(5, 5, 8, 7, 3, 2, 1), ONE(3, 9, 15, 16, 3, 1, 1),
  ONE(6, 7, 16, 15, 1, 1, 0), ONE(5, 17, 17, 33, 3, 1, 1), ONE(4, 8, 31, 32, 3, 1, 1), ONE(7, 7, 32, 31, 3, 2, 1),
  ONE(6, 33, 33, 17, 3, 1, 1), ONE(4, 12, 63, 64, 3, 1, 1), ONE(8, 11, 64, 63, 3, 2, 1), ONE(5, 10, 65, 65, 3, 1, 1),
  ONE(4, 14, 255, 257, 1, 1, 0), ONE(3, 4, 257, 255, 3, 1, 1), ONE(1, 1, 64, 64, 1, 1, 0), ONE(1, 1, 65, 20, 3, 1, 1),
  ONE(1, 9, 128, 128, 3, 1, 1), ONE(9, 1, 128, 72, 3, 1, 1), ONE(7, 7, 1024, 64, 3, 1, 1), ONE(7, 7, 512, 1024, 1, 1, 0),
  ONE(14, 14, 256, 128, 3, 2, 1), ONE(14, 14, 128, 256, 1, 1, 0), ONE(8, 15, 32, 64, 1, 1, 0), ONE(16, 16, 32, 32, 3, 1, 1),
  ONE(9, 23, 64, 130, 3, 1, 1), ONE(6, 6, 192, 96, 5, 1, 2), ONE(11, 11, 96, 24, 7, 2, 3), ONE(6, 40, 96, 80, 2, 1, 0),
  {{9, 8, 70, 40, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2}, 0, MIXED},  /* dilation */
  {{9, 12, 40, 70, 3, 2, 2, 1, 1, 3, 1, 2, 0, 1}, 0, MIXED}, /* everything uneven */
  {{4, 4, 24, 24, 3, 3, 1, 1, 1, 1, 0, 2, 2, 0}, 0, MIXED},
  {{11, 13, 12, 140, 3, 2, 2, 1, 2, 3, 2, 1, 2, 3}, 2, MIXED}, /* several taps in a word, dilated */
  {{3, 3, 24, 24, 5, 5, 1, 1, 1, 1, 4, 4, 4, 4}, 0, MIXED},  /* windows with few taps inside */
  {{4, 6, 100, 200, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 2, MIXED},
  {{5, 9, 64, 257, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 3, MIXED},
  {{3, 3, 2048, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 0, ALL_DIFFERENT}, /* the largest counts */
  {{3, 10, 2048, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 0, ALL_EQUAL},
  {{2, 2, 4096, 33, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 0, ALL_DIFFERENT},
  /* What the matrix unit takes four outputs at a time: rows of 4 n + 1 .. 4, one and two bands, steps odd and even. */
  ONE(7, 31, 130, 9, 3, 1, 1), ONE(26, 17, 130, 24, 3, 1, 1), ONE(7, 20, 130, 80, 3, 1, 1),
  {{17, 10, 150, 70, 2, 3, 1, 1, 2, 1, 0, 1, 1, 0}, 2, MIXED},
  {{14, 8, 1024, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 0, ALL_DIFFERENT},
  /* Rows wider than tables of activations hold at once. */
  ONE(4, 90, 512, 9, 3, 1, 1), ONE(7, 70, 640, 8, 3, 2, 1),
};
const int32_t bconv_case_count = (int32_t)(sizeof bconv_cases / sizeof bconv_cases[0]);

static uint64_t *pack(const char *name, const int8_t *signs, int32_t pixels, int32_t channels) {
  const int32_t words = (channels + 63) / 64;
  uint64_t *packed = (uint64_t *)take(name, (size_t)(pixels * words), sizeof(uint64_t));
  int32_t p, c;
  memset(packed, 0, (size_t)(pixels * words) * sizeof(uint64_t));
  for (p = 0; p < pixels; p++)
    for (c = 0; c < channels; c++)
      if (signs[(ptrdiff_t)p * channels + c] > 0) packed[p * words + c / 64] |= UINT64_C(1) << (c % 64);
  return packed;
}

void build_bconv(const bconv_case *bc, dybnn_bconv2d_args *args, int8_t **signs, int8_t **weight_signs) {
  const window *w = &bc->w;
  const int32_t height = output_height(w), width = output_width(w), taps = w->kernel_h * w->kernel_w;
  const int32_t words = (w->in_channels + 63) / 64, blocks = (w->channels + 7) / 8;
  const int32_t inputs = w->in_height * w->in_width * w->in_channels, filter = taps * w->in_channels;
  const int32_t padded_h = w->pad_top + w->in_height + w->pad_bottom, padded_w = w->pad_left + w->in_width + w->pad_right;
  int8_t *input = (int8_t *)malloc((size_t)inputs), *weights = (int8_t *)malloc((size_t)(filter * w->channels));
  uint64_t *packed_input, *packed_weights, *filters;
  uint8_t *row_class, *col_class;
  int32_t *base;
  int32_t i, y, x, o, k;
  for (i = 0; i < inputs; i++) input[i] = bc->signs == MIXED && random_below(2) ? -1 : 1;
  for (i = 0; i < filter * w->channels; i++)
    weights[i] = bc->signs == ALL_DIFFERENT ? -1 : (bc->signs == MIXED && random_below(2) ? -1 : 1);

  args->in_channels = w->in_channels;
  args->words = words;
  args->in_pitch = padded_w * words;
  args->kernel_h = w->kernel_h, args->kernel_w = w->kernel_w;
  args->stride_h = w->stride_h, args->stride_w = w->stride_w;
  args->dilation_h = w->dilation_h, args->dilation_w = w->dilation_w;
  args->oc_groups = bc->groups ? bc->groups : 1;
  args->group_channels = (w->channels + args->oc_groups * 64 - 1) / (args->oc_groups * 64) * 64;

  /* The packed map with its border. */
  filters = pack("unbordered", input, w->in_height * w->in_width, w->in_channels);
  packed_input = (uint64_t *)take("input", (size_t)(padded_h * args->in_pitch), sizeof(uint64_t));
  memset(packed_input, 0, (size_t)(padded_h * args->in_pitch) * sizeof(uint64_t));
  for (y = 0; y < w->in_height; y++)
    memcpy(packed_input + (ptrdiff_t)(y + w->pad_top) * args->in_pitch + w->pad_left * words, filters + y * w->in_width * words,
           (size_t)(w->in_width * words) * sizeof(uint64_t));
  args->input = packed_input;

  /* The weights, eight channels interleaved. */
  filters = pack("filters", weights, w->channels * taps, w->in_channels);
  packed_weights = (uint64_t *)take("weights", (size_t)(blocks * taps * words * 8), sizeof(uint64_t));
  for (o = 0; o < blocks * 8; o++)
    for (k = 0; k < taps * words; k++)
      packed_weights[((ptrdiff_t)(o / 8) * taps * words + k) * 8 + o % 8] =
          o < w->channels ? filters[(ptrdiff_t)o * taps * words + k] : 0;
  args->weights = packed_weights;

  /* Every row and column its own class: n + 2 * popcount(weights over the taps outside). */
  row_class = (uint8_t *)take("row_class", (size_t)height, 1);
  col_class = (uint8_t *)take("col_class", (size_t)width, 1);
  for (y = 0; y < height; y++) row_class[y] = (uint8_t)(height - 1 - y);
  for (x = 0; x < width; x++) col_class[x] = (uint8_t)x;
  base = (int32_t *)take("base", (size_t)(height * width * blocks * 8), sizeof(int32_t));
  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      for (o = 0; o < blocks * 8; o++) {
        int32_t n = 0, ky, kx;
        for (ky = 0; o < w->channels && ky < w->kernel_h; ky++)
          for (kx = 0; kx < w->kernel_w; kx++) {
            const int32_t iy = y * w->stride_h - w->pad_top + ky * w->dilation_h;
            const int32_t ix = x * w->stride_w - w->pad_left + kx * w->dilation_w;
            if (iy >= 0 && iy < w->in_height && ix >= 0 && ix < w->in_width)
              n += w->in_channels;
            else
              for (k = 0; k < w->in_channels; k++)
                n += 2 * (weights[((ptrdiff_t)o * taps + ky * w->kernel_w + kx) * w->in_channels + k] > 0);
          }
        base[((ptrdiff_t)(height - 1 - y) * width + x) * blocks * 8 + o] = n;
      }
  args->base = base;
  args->row_class = row_class;
  args->col_class = col_class;
  args->col_classes = width;

  *signs = input;
  *weight_signs = weights;
}

#define CONV(h, w, i, o, k, s, p, g) {{h, w, i, o, k, k, s, s, 1, 1, p, p, p, p}, g}

const conv_case conv_cases[] = {
  CONV(5, 6, 1, 1, 3, 1, 1, 1), CONV(20, 29, 3, 64, 7, 2, 3, 1), CONV(9, 33, 3, 32, 3, 2, 1, 1), CONV(4, 5, 3, 17, 3, 1, 1, 1),
  CONV(6, 15, 64, 128, 1, 2, 0, 1), CONV(7, 7, 33, 65, 1, 1, 0, 1), CONV(1, 1, 8, 100, 1, 1, 0, 1), CONV(3, 40, 2, 80, 3, 1, 1, 1),
  CONV(5, 13, 7, 8, 5, 1, 2, 1), CONV(2, 2, 4, 20, 5, 1, 4, 1),
  CONV(6, 9, 32, 32, 3, 1, 1, 32), CONV(7, 7, 17, 17, 3, 2, 1, 17), CONV(4, 8, 8, 12, 3, 1, 1, 2), CONV(4, 20, 8, 128, 3, 1, 1, 4),
  CONV(5, 5, 6, 12, 3, 1, 1, 6), CONV(4, 14, 6, 128, 1, 1, 0, 2),
  {{9, 11, 5, 40, 3, 2, 2, 1, 2, 3, 2, 3, 1, 2}, 1},
  /* What the matrix unit takes with weights of 8 bits: one, two and more channels, strides odd and even, tiles for some outputs only. */
  CONV(7, 7, 64, 70, 1, 1, 0, 1), CONV(9, 17, 6, 40, 3, 1, 1, 1), CONV(13, 40, 2, 130, 3, 2, 1, 1), CONV(9, 25, 40, 150, 3, 2, 1, 1),
  CONV(8, 9, 1, 230, 3, 1, 1, 1), {{20, 33, 3, 64, 5, 7, 2, 1, 1, 1, 2, 3, 2, 3}, 1}, {{9, 30, 4, 64, 3, 5, 3, 2, 1, 2, 1, 0, 2, 1}, 1},
  {{19, 18, 3, 80, 3, 3, 1, 3, 1, 1, 0, 2, 1, 0}, 1},
  {{9, 31, 2, 64, 3, 3, 1, 2, 2, 2, 2, 2, 2, 2}, 1},
};
const int32_t conv_case_count = (int32_t)(sizeof conv_cases / sizeof conv_cases[0]);

const int32_t channel_counts[CHANNEL_COUNTS] = {1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 257};

const int32_t tails[TAIL_COUNT] = {
  SCALE | BIAS | OUT | SUMS,
  SCALE | BIAS | SHORTCUT | PRELU | GAMMA | ZETA | OUT | SUMS,
  SCALE | BIAS | SHORTCUT | IN_PLACE | PRELU | GAMMA | ZETA | OUT | BITS,
  SCALE | BIAS | SHORTCUT | POOLED | PRELU | GAMMA | ZETA | OUT | SUMS | BITS,
  SCALE | BIAS | SHORTCUT | POOLED | HALF_SHORTCUT | PRELU | GAMMA | ZETA | GE | OUT | SUMS,
  SCALE | BIAS | SHORTCUT | HALF_SHORTCUT | OUT | BITS | GT,
  BITS,
  BITS | GT,
  OUT,
  BIAS | PRELU | OUT | SUMS,
  SCALE | PRELU | ZETA | GE | OUT,
  SHORTCUT | PRELU | GAMMA | OUT | BITS,
  SHORTCUT | POOLED | OUT | SUMS,
  SHORTCUT | HALF_SHORTCUT | BITS | SUMS
};
