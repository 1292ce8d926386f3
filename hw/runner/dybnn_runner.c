/* dybnn_runner.c - see dybnn_runner.h. */
#define _POSIX_C_SOURCE 199309L

#include "dybnn_runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "dybnn_array.h"
#include "kernels/dybnn_arithmetic.h"

/* ---- parallel-for: OpenMP where the compiler has it ---------------------------------------------------------------- */

#ifdef _OPENMP
static void openmp_parallel_for(void *user, int32_t count, dybnn_task *task, void *arg) {
  const int threads = *(const int *)user;
#pragma omp parallel num_threads(threads)
  {
    const int32_t n = omp_get_num_threads(), i = omp_get_thread_num();
    const int32_t begin = (int32_t)((int64_t)count * i / n), end = (int32_t)((int64_t)count * (i + 1) / n);
    if (begin < end) task(arg, begin, end);
  }
}
#endif

/* ---- clock and statistics ------------------------------------------------------------------------------------------ */

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, compare_doubles);
  return count % 2 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

/* ---- memory ------------------------------------------------------------------------------------------------------- */

/* The workspace must be aligned to 64 bytes. */
static void *aligned_workspace(size_t bytes, void **to_free) {
  unsigned char *block = (unsigned char *)malloc(bytes + 64);
  *to_free = block;
  if (block == NULL) {
    fprintf(stderr, "out of memory\n");
    return NULL;
  }
  return block + (64 - (uintptr_t)block % 64) % 64;
}

/* ---- checksums ---------------------------------------------------------------------------------------------------- */

/* Two 32-bit lanes over 32-bit words, the same as src/program/checksum.ts. */
typedef struct checksum {
  uint32_t a, b;
} checksum;

static void add_word(checksum *sum, uint32_t word) {
  sum->a = (sum->a ^ word) * 0x01000193u;
  sum->b = ((sum->b << 5 | sum->b >> 27) ^ word) * 0x9e3779b1u;
}

static checksum tensor_checksum(const dybnn_tensor *t, const unsigned char *workspace, const float *output) {
  checksum sum = {0x811c9dc5u, 0x9747b28cu};
  const unsigned char *from = t->offset < 0 ? (const unsigned char *)output : workspace + t->offset;
  int32_t i, y;
  if (t->kind == DYBNN_16BIT) {
    for (i = 0; i < t->count; i++) {
      int16_t value;
      memcpy(&value, from + (size_t)i * 2, sizeof value);
      add_word(&sum, (uint32_t)(int32_t)value);
    }
    return sum;
  }
  if (t->kind == DYBNN_32BIT) {
    for (i = 0; i < t->count; i++) {
      uint32_t word;
      memcpy(&word, from + (size_t)i * 4, sizeof word);
      add_word(&sum, word);
    }
    return sum;
  }
  for (y = 0; y < t->height; y++) {
    for (i = 0; i < t->width * t->words; i++) {
      uint64_t word;
      memcpy(&word, from + ((size_t)y * (size_t)t->pitch + (size_t)i) * 8, sizeof word);
      add_word(&sum, (uint32_t)(word & 0xffffffffu));
      add_word(&sum, (uint32_t)(word >> 32));
    }
  }
  return sum;
}

/* The first ones tell where it went wrong; what follows is their consequence. */
#define MOST_FAILURES_PRINTED 5

typedef struct golden_check {
  const dybnn_model *model;
  const unsigned char *workspace;
  const float *output;
  FILE *expected;
  unsigned long sample, passed, failed;
  int broken;
} golden_check;

static void check_step(void *user, int32_t step) {
  golden_check *check = (golden_check *)user;
  int32_t t;
  for (t = 0; t < check->model->tensor_count; t++) {
    const dybnn_tensor *tensor = &check->model->tensors[t];
    checksum found;
    unsigned long sample = 0, a = 0, b = 0;
    long index = 0;
    if (tensor->step != step) continue;
    if (fscanf(check->expected, "%lu %ld %8lx%8lx %*s", &sample, &index, &a, &b) != 4 || sample != check->sample || index != t) {
      check->broken = 1;
      return;
    }
    found = tensor_checksum(tensor, check->workspace, check->output);
    if (found.a == (uint32_t)a && found.b == (uint32_t)b) {
      check->passed++;
    } else {
      check->failed++;
      if (check->failed > MOST_FAILURES_PRINTED) continue;
      printf("FAILED sample %lu, step %ld, %s: %08lx%08lx, expected %08lx%08lx\n", check->sample, (long)step, tensor->name,
             (unsigned long)found.a, (unsigned long)found.b, a, b);
    }
  }
}

