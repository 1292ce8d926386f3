// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are pieces of source
/**
 * Planted bugs. Each is a change to one file, an order of things that a tired person could get wrong; each must be noticed.
 *
 * C mutants are changes to hw/cpu; they are linked with the contract's vectors. TypeScript mutants change src or templates in a
 * copy of the package; `by` says who is expected to notice: 'reference' (vectors and random networks against the reference),
 * 'integers' (those of them that have int16 maps), 'onnx' (verify against ONNX Runtime on exported models), or a pattern of vectors to replay in C.
 *
 * To add one: a line. A text that is no longer in its file is an error, not a pass.
 */

export interface Edit {
  readonly find: string;
  readonly put: string;
}

export interface CMutant {
  readonly name: string;
  readonly clause: string;
  /** Below hw/cpu. */
  readonly file: string;
  readonly edits: readonly Edit[];
  /** Sets of kernels of which the processor must have one for the change to be run at all. */
  readonly needs?: readonly string[];
  /** Part of every `npm test`. */
  readonly quick?: true;
}

export interface TypeScriptMutant {
  readonly name: string;
  readonly clause: string;
  /** Below the package's root. */
  readonly file: string;
  readonly edits: readonly Edit[];
  readonly by: 'reference' | 'integers' | 'onnx' | RegExp;
  readonly quick?: true;
}

const c = (
  clause: string,
  name: string,
  file: string,
  edits: readonly (readonly [find: string, put: string])[],
  more: Partial<Pick<CMutant, 'needs' | 'quick'>> = {},
): CMutant => ({ clause, name, file, edits: edits.map(([find, put]) => ({ find, put })), ...more });

const AVX512 = { needs: ['avx512', 'avx512bw'] } as const;
const SIMD = { needs: ['avx512', 'avx512bw', 'avx2', 'neon'] } as const;
const QUICK = { quick: true } as const;

