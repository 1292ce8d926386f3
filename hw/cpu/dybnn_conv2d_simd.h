/* dybnn_conv2d_simd.h - float convolution with outputs in lanes [7].
 *
 * In: a map, channels last. Out: what the tail asks for. Keeps true: one accumulator an output, taps and channels in order,
 * two roundings a tap. So a multiply-accumulate is two instructions, and the bound is lanes * (vector units / 2) a cycle; the
 * tile of V_CONV_PIXELS pixels by V_CONV_BLOCKS blocks of 16 outputs has enough independent accumulators to hide the latency
 * of the addition and loads each weight once for all its pixels. Row ends are cut into tiles of equal size for the same reason.
 */
#ifndef DYBNN_CONV2D_SIMD_H
#define DYBNN_CONV2D_SIMD_H

#include "dybnn_sets.h"
#include "dybnn_tail_simd.h"

#define BLOCK 16
#define BLOCK_VECTORS (BLOCK / V_LANES)

/* The taps of a row of windows that lie inside the input, and how to walk them. */
typedef struct conv_taps {
  int32_t ky0, ky1, kx0, kx1;
} conv_taps;

/* First and past-last tap inside 0 .. size - 1 when tap 0 is at `first`. */
DYBNN_INLINE void clip_taps(int32_t first, int32_t dilation, int32_t kernel, int32_t size, int32_t *k0, int32_t *k1) {
  int32_t a = 0, b = kernel;
  while (a < kernel && first + a * dilation < 0) a++;
  while (b > a && first + (b - 1) * dilation >= size) b--;
  *k0 = a;
  *k1 = b;
}

/* One tile: `pixels` windows whose tap (0, 0) is at input[corner] (before the map where it is cut off) and that lie `step` floats apart, `blocks` blocks of outputs.
 * pixels and blocks are constants where this is called. */
DYBNN_INLINE void conv_tile(const dybnn_conv2d_args *args, const int32_t pixels, const int32_t blocks, ptrdiff_t corner,
                            ptrdiff_t step, conv_taps taps, int32_t inputs, const float *weights, ptrdiff_t block_size,
                            const float *start, float *values) {
  v_float acc[V_CONV_ACCUMULATORS];
  const ptrdiff_t row = (ptrdiff_t)args->in_width * args->in_channels * args->dilation_h;
  const ptrdiff_t column = (ptrdiff_t)args->in_channels * args->dilation_w;
  /* Taps of a row that touch in memory are walked as one. */
  const int touching = args->dilation_w == 1 && args->conv_groups == 1;
  const int32_t runs = touching ? 1 : taps.kx1 - taps.kx0;
  const int32_t length = touching ? (taps.kx1 - taps.kx0) * inputs : inputs;
  int32_t ky, run, i, p, b;
  DYBNN_UNROLL
  for (p = 0; p < pixels; p++)
    DYBNN_UNROLL
    for (b = 0; b < blocks * BLOCK_VECTORS; b++) acc[p * blocks * BLOCK_VECTORS + b] = v_load(start + b * V_LANES);
  for (ky = taps.ky0; ky < taps.ky1; ky++) {
    for (run = 0; run < runs; run++) {
      const float *x = args->input + (corner + ky * row + (taps.kx0 + run) * column);
      const float *w = weights + (ptrdiff_t)(ky * args->kernel_w + taps.kx0 + run) * inputs * BLOCK;
      for (i = 0; i < length; i++, x++, w += BLOCK) {
        v_float wv[V_CONV_BLOCKS * BLOCK_VECTORS];
        DYBNN_UNROLL
        for (b = 0; b < blocks * BLOCK_VECTORS; b++)
          wv[b] = v_load(w + (b / BLOCK_VECTORS) * block_size + (b % BLOCK_VECTORS) * V_LANES);
        DYBNN_UNROLL
        for (p = 0; p < pixels; p++) {
          const v_float xv = v_all(x[p * step]);
          DYBNN_UNROLL
          for (b = 0; b < blocks * BLOCK_VECTORS; b++)
            acc[p * blocks * BLOCK_VECTORS + b] = v_add(acc[p * blocks * BLOCK_VECTORS + b], v_mul(xv, wv[b]));
        }
      }
    }
  }
  DYBNN_UNROLL
  for (p = 0; p < pixels; p++)
    DYBNN_UNROLL
    for (b = 0; b < blocks * BLOCK_VECTORS; b++)
      v_store(values + p * STRIP_CHANNELS + b * V_LANES, acc[p * blocks * BLOCK_VECTORS + b]);
}

