/* reference.c - see reference.h. Every operation is a call, so that no compiler can contract, reorder or vectorize it. */
#include "reference.h"

#include <math.h>
#include <string.h>

/* fl(e) of the contract: through memory. */
static float fl(float x) {
  volatile float rounded = x;
  return rounded;
}
static float add(float a, float b) { return fl(a + b); }
static float subtract(float a, float b) { return fl(a - b); }
static float multiply(float a, float b) { return fl(a * b); }

int32_t output_height(const window *w) {
  return (w->in_height + w->pad_top + w->pad_bottom - w->dilation_h * (w->kernel_h - 1) - 1) / w->stride_h + 1;
}

int32_t output_width(const window *w) {
  return (w->in_width + w->pad_left + w->pad_right - w->dilation_w * (w->kernel_w - 1) - 1) / w->stride_w + 1;
}

/* Index of the input pixel under tap (ky, kx) of the window at (y, x), or -1 where there is none. */
static ptrdiff_t tap_pixel(const window *w, int32_t y, int32_t x, int32_t ky, int32_t kx) {
  const int32_t iy = y * w->stride_h - w->pad_top + ky * w->dilation_h;
  const int32_t ix = x * w->stride_w - w->pad_left + kx * w->dilation_w;
  if (iy < 0 || iy >= w->in_height || ix < 0 || ix >= w->in_width) return -1;
  return (ptrdiff_t)iy * w->in_width + ix;
}

/* [4.1] */
void reference_bconv2d(const window *w, const int8_t *input, const int8_t *weights, int32_t *dots) {
  const int32_t height = output_height(w), width = output_width(w);
  int32_t y, x, o, ky, kx, i;
  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      for (o = 0; o < w->channels; o++) {
        int32_t dot = 0;
        for (ky = 0; ky < w->kernel_h; ky++)
          for (kx = 0; kx < w->kernel_w; kx++) {
            const ptrdiff_t pixel = tap_pixel(w, y, x, ky, kx);
            if (pixel < 0) continue;
            for (i = 0; i < w->in_channels; i++)
              dot += input[pixel * w->in_channels + i] *
                     weights[(((ptrdiff_t)o * w->kernel_h + ky) * w->kernel_w + kx) * w->in_channels + i];
          }
        dots[((ptrdiff_t)y * width + x) * w->channels + o] = dot;
      }
}

/* [7.1] */
void reference_conv2d(const window *w, int32_t groups, const float *input, const float *weights, const float *bias,
                      float *values) {
  const int32_t height = output_height(w), width = output_width(w);
  const int32_t inputs = w->in_channels / groups, outputs = w->channels / groups;
  int32_t y, x, o, ky, kx, i;
  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      for (o = 0; o < w->channels; o++) {
        float acc = bias[o];
        for (ky = 0; ky < w->kernel_h; ky++)
          for (kx = 0; kx < w->kernel_w; kx++) {
            const ptrdiff_t pixel = tap_pixel(w, y, x, ky, kx);
            if (pixel < 0) continue;
            for (i = 0; i < inputs; i++)
              acc = add(acc, multiply(input[pixel * w->in_channels + o / outputs * inputs + i],
                                      weights[(((ptrdiff_t)o * w->kernel_h + ky) * w->kernel_w + kx) * inputs + i]));
          }
        values[((ptrdiff_t)y * width + x) * w->channels + o] = acc;
      }
}

/* [6.1] [6.2] [6.3] */
void reference_pool(const window *w, int32_t is_max, int32_t exclude_pad, const float *input, float *values) {
  const int32_t height = output_height(w), width = output_width(w);
  int32_t y, x, c, ky, kx;
  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      for (c = 0; c < w->channels; c++) {
        float sum = 0.0f, max = 0.0f;
        int32_t count = 0;
        for (ky = 0; ky < w->kernel_h; ky++) {
          float row = 0.0f;
          for (kx = 0; kx < w->kernel_w; kx++) {
            const ptrdiff_t pixel = tap_pixel(w, y, x, ky, kx);
            float v;
            if (pixel < 0) continue;
            v = input[pixel * w->channels + c];
            if (count == 0 || v > max) max = v;
            row = add(row, v);
            count++;
          }
          sum = add(sum, row);
        }
        if (!exclude_pad) count = w->kernel_h * w->kernel_w;
        values[((ptrdiff_t)y * width + x) * w->channels + c] = is_max ? max : multiply(sum, (float)(1.0 / count));
      }
}

static float clip(float x, float lo, float hi) {
  if (x < lo) return lo;
  if (x > hi) return hi;
  return x;
}

/* [9.3] */
float reference_exponential(float x) {
  static const float coefficients[6] = {1.98756915e-4f,   1.3981999507e-3f, 8.3334519073e-3f,
                                        4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f};
  const float t = clip(x, -87.0f, 88.0f);
  const float k = (float)floor((double)add(multiply(t, (float)1.44269504088896341), 0.5f));
  const float r = subtract(subtract(t, multiply(k, 0.693359375f)), multiply(k, -2.1219444e-4f));
  float p = coefficients[0];
  int i;
  for (i = 1; i < 6; i++) p = add(multiply(p, r), coefficients[i]);
  p = add(multiply(p, multiply(r, r)), r);
  return (float)ldexp((double)add(p, 1.0f), (int)k);
}