export const C_MUTANTS: readonly CMutant[] = [
  // dybnn_tail.h: every value of every map, portable form.
  c('4.4', 'scale added instead of multiplied', 'dybnn_tail.h', [
    ['values[i] * tail->scale[c + i]', 'values[i] + tail->scale[c + i]'],
  ]),
  c('4.4', 'bias subtracted', 'dybnn_tail.h', [['values[i] + tail->bias[c + i]', 'values[i] - tail->bias[c + i]']]),
  c(
    '5.1',
    'shortcut does not wrap',
    'dybnn_tail.h',
    [['x) * channels + c % channels]', 'x) * channels + dybnn_min(c, (int32_t)channels - 1)]']],
    QUICK,
  ),
  c('5.1', 'shortcut of the pixel before', 'dybnn_tail.h', [
    [
      'tail->shortcut[((ptrdiff_t)y * tail->width + x) * channels',
      'tail->shortcut[((ptrdiff_t)y * tail->width + dybnn_max(x - 1, 0)) * channels',
    ],
  ]),
  c('6.1', 'pooled shortcut loses its zeros', 'dybnn_tail.h', [
    ['(0.0f + z[0]) + z[channels]', 'z[0] + z[channels]'],
    ['(0.0f + z[row]) + z[row + channels]', 'z[row] + z[row + channels]'],
    ['(0.0f + top) + bottom', 'top + bottom'],
  ]),
  c('6.1', 'pooled shortcut adds columns first', 'dybnn_tail.h', [
    ['(0.0f + z[0]) + z[channels]', '(0.0f + z[0]) + z[row]'],
    ['(0.0f + z[row]) + z[row + channels]', '(0.0f + z[channels]) + z[row + channels]'],
  ]),
  c('6.2', 'pooled shortcut halved', 'dybnn_tail.h', [['sum * 0.25f', 'sum * 0.5f']]),
  c(
    '5.2',
    'PReLU sides swapped',
    'dybnn_tail.h',
    [['above ? d : tail->prelu_slope[c + i] * d', 'above ? tail->prelu_slope[c + i] * d : d']],
    QUICK,
  ),
  c('5.2', 'PReLU ge and gt swapped', 'dybnn_tail.h', [
    ['tail->prelu_ge ? v >= gamma : v > gamma', 'tail->prelu_ge ? v > gamma : v >= gamma'],
  ]),
  c('5.2', 'PReLU bends at 0', 'dybnn_tail.h', [
    ['tail->prelu_ge ? v >= gamma : v > gamma', 'tail->prelu_ge ? v >= 0.0f : v > 0.0f'],
  ]),
  c('5.2', 'zeta added before the bend', 'dybnn_tail.h', [
    [
      'const float d = tail->prelu_gamma ? v - gamma : v;',
      'const float d = (tail->prelu_gamma ? v - gamma : v) + (tail->prelu_zeta ? tail->prelu_zeta[c + i] : 0.0f);',
    ],
    ['tail->prelu_zeta ? bent + tail->prelu_zeta[c + i] : bent', 'bent'],
  ]),
  c('5.2', 'an absent gamma is subtracted as -0', 'dybnn_tail.h', [
    ['tail->prelu_gamma ? v - gamma : v;', 'tail->prelu_gamma ? v - gamma : v - -0.0f;'],
  ]),
  c('6.1', 'row sums start from the first value', 'dybnn_tail.h', [
    ['(x == 0 ? 0.0f : sums[i]) + values[i]', 'x == 0 ? values[i] : sums[i] + values[i]'],
  ]),
  c('6.1', 'row sums miss the first pixel', 'dybnn_tail.h', [
    ['(x == 0 ? 0.0f : sums[i]) + values[i]', '(x == 0 ? 0.0f : sums[i] + values[i])'],
  ]),
  c(
    '3.1',
    'sign ge and gt swapped',
    'dybnn_tail.h',
    [['values[i] > threshold : values[i] >= threshold', 'values[i] >= threshold : values[i] > threshold']],
    QUICK,
  ),
  c('2.2', 'packing order reversed', 'dybnn_tail.h', [['(uint64_t)plus << i', '(uint64_t)plus << (63 - i)']], QUICK),
  c('2.2', 'bits past the last channel are 1', 'dybnn_tail.h', [
    ['uint64_t word = 0;', 'uint64_t word = count < 64 ? ~UINT64_C(0) << count : 0;'],
  ]),
  c('4.2', 'top border left as it was', 'dybnn_packed_map.h', [['if (y == 0)', 'if (y < 0)']]),
  c(
    '4.2',
    'last row of the bottom border left as it was',
    'dybnn_packed_map.h',
    [['b <= map->border_bottom', 'b < map->border_bottom']],
    QUICK,
  ),
  c('4.2', 'right border left as it was', 'dybnn_packed_map.h', [
    ['words, map->border_right, first, last', 'words, 0, first, last'],
  ]),

  // Binary convolution.
  c(
    '4.1',
    'one tap short',
    'dybnn_bconv2d_plain.h',
    [['for (kx = 0; kx < args->kernel_w; kx++)', 'for (kx = 0; kx < args->kernel_w - 1; kx++)']],
    QUICK,
  ),
  c('4.2', 'mismatches counted once', 'dybnn_bconv2d_plain.h', [
    ['base[c + b + j] - 2 * mismatches[j]', 'base[c + b + j] - mismatches[j]'],
  ]),
  c('4.2', 'border class of rows forgotten', 'dybnn_bconv2d_plain.h', [
    ['args->row_class[y] * args->col_classes + args->col_class[x]', 'args->col_class[x]'],
  ]),
  c('4.2', 'border classes transposed', 'dybnn_bconv2d_plain.h', [
    [
      'args->row_class[y] * args->col_classes + args->col_class[x]',
      'args->row_class[y] + args->col_class[x] * args->col_classes',
    ],
  ]),
  c('4.1', 'stride ignored along x', 'dybnn_bconv2d_plain.h', [['(x * args->stride_w)', '(x)']]),
  c('4.1', 'dilation ignored along x', 'dybnn_bconv2d_plain.h', [['(kx * args->dilation_w)', '(kx)']]),
  c('4.1', 'dilation ignored along y', 'dybnn_bconv2d_plain.h', [['(ky * args->dilation_h)', '(ky)']]),
  c('4.1', 'the next word of activations', 'dybnn_bconv2d_plain.h', [
    ['const uint64_t a = tap[k];', 'const uint64_t a = tap[k == 0 ? 0 : k - 1];'],
  ]),
  c('4.3', 'byte counters emptied too late', 'dybnn_bconv2d_plain.h', [['++pending == 31', '++pending == 63']]),
  c('4.1', 'groups of channels start at 0', 'dybnn_bconv2d_plain.h', [
    ['unit / tail->height * args->group_channels', 'unit / tail->height * 0'],
  ]),
  c('4.2', 'popcount drops pairs', 'dybnn_popcount.h', [
    ['(word & twos) + ((word >> 2) & twos)', '(word & twos) + ((word >> 2) & ones)'],
  ]),
  c('4.2', 'sum of bytes keeps eight bits', 'dybnn_popcount.h', [
    ['* UINT64_C(0x0001000100010001)) >> 48)', '* UINT64_C(0x0001000100010001)) >> 48 & 255)'],
  ]),
  c(
    '4.2',
    'AVX2: byte counters emptied too late',
    'dybnn_bconv2d_avx2.h',
    [['#define B_FLUSH_WORDS 31', '#define B_FLUSH_WORDS 63']],
    { needs: ['avx2'] },
  ),
  c(
    '4.2',
    'AVX2: a wrong nibble in the table',
    'dybnn_bconv2d_avx2.h',
    [['_mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1,', '_mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 2,']],
    { needs: ['avx2'] },
  ),
  c(
    '4.2',
    'AVX2: outputs in the order of lanes',
    'dybnn_bconv2d_avx2.h',
    [['_mm256_castps_si256(halves), 0xd8)', '_mm256_castps_si256(halves), 0xe4)']],
    { needs: ['avx2'] },
  ),
  c(
    '4.2',
    'AVX-512: a wrong nibble in the table',
    'dybnn_bconv2d_avx512.h',
    [['0x04030302, 0x03020201', '0x04030302, 0x03020101']],
    { needs: ['avx512bw'] },
  ),
  c(
    '4.2',
    'AVX-512: mismatches counted once',
    'dybnn_bconv2d_avx512_store.h',
    [['_mm512_sub_epi32(n, _mm512_add_epi32(m, m))', '_mm512_sub_epi32(n, m)']],
    AVX512,
  ),
  c(
    '4.1',
    'SIMD: the first word of a tap again',
    'dybnn_bconv2d_simd.h',
    [['b_broadcast(a + p * step)', 'b_broadcast(a + (p > 0 ? (p - 1) * step : 0))']],
    SIMD,
  ),
  c(
    '4.2',
    'SIMD: border class of rows forgotten',
    'dybnn_bconv2d_simd.h',
    [['args->base + args->row_class[y] * args->col_classes * base_channels + c', 'args->base + c']],
    SIMD,
  ),
  c(
    '4.1',
    'SIMD: touching taps though dilated',
    'dybnn_bconv2d_simd.h',
    [['const int touching = args->dilation_w == 1;', 'const int touching = 1;']],
    SIMD,
  ),

  // Float convolution and dense layers.
  c(
    '7.1',
    'taps from bottom to top',
    'dybnn_conv2d_scalar.c',
    [
      [
        'const int32_t iy = top + ky * args->dilation_h;',
        'const int32_t iy = top + (args->kernel_h - 1 - ky) * args->dilation_h;',
      ],
      ['(ky * args->kernel_w + kx) * inputs * 16', '((args->kernel_h - 1 - ky) * args->kernel_w + kx) * inputs * 16'],
    ],
    QUICK,
  ),
  c('1.1', 'products not rounded: a fused multiply-add', 'dybnn_conv2d_scalar.c', [
    ['acc[j] = acc[j] + value * w[j]', 'acc[j] = (float)((double)acc[j] + (double)value * (double)w[j])'],
  ]),
  c('7.1', 'accumulators start at 0', 'dybnn_conv2d_scalar.c', [
    ['values[b + j] = args->acc[c + b + j]', 'values[b + j] = 0.0f'],
  ]),
  c('7.1', 'left pad ignored', 'dybnn_conv2d_scalar.c', [
    ['x * args->stride_w - args->pad_left', 'x * args->stride_w'],
  ]),
  c('7.1', 'padding wraps to the row before', 'dybnn_conv2d_scalar.c', [
    [
      'if (ix < 0 || ix >= args->in_width) continue;',
      'if (ix < 0 && iy == 0) continue; if (iy == args->in_height - 1 && ix >= args->in_width) continue;',
    ],
  ]),
  c('7.1', 'every group reads the first inputs', 'dybnn_conv2d_scalar.c', [
    ['tail->channels - 1) / outputs * inputs', 'tail->channels - 1) / tail->channels * inputs'],
  ]),
  c('7.1', 'a dense layer one input short', 'dybnn_dense_scalar.c', [
    ['i < args->inputs; i++', 'i + 1 < args->inputs; i++'],
  ]),
  c('7.1', 'dense: a fused multiply-add', 'dybnn_dense_scalar.c', [
    ['acc[j] = acc[j] + value * weights[j]', 'acc[j] = (float)((double)acc[j] + (double)value * (double)weights[j])'],
  ]),
  c(
    '7.1',
    'SIMD: the last column is outside',
    'dybnn_conv2d_simd.h',
    [['first + (b - 1) * dilation >= size', 'first + (b - 1) * dilation >= size - 1']],
    SIMD,
  ),
  c(
    '7.1',
    'SIMD: a window too many is inside',
    'dybnn_conv2d_simd.h',
    [['(args->in_width - 1 - reach - left + args->stride_w)', '(args->in_width - reach - left + args->stride_w)']],
    SIMD,
  ),

  // Pools.
  c('6.3', 'smallest instead of largest', 'dybnn_pool_scalar.c', [
    ['pixel[i] > values[i] ? pixel[i] : values[i]', 'pixel[i] < values[i] ? pixel[i] : values[i]'],
  ]),
  c('6.3', 'the later of two equal zeros', 'dybnn_pool_scalar.c', [
    ['pixel[i] > values[i] ? pixel[i] : values[i]', 'pixel[i] >= values[i] ? pixel[i] : values[i]'],
  ]),
  c('6.3', 'padding of 0 wins', 'dybnn_pool_scalar.c', [
    ['values[i] = first[i]', 'values[i] = first[i] > 0.0f ? first[i] : 0.0f'],
  ]),
  c('6.2', 'count with padding', 'dybnn_pool_scalar.c', [
    ['args->reciprocal[(w.y1 - w.y0) * (w.x1 - w.x0)]', 'args->multiplier'],
  ]),
  c('6.1', 'a window added without row sums', 'dybnn_pool_scalar.c', [
    ['row[i] = row[i] + pixel[i]', 'values[i] = values[i] + pixel[i]'],
    ['values[i] = values[i] + row[i]', 'values[i] = values[i] + 0.0f * row[i]'],
  ]),
  c('6.1', 'global average from bottom to top', 'dybnn_pool_scalar.c', [
    [
      'args->row_sums[(ptrdiff_t)y * args->channels + c]',
      'args->row_sums[(ptrdiff_t)(args->rows - 1 - y) * args->channels + c]',
    ],
  ]),
  c('6.2', 'division instead of the rounded reciprocal', 'dybnn_pool_scalar.c', [
    ['sum * args->multiplier', '(float)((double)sum / (double)(int)(1.0f / args->multiplier + 0.5f))'],
  ]),
  c(
    '6.1',
    'SIMD: row sums start anew at each strip',
    'dybnn_tail_simd.h',
    [['if (sums && x > 0)', 'if (sums && x < 0)']],
    SIMD,
  ),

  // Functions.
  c('9.1', 'clip makes -0 its bound', 'dybnn_functions.h', [['return x < lo ? lo :', 'return x <= lo ? lo :']]),
  c('9.2', 'hard sigmoid scales last', 'dybnn_functions.h', [
    ['float scaled = alpha * x;', 'float scaled = x;'],
    ['scaled = scaled + beta;', 'scaled = alpha * (scaled + beta / alpha);'],
  ]),
  c('9.3', 'exp rounds toward zero', 'dybnn_functions.h', [['if ((float)k > shifted) k = k - 1;', '']]),
  c('9.3', 'exp: a coefficient off in the fourth digit', 'dybnn_functions.h', [
    ['#define DYBNN_EXP_3 8.3334519073e-3f', '#define DYBNN_EXP_3 8.334e-3f'],
  ]),
  c('9.3', 'exp: ln 2 in one part', 'dybnn_functions.h', [
    ['#define DYBNN_LN2_HIGH 0.693359375f', '#define DYBNN_LN2_HIGH 0.69314718f'],
    ['#define DYBNN_LN2_LOW (-2.1219444e-4f)', '#define DYBNN_LN2_LOW 0.0f'],
  ]),
  c('9.3', 'exp clips at -86', 'dybnn_functions.h', [['dybnn_clip(x, -87.0f, 88.0f)', 'dybnn_clip(x, -86.0f, 88.0f)']]),
  c('9.4', 'sigmoid by the other formula', 'dybnn_functions.h', [
    ['return 1.0f / (1.0f + dybnn_exp(-x));', 'return dybnn_exp(x) / (1.0f + dybnn_exp(x));'],
  ]),
  c('9.4', 'swish of -x', 'dybnn_functions.h', [
    ['case DYBNN_SWISH: return x * dybnn_sigmoid(x);', 'case DYBNN_SWISH: return x * dybnn_sigmoid(-x);'],
  ]),
  c('8.1', 'negation by subtraction from 0', 'dybnn_functions.h', [
    ['case DYBNN_NEGATE: return -x;', 'case DYBNN_NEGATE: return 0.0f - x;'],
  ]),
  c(
    '9.2',
    'SIMD: hard swish with the constants of hard sigmoid',
    'dybnn_functions_simd.h',
    [
      [
        'v_hard_sigmoid(x, DYBNN_HARD_SWISH_ALPHA, DYBNN_HARD_SWISH_BETA)',
        'v_hard_sigmoid(x, 0.2f, DYBNN_HARD_SWISH_BETA)',
      ],
    ],
    SIMD,
  ),
  c('9.5', 'softmax without the maximum', 'dybnn_softmax_scalar.c', [
    ['dybnn_exp(args->input[i] - maximum)', 'dybnn_exp(args->input[i] - 0.0f * maximum)'],
  ]),
  c('9.5', 'softmax by a reciprocal', 'dybnn_softmax_scalar.c', [
    ['args->output[i] / sum', 'args->output[i] * (1.0f / sum)'],
  ]),

  // Layouts.
  c('2.1', 'concatenation ignores its offset', 'dybnn_layout_scalar.c', [
    ['args->output_channels + args->offset', 'args->output_channels'],
  ]),
  c('2.1', 'height and width of the input swapped', 'dybnn_layout_scalar.c', [
    [
      'args->input + ((ptrdiff_t)c * args->height + y) * args->width',
      'args->input + ((ptrdiff_t)c * args->width + y) * args->height',
    ],
  ]),
  c('2.2', 'unpacked from the other end', 'dybnn_unpack.c', [['>> (c % 64)', '>> (63 - c % 64)']]),
  c('2.2', 'unpacked to 0 and 1', 'dybnn_unpack.c', [['? 1.0f : -1.0f', '? 1.0f : 0.0f']]),

  // SIMD tail.
  c(
    '6.1',
    'SIMD: pooled shortcut loses its zero',
    'dybnn_tail_simd.h',
    [['v_add(v_add(v_add(a, b), v_add(c, d)), v_all(0.0f))', 'v_add(v_add(a, b), v_add(c, d))']],
    SIMD,
  ),
  c(
    '5.2',
    'SIMD: PReLU ge and gt swapped',
    'dybnn_tail_simd.h',
    [['tail->prelu_ge ? gamma : v_next_above(gamma)', 'tail->prelu_ge ? v_next_above(gamma) : gamma']],
    SIMD,
  ),
  c(
    '3.1',
    'SIMD: sign ge and gt swapped',
    'dybnn_tail_simd.h',
    [['if (tail->threshold_gt) threshold', 'if (!tail->threshold_gt) threshold']],
    { ...SIMD, ...QUICK },
  ),
  c(
    '4.4',
    'SIMD: an absent bias is +0',
    'dybnn_tail_simd.h',
    [['tail_constant(tail->bias, c, lanes, -0.0f)', 'tail_constant(tail->bias, c, lanes, 0.0f)']],
    SIMD,
  ),
  c(
    '5.1',
    'SIMD: pooled shortcut takes every row',
    'dybnn_tail_simd.h',
    [['tail->shortcut + 2 * (ptrdiff_t)y * z_row', 'tail->shortcut + (ptrdiff_t)y * z_row']],
    SIMD,
  ),
  c(
    '2.2',
    'SIMD: absent lanes leave bits',
    'dybnn_tail_simd.h',
    [['plus = v_and(plus, v_first(lanes))', 'plus = v_and(plus, plus)']],
    SIMD,
  ),
];