/* One output channel an input channel: the lanes read as many inputs. */
static void conv_depthwise_strip(const dybnn_conv2d_args *args, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                                 float *values) {
  const ptrdiff_t block_size = (ptrdiff_t)args->kernel_h * args->kernel_w * BLOCK;
  const int32_t top = y * args->stride_h - args->pad_top;
  conv_taps taps;
  int32_t p, ky, kx, i;
  clip_taps(top, args->dilation_h, args->kernel_h, args->in_height, &taps.ky0, &taps.ky1);
  for (p = 0; p < pixels; p++, values += STRIP_CHANNELS) {
    const int32_t left = (x + p) * args->stride_w - args->pad_left;
    clip_taps(left, args->dilation_w, args->kernel_w, args->in_width, &taps.kx0, &taps.kx1);
    for (i = 0; i < count; i += V_LANES) {
      const int32_t lanes = dybnn_min(count - i, V_LANES);
      const float *weights = args->weights + (c + i) / BLOCK * block_size + (c + i) % BLOCK;
      v_float acc = v_load(args->acc + c + i);
      for (ky = taps.ky0; ky < taps.ky1; ky++)
        for (kx = taps.kx0; kx < taps.kx1; kx++) {
          const float *pixel = args->input + ((ptrdiff_t)(top + ky * args->dilation_h) * args->in_width + left +
                                              kx * args->dilation_w) * args->in_channels + c + i;
          const v_float xv = lanes == V_LANES ? v_load(pixel) : v_load_first(pixel, lanes);
          acc = v_add(acc, v_mul(xv, v_load(weights + (ky * args->kernel_w + kx) * BLOCK)));
        }
      v_store(values + i, acc);
    }
  }
}

/* conv_tile with as many pixels as a variable says; most_pixels is a constant. */
DYBNN_INLINE void conv_tile_of(const dybnn_conv2d_args *args, int32_t pixels, const int32_t most_pixels, const int32_t blocks,
                               ptrdiff_t corner, ptrdiff_t step, conv_taps taps, int32_t inputs, const float *weights, ptrdiff_t block_size,
                               const float *start, float *values) {
#define CONV_CASE(n) \
  case n:                                                                                             \
    if (n <= most_pixels) conv_tile(args, n, blocks, corner, step, taps, inputs, weights, block_size, start, values); \
    break;
  switch (pixels) {
    CONV_CASE(1)
    CONV_CASE(2)
    CONV_CASE(3)
#if V_CONV_MOST_PIXELS > 3
    CONV_CASE(4)
    CONV_CASE(5)
#endif
#if V_CONV_MOST_PIXELS > 5
    CONV_CASE(6)
#endif
#if V_CONV_MOST_PIXELS > 6
    CONV_CASE(7)
    CONV_CASE(8)
    CONV_CASE(9)
    CONV_CASE(10)
    CONV_CASE(11)
    CONV_CASE(12)
#endif
  }
#undef CONV_CASE
}

/* Blocks `block` .. block + blocks - 1 of the strip; they read the input channels from `first` on. */
DYBNN_INLINE void conv_blocks(const dybnn_conv2d_args *args, const int32_t blocks, const int32_t most_pixels, int32_t y, int32_t x,
                        int32_t pixels, int32_t block, int32_t first, float *values) {
  const int32_t inputs = args->in_channels / args->conv_groups;
  const ptrdiff_t block_size = (ptrdiff_t)args->kernel_h * args->kernel_w * inputs * BLOCK;
  const float *weights = args->weights + block * block_size;
  const float *start = args->acc + block * BLOCK;
  const int32_t top = y * args->stride_h - args->pad_top;
  const ptrdiff_t step = (ptrdiff_t)args->stride_w * args->in_channels;
  const int32_t reach = (args->kernel_w - 1) * args->dilation_w;
  conv_taps taps;
  int32_t p, n;
  clip_taps(top, args->dilation_h, args->kernel_h, args->in_height, &taps.ky0, &taps.ky1);
  for (p = 0; p < pixels; p += n) {
    const int32_t left = (x + p) * args->stride_w - args->pad_left;
    /* Of the pixels left, how many from here on have their whole width inside? */
    const int32_t inside = left >= 0 ? (args->in_width - 1 - reach - left + args->stride_w) / args->stride_w : 0;
    const int32_t whole = dybnn_min(inside, pixels - p);
    const ptrdiff_t corner = ((ptrdiff_t)top * args->in_width + left) * args->in_channels + first;
    if (whole > 0) {
      /* Tiles of equal size: a small one would wait for its own additions. */
      const int32_t tiles = (whole + most_pixels - 1) / most_pixels;
      n = (whole + tiles - 1) / tiles;
      taps.kx0 = 0;
      taps.kx1 = args->kernel_w;
    } else {
      n = 1;
      clip_taps(left, args->dilation_w, args->kernel_w, args->in_width, &taps.kx0, &taps.kx1);
    }
    conv_tile_of(args, n, most_pixels, blocks, corner, step, taps, inputs, weights, block_size, start,
                 values + p * STRIP_CHANNELS);
  }
}

