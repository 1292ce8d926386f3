/* test_fixed.c - every kernel of fixed16 of every instruction set against the contract [11] to [14].
 *
 * The same shapes and tails as test_kernels.c. Shifts, scales and slopes are drawn for each case, with the ends of what clause 12
 * allows more often than chance would.
 */
#include "test_fixed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "harness.h"
#include "reference.h"

/* ---- values ---- */

/* SMALL: what thresholds, gammas and sums of a few meet. WIDE: all of int16. ENDS: its ends, halves and signs of them. */
typedef enum range { SMALL, WIDE, ENDS } range;
enum { RANGES = 3 };

static int16_t random_int16(range kind) {
  static const int16_t ends[] = {-32768, -32767, -16385, -16384, -16383, -1, 0, 1, 16383, 16384, 16385, 32766, 32767};
  if (kind == SMALL) return (int16_t)(random_below(17) - 8);
  if (kind == ENDS && random_below(2)) return ends[random_below(13)];
  return (int16_t)(random_below(65536) - 32768);
}

static int16_t *take_int16(const char *name, int32_t count) { return (int16_t *)take(name, (size_t)count, sizeof(int16_t)); }

static int16_t *take_random(const char *name, int32_t count, range kind) {
  int16_t *p = take_int16(name, count);
  int32_t i;
  for (i = 0; i < count; i++) p[i] = random_int16(kind);
  return p;
}

/* 0, the most, or between. */
static int32_t random_shift(int32_t most) {
  const int32_t choice = random_below(4);
  return choice == 0 ? 0 : (choice == 1 ? most : random_below(most + 1));
}

/* ---- tails ---- */

/* `entry`: the most that may be shifted away; `products`: what dots reach, so that scales do not saturate everything. */
static dybnn_fixed_tail make_tail(int32_t height, int32_t width, int32_t channels, int32_t flags, range kind, int32_t entry) {
  const int32_t words = (channels + 63) / 64;
  dybnn_fixed_tail t;
  int32_t c;
  memset(&t, 0, sizeof t);
  t.height = height;
  t.width = width;
  t.channels = channels;
  t.entry_shift = random_shift(entry);
  if (flags & SCALE) {
    int16_t *scale = take_random("scale", channels, kind);
    int32_t *offset = (int32_t *)take("offset", (size_t)channels, sizeof(int32_t));
    t.scale_shift = random_shift(15);
    for (c = 0; c < channels; c++) {
      if (scale[c] == INT16_MIN) scale[c] = INT16_MAX;
      offset[c] = kind == ENDS && random_below(3) == 0
                      ? (random_below(2) ? 1 << 30 : -(1 << 30))
                      : (int32_t)(random_word() % (2u << (10 + t.scale_shift))) - (1 << (10 + t.scale_shift));
    }
    t.scale = scale;
    t.offset = offset;
  }
  if (flags & BIAS) t.bias = take_random("bias", channels, kind);
  if (flags & PRELU) {
    int16_t *slope = take_random("slope", channels, kind == SMALL ? WIDE : kind);
    t.slope_shift = random_below(2) ? 15 - random_below(2) : random_shift(15);
    /* Most networks: no slope whose product is out of the ordinary. */
    if (random_below(3))
      for (c = 0; c < channels; c++)
        if (slope[c] <= -16384) slope[c] = (int16_t)(slope[c] / 4);
    t.prelu_slope = slope;
  }
  if (flags & GAMMA) t.prelu_gamma = take_random("gamma", channels, kind);
  if (flags & ZETA) t.prelu_zeta = take_random("zeta", channels, kind);
  t.prelu_ge = (flags & GE) != 0;
  if (flags & SHORTCUT) {
    int16_t *z;
    t.shortcut_channels = (flags & HALF_SHORTCUT) && channels % 2 == 0 ? channels / 2 : channels;
    t.shortcut_pool = flags & POOLED ? 2 : 1;
    t.shortcut_width = flags & POOLED ? 2 * width + random_below(2) : width;
    t.shortcut_shift = random_shift(16);
    z = take_random("shortcut", t.shortcut_pool * height * t.shortcut_width * t.shortcut_channels, kind);
    t.shortcut = z;
    if ((flags & IN_PLACE) && !(flags & (POOLED | HALF_SHORTCUT))) t.out = z;
  }
  if ((flags & OUT) && !t.out) t.out = take_int16("out", height * width * channels);
  if (flags & SUMS) t.row_sums = (int32_t *)take("row_sums", (size_t)(height * channels), sizeof(int32_t));
  if (flags & BITS) {
    t.threshold = take_random("threshold", channels, kind);
    t.threshold_gt = (flags & GT) != 0;
    t.border_top = random_below(3);
    t.border_bottom = random_below(3);
    t.border_left = random_below(3);
    t.border_right = random_below(3);
    t.bits_pitch = (t.border_left + width + t.border_right) * words;
    t.bits = (uint64_t *)take("bits", (size_t)((t.border_top + height + t.border_bottom) * t.bits_pitch), sizeof(uint64_t));
  }
  return t;
}

