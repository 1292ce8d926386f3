/* harness.c - see harness.h. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

uint64_t random_state;

uint64_t random_word(void) {
  uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

int32_t random_below(int32_t n) { return (int32_t)(random_word() % (uint64_t)n); }

/* ---- arena ---- */

#define ARENA_BYTES ((size_t)48 << 20)
#define MAX_ARRAYS 32

typedef struct array {
  const char *name;
  size_t at, bytes, element;
} array;

static unsigned char *arena, *initial, *expected;

static size_t arena_used;
static array arrays[MAX_ARRAYS];
static int array_count;

void arena_reset(void) {
  UNPOISON(arena, ARENA_BYTES);
  arena_used = 0;
  array_count = 0;
}

/* Poisoned bytes, with a gap before; aligned to its element only. */
void *take(const char *name, size_t count, size_t size) {
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
  arrays[array_count].element = size;
  array_count++;
  return arena + at;
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

int passed, failed;
const char *only;

static void report_difference(const char *label, const char *how) {
  size_t i = 0;
  int a;
  while (arena[i] == expected[i]) i++;
  fprintf(stderr, "FAILED %s (%s): ", label, how);
  for (a = 0; a < array_count; a++)
    if (i >= arrays[a].at && i < arrays[a].at + arrays[a].bytes) {
      /* A 64-bit word in its two halves. */
      const size_t size = arrays[a].element < 4 ? arrays[a].element : 4, element = (i - arrays[a].at) / size;
      uint32_t got = 0, want = 0;
      memcpy(&got, arena + arrays[a].at + size * element, size);
      memcpy(&want, expected + arrays[a].at + size * element, size);
      fprintf(stderr, "%s, %lu-bit element %lu: %08lx, expected %08lx\n", arrays[a].name, (unsigned long)(8 * size),
              (unsigned long)element, (unsigned long)got, (unsigned long)want);
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

void restore(void) {
  UNPOISON(arena, ARENA_BYTES);
  memcpy(arena, initial, arena_used + 256);
  poison_gaps();
}

/* The arena holds the inputs. */
void begin_case(void) {
  UNPOISON(arena, ARENA_BYTES);
  memcpy(initial, arena, arena_used + 256);
}

/* The arena holds the reference's result. */
void end_reference(void) {
  UNPOISON(arena, ARENA_BYTES);
  memcpy(expected, arena, arena_used + 256);
}

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

void run_kernel(const char *label, dybnn_kernel *kernel, const void *args, int32_t units, int32_t splittable) {
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

int harness_begin(const char *set) {
  only = set;
  arena = (unsigned char *)malloc(ARENA_BYTES);
  initial = (unsigned char *)malloc(ARENA_BYTES);
  expected = (unsigned char *)malloc(ARENA_BYTES);
  return arena && initial && expected;
}

int harness_end(void) {
  printf("%d passed, %d failed\n", passed, failed);
  free(arena);
  free(initial);
  free(expected);
  return failed != 0;
}

/* Memory for values between an operation and its tail; what it held before is lost. */
void *scratch(size_t bytes) {
  static void *memory;
  static size_t have;
  if (bytes > have) {
    free(memory);
    memory = malloc(bytes);
    have = bytes;
    if (!memory) exit(2);
  }
  return memory;
}
