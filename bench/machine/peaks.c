/* peaks.c - what this processor can do at best, one thread: the bounds that layers are held against. Prints JSON.
 *
 *   binary   xor, popcount and add of whole vectors, all in registers: binary multiply-accumulates a second
 *   table    the same work with tables of activations for two pixels at once, as the AVX2 kernels do it; absent elsewhere
 *   matrix   the same work as int8 products in the matrix unit, where the processor has one (AMX); else absent
 *   float    a multiplication and an addition, each rounded by itself, all in registers: multiply-accumulates a second
 *   memory   bytes a second over working sets of several sizes: reading, writing, and copying (both counted)
 *
 * Compile with -O2 -march=native -ffp-contract=off. Each number is the best of many short tries: a peak is what was possible
 * once. The empty asm statements keep a value opaque, so that the compiler cannot take the work out of the loop.
 */
#define _GNU_SOURCE /* syscall */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define OPAQUE(x) __asm__ volatile("" : "+v"(x))
#elif defined(__aarch64__)
#include <arm_neon.h>
#define OPAQUE(x) __asm__ volatile("" : "+w"(x))
#else
#define OPAQUE(x) __asm__ volatile("" : "+m"(x))
#endif

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#define ACCUMULATORS 16
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#define ACCUMULATORS 8
#else
#define VECTOR_BYTES 16
#define ACCUMULATORS 8
#endif

typedef float float_vector __attribute__((vector_size(VECTOR_BYTES)));
typedef uint64_t word_vector __attribute__((vector_size(VECTOR_BYTES)));

/* Tries shorter than the time slices of a busy machine: some of them run undisturbed. */
#define TRIES 200
#define TRY_SECONDS 0.0005

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static volatile uint64_t sink;

/* ---- binary ---------------------------------------------------------------------------------------------------------- */

#if defined(__AVX512VPOPCNTDQ__)
#define BINARY_METHOD "512-bit xor, VPOPCNTQ, add"
static void binary_rounds(long rounds) {
  __m512i sum[16], w0 = _mm512_set1_epi64(0x5a), w1 = _mm512_set1_epi64(0x33), x[4];
  long r;
  int i;
  for (i = 0; i < 16; i++) sum[i] = _mm512_setzero_si512();
  for (i = 0; i < 4; i++) {
    x[i] = _mm512_set1_epi64(i);
    OPAQUE(x[i]);
  }
  for (r = 0; r < rounds; r++) {
    OPAQUE(w0);
    OPAQUE(w1);
#pragma GCC unroll 8
    for (i = 0; i < 8; i++) {
      sum[2 * i] = _mm512_add_epi64(sum[2 * i], _mm512_popcnt_epi64(_mm512_xor_si512(x[i % 4], w0)));
      sum[2 * i + 1] = _mm512_add_epi64(sum[2 * i + 1], _mm512_popcnt_epi64(_mm512_xor_si512(x[i % 4], w1)));
      /* Four x serve eight pixels: each is another value the second time. */
      if (i == 3) {
        OPAQUE(w0);
        OPAQUE(w1);
      }
    }
  }
  for (i = 0; i < 16; i++) sink += (uint64_t)_mm512_reduce_add_epi64(sum[i]);
}
#define BINARY_MACS_A_ROUND (16 * 512)