static void conv_strip(const dybnn_conv2d_args *args, int32_t y, int32_t x, int32_t pixels, int32_t c, int32_t count,
                       float *values) {
  const int32_t inputs = args->in_channels / args->conv_groups;
  const int32_t outputs = args->tail.channels / args->conv_groups;
  const int32_t last = (c + count + BLOCK - 1) / BLOCK;
  int32_t block = c / BLOCK;
  while (block < last) {
    const int32_t first = block * BLOCK / outputs * inputs;
    float *to = values + block * BLOCK - c;
    if (last - block >= V_CONV_BLOCKS && (block + V_CONV_BLOCKS - 1) * BLOCK / outputs * inputs == first) {
      conv_blocks(args, V_CONV_BLOCKS, V_CONV_PIXELS, y, x, pixels, block, first, to);
      block += V_CONV_BLOCKS;
    } else {
      conv_blocks(args, 1, V_CONV_PIXELS_ONE_BLOCK, y, x, pixels, block, first, to);
      block += 1;
    }
  }
}

static void conv2d_rows(const dybnn_conv2d_args *args, int32_t begin, int32_t end) {
  const dybnn_tail *tail = &args->tail;
  const int depthwise = args->conv_groups == args->in_channels && tail->channels == args->in_channels && args->conv_groups > 1;
  /* Groups whose outputs do not fill blocks have lanes that read different inputs: rare, left to the portable kernel. */
  if (!depthwise && args->conv_groups > 1 && tail->channels / args->conv_groups % BLOCK != 0) {
    dybnn_conv2d_scalar(args, begin, end);
    return;
  }
  {
    float values[V_CONV_STRIP * STRIP_CHANNELS];
    int32_t y, x, c, p;
    for (y = begin; y < end; y++) {
      dybnn_tail_border(tail, y, 0, tail->channels);
      for (c = 0; c < tail->channels; c += STRIP_CHANNELS) {
        const int32_t count = dybnn_min(tail->channels - c, STRIP_CHANNELS);
        for (x = 0; x < tail->width; x += V_CONV_STRIP) {
          const int32_t pixels = dybnn_min(tail->width - x, V_CONV_STRIP);
          if (depthwise)
            conv_depthwise_strip(args, y, x, pixels, c, count, values);
          else
            conv_strip(args, y, x, pixels, c, count, values);
          for (p = 0; p < pixels; p += STRIP_PIXELS)
            tail_strip(tail, y, x + p, dybnn_min(pixels - p, STRIP_PIXELS), c, count, values + p * STRIP_CHANNELS, STRIP_CHANNELS);
        }
      }
    }
  }
}

/* Dense layers: several blocks of outputs at a time, one accumulator each. The weights are read once and stream from memory,
 * which is the bound. */
DYBNN_INLINE void dense_blocks(const dybnn_dense_args *args, const int32_t blocks, int32_t block) {
  const ptrdiff_t block_size = (ptrdiff_t)args->inputs * BLOCK;
  const float *w = args->weights + block * block_size;
  v_float acc[V_DENSE_BLOCKS * BLOCK_VECTORS];
  int32_t i, b;
  DYBNN_UNROLL
  for (b = 0; b < blocks * BLOCK_VECTORS; b++) acc[b] = v_load(args->acc + block * BLOCK + b * V_LANES);
  for (i = 0; i < args->inputs; i++, w += BLOCK) {
    const v_float x = v_all(args->input[i]);
    DYBNN_UNROLL
    for (b = 0; b < blocks * BLOCK_VECTORS; b++)
      acc[b] = v_add(acc[b], v_mul(x, v_load(w + (b / BLOCK_VECTORS) * block_size + (b % BLOCK_VECTORS) * V_LANES)));
  }
  DYBNN_UNROLL
  for (b = 0; b < blocks * BLOCK_VECTORS; b++) {
    const int32_t o = block * BLOCK + b * V_LANES;
    const int32_t lanes = dybnn_min(args->outputs - o, V_LANES);
    const v_float v = v_apply(args->function, args->alpha, args->beta, acc[b]);
    if (lanes == V_LANES)
      v_store(args->output + o, v);
    else if (lanes > 0)
      v_store_first(args->output + o, lanes, v);
  }
}

/* As many blocks at once as there are: a block alone would wait for its own additions. */
static void dense_range(const dybnn_dense_args *args, int32_t begin, int32_t end) {
  while (begin < end) {
    const int32_t left = end - begin;
    if (left >= V_DENSE_BLOCKS) {
      dense_blocks(args, V_DENSE_BLOCKS, begin);
      begin += V_DENSE_BLOCKS;
    } else if (left >= 4) {
      dense_blocks(args, 4, begin);
      begin += 4;
    } else if (left >= 2) {
      dense_blocks(args, 2, begin);
      begin += 2;
    } else {
      dense_blocks(args, 1, begin);
      begin += 1;
    }
  }
}

#endif
