/* test_kernels.c - every kernel of every instruction set against the contract, float32 (test_fixed.c has fixed16).
 *
 * One table of shapes an operation, each with several tails. The portable set is compared with reference.c, every other set
 * with the same bits. Ends in "N passed, N failed"; all randomness comes from the number of the case.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../dybnn_sets.h"
#include "cases.h"
#include "harness.h"
#include "reference.h"
#include "test_fixed.h"

/* ---- values ---- */

typedef enum values_kind { SMOOTH, TIES, EXTREMES, ZEROS } values_kind;
enum { KINDS = 4 };

/* SMOOTH: (-2, 2). TIES: few values, so that sums, thresholds and gammas meet, zeros of both signs among them. EXTREMES:
 * subnormals and numbers whose sums round. ZEROS: zeros of both signs, to see which comes out. */
static float random_float(values_kind kind) {
  static const float ties[] = {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, -0.5f, 2.0f, -2.0f};
  static const float extremes[] = {0.0f,      -0.0f,          1.4e-45f, -1.4e-45f, 1.1754942e-38f, -1.1754942e-38f,
                                   1.2e-38f,  16777216.0f,    -3.0f,    1e-20f,    -1e-20f,        0.33333334f,
                                   8388609.0f, -8388609.0f};
  if (kind == ZEROS) return ties[random_below(2)];
  if (kind == TIES) return ties[random_below(8)];
  if (kind == EXTREMES && random_below(2)) return extremes[random_below(14)];
  return (float)((double)(random_word() >> 11) * 0x4p-53 - 2.0);
}

static float *take_floats(const char *name, int32_t count) { return (float *)take(name, (size_t)count, sizeof(float)); }

static float *take_random(const char *name, int32_t count, values_kind kind) {
  float *p = take_floats(name, count);
  int32_t i;
  for (i = 0; i < count; i++) p[i] = random_float(kind);
  return p;
}

/* ---- sets ---- */

/* One place for every operation: which member of a set it is. */
typedef enum operation { BCONV2D, CONV2D, DENSE, MAP, POOL, GAP, CONCAT, CHANNELS_LAST, CHANNELS_FIRST, SOFTMAX } operation;

static dybnn_kernel *kernel_of(const dybnn_kernels *set, operation op) {
  switch (op) {
    case BCONV2D: return set->bconv2d;
    case CONV2D: return set->conv2d;
    case DENSE: return set->dense;
    case MAP: return set->map;
    case POOL: return set->pool;
    case GAP: return set->gap;
    case CONCAT: return set->concat;
    case CHANNELS_LAST: return set->to_channels_last;
    case CHANNELS_FIRST: return set->to_channels_first;
    case SOFTMAX: return set->softmax;
  }
  return NULL;
}

static void run_sets(operation op, const char *label, const void *args, int32_t units, int32_t splittable) {
  int32_t i;
  for (i = 0; dybnn_kernels_at(i); i++) {
    const dybnn_kernels *set = dybnn_kernels_at(i);
    char full[320];
    if (!dybnn_find_kernels(set->name) || (only && strcmp(only, set->name) != 0)) continue;
    snprintf(full, sizeof full, "%s: %s", set->name, label);
    run_kernel(full, kernel_of(set, op), args, units, splittable);
  }
}

/* ---- tails ---- */

