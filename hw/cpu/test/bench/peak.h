/* peak.h - what this processor can do at best, measured: the yardsticks of bench.c. */
#ifndef PEAK_H
#define PEAK_H

/* Seconds of a clock that only goes forward. */
double seconds(void);
/* Binary multiply-accumulates a second of xor + popcount + add in registers, for the widest unit of the named set; 0 if none. */
double peak_binary(const char *set);
/* Float multiply-accumulates a second as separate multiplication and addition. */
double peak_float(const char *set);
/* Bytes a second of reading, and of reading plus writing in place, over `bytes` of memory. */
double peak_read(const char *set, void *memory, long bytes);
double peak_update(const char *set, void *memory, long bytes);

#endif
