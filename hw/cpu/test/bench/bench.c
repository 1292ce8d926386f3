/* bench.c - kernels on the layers of real networks, as fractions of what the processor can do (peak.c), in one run.
 *
 * usage: bench [SET]. Times are the best of several short runs, since other work on the machine only ever makes one longer;
 * compare fractions, not times of different runs.
 */
#include <stdio.h>
#include <string.h>

#include "../../dybnn_sets.h"
#include "layers.h"
#include "peak.h"

static const dybnn_kernels *set;

/* Tail as after a convolution of a dynamic network: scale, bias, shortcut, map and row sums. */
static dybnn_tail conv_tail(int32_t size, int32_t channels) {
  dybnn_tail t;
  memset(&t, 0, sizeof t);
  t.height = t.width = size;
  t.channels = channels;
  t.scale = floats(channels);
  t.bias = floats(channels);
  t.shortcut = floats((long)size * size * channels);
  t.shortcut_channels = channels;
  t.shortcut_pool = 1;
  t.shortcut_width = size;
  t.out = floats((long)size * size * channels);
  t.row_sums = floats((long)size * channels);
  return t;
}

static void add_prelu(dybnn_tail *t) {
  t->prelu_gamma = floats(t->channels);
  t->prelu_slope = floats(t->channels);
  t->prelu_zeta = floats(t->channels);
}

static void add_bits(dybnn_tail *t, int32_t border) {
  t->threshold = floats(t->channels);
  t->border_top = t->border_bottom = t->border_left = t->border_right = border;
  t->bits_pitch = (t->width + 2 * border) * ((t->channels + 63) / 64);
  t->bits = words((long)t->bits_pitch * (t->height + 2 * border));
}

/* kind 0: tail of a dynamic network; 1: whole static tail; 2: bits only, which is the least. */
static double bconv_time(const layer *l, int kind) {
  const int32_t pad = l->kernel / 2, out = (l->size + 2 * pad - l->kernel) / l->stride + 1;
  const int32_t k = l->kernel * l->kernel * ((l->inputs + 63) / 64), padded = (l->outputs + 7) / 8 * 8;
  dybnn_bconv2d_args a;
  memset(&a, 0, sizeof a);
  a.in_channels = l->inputs;
  a.words = (l->inputs + 63) / 64;
  a.in_pitch = (l->size + 2 * pad) * a.words;
  a.input = words((long)a.in_pitch * (l->size + 2 * pad));
  a.weights = words((long)padded * k);
  a.base = (const int32_t *)memory((size_t)padded * 9 * sizeof(int32_t));
  a.row_class = (const uint8_t *)memory((size_t)out);
  a.col_class = (const uint8_t *)memory((size_t)out);
  a.col_classes = 3;
  a.kernel_h = a.kernel_w = l->kernel;
  a.stride_h = a.stride_w = l->stride;
  a.dilation_h = a.dilation_w = 1;
  a.oc_groups = 1;
  a.group_channels = (l->outputs + 63) / 64 * 64;
  a.tail = conv_tail(out, l->outputs);
  if (kind == 1) {
    add_prelu(&a.tail);
    add_bits(&a.tail, 1);
    a.tail.row_sums = NULL;
  }
  if (kind == 2) {
    a.tail.scale = a.tail.bias = a.tail.shortcut = NULL;
    a.tail.out = a.tail.row_sums = NULL;
    add_bits(&a.tail, 1);
  }
  return best_time(set->bconv2d, &a, out);
}