static float sigmoid(float x) { return fl(1.0f / add(1.0f, reference_exponential(-x))); }

float reference_function(dybnn_function function, float alpha, float beta, float x) {
  switch (function) {
    case DYBNN_NONE: return x;
    case DYBNN_RELU: return x > 0.0f ? x : 0.0f;
    case DYBNN_CLIP: return clip(x, alpha, beta);
    case DYBNN_HARD_SIGMOID: return clip(add(multiply(alpha, x), beta), 0.0f, 1.0f);
    case DYBNN_HARD_SWISH: return multiply(x, clip(add(multiply((float)(1.0 / 6.0), x), 0.5f), 0.0f, 1.0f));
    case DYBNN_SIGMOID: return sigmoid(x);
    case DYBNN_SWISH: return multiply(x, sigmoid(x));
    case DYBNN_NEGATE: return -x;
  }
  return x;
}

static float shortcut(const dybnn_tail *t, int32_t y, int32_t x, int32_t c) {
  const int32_t n = t->shortcut_channels;
  float sum = 0.0f;
  int32_t dy, dx;
  if (t->shortcut_pool == 1) return t->shortcut[((ptrdiff_t)y * t->width + x) * n + c % n];
  for (dy = 0; dy < 2; dy++) {
    float row = 0.0f;
    for (dx = 0; dx < 2; dx++)
      row = add(row, t->shortcut[((ptrdiff_t)(2 * y + dy) * t->shortcut_width + 2 * x + dx) * n + c % n]);
    sum = add(sum, row);
  }
  return multiply(sum, 0.25f);
}

static void clear_bits(uint64_t *bits, ptrdiff_t rows, ptrdiff_t pitch) {
  memset(bits, 0, (size_t)(rows * pitch) * sizeof(uint64_t));
}

/* Channel c of a pixel. */
static void set_bit(uint64_t *pixel, int32_t c) { pixel[c / 64] |= UINT64_C(1) << (c % 64); }

void reference_tail(const dybnn_tail *t, const float *values) {
  const int32_t words = (t->channels + 63) / 64;
  int32_t y, x, c;
  if (t->bits) clear_bits(t->bits, t->border_top + t->height + t->border_bottom, t->bits_pitch);
  if (t->row_sums)
    for (c = 0; c < t->height * t->channels; c++) t->row_sums[c] = 0.0f;
  for (y = 0; y < t->height; y++)
    for (x = 0; x < t->width; x++)
      for (c = 0; c < t->channels; c++) {
        const ptrdiff_t at = ((ptrdiff_t)y * t->width + x) * t->channels + c;
        float v = values[at];
        if (t->scale) v = multiply(v, t->scale[c]);
        if (t->bias) v = add(v, t->bias[c]);
        if (t->shortcut) v = add(v, shortcut(t, y, x, c));
        if (t->prelu_slope) {
          const float gamma = t->prelu_gamma ? t->prelu_gamma[c] : 0.0f;
          const int above = t->prelu_ge ? v >= gamma : v > gamma;
          if (t->prelu_gamma) v = subtract(v, gamma);
          if (!above) v = multiply(v, t->prelu_slope[c]);
          if (t->prelu_zeta) v = add(v, t->prelu_zeta[c]);
        }
        if (t->out) t->out[at] = v;
        if (t->row_sums) t->row_sums[(ptrdiff_t)y * t->channels + c] = add(t->row_sums[(ptrdiff_t)y * t->channels + c], v);
        if (t->bits && (t->threshold_gt ? v > t->threshold[c] : v >= t->threshold[c]))
          set_bit(t->bits + (ptrdiff_t)(y + t->border_top) * t->bits_pitch + (ptrdiff_t)(x + t->border_left) * words, c);
      }
}

/* ---- fixed16 ---- */

static int64_t floor_divide(int64_t v, int64_t by) {
  const int64_t toward_zero = v / by;
  return v % by < 0 ? toward_zero - 1 : toward_zero;
}

/* [11.2] */
int64_t reference_rnd(int64_t v, int32_t shift) {
  if (shift == 0) return v;
  return floor_divide(v + ((int64_t)1 << (shift - 1)), (int64_t)1 << shift);
}

int16_t reference_sat(int64_t v) {
  if (v < -32768) return -32768;
  if (v > 32767) return 32767;
  return (int16_t)v;
}

