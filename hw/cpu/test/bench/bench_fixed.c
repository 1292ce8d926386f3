/* bench_fixed.c - kernels of fixed16 beside those of float32, on the same layers in the same run.
 *
 * usage: bench_fixed [SET]. Each pair takes turns, and the best of each counts, since other work on the machine only ever makes a run
 * longer. A ratio above 1: fixed16 is faster.
 */
#include <stdio.h>
#include <string.h>

#include "../../dybnn_fixed_kernels.h"
#include "layers.h"

static const dybnn_kernels *set;
static const dybnn_fixed_kernels *fixed;

static int16_t *halves(long count) {
  int16_t *p = (int16_t *)memory((size_t)count * sizeof(int16_t));
  long i;
  for (i = 0; i < count; i++) p[i] = (int16_t)(random_word() % 20001 - 10000);
  return p;
}

static int8_t *bytes(long count) {
  int8_t *p = (int8_t *)memory((size_t)count);
  long i;
  for (i = 0; i < count; i++) p[i] = (int8_t)(random_word() % 255 - 127);
  return p;
}

static void compare(const char *label, dybnn_kernel *one, const void *one_args, dybnn_kernel *other, const void *other_args,
                    int32_t units, double macs) {
  double best[2] = {1e9, 1e9};
  int i;
  for (i = 0; i < 6; i++) {
    const double a = best_time(one, one_args, units), b = best_time(other, other_args, units);
    if (a < best[0]) best[0] = a;
    if (b < best[1]) best[1] = b;
  }
  printf("  %-36s %9.2f us %9.2f us  %5.2f", label, best[0] * 1e6, best[1] * 1e6, best[0] / best[1]);
  if (macs > 0) printf("  %7.1f G MAC/s", macs / best[1] / 1e9);
  printf("\n");
}

static void title(const char *what) { printf("\n%-38s %12s %12s %6s\n", what, "float32", "fixed16", "ratio"); }

/* As after a convolution of a dynamic network: scale, offset, shortcut, map and row sums. */
static void conv_tails(int32_t size, int32_t channels, dybnn_tail *f, dybnn_fixed_tail *h) {
  int32_t *offset = (int32_t *)memory((size_t)channels * sizeof(int32_t));
  memset(f, 0, sizeof *f);
  memset(h, 0, sizeof *h);
  f->height = f->width = h->height = h->width = size;
  f->channels = h->channels = channels;
  f->scale = floats(channels);
  f->bias = floats(channels);
  f->shortcut = floats((long)size * size * channels);
  h->scale = halves(channels);
  h->offset = offset;
  h->scale_shift = 12;
  h->shortcut = halves((long)size * size * channels);
  f->shortcut_channels = h->shortcut_channels = channels;
  f->shortcut_pool = h->shortcut_pool = 1;
  f->shortcut_width = h->shortcut_width = size;
  h->shortcut_shift = 1;
  f->out = floats((long)size * size * channels);
  h->out = halves((long)size * size * channels);
  f->row_sums = floats((long)size * channels);
  h->row_sums = (int32_t *)memory((size_t)size * (size_t)channels * sizeof(int32_t));
}

static void no_shortcut(dybnn_tail *f, dybnn_fixed_tail *h) {
  f->shortcut = NULL;
  h->shortcut = NULL;
}

static void binary(const char *name, const layer *layers, int count) {
  int i;
  title(name);
  for (i = 0; i < count; i++) {
    const layer *l = &layers[i];
    const int32_t pad = l->kernel / 2, out = (l->size + 2 * pad - l->kernel) / l->stride + 1;
    const int32_t k = l->kernel * l->kernel * ((l->inputs + 63) / 64), padded = (l->outputs + 7) / 8 * 8;
    char label[64];
    dybnn_bconv2d_args a;
    dybnn_fixed_bconv2d_args h;
    memset(&a, 0, sizeof a);
    memset(&h, 0, sizeof h);
    conv_tails(out, l->outputs, &a.tail, &h.tail);
    h.in_channels = a.in_channels = l->inputs;
    h.words = a.words = (l->inputs + 63) / 64;
    h.in_pitch = a.in_pitch = (l->size + 2 * pad) * a.words;
    h.input = a.input = words((long)a.in_pitch * (l->size + 2 * pad));
    h.weights = a.weights = words((long)padded * k);
    h.base = a.base = (const int32_t *)memory((size_t)padded * 9 * sizeof(int32_t));
    h.row_class = a.row_class = (const uint8_t *)memory((size_t)out);
    h.col_class = a.col_class = (const uint8_t *)memory((size_t)out);
    h.col_classes = a.col_classes = 3;
    h.kernel_h = h.kernel_w = a.kernel_h = a.kernel_w = l->kernel;
    h.stride_h = h.stride_w = a.stride_h = a.stride_w = l->stride;
    h.dilation_h = h.dilation_w = a.dilation_h = a.dilation_w = 1;
    h.oc_groups = a.oc_groups = 1;
    h.group_channels = a.group_channels = (l->outputs + 63) / 64 * 64;
    snprintf(label, sizeof label, "%dx%d %d->%d k%d s%d", l->size, l->size, l->inputs, l->outputs, l->kernel, l->stride);
    compare(label, set->bconv2d, &a, fixed->bconv2d, &h, out,
            (double)out * out * l->kernel * l->kernel * l->inputs * l->outputs);
  }
}

