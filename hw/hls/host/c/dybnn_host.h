/* dybnn_host.h - what a host does around the engine: pictures into its memory, results out of it. No allocation, no state.
 *
 * The same code serves the test bench and the bare-metal driver; pynq/dybnn_pynq.py does the same with arrays.
 */
#ifndef DYBNN_HOST_H
#define DYBNN_HOST_H

#include <stddef.h>

#include "dybnn_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that each of the two ports needs for the maps of so many runs in one call. */
size_t dybnn_maps_bytes(const dybnn_layout *layout, int32_t runs);
/* Bytes of `output`. */
size_t dybnn_output_bytes(const dybnn_layout *layout, int32_t runs);
/* Floats of a picture (channels first, as the ONNX model declares its input) and of a result. */
size_t dybnn_picture_floats(const dybnn_layout *layout);
size_t dybnn_result_floats(const dybnn_layout *layout);

/* Clause 11.3: sat(floor(x * 2^fraction + 1/2)). */
int16_t dybnn_to_int16(float x, int32_t fraction);

/* Zeroes the places of the pictures, also what lies between them: once, before the first. */
void dybnn_clear_pictures(const dybnn_layout *layout, int32_t runs, unsigned char *maps0, unsigned char *maps1);
/* Picture `picture` of run `run` to its place. */
void dybnn_place_picture(const dybnn_layout *layout, int32_t run, int32_t picture, const float *pixels, unsigned char *maps0,
                         unsigned char *maps1);
/* The result of picture `picture` of run `run`, channels first, as the ONNX model declares its output. A result that is a map is there only
 * after the last run of a call. */
void dybnn_read_result(const dybnn_layout *layout, int32_t run, int32_t picture, const unsigned char *maps0,
                       const unsigned char *maps1, const unsigned char *output, float *result);

#ifdef __cplusplus
}
#endif
#endif