static int replay_golden(const dybnn_model *model, const char *folder) {
  char path[1024];
  golden_check check;
  size_t inputs = 0, outputs = 0, s;
  float *input, *expected = NULL, *output = NULL;
  void *to_free = NULL;
  if (strlen(folder) > 900) return 1;
  memset(&check, 0, sizeof check);
  sprintf(path, "%s/input.npy", folder);
  input = dybnn_read_samples(path, model->input_count, &inputs);
  sprintf(path, "%s/output.npy", folder);
  if (input != NULL) expected = dybnn_read_samples(path, model->output_count, &outputs);
  sprintf(path, "%s/checksums.txt", folder);
  check.model = model;
  check.workspace = (const unsigned char *)aligned_workspace(model->workspace_bytes, &to_free);
  output = (float *)malloc((size_t)model->output_count * sizeof *output);
  check.expected = fopen(path, "r");
  check.output = output;
  if (check.expected == NULL) fprintf(stderr, "cannot read %s\n", path);
  if (expected == NULL || check.workspace == NULL || output == NULL || check.expected == NULL || inputs != outputs) {
    check.broken = 1;
  }
  for (s = 0; !check.broken && s < inputs; s++) {
    check.sample = (unsigned long)s;
    /* The workspace may hold anything before a run. */
    memset((void *)(uintptr_t)check.workspace, 0xa5 + (int)(s & 1), model->workspace_bytes);
    model->run(input + s * (size_t)model->input_count, output, (void *)(uintptr_t)check.workspace, NULL, NULL, check_step, &check);
    if (memcmp(output, expected + s * (size_t)model->output_count, (size_t)model->output_count * sizeof *output) == 0) {
      check.passed++;
    } else {
      check.failed++;
      if (check.failed <= MOST_FAILURES_PRINTED) printf("FAILED sample %lu: the output differs\n", check.sample);
    }
  }
  if (check.failed > MOST_FAILURES_PRINTED) printf("... and %lu more\n", check.failed - MOST_FAILURES_PRINTED);
  if (check.expected != NULL) fclose(check.expected);
  free(input);
  free(expected);
  free(output);
  free(to_free);
  if (check.broken) {
    fprintf(stderr, "%s is incomplete or was not made for this model\n", folder);
    check.failed++;
  }
  printf("%s, kernels %s\n%lu passed, %lu failed\n", model->name, model->isa(), check.passed, check.failed);
  return check.failed == 0 ? 0 : 1;
}

/* ---- running and timing ------------------------------------------------------------------------------------------- */

static int run_files(const dybnn_model *model, const char *in, const char *out) {
  size_t samples = 0, s;
  void *to_free = NULL, *workspace;
  float *output = NULL;
  int status = 1;
  float *input = dybnn_read_samples(in, model->input_count, &samples);
  if (input == NULL) return 1;
  workspace = aligned_workspace(model->workspace_bytes, &to_free);
  output = (float *)malloc(samples * (size_t)model->output_count * sizeof *output);
  if (workspace != NULL && output != NULL) {
    for (s = 0; s < samples; s++) {
      model->run(input + s * (size_t)model->input_count, output + s * (size_t)model->output_count, workspace, NULL, NULL, NULL, NULL);
    }
    status = dybnn_write_samples(out, output, samples, model->output_shape, model->output_rank, model->output_count) == 0 ? 0 : 1;
  }
  free(input);
  free(output);
  free(to_free);
  return status;
}

typedef struct profile {
  double last;
  double *times; /* [steps][runs] */
  size_t run, runs;
} profile;

static void time_step(void *user, int32_t step) {
  profile *p = (profile *)user;
  const double now = now_ms();
  p->times[(size_t)step * p->runs + p->run] = now - p->last;
  p->last = now_ms();
}

static void print_profile(const dybnn_model *model, profile *p) {
  int32_t step;
  for (step = 0; step < model->steps; step++) {
    printf("%10.3f us  %s\n", 1e3 * median(p->times + (size_t)step * p->runs, p->runs), model->step_names[step]);
  }
}