/* A float tail of a few steps, for int8 convolutions that end in one; all of its steps are test_kernels.c's. */
static dybnn_tail make_float_tail(int32_t height, int32_t width, int32_t channels, int32_t flags) {
  dybnn_tail t;
  int32_t c;
  memset(&t, 0, sizeof t);
  t.height = height;
  t.width = width;
  t.channels = channels;
  if (flags & SCALE) {
    float *scale = (float *)take("scale", (size_t)channels, sizeof(float));
    for (c = 0; c < channels; c++) scale[c] = (float)(random_below(2001) - 1000) * 1e-6f;
    t.scale = scale;
  }
  if (flags & BIAS) {
    float *bias = (float *)take("bias", (size_t)channels, sizeof(float));
    for (c = 0; c < channels; c++) bias[c] = (float)(random_below(2001) - 1000) * 1e-3f;
    t.bias = bias;
  }
  t.out = (float *)take("out", (size_t)(height * width * channels), sizeof(float));
  if (flags & SUMS) t.row_sums = (float *)take("row_sums", (size_t)(height * channels), sizeof(float));
  return t;
}

/* ---- sets ---- */

typedef enum operation { BCONV2D, INT8_CONV2D, INT8_CONV2D_FLOAT, MAP, POOL, GAP, CONCAT, QUANTIZE, DEQUANTIZE } operation;

static dybnn_kernel *kernel_of(const dybnn_fixed_kernels *set, operation op) {
  switch (op) {
    case BCONV2D: return set->bconv2d;
    case INT8_CONV2D: return set->int8_conv2d;
    case INT8_CONV2D_FLOAT: return set->int8_conv2d_float;
    case MAP: return set->map;
    case POOL: return set->pool;
    case GAP: return set->gap;
    case CONCAT: return set->concat;
    case QUANTIZE: return set->quantize;
    case DEQUANTIZE: return set->dequantize;
  }
  return NULL;
}

static void run_sets(operation op, const char *label, const void *args, int32_t units) {
  int32_t i;
  for (i = 0; dybnn_kernels_at(i); i++) {
    const char *name = dybnn_kernels_at(i)->name;
    char full[320];
    if (!dybnn_find_kernels(name) || (only && strcmp(only, name) != 0)) continue;
    snprintf(full, sizeof full, "%s: %s", name, label);
    run_kernel(full, kernel_of(dybnn_find_fixed_kernels(name), op), args, units, 1);
  }
}

/* ---- convolutions ---- */

static void test_bconv2d(const bconv_case *bc, int32_t flags, range kind) {
  const window *w = &bc->w;
  const int32_t height = output_height(w), width = output_width(w);
  int32_t *dots = (int32_t *)scratch((size_t)(height * width * w->channels) * sizeof(int32_t));
  int8_t *input, *weights;
  dybnn_bconv2d_args like;
  dybnn_fixed_bconv2d_args args;
  char label[256];
  memset(&like, 0, sizeof like);
  memset(&args, 0, sizeof args);
  arena_reset();
  args.tail = make_tail(height, width, w->channels, flags, kind, 0);
  build_bconv(bc, &like, &input, &weights);
  args.input = like.input, args.weights = like.weights, args.base = like.base;
  args.row_class = like.row_class, args.col_class = like.col_class, args.col_classes = like.col_classes;
  args.in_channels = like.in_channels, args.words = like.words, args.in_pitch = like.in_pitch;
  args.kernel_h = like.kernel_h, args.kernel_w = like.kernel_w;
  args.stride_h = like.stride_h, args.stride_w = like.stride_w;
  args.dilation_h = like.dilation_h, args.dilation_w = like.dilation_w;
  args.oc_groups = like.oc_groups, args.group_channels = like.group_channels;
  reference_bconv2d(w, input, weights, dots);
  begin_case();
  reference_fixed_tail(&args.tail, dots);
  end_reference();
  snprintf(label, sizeof label, "fixed bconv2d %dx%dx%d -> %d, kernel %dx%d, stride %d, tail %x", w->in_height, w->in_width,
           w->in_channels, w->channels, w->kernel_h, w->kernel_w, w->stride_h, (unsigned)flags);
  run_sets(BCONV2D, label, &args, args.oc_groups * height);
  free(input);
  free(weights);
}