static dybnn_tail make_tail(int32_t height, int32_t width, int32_t channels, int32_t flags, values_kind kind) {
  const int32_t words = (channels + 63) / 64;
  dybnn_tail t;
  memset(&t, 0, sizeof t);
  t.height = height;
  t.width = width;
  t.channels = channels;
  if (flags & SCALE) t.scale = take_random("scale", channels, kind);
  if (flags & BIAS) t.bias = take_random("bias", channels, kind);
  if (flags & PRELU) t.prelu_slope = take_random("slope", channels, kind);
  if (flags & GAMMA) t.prelu_gamma = take_random("gamma", channels, kind);
  if (flags & ZETA) t.prelu_zeta = take_random("zeta", channels, kind);
  t.prelu_ge = (flags & GE) != 0;
  if (flags & SHORTCUT) {
    float *z;
    t.shortcut_channels = (flags & HALF_SHORTCUT) && channels % 2 == 0 ? channels / 2 : channels;
    t.shortcut_pool = flags & POOLED ? 2 : 1;
    t.shortcut_width = flags & POOLED ? 2 * width + random_below(2) : width;
    z = take_random("shortcut", t.shortcut_pool * height * t.shortcut_width * t.shortcut_channels, kind);
    t.shortcut = z;
    if ((flags & IN_PLACE) && !(flags & (POOLED | HALF_SHORTCUT))) t.out = z;
  }
  if ((flags & OUT) && !t.out) t.out = take_floats("out", height * width * channels);
  if (flags & SUMS) t.row_sums = take_floats("row_sums", height * channels);
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

/* ---- binary convolution ---- */

static void test_bconv2d(const bconv_case *bc, int32_t flags, values_kind kind) {
  const window *w = &bc->w;
  const int32_t height = output_height(w), width = output_width(w);
  const size_t outputs = (size_t)(height * width * w->channels);
  float *values = (float *)scratch(outputs * sizeof(float) + outputs * sizeof(int32_t));
  int32_t *dots = (int32_t *)(void *)(values + outputs);
  int8_t *input, *weights;
  dybnn_bconv2d_args args;
  char label[256];
  size_t i;
  memset(&args, 0, sizeof args);
  arena_reset();
  args.tail = make_tail(height, width, w->channels, flags, kind);
  build_bconv(bc, &args, &input, &weights);
  reference_bconv2d(w, input, weights, dots);
  for (i = 0; i < outputs; i++) values[i] = (float)dots[i];
  begin_case();
  reference_tail(&args.tail, values);
  end_reference();
  snprintf(label, sizeof label, "bconv2d %dx%dx%d -> %d, kernel %dx%d, stride %d, tail %x", w->in_height, w->in_width,
           w->in_channels, w->channels, w->kernel_h, w->kernel_w, w->stride_h, (unsigned)flags);
  run_sets(BCONV2D, label, &args, args.oc_groups * height, 1);
  free(input);
  free(weights);
}

/* ---- float convolution, dense ---- */

static void test_conv2d(const conv_case *cc, int32_t flags, values_kind kind) {
  const window *w = &cc->w;
  const int32_t height = output_height(w), width = output_width(w), taps = w->kernel_h * w->kernel_w;
  const int32_t inputs = w->in_channels / cc->groups, padded = (w->channels + 15) / 16 * 16, filter = taps * inputs;
  float *values = (float *)scratch((size_t)(height * width * w->channels) * sizeof(float));
  float *input, *plain, *bias, *weights, *acc;
  dybnn_conv2d_args args;
  char label[256];
  int32_t o, k;
  memset(&args, 0, sizeof args);
  arena_reset();
  args.tail = make_tail(height, width, w->channels, flags, kind);
  args.in_height = w->in_height, args.in_width = w->in_width, args.in_channels = w->in_channels;
  args.kernel_h = w->kernel_h, args.kernel_w = w->kernel_w;
  args.stride_h = w->stride_h, args.stride_w = w->stride_w;
  args.dilation_h = w->dilation_h, args.dilation_w = w->dilation_w;
  args.pad_top = w->pad_top, args.pad_left = w->pad_left;
  args.conv_groups = cc->groups;
  input = take_random("input", w->in_height * w->in_width * w->in_channels, kind);
  plain = take_random("filters", w->channels * filter, kind);
  bias = take_random("plain bias", w->channels, SMOOTH);
  weights = take_floats("weights", padded * filter);
  acc = take_floats("acc", padded);
  for (o = 0; o < padded; o++) {
    acc[o] = o < w->channels ? bias[o] : 0.0f;
    for (k = 0; k < filter; k++)
      weights[((ptrdiff_t)(o / 16) * filter + k) * 16 + o % 16] = o < w->channels ? plain[(ptrdiff_t)o * filter + k] : 0.0f;
  }
  args.input = input;
  args.weights = weights;
  args.acc = acc;
  reference_conv2d(w, cc->groups, input, plain, bias, values);
  begin_case();
  reference_tail(&args.tail, values);
  end_reference();
  snprintf(label, sizeof label, "conv2d %dx%dx%d -> %d, kernel %dx%d, stride %d, groups %d, tail %x", w->in_height, w->in_width,
           w->in_channels, w->channels, w->kernel_h, w->kernel_w, w->stride_h, cc->groups, (unsigned)flags);
  run_sets(CONV2D, label, &args, height, 1);
}

static void test_dense(int32_t inputs, int32_t outputs, dybnn_function function, values_kind kind) {
  const window w = {1, 1, inputs, outputs, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0};
  const int32_t padded = (outputs + 15) / 16 * 16;
  float *input, *plain, *bias, *weights, *acc;
  dybnn_dense_args args;
  char label[256];
  int32_t o, k;
  memset(&args, 0, sizeof args);
  arena_reset();
  input = take_random("input", inputs, kind);
  plain = take_random("filters", outputs * inputs, kind);
  bias = take_random("plain bias", outputs, SMOOTH);
  weights = take_floats("weights", padded * inputs);
  acc = take_floats("acc", padded);
  for (o = 0; o < padded; o++) {
    acc[o] = o < outputs ? bias[o] : 0.0f;
    for (k = 0; k < inputs; k++)
      weights[((ptrdiff_t)(o / 16) * inputs + k) * 16 + o % 16] = o < outputs ? plain[(ptrdiff_t)o * inputs + k] : 0.0f;
  }
  args.input = input;
  args.weights = weights;
  args.acc = acc;
  args.inputs = inputs;
  args.outputs = outputs;
  args.function = function;
  args.alpha = 0.2f;
  args.beta = 0.5f;
  args.output = take_floats("output", outputs);
  begin_case();
  reference_conv2d(&w, 1, input, plain, bias, args.output);
  for (o = 0; o < outputs; o++) args.output[o] = reference_function(function, args.alpha, args.beta, args.output[o]);
  end_reference();
  snprintf(label, sizeof label, "dense %d -> %d, function %d", inputs, outputs, (int)function);
  run_sets(DENSE, label, &args, padded / 16, 1);
}

/* ---- passes ---- */

static void test_map(int32_t height, int32_t width, int32_t channels, dybnn_function function, int32_t flags, int32_t in_place,
                     values_kind kind) {
  const int32_t count = height * width * channels;
  float *values = (float *)scratch((size_t)count * sizeof(float));
  dybnn_map_args args;
  float *input;
  char label[256];
  int32_t i;
  memset(&args, 0, sizeof args);
  arena_reset();
  input = take_random("input", count, kind);
  if (function != DYBNN_NONE)
    for (i = 0; i < count; i += 3) input[i] = 40.0f * random_float(SMOOTH);
  args.input = input;
  args.function = function;
  args.alpha = -0.5f;
  args.beta = 0.75f;
  args.tail = make_tail(height, width, channels, flags, kind);
  if (in_place && args.tail.out && args.tail.out != args.tail.shortcut) args.tail.out = input;
  for (i = 0; i < count; i++) values[i] = reference_function(function, args.alpha, args.beta, input[i]);
  begin_case();
  reference_tail(&args.tail, values);
  end_reference();
  snprintf(label, sizeof label, "map %dx%dx%d, function %d, tail %x%s", height, width, channels, (int)function, (unsigned)flags,
           in_place ? " in place" : "");
  run_sets(MAP, label, &args, height, 1);
}

static void test_pool(const window *w, int32_t is_max, int32_t exclude_pad, int32_t flags, values_kind kind) {
  const int32_t height = output_height(w), width = output_width(w), full = w->kernel_h * w->kernel_w;
  float *values = (float *)scratch((size_t)(height * width * w->channels) * sizeof(float)), *reciprocal;
  dybnn_pool_args args;
  char label[256];
  int32_t i;
  memset(&args, 0, sizeof args);
  arena_reset();
  args.input = take_random("input", w->in_height * w->in_width * w->channels, kind);
  args.in_height = w->in_height, args.in_width = w->in_width, args.channels = w->channels;
  args.kernel_h = w->kernel_h, args.kernel_w = w->kernel_w;
  args.stride_h = w->stride_h, args.stride_w = w->stride_w;
  args.pad_top = w->pad_top, args.pad_left = w->pad_left;
  args.is_max = is_max;
  args.multiplier = (float)(1.0 / full);
  reciprocal = take_floats("reciprocal", full + 1);
  reciprocal[0] = 0.0f;
  for (i = 1; i <= full; i++) reciprocal[i] = (float)(1.0 / i);
  if (exclude_pad) args.reciprocal = reciprocal;
  args.tail = make_tail(height, width, w->channels, flags, kind);
  reference_pool(w, is_max, exclude_pad, args.input, values);
  begin_case();
  reference_tail(&args.tail, values);
  end_reference();
  snprintf(label, sizeof label, "pool %s%s %dx%dx%d, kernel %d, stride %d, tail %x", is_max ? "max" : "average",
           exclude_pad ? " without padding" : "", w->in_height, w->in_width, w->channels, w->kernel_h, w->stride_h,
           (unsigned)flags);
  run_sets(POOL, label, &args, height, 1);
}

static void test_gap(int32_t rows, int32_t channels, values_kind kind) {
  dybnn_gap_args args;
  char label[256];
  int32_t c, y;
  memset(&args, 0, sizeof args);
  arena_reset();
  args.row_sums = take_random("row_sums", rows * channels, kind);
  args.output = take_floats("output", channels);
  args.rows = rows;
  args.channels = channels;
  args.multiplier = 1.0f / 49.0f;
  begin_case();
  for (c = 0; c < channels; c++) {
    volatile float sum = 0.0f;
    for (y = 0; y < rows; y++) sum = sum + args.row_sums[y * channels + c];
    args.output[c] = sum * args.multiplier;
  }
  end_reference();
  snprintf(label, sizeof label, "gap %d rows of %d", rows, channels);
  run_sets(GAP, label, &args, (channels + 15) / 16, 1);
}

static void test_layouts(int32_t height, int32_t width, int32_t channels) {
  const int32_t count = height * width * channels;
  dybnn_layout_args args;
  dybnn_concat_args concat;
  float *first, *last, *output;
  char label[256];
  int32_t y, x, c;
  memset(&args, 0, sizeof args);
  memset(&concat, 0, sizeof concat);
  arena_reset();
  first = take_random("channels first", count, SMOOTH);
  last = take_floats("channels last", count);
  output = take_floats("output", count);
  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      for (c = 0; c < channels; c++) last[(y * width + x) * channels + c] = first[(c * height + y) * width + x];
  args.height = height, args.width = width, args.channels = channels;
  args.output = output;
  snprintf(label, sizeof label, "layout %dx%dx%d", height, width, channels);
  args.input = first;
  begin_case();
  memcpy(output, last, (size_t)count * sizeof(float));
  end_reference();
  run_sets(CHANNELS_LAST, label, &args, height, 1);
  restore();
  args.input = last;
  memcpy(output, first, (size_t)count * sizeof(float));
  end_reference();
  run_sets(CHANNELS_FIRST, label, &args, height, 1);

  arena_reset();
  concat.height = height, concat.width = width, concat.channels = channels;
  concat.output_channels = channels + 5;
  concat.offset = 3;
  concat.input = take_random("input", count, SMOOTH);
  concat.output = take_floats("output", height * width * concat.output_channels);
  begin_case();
  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      for (c = 0; c < channels; c++)
        concat.output[(y * width + x) * concat.output_channels + 3 + c] = concat.input[(y * width + x) * channels + c];
  end_reference();
  run_sets(CONCAT, label, &concat, height, 1);
}

static void test_softmax(int32_t count, float spread) {
  dybnn_softmax_args args;
  float *input;
  volatile float sum = 0.0f;
  float max;
  char label[256];
  int32_t i;
  memset(&args, 0, sizeof args);
  arena_reset();
  input = take_floats("input", count);
  for (i = 0; i < count; i++) input[i] = spread * random_float(SMOOTH);
  args.input = input;
  args.output = take_floats("output", count);
  args.count = count;
  begin_case();
  max = input[0];
  for (i = 1; i < count; i++)
    if (input[i] > max) max = input[i];
  for (i = 0; i < count; i++) {
    args.output[i] = reference_exponential(input[i] - max);
    sum = sum + args.output[i];
  }
  for (i = 0; i < count; i++) args.output[i] = args.output[i] / sum;
  end_reference();
  snprintf(label, sizeof label, "softmax %d, spread %g", count, (double)spread);
  run_sets(SOFTMAX, label, &args, 1, 0);
}

int main(int argc, char **argv) {
  int32_t i, t;
  if (!harness_begin(argc > 1 ? argv[1] : NULL)) return 2;
  if (!dybnn_arithmetic_is_exact()) {
    fprintf(stderr, "this processor's mode or this compiler's flags change float arithmetic\n");
    failed++;
  }
  for (i = 0; i < bconv_case_count; i++)
    for (t = 0; t < TAIL_COUNT; t++) {
      random_state = (uint64_t)(1000 * i + t);
      test_bconv2d(&bconv_cases[i], tails[t], (values_kind)((i + t) % KINDS));
    }
  for (i = 0; i < conv_case_count; i++)
    for (t = 0; t < TAIL_COUNT; t++) {
      random_state = (uint64_t)(100000 + 1000 * i + t);
      test_conv2d(&conv_cases[i], tails[t], (values_kind)((i + t) % KINDS));
    }
  for (i = 0; i < CHANNEL_COUNTS; i++) {
    const int32_t channels = channel_counts[i];
    for (t = 0; t < TAIL_COUNT; t++) {
      random_state = (uint64_t)(200000 + 1000 * i + t);
      test_map(3, 5 + 7 * (t % 3), channels, DYBNN_NONE, tails[t], t % 2, (values_kind)((i + t) % KINDS));
      test_map(2, 19, channels, (dybnn_function)(t % 8), tails[t], t / 8 % 2, (values_kind)(t % KINDS));
    }
    for (t = 0; t < TAIL_COUNT; t++) {
      const window windows[] = {{7, 9, channels, channels, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1},
                                {6, 6, channels, channels, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0},
                                {5, 20, channels, channels, 3, 2, 1, 1, 1, 1, 2, 1, 0, 1}};
      random_state = (uint64_t)(300000 + 1000 * i + t);
      test_pool(&windows[t % 3], 0, t / 2 % 2, tails[t], (values_kind)((i + t) % KINDS));
      test_pool(&windows[t % 3], 1, 0, tails[t], (values_kind)((i + t) % KINDS));
    }
    for (t = 0; t < 8; t++) {
      random_state = (uint64_t)(400000 + 1000 * i + t);
      test_dense(channels, channel_counts[(i + 5 * t) % CHANNEL_COUNTS], (dybnn_function)t, (values_kind)(t % KINDS));
    }
    random_state = (uint64_t)(500000 + i);
    test_gap(1 + i % 8, channels, (values_kind)(i % KINDS));
    test_layouts(3, 1 + i, channels);
    test_layouts(2, 1 + 3 * i, 3);
    test_softmax(channels, (float)(1 + 8 * i));
  }
  test_dense(1024, 1000, DYBNN_NONE, SMOOTH);
  test_softmax(1000, 3.0f);
  test_fixed_kernels();
  return harness_end();
}
