/* dybnn_bconv2d_carry_save.h - past the bound of xor, popcount and add: one popcount for two words.
 *
 * Let p, q be two words of mismatches, p = x1^w1 and q = x2^w2, and S a word of ones not yet counted. A full adder makes of S, p
 * and q a sum S' = S^p^q and a carry, the majority of the three, whose ones count two each; only the carry is counted, and S'
 * goes on. Written so, that saves nothing. But S' needs neither p nor q:
 *   S' = S ^ (x1^x2) ^ (w1^w2)     one ternary operation: x1^x2 is shared by all channels, w1^w2 by all pixels
 *   p  = x1 ^ w1
 *   carry = majority(S, p, q) is a function of S, p and S' alone, as q = S^p^S'     one ternary operation
 * and with popcount and addition two words take 5 instructions in place of 6. In the end mismatches = 2 * count + ones(S).
 *
 * parity[i] = a[i] ^ a[i + 1] of the rows a window reads is made once a row of the output, for all channels; w1^w2 once a tile.
 */
#ifndef DYBNN_BCONV2D_CARRY_SAVE_H
#define DYBNN_BCONV2D_CARRY_SAVE_H

/* 10 counts, 10 sums, 4 weights, 2 activations and 2 temporaries of 32 registers. */
#define PAIR_PIXELS 5
#define PARITY_WORDS 2048

/* Can this convolution go by pairs? The words of a tap row must be even in number, and the rows fit the buffer. Is it worth it?
 * From 16 words a window on; before that the smaller tiles and the two more steps at their ends cost more than is saved. */
DYBNN_INLINE int pairs_fit(const bconv_args *args) {
  return args->dilation_w == 1 && bconv_window_words(args) >= 16 && args->kernel_w * args->words % 2 == 0 && args->kernel_h * args->in_pitch <= PARITY_WORDS;
}

/* The last word of a row has no right neighbour and is in no pair. */
static void make_parity(const bconv_args *args, const uint64_t *row, uint64_t *DYBNN_RESTRICT parity) {
  const int32_t length = bconv_input_columns(args) * args->words;
  int32_t ky, i;
  for (ky = 0; ky < args->kernel_h; ky++, parity += args->in_pitch) {
    const uint64_t *a = row + (ptrdiff_t)(ky * args->dilation_h) * args->in_pitch;
    for (i = 0; i + 1 < length; i++) parity[i] = a[i] ^ a[i + 1];
  }
}

/* bconv_tile by pairs: `parity` belongs to `window`. */
DYBNN_INLINE void bconv_tile_pairs(const bconv_args *args, const bconv_plan *plan, int32_t channel, const int32_t pixels,
                                   const uint64_t *window, const uint64_t *parity, ptrdiff_t step, const uint64_t *weights,
                                   ptrdiff_t second, const int32_t *const *base, ptrdiff_t c, int32_t present,
                                   bconv_value *values) {
  b_word count[PAIR_PIXELS * 2], sum[PAIR_PIXELS * 2];
  const int32_t length = args->kernel_w * args->words;
  int32_t ky, k, p, v;
  DYBNN_UNROLL
  for (p = 0; p < pixels * 2; p++) {
    count[p] = b_zero();
    sum[p] = b_zero();
  }
  for (ky = 0; ky < args->kernel_h; ky++) {
    const uint64_t *a = window + (ptrdiff_t)(ky * args->dilation_h) * args->in_pitch;
    const uint64_t *pair = parity + (ptrdiff_t)ky * args->in_pitch;
    for (k = 0; k < length; k += 2, a += 2, pair += 2, weights += 16) {
      b_word w[2], both[2];
      DYBNN_UNROLL
      for (v = 0; v < 2; v++) {
        w[v] = b_load(weights + v * second);
        both[v] = b_xor(w[v], b_load(weights + v * second + 8));
      }
      DYBNN_UNROLL
      for (p = 0; p < pixels; p++) {
        const b_word x = b_broadcast(a + p * step), xx = b_broadcast(pair + p * step);
        DYBNN_UNROLL
        for (v = 0; v < 2; v++) {
          const b_word next = b_xor3(sum[2 * p + v], xx, both[v]);
          const b_word carry = b_carry(sum[2 * p + v], b_xor(x, w[v]), next);
          count[2 * p + v] = b_add(count[2 * p + v], carry);
          sum[2 * p + v] = next;
        }
      }
    }
  }
  DYBNN_UNROLL
  for (p = 0; p < pixels * 2; p++) count[p] = b_add(b_twice(count[p]), sum[p]);
  bconv_store(plan, channel, pixels, base, c, present, count, values);
}

#endif
