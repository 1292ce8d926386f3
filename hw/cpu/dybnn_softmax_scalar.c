/* dybnn_softmax_scalar.c - softmax over a vector [9.5]. One unit: the sum runs over the whole vector in order. */
#include "dybnn_functions.h"
#include "dybnn_sets.h"

void dybnn_softmax_scalar(const void *arguments, int32_t begin, int32_t end) {
  const dybnn_softmax_args *args = (const dybnn_softmax_args *)arguments;
  float maximum, sum = 0.0f;
  int32_t i;
  if (begin >= end) return;
  maximum = args->input[0];
  for (i = 1; i < args->count; i++) maximum = args->input[i] > maximum ? args->input[i] : maximum;
  for (i = 0; i < args->count; i++) {
    args->output[i] = dybnn_exp(args->input[i] - maximum);
    sum = sum + args->output[i];
  }
  for (i = 0; i < args->count; i++) args->output[i] = args->output[i] / sum;
}
