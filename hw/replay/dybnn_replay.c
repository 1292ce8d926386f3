/* dybnn_replay.c - runs generated models and compares every bit that each of their steps leaves behind.
 *
 * In: a file with, for each model, samples and what the simulator made of them (src/verify/replay.ts). Out: a line for each
 * model that differs, naming the first tensor that does; how many runs there were at the end. Each model runs with every set of
 * kernels that this processor has, in one piece, unit by unit backwards, in random pieces, and on threads; in a workspace
 * between guard zones that holds garbage before; and twice at once.
 *
 *   replay FILE                                   all of it
 *   replay FILE quick                             in one piece, and with the best set on threads
 *   replay FILE MODEL SAMPLE SET SPLIT ROW        that tensor's words in hexadecimal, as this run left them
 *
 * The models' main.c are compiled with main=pN_main and dybnn_runner_main=replay_capture, and hand in their tables that way;
 * their NAME.c with DYBNN_ISA=replay_set, which makes one executable of all sets. `replay_models` lists them.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef DYBNN_REPLAY_VALGRIND
#include <valgrind/memcheck.h>
#define UNDEFINED(at, bytes) (void)VALGRIND_MAKE_MEM_UNDEFINED(at, bytes)
#define NO_ACCESS(at, bytes) (void)VALGRIND_MAKE_MEM_NOACCESS(at, bytes)
#define ACCESS(at, bytes) (void)VALGRIND_MAKE_MEM_DEFINED(at, bytes)
#else
#define UNDEFINED(at, bytes) ((void)(at), (void)(bytes))
#define NO_ACCESS(at, bytes) ((void)(at), (void)(bytes))
#define ACCESS(at, bytes) ((void)(at), (void)(bytes))
#endif

#include "kernels/dybnn_kernels.h"
#include "runner/dybnn_runner.h"

typedef int replay_main(int argc, char **argv);
extern replay_main *const replay_models[];
extern const int replay_model_count;

const char *replay_set = "scalar";
static const dybnn_model *captured;

int replay_capture(int argc, char **argv, const dybnn_model *model);
int replay_capture(int argc, char **argv, const dybnn_model *model) {
  (void)argc;
  (void)argv;
  captured = model;
  return 0;
}

/* ---- memory between guard zones ---- */

#define GUARD 256
#define GUARD_BYTE 0xc3

typedef struct guarded {
  unsigned char *block, *at;
  size_t bytes;
} guarded;

static guarded guarded_new(size_t bytes, int fill) {
  guarded g;
  g.bytes = bytes;
  g.block = (unsigned char *)malloc(bytes + 2 * GUARD + 64);
  if (g.block == NULL) {
    fprintf(stderr, "out of memory\n");
    exit(2);
  }
  g.at = g.block + GUARD;
  g.at += (64 - (uintptr_t)g.at % 64) % 64;
  memset(g.at - GUARD, GUARD_BYTE, GUARD);
  memset(g.at, fill, bytes);
  memset(g.at + bytes, GUARD_BYTE, GUARD);
  /* Under valgrind: what is in it may not be used, what is around it not be touched. */
  UNDEFINED(g.at, bytes);
  NO_ACCESS(g.at - GUARD, GUARD);
  NO_ACCESS(g.at + bytes, GUARD);
  return g;
}

static int guards_hold(const guarded *g) {
  int i;
  ACCESS(g->at - GUARD, GUARD);
  ACCESS(g->at + g->bytes, GUARD);
  for (i = 0; i < GUARD; i++)
    if (g->at[i - GUARD] != GUARD_BYTE || g->at[g->bytes + (size_t)i] != GUARD_BYTE) return 0;
  return 1;
}

/* ---- checksums: the same as src/program/checksum.ts ---- */

typedef void word_visitor(void *user, uint32_t word);

