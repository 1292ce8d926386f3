/* dybnn_strip.h - the piece of a map that a kernel computes before its tail takes it: pixels of one row by channels of one word,
 * small enough for L1 as float or int32. */
#ifndef DYBNN_STRIP_H
#define DYBNN_STRIP_H

#define STRIP_PIXELS 16
#define STRIP_CHANNELS 64

#endif
