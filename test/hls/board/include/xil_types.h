/* Stand-in for AMD's header: what the driver uses of it. */
#ifndef XIL_TYPES_H
#define XIL_TYPES_H
#include <stddef.h>
#include <stdint.h>
typedef uint32_t u32;
typedef uintptr_t UINTPTR;
typedef intptr_t INTPTR;
#endif
