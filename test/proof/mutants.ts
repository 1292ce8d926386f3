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
const AMX = { needs: ['amx'] } as const;
const AVX2 = { needs: ['avx2'] } as const;
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
    AVX2,
  ),
  c(
    '4.2',
    'AVX2: a wrong nibble in the table',
    'dybnn_bconv2d_avx2.h',
    [['_mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1,', '_mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 2,']],
    AVX2,
  ),
  c(
    '4.2',
    'AVX2: outputs in the order of lanes',
    'dybnn_bconv2d_avx2.h',
    [['_mm256_castps_si256(halves), 0xd8)', '_mm256_castps_si256(halves), 0xe4)']],
    AVX2,
  ),
  c(
    '4.2',
    'AVX2: the second pixel counts like the first',
    'dybnn_bconv2d_table.h',
    [['TABLE_ONES((a) >> 4 ^ (w))', 'TABLE_ONES((a) ^ (w))']],
    AVX2,
  ),
  c(
    '4.2',
    "AVX2: the first pixel's odd bytes stay in the second's counts",
    'dybnn_bconv2d_table.h',
    [['_mm256_sub_epi16(both[v], _mm256_slli_epi16(odd, 4))', 'both[v]']],
    AVX2,
  ),
  c(
    '4.2',
    'AVX2: three words of every six left out',
    'dybnn_bconv2d_table.h',
    [['left > 0; left -= TABLE_FLUSH_WORDS', 'left > 0; left -= 2 * TABLE_FLUSH_WORDS']],
    AVX2,
  ),
  c(
    '4.2',
    'AVX2: the sixteenth nibble of a word left out',
    'dybnn_bconv2d_table.h',
    [['table_group(vectors, 1, row + 15,', 'table_group(vectors, 1, row + 14,']],
    AVX2,
  ),
  c(
    '4.2',
    'AVX2: a row that was there before is taken for the next',
    'dybnn_bconv2d_table.h',
    [['state->row_of[slot] == row && state', 'state->row_of[slot] >= 0 && state']],
    AVX2,
  ),
  c(
    '4.2',
    'AVX2: the last columns not paired with themselves',
    'dybnn_bconv2d_table.h',
    [
      [
        'table_pair(from + paired * state->column_step, 0, alone',
        'table_pair(from + paired * state->column_step, 0, 0 * alone',
      ],
    ],
    AVX2,
  ),
  c(
    '4.2',
    'AVX2: of four words together one is taken twice',
    'dybnn_bconv2d_table.h',
    [
      [
        'table_store_offsets(_mm256_extracti128_si256(odd, 1), to[3 * step])',
        'table_store_offsets(_mm256_extracti128_si256(even, 1), to[3 * step])',
      ],
    ],
    AVX2,
  ),
  c(
    '4.2',
    'AVX2: channels in the order of the transposition',
    'dybnn_bconv2d_table.h',
    [
      [
        '(long long)from[i], (long long)from[2 * block_words + i], (long long)from[block_words + i],',
        '(long long)from[i], (long long)from[block_words + i], (long long)from[2 * block_words + i],',
      ],
    ],
    AVX2,
  ),
  c(
    '6.3',
    'SIMD: a maximum leaves out its last column',
    'dybnn_map_simd.h',
    [['for (x = 0; x < columns; x++, z += pixel)', 'for (x = 0; x < columns - 1; x++, z += pixel)']],
    SIMD,
  ),
  c(
    '5.1',
    'SIMD: the second vector of a tail has the constants of the first',
    'dybnn_tail_simd.h',
    [['i < vectors ? c + i * V_LANES : c, lanes', 'c, lanes']],
    AVX2,
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
  c(
    '4.1',
    'several taps in a word: those of another row',
    'dybnn_bconv2d_narrow.h',
    [['t / args->kernel_w * args->dilation_h', 't / args->kernel_w']],
    SIMD,
  ),
  c('4.1', 'several taps in a word: all in its lowest bits', 'dybnn_bconv2d_narrow.h', [['<< shift', '<< 0']], SIMD),
  c(
    '4.1',
    'Winograd: a middle weight too many',
    'dybnn_bconv2d_amx_winograd.h',
    [['{3, 1, 7, 5, -5, -7, -1, -3}', '{3, 1, 7, 5, -5, -7, -1, -5}']],
    AMX,
  ),
  c(
    '4.1',
    'Winograd: the second of two steps is the first again',
    'dybnn_bconv2d_amx_winograd.h',
    [['winograd_taps(stream, step + 1, even_b, odd_b)', 'winograd_taps(stream, step, even_b, odd_b)']],
    AMX,
  ),
  c(
    '4.1',
    'Winograd: the last input of a position is the one before',
    'dybnn_bconv2d_amx_winograd.h',
    [['d5 = winograd_input(from, x + 5,', 'd5 = winograd_input(from, x + 4,']],
    AMX,
  ),
  c(
    '4.2',
    'Winograd: rows of positions overlap',
    'dybnn_bconv2d_amx_units.h',
    [['(ptrdiff_t)i * args->dilation_h * k->per_row * LINE', '(ptrdiff_t)i * k->per_row * LINE']],
    AMX,
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
    [['tail->prelu_ge ? of.gamma : v_next_above(of.gamma)', 'tail->prelu_ge ? v_next_above(of.gamma) : of.gamma']],
    SIMD,
  ),
  c(
    '3.1',
    'SIMD: sign ge and gt swapped',
    'dybnn_tail_simd.h',
    [['if (tail->threshold_gt) of.threshold', 'if (!tail->threshold_gt) of.threshold']],
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
    [['tail->shortcut + shortcut * (y * z_row', 'tail->shortcut + (y * z_row']],
    SIMD,
  ),
  c(
    '2.2',
    'SIMD: absent lanes leave bits',
    'dybnn_tail_simd.h',
    [['plus = v_and(plus, v_first(lanes))', 'plus = v_and(plus, plus)']],
    SIMD,
  ),
  // dybnn_fixed_tail.h: every value of every int16 map, portable form. (An RPReLU may compare with > or >=: at gamma both sides
  // are zeta, so nothing can tell and no bug is planted there.)
  c('11.2', 'halves forgotten', 'dybnn_fixed_tail.h', [['(v + dybnn_half(shift)) >> shift', 'v >> shift']]),
  c('11.2', 'halves go down', 'dybnn_fixed_tail.h', [
    ['(v + dybnn_half(shift)) >> shift', '(v + dybnn_half(shift) - (shift > 0)) >> shift'],
  ]),
  c('11.2', 'halves go away from zero', 'dybnn_fixed_tail.h', [
    ['(v + dybnn_half(shift)) >> shift', '(v + dybnn_half(shift) - (v < 0 && shift > 0)) >> shift'],
  ]),
  c('11.2', 'division instead of a shift', 'dybnn_fixed_tail.h', [
    ['(v + dybnn_half(shift)) >> shift', '(v + dybnn_half(shift)) / ((int32_t)1 << shift)'],
  ]),
  c('11.2', 'saturation at -32767', 'dybnn_fixed_tail.h', [
    ['v < INT16_MIN ? INT16_MIN', 'v <= INT16_MIN ? INT16_MIN + 1'],
  ]),
  c(
    '11.2',
    'values wrap',
    'dybnn_fixed_tail.h',
    [['{ return v < INT16_MIN ?', '{ return (int16_t)v; return v < INT16_MIN ?']],
    QUICK,
  ),
  c('12.1', 'what enters is not saturated', 'dybnn_fixed_tail.h', [
    ['dybnn_sat(dybnn_rnd(values[i], tail->entry_shift))', 'dybnn_rnd(values[i], tail->entry_shift)'],
  ]),
  c('12.1', 'what enters is not rounded', 'dybnn_fixed_tail.h', [
    ['dybnn_sat(dybnn_rnd(values[i], tail->entry_shift))', 'dybnn_sat(values[i] >> tail->entry_shift)'],
  ]),
  c('12.2', 'offset added after the shift', 'dybnn_fixed_tail.h', [
    [
      'dybnn_sat(dybnn_rnd(values[i] * tail->scale[c + i] + tail->offset[c + i], tail->scale_shift))',
      'dybnn_sat(dybnn_rnd(values[i] * tail->scale[c + i], tail->scale_shift) + dybnn_rnd(tail->offset[c + i], tail->scale_shift))',
    ],
  ]),
  c('12.2', 'the product has 24 bits', 'dybnn_fixed_tail.h', [
    [
      'values[i] * tail->scale[c + i] + tail->offset[c + i]',
      '(values[i] * tail->scale[c + i] / 256 * 256) + tail->offset[c + i]',
    ],
  ]),
  c('12.2', 'a bias alone wraps', 'dybnn_fixed_tail.h', [
    ['dybnn_sat(values[i] + tail->bias[c + i])', '(int16_t)(values[i] + tail->bias[c + i])'],
  ]),
  c('12.3', 'a shortcut is not saturated', 'dybnn_fixed_tail.h', [
    [
      'dybnn_sat(values[i] + dybnn_fixed_shortcut(tail, y, x, c + i))',
      'values[i] + dybnn_fixed_shortcut(tail, y, x, c + i)',
    ],
  ]),
  c('12.3', 'a shortcut is not rounded', 'dybnn_fixed_tail.h', [
    ['return dybnn_rnd(z[0], tail->shortcut_shift);', 'return z[0] >> tail->shortcut_shift;'],
  ]),
  c('12.3', 'a shortcut does not wrap', 'dybnn_fixed_tail.h', [
    ['* channels + c % channels;\n    return', '* channels + dybnn_min(c, (int32_t)channels - 1);\n    return'],
  ]),
  c(
    '12.3',
    'four values rounded one by one',
    'dybnn_fixed_tail.h',
    [
      [
        'dybnn_rnd(z[0] + z[channels] + z[row] + z[row + channels], tail->shortcut_shift + 2)',
        'dybnn_rnd(z[0], tail->shortcut_shift + 2) + dybnn_rnd(z[channels], tail->shortcut_shift + 2) + dybnn_rnd(z[row], tail->shortcut_shift + 2) + dybnn_rnd(z[row + channels], tail->shortcut_shift + 2)',
      ],
    ],
    QUICK,
  ),
  c('12.3', 'four values added in 16 bits', 'dybnn_fixed_tail.h', [
    ['z[0] + z[channels] + z[row] + z[row + channels],', '(int16_t)(z[0] + z[channels] + z[row] + z[row + channels]),'],
  ]),
  c('12.3', 'the sum of four is no average', 'dybnn_fixed_tail.h', [
    ['tail->shortcut_shift + 2)', 'tail->shortcut_shift + 1)'],
  ]),
  c('12.4', 'y - gamma wraps', 'dybnn_fixed_tail.h', [
    ['dybnn_sat(values[i] - gamma)', '(int16_t)(values[i] - gamma)'],
  ]),
  c('12.4', 'PReLU sides swapped', 'dybnn_fixed_tail.h', [
    [
      'above ? d : dybnn_sat(dybnn_rnd(d * tail->prelu_slope[c + i], tail->slope_shift))',
      '!above ? d : dybnn_sat(dybnn_rnd(d * tail->prelu_slope[c + i], tail->slope_shift))',
    ],
  ]),
  c('12.4', 'PReLU bends at 0', 'dybnn_fixed_tail.h', [
    ['tail->prelu_ge ? values[i] >= gamma : values[i] > gamma', 'values[i] > 0'],
  ]),
  c('12.4', 'the slope is applied before gamma', 'dybnn_fixed_tail.h', [
    [
      'dybnn_rnd(d * tail->prelu_slope[c + i], tail->slope_shift)',
      'dybnn_rnd(values[i] * tail->prelu_slope[c + i], tail->slope_shift) - gamma',
    ],
  ]),
  c('12.4', 'a steep slope is not saturated before zeta', 'dybnn_fixed_tail.h', [
    [
      'dybnn_sat(dybnn_rnd(d * tail->prelu_slope[c + i], tail->slope_shift))',
      'dybnn_rnd(d * tail->prelu_slope[c + i], tail->slope_shift)',
    ],
  ]),
  c('12.4', 'zeta wraps', 'dybnn_fixed_tail.h', [['dybnn_sat(bent + zeta)', '(int16_t)(bent + zeta)']]),
  c('12.4', 'zeta on one side only', 'dybnn_fixed_tail.h', [
    ['dybnn_sat(bent + zeta)', 'dybnn_sat(bent + (above ? zeta : 0))'],
  ]),
  c(
    '12.5',
    'sign ge and gt swapped',
    'dybnn_fixed_tail.h',
    [['values[i] > threshold : values[i] >= threshold', 'values[i] >= threshold : values[i] > threshold']],
    QUICK,
  ),
  c('2.2', 'packing order of an int16 map reversed', 'dybnn_fixed_tail.h', [
    ['(uint64_t)plus << i', '(uint64_t)plus << (63 - i)'],
  ]),
  c('13.1', 'row sums start anew at every pixel', 'dybnn_fixed_tail.h', [
    ['(x == 0 ? 0 : sums[i])', '(x >= 0 ? 0 : sums[i])'],
  ]),
  c('13.1', 'row sums in 24 bits', 'dybnn_fixed_tail.h', [
    [
      'sums[i] = (x == 0 ? 0 : sums[i]) + values[i];',
      'sums[i] = (int32_t)((float)(x == 0 ? 0 : sums[i]) + (float)values[i]);',
    ],
  ]),

  // Sums, maxima and copies of integers.
  c('13.1', 'rows added as float32', 'dybnn_fixed_gap.h', [
    ['sums[i] += row[i];', 'sums[i] = (int32_t)((float)sums[i] + (float)row[i]);'],
  ]),
  c('13.1', 'an exact sum is not rounded before it is scaled', 'dybnn_fixed_gap.h', [
    ['(float)sums[i] * args->multiplier', '(float)((double)sums[i] * (double)args->multiplier)'],
  ]),
  c('13.2', 'an average is not rounded', 'dybnn_fixed_pool_scalar.c', [
    ['(int64_t)values[i] * reciprocal + half', '(int64_t)values[i] * reciprocal'],
  ]),
  c(
    '13.2',
    'an average in 32 bits',
    'dybnn_fixed_pool_scalar.c',
    [
      [
        '((int64_t)values[i] * reciprocal + half) >> shift',
        '((int64_t)(int32_t)((uint32_t)values[i] * (uint32_t)reciprocal) + half) >> shift',
      ],
    ],
    QUICK,
  ),
  c('13.2', 'an average by division', 'dybnn_fixed_pool_scalar.c', [
    [
      'dybnn_sat((int32_t)(((int64_t)values[i] * reciprocal + half) >> shift))',
      'dybnn_sat((values[i] + (values[i] < 0 ? -pixels / 2 : pixels / 2)) / pixels)',
    ],
  ]),
  c('13.2', 'padding always counts', 'dybnn_fixed_pool_scalar.c', [
    ['args->exclude_pad ? (w.y1 - w.y0) * (w.x1 - w.x0) :', 'args->exclude_pad < 0 ? 0 :'],
  ]),
  c('13.3', 'padding of 0 wins among integers', 'dybnn_fixed_pool_scalar.c', [
    ['values[i] = INT16_MIN;', 'values[i] = 0;'],
  ]),
  c('13.3', 'the largest size wins', 'dybnn_fixed_pool_scalar.c', [
    [
      'dybnn_max(values[i], pixel[i])',
      '(pixel[i] < 0 ? -pixel[i] : pixel[i]) > (values[i] < 0 ? -values[i] : values[i]) ? pixel[i] : values[i]',
    ],
  ]),
  c('13.4', 'a part is cut instead of rounded', 'dybnn_fixed_pool_scalar.c', [
    ['dybnn_rnd(from[c], args->shift)', '(from[c] >> args->shift)'],
  ]),
  c('13.4', 'an integer part ignores its offset', 'dybnn_fixed_pool_scalar.c', [
    ['pixel * args->output_channels + args->offset', 'pixel * args->output_channels'],
  ]),

  // Weights of 8 bits.
  c('14.1', 'the last of an odd run is lost', 'dybnn_int8_conv2d_scalar.c', [
    ['if (i < last) {', 'if (i < last && first != 0) {'],
  ]),
  c('14.1', 'a run that begins in the middle of a pair begins with the pair', 'dybnn_int8_conv2d_scalar.c', [
    ['acc[j] += value * w[2 * j + 1];\n    i++;', 'acc[j] += value * w[2 * j];\n    i++;'],
  ]),
  c('14.1', 'weights of a pair swapped', 'dybnn_int8_conv2d_scalar.c', [
    ['value * w[2 * j] + next * w[2 * j + 1]', 'value * w[2 * j + 1] + next * w[2 * j]'],
  ]),
  c('14.1', 'rows of the kernel from bottom to top', 'dybnn_int8_conv2d_scalar.c', [
    [
      'const int32_t iy = top + ky * w->dilation_h;',
      'const int32_t iy = top + (w->kernel_h - 1 - ky) * w->dilation_h;',
    ],
  ]),
  c('14.1', 'int8: every group reads the first inputs', 'dybnn_int8_conv2d_scalar.c', [
    ['channels - 1) / outputs * inputs', 'channels - 1) / channels * inputs'],
  ]),
  c('14.1', 'int8: left pad ignored', 'dybnn_int8_conv2d_scalar.c', [
    ['x * w->stride_w - w->pad_left', 'x * w->stride_w'],
  ]),
  c('14.1', 'accumulators of 30 bits', 'dybnn_int8_conv2d_scalar.c', [
    [
      'dybnn_fixed_tail_sums(tail, y, x, c, count, values);',
      '{ int32_t q; for (q = 0; q < count; q++) values[q] = values[q] > 536870911 ? 536870911 : values[q]; dybnn_fixed_tail_sums(tail, y, x, c, count, values); }',
    ],
  ]),
  c('14.3', 'an accumulator as float32 is cut', 'dybnn_int8_conv2d_scalar.c', [
    ['values[i] = (float)sums[i];', 'values[i] = (float)(sums[i] / 256 * 256) + (float)(sums[i] % 256) * 0.99999994f;'],
  ]),

  // Conversions.
  c('11.3', 'numbers between 1/2 and 1 are 0', 'dybnn_quantize.h', [
    ['if (exponent < -1) return 0;', 'if (exponent < 0) return 0;'],
  ]),
  c('11.3', 'an addition of 1/2 that rounds', 'dybnn_quantize.h', [
    [
      'dybnn_rnd(mantissa, 23 - exponent)',
      '(int32_t)((float)mantissa / (float)((int32_t)1 << (23 - exponent)) + 0.5f + 32768.0f) - 32768',
    ],
  ]),
  c('11.3', 'conversion cuts', 'dybnn_quantize.h', [
    ['dybnn_rnd(mantissa, 23 - exponent)', '(mantissa >> (23 - exponent))'],
  ]),
  c(
    '11.3',
    'large negative numbers become large positive ones',
    'dybnn_quantize.h',
    [['return negative ? INT16_MIN : INT16_MAX;', 'return INT16_MAX;']],
    QUICK,
  ),
  c('11.3', 'the input is read as if channels were last', 'dybnn_quantize_scalar.c', [
    ['args->channels_first ? (ptrdiff_t)args->height * args->width : 1;', '1;'],
  ]),

  // SIMD tails of integers.
  c(
    '12.4',
    'SIMD: the one product that does not fit',
    'dybnn_fixed_tail_simd.h',
    [['tail->slope_shift == 15 ? INT16_MIN : -16384', 'tail->slope_shift == 15 ? INT16_MIN - 1 : -16385']],
    SIMD,
  ),
  c(
    '12.4',
    'SIMD: slopes of one are small',
    'dybnn_fixed_tail_simd.h',
    [['h_greater(slope, h_all(16383))', 'h_greater(slope, h_all(16384))']],
    SIMD,
  ),
  c(
    '12.4',
    'SIMD: a shift of 14 is one of 15',
    'dybnn_fixed_tail_simd.h',
    [['return tail->slope_shift == 15 ? SLOPE_PLAIN : SLOPE_WHOLE;', 'return SLOPE_PLAIN;']],
    SIMD,
  ),
  c(
    '12.3',
    'SIMD: a shortcut that needs no shift is multiplied as well',
    'dybnn_fixed_tail_simd.h',
    [['const int z_rounds = z_shift > 0;', 'const int z_rounds = z_shift >= 0;']],
    SIMD,
  ),
  c(
    '12.3',
    'SIMD: a pooled shortcut takes every row',
    'dybnn_fixed_tail_simd.h',
    [['tail->shortcut + 2 * (ptrdiff_t)y * z_row', 'tail->shortcut + (ptrdiff_t)y * z_row']],
    SIMD,
  ),
  c('12.2', 'SIMD: a bias wraps', 'dybnn_fixed_tail_simd.h', [['v = h_adds(v, bias)', 'v = h_add(v, bias)']], SIMD),
  c('12.4', 'SIMD: y - gamma wraps', 'dybnn_fixed_tail_simd.h', [['h_subs(v, gamma)', 'h_sub(v, gamma)']], {
    ...SIMD,
    ...QUICK,
  }),
  c(
    '12.5',
    'SIMD: sign ge and gt swapped among integers',
    'dybnn_fixed_tail_simd.h',
    [['ge = !tail->threshold_gt;', 'ge = tail->threshold_gt;']],
    SIMD,
  ),
  c(
    '2.2',
    'SIMD: absent lanes of integers leave bits',
    'dybnn_fixed_tail_simd.h',
    [['plus &= present;', 'plus |= 0u;']],
    SIMD,
  ),
  c(
    '13.1',
    'SIMD: exact row sums start anew at each strip',
    'dybnn_fixed_tail_simd.h',
    [['lanes, x > 0, sums)', 'lanes, x < 0, sums)']],
    SIMD,
  ),
  c(
    '12.3',
    'SIMD: any shortcut is read in one piece',
    'dybnn_fixed_tail_simd.h',
    [
      [
        'return !tail->shortcut || tail->shortcut_channels == tail->channels || tail->shortcut_channels % H_LANES == 0;',
        'return 1;',
      ],
    ],
    SIMD,
  ),
  c(
    '12.2',
    'SIMD: the half of a scale is forgotten in a pass',
    'dybnn_fixed_tail_simd.h',
    [['wide_all(dybnn_half(tail->scale_shift))', 'wide_all(0)']],
    SIMD,
  ),
  c(
    '12.1',
    'SIMD: a map that needs no shift is multiplied as well',
    'dybnn_fixed_tail_simd.h',
    [['if (tail->entry_shift) v =', 'if (tail->entry_shift >= 0) v =']],
    SIMD,
  ),

  // Binary convolution, int8 convolution, passes and conversions of integers in SIMD.
  c(
    '12.2',
    'SIMD: a scale without a shift is halved',
    'dybnn_fixed_bconv2d_simd.h',
    [['tail->scale_shift >= 1', 'tail->scale_shift >= 0']],
    SIMD,
  ),
  c(
    '12.2',
    'AVX-512: an odd number of products is even',
    'dybnn_fixed_bconv2d_avx512.h',
    [['odd, s->offset, s->factor', '0, s->offset, s->factor']],
    AVX512,
  ),
  c(
    '12.2',
    'AVX-512: the half of dots is forgotten',
    'dybnn_fixed_bconv2d_avx512.h',
    [['dybnn_half(tail->scale_shift)', '0 * tail->scale_shift']],
    AVX512,
  ),
  c(
    '14.1',
    'SIMD: a run that begins in the middle of a pair begins with the pair',
    'dybnn_int8_conv2d_simd.h',
    [['c_pair_from(0, x[p * step])', 'c_pair_from(x[p * step], 0)']],
    SIMD,
  ),
  c(
    '14.1',
    'SIMD: the last of an odd run is lost',
    'dybnn_int8_conv2d_simd.h',
    [['if (i == last) continue;', 'if (i >= last - 1) continue;']],
    SIMD,
  ),
  c(
    '14.1',
    'SIMD: a cut window reads its whole width',
    'dybnn_int8_conv2d_simd.h',
    [['taps.kx1 * inputs : g->length', 'g->kernel_w * inputs : g->length']],
    SIMD,
  ),
  c(
    '14.1',
    'SIMD: int8: a window too many is inside',
    'dybnn_int8_conv2d_simd.h',
    [['(g->in_width - 1 - reach - left + g->stride_w)', '(g->in_width - reach - left + g->stride_w)']],
    SIMD,
  ),
  c(
    '14.1',
    'SIMD: depthwise taps side by side though dilated',
    'dybnn_int8_conv2d_simd.h',
    [['left + kx * g->dilation_w', 'left + kx']],
    SIMD,
  ),
  c(
    '14.1',
    'AMX: int8: the high bytes of an int16 count half',
    'dybnn_int8_conv2d_amx.c',
    [['_mm512_maskz_slli_epi32(0xffff, upper, 8)', '_mm512_maskz_slli_epi32(0xffff, upper, 7)']],
    AMX,
  ),
  c(
    '14.1',
    'AMX: int8: low bytes have a sign',
    'dybnn_int8_conv2d_amx.c',
    [['_tile_dpbusd(3, 5, 7)', '_tile_dpbssd(3, 5, 7)']],
    AMX,
  ),
  c(
    '14.1',
    'AMX: int8: weights that begin in the middle of a pair begin with the pair',
    'dybnn_int8_conv2d_amx.c',
    [['tap % 2 ? odd : even', 'even']],
    AMX,
  ),
  c(
    '14.1',
    'AMX: int8: rows of the kernel are taken to lie in order',
    'dybnn_int8_conv2d_amx.c',
    [['(first + ky) % s->slots * s->slot + c', 'ky * s->slot + c']],
    AMX,
  ),
  c(
    '14.1',
    'AMX: int8: a row below the map is the one above it',
    'dybnn_int8_conv2d_amx.c',
    [['y + k >= 0 && y + k < g->in_height', 'y + k >= 0']],
    AMX,
  ),
  c(
    '14.1',
    'AMX: int8: columns outside the map are not',
    'dybnn_int8_conv2d_amx.c',
    [['s->slot + g->pad_left * s->column;\n  const __m512i places', 's->slot;\n  const __m512i places']],
    AMX,
  ),
  c(
    '14.1',
    'AMX: int8: a row of many channels that is outside is not zero',
    'dybnn_int8_conv2d_amx.c',
    [['h_load_first(row, inside ? count : 0)', 'h_load_first(row, count)']],
    AMX,
  ),
  c(
    '14.1',
    'AMX: int8: a pair of rows begins with an odd one',
    'dybnn_int8_conv2d_amx.c',
    [['y -= slot_of(g, s, y) % 2', 'y -= 0']],
    AMX,
  ),
  c(
    '14.1',
    'AMX: int8: tiles keep the weights of other outputs',
    'dybnn_int8_conv2d_amx.c',
    [['    memset(weights, 0, (size_t)(s.orders * blocks * s.steps * TILE));\n', '']],
    AMX,
  ),
  c(
    '14.1',
    'AMX: int8: the last columns of a row are lost',
    'dybnn_int8_conv2d_amx.c',
    [['dybnn_max(count - 32, 0)', '0']],
    AMX,
  ),
  c(
    '12.1',
    'SIMD: what enters from accumulators is not rounded',
    'dybnn_int8_finish.h',
    [['const int32_t half = dybnn_half(tail->entry_shift);', 'const int32_t half = 0;']],
    SIMD,
  ),
  c(
    '12.1',
    'SIMD: a sign of a shifted map looks at the map',
    'dybnn_fixed_map_simd.h',
    [['!tail->entry_shift && !tail->scale', '!tail->scale']],
    SIMD,
  ),
  c(
    '13.2',
    'SIMD: an average of a power of two is not rounded',
    'dybnn_fixed_map_simd.h',
    [['dybnn_rnd(totals[i], shift - 16)', '(totals[i] >> (shift - 16))']],
    SIMD,
  ),
  c(
    '13.3',
    'SIMD: padding of 0 wins among integers',
    'dybnn_fixed_map_simd.h',
    [['h_vec max = h_all(INT16_MIN);', 'h_vec max = h_all(0);']],
    SIMD,
  ),
  c(
    '11.3',
    'AVX-512: halves go down in a conversion',
    'dybnn_fixed_simd_avx512.h',
    [['_mm512_set1_ps(0.5f), _CMP_GE_OQ', '_mm512_set1_ps(0.5f), _CMP_GT_OQ']],
    AVX512,
  ),
  c(
    '11.3',
    'AVX2: halves go down in a conversion',
    'dybnn_fixed_simd_avx2.h',
    [['_mm256_set1_ps(0.5f), _CMP_GE_OQ', '_mm256_set1_ps(0.5f), _CMP_GT_OQ']],
    AVX2,
  ),
  c(
    '11.3',
    'AVX2: colours out of order',
    'dybnn_fixed_simd_avx2.h',
    [['_mm_shuffle_epi8(y, _mm_setr_epi8(10, 11,', '_mm_shuffle_epi8(y, _mm_setr_epi8(8, 9,']],
    AVX2,
  ),
  c(
    '13.1',
    'AVX2: odd lanes of exact sums lose their sign',
    'dybnn_fixed_simd_avx2.h',
    [['_mm256_srai_epi32(v, 16)', '_mm256_srli_epi32(v, 16)']],
    AVX2,
  ),
  c(
    '12.4',
    'AVX2: a slope of one and more is cut',
    'dybnn_fixed_simd_avx2.h',
    [['_mm256_adds_epi16(_mm256_mulhrs_epi16(below, slope)', '_mm256_add_epi16(_mm256_mulhrs_epi16(below, slope)']],
    AVX2,
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
    ["const right = d.kind === 'Sub' ? addNegation(state, node, b.id) : b.id;", 'const right = b.id;'],
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
  ts('2.1', 'a map with the middle of another is put onto one that lives', 'src/lower/plan-memory.ts', /./, [
    ['busy.every((p) => offset + group.bytes <= p.offset || p.offset + p.bytes <= offset)', 'busy.length >= 0'],
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

  // Integers: the contract's executable form.
  ts('11.2', 'the contract rounds halves down', 'src/contract/fixed.ts', 'integers', [
    ['Math.floor((v + 2 ** (n - 1)) / 2 ** n)', 'Math.ceil((v - 2 ** (n - 1)) / 2 ** n)'],
  ]),
  ts(
    '11.2',
    'the contract rounds halves away from zero',
    'src/contract/fixed.ts',
    'integers',
    [['Math.floor((v + 2 ** (n - 1)) / 2 ** n)', 'Math.sign(v) * Math.floor((Math.abs(v) + 2 ** (n - 1)) / 2 ** n)']],
    QUICK,
  ),
  ts('11.3', 'the contract adds 1/2 before the floor', 'src/contract/fixed.ts', 'integers', [
    ['return scaled - below >= 0.5 ? below + 1 : below;', 'return Math.floor(Math.fround(scaled + 0.5) + 0 * below);'],
  ]),
  ts('11.2', 'a clipped value is not counted', 'src/contract/fixed.ts', 'integers', [['  counts.saturated++;\n', '']]),
  ts('12.1', 'the contract does not saturate what enters', 'src/contract/fixed-tail.ts', 'integers', [
    ['saturate(roundShift(values[c]!, entryShift), counts)', 'roundShift(values[c]!, entryShift)'],
  ]),
  ts('12.3', 'the contract averages before it adds', 'src/contract/fixed-tail.ts', 'integers', [
    [
      'data[top]! + data[top + channels]! + data[bottom]! + data[bottom + channels]!',
      '4 * Math.floor((data[top]! + data[top + channels]! + data[bottom]! + data[bottom + channels]!) / 4)',
    ],
  ]),
  ts('12.4', 'the contract does not saturate a steep slope', 'src/contract/fixed-tail.ts', 'integers', [
    ['saturate(roundShift(d * slope, slopeShift), counts)', 'roundShift(d * slope, slopeShift)'],
  ]),
  ts('12.5', "the contract's sign of integers ge and gt swapped", 'src/contract/fixed-tail.ts', 'integers', [
    [
      "bits.compare === 'gt' ? v > threshold : v >= threshold",
      "bits.compare === 'gt' ? v >= threshold : v > threshold",
    ],
  ]),
  ts('13.1', 'the contract scales an exact sum', 'src/contract/pool.ts', 'integers', [
    ['fround(fround(sum) * k)', 'fround(sum * k)'],
  ]),
  ts('13.2', 'the contract divides integers', 'src/contract/pool.ts', 'integers', [
    ['roundShift(sum * multiplier, shift)', 'Math.round(sum / n + 0 * multiplier * shift)'],
  ]),
  ts('13.4', 'the simulator cuts the parts of a concatenation', 'src/simulate/simulate.ts', 'integers', [
    [
      'roundShift(input[p * channels + c]!, step.shift ?? 0)',
      'Math.floor(input[p * channels + c]! / 2 ** (step.shift ?? 0))',
    ],
  ]),
  ts('14.1', 'the contract reads pairs of weights swapped', 'src/contract/int8-conv2d.ts', 'integers', [
    ['(at >>> 1) * 32 + (at & 1)', '(at >>> 1) * 32 + 1 - (at & 1)'],
  ]),

  // Integers: what the Program holds.
  ts(
    '12.2',
    "a convolution's own bias is not scaled by what follows",
    'src/fixed/quantize-program.ts',
    'integers',
    [['(own?.[c] ?? 0) * (scale?.[c] ?? 1) + (bias?.[c] ?? 0)', '(own?.[c] ?? 0) + (bias?.[c] ?? 0)']],
    QUICK,
  ),
  ts('12.2', 'what is shifted out of accumulators is not scaled back', 'src/fixed/quantize-program.ts', 'integers', [
    ['entering.unit(c) * 2 ** entering.shift', 'entering.unit(c)'],
  ]),
  ts('12.2', 'a static bias is added twice', 'src/fixed/quantize-program.ts', 'integers', [
    [
      "const addsBias = bias !== undefined && (scale === null || bias.kind === 'buffer');",
      'const addsBias = bias !== undefined;',
    ],
  ]),
  ts('12.3', 'a shortcut is read at its own fraction', 'src/fixed/quantize-program.ts', 'integers', [
    ['shortcutShift: z ? Math.min(16, z.fraction - fraction) : 0', 'shortcutShift: 0'],
  ]),
  ts('12.5', 'thresholds of dots are those of >=', 'src/fixed/quantize-program.ts', 'integers', [
    ['(t) => t - 1)', '(t) => t)'],
  ]),
  ts('13.4', 'a concatenation has the fraction of its first part', 'src/fixed/quantize-program.ts', 'integers', [
    ['const fraction = Math.min(...fractions);', 'const fraction = fractions[0]!;'],
  ]),
  ts('14.3', 'a float tail forgets the unit of the weights', 'src/fixed/quantize-program.ts', 'integers', [
    [
      'const scales = unit.map((u, o) => u * (scale?.[o] ?? 1));',
      'const scales = unit.map((_, o) => scale?.[o] ?? 1);',
    ],
  ]),
  ts('14.3', 'a float tail scales the bias that follows', 'src/fixed/quantize-program.ts', 'integers', [
    ['b * (scale?.[o] ?? 1) + (after?.[o] ?? 0)', '(b + (after?.[o] ?? 0)) * (scale?.[o] ?? 1)'],
  ]),
  ts('14.1', 'the input of int8 weights has no fraction', 'src/fixed/quantize-program.ts', 'integers', [
    ['const unit = scale.map((s) => s * 2 ** -input.fraction);', 'const unit = scale.map((s) => s);'],
  ]),
  ts('15', 'a function behind an int8 dense layer is forgotten', 'src/fixed/quantize-program.ts', 'integers', [
    ['fn: step.fn, tail: { shape, store: output }', 'fn: null, tail: { shape, store: output }'],
  ]),
  ts('8.1', 'the float unit has weights of 8 bits', 'src/fixed/which-steps.ts', 'integers', [
    [
      "step.kind === 'dense' && !makesParameters.has(step.output)",
      "step.kind === 'dense' && makesParameters.size >= 0",
    ],
  ]),
  ts('11.1', 'fractions one bit too fine', 'src/fixed/ranges.ts', 'integers', [
    [
      'Math.floor(Math.log2(INT16_MAX / (largest * HEADROOM)))',
      'Math.ceil(Math.log2(INT16_MAX / (largest * HEADROOM)))',
    ],
  ]),
  ts('12.1', 'accumulators shifted by one bit too many', 'src/fixed/ranges.ts', 'integers', [
    [
      'Math.ceil(Math.log2((largest * HEADROOM) / INT16_MAX))',
      '1 + Math.ceil(Math.log2((largest * HEADROOM) / INT16_MAX))',
    ],
  ]),
  ts('12.2', 'offsets in units of the tail, not of the product', 'src/fixed/fixed-tail.ts', 'integers', [
    ['scaledInteger(b, fraction + shift)', 'scaledInteger(b, fraction)'],
  ]),
  ts('12.2', 'factors with a leading zero', 'src/fixed/fixed-tail.ts', 'integers', [
    [
      'Math.max(0, Math.min(15, Math.floor(Math.log2(INT16_MAX / largest))));\n  const most',
      'Math.max(0, Math.min(15, Math.floor(Math.log2(INT16_MAX / largest)) - 1));\n  const most',
    ],
  ]),
  ts('12.4', 'slopes at the fraction of the tail', 'src/fixed/fixed-tail.ts', 'integers', [
    ['return { data: fixedValues(slopes, shift), shift };', 'return { data: fixedValues(slopes, shift - 1), shift };'],
  ]),
  ts('14.1', 'the scale of int8 weights is that of the channel before', 'src/fixed/int8-weights.ts', 'integers', [
    ['scale[o] = unit;', 'scale[o] = o > 0 ? scale[o - 1]! : unit;'],
  ]),
  ts('14.1', 'int8 weights leave the accumulator too little room', 'src/contract/int8-conv2d.ts', 'integers', [
    ['INT8_WEIGHT_SUM_MAX = 65535', 'INT8_WEIGHT_SUM_MAX = 65536'],
  ]),

  // Integers: printing C.
  ts('12.3', 'the shift of a shortcut is not printed', 'src/target/c/plan-c.ts', /12\.3/, [
    ["['shortcut_shift', fixed.shortcutShift]", "['shortcut_shift', 0 * fixed.shortcutShift]"],
  ]),
  ts('12.4', 'the shift of slopes is that of the scale', 'src/target/c/plan-c.ts', /12\.4/, [
    ["['slope_shift', fixed.slopeShift]", "['slope_shift', fixed.scaleShift]"],
  ]),
  ts('13.2', 'padding counts where it must not, among integers', 'src/target/c/plan-c.ts', /13\.2/, [
    ["['exclude_pad', step.countIncludePad ? 0 : 1]", "['exclude_pad', 0]"],
  ]),
  ts('11.3', 'conversions with the fraction of the other side', 'src/target/c/plan-c.ts', /11\.3/, [
    ['2 ** (quantizes ? step.fraction : -step.fraction)', '2 ** (quantizes ? -step.fraction : step.fraction)'],
  ]),
];