static void visit_tensor(const dybnn_tensor *t, const unsigned char *workspace, const unsigned char *output, word_visitor *visit,
                         void *user) {
  const unsigned char *from = t->offset < 0 ? output : workspace + t->offset;
  int32_t i, y;
  if (t->kind == DYBNN_16BIT) {
    for (i = 0; i < t->count; i++) {
      int16_t value;
      memcpy(&value, from + (size_t)i * 2, sizeof value);
      visit(user, (uint32_t)(int32_t)value);
    }
    return;
  }
  if (t->kind == DYBNN_32BIT) {
    for (i = 0; i < t->count; i++) {
      uint32_t word;
      memcpy(&word, from + (size_t)i * 4, sizeof word);
      visit(user, word);
    }
    return;
  }
  for (y = 0; y < t->height; y++)
    for (i = 0; i < t->width * t->words; i++) {
      uint64_t word;
      memcpy(&word, from + ((size_t)y * (size_t)t->pitch + (size_t)i) * 8, sizeof word);
      visit(user, (uint32_t)(word & 0xffffffffu));
      visit(user, (uint32_t)(word >> 32));
    }
}

typedef struct checksum {
  uint32_t a, b;
} checksum;

static void add_word(void *user, uint32_t word) {
  checksum *sum = (checksum *)user;
  sum->a = (sum->a ^ word) * 0x01000193u;
  sum->b = ((sum->b << 5 | sum->b >> 27) ^ word) * 0x9e3779b1u;
}

static void print_word(void *user, uint32_t word) {
  (void)user;
  printf("%08lx\n", (unsigned long)word);
}

/* ---- ways to split a step's units ---- */

enum { WHOLE, BACKWARDS, PIECES, THREADS, SPLITS };
static const char *const split_names[SPLITS] = {"whole", "backwards", "pieces", "threads"};

static void backwards(void *user, int32_t count, dybnn_task *task, void *arg) {
  (void)user;
  while (count-- > 0) task(arg, count, count + 1);
}

static uint32_t state = 1;
static uint32_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/* Random pieces: odd ones first, then the others. */
static void pieces(void *user, int32_t count, dybnn_task *task, void *arg) {
  const uint32_t seed = next_random() | 1u;
  int turn;
  (void)user;
  for (turn = 0; turn < 2; turn++) {
    int32_t begin = 0, index = 0;
    uint32_t s = seed;
    while (begin < count) {
      int32_t end;
      s = s * 1664525u + 1013904223u;
      end = begin + 1 + (int32_t)((s >> 16) % (uint32_t)(1 + count / 2));
      if (end > count) end = count;
      if (index % 2 != turn) task(arg, begin, end);
      begin = end;
      index++;
    }
  }
}

typedef struct share {
  dybnn_task *task;
  void *arg;
  int32_t begin, end;
} share;

static void *run_share(void *argument) {
  const share *s = (const share *)argument;
  if (s->begin < s->end) s->task(s->arg, s->begin, s->end);
  return NULL;
}

static void threads(void *user, int32_t count, dybnn_task *task, void *arg) {
  pthread_t other[2];
  share shares[3];
  int i;
  (void)user;
  for (i = 0; i < 3; i++) {
    shares[i].task = task;
    shares[i].arg = arg;
    shares[i].begin = count * i / 3;
    shares[i].end = count * (i + 1) / 3;
    if (i < 2 && pthread_create(&other[i], NULL, run_share, &shares[i]) != 0) exit(2);
  }
  run_share(&shares[2]);
  for (i = 0; i < 2; i++) pthread_join(other[i], NULL);
}

static dybnn_parallel_for *const splitters[SPLITS] = {NULL, backwards, pieces, threads};

/* ---- the file: words of 32 bits, little-endian ---- */

static uint32_t *words;
static size_t word_count, cursor;

static const uint32_t *take_array(size_t count) {
  const uint32_t *at = words + cursor;
  if (count > word_count - cursor) {
    fprintf(stderr, "the file is too short\n");
    exit(2);
  }
  cursor += count;
  return at;
}

static uint32_t take(void) { return *take_array(1); }