/* Weights as the network has them, [channels][filter], and in the kernels' order. */
static void take_weights(const conv_case *cc, range kind, int8_t **plain, int8_t **packed) {
  const window *w = &cc->w;
  const int32_t inputs = w->in_channels / cc->groups, filter = w->kernel_h * w->kernel_w * inputs;
  const int32_t runs = cc->groups == 1 && w->dilation_w == 1 ? 1 : w->kernel_w;
  const int32_t length = runs == 1 ? w->kernel_w * inputs : inputs, pairs = (length + 1) / 2;
  const int32_t blocks = (w->channels + 15) / 16;
  int32_t o, k, sum;
  int8_t *p = (int8_t *)take("filters", (size_t)(w->channels * filter), 1);
  int8_t *q = (int8_t *)take("weights", (size_t)(blocks * w->kernel_h * runs * pairs) * 32, 1);
  memset(q, 0, (size_t)(blocks * w->kernel_h * runs * pairs) * 32);
  for (o = 0; o < w->channels; o++) {
    sum = 0;
    for (k = 0; k < filter; k++) {
      const int32_t ky = k / inputs / w->kernel_w, kx = k / inputs % w->kernel_w, i = k % inputs;
      const int32_t run = runs == 1 ? 0 : kx, at = runs == 1 ? kx * inputs + i : i;
      int32_t v = random_below(255) - 127;
      if (kind == ENDS) v = o % 3 == 0 ? 127 : (o % 3 == 1 ? -127 : v);
      if (sum + abs(v) > 65535) v = v < 0 ? sum - 65535 : 65535 - sum; /* [14.1] */
      sum += abs(v);
      p[o * filter + k] = (int8_t)v;
      q[(((ptrdiff_t)(o / 16) * w->kernel_h + ky) * runs + run) * pairs * 32 + at / 2 * 32 + o % 16 * 2 + at % 2] = (int8_t)v;
    }
  }
  *plain = p;
  *packed = q;
}

static int16_t *take_input(int32_t count, range kind) {
  int16_t *input = take_random("input", count, kind);
  int32_t i;
  /* The largest sums there are. */
  if (kind == ENDS && random_below(2))
    for (i = 0; i < count; i++) input[i] = INT16_MIN;
  return input;
}

