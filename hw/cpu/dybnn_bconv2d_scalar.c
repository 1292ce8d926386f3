/* dybnn_bconv2d_scalar.c - binary convolution in portable C with a float tail [4] [5]. */
#include "dybnn_sets.h"
#include "dybnn_tail.h"

typedef dybnn_bconv2d_args bconv_args;
typedef dybnn_tail bconv_tail;
typedef float bconv_value;
#define bconv_border dybnn_tail_border
#define bconv_finish dybnn_tail_pixel

#include "dybnn_bconv2d_plain.h"

void dybnn_bconv2d_scalar(const void *args, int32_t begin, int32_t end) {
  bconv_units((const dybnn_bconv2d_args *)args, begin, end);
}