#elif defined(__AVX512BW__) || defined(__AVX2__)
#define BINARY_METHOD "xor, nibble table by PSHUFB, add of bytes, PSADBW every 8th"
#if defined(__AVX512BW__)
typedef __m512i bytes_vector;
#define XOR _mm512_xor_si512
#define AND _mm512_and_si512
#define SHIFT4(v) _mm512_srli_epi16(v, 4)
#define LOOKUP _mm512_shuffle_epi8
#define ADD8 _mm512_add_epi8
#define ADD64 _mm512_add_epi64
#define SAD(v) _mm512_sad_epu8(v, _mm512_setzero_si512())
#define ALL8(v) _mm512_set1_epi8(v)
#define TABLE _mm512_set4_epi32(0x04030302, 0x03020201, 0x03020201, 0x02010100)
#else
typedef __m256i bytes_vector;
#define XOR _mm256_xor_si256
#define AND _mm256_and_si256
#define SHIFT4(v) _mm256_srli_epi16(v, 4)
#define LOOKUP _mm256_shuffle_epi8
#define ADD8 _mm256_add_epi8
#define ADD64 _mm256_add_epi64
#define SAD(v) _mm256_sad_epu8(v, _mm256_setzero_si256())
#define ALL8(v) _mm256_set1_epi8(v)
#define TABLE _mm256_setr_epi32(0x02010100, 0x03020201, 0x03020201, 0x04030302, 0x02010100, 0x03020201, 0x03020201, 0x04030302)
#endif
static void binary_rounds(long rounds) {
  bytes_vector sum[4], bytes[4], w = ALL8(0x5a), x = ALL8(0x33);
  const bytes_vector table = TABLE, low = ALL8(0x0f);
  long r;
  int i, k;
  OPAQUE(x);
  for (i = 0; i < 4; i++) sum[i] = ALL8(0);
  for (r = 0; r < rounds; r++) {
    for (i = 0; i < 4; i++) bytes[i] = ALL8(0);
    for (k = 0; k < 8; k++) {
      for (i = 0; i < 4; i++) {
        bytes_vector d;
        OPAQUE(w);
        d = XOR(x, w);
        bytes[i] = ADD8(bytes[i], ADD8(LOOKUP(table, AND(d, low)), LOOKUP(table, AND(SHIFT4(d), low))));
      }
    }
    for (i = 0; i < 4; i++) sum[i] = ADD64(sum[i], SAD(bytes[i]));
  }
  for (i = 0; i < 4; i++) {
    uint64_t first;
    memcpy(&first, &sum[i], sizeof first);
    sink += first;
  }
}
#define BINARY_MACS_A_ROUND (32 * 8 * (long)sizeof(bytes_vector))

#elif defined(__aarch64__)
#define BINARY_METHOD "128-bit xor, CNT, add of bytes, pairwise add every 8th"
static void binary_rounds(long rounds) {
  uint16x8_t sum[8];
  uint8x16_t bytes[8], w = vdupq_n_u8(0x5a), x = vdupq_n_u8(0x33);
  long r;
  int i, k;
  OPAQUE(x);
  for (i = 0; i < 8; i++) sum[i] = vdupq_n_u16(0);
  for (r = 0; r < rounds; r++) {
    for (i = 0; i < 8; i++) bytes[i] = vdupq_n_u8(0);
    for (k = 0; k < 8; k++) {
      for (i = 0; i < 8; i++) {
        OPAQUE(w);
        bytes[i] = vaddq_u8(bytes[i], vcntq_u8(veorq_u8(x, w)));
      }
    }
    for (i = 0; i < 8; i++) sum[i] = vpadalq_u8(sum[i], bytes[i]);
  }
  for (i = 0; i < 8; i++) sink += vaddvq_u16(sum[i]);
}
#define BINARY_MACS_A_ROUND (64 * 128)

#else
#define BINARY_METHOD "64-bit xor, the compiler's popcount, add"
static void binary_rounds(long rounds) {
  uint64_t sum[4] = {0}, w = 0x123456789abcdefu, x = 0x0fedcba987654321u;
  long r;
  int i;
  for (r = 0; r < rounds; r++) {
    for (i = 0; i < 4; i++) {
      OPAQUE(w);
      sum[i] += (uint64_t)__builtin_popcountll(x ^ w);
    }
  }
  for (i = 0; i < 4; i++) sink += sum[i];
}
#define BINARY_MACS_A_ROUND (4 * 64)
#endif

