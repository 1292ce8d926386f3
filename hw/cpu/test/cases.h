/* cases.h - the shapes that kernels of either numeric mode are tested on. */
#ifndef CASES_H
#define CASES_H

#include "reference.h"

typedef enum signs_kind { MIXED, ALL_EQUAL, ALL_DIFFERENT } signs_kind;

typedef struct bconv_case {
  window w;
  int32_t groups; /* oc_groups of the kernel, 0: one */
  signs_kind signs;
} bconv_case;

extern const bconv_case bconv_cases[];
extern const int32_t bconv_case_count;

/* Takes the packed map, weights and corrections of a case and fills in all of args but its tail. The signs that they stand for, as
 * reference_bconv2d reads them, are the caller's to free. */
void build_bconv(const bconv_case *bc, dybnn_bconv2d_args *args, int8_t **signs, int8_t **weight_signs);

typedef struct conv_case {
  window w;
  int32_t groups;
} conv_case;

extern const conv_case conv_cases[];
extern const int32_t conv_case_count;

/* Around the widths of all vectors. */
enum { CHANNEL_COUNTS = 14 };
extern const int32_t channel_counts[CHANNEL_COUNTS];

/* Parts of a tail. */
enum {
  SCALE = 1, BIAS = 2, SHORTCUT = 4, POOLED = 8, IN_PLACE = 16, PRELU = 32, GAMMA = 64, ZETA = 128, GE = 256,
  OUT = 512, SUMS = 1024, BITS = 2048, GT = 4096, HALF_SHORTCUT = 8192
};

/* The usual ones of the networks, then odd ones. */
enum { TAIL_COUNT = 14 };
extern const int32_t tails[TAIL_COUNT];

#endif
