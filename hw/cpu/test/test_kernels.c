/* test_kernels.c - every kernel of every instruction set against the contract.
 *
 * One table of shapes an operation, each with several tails. The portable set is compared with reference.c, every other set
 * with the same bits. All arrays of a case lie in one arena with gaps between them: after a run the whole arena must equal
 * what it was after the reference, so a write outside an output, into an input or a missing write shows like a wrong value.
 * Each kernel runs once over all its units and once over random pieces of them in random order, as threads would.
 * With -fsanitize=address the gaps are poisoned, so reads outside the arrays show too.
 *
 * Ends in "N passed, N failed"; all randomness comes from the number of the case.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../dybnn_sets.h"
#include "reference.h"

#if defined(__SANITIZE_ADDRESS__)
#define GUARDED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GUARDED 1
#endif
#endif
#ifdef GUARDED
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

/* ---- randomness: splitmix64 ---- */

static uint64_t random_state;

static uint64_t random_word(void) {
  uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static int32_t random_below(int32_t n) { return (int32_t)(random_word() % (uint64_t)n); }

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

/* ---- arena ---- */

#define ARENA_BYTES ((size_t)48 << 20)
#define MAX_ARRAYS 32

typedef struct array {
  const char *name;
  size_t at, bytes;
} array;

static unsigned char *arena, *initial, *expected;
static size_t arena_used;
static array arrays[MAX_ARRAYS];
static int array_count;

static void arena_reset(void) {
  UNPOISON(arena, ARENA_BYTES);
  arena_used = 0;
  array_count = 0;
}

/* Poisoned bytes, with a gap before; aligned to its element only. */
static void *take(const char *name, size_t count, size_t size) {
  const size_t gap = 96 + 4 * (size_t)random_below(16);
  size_t at = (arena_used + gap + size - 1) / size * size;
  if (at + count * size + 256 > ARENA_BYTES || array_count == MAX_ARRAYS) {
    fprintf(stderr, "arena too small\n");
    exit(2);
  }
  memset(arena + arena_used, 0xc3, at - arena_used);
  memset(arena + at, 0xa5, count * size);
  arena_used = at + count * size;
  memset(arena + arena_used, 0xc3, 256);
  arrays[array_count].name = name;
  arrays[array_count].at = at;
  arrays[array_count].bytes = count * size;
  array_count++;
  return arena + at;
}

static float *take_floats(const char *name, int32_t count) { return (float *)take(name, (size_t)count, sizeof(float)); }

static float *take_random(const char *name, int32_t count, values_kind kind) {
  float *p = take_floats(name, count);
  int32_t i;
  for (i = 0; i < count; i++) p[i] = random_float(kind);
  return p;
}

static void poison_gaps(void) {
  size_t at = 0;
  int i;
  for (i = 0; i < array_count; i++) {
    POISON(arena + at, arrays[i].at - at);
    at = arrays[i].at + arrays[i].bytes;
  }
  POISON(arena + at, (size_t)256);
}

/* ---- running and comparing ---- */

static int passed, failed;
static const char *only;

static void report_difference(const char *label, const char *how) {
  size_t i = 0;
  int a;
  while (arena[i] == expected[i]) i++;
  fprintf(stderr, "FAILED %s (%s): ", label, how);
  for (a = 0; a < array_count; a++)
    if (i >= arrays[a].at && i < arrays[a].at + arrays[a].bytes) {
      const size_t element = (i - arrays[a].at) / 4;
      uint32_t got, want;
      memcpy(&got, arena + arrays[a].at + 4 * element, 4);
      memcpy(&want, expected + arrays[a].at + 4 * element, 4);
      fprintf(stderr, "%s, 32-bit element %lu: %08lx, expected %08lx\n", arrays[a].name, (unsigned long)element,
              (unsigned long)got, (unsigned long)want);
      return;
    }
  fprintf(stderr, "written outside every array, at byte %lu\n", (unsigned long)i);
}

static int check(const char *label, const char *how) {
  UNPOISON(arena, ARENA_BYTES);
  if (memcmp(arena, expected, arena_used + 256) == 0) return 1;
  report_difference(label, how);
  return 0;
}

static void restore(void) {
  UNPOISON(arena, ARENA_BYTES);
  memcpy(arena, initial, arena_used + 256);
  poison_gaps();
}

/* The arena holds the inputs. */
static void begin_case(void) { memcpy(initial, arena, arena_used + 256); }

/* The arena holds the reference's result. */
static void end_reference(void) { memcpy(expected, arena, arena_used + 256); }

static void run_pieces(dybnn_kernel *kernel, const void *args, int32_t units) {
  int32_t cuts[33], order[32], pieces = 0, i;
  cuts[0] = 0;
  while (cuts[pieces] < units && pieces < 31) {
    cuts[pieces + 1] = cuts[pieces] + 1 + random_below(units / 4 + 2);
    if (cuts[pieces + 1] > units) cuts[pieces + 1] = units;
    pieces++;
  }
  if (cuts[pieces] < units) {
    cuts[pieces + 1] = units;
    pieces++;
  }
  for (i = 0; i < pieces; i++) order[i] = i;
  for (i = pieces - 1; i > 0; i--) {
    const int32_t j = random_below(i + 1), t = order[i];
    order[i] = order[j];
    order[j] = t;
  }
  for (i = 0; i < pieces; i++) kernel(args, cuts[order[i]], cuts[order[i] + 1]);
}

static void run_kernel(const char *label, dybnn_kernel *kernel, const void *args, int32_t units, int32_t splittable) {
  int ok;
  restore();
  kernel(args, 0, units);
  ok = check(label, "whole");
  if (ok && splittable) {
    restore();
    run_pieces(kernel, args, units);
    ok = check(label, "in pieces");
  }
  UNPOISON(arena, ARENA_BYTES);
  if (ok)
    passed++;
  else
    failed++;
}

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

enum {
  SCALE = 1, BIAS = 2, SHORTCUT = 4, POOLED = 8, IN_PLACE = 16, PRELU = 32, GAMMA = 64, ZETA = 128, GE = 256,
  OUT = 512, SUMS = 1024, BITS = 2048, GT = 4096, HALF_SHORTCUT = 8192
};

/* The usual ones of the networks, then odd ones. */
static const int32_t tails[] = {
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
enum { TAIL_COUNT = (int)(sizeof tails / sizeof tails[0]) };

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

static float *scratch(size_t count) {
  static float *memory;
  static size_t have;
  if (count > have) {
    free(memory);
    memory = (float *)malloc(count * sizeof(float));
    have = count;
    if (!memory) exit(2);
  }
  return memory;
}

/* ---- binary convolution ---- */

typedef enum signs_kind { MIXED, ALL_EQUAL, ALL_DIFFERENT } signs_kind;

typedef struct bconv_case {
  window w;
  int32_t groups; /* oc_groups of the kernel, 0: one */
  signs_kind signs;
} bconv_case;

#define ONE(h, w, i, o, k, s, p) {{h, w, i, o, k, k, s, s, 1, 1, p, p, p, p}, 0, MIXED}

static const bconv_case bconv_cases[] = {
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
  {{3, 3, 24, 24, 5, 5, 1, 1, 1, 1, 4, 4, 4, 4}, 0, MIXED},  /* windows with few taps inside */
  {{4, 6, 100, 200, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 2, MIXED},
  {{5, 9, 64, 257, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 3, MIXED},
  {{3, 3, 2048, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 0, ALL_DIFFERENT}, /* the largest counts */
  {{3, 10, 2048, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 0, ALL_EQUAL},
  {{2, 2, 4096, 33, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 0, ALL_DIFFERENT},
};

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

static void test_bconv2d(const bconv_case *bc, int32_t flags, values_kind kind) {
  const window *w = &bc->w;
  const int32_t height = output_height(w), width = output_width(w), taps = w->kernel_h * w->kernel_w;
  const int32_t words = (w->in_channels + 63) / 64, blocks = (w->channels + 7) / 8;
  const int32_t inputs = w->in_height * w->in_width * w->in_channels, filter = taps * w->in_channels;
  const int32_t padded_h = w->pad_top + w->in_height + w->pad_bottom, padded_w = w->pad_left + w->in_width + w->pad_right;
  int8_t *input = (int8_t *)malloc((size_t)inputs), *weights = (int8_t *)malloc((size_t)(filter * w->channels));
  uint64_t *packed_input, *packed_weights, *filters;
  uint8_t *row_class, *col_class;
  int32_t *base;
  float *values = scratch((size_t)(height * width * w->channels));
  dybnn_bconv2d_args args;
  char label[256];
  int32_t i, y, x, o, k;
  for (i = 0; i < inputs; i++) input[i] = bc->signs == MIXED && random_below(2) ? -1 : 1;
  for (i = 0; i < filter * w->channels; i++)
    weights[i] = bc->signs == ALL_DIFFERENT ? -1 : (bc->signs == MIXED && random_below(2) ? -1 : 1);

  memset(&args, 0, sizeof args);
  arena_reset();
  args.tail = make_tail(height, width, w->channels, flags, kind);
  args.words = words;
  args.in_pitch = padded_w * words;
  args.kernel_h = w->kernel_h, args.kernel_w = w->kernel_w;
  args.stride_h = w->stride_h, args.stride_w = w->stride_w;
  args.dilation_h = w->dilation_h, args.dilation_w = w->dilation_w;
  args.oc_groups = bc->groups ? bc->groups : 1;
  args.group_channels = (w->channels + args.oc_groups * 64 - 1) / (args.oc_groups * 64) * 64;

  /* The packed map with its border. */
  filters = pack("unbordered", input, w->in_height * w->in_width, w->in_channels);
  packed_input = (uint64_t *)take("input", (size_t)(padded_h * args.in_pitch), sizeof(uint64_t));
  memset(packed_input, 0, (size_t)(padded_h * args.in_pitch) * sizeof(uint64_t));
  for (y = 0; y < w->in_height; y++)
    memcpy(packed_input + (ptrdiff_t)(y + w->pad_top) * args.in_pitch + w->pad_left * words, filters + y * w->in_width * words,
           (size_t)(w->in_width * words) * sizeof(uint64_t));
  args.input = packed_input;

  /* The weights, eight channels interleaved. */
  filters = pack("filters", weights, w->channels * taps, w->in_channels);
  packed_weights = (uint64_t *)take("weights", (size_t)(blocks * taps * words * 8), sizeof(uint64_t));
  for (o = 0; o < blocks * 8; o++)
    for (k = 0; k < taps * words; k++)
      packed_weights[((ptrdiff_t)(o / 8) * taps * words + k) * 8 + o % 8] =
          o < w->channels ? filters[(ptrdiff_t)o * taps * words + k] : 0;
  args.weights = packed_weights;

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
  args.base = base;
  args.row_class = row_class;
  args.col_class = col_class;
  args.col_classes = width;

  reference_bconv2d(w, input, weights, values);
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

typedef struct conv_case {
  window w;
  int32_t groups;
} conv_case;

#define CONV(h, w, i, o, k, s, p, g) {{h, w, i, o, k, k, s, s, 1, 1, p, p, p, p}, g}

static const conv_case conv_cases[] = {
  CONV(5, 6, 1, 1, 3, 1, 1, 1), CONV(20, 29, 3, 64, 7, 2, 3, 1), CONV(9, 33, 3, 32, 3, 2, 1, 1), CONV(4, 5, 3, 17, 3, 1, 1, 1),
  CONV(6, 15, 64, 128, 1, 2, 0, 1), CONV(7, 7, 33, 65, 1, 1, 0, 1), CONV(1, 1, 8, 100, 1, 1, 0, 1), CONV(3, 40, 2, 80, 3, 1, 1, 1),
  CONV(5, 13, 7, 8, 5, 1, 2, 1), CONV(2, 2, 4, 20, 5, 1, 4, 1),
  CONV(6, 9, 32, 32, 3, 1, 1, 32), CONV(7, 7, 17, 17, 3, 2, 1, 17), CONV(4, 8, 8, 12, 3, 1, 1, 2), CONV(4, 20, 8, 128, 3, 1, 1, 4),
  CONV(5, 5, 6, 12, 3, 1, 1, 6), CONV(4, 14, 6, 128, 1, 1, 0, 2),
  {{9, 11, 5, 40, 3, 2, 2, 1, 2, 3, 2, 3, 1, 2}, 1},
  {{9, 31, 2, 64, 3, 3, 1, 2, 2, 2, 2, 2, 2, 2}, 1},
};

static void test_conv2d(const conv_case *cc, int32_t flags, values_kind kind) {
  const window *w = &cc->w;
  const int32_t height = output_height(w), width = output_width(w), taps = w->kernel_h * w->kernel_w;
  const int32_t inputs = w->in_channels / cc->groups, padded = (w->channels + 15) / 16 * 16, filter = taps * inputs;
  float *values = scratch((size_t)(height * width * w->channels));
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

static const int32_t channel_counts[] = {1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 257};
enum { CHANNEL_COUNTS = (int)(sizeof channel_counts / sizeof channel_counts[0]) };

static void test_map(int32_t height, int32_t width, int32_t channels, dybnn_function function, int32_t flags, int32_t in_place,
                     values_kind kind) {
  const int32_t count = height * width * channels;
  float *values = scratch((size_t)count);
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
  float *values = scratch((size_t)(height * width * w->channels)), *reciprocal;
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
  UNPOISON(arena, ARENA_BYTES);
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
  const int32_t bconvs = (int32_t)(sizeof bconv_cases / sizeof bconv_cases[0]);
  const int32_t convs = (int32_t)(sizeof conv_cases / sizeof conv_cases[0]);
  int32_t i, t;
  only = argc > 1 ? argv[1] : NULL;
  arena = (unsigned char *)malloc(ARENA_BYTES);
  initial = (unsigned char *)malloc(ARENA_BYTES);
  expected = (unsigned char *)malloc(ARENA_BYTES);
  if (!arena || !initial || !expected) return 2;
  if (!dybnn_arithmetic_is_exact()) {
    fprintf(stderr, "this processor's mode or this compiler's flags change float arithmetic\n");
    failed++;
  }
  for (i = 0; i < bconvs; i++)
    for (t = 0; t < TAIL_COUNT; t++) {
      random_state = (uint64_t)(1000 * i + t);
      test_bconv2d(&bconv_cases[i], tails[t], (values_kind)((i + t) % KINDS));
    }
  for (i = 0; i < convs; i++)
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
  printf("%d passed, %d failed\n", passed, failed);
  free(arena);
  free(initial);
  free(expected);
  return failed != 0;
}