static double network_bconvs(const char *name, const layer *layers, int count) {
  const double peak = peak_binary(set->name);
  double sum = 0, sum_static = 0, sum_bits = 0, macs = 0;
  int i;
  printf("\n%s: binary convolutions; register peak of xor + popcount + add %.0f G/s\n", name, peak / 1e9);
  printf("  %-28s %5s %9s %9s %6s | %9s %6s | %9s\n", "layer", "times", "bits only", "G MAC/s", "peak", "dynamic", "peak",
         "static");
  for (i = 0; i < count; i++) {
    const layer *l = &layers[i];
    const int32_t out = (l->size + 2 * (l->kernel / 2) - l->kernel) / l->stride + 1;
    const double m = (double)out * out * l->kernel * l->kernel * l->inputs * l->outputs;
    const double t = bconv_time(l, 2), dynamic = bconv_time(l, 0), fixed = bconv_time(l, 1);
    char label[64];
    snprintf(label, sizeof label, "%dx%d %d->%d k%d s%d", l->size, l->size, l->inputs, l->outputs, l->kernel, l->stride);
    printf("  %-28s %5d %7.1fus %9.0f %5.0f%% | %7.1fus %5.0f%% | %7.1fus\n", label, l->count, t * 1e6, m / t / 1e9,
           100 * m / t / peak, dynamic * 1e6, 100 * m / dynamic / peak, fixed * 1e6);
    sum += l->count * dynamic;
    sum_static += l->count * fixed;
    sum_bits += l->count * t;
    macs += l->count * m;
  }
  printf("  total %.2f G MAC: bits only %.2f ms (%.0f%% of peak), dynamic tail %.2f ms (%.0f%%), static tail %.2f ms\n",
         macs / 1e9, sum_bits * 1e3, 100 * macs / peak / sum_bits, sum * 1e3, 100 * macs / peak / sum, sum_static * 1e3);
  return sum;
}

static void float_convs(void) {
  static const layer layers[] = {{"stem of DyBNN-18", 224, 3, 64, 7, 2, 1},  {"stem of DyBNN-A", 224, 3, 32, 3, 2, 1},
                                 {"downsample", 28, 64, 128, 1, 1, 1},       {"downsample", 14, 128, 256, 1, 1, 1},
                                 {"downsample", 7, 256, 512, 1, 1, 1},       {"stem of a small one", 28, 1, 32, 3, 1, 1}};
  const double peak = peak_float(set->name);
  int i;
  printf("\nfloat convolutions; register peak of multiply + add %.1f G/s\n", peak / 1e9);
  for (i = 0; i < COUNT(layers); i++) {
    const layer *l = &layers[i];
    const int32_t pad = l->kernel / 2, out = (l->size + 2 * pad - l->kernel) / l->stride + 1;
    const int32_t padded = (l->outputs + 15) / 16 * 16;
    const double m = (double)out * out * l->kernel * l->kernel * l->inputs * l->outputs;
    dybnn_conv2d_args a;
    double t;
    memset(&a, 0, sizeof a);
    a.input = floats((long)l->size * l->size * l->inputs);
    a.weights = floats((long)padded * l->kernel * l->kernel * l->inputs);
    a.acc = floats(padded);
    a.in_height = a.in_width = l->size;
    a.in_channels = l->inputs;
    a.kernel_h = a.kernel_w = l->kernel;
    a.stride_h = a.stride_w = l->stride;
    a.dilation_h = a.dilation_w = 1;
    a.pad_top = a.pad_left = pad;
    a.conv_groups = 1;
    a.tail = conv_tail(out, l->outputs);
    a.tail.shortcut = NULL;
    t = best_time(set->conv2d, &a, out);
    printf("  %-22s %dx%d %d->%d k%d s%d  %8.1fus  %6.1f G MAC/s  %3.0f%%\n", l->name, l->size, l->size, l->inputs, l->outputs,
           l->kernel, l->stride, t * 1e6, m / t / 1e9, 100 * m / t / peak);
  }
}

