/* dybnn_engine.h - the engine from a program without an operating system (AMD's standalone board support).
 *
 * In: the network's layout and blobs, memory for its maps, the address of its registers. Out: results. One call runs any number of
 * pictures; the processor only places them and waits.
 */
#ifndef DYBNN_ENGINE_H
#define DYBNN_ENGINE_H

#include "dybnn_host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All memory that the engine reads or writes: aligned to DYBNN_ALIGNMENT, so that no burst crosses into what is not its own and no cache
 * line is shared with anything else. */
#define DYBNN_ALIGNMENT 4096

typedef struct dybnn_engine {
  const dybnn_layout *layout;
  uintptr_t registers;            /* base address of s_axi_control */
  const unsigned char *program;   /* layout->program_bytes */
  const unsigned char *weights[2];/* layout->weights_bytes each */
  unsigned char *maps[2];         /* dybnn_maps_bytes(layout, runs) each */
  unsigned char *output;          /* dybnn_output_bytes(layout, runs) */
  int32_t runs;                   /* most runs of a call */
} dybnn_engine;

typedef enum dybnn_status {
  DYBNN_DONE = 0,
  DYBNN_UNALIGNED, /* a piece of memory is not aligned */
  DYBNN_BUSY,      /* the engine has not finished an earlier call */
  DYBNN_TIMEOUT    /* it did not finish */
} dybnn_status;

/* Writes the registers that do not change. The fields of `engine` are set by the caller before. */
dybnn_status dybnn_engine_start_up(const dybnn_engine *engine);

/* Runs `count` pictures (channels first, float32, finite) and leaves as many results. `polls`: how often the control register is read
 * before giving up, 0: for ever. */
dybnn_status dybnn_engine_run(const dybnn_engine *engine, const float *pictures, int32_t count, float *results, uint32_t polls);

#ifdef __cplusplus
}
#endif
#endif
