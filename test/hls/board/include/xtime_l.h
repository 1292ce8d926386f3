/* Stand-in for AMD's header: time stands still. */
#ifndef XTIME_L_H
#define XTIME_L_H
#include "xil_types.h"
typedef uint64_t XTime;
#define COUNTS_PER_SECOND 1000000u
static inline void XTime_GetTime(XTime *time) { *time = 0; }
#endif
