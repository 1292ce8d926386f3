/* dybnn_bconv2d_amx.c - binary convolution on the matrix unit with a float tail. */
#include "dybnn_sets.h"
#include "dybnn_targets.h"

#if DYBNN_AMX

#include <immintrin.h>
#include <string.h>

#include "dybnn_amx_begin.h"

#include "dybnn_simd_avx512.h"

#include "dybnn_bconv2d_float_types.h"

#include "dybnn_bconv2d_amx.h"
#include "dybnn_bconv2d_amx_float.h"

#define bconv_by_popcounts dybnn_bconv2d_avx512_vpopcntdq
#include "dybnn_bconv2d_amx_units.h"

void dybnn_bconv2d_amx(const void *args, int32_t begin, int32_t end) {
  bconv2d_by_tiles((const dybnn_bconv2d_args *)args, begin, end);
}

/* arch_prctl(ARCH_REQ_XCOMP_PERM, tile data), as a bare system call: C99 has no header for it. */
static long ask_for_tiles(void) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(158L), "D"(0x1023L), "S"(18L) : "rcx", "r11", "memory");
  return result;
}

/* XGETBV tells whether the operating system keeps tiles; Linux wants to be asked before a process first uses them. */
int dybnn_amx_usable(void) {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low >> 17 & 3) != 3) return 0; /* tile configuration and data */
#if defined(__clang__)
  {
    unsigned b, c;
    __asm__ volatile("cpuid" : "=a"(low), "=b"(b), "=c"(c), "=d"(high) : "a"(7), "c"(0));
    if (!(high >> 25 & 1)) return 0; /* AMX-INT8 */
  }
#else
  /* The builtin remembers; CPUID itself takes tens of microseconds in a virtual machine. */
  if (!__builtin_cpu_supports("amx-int8")) return 0;
#endif
  return ask_for_tiles() == 0;
}

#include "dybnn_target_end.h"

#else
DYBNN_NOTHING_HERE(bconv2d_amx);
#endif