/* ---- matrix unit ------------------------------------------------------------------------------------------------------- */

#if defined(__AMX_INT8__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

/* Linux hands the tiles out on demand: arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA). */
static int has_matrix_unit(void) { return syscall(SYS_arch_prctl, 0x1023, 18) == 0; }

static void matrix_rounds(long rounds) {
  struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  } shape;
  long r;
  int t;
  memset(&shape, 0, sizeof shape);
  shape.palette = 1;
  for (t = 0; t < 8; t++) {
    shape.row_bytes[t] = 64;
    shape.rows[t] = 16;
  }
  /* GCC 12 takes only the first bytes of what _tile_loadconfig reads for used. */
  __asm__ volatile("" : : "r"(&shape) : "memory");
  _tile_loadconfig(&shape);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
  for (r = 0; r < rounds; r++) {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
  _tile_release();
}
#define MATRIX_MACS_A_ROUND (4 * 16 * 16 * 64)
#define HAS_MATRIX_CODE 1
#endif

/* ---- tables of activations ---------------------------------------------------------------------------------------------- */

#if defined(__AVX2__)
/* What dybnn_bconv2d_table.h does with three lookups of 32 channels and two pixels, for four vectors of channels. */
static void table_rounds(long rounds) {
  __m256i low[4], both[4], w = _mm256_set1_epi8(3), table[3];
  const __m256i half = _mm256_set1_epi8(15);
  long r;
  int i;
  for (i = 0; i < 4; i++) low[i] = both[i] = _mm256_setzero_si256();
  for (i = 0; i < 3; i++) {
    table[i] = _mm256_set1_epi8((char)i);
    OPAQUE(table[i]);
  }
  for (r = 0; r < rounds; r++) {
#pragma GCC unroll 4
    for (i = 0; i < 4; i++) {
      __m256i sum;
      OPAQUE(w);
      sum = _mm256_add_epi8(_mm256_add_epi8(_mm256_shuffle_epi8(table[0], w), _mm256_shuffle_epi8(table[1], w)),
                            _mm256_shuffle_epi8(table[2], w));
      low[i] = _mm256_add_epi8(low[i], _mm256_and_si256(sum, half));
      both[i] = _mm256_add_epi16(both[i], _mm256_srli_epi16(sum, 4));
    }
  }
  for (i = 0; i < 4; i++) sink += (uint64_t)_mm256_extract_epi64(_mm256_add_epi8(low[i], both[i]), 0);
}
#define TABLE_MACS_A_ROUND (4 * 3 * 32 * 4 * 2)
#endif

/* ---- float ----------------------------------------------------------------------------------------------------------- */

static void float_rounds(long rounds) {
  const float_vector zero = {0};
  float_vector sum[ACCUMULATORS], x = zero, w = zero;
  long r;
  int i;
  OPAQUE(w);
#pragma GCC unroll 16
  for (i = 0; i < ACCUMULATORS; i++) sum[i] = zero;
  for (r = 0; r < rounds; r++) {
#pragma GCC unroll 16
    for (i = 0; i < ACCUMULATORS; i++) {
      OPAQUE(x);
      sum[i] = sum[i] + x * w;
    }
  }
#pragma GCC unroll 16
  for (i = 0; i < ACCUMULATORS; i++) sink += (uint64_t)sum[i][0];
}
#define FLOAT_MACS_A_ROUND (ACCUMULATORS * VECTOR_BYTES / 4)

static double best_rate(void (*work)(long), double units_a_round) {
  double best = 0;
  long rounds = 1000;
  int i;
  for (;;) {
    const double start = seconds();
    work(rounds);
    if (seconds() - start > TRY_SECONDS) break;
    rounds *= 2;
  }
  for (i = 0; i < TRIES; i++) {
    const double start = seconds();
    double rate;
    work(rounds);
    rate = units_a_round * (double)rounds / (seconds() - start);
    if (rate > best) best = rate;
  }
  return best;
}