static void convolutions(void) {
  static const layer layers[] = {{"stem of DyBNN-18", 224, 3, 64, 7, 2, 1}, {"stem of DyBNN-A", 224, 3, 32, 3, 2, 1},
                                 {"downsample", 28, 64, 128, 1, 1, 1},      {"downsample", 14, 128, 256, 1, 1, 1},
                                 {"downsample", 7, 256, 512, 1, 1, 1},      {"stem of a small one", 28, 1, 32, 3, 1, 1}};
  int i;
  title("convolutions, weights of 8 bits");
  for (i = 0; i < COUNT(layers); i++) {
    const layer *l = &layers[i];
    const int32_t pad = l->kernel / 2, out = (l->size + 2 * pad - l->kernel) / l->stride + 1;
    const int32_t padded = (l->outputs + 15) / 16 * 16;
    dybnn_conv2d_args a;
    dybnn_int8_conv2d_args h;
    char label[64];
    memset(&a, 0, sizeof a);
    memset(&h, 0, sizeof h);
    conv_tails(out, l->outputs, &a.tail, &h.tail);
    no_shortcut(&a.tail, &h.tail);
    h.tail.entry_shift = 8;
    a.input = floats((long)l->size * l->size * l->inputs);
    h.input = halves((long)l->size * l->size * l->inputs);
    a.weights = floats((long)padded * l->kernel * l->kernel * l->inputs);
    h.runs = 1;
    h.length = l->kernel * l->inputs;
    h.weights = bytes((long)padded * l->kernel * ((h.length + 1) / 2) * 2);
    a.acc = floats(padded);
    a.in_height = a.in_width = h.in_height = h.in_width = l->size;
    a.in_channels = h.in_channels = l->inputs;
    a.kernel_h = a.kernel_w = h.kernel_h = h.kernel_w = l->kernel;
    a.stride_h = a.stride_w = h.stride_h = h.stride_w = l->stride;
    a.dilation_h = a.dilation_w = h.dilation_h = h.dilation_w = 1;
    a.pad_top = a.pad_left = h.pad_top = h.pad_left = pad;
    a.conv_groups = h.conv_groups = 1;
    snprintf(label, sizeof label, "%s, %d->%d k%d s%d", l->name, l->inputs, l->outputs, l->kernel, l->stride);
    compare(label, set->conv2d, &a, fixed->int8_conv2d, &h, out,
            (double)out * out * l->kernel * l->kernel * l->inputs * l->outputs);
  }
  {
    static const int32_t dense[][2] = {{1024, 1000}, {512, 1000}, {256, 10}};
    for (i = 0; i < COUNT(dense); i++) {
      const int32_t inputs = dense[i][0], outputs = dense[i][1], padded = (outputs + 15) / 16 * 16;
      dybnn_conv2d_args a;
      dybnn_int8_conv2d_float_args h;
      char label[64];
      memset(&a, 0, sizeof a);
      memset(&h, 0, sizeof h);
      a.input = floats(inputs);
      h.input = halves(inputs);
      a.weights = floats((long)padded * inputs);
      h.weights = bytes((long)padded * inputs);
      a.acc = floats(padded);
      a.in_height = a.in_width = h.in_height = h.in_width = 1;
      a.in_channels = h.in_channels = h.length = inputs;
      a.kernel_h = a.kernel_w = h.kernel_h = h.kernel_w = a.stride_h = a.stride_w = h.stride_h = h.stride_w = 1;
      a.dilation_h = a.dilation_w = h.dilation_h = h.dilation_w = a.conv_groups = h.conv_groups = h.runs = 1;
      a.tail.height = a.tail.width = 1;
      a.tail.channels = outputs;
      h.tail = a.tail;
      a.tail.out = h.tail.out = floats(outputs);
      h.tail.scale = floats(outputs);
      h.tail.bias = floats(outputs);
      snprintf(label, sizeof label, "dense, %d->%d", inputs, outputs);
      compare(label, set->conv2d, &a, fixed->int8_conv2d_float, &h, 1, (double)inputs * outputs);
    }
  }
}