static void passes(void) {
  static const int32_t maps[][2] = {{112, 32}, {112, 64}, {56, 64}, {56, 128}, {28, 256}, {14, 512}, {7, 1024}};
  int i;
  printf("\npasses over a map, against the bandwidth measured over the same bytes\n");
  for (i = 0; i < COUNT(maps); i++) {
    const int32_t size = maps[i][0], channels = maps[i][1];
    const long bytes = (long)size * size * channels * 4;
    float *map = floats(bytes / 4);
    dybnn_map_args a;
    double prelu, bits, read, update;
    memset(&a, 0, sizeof a);
    a.input = map;
    a.tail.height = a.tail.width = size;
    a.tail.channels = channels;
    add_prelu(&a.tail);
    a.tail.out = map;
    a.tail.row_sums = floats((long)size * channels);
    prelu = best_time(set->map, &a, size);
    a.tail.prelu_slope = a.tail.prelu_gamma = a.tail.prelu_zeta = NULL;
    a.tail.out = a.tail.row_sums = NULL;
    add_bits(&a.tail, 1);
    bits = best_time(set->map, &a, size);
    read = peak_read(set->name, map, bytes);
    update = peak_update(set->name, map, bytes);
    printf("  %3dx%-3d %4d %5.2f MB | PReLU in place + row sums %7.1fus %5.1f of %5.1f GB/s (%3.0f%%) | "
           "binarize %7.1fus %5.1f of %5.1f GB/s (%3.0f%%)\n",
           size, size, channels, (double)bytes / 1e6, prelu * 1e6, 2.0 * (double)bytes / prelu / 1e9, update / 1e9,
           200.0 * (double)bytes / prelu / update, bits * 1e6, (double)bytes / bits / 1e9, read / 1e9,
           100.0 * (double)bytes / bits / read);
  }
}

static void others(void) {
  static const int32_t dense[][2] = {{1024, 1000}, {512, 1000}, {1024, 64}, {64, 1024}, {256, 16}, {16, 256}, {32, 2}};
  int i;
  printf("\ndense layers, against reading their weights\n");
  for (i = 0; i < COUNT(dense); i++) {
    const int32_t inputs = dense[i][0], outputs = dense[i][1], padded = (outputs + 15) / 16 * 16;
    const long bytes = (long)inputs * padded * 4;
    dybnn_dense_args a;
    double t, read;
    memset(&a, 0, sizeof a);
    a.input = floats(inputs);
    a.weights = floats(bytes / 4);
    a.acc = floats(padded);
    a.output = floats(padded);
    a.inputs = inputs;
    a.outputs = outputs;
    t = best_time(set->dense, &a, padded / 16);
    read = peak_read(set->name, floats(bytes / 4), bytes);
    printf("  %4d -> %4d  %7.2fus  %6.1f of %6.1f GB/s (%3.0f%%)\n", inputs, outputs, t * 1e6, (double)bytes / t / 1e9,
           read / 1e9, 100.0 * (double)bytes / t / read);
  }
  {
    dybnn_pool_args p;
    dybnn_layout_args l;
    double t;
    memset(&p, 0, sizeof p);
    p.input = floats(112L * 112 * 64);
    p.in_height = p.in_width = 112;
    p.channels = 64;
    p.kernel_h = p.kernel_w = 3;
    p.stride_h = p.stride_w = 2;
    p.pad_top = p.pad_left = 1;
    p.is_max = 1;
    p.tail = conv_tail(56, 64);
    p.tail.scale = p.tail.bias = p.tail.shortcut = NULL;
    t = best_time(set->pool, &p, 56);
    printf("max pool 3x3 s2 of 112x112x64: %.1fus, %.1f GB/s of its input\n", t * 1e6, 112.0 * 112 * 64 * 4 / t / 1e9);
    memset(&l, 0, sizeof l);
    l.input = floats(224L * 224 * 3);
    l.output = floats(224L * 224 * 3);
    l.height = l.width = 224;
    l.channels = 3;
    t = best_time(set->to_channels_last, &l, 224);
    printf("to channels last 3x224x224: %.1fus, %.1f GB/s\n", t * 1e6, 2.0 * 224 * 224 * 3 * 4 / t / 1e9);
  }
}

int main(int argc, char **argv) {
  set = argc > 1 ? dybnn_find_kernels(argv[1]) : dybnn_select_kernels();
  if (!set) {
    fprintf(stderr, "no such set on this processor\n");
    return 1;
  }
  printf("kernel set %s\n", set->name);
  network_bconvs("DyBNN-A, ReActNet-A at 224", mobile, COUNT(mobile));
  network_bconvs("DyBNN-18, ReActNet-18 at 224", resnet, COUNT(resnet));
  network_bconvs("a small network at 28", small, COUNT(small));
  float_convs();
  passes();
  others();
  return 0;
}
