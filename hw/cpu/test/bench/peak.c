/* peak.c - see peak.h. Best of many short runs: other work on the machine only ever makes a run slower. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "peak.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "../../dybnn_kernels.h"
#include "../../dybnn_targets.h"

double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { RUNS = 40, ROUNDS = 40000 };

static volatile uint64_t sink;
static uint64_t weights[64] __attribute__((aligned(64)));
static uint64_t activations[16];

static double scalar_binary(void) {
  uint64_t sum[4] = {0, 0, 0, 0};
  double t = seconds();
  int r, i;
  for (r = 0; r < ROUNDS; r++) {
    const uint64_t *w = weights;
    __asm__ volatile("" : "+r"(w));
    for (i = 0; i < 4; i++) sum[i] += (uint64_t)__builtin_popcountll(w[i] ^ activations[i]);
  }
  t = seconds() - t;
  sink = sum[0] + sum[1] + sum[2] + sum[3];
  return 4.0 * 64 * ROUNDS / t;
}

static double scalar_float(void) {
  float sum[16] = {0};
  const float *w = (const float *)(const void *)weights;
  double t = seconds();
  int r, i;
  for (r = 0; r < ROUNDS; r++) {
    __asm__ volatile("" : "+r"(w));
    for (i = 0; i < 16; i++) sum[i] = sum[i] + w[i] * w[16 + i];
  }
  t = seconds() - t;
  for (i = 1; i < 16; i++) sum[0] += sum[i];
  sink = (uint64_t)sum[0];
  return 16.0 * ROUNDS / t;
}

static double scalar_read(void *memory, long bytes) {
  const uint64_t *p = (const uint64_t *)memory;
  uint64_t sum = 0;
  double t = seconds();
  long i;
  for (i = 0; i < bytes / 8; i++) sum += p[i];
  t = seconds() - t;
  sink = sum;
  return (double)bytes / t;
}

static double scalar_update(void *memory, long bytes) {
  uint64_t *p = (uint64_t *)memory;
  double t = seconds();
  long i;
  for (i = 0; i < bytes / 8; i++) p[i] += 1;
  t = seconds() - t;
  return 2.0 * (double)bytes / t;
}

#if DYBNN_X86
#include <immintrin.h>

#include "../../dybnn_avx512_vpopcntdq_begin.h"
static double avx512_binary(void) {
  __m512i sum[16];
  double t;
  int r, p;
  for (p = 0; p < 16; p++) sum[p] = _mm512_setzero_si512();
  t = seconds();
  for (r = 0; r < ROUNDS; r++) {
    const uint64_t *w = weights, *a = activations;
    __m512i w0, w1;
    __asm__ volatile("" : "+r"(w), "+r"(a));
    w0 = _mm512_load_si512(w);
    w1 = _mm512_load_si512(w + 8);
    DYBNN_UNROLL
    for (p = 0; p < 8; p++) {
      const __m512i x = _mm512_set1_epi64((long long)a[p]);
      sum[2 * p] = _mm512_add_epi64(sum[2 * p], _mm512_popcnt_epi64(_mm512_xor_si512(x, w0)));
      sum[2 * p + 1] = _mm512_add_epi64(sum[2 * p + 1], _mm512_popcnt_epi64(_mm512_xor_si512(x, w1)));
    }
  }
  t = seconds() - t;
  for (p = 1; p < 16; p++) sum[0] = _mm512_add_epi64(sum[0], sum[p]);
  sink = (uint64_t)_mm512_cvtsi512_si32(sum[0]);
  return 16.0 * 512 * ROUNDS / t;
}

static double avx512_float(void) {
  __m512 sum[24];
  double t;
  int r, p, b;
  for (p = 0; p < 24; p++) sum[p] = _mm512_setzero_ps();
  t = seconds();
  for (r = 0; r < ROUNDS; r++) {
    const float *w = (const float *)(const void *)weights, *a = (const float *)(const void *)activations;
    __asm__ volatile("" : "+r"(w), "+r"(a));
    DYBNN_UNROLL
    for (p = 0; p < 6; p++) {
      const __m512 x = _mm512_set1_ps(a[p]);
      DYBNN_UNROLL
      for (b = 0; b < 4; b++) sum[4 * p + b] = _mm512_add_ps(sum[4 * p + b], _mm512_mul_ps(x, _mm512_load_ps(w + 16 * b)));
    }
  }
  t = seconds() - t;
  for (p = 1; p < 24; p++) sum[0] = _mm512_add_ps(sum[0], sum[p]);
  sink = (uint64_t)_mm512_cvtss_f32(sum[0]);
  return 24.0 * 16 * ROUNDS / t;
}

static double avx512_read(void *memory, long bytes) {
  const float *p = (const float *)memory;
  __m512 sum[4];
  double t = seconds();
  long i;
  int k;
  for (k = 0; k < 4; k++) sum[k] = _mm512_setzero_ps();
  for (i = 0; i < bytes / 256; i++, p += 64) {
    DYBNN_UNROLL
    for (k = 0; k < 4; k++) sum[k] = _mm512_add_ps(sum[k], _mm512_loadu_ps(p + 16 * k));
  }
  t = seconds() - t;
  for (k = 1; k < 4; k++) sum[0] = _mm512_add_ps(sum[0], sum[k]);
  sink = (uint64_t)_mm512_cvtss_f32(sum[0]);
  return (double)bytes / t;
}

static double avx512_update(void *memory, long bytes) {
  float *p = (float *)memory;
  double t = seconds();
  long i;
  for (i = 0; i < bytes / 64; i++, p += 16) _mm512_storeu_ps(p, _mm512_mul_ps(_mm512_loadu_ps(p), _mm512_set1_ps(0.999f)));
  t = seconds() - t;
  return 2.0 * (double)bytes / t;
}
#include "../../dybnn_target_end.h"

#include "../../dybnn_avx2_begin.h"
static double avx2_binary(void) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2,
                                         3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(15);
  __m256i sum[8];
  double t;
  int r, p;
  for (p = 0; p < 8; p++) sum[p] = _mm256_setzero_si256();
  t = seconds();
  for (r = 0; r < ROUNDS; r++) {
    const uint64_t *w = weights, *a = activations;
    __asm__ volatile("" : "+r"(w), "+r"(a));
    DYBNN_UNROLL
    for (p = 0; p < 8; p++) {
      const __m256i x = _mm256_xor_si256(_mm256_set1_epi64x((long long)a[p / 2]),
                                         _mm256_load_si256((const __m256i *)(const void *)(w + p % 2 * 4)));
      const __m256i low = _mm256_and_si256(x, nibble), high = _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble);
      sum[p] = _mm256_add_epi8(sum[p], _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high)));
    }
  }
  t = seconds() - t;
  for (p = 1; p < 8; p++) sum[0] = _mm256_add_epi64(sum[0], sum[p]);
  sink = (uint64_t)_mm256_extract_epi64(sum[0], 0);
  return 8.0 * 256 * ROUNDS / t;
}

static double avx2_float(void) {
  __m256 sum[12];
  double t;
  int r, p;
  for (p = 0; p < 12; p++) sum[p] = _mm256_setzero_ps();
  t = seconds();
  for (r = 0; r < ROUNDS; r++) {
    const float *w = (const float *)(const void *)weights, *a = (const float *)(const void *)activations;
    __asm__ volatile("" : "+r"(w), "+r"(a));
    DYBNN_UNROLL
    for (p = 0; p < 12; p++)
      sum[p] = _mm256_add_ps(sum[p], _mm256_mul_ps(_mm256_set1_ps(a[p / 4]), _mm256_load_ps(w + 8 * (p % 4))));
  }
  t = seconds() - t;
  for (p = 1; p < 12; p++) sum[0] = _mm256_add_ps(sum[0], sum[p]);
  sink = (uint64_t)_mm256_cvtss_f32(sum[0]);
  return 12.0 * 8 * ROUNDS / t;
}

static double avx2_read(void *memory, long bytes) {
  const float *p = (const float *)memory;
  __m256 sum[4];
  double t = seconds();
  long i;
  int k;
  for (k = 0; k < 4; k++) sum[k] = _mm256_setzero_ps();
  for (i = 0; i < bytes / 128; i++, p += 32) {
    DYBNN_UNROLL
    for (k = 0; k < 4; k++) sum[k] = _mm256_add_ps(sum[k], _mm256_loadu_ps(p + 8 * k));
  }
  t = seconds() - t;
  for (k = 1; k < 4; k++) sum[0] = _mm256_add_ps(sum[0], sum[k]);
  sink = (uint64_t)_mm256_cvtss_f32(sum[0]);
  return (double)bytes / t;
}

static double avx2_update(void *memory, long bytes) {
  float *p = (float *)memory;
  double t = seconds();
  long i;
  for (i = 0; i < bytes / 32; i++, p += 8) _mm256_storeu_ps(p, _mm256_mul_ps(_mm256_loadu_ps(p), _mm256_set1_ps(0.999f)));
  t = seconds() - t;
  return 2.0 * (double)bytes / t;
}
#include "../../dybnn_target_end.h"
#endif

static double best(double (*run)(void)) {
  double most = 0;
  int i;
  for (i = 0; i < RUNS; i++) {
    const double v = run();
    if (v > most) most = v;
  }
  return most;
}

static double best_over(double (*run)(void *, long), void *memory, long bytes) {
  double most = 0;
  int i;
  for (i = 0; i < RUNS; i++) {
    const double v = run(memory, bytes);
    if (v > most) most = v;
  }
  return most;
}

#if DYBNN_X86
static int is_wide(const char *set) { return strncmp(set, "avx512", 6) == 0 || strcmp(set, "amx") == 0; }
#endif

double peak_binary(const char *set) {
#if DYBNN_X86
  if (is_wide(set)) return best(avx512_binary);
  if (strcmp(set, "avx2") == 0) return best(avx2_binary);
#endif
  (void)set;
  return best(scalar_binary);
}

double peak_float(const char *set) {
#if DYBNN_X86
  if (is_wide(set)) return best(avx512_float);
  if (strcmp(set, "avx2") == 0) return best(avx2_float);
#endif
  (void)set;
  return best(scalar_float);
}

double peak_read(const char *set, void *memory, long bytes) {
#if DYBNN_X86
  if (is_wide(set)) return best_over(avx512_read, memory, bytes);
  if (strcmp(set, "avx2") == 0) return best_over(avx2_read, memory, bytes);
#endif
  (void)set;
  return best_over(scalar_read, memory, bytes);
}

double peak_update(const char *set, void *memory, long bytes) {
#if DYBNN_X86
  if (is_wide(set)) return best_over(avx512_update, memory, bytes);
  if (strcmp(set, "avx2") == 0) return best_over(avx2_update, memory, bytes);
#endif
  (void)set;
  return best_over(scalar_update, memory, bytes);
}