static void test_int8_conv2d(const conv_case *cc, int32_t flags, range kind) {
  const window *w = &cc->w;
  const int32_t height = output_height(w), width = output_width(w), inputs = w->in_channels / cc->groups;
  const int32_t count = height * width * w->channels;
  int32_t *sums = (int32_t *)scratch((size_t)count * (sizeof(int32_t) + sizeof(float)));
  float *values = (float *)(void *)(sums + count);
  int8_t *plain, *packed;
  dybnn_int8_conv2d_args args;
  dybnn_int8_conv2d_float_args with_float;
  char label[256];
  int32_t i, ending;
  snprintf(label, sizeof label, "int8 conv2d %dx%dx%d -> %d, kernel %dx%d, stride %d, groups %d, tail %x", w->in_height,
           w->in_width, w->in_channels, w->channels, w->kernel_h, w->kernel_w, w->stride_h, cc->groups, (unsigned)flags);
  for (ending = 0; ending < 2; ending++) {
    memset(&args, 0, sizeof args);
    memset(&with_float, 0, sizeof with_float);
    arena_reset();
    if (ending == 0)
      args.tail = make_tail(height, width, w->channels, flags, kind, 15);
    else
      with_float.tail = make_float_tail(height, width, w->channels, flags);
    args.in_height = w->in_height, args.in_width = w->in_width, args.in_channels = w->in_channels;
    args.kernel_h = w->kernel_h, args.kernel_w = w->kernel_w;
    args.stride_h = w->stride_h, args.stride_w = w->stride_w;
    args.dilation_h = w->dilation_h, args.dilation_w = w->dilation_w;
    args.pad_top = w->pad_top, args.pad_left = w->pad_left;
    args.conv_groups = cc->groups;
    args.runs = cc->groups == 1 && w->dilation_w == 1 ? 1 : w->kernel_w;
    args.length = args.runs == 1 ? w->kernel_w * inputs : inputs;
    args.input = take_input(w->in_height * w->in_width * w->in_channels, kind);
    take_weights(cc, kind, &plain, &packed);
    args.weights = packed;
    reference_int8_conv2d(w, cc->groups, args.input, plain, sums);
    if (ending == 0) {
      begin_case();
      reference_fixed_tail(&args.tail, sums);
      end_reference();
      run_sets(INT8_CONV2D, label, &args, height);
    } else {
      with_float.input = args.input, with_float.weights = args.weights;
      with_float.in_height = args.in_height, with_float.in_width = args.in_width, with_float.in_channels = args.in_channels;
      with_float.kernel_h = args.kernel_h, with_float.kernel_w = args.kernel_w;
      with_float.stride_h = args.stride_h, with_float.stride_w = args.stride_w;
      with_float.dilation_h = args.dilation_h, with_float.dilation_w = args.dilation_w;
      with_float.pad_top = args.pad_top, with_float.pad_left = args.pad_left;
      with_float.conv_groups = args.conv_groups, with_float.runs = args.runs, with_float.length = args.length;
      for (i = 0; i < count; i++) values[i] = (float)sums[i];
      begin_case();
      reference_tail(&with_float.tail, values);
      end_reference();
      run_sets(INT8_CONV2D_FLOAT, label, &with_float, height);
    }
  }
}

/* ---- passes ---- */

static void test_map(int32_t height, int32_t width, int32_t channels, int32_t flags, int32_t in_place, range kind) {
  const int32_t count = height * width * channels;
  int32_t *values = (int32_t *)scratch((size_t)count * sizeof(int32_t));
  dybnn_fixed_map_args args;
  int16_t *input;
  char label[256];
  int32_t i;
  memset(&args, 0, sizeof args);
  arena_reset();
  input = take_random("input", count, kind);
  args.input = input;
  args.tail = make_tail(height, width, channels, flags, kind, 16);
  if (in_place && args.tail.out && args.tail.out != args.tail.shortcut) args.tail.out = input;
  for (i = 0; i < count; i++) values[i] = input[i];
  begin_case();
  reference_fixed_tail(&args.tail, values);
  end_reference();
  snprintf(label, sizeof label, "fixed map %dx%dx%d, tail %x%s", height, width, channels, (unsigned)flags,
           in_place ? " in place" : "");
  run_sets(MAP, label, &args, height);
}

static void test_pool(const window *w, int32_t is_max, int32_t exclude_pad, int32_t flags, range kind) {
  const int32_t height = output_height(w), width = output_width(w), full = w->kernel_h * w->kernel_w;
  int32_t *values = (int32_t *)scratch((size_t)(height * width * w->channels) * sizeof(int32_t));
  dybnn_fixed_pool_args args;
  char label[256];
  int32_t *reciprocal;
  int32_t i;
  memset(&args, 0, sizeof args);
  arena_reset();
  args.input = take_random("input", w->in_height * w->in_width * w->channels, kind);
  args.in_height = w->in_height, args.in_width = w->in_width, args.channels = w->channels;
  args.kernel_h = w->kernel_h, args.kernel_w = w->kernel_w;
  args.stride_h = w->stride_h, args.stride_w = w->stride_w;
  args.pad_top = w->pad_top, args.pad_left = w->pad_left;
  args.is_max = is_max;
  args.exclude_pad = exclude_pad;
  reciprocal = (int32_t *)take("reciprocal", (size_t)(2 * full + 2), sizeof(int32_t));
  reciprocal[0] = reciprocal[1] = 0;
  for (i = 1; i <= full; i++) {
    int32_t shift = 16;
    while (i > 1 << (shift - 16)) shift++;
    reciprocal[2 * i] = (int32_t)floor(ldexp(1.0, shift) / i + 0.5);
    reciprocal[2 * i + 1] = shift;
  }
  if (!is_max) args.reciprocal = reciprocal;
  args.tail = make_tail(height, width, w->channels, flags, kind, 16);
  reference_fixed_pool(w, is_max, exclude_pad, args.input, values);
  begin_case();
  reference_fixed_tail(&args.tail, values);
  end_reference();
  snprintf(label, sizeof label, "fixed pool %s%s %dx%dx%d, kernel %dx%d, stride %d, tail %x", is_max ? "max" : "average",
           exclude_pad ? " without padding" : "", w->in_height, w->in_width, w->channels, w->kernel_h, w->kernel_w, w->stride_h,
           (unsigned)flags);
  run_sets(POOL, label, &args, height);
}