static void read_words(const char *path) {
  FILE *file = fopen(path, "rb");
  long size = 0;
  size_t i;
  unsigned char *bytes = NULL;
  if (file != NULL && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
    word_count = (size_t)size / 4;
    words = (uint32_t *)malloc((size_t)size + 4);
    bytes = (unsigned char *)malloc((size_t)size + 4);
  }
  if (words == NULL || bytes == NULL || fread(bytes, 4, word_count, file) != word_count) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(2);
  }
  for (i = 0; i < word_count; i++)
    words[i] = (uint32_t)bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 | (uint32_t)bytes[4 * i + 2] << 16 |
               (uint32_t)bytes[4 * i + 3] << 24;
  free(bytes);
  fclose(file);
}

/* ---- one run ---- */

typedef struct check {
  const dybnn_model *model;
  guarded workspace, output;
  const uint32_t *expected; /* [rows][2] */
  int32_t failed_row, failed_step;
  int32_t dump_row; /* -1: none */
} check;

static void after_step(void *user, int32_t step) {
  check *c = (check *)user;
  int32_t t;
  for (t = 0; t < c->model->tensor_count; t++) {
    const dybnn_tensor *tensor = &c->model->tensors[t];
    checksum sum = {0x811c9dc5u, 0x9747b28cu};
    if (tensor->step != step) continue;
    if (c->dump_row == t) visit_tensor(tensor, c->workspace.at, c->output.at, print_word, NULL);
    visit_tensor(tensor, c->workspace.at, c->output.at, add_word, &sum);
    if (c->failed_row < 0 && (sum.a != c->expected[2 * t] || sum.b != c->expected[2 * t + 1])) {
      c->failed_row = t;
      c->failed_step = step;
    }
  }
}

/* NULL, or what is wrong. */
static const char *run_once(const dybnn_model *model, const uint32_t *input, const uint32_t *output, const uint32_t *expected,
                            int split, int fill, int32_t dump_row, int32_t *row) {
  const size_t input_bytes = 4 * (size_t)model->input_count;
  guarded copy = guarded_new(input_bytes, 0);
  const char *wrong = NULL;
  check c;
  memcpy(copy.at, input, input_bytes);
  c.model = model;
  c.workspace = guarded_new(model->workspace_bytes, fill);
  c.output = guarded_new(4 * (size_t)model->output_count, fill);
  c.expected = expected;
  c.failed_row = c.failed_step = -1;
  c.dump_row = dump_row;
  model->run((const float *)(const void *)copy.at, (float *)(void *)c.output.at, c.workspace.at, splitters[split], NULL, after_step, &c);
  *row = c.failed_row;
  if (c.failed_row >= 0)
    wrong = "tensor";
  else if (memcmp(c.output.at, output, c.output.bytes) != 0)
    wrong = "output";
  else if (memcmp(copy.at, input, input_bytes) != 0)
    wrong = "input-written";
  else if (!guards_hold(&copy) || !guards_hold(&c.workspace) || !guards_hold(&c.output))
    wrong = "outside-written";
  free(copy.block);
  free(c.workspace.block);
  free(c.output.block);
  return wrong;
}

/* ---- two runs of one model at once ---- */

typedef struct twin {
  const dybnn_model *model;
  const uint32_t *input;
  guarded workspace, output;
} twin;

static void *run_twin(void *argument) {
  twin *t = (twin *)argument;
  t->model->run((const float *)(const void *)t->input, (float *)(void *)t->output.at, t->workspace.at, NULL, NULL, NULL, NULL);
  return NULL;
}

static const char *run_twins(const dybnn_model *model, const uint32_t *inputs, const uint32_t *outputs, uint32_t samples) {
  twin twins[2];
  pthread_t other;
  const char *wrong = NULL;
  int i;
  for (i = 0; i < 2; i++) {
    twins[i].model = model;
    twins[i].input = inputs + (size_t)i % samples * (size_t)model->input_count;
    twins[i].workspace = guarded_new(model->workspace_bytes, 0xff);
    twins[i].output = guarded_new(4 * (size_t)model->output_count, 0xff);
  }
  if (pthread_create(&other, NULL, run_twin, &twins[0]) != 0) exit(2);
  run_twin(&twins[1]);
  pthread_join(other, NULL);
  for (i = 0; i < 2; i++) {
    if (memcmp(twins[i].output.at, outputs + (size_t)i % samples * (size_t)model->output_count, twins[i].output.bytes) != 0)
      wrong = "two-at-once";
    free(twins[i].workspace.block);
    free(twins[i].output.block);
  }
  return wrong;
}