/* ---- memory ---------------------------------------------------------------------------------------------------------- */

static void read_all(const word_vector *from, size_t count) {
  word_vector s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
  size_t i;
  for (i = 0; i + 4 <= count; i += 4) {
    s0 ^= from[i];
    s1 ^= from[i + 1];
    s2 ^= from[i + 2];
    s3 ^= from[i + 3];
  }
  s0 ^= s1 ^ s2 ^ s3;
  sink += s0[0];
}

static void write_all(word_vector *to, size_t count) {
  word_vector v = {0};
  size_t i;
  for (i = 0; i < count; i++) {
    OPAQUE(v); /* keeps this loop from becoming a call of memset, which may write around the caches */
    to[i] = v;
  }
}

static void copy_all(word_vector *to, const word_vector *from, size_t count) {
  size_t i;
  for (i = 0; i < count; i++) {
    word_vector v = from[i];
    OPAQUE(v);
    to[i] = v;
  }
}

enum { READ, WRITE, COPY };

static void pass(int kind, word_vector *block, size_t count) {
  if (kind == READ) read_all(block, count);
  if (kind == WRITE) write_all(block, count);
  if (kind == COPY) copy_all(block + count / 2, block, count / 2);
}

static double best_bandwidth(int kind, word_vector *block, size_t bytes) {
  const size_t count = bytes / VECTOR_BYTES;
  double best = 0;
  long passes = 1, p;
  int i;
  for (;;) {
    const double start = seconds();
    for (p = 0; p < passes; p++) pass(kind, block, count);
    if (seconds() - start > TRY_SECONDS / 2) break;
    passes *= 2;
  }
  for (i = 0; i < TRIES; i++) {
    const double start = seconds();
    double rate;
    for (p = 0; p < passes; p++) pass(kind, block, count);
    rate = (double)bytes * (double)passes / (seconds() - start);
    if (rate > best) best = rate;
  }
  return best;
}

int main(void) {
  static const size_t kib[] = {16, 32, 128, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};
  const size_t sizes = sizeof kib / sizeof kib[0], most = kib[sizeof kib / sizeof kib[0] - 1] << 10;
  unsigned char *memory = (unsigned char *)malloc(most + 4096);
  word_vector *block;
  size_t s;
  if (memory == NULL) return 1;
  memset(memory, 1, most + 4096);
  block = (word_vector *)(void *)(memory + (4096 - (uintptr_t)memory % 4096));
  printf("{\"binaryMethod\": \"%s\", \"vectorBits\": %d,\n", BINARY_METHOD, 8 * VECTOR_BYTES);
  printf(" \"binaryMacsPerSecond\": %.6e,\n", best_rate(binary_rounds, BINARY_MACS_A_ROUND));
#ifdef TABLE_MACS_A_ROUND
  printf(" \"tableMacsPerSecond\": %.6e,\n", best_rate(table_rounds, TABLE_MACS_A_ROUND));
#endif
#ifdef HAS_MATRIX_CODE
  if (has_matrix_unit()) printf(" \"matrixMacsPerSecond\": %.6e,\n", best_rate(matrix_rounds, MATRIX_MACS_A_ROUND));
#endif
  printf(" \"floatMacsPerSecond\": %.6e,\n", best_rate(float_rounds, FLOAT_MACS_A_ROUND));
  printf(" \"bandwidth\": [\n");
  for (s = 0; s < sizes; s++) {
    const size_t bytes = kib[s] << 10;
    printf("  {\"workingSet\": %lu, \"read\": %.4e, \"write\": %.4e, \"copy\": %.4e}%s\n", (unsigned long)bytes,
           best_bandwidth(READ, block, bytes), best_bandwidth(WRITE, block, bytes), best_bandwidth(COPY, block, bytes),
           s + 1 < sizes ? "," : "");
  }
  printf("]}\n");
  free(memory);
  return 0;
}