static void test_gap(int32_t rows, int32_t channels, range kind) {
  dybnn_fixed_gap_args args;
  int32_t *row_sums;
  char label[256];
  int32_t c, y;
  memset(&args, 0, sizeof args);
  arena_reset();
  row_sums = (int32_t *)take("row_sums", (size_t)(rows * channels), sizeof(int32_t));
  /* ENDS: the least sum there is, which as a float is exact, or one that is rounded. */
  for (c = 0; c < rows * channels; c++)
    row_sums[c] = kind == ENDS ? (c % 2 ? (int32_t)(-(INT64_C(1) << 31) / rows) : INT32_MAX / rows) : 97 * random_int16(WIDE);
  args.row_sums = row_sums;
  args.output = (float *)take("output", (size_t)channels, sizeof(float));
  args.rows = rows;
  args.channels = channels;
  args.multiplier = 0x1p-9f / 49.0f;
  begin_case();
  for (c = 0; c < channels; c++) {
    int64_t sum = 0;
    volatile float rounded;
    for (y = 0; y < rows; y++) sum += row_sums[y * channels + c];
    rounded = (float)sum;
    args.output[c] = rounded * args.multiplier;
  }
  end_reference();
  snprintf(label, sizeof label, "fixed gap %d rows of %d", rows, channels);
  run_sets(GAP, label, &args, (channels + 15) / 16);
}

static void test_concat(int32_t height, int32_t width, int32_t channels, int32_t shift) {
  dybnn_fixed_concat_args args;
  char label[256];
  int32_t p, c;
  memset(&args, 0, sizeof args);
  arena_reset();
  args.height = height, args.width = width, args.channels = channels;
  args.output_channels = channels + 5;
  args.offset = 3;
  args.shift = shift;
  args.input = take_random("input", height * width * channels, ENDS);
  args.output = take_int16("output", height * width * args.output_channels);
  begin_case();
  for (p = 0; p < height * width; p++)
    for (c = 0; c < channels; c++)
      args.output[p * args.output_channels + 3 + c] = (int16_t)reference_rnd(args.input[p * channels + c], shift);
  end_reference();
  snprintf(label, sizeof label, "fixed concat %dx%dx%d, shift %d", height, width, channels, shift);
  run_sets(CONCAT, label, &args, height);
}

/* Halves and their neighbours, both ends, what x + 0.5f would round, subnormals, zeros of both signs. */
static float random_float(int32_t fraction) {
  static const float special[] = {0.0f,      -0.0f,     0.5f,          -0.5f,      0.49999997f, -0.49999997f, 0.50000006f, -0.50000006f,
                                  1.5f,      -1.5f,     2.5f,          -2.5f,      32767.0f,    32767.498f,   32767.5f,    32768.0f,
                                  -32768.0f, -32768.5f, -32768.502f,   -32769.0f,  1e9f,        -1e9f,        1e30f,       -1e30f,
                                  3.4e38f,   -3.4e38f,  1.4e-45f,      -1.4e-45f,  1.2e-38f,    16383.5f,     -16383.5f,   8388609.0f};
  const int32_t choice = random_below(4);
  if (choice == 0) return special[random_below(32)];
  if (choice == 1) return ldexpf(special[random_below(32)], -fraction);
  if (choice == 2) return ldexpf((float)random_int16(WIDE) + 0.5f, -fraction);
  return ldexpf((float)((double)(random_word() >> 11) * 0x4p-53 - 2.0), 14 - fraction);
}

