/* dybnn_fixed_bconv2d_scalar.c - binary convolution in portable C with an int16 tail [4] [12]. */
#include "dybnn_fixed_sets.h"
#include "dybnn_fixed_tail.h"

typedef dybnn_fixed_bconv2d_args bconv_args;
typedef dybnn_fixed_tail bconv_tail;
typedef int32_t bconv_value;
#define bconv_border dybnn_fixed_tail_border
#define bconv_finish dybnn_fixed_tail_values

#include "dybnn_bconv2d_plain.h"

void dybnn_fixed_bconv2d_scalar(const void *args, int32_t begin, int32_t end) {
  bconv_units((const dybnn_fixed_bconv2d_args *)args, begin, end);
}
