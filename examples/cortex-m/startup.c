/* startup.c - reset: memory, float unit, then main. No operating system, no heap, no library start-up. */
#include <stdint.h>

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];
int main(void);
void reset(void);
void fault(void);

/* ARM's semihosting: the emulator (or a debugger) does the call for us. */
void semihost_exit(int status) {
  register uint32_t call __asm__("r0") = 0x20; /* SYS_EXIT_EXTENDED */
  uint32_t block[2] = {0x20026, 0};            /* ADP_Stopped_ApplicationExit */
  register uint32_t *argument __asm__("r1") = block;
  block[1] = (uint32_t)status;
  for (;;) __asm__ volatile("bkpt 0xab" : "+r"(call) : "r"(argument) : "memory");
}

void reset(void) {
  uint32_t *to = data_start;
  const uint32_t *from = data_load;
  while (to < data_end) *to++ = *from++;
  for (to = bss_start; to < bss_end; to++) *to = 0;
  /* CPACR: full access to the float unit. Its default mode rounds to nearest and keeps subnormals, as the contract wants. */
  *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20;
  __asm__ volatile("dsb\n isb");
  semihost_exit(main());
}

void fault(void) { semihost_exit(3); }

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)stack_top, (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault,
};
