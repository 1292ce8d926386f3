/* dybnn_array.h - float32 arrays in files: .npy, or raw little-endian without that ending. */
#ifndef DYBNN_ARRAY_H
#define DYBNN_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a whole file of samples of `sample_count` floats. Returns a buffer to free() and the number of samples, or NULL after
 * a message on standard error. */
float *dybnn_read_samples(const char *path, int32_t sample_count, size_t *samples);

/* Writes `samples` samples in the given shape, whose first dimension becomes the number of samples. 0, or -1 after a message. */
int dybnn_write_samples(const char *path, const float *data, size_t samples, const int32_t *shape, int32_t rank,
                        int32_t sample_count);

#ifdef __cplusplus
}
#endif
#endif