/* ---- all runs ---- */

int main(int argc, char **argv) {
  static const int fills[] = {0xff, 0xa5, 0x7f, 0x00}; /* 0xff and 0x7f..: NaN */
  const int dumping = argc == 7, quick = argc == 3 && strcmp(argv[2], "quick") == 0;
  long only[5] = {-1, -1, -1, -1, -1};
  unsigned long runs = 0;
  int model_index, failures = 0, i;
  if (argc != 2 && !dumping && !quick) {
    fprintf(stderr, "usage: %s FILE [quick | MODEL SAMPLE SET SPLIT ROW]\n", argv[0]);
    return 2;
  }
  if (!dybnn_arithmetic_is_exact()) {
    fprintf(stderr, "this process flushes subnormals or rounds otherwise than IEEE 754 says\n");
    return 2;
  }
  for (i = 0; dumping && i < 5; i++) only[i] = strtol(argv[2 + i], NULL, 10);
  read_words(argv[1]);
  for (model_index = 0; model_index < replay_model_count; model_index++) {
    const uint32_t samples = take(), rows = take();
    const dybnn_model *model;
    const uint32_t *inputs, *outputs, *checksums;
    const dybnn_kernels *kernels;
    const char *wrong = NULL;
    int32_t set, tried = 0;
    (void)replay_models[model_index](0, NULL);
    model = captured;
    inputs = take_array(samples * (size_t)model->input_count);
    outputs = take_array(samples * (size_t)model->output_count);
    checksums = take_array(samples * (size_t)rows * 2);
    if (rows != (uint32_t)model->tensor_count) {
      fprintf(stderr, "model %d has %ld tensors, the file %lu\n", model_index, (long)model->tensor_count, (unsigned long)rows);
      return 2;
    }
    if (only[0] >= 0 && only[0] != model_index) continue;
    for (set = 0; wrong == NULL && (kernels = dybnn_kernels_at(set)) != NULL; set++) {
      uint32_t sample;
      int split;
      if (dybnn_find_kernels(kernels->name) == NULL) continue;
      if (only[2] >= 0 && only[2] != set) continue;
      tried++;
      replay_set = kernels->name;
      for (sample = 0; wrong == NULL && sample < samples; sample++) {
        if (only[1] >= 0 && (uint32_t)only[1] != sample) continue;
        for (split = 0; wrong == NULL && split < SPLITS; split++) {
          int32_t row = -1;
          if (only[3] >= 0 && only[3] != split) continue;
          if (quick && split != WHOLE && (split != THREADS || tried > 1)) continue;
          state = 0x9e3779b9u + (uint32_t)split + sample;
          wrong = run_once(model, inputs + sample * (size_t)model->input_count, outputs + sample * (size_t)model->output_count,
                           checksums + sample * (size_t)rows * 2, split, fills[((unsigned)split + sample + (unsigned)set) % 4],
                           (int32_t)only[4], &row);
          runs++;
          if (wrong != NULL && !dumping)
            printf("FAILED %d %lu %ld %d %ld %s %s %s\n", model_index, (unsigned long)sample, (long)set, split, (long)row, wrong,
                   kernels->name, split_names[split]);
        }
      }
      if (wrong == NULL && !dumping) {
        wrong = run_twins(model, inputs, outputs, samples);
        runs += 2;
        if (wrong != NULL) printf("FAILED %d 0 %ld 0 -1 %s %s threads\n", model_index, (long)set, wrong, kernels->name);
      }
    }
    if (wrong != NULL) failures++;
  }
  if (!dumping) {
    const dybnn_kernels *kernels;
    int32_t set;
    printf("sets");
    for (set = 0; (kernels = dybnn_kernels_at(set)) != NULL; set++)
      if (dybnn_find_kernels(kernels->name) != NULL) printf(" %s", kernels->name);
    printf("\n%lu runs\n", runs);
  }
  return failures == 0 ? 0 : 1;
}