/* [14.1] */
void reference_int8_conv2d(const window *w, int32_t groups, const int16_t *input, const int8_t *weights, int32_t *sums) {
  const int32_t height = output_height(w), width = output_width(w);
  const int32_t inputs = w->in_channels / groups, outputs = w->channels / groups;
  int32_t y, x, o, ky, kx, i;
  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      for (o = 0; o < w->channels; o++) {
        int32_t sum = 0;
        for (ky = 0; ky < w->kernel_h; ky++)
          for (kx = 0; kx < w->kernel_w; kx++) {
            const ptrdiff_t pixel = tap_pixel(w, y, x, ky, kx);
            if (pixel < 0) continue;
            for (i = 0; i < inputs; i++)
              sum += input[pixel * w->in_channels + o / outputs * inputs + i] *
                     weights[(((ptrdiff_t)o * w->kernel_h + ky) * w->kernel_w + kx) * inputs + i];
          }
        sums[((ptrdiff_t)y * width + x) * w->channels + o] = sum;
      }
}

/* [13.2] [13.3] */
void reference_fixed_pool(const window *w, int32_t is_max, int32_t exclude_pad, const int16_t *input, int32_t *values) {
  const int32_t height = output_height(w), width = output_width(w);
  int32_t y, x, c, ky, kx;
  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      for (c = 0; c < w->channels; c++) {
        int64_t sum = 0, multiplier;
        int32_t max = -32768, count = 0, shift = 16;
        for (ky = 0; ky < w->kernel_h; ky++)
          for (kx = 0; kx < w->kernel_w; kx++) {
            const ptrdiff_t pixel = tap_pixel(w, y, x, ky, kx);
            int32_t v;
            if (pixel < 0) continue;
            v = input[pixel * w->channels + c];
            if (v > max) max = v;
            sum += v;
            count++;
          }
        if (!exclude_pad) count = w->kernel_h * w->kernel_w;
        while (count > 1 << (shift - 16)) shift++;
        multiplier = (int64_t)floor(ldexp(1.0, shift) / count + 0.5);
        values[((ptrdiff_t)y * width + x) * w->channels + c] =
            is_max ? max : reference_sat(reference_rnd(sum * multiplier, shift));
      }
}

/* [11.3]: binary64 holds x * 2^fraction and its half more exactly, or they are far beyond what is saturated. */
int16_t reference_quantize(float x, int32_t fraction) {
  const double scaled = ldexp((double)x, fraction), below = floor(scaled);
  const double rounded = scaled - below >= 0.5 ? below + 1.0 : below;
  return rounded < -32768.0 ? INT16_MIN : (rounded > 32767.0 ? INT16_MAX : (int16_t)rounded);
}

/* [12.3] */
static int64_t fixed_shortcut(const dybnn_fixed_tail *t, int32_t y, int32_t x, int32_t c) {
  const int32_t n = t->shortcut_channels;
  int64_t sum = 0;
  int32_t dy, dx;
  for (dy = 0; dy < t->shortcut_pool; dy++)
    for (dx = 0; dx < t->shortcut_pool; dx++)
      sum += t->shortcut[((ptrdiff_t)(t->shortcut_pool * y + dy) * t->shortcut_width + t->shortcut_pool * x + dx) * n + c % n];
  return reference_rnd(sum, t->shortcut_shift + (t->shortcut_pool == 2 ? 2 : 0));
}

void reference_fixed_tail(const dybnn_fixed_tail *t, const int32_t *values) {
  const int32_t words = (t->channels + 63) / 64;
  int32_t y, x, c;
  if (t->bits) clear_bits(t->bits, t->border_top + t->height + t->border_bottom, t->bits_pitch);
  if (t->row_sums)
    for (c = 0; c < t->height * t->channels; c++) t->row_sums[c] = 0;
  for (y = 0; y < t->height; y++)
    for (x = 0; x < t->width; x++)
      for (c = 0; c < t->channels; c++) {
        const ptrdiff_t at = ((ptrdiff_t)y * t->width + x) * t->channels + c;
        int64_t v = reference_sat(reference_rnd(values[at], t->entry_shift));
        if (t->scale) v = reference_sat(reference_rnd(v * t->scale[c] + t->offset[c], t->scale_shift));
        if (t->bias) v = reference_sat(v + t->bias[c]);
        if (t->shortcut) v = reference_sat(v + fixed_shortcut(t, y, x, c));
        if (t->prelu_slope) {
          const int64_t gamma = t->prelu_gamma ? t->prelu_gamma[c] : 0, zeta = t->prelu_zeta ? t->prelu_zeta[c] : 0;
          const int above = t->prelu_ge ? v >= gamma : v > gamma;
          v = reference_sat(v - gamma);
          if (!above) v = reference_sat(reference_rnd(v * t->prelu_slope[c], t->slope_shift));
          v = reference_sat(v + zeta);
        }
        if (t->out) t->out[at] = (int16_t)v;
        if (t->row_sums) t->row_sums[(ptrdiff_t)y * t->channels + c] += (int32_t)v;
        if (t->bits && (t->threshold_gt ? v > t->threshold[c] : v >= t->threshold[c]))
          set_bit(t->bits + (ptrdiff_t)(y + t->border_top) * t->bits_pitch + (ptrdiff_t)(x + t->border_left) * words, c);
      }
}