static void passes(void) {
  static const int32_t maps[][2] = {{112, 32}, {112, 64}, {56, 64}, {56, 128}, {28, 256}, {14, 512}, {7, 1024}};
  int i, k;
  for (k = 0; k < 4; k++) {
    static const char *const what[] = {"PReLU in place, row sums", "the same, a slope above 1", "a slope above 2", "binarize"};
    title(what[k]);
    for (i = 0; i < COUNT(maps); i++) {
      const int32_t size = maps[i][0], channels = maps[i][1];
      const long count = (long)size * size * channels;
      dybnn_map_args a;
      dybnn_fixed_map_args h;
      float *map = floats(count);
      int16_t *half = halves(count);
      char label[64];
      memset(&a, 0, sizeof a);
      memset(&h, 0, sizeof h);
      a.input = map;
      h.input = half;
      a.tail.height = a.tail.width = h.tail.height = h.tail.width = size;
      a.tail.channels = h.tail.channels = channels;
      if (k < 3) {
        a.tail.prelu_gamma = floats(channels), h.tail.prelu_gamma = halves(channels);
        a.tail.prelu_slope = floats(channels), h.tail.prelu_slope = halves(channels);
        a.tail.prelu_zeta = floats(channels), h.tail.prelu_zeta = halves(channels);
        h.tail.slope_shift = 15 - k;
        a.tail.out = map, h.tail.out = half;
        a.tail.row_sums = floats((long)size * channels);
        h.tail.row_sums = (int32_t *)memory((size_t)size * (size_t)channels * sizeof(int32_t));
      } else {
        a.tail.threshold = floats(channels), h.tail.threshold = halves(channels);
        a.tail.border_top = a.tail.border_bottom = a.tail.border_left = a.tail.border_right = 1;
        h.tail.border_top = h.tail.border_bottom = h.tail.border_left = h.tail.border_right = 1;
        a.tail.bits_pitch = h.tail.bits_pitch = (size + 2) * ((channels + 63) / 64);
        a.tail.bits = h.tail.bits = words((long)a.tail.bits_pitch * (size + 2));
      }
      snprintf(label, sizeof label, "%dx%d %d", size, size, channels);
      compare(label, set->map, &a, fixed->map, &h, size, 0);
    }
  }
}

static void others(void) {
  dybnn_pool_args p;
  dybnn_fixed_pool_args h;
  dybnn_layout_args l;
  dybnn_quantize_args q;
  dybnn_gap_args g;
  dybnn_fixed_gap_args fg;
  title("others");
  memset(&p, 0, sizeof p);
  memset(&h, 0, sizeof h);
  conv_tails(56, 64, &p.tail, &h.tail);
  no_shortcut(&p.tail, &h.tail);
  p.tail.scale = p.tail.bias = NULL;
  h.tail.scale = NULL;
  p.input = floats(112L * 112 * 64);
  h.input = halves(112L * 112 * 64);
  p.in_height = p.in_width = h.in_height = h.in_width = 112;
  p.channels = h.channels = 64;
  p.kernel_h = p.kernel_w = h.kernel_h = h.kernel_w = 3;
  p.stride_h = p.stride_w = h.stride_h = h.stride_w = 2;
  p.pad_top = p.pad_left = h.pad_top = h.pad_left = 1;
  p.is_max = h.is_max = 1;
  compare("max pool 3x3 s2 of 112x112x64", set->pool, &p, fixed->pool, &h, 56, 0);
  memset(&l, 0, sizeof l);
  memset(&q, 0, sizeof q);
  l.input = floats(224L * 224 * 3);
  q.input = l.input;
  l.output = floats(224L * 224 * 3);
  q.output = halves(224L * 224 * 3);
  l.height = l.width = q.height = q.width = 224;
  l.channels = q.channels = 3;
  q.channels_first = 1;
  q.multiplier = 1024.0f;
  compare("3x224x224 to channels last", set->to_channels_last, &l, fixed->quantize, &q, 224, 0);
  memset(&g, 0, sizeof g);
  memset(&fg, 0, sizeof fg);
  g.row_sums = floats(56L * 128);
  fg.row_sums = (const int32_t *)memory(56 * 128 * sizeof(int32_t));
  g.output = fg.output = floats(128);
  g.rows = fg.rows = 56;
  g.channels = fg.channels = 128;
  compare("means of 128 channels from 56 rows", set->gap, &g, fixed->gap, &fg, 8, 0);
}

int main(int argc, char **argv) {
  set = argc > 1 ? dybnn_find_kernels(argv[1]) : dybnn_select_kernels();
  if (!set) {
    fprintf(stderr, "no such set on this processor\n");
    return 1;
  }
  fixed = dybnn_find_fixed_kernels(set->name);
  printf("kernel set %s\n", set->name);
  binary("DyBNN-A, ReActNet-A at 224", mobile, COUNT(mobile));
  binary("DyBNN-18, ReActNet-18 at 224", resnet, COUNT(resnet));
  binary("a small network at 28", small, COUNT(small));
  convolutions();
  passes();
  others();
  return 0;
}
