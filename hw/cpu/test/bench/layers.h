/* layers.h - layers of real networks, memory for them, and the time of a kernel on one. */
#ifndef LAYERS_H
#define LAYERS_H

#include <stdlib.h>
#include <string.h>

#include "../../dybnn_kernels.h"
#include "peak.h"

static uint64_t state = 1;

static inline uint64_t random_word(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static inline void *memory(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 255) / 64 * 64);
  if (!p) exit(2);
  memset(p, 0, bytes + 63);
  return p;
}

static inline float *floats(long count) {
  float *p = (float *)memory((size_t)count * sizeof(float));
  long i;
  for (i = 0; i < count; i++) p[i] = (float)(random_word() % 2001) / 1000.0f - 1.0f;
  return p;
}

static inline uint64_t *words(long count) {
  uint64_t *p = (uint64_t *)memory((size_t)count * sizeof(uint64_t));
  long i;
  for (i = 0; i < count; i++) p[i] = random_word();
  return p;
}

/* The least of some runs. */
static inline double best_time(dybnn_kernel *kernel, const void *args, int32_t units) {
  double best = 1e9, total = 0;
  int i;
  for (i = 0; i < 400 && (total < 0.06 || i < 5); i++) {
    double t = seconds();
    kernel(args, 0, units);
    t = seconds() - t;
    total += t;
    if (t < best) best = t;
  }
  return best;
}

typedef struct layer {
  const char *name;
  int32_t size, inputs, outputs, kernel, stride, count; /* input size; how often it occurs in the network */
} layer;

static const layer mobile[] = {
  {"", 112, 32, 32, 3, 1, 1},   {"", 112, 32, 64, 1, 1, 1},  {"", 112, 64, 64, 3, 2, 1},   {"", 56, 64, 128, 1, 1, 1},
  {"", 56, 128, 128, 3, 1, 1},  {"", 56, 128, 128, 1, 1, 1}, {"", 56, 128, 128, 3, 2, 1},  {"", 28, 128, 256, 1, 1, 1},
  {"", 28, 256, 256, 3, 1, 1},  {"", 28, 256, 256, 1, 1, 1}, {"", 28, 256, 256, 3, 2, 1},  {"", 14, 256, 512, 1, 1, 1},
  {"", 14, 512, 512, 3, 1, 5},  {"", 14, 512, 512, 1, 1, 5}, {"", 14, 512, 512, 3, 2, 1},  {"", 7, 512, 1024, 1, 1, 1},
  {"", 7, 1024, 1024, 3, 1, 1}, {"", 7, 1024, 1024, 1, 1, 1}};
static const layer resnet[] = {{"", 56, 64, 64, 3, 1, 4},   {"", 56, 64, 128, 3, 2, 1},  {"", 28, 128, 128, 3, 1, 3},
                               {"", 28, 128, 256, 3, 2, 1}, {"", 14, 256, 256, 3, 1, 3}, {"", 14, 256, 512, 3, 2, 1},
                               {"", 7, 512, 512, 3, 1, 3}};
static const layer small[] = {{"", 28, 32, 32, 3, 1, 1},   {"", 28, 32, 64, 1, 1, 1},  {"", 28, 64, 64, 3, 2, 1},
                              {"", 14, 64, 128, 1, 1, 1},  {"", 14, 128, 128, 3, 2, 1}, {"", 7, 128, 256, 1, 1, 1},
                              {"", 7, 256, 256, 3, 1, 1},  {"", 7, 256, 256, 1, 1, 1}};
#define COUNT(a) ((int)(sizeof a / sizeof a[0]))

#endif
