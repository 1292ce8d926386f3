/* dybnn_engine.c - see dybnn_engine.h. */
#include "dybnn_engine.h"

#include <string.h>

#include "dybnn_registers.h"
#include "xil_cache.h"
#include "xil_io.h"

static void write_register(const dybnn_engine *engine, uint32_t offset, uint32_t value) {
  Xil_Out32((UINTPTR)(engine->registers + offset), value);
}

static void write_address(const dybnn_engine *engine, uint32_t offset, const void *address) {
  const uint64_t bits = (uint64_t)(uintptr_t)address;
  write_register(engine, offset, (uint32_t)(bits & 0xffffffffu));
  write_register(engine, offset + 4, (uint32_t)(bits >> 32));
}

static uint32_t read_control(const dybnn_engine *engine) {
  return Xil_In32((UINTPTR)(engine->registers + DYBNN_REG_CONTROL));
}

static int aligned(const void *address) {
  return (uintptr_t)address % DYBNN_ALIGNMENT == 0;
}

dybnn_status dybnn_engine_start_up(const dybnn_engine *engine) {
  const dybnn_layout *layout = engine->layout;
  if (!aligned(engine->program) || !aligned(engine->weights[0]) || !aligned(engine->weights[1]) || !aligned(engine->maps[0]) ||
      !aligned(engine->maps[1]) || !aligned(engine->output))
    return DYBNN_UNALIGNED;
  if (!(read_control(engine) & DYBNN_CONTROL_IDLE)) return DYBNN_BUSY;
  write_address(engine, DYBNN_REG_WEIGHTS0, engine->weights[0]);
  write_address(engine, DYBNN_REG_WEIGHTS1, engine->weights[1]);
  write_address(engine, DYBNN_REG_IN0, engine->maps[0]);
  write_address(engine, DYBNN_REG_IN1, engine->maps[1]);
  write_address(engine, DYBNN_REG_OUT0, engine->maps[0]);
  write_address(engine, DYBNN_REG_OUT1, engine->maps[1]);
  write_address(engine, DYBNN_REG_PROGRAM, engine->program);
  write_address(engine, DYBNN_REG_OUTPUT, engine->output);
  write_register(engine, DYBNN_REG_FIRST_STEP, 0);
  write_register(engine, DYBNN_REG_LAST_STEP, (uint32_t)layout->steps);
  write_register(engine, DYBNN_REG_INPUT_WORDS, (uint32_t)layout->picture_words);
  write_register(engine, DYBNN_REG_OUTPUT_WORDS, (uint32_t)layout->output_floats);
  /* They came from a file or from the program's own data, through the cache. */
  Xil_DCacheFlushRange((INTPTR)engine->program, (INTPTR)layout->program_bytes);
  Xil_DCacheFlushRange((INTPTR)engine->weights[0], (INTPTR)layout->weights_bytes);
  Xil_DCacheFlushRange((INTPTR)engine->weights[1], (INTPTR)layout->weights_bytes);
  dybnn_clear_pictures(layout, engine->runs, engine->maps[0], engine->maps[1]);
  return DYBNN_DONE;
}

static dybnn_status call(const dybnn_engine *engine, int32_t runs, uint32_t polls) {
  const size_t maps = dybnn_maps_bytes(engine->layout, runs), output = dybnn_output_bytes(engine->layout, runs);
  uint32_t polled = 0;
  write_register(engine, DYBNN_REG_RUNS, (uint32_t)runs);
  /* Flushed, also what the engine only writes: a dirty line must not come back over it. */
  Xil_DCacheFlushRange((INTPTR)engine->maps[0], (INTPTR)maps);
  Xil_DCacheFlushRange((INTPTR)engine->maps[1], (INTPTR)maps);
  Xil_DCacheFlushRange((INTPTR)engine->output, (INTPTR)output);
  write_register(engine, DYBNN_REG_CONTROL, DYBNN_CONTROL_START);
  while (!(read_control(engine) & DYBNN_CONTROL_DONE)) { /* cleared by reading */
    if (polls != 0 && ++polled == polls) return DYBNN_TIMEOUT;
  }
  Xil_DCacheInvalidateRange((INTPTR)engine->maps[0], (INTPTR)maps);
  Xil_DCacheInvalidateRange((INTPTR)engine->maps[1], (INTPTR)maps);
  Xil_DCacheInvalidateRange((INTPTR)engine->output, (INTPTR)output);
  return DYBNN_DONE;
}

dybnn_status dybnn_engine_run(const dybnn_engine *engine, const float *pictures, int32_t count, float *results, uint32_t polls) {
  const dybnn_layout *layout = engine->layout;
  const size_t picture_floats = dybnn_picture_floats(layout), result_floats = dybnn_result_floats(layout);
  /* A result that is a map is overwritten by the next run. */
  const int32_t most_runs = layout->outputs[0].kind == DYBNN_RESULT_MAP ? 1 : engine->runs;
  int32_t done = 0;
  while (done < count) {
    const int32_t left = count - done, wanted = (left + layout->pictures - 1) / layout->pictures;
    const int32_t runs = wanted < most_runs ? wanted : most_runs;
    const int32_t taken = runs * layout->pictures < left ? runs * layout->pictures : left;
    dybnn_status status;
    int32_t i;
    for (i = 0; i < runs * layout->pictures; i++) {
      const int32_t from = done + (i < taken ? i : taken - 1); /* the last one again where there are too few */
      dybnn_place_picture(layout, i / layout->pictures, i % layout->pictures, pictures + (size_t)from * picture_floats, engine->maps[0],
                          engine->maps[1]);
    }
    status = call(engine, runs, polls);
    if (status != DYBNN_DONE) return status;
    for (i = 0; i < taken; i++) {
      dybnn_read_result(layout, i / layout->pictures, i % layout->pictures, engine->maps[0], engine->maps[1], engine->output,
                        results + (size_t)(done + i) * result_floats);
    }
    done += taken;
  }
  return DYBNN_DONE;
}