static void test_conversions(int32_t height, int32_t width, int32_t channels, int32_t channels_first, int32_t fraction) {
  const int32_t count = height * width * channels, pixels = height * width;
  dybnn_quantize_args there;
  dybnn_dequantize_args back;
  float *input;
  char label[256];
  int32_t i, c;
  memset(&there, 0, sizeof there);
  arena_reset();
  input = (float *)take("input", (size_t)count, sizeof(float));
  for (i = 0; i < count; i++) input[i] = random_float(fraction);
  there.input = input;
  there.output = take_int16("output", count);
  there.height = height, there.width = width, there.channels = channels, there.channels_first = channels_first;
  there.multiplier = ldexpf(1.0f, fraction);
  begin_case();
  for (i = 0; i < pixels; i++)
    for (c = 0; c < channels; c++)
      there.output[i * channels + c] =
          reference_quantize(input[channels_first ? c * pixels + i : i * channels + c], fraction);
  end_reference();
  snprintf(label, sizeof label, "quantize %dx%dx%d, fraction %d%s", height, width, channels, fraction,
           channels_first ? ", channels first" : "");
  run_sets(QUANTIZE, label, &there, height);

  memset(&back, 0, sizeof back);
  arena_reset();
  back.input = take_random("input", count, ENDS);
  back.output = (float *)take("output", (size_t)count, sizeof(float));
  back.height = height, back.width = width, back.channels = channels, back.channels_first = channels_first;
  back.multiplier = ldexpf(1.0f, -fraction);
  begin_case();
  for (i = 0; i < pixels; i++)
    for (c = 0; c < channels; c++)
      back.output[channels_first ? c * pixels + i : i * channels + c] = ldexpf((float)back.input[i * channels + c], -fraction);
  end_reference();
  run_sets(DEQUANTIZE, label, &back, height);
}

/* ---- all of them ---- */

/* The most products an output may have [12.1]. */
static const bconv_case widest[] = {
    {{1, 3, 32767, 9, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 0, ALL_DIFFERENT},
    {{1, 3, 32767, 9, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 0, ALL_EQUAL},
    {{4, 4, 3640, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 0, MIXED},
    {{3, 6, 3640, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 0, ALL_DIFFERENT},
};
/* The largest sums of weights, and a classifier. */
static const conv_case largest[] = {
    {{1, 1, 700, 40, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 1},
    {{2, 9, 520, 33, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 1},
    {{5, 19, 1, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 1},
    {{6, 21, 2, 70, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3}, 1},
};

void test_fixed_kernels(void) {
  int32_t i, t;
  for (i = 0; i < bconv_case_count + 4; i++)
    for (t = 0; t < TAIL_COUNT; t++) {
      random_state = (uint64_t)(600000 + 1000 * i + t);
      test_bconv2d(i < bconv_case_count ? &bconv_cases[i] : &widest[i - bconv_case_count], tails[t], (range)((i + t) % RANGES));
    }
  for (i = 0; i < conv_case_count + 4; i++)
    for (t = 0; t < TAIL_COUNT; t++) {
      random_state = (uint64_t)(700000 + 1000 * i + t);
      test_int8_conv2d(i < conv_case_count ? &conv_cases[i] : &largest[i - conv_case_count], tails[t], (range)((i + t) % RANGES));
    }
  for (i = 0; i < CHANNEL_COUNTS; i++) {
    const int32_t channels = channel_counts[i];
    for (t = 0; t < TAIL_COUNT; t++) {
      const window windows[] = {{7, 9, channels, channels, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1},
                                {6, 6, channels, channels, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0},
                                {5, 20, channels, channels, 3, 2, 1, 1, 1, 1, 2, 1, 0, 1}};
      random_state = (uint64_t)(800000 + 1000 * i + t);
      test_map(3, 5 + 7 * (t % 3), channels, tails[t], t % 2, (range)((i + t) % RANGES));
      test_map(2, 19, channels, tails[t], t / 2 % 2, (range)((i + t + 1) % RANGES));
      test_pool(&windows[t % 3], 0, t / 2 % 2, tails[t], (range)((i + t) % RANGES));
      test_pool(&windows[t % 3], 1, 0, tails[t], (range)((i + t) % RANGES));
    }
    random_state = (uint64_t)(900000 + i);
    test_gap(1 + i % 8, channels, (range)(i % RANGES));
    test_concat(3, 1 + i, channels, i % 17);
    test_conversions(2, 1 + 5 * i, channels, i % 2, i % 3 == 0 ? 30 - i : i - 14);
    test_conversions(2, 3 + 7 * i, 3, 1, 2 * i - 10);
    test_conversions(3, 11 + 7 * i, 1, 1, 2 * i);
  }
}
