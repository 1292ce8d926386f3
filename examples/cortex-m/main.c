/* main.c - classifies the pictures of golden/ and holds each output against the simulator's, bit for bit.
 *
 * Instructions are counted by SysTick: the emulator runs with `-icount shift=0`, where one instruction takes one nanosecond of
 * the machine's time, and the board's 25 MHz clock ticks every 40 of them.
 */
#include <stdint.h>
#include <string.h>

#include "fashion.h"

void semihost_exit(int status);

/* golden/input.npy and golden/output.npy, as the compiler wrote them; the Makefile says where. */
__asm__(
    ".section .pictures, \"a\"\n"
    ".balign 4\n.global input_file\ninput_file: .incbin \"" GOLDEN "/input.npy\"\n.global input_end\ninput_end:\n"
    ".balign 4\n.global output_file\noutput_file: .incbin \"" GOLDEN "/output.npy\"\n"
    ".text\n");
extern const unsigned char input_file[], input_end[], output_file[];

static uint64_t workspace[(FASHION_WORKSPACE_BYTES + 7) / 8] __attribute__((aligned(FASHION_WORKSPACE_ALIGNMENT)));
static float output[FASHION_OUTPUT_COUNT];

static const char *const classes[] = {"T-shirt", "trouser", "pullover", "dress", "coat",
                                      "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};

#define SYSTICK ((volatile uint32_t *)0xe000e010u)
#define INSTRUCTIONS_PER_TICK 40u

static void print(const char *text) {
  register uint32_t call __asm__("r0") = 0x04; /* SYS_WRITE0 */
  register const char *argument __asm__("r1") = text;
  __asm__ volatile("bkpt 0xab" : "+r"(call) : "r"(argument) : "memory");
}

static void print_number(uint32_t value) {
  char digits[16];
  int at = 15;
  digits[at] = '\0';
  do {
    digits[--at] = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  print(digits + at);
}

/* The data of a version 1 .npy file; its header keeps them aligned to 64 bytes of the file. */
static const float *npy_data(const unsigned char *file) {
  return (const float *)(const void *)(file + 10 + (file[8] | file[9] << 8));
}

int main(void) {
  const float *const inputs = npy_data(input_file), *const expected = npy_data(output_file);
  const uint32_t samples =
      (uint32_t)((const float *)(const void *)input_end - inputs) / FASHION_INPUT_COUNT;
  uint32_t s, same = 0, least = 0xffffffffu, most = 0;
  for (s = 0; s < samples; s++) {
    uint32_t ticks, best = 0, c;
    SYSTICK[1] = 0x00ffffffu; /* reload */
    SYSTICK[2] = 0;           /* clear */
    SYSTICK[0] = 5;           /* on, processor clock, no interrupt */
    fashion_run(inputs + s * FASHION_INPUT_COUNT, output, workspace);
    ticks = 0x00ffffffu - SYSTICK[2];
    if (SYSTICK[0] & 0x10000u) print("(the counter wrapped: instructions are not valid)\n");
    if (ticks < least) least = ticks;
    if (ticks > most) most = ticks;
    for (c = 1; c < FASHION_OUTPUT_COUNT; c++)
      if (output[c] > output[best]) best = c;
    if (memcmp(output, expected + s * FASHION_OUTPUT_COUNT, sizeof output) == 0) same++;
    print("picture ");
    print_number(s);
    print(": ");
    print(classes[best]);
    print("\n");
  }
  print("same bits as the simulator: ");
  print_number(same);
  print(" of ");
  print_number(samples);
  print("\ninstructions a picture (emulated, counted): ");
  print_number(least * INSTRUCTIONS_PER_TICK);
  print(" to ");
  print_number(most * INSTRUCTIONS_PER_TICK);
  print("\n");
  return same == samples ? 0 : 1;
}
