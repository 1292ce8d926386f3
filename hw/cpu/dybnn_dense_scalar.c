/* dybnn_dense_scalar.c - dense layer in portable C [7], with a function of clause 9 at its end.
 *
 * Keeps true: one accumulator an output, inputs in ascending order; outputs past the last are computed on zero weights and
 * never stored.
 */
#include "dybnn_functions.h"
#include "dybnn_sets.h"
#include "dybnn_tail.h"

DYBNN_NO_LOOP_VECTORIZER
void dybnn_dense_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_dense_args *args = (const dybnn_dense_args *)arguments;
  int32_t block, i, j;
  for (block = begin; block < end; block++) {
    const float *DYBNN_RESTRICT weights = args->weights + (ptrdiff_t)block * args->inputs * 16;
    const int32_t count = dybnn_min(args->outputs - block * 16, 16);
    float acc[16];
    for (j = 0; j < 16; j++) acc[j] = args->acc[block * 16 + j];
    for (i = 0; i < args->inputs; i++, weights += 16) {
      const float value = args->input[i];
      DYBNN_UNROLL
      for (j = 0; j < 16; j++) acc[j] = acc[j] + value * weights[j];
    }
    for (j = 0; j < count; j++)
      args->output[block * 16 + j] = dybnn_apply(args->function, args->alpha, args->beta, acc[j]);
  }
}