/* Runs the samples of a file in turn, one a run, after a tenth as many to warm up. */
static int time_runs(const dybnn_model *model, const char *in, size_t runs, int threads, int each_step) {
  size_t samples = 0, r;
  void *to_free = NULL, *workspace, *user = NULL;
  dybnn_parallel_for *parallel_for = NULL;
  profile p;
  double *times = (double *)malloc(runs * sizeof *times);
  float *output = (float *)malloc((size_t)model->output_count * sizeof *output);
  float *input = dybnn_read_samples(in, model->input_count, &samples);
  const size_t warm_up = runs / 10 + 1;
  workspace = aligned_workspace(model->workspace_bytes, &to_free);
  p.runs = runs;
  p.times = (double *)malloc((size_t)model->steps * runs * sizeof *p.times);
  if (threads > 1) {
#ifdef _OPENMP
    parallel_for = openmp_parallel_for;
    user = &threads;
#else
    fprintf(stderr, "built without OpenMP: --threads must be 1\n");
    return 2;
#endif
  }
  if (times == NULL || output == NULL || input == NULL || workspace == NULL || p.times == NULL) return 1;
  for (r = 0; r < warm_up + runs; r++) {
    const float *sample = input + (r % samples) * (size_t)model->input_count;
    const double start = now_ms();
    p.run = r < warm_up ? 0 : r - warm_up;
    p.last = start;
    model->run(sample, output, workspace, parallel_for, user, each_step ? time_step : NULL, &p);
    times[p.run] = now_ms() - start;
  }
  if (each_step) print_profile(model, &p);
  {
    const double middle = median(times, runs); /* sorts */
    printf("kernels: %s\nthreads: %d\nruns: %lu\nmin_ms: %.6f\nmedian_ms: %.6f\n", model->isa(), threads, (unsigned long)runs,
           times[0], middle);
  }
  free(times);
  free(output);
  free(input);
  free(to_free);
  free(p.times);
  return 0;
}

static int usage(const char *program) {
  fprintf(stderr,
          "usage: %s IN OUT                           run every sample of IN (.npy, or raw little-endian float32)\n"
          "       %s --bench N [--threads T] IN       time N runs, one sample each\n"
          "       %s --profile N [--threads T] IN     the same, step by step\n"
          "       %s --golden DIR                     replay the golden samples and compare every bit\n",
          program, program, program, program);
  return 2;
}

static int positive(const char *text, long *value) {
  char *end = NULL;
  *value = strtol(text, &end, 10);
  return end != text && *end == '\0' && *value > 0 && *value <= 100000000L;
}

int dybnn_runner_main(int argc, char **argv, const dybnn_model *model) {
  const char *files[2] = {NULL, NULL}, *golden = NULL;
  long runs = 0, threads = 1;
  int count = 0, each_step = 0, i;
  for (i = 1; i < argc; i++) {
    const int has_value = i + 1 < argc;
    if ((strcmp(argv[i], "--bench") == 0 || strcmp(argv[i], "--profile") == 0) && has_value) {
      each_step = strcmp(argv[i], "--profile") == 0;
      if (!positive(argv[++i], &runs)) return usage(argv[0]);
    } else if (strcmp(argv[i], "--threads") == 0 && has_value) {
      if (!positive(argv[++i], &threads) || threads > 1024) return usage(argv[0]);
    } else if (strcmp(argv[i], "--golden") == 0 && has_value) {
      golden = argv[++i];
    } else if (strncmp(argv[i], "--", 2) == 0 || count == 2) {
      return usage(argv[0]);
    } else {
      files[count++] = argv[i];
    }
  }
  if (!dybnn_arithmetic_is_exact()) {
    fprintf(stderr,
            "this process rounds otherwise than IEEE 754 says or flushes subnormals to zero, and would give other bits:\n"
            "was a part of it built or linked with -ffast-math?\n");
    return 1;
  }
  if (model->isa() == NULL) {
    fprintf(stderr, "this processor, or this build, lacks the instruction set that ISA asked for\n");
    return 1;
  }
  if (golden != NULL && count == 0) return replay_golden(model, golden);
  if (runs > 0 && count == 1) return time_runs(model, files[0], (size_t)runs, (int)threads, each_step);
  if (runs == 0 && golden == NULL && count == 2) return run_files(model, files[0], files[1]);
  return usage(argv[0]);
}
