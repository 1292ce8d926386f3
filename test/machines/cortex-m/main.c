/* main.c - the replay of generated models on a bare Cortex-M: no operating system, no heap, no files, no library but string.h.
 *
 * In: `replay_data`, what dybnn_replay.c reads from its file, as an array; the models as there. Out: a line a model that differs
 * and "N runs, N failed" through semihosting; the emulator's exit status.
 */
#include <string.h>

#include "kernels/dybnn_kernels.h"
#include "runner/dybnn_runner.h"

typedef int replay_main(int argc, char **argv);
extern replay_main *const replay_models[];
extern const int replay_model_count;
extern const uint32_t replay_data[];

const char *replay_set = "scalar";
static const dybnn_model *captured;

int replay_capture(int argc, char **argv, const dybnn_model *model);
int replay_capture(int argc, char **argv, const dybnn_model *model) {
  (void)argc;
  (void)argv;
  captured = model;
  return 0;
}

/* ---- startup and semihosting ---- */

extern uint32_t data_begin, data_end, data_load, bss_begin, bss_end, stack_top;
int main(void);
void reset(void);
void fault(void);

static int semihosting(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static void print(const char *text) { (void)semihosting(4, text); }

static void print_number(unsigned long n) {
  char digits[12];
  int at = 11;
  digits[at] = '\0';
  do digits[--at] = (char)('0' + n % 10);
  while ((n /= 10) != 0);
  print(digits + at);
}

static void finish(int good) {
  const uint32_t reason = good ? 0x20026u : 0x20023u; /* ADP_Stopped_ApplicationExit, ADP_Stopped_RunTimeErrorUnknown */
  (void)semihosting(0x18, (const void *)(uintptr_t)reason);
  for (;;) {
  }
}

void fault(void) {
  print("a processor fault\n");
  finish(0);
}

void reset(void) {
  uint32_t *to;
  const uint32_t *from = &data_load;
#if defined(__ARM_FP)
  *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20; /* CPACR: the float unit on */
  __asm__ volatile("dsb\n isb");
#endif
  for (to = &data_begin; to < &data_end;) *to++ = *from++;
  for (to = &bss_begin; to < &bss_end;) *to++ = 0;
  finish(main() == 0);
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))(uintptr_t)&stack_top, reset, fault, fault, fault, fault, fault};

/* ---- the replay ---- */

#define WORKSPACE_BYTES (2u << 20)
#define FLOATS (64u << 10)
static unsigned char workspace[WORKSPACE_BYTES] __attribute__((aligned(64)));
static float input[FLOATS], output[FLOATS];

typedef struct check {
  const dybnn_model *model;
  const uint32_t *expected;
  int32_t failed_row;
} check;

static void add_word(uint32_t *sum, uint32_t word) {
  sum[0] = (sum[0] ^ word) * 0x01000193u;
  sum[1] = ((sum[1] << 5 | sum[1] >> 27) ^ word) * 0x9e3779b1u;
}

static void after_step(void *user, int32_t step) {
  check *c = (check *)user;
  int32_t t, y, i;
  for (t = 0; t < c->model->tensor_count; t++) {
    const dybnn_tensor *tensor = &c->model->tensors[t];
    const unsigned char *from = tensor->offset < 0 ? (const unsigned char *)output : workspace + tensor->offset;
    uint32_t sum[2] = {0x811c9dc5u, 0x9747b28cu}, word;
    if (tensor->step != step) continue;
    for (i = 0; i < tensor->count; i++) {
      if (tensor->kind == DYBNN_16BIT) {
        int16_t value;
        memcpy(&value, from + (size_t)i * 2, 2);
        word = (uint32_t)(int32_t)value;
      } else {
        memcpy(&word, from + (size_t)i * 4, 4);
      }
      add_word(sum, word);
    }
    for (y = 0; y < tensor->height; y++)
      for (i = 0; i < 2 * tensor->width * tensor->words; i++) {
        memcpy(&word, from + (size_t)y * (size_t)tensor->pitch * 8 + (size_t)i * 4, 4);
        add_word(sum, word);
      }
    if (c->failed_row < 0 && (sum[0] != c->expected[2 * t] || sum[1] != c->expected[2 * t + 1])) c->failed_row = t;
  }
}

static void backwards(void *user, int32_t count, dybnn_task *task, void *arg) {
  (void)user;
  while (count-- > 0) task(arg, count, count + 1);
}

int main(void) {
  const uint32_t *at = replay_data;
  unsigned long runs = 0, failed = 0;
  int m, split;
  if (!dybnn_arithmetic_is_exact()) {
    print("this processor flushes subnormals or fuses\n");
    return 1;
  }
  for (m = 0; m < replay_model_count; m++) {
    const uint32_t samples = *at++, rows = *at++;
    const uint32_t *inputs = at, *outputs, *checksums;
    uint32_t s;
    (void)replay_models[m](0, NULL);
    outputs = inputs + samples * (uint32_t)captured->input_count;
    checksums = outputs + samples * (uint32_t)captured->output_count;
    at = checksums + samples * rows * 2;
    if (captured->workspace_bytes > WORKSPACE_BYTES || (uint32_t)captured->input_count > FLOATS || (uint32_t)captured->output_count > FLOATS) continue;
    for (s = 0; s < samples; s++)
      for (split = 0; split < 2; split++) {
        check c;
        c.model = captured;
        c.expected = checksums + s * rows * 2;
        c.failed_row = -1;
        memcpy(input, inputs + s * (uint32_t)captured->input_count, (size_t)captured->input_count * 4);
        memset(workspace, 0xff, captured->workspace_bytes);
        memset(output, 0xff, (size_t)captured->output_count * 4);
        captured->run(input, output, workspace, split ? backwards : NULL, NULL, after_step, &c);
        runs++;
        if (c.failed_row < 0 && memcmp(output, outputs + s * (uint32_t)captured->output_count, (size_t)captured->output_count * 4) == 0) continue;
        failed++;
        print("FAILED model ");
        print_number((unsigned long)m);
        print(c.failed_row < 0 ? ", its output\n" : ", step ");
        if (c.failed_row >= 0) {
          print(captured->step_names[captured->tensors[c.failed_row].step]);
          print("\n");
        }
      }
  }
  print_number(runs);
  print(" runs, ");
  print_number(failed);
  print(" failed\n");
  return failed != 0;
}