const ts = (
  clause: string,
  name: string,
  file: string,
  by: TypeScriptMutant['by'],
  edits: readonly (readonly [find: string, put: string])[],
  more: Partial<Pick<TypeScriptMutant, 'quick'>> = {},
): TypeScriptMutant => ({ clause, name, file, by, edits: edits.map(([find, put]) => ({ find, put })), ...more });

export const TYPESCRIPT_MUTANTS: readonly TypeScriptMutant[] = [
  // Reading the model: only another runtime can tell.
  ts(
    '10.1',
    'batch normalization adds the mean',
    'src/raise/raise.ts',
    'onnx',
    [['b - d.mean.data[c]! * scale[c]!', 'b + d.mean.data[c]! * scale[c]!']],
    QUICK,
  ),
  ts('10.1', 'batch normalization without epsilon', 'src/raise/raise.ts', 'onnx', [
    ['Math.sqrt(d.variance.data[c]! + d.epsilon)', 'Math.sqrt(d.variance.data[c]!)'],
  ]),
  ts('10.1', 'batch normalization by the variance', 'src/raise/raise.ts', 'onnx', [
    ['s / Math.sqrt(d.variance.data[c]! + d.epsilon)', 's / (d.variance.data[c]! + d.epsilon)'],
  ]),
  ts('10.2', 'the scale is the largest weight, not the mean', 'src/raise/binary-weights.ts', 'onnx', [
    ['const mean = nonZero === 0 ? 0 : sum / nonZero;', 'const mean = nonZero === 0 ? 0 : (sum / nonZero) * 1.001;'],
  ]),
  ts('10.2', 'signs of weights inverted', 'src/raise/binary-weights.ts', 'onnx', [
    ['w > 0 || nonZero === 0 ? 1 : 0', 'w < 0 || nonZero === 0 ? 1 : 0'],
  ]),
  ts('4.1', 'top and left pads swapped', 'src/raise/raise.ts', 'onnx', [
    [
      'const [padTop = 0, padLeft = 0, padBottom = 0, padRight = 0] = d.pads;',
      'const [padLeft = 0, padTop = 0, padRight = 0, padBottom = 0] = d.pads;',
    ],
  ]),
  ts('4.1', 'one stride for both axes', 'src/raise/raise.ts', 'onnx', [
    ['dilationHeight: d.dilations[0] ?? 1', 'dilationHeight: 1'],
  ]),
  ts('8.1', 'a subtracted vector is added', 'src/raise/raise.ts', 'onnx', [
    ["const right = d.kind === 'Sub' ? negate(b.id) : b.id;", 'const right = b.id;\n  void negate;'],
  ]),
  ts('6.2', 'average pool counts padding or not, the other way round', 'src/raise/raise.ts', 'onnx', [
    ['countIncludePad: d.countIncludePad', 'countIncludePad: !d.countIncludePad'],
  ]),

  // Optimize.
  ts(
    '10.1',
    'a folded bias is not scaled',
    'src/optimize/fold-scale-bias-into-convolution.ts',
    'reference',
    [['bias.map((b, o) => b * node.scale![o]!)', 'bias.map((b) => b)']],
    QUICK,
  ),
  ts('10.1', 'a folded scale is added', 'src/optimize/fold-scale-bias-into-convolution.ts', 'reference', [
    ['conv.scale.map((s, o) => s * node.scale![o]!)', 'conv.scale.map((s, o) => s + node.scale![o]!)'],
  ]),
  ts(
    '10.1',
    'a float fold takes the scale of the input channel',
    'src/optimize/fold-scale-bias-into-convolution.ts',
    'reference',
    [['w * scale[Math.floor(i / perOutput)]!', 'w * scale[i % scale.length]!']],
  ),
  ts('3.2', 'a bias before a sign keeps its own sign', 'src/optimize/absorb-bias-into-rsign.ts', 'reference', [
    ['values: param.values.map((v) => -v)', 'values: param.values'],
  ]),
  ts('5.2', 'a bias after RPReLU becomes gamma', 'src/optimize/absorb-bias-into-rprelu.ts', 'reference', [
    ['        zeta: after.bias,', '        gamma: after.bias,'],
  ]),
  ts('10.1', 'two scales composed in the wrong order', 'src/optimize/compose-scale-bias.ts', 'reference', [
    ['innerBias.map((b, c) => b * outer.scale![c]!)', 'innerBias.map((b) => b)'],
  ]),
  ts('8.1', 'a negated layer keeps its bias', 'src/optimize/fold-negate.ts', 'reference', [
    ['layer.bias?.map((b) => -b) ?? null', 'layer.bias'],
  ]),
  ts('8.1', 'negation folded into a layer that others read', 'src/optimize/fold-negate.ts', 'reference', [
    [
      "if (layer?.kind !== 'Conv2d' || index.soleUser(layer.output) !== node) continue;",
      "if (layer?.kind !== 'Conv2d') continue;",
    ],
  ]),
  ts('4.4', 'merged convolutions swap their shortcuts', 'src/optimize/merge-paired-convolutions.ts', 'reference', [
    ['shortcuts.push(conv === add.a ? add.b : add.a);', 'shortcuts.unshift(conv === add.a ? add.b : add.a);'],
  ]),
  ts(
    '4.4',
    'a merged convolution without a bias loses its -0',
    'src/optimize/merge-paired-convolutions.ts',
    'reference',
    [['fill(-0)', 'fill(-0.5)']],
  ),

  // Lower: what the Program holds.
  ts(
    '2.3',
    'packing order of weights reversed',
    'src/lower/pack-weights.ts',
    'reference',
    [['const mask = 1 << (c & 31);', 'const mask = 1 << (31 - (c & 31));']],
    QUICK,
  ),
  ts('2.3', 'halves of a weight word swapped', 'src/lower/pack-weights.ts', 'reference', [
    ['((c >>> 5) & 1)', '(1 - ((c >>> 5) & 1))'],
  ]),
  ts('2.3', 'taps of weights transposed', 'src/lower/pack-weights.ts', 'reference', [
    ['if (signs[from + t] === 1) {', 'if (signs[from + taps - 1 - t] === 1) {'],
  ]),
  ts('7.1', 'float weights: taps and inputs swapped', 'src/lower/pack-weights.ts', 'reference', [
    ['result[lane + (t * inputs + c) * 16]', 'result[lane + (c * taps + t) * 16]'],
  ]),
  ts('1.3', 'a bias of -0 is kept', 'src/lower/pack-weights.ts', 'reference', [
    ['acc[o] = b === 0 ? 0 : b;', 'acc[o] = b;'],
  ]),
  ts(
    '4.4',
    'integer threshold: channels with negative scale not inverted',
    'src/lower/integer-threshold.ts',
    'reference',
    [['const invert = s < 0;', 'const invert = false;']],
  ),
  ts('3.1', 'integer threshold: ge and gt swapped', 'src/lower/integer-threshold.ts', 'reference', [
    ["compare === 'gt' ? v > alpha : v >= alpha", "compare === 'gt' ? v >= alpha : v > alpha"],
  ]),
  ts('4.4', 'integer threshold off by one', 'src/lower/integer-threshold.ts', 'reference', [
    ['return { invert, threshold: low };', 'return { invert, threshold: low + 1 };'],
  ]),
  ts('4.4', 'integer threshold with the unrounded bias', 'src/lower/integer-threshold.ts', 'reference', [
    ['fround(scaled + fround(bias))', 'scaled + bias'],
  ]),
  ts('9.1', 'relu in a tail keeps -0', 'src/lower/build-tail.ts', 'reference', [
    ["zeta: { kind: 'constant', ref: zeros }, compare: 'gt'", "zeta: null, compare: 'gt'"],
  ]),
  ts('5.1', 'a concatenation of different maps is read as a repetition', 'src/lower/build-tail.ts', 'reference', [
    ['node.xs.every((x) => x === node.xs[0])', 'node.xs.some((x) => x === node.xs[0])'],
  ]),
  ts('5.1', 'any pool is read as one of 2x2', 'src/lower/build-tail.ts', 'reference', [
    ['return exact && noPads &&', 'return noPads &&'],
  ]),
  ts('5.2', 'the PReLU of a tail always compares with gt', 'src/lower/build-tail.ts', 'reference', [
    ['            compare: node.compare,', "            compare: 'gt',"],
  ]),
  ts('8.1', 'a sign does not wait for its threshold', 'src/lower/build-tail.ts', 'reference', [
    ["u.kind === 'RSign' && context.isReady(u.threshold)", "u.kind === 'RSign'"],
  ]),
  ts('2.1', 'an output that something else reads as well is not stored', 'src/lower/build-tail.ts', 'reference', [
    ['draft.value === context.graph.output', 'draft.value < 0'],
  ]),
  ts('10.1', '-0 and +0 are one constant', 'src/lower/constant-pool.ts', 'reference', [
    [
      "return value.type === 'float32' ? new Uint32Array(data.buffer, data.byteOffset, data.length) : data;",
      'return data;',
    ],
  ]),

  // Lower: what only C sees, since the simulator skips the border and has memory for each buffer.
  ts(
    '4.2',
    'padding compiled as -1',
    'src/lower/border-classes.ts',
    /binary/,
    [['inside ? inputs : 2 * ones[o * taps + t]!', 'inside ? inputs : inputs']],
    QUICK,
  ),
  ts('4.2', 'padding correction counted once', 'src/lower/border-classes.ts', /binary/, [
    ['2 * ones[o * taps + t]!', 'ones[o * taps + t]!'],
  ]),
  ts('4.2', 'border classes of columns for rows', 'src/lower/border-classes.ts', /binary/, [
    ['rowInside[Math.floor(t / w.kernelWidth)]! && colInside[t % w.kernelWidth]!', 'colInside[t % w.kernelWidth]!'],
  ]),
  ts('4.2', 'the border of the bottom is one row short', 'src/lower/lowering-context.ts', /binary/, [
    ['(kernel - 1) * dilation - (input - 1)', '(kernel - 1) * dilation - input'],
  ]),
  ts('2.1', 'buffers that meet in time share memory', 'src/lower/plan-memory.ts', /./, [
    ['p.first <= group.last && group.first <= p.last', 'p.first < group.last && group.first < p.last'],
  ]),
  ts('2.1', 'a parameter is overwritten in place', 'src/lower/finish-program.ts', /regression a vector/, [
    ["!params.some((p) => p?.kind === 'buffer' && p.ref === ref) &&", ''],
  ]),

  // Printing C.
  ts('4.2', 'the input pointer ignores the border', 'src/target/c/plan-c.ts', /binary/, [
    ['(layout.border.top - w.padTop) * pitch + (layout.border.left - w.padLeft) * words', '0'],
  ]),
  ts('4.1', 'only the first group of channels is run', 'src/target/c/plan-c.ts', /257/, [
    ['units: groups * height', 'units: height'],
  ]),
  ts('3.1', 'every sign compares with ge', 'src/target/c/plan-c.ts', /sign/, [
    ["['threshold_gt', bits?.compare === 'gt' ? 1 : 0]", "['threshold_gt', 0]"],
  ]),
  ts('5.2', 'every PReLU compares with ge', 'src/target/c/plan-c.ts', /RPReLU/, [
    [
      "const isGe = (compare: Compare | undefined): number => (compare === 'ge' ? 1 : 0);",
      'const isGe = (compare: Compare | undefined): number => (compare === undefined ? 0 : 1);',
    ],
  ]),
  ts('10.1', 'floats printed with eight digits', 'src/target/c/c-text.ts', /./, [
    ['digits <= 9', 'digits <= 8'],
    ['throw new Error(`${value} is not a finite binary32`);', 'return `${value.toPrecision(8)}f`;'],
  ]),
  ts('10.1', '-0 printed as 0', 'src/target/c/c-text.ts', /-0/, [["if (Object.is(value, -0)) return '-0.0f';", '']]),
  ts('2.3', 'halves of a word swapped in print', 'src/target/c/weights-files.ts', /binary/, [
    ['`0x${hex(value.data[i + 1]!)}${hex(value.data[i]!)}u`', '`0x${hex(value.data[i]!)}${hex(value.data[i + 1]!)}u`'],
  ]),
  ts('6.2', 'the reciprocal of the whole map for every window', 'src/target/c/plan-c.ts', /pool/, [
    [
      'floatLiteral(reciprocal(w.kernelHeight * w.kernelWidth))',
      'floatLiteral(reciprocal(inputShape.height * inputShape.width))',
    ],
  ]),
  ts('7.1', 'one unit too few', 'templates/c/model.c.ejs', /./, [
    ['kernel(args, 0, units);', 'kernel(args, 0, units - 1);'],
  ]),

  // The contract's executable form.
  ts(
    '1.1',
    'the contract forgets to round a product',
    'src/contract/float-conv2d.ts',
    'reference',
    [['acc = fround(acc + fround(input[a]! * weights[w]!));', 'acc = fround(acc + input[a]! * weights[w]!);']],
    QUICK,
  ),
  ts('4.1', 'the contract counts taps outside', 'src/contract/binary-conv2d.ts', 'reference', [
    ['if (ix < 0 || ix >= width) continue;', 'if (ix < -1 || ix >= width) continue;'],
  ]),
  ts('5.1', 'the contract does not wrap a shortcut', 'src/contract/tail.ts', 'reference', [
    ['const sc = c % shortcut.channels;', 'const sc = Math.min(c, shortcut.channels - 1);'],
  ]),
  ts('6.1', "the contract's pooled shortcut loses its zeros", 'src/contract/tail.ts', 'reference', [
    ['fround(0 + data[top]! + data[top + channels]!)', 'fround(data[top]! + data[top + channels]!)'],
    ['fround(0 + data[bottom]! + data[bottom + channels]!)', 'fround(data[bottom]! + data[bottom + channels]!)'],
    ['fround(0 + r0 + r1)', 'fround(r0 + r1)'],
  ]),
  ts('5.2', "the contract's PReLU sides swapped", 'src/contract/tail.ts', 'reference', [
    ['above ? d : fround(slope * d)', 'above ? fround(slope * d) : d'],
  ]),
  ts('3.1', "the contract's sign ge and gt swapped", 'src/contract/tail.ts', 'reference', [
    [
      "bits.compare === 'gt' ? v > threshold : v >= threshold",
      "bits.compare === 'gt' ? v >= threshold : v > threshold",
    ],
  ]),
  ts('6.2', 'the contract divides', 'src/contract/pool.ts', 'reference', [
    ['return fround(sum * reciprocal(count));', 'return fround(sum / count);'],
  ]),
  ts('6.3', "the contract's maximum takes the later zero", 'src/contract/pool.ts', 'reference', [
    ['if (v > max) max = v;', 'if (v >= max) max = v;'],
  ]),
  ts('9.3', "the contract's exp: a coefficient off", 'src/contract/exp.ts', 'reference', [
    ['8.3334519073e-3', '8.334e-3'],
  ]),
  ts('2.2', 'the contract reads bits from the other end', 'src/contract/packing.ts', 'reference', [
    ['>>> (c & 31)) & 1', '>>> (31 - (c & 31))) & 1'],
  ]),
  ts('6.1', 'the simulator clears row sums between rows', 'src/contract/tail.ts', 'reference', [
    ['fround(rowSums[y * channels + c]! + v)', 'fround((x === 0 ? 0 : rowSums[channels * 0 + c]!) + v)'],
  ]),
];
