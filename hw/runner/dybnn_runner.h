/* dybnn_runner.h - a command line around a generated model: runs it over files, times it, replays its golden samples.
 *
 * Only for hosts with a file system and a heap; the model itself needs neither and never includes this.
 */
#ifndef DYBNN_RUNNER_H
#define DYBNN_RUNNER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void dybnn_task(void *arg, int32_t begin, int32_t end);
typedef void dybnn_parallel_for(void *user, int32_t count, dybnn_task *task, void *arg);
/* Called after step number `step` has been done. */
typedef void dybnn_observer(void *user, int32_t step);

typedef enum dybnn_tensor_kind { DYBNN_32BIT, DYBNN_16BIT, DYBNN_PACKED } dybnn_tensor_kind;

/* Something that a step leaves in memory: where it is and how to read it, for checksums. */
typedef struct dybnn_tensor {
  int32_t step;
  const char *name;
  dybnn_tensor_kind kind;
  ptrdiff_t offset; /* in the workspace; -1: the output */
  /* DYBNN_32BIT: `count` floats or int32. DYBNN_16BIT: `count` int16. DYBNN_PACKED: height x width pixels of `words` words, the first at `offset`, rows `pitch`
   * words apart (borders left out). */
  int32_t count, height, width, words, pitch;
} dybnn_tensor;

typedef struct dybnn_model {
  const char *name;
  const char *(*isa)(void); /* NULL where the instruction set asked for is not there */
  void (*run)(const float *input, float *output, void *workspace, dybnn_parallel_for *parallel_for, void *parallel_user,
              dybnn_observer *observer, void *observer_user);
  size_t workspace_bytes;
  int32_t input_count, output_count; /* floats of one sample */
  const int32_t *input_shape, *output_shape; /* as the ONNX model declares them, batch first */
  int32_t input_rank, output_rank;
  const char *const *step_names;
  int32_t steps;
  const dybnn_tensor *tensors;
  int32_t tensor_count;
} dybnn_model;

/* usage: run IN OUT | run --bench N [--threads T] IN | run --profile N IN | run --golden DIR. Returns the exit status. */
int dybnn_runner_main(int argc, char **argv, const dybnn_model *model);

#ifdef __cplusplus
}
#endif
#endif
