/* Stand-in for AMD's header: the simulated board's cache. */
#ifndef XIL_CACHE_H
#define XIL_CACHE_H
#include "xil_types.h"
void board_flush(const unsigned char *address, size_t bytes);
void board_invalidate(unsigned char *address, size_t bytes);
static inline void Xil_DCacheFlushRange(INTPTR address, INTPTR bytes) { board_flush((const unsigned char *)address, (size_t)bytes); }
static inline void Xil_DCacheInvalidateRange(INTPTR address, INTPTR bytes) { board_invalidate((unsigned char *)address, (size_t)bytes); }
#endif
