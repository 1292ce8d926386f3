/* dybnn_layout.h - where a network lies in the memory that the engine reads and writes: what a host must know of it.
 *
 * NAME_layout.h fills these in for one network. Words, lanes and ports are those of the engine's own description: a word is striped over two
 * memory ports, its low half on port 0; a lane is an int16. Everything in memory is little-endian. C99, also valid C++11.
 */
#ifndef DYBNN_LAYOUT_H
#define DYBNN_LAYOUT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A picture among the maps: value (c, y, x), as int16 of `fraction`, is lane (address + y * row_words) * LANES + x * pixel_lanes + c. */
typedef struct dybnn_picture_place {
  int32_t channels, height, width;
  int32_t fraction;
  int32_t address; /* words */
  int32_t row_words;
  int32_t pixel_lanes;
} dybnn_picture_place;

typedef enum dybnn_result_kind {
  DYBNN_RESULT_VECTOR, /* float32 from `address` of the output on */
  DYBNN_RESULT_MAP     /* int16 of `fraction` among the maps, pixel p from word address + p * pixel_words on */
} dybnn_result_kind;

typedef struct dybnn_result_place {
  dybnn_result_kind kind;
  int32_t channels, height, width;
  int32_t address;
  int32_t pixel_words;
  int32_t fraction;
} dybnn_result_place;

typedef struct dybnn_layout {
  const char *name;
  int32_t port_bytes;       /* of a beat: half a word */
  int32_t steps;            /* of the program */
  int32_t pictures;         /* that one run takes side by side */
  int32_t maps_words;       /* of one run, with its pictures; those of further runs follow */
  int32_t picture_words;    /* of the pictures of one run */
  int32_t output_floats;    /* of one run */
  uint32_t program_bytes;
  uint32_t weights_bytes;   /* of each port */
  int32_t softmax;          /* 1: the host does it on each result (clause 9.5) */
  const dybnn_picture_place *inputs;  /* [pictures] */
  const dybnn_result_place *outputs;  /* [pictures] */
} dybnn_layout;

#ifdef __cplusplus
}
#endif
#endif
