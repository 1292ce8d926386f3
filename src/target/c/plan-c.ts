/**
 * Program -> the plain data that the C templates print: every name, number and comment formatted here, no arithmetic there.
 * One function per step kind lists that kernel's argument struct field by field, in the order of hw/cpu/dybnn_kernels.h.
 */
import type { Compare, MapShape, PointFunction } from '../../bnn/bnn-graph.js';
import { HARD_SWISH_ALPHA, HARD_SWISH_BETA } from '../../contract/functions.js';
import { fixedMeanFactor, reciprocal } from '../../contract/pool.js';
import { stepCost } from '../../program/cost.js';
import { describeStep, shapeText } from '../../program/describe-step.js';
import {
  accessesOf,
  type Border,
  type Buffer,
  type BufferLayout,
  type BufferRef,
  type ConstantRef,
  fractionOf,
  type ParamRef,
  type Program,
  runsOf,
  type Step,
  type Tail,
  wordsOf,
} from '../../program/program.js';
import { identifier } from '../../text/identifier.js';
import { commentText, floatLiteral } from './c-text.js';

export interface StepView {
  readonly index: number;
  readonly name: string;
  readonly title: string;
  readonly origin: string;
  readonly argsType: string;
  readonly lines: readonly string[];
  readonly kernel: string;
  readonly units: number;
  /** 1 where a parallel-for is worth its call. */
  readonly large: 0 | 1;
}

export interface BufferView {
  readonly declaration: string;
  readonly comment: string;
}

/** A field of an argument struct: its value as C, and its name for the comment; or a nested struct. */
type Field = readonly [name: string, value: string | number | readonly Field[]];

/** Steps cheaper than this many operations, a byte of weights counted as one, are not worth waking threads for. */
const PARALLEL_FROM = 200_000;

export class CPlan {
  private readonly bufferNames: readonly string[];

  constructor(
    private readonly program: Program,
    private readonly prefix: string,
    private readonly parallelFrom = PARALLEL_FROM,
  ) {
    const taken = new Set([
      'k',
      'f',
      'r',
      'input',
      'output',
      'workspace',
      'parallel_for',
      'observer',
      'a',
      'step',
      'task',
      'run',
    ]);
    this.bufferNames = program.buffers.map((b) => {
      if (b.placement.kind !== 'workspace') return b.placement.kind;
      let name = identifier(b.name, 'buffer');
      for (let i = 2; taken.has(name); i++) name = `${identifier(b.name, 'buffer')}_${i}`;
      taken.add(name);
      return name;
    });
  }

  get buffers(): readonly BufferView[] {
    return this.program.buffers.flatMap((b, ref): BufferView[] => {
      if (b.placement.kind !== 'workspace') return [];
      const name = this.bufferNames[ref]!;
      return [
        {
          declaration: `${cTypeOf(b.layout)} *const ${name} = (${cTypeOf(b.layout)} *)AT(${b.placement.offset});`,
          comment: describeBuffer(b),
        },
      ];
    });
  }

  get steps(): readonly StepView[] {
    return this.program.steps.map((step, index) => {
      const { argsType, kernel, units, fields } = this.call(step);
      return {
        index,
        name: identifier(step.name, `step_${index}`),
        title: commentText(`${step.name}: ${describeStep(step)}`),
        origin: commentText(step.origin.length === 0 ? 'the layout of the input and output' : step.origin.join(', ')),
        argsType,
        kernel,
        units,
        lines: formatFields(fields),
        large: workOf(this.program, step) >= this.parallelFrom && units > 1 ? 1 : 0,
      };
    });
  }

  /** Rows of main.c's table of tensors, in the order that golden/checksums.txt lists them. */
  get tensors(): readonly string[] {
    return tracedBuffers(this.program).map(({ step, ref }) => {
      const b = this.program.buffers[ref]!;
      const name = identifier(b.name, 'buffer');
      const offset = b.placement.kind === 'workspace' ? b.placement.offset : -1;
      if (b.layout.kind !== 'bits') {
        const halves = cTypeOf(b.layout) === 'int16_t';
        return `${step}, "${name}", ${halves ? 'DYBNN_16BIT' : 'DYBNN_32BIT'}, ${offset}, ${b.bytes / (halves ? 2 : 4)}, 0, 0, 0, 0`;
      }
      const { shape, border } = b.layout;
      const words = wordsOf(shape.channels);
      const pitch = pitchOf(shape, border);
      const first = offset + 8 * (border.top * pitch + border.left * words);
      return `${step}, "${name}", DYBNN_PACKED, ${first}, 0, ${shape.height}, ${shape.width}, ${words}, ${pitch}`;
    });
  }

  private at(ref: BufferRef): string {
    return this.bufferNames[ref]!;
  }

  private constant(ref: ConstantRef | null | undefined): string {
    return ref === null || ref === undefined ? 'NULL' : `${this.prefix}_${this.program.constants[ref]!.name}`;
  }

  private param(param: ParamRef | null | undefined): string {
    if (!param) return 'NULL';
    return param.kind === 'constant' ? this.constant(param.ref) : this.at(param.ref);
  }

  private layoutOf(ref: BufferRef): Buffer['layout'] {
    return this.program.buffers[ref]!.layout;
  }

  private call(step: Step): { argsType: string; kernel: string; units: number; fields: readonly Field[] } {
    switch (step.kind) {
      case 'binaryConv2d': {
        const layout = this.layoutOf(step.input);
        if (layout.kind !== 'bits') throw new Error(`${step.name} reads a map that is not packed`);
        const { window: w, tail } = step;
        const words = wordsOf(layout.shape.channels);
        const pitch = pitchOf(layout.shape, layout.border);
        const skip = (layout.border.top - w.padTop) * pitch + (layout.border.left - w.padLeft) * words;
        const { channels, height } = tail.shape;
        const groupChannels = groupChannelsOf(w.kernelHeight * w.kernelWidth * words, tail.shape);
        const groups = Math.ceil(channels / groupChannels);
        return {
          argsType: tail.fixed ? 'dybnn_fixed_bconv2d_args' : 'dybnn_bconv2d_args',
          kernel: tail.fixed ? 'f->bconv2d' : 'k->bconv2d',
          units: groups * height,
          fields: [
            ['input', skip === 0 ? this.at(step.input) : `${this.at(step.input)} + ${skip}`],
            ['weights', this.constant(step.weights)],
            ['base', this.constant(step.base)],
            ['row_class', this.constant(step.rowClass)],
            ['col_class', this.constant(step.colClass)],
            ['col_classes', step.colClasses],
            ['in_channels', layout.shape.channels],
            ['words', words],
            ['in_pitch', pitch],
            ['kernel_h', w.kernelHeight],
            ['kernel_w', w.kernelWidth],
            ['stride_h', w.strideHeight],
            ['stride_w', w.strideWidth],
            ['dilation_h', w.dilationHeight],
            ['dilation_w', w.dilationWidth],
            ['oc_groups', groups],
            ['group_channels', groupChannels],
            ['tail', this.tail(tail)],
          ],
        };
      }
      case 'int8Conv2d': {
        const { window: w, inputShape, group, tail } = step;
        const { runs, length } = runsOf(w, inputShape.channels / group, group);
        return {
          argsType: tail.fixed ? 'dybnn_int8_conv2d_args' : 'dybnn_int8_conv2d_float_args',
          kernel: tail.fixed ? 'f->int8_conv2d' : 'f->int8_conv2d_float',
          units: tail.shape.height,
          fields: [
            ['input', this.at(step.input)],
            ['weights', this.constant(step.weights)],
            ['in_height', inputShape.height],
            ['in_width', inputShape.width],
            ['in_channels', inputShape.channels],
            ['kernel_h', w.kernelHeight],
            ['kernel_w', w.kernelWidth],
            ['stride_h', w.strideHeight],
            ['stride_w', w.strideWidth],
            ['dilation_h', w.dilationHeight],
            ['dilation_w', w.dilationWidth],
            ['pad_top', w.padTop],
            ['pad_left', w.padLeft],
            ['conv_groups', group],
            ['runs', runs],
            ['length', length],
            ['tail', this.tail(tail)],
          ],
        };
      }
      case 'quantize':
      case 'dequantize': {
        const quantizes = step.kind === 'quantize';
        const external = this.layoutOf(quantizes ? step.input : step.output).kind === 'external';
        return {
          argsType: `dybnn_${step.kind}_args`,
          kernel: `f->${step.kind}`,
          units: step.shape.height,
          fields: [
            ['input', this.at(step.input)],
            ['output', this.at(step.output)],
            ['height', step.shape.height],
            ['width', step.shape.width],
            ['channels', step.shape.channels],
            ['channels_first', external ? 1 : 0],
            ['multiplier', floatLiteral(2 ** (quantizes ? step.fraction : -step.fraction))],
          ],
        };
      }
      case 'conv2d': {
        const { window: w, inputShape } = step;
        return {
          argsType: 'dybnn_conv2d_args',
          kernel: 'k->conv2d',
          units: step.tail.shape.height,
          fields: [
            ['input', this.at(step.input)],
            ['weights', this.constant(step.weights)],
            ['acc', this.constant(step.acc)],
            ['in_height', inputShape.height],
            ['in_width', inputShape.width],
            ['in_channels', inputShape.channels],
            ['kernel_h', w.kernelHeight],
            ['kernel_w', w.kernelWidth],
            ['stride_h', w.strideHeight],
            ['stride_w', w.strideWidth],
            ['dilation_h', w.dilationHeight],
            ['dilation_w', w.dilationWidth],
            ['pad_top', w.padTop],
            ['pad_left', w.padLeft],
            ['conv_groups', step.group],
            ['tail', this.tail(step.tail)],
          ],
        };
      }
      case 'dense':
        return {
          argsType: 'dybnn_dense_args',
          kernel: 'k->dense',
          units: Math.ceil(step.outputs / 16),
          fields: [
            ['input', this.at(step.input)],
            ['weights', this.constant(step.weights)],
            ['acc', this.constant(step.acc)],
            ['output', this.at(step.output)],
            ['inputs', step.inputs],
            ['outputs', step.outputs],
            ...functionFields(step.fn),
          ],
        };
      case 'map':
        if (step.tail.fixed) {
          return {
            argsType: 'dybnn_fixed_map_args',
            kernel: 'f->map',
            units: step.tail.shape.height,
            fields: [
              ['input', this.at(step.input)],
              ['tail', this.tail(step.tail)],
            ],
          };
        }
        return {
          argsType: 'dybnn_map_args',
          kernel: 'k->map',
          units: step.tail.shape.height,
          fields: [['input', this.at(step.input)], ...functionFields(step.fn), ['tail', this.tail(step.tail)]],
        };
      case 'maxPool':
      case 'averagePool': {
        const { window: w, inputShape } = step;
        return {
          argsType: step.tail.fixed ? 'dybnn_fixed_pool_args' : 'dybnn_pool_args',
          kernel: step.tail.fixed ? 'f->pool' : 'k->pool',
          units: step.tail.shape.height,
          fields: [
            ['input', this.at(step.input)],
            ['in_height', inputShape.height],
            ['in_width', inputShape.width],
            ['channels', inputShape.channels],
            ['kernel_h', w.kernelHeight],
            ['kernel_w', w.kernelWidth],
            ['stride_h', w.strideHeight],
            ['stride_w', w.strideWidth],
            ['pad_top', w.padTop],
            ['pad_left', w.padLeft],
            ['is_max', step.kind === 'maxPool' ? 1 : 0],
            step.tail.fixed
              ? ['exclude_pad', step.countIncludePad ? 0 : 1]
              : ['multiplier', floatLiteral(reciprocal(w.kernelHeight * w.kernelWidth))],
            ['reciprocal', this.constant(step.reciprocal)],
            ['tail', this.tail(step.tail)],
          ],
        };
      }
      case 'globalAveragePool': {
        const pixels = step.shape.height * step.shape.width;
        const fraction = fractionOf(this.layoutOf(step.rowSums));
        return {
          argsType: fraction === null ? 'dybnn_gap_args' : 'dybnn_fixed_gap_args',
          kernel: fraction === null ? 'k->gap' : 'f->gap',
          units: Math.ceil(step.shape.channels / 16),
          fields: [
            ['row_sums', this.at(step.rowSums)],
            ['output', this.at(step.output)],
            ['rows', step.shape.height],
            ['channels', step.shape.channels],
            ['multiplier', floatLiteral(fraction === null ? reciprocal(pixels) : fixedMeanFactor(pixels, fraction))],
          ],
        };
      }
      case 'concat': {
        const fixed = fractionOf(this.layoutOf(step.output)) !== null;
        return {
          argsType: fixed ? 'dybnn_fixed_concat_args' : 'dybnn_concat_args',
          kernel: fixed ? 'f->concat' : 'k->concat',
          units: step.shape.height,
          fields: [
            ['input', this.at(step.input)],
            ['output', this.at(step.output)],
            ['height', step.shape.height],
            ['width', step.shape.width],
            ['channels', step.shape.channels],
            ['output_channels', step.outputChannels],
            ['offset', step.offset],
            ...(fixed ? ([['shift', step.shift ?? 0]] as const) : []),
          ],
        };
      }
      case 'unpack': {
        const layout = this.layoutOf(step.input);
        if (layout.kind !== 'bits') throw new Error(`${step.name} reads a map that is not packed`);
        const pitch = pitchOf(layout.shape, layout.border);
        const skip = layout.border.top * pitch + layout.border.left * wordsOf(layout.shape.channels);
        return {
          argsType: 'dybnn_unpack_args',
          kernel: 'dybnn_unpack',
          units: step.shape.height,
          fields: [
            ['input', `${this.at(step.input)} + ${skip}`],
            ['output', this.at(step.output)],
            ['height', step.shape.height],
            ['width', step.shape.width],
            ['channels', step.shape.channels],
            ['in_pitch', pitch],
          ],
        };
      }
      case 'toChannelsLast':
      case 'toChannelsFirst':
        return {
          argsType: 'dybnn_layout_args',
          kernel: step.kind === 'toChannelsLast' ? 'k->to_channels_last' : 'k->to_channels_first',
          units: step.shape.height,
          fields: [
            ['input', this.at(step.input)],
            ['output', this.at(step.output)],
            ['height', step.shape.height],
            ['width', step.shape.width],
            ['channels', step.shape.channels],
          ],
        };
      case 'softmax':
        return {
          argsType: 'dybnn_softmax_args',
          kernel: 'k->softmax',
          units: 1,
          fields: [
            ['input', this.at(step.input)],
            ['output', this.at(step.output)],
            ['count', step.count],
          ],
        };
    }
  }

  private tail(tail: Tail): readonly Field[] {
    const { shortcut, prelu, bits, fixed } = tail;
    const layout = bits && this.layoutOf(bits.buffer);
    const border = layout?.kind === 'bits' ? layout.border : { top: 0, bottom: 0, left: 0, right: 0 };
    return [
      ['height', tail.shape.height],
      ['width', tail.shape.width],
      ['channels', tail.shape.channels],
      ...(fixed ? ([['entry_shift', fixed.entryShift]] as const) : []),
      ['scale', this.constant(tail.scale)],
      ...(fixed
        ? ([
            ['offset', this.constant(fixed.offset)],
            ['scale_shift', fixed.scaleShift],
          ] as const)
        : []),
      ['bias', this.param(tail.bias)],
      ['shortcut', shortcut ? this.at(shortcut.buffer) : 'NULL'],
      ['shortcut_channels', shortcut?.channels ?? 0],
      ['shortcut_pool', shortcut?.pool ?? 0],
      ['shortcut_width', shortcut ? this.layoutOf(shortcut.buffer).shape.width : 0],
      ...(fixed ? ([['shortcut_shift', fixed.shortcutShift]] as const) : []),
      ['prelu_gamma', this.param(prelu?.gamma)],
      ['prelu_slope', this.constant(prelu?.slope)],
      ['prelu_zeta', this.param(prelu?.zeta)],
      ...(fixed ? ([['slope_shift', fixed.slopeShift]] as const) : []),
      ['prelu_ge', isGe(prelu?.compare)],
      ['out', tail.store === undefined ? 'NULL' : this.at(tail.store)],
      ['row_sums', tail.rowSums === undefined ? 'NULL' : this.at(tail.rowSums)],
      ['bits', bits ? this.at(bits.buffer) : 'NULL'],
      ['threshold', this.param(bits?.threshold)],
      ['threshold_gt', bits?.compare === 'gt' ? 1 : 0],
      ['bits_pitch', bits ? pitchOf(tail.shape, border) : 0],
      ['border_top', border.top],
      ['border_bottom', border.bottom],
      ['border_left', border.left],
      ['border_right', border.right],
    ];
  }
}

/** What each step leaves behind, in order: the rows of the checksum list. A concatenation is whole after its last part. */
export function tracedBuffers(program: Program): readonly { readonly step: number; readonly ref: BufferRef }[] {
  return program.steps.flatMap((step, index) =>
    step.kind === 'concat' && step.offset + step.shape.channels < step.outputChannels
      ? []
      : accessesOf(step).writes.map((ref) => ({ step: index, ref })),
  );
}

const workOf = (program: Program, step: Step): number => {
  const { operations, constantBytes } = stepCost(program, step);
  return operations + constantBytes;
};

/**
 * Output channels per group of a binary convolution's units (a multiple of 64). Threads share rows where they can: what one writes it
 * then reads in the next step, and no cache line near it belongs to another. Groups are for maps too low for that, and for windows of so
 * many words that each thread had better take only a part of the weights.
 */
function groupChannelsOf(windowWords: number, { channels, height }: MapShape): number {
  if (height < 8 || windowWords >= 64) return 256;
  return Math.ceil(channels / 64) * 64;
}

/** The type of a buffer's elements in C. */
function cTypeOf(layout: BufferLayout): string {
  if (layout.kind === 'bits') return 'uint64_t';
  if (fractionOf(layout) === null) return 'float';
  return layout.kind === 'map' ? 'int16_t' : 'int32_t';
}

const isGe = (compare: Compare | undefined): number => (compare === 'ge' ? 1 : 0);

/** Words from one row of a packed map to the next. */
function pitchOf(shape: MapShape, border: Border): number {
  return wordsOf(shape.channels) * (border.left + shape.width + border.right);
}

function functionFields(fn: PointFunction | null): readonly Field[] {
  const fields = (name: string, alpha: number, beta: number): readonly Field[] => [
    ['function', `DYBNN_${name}`],
    ['alpha', floatLiteral(Math.fround(alpha))],
    ['beta', floatLiteral(Math.fround(beta))],
  ];
  switch (fn?.kind) {
    case undefined:
      return fields('NONE', 0, 0);
    case 'relu':
      return fields('RELU', 0, 0);
    case 'clip':
      return fields('CLIP', fn.lo, fn.hi);
    case 'hardSigmoid':
      return fields('HARD_SIGMOID', fn.alpha, fn.beta);
    case 'hardSwish':
      return fields('HARD_SWISH', HARD_SWISH_ALPHA, HARD_SWISH_BETA);
    case 'sigmoid':
      return fields('SIGMOID', 0, 0);
    case 'swish':
      return fields('SWISH', 0, 0);
    case 'negate':
      return fields('NEGATE', 0, 0);
  }
}

/** Fields as lines of "value, name" comments, several short ones a line. */
function formatFields(fields: readonly Field[]): readonly string[] {
  const lines: string[] = [];
  let line = '';
  const flush = () => {
    if (line !== '') lines.push(line);
    line = '';
  };
  for (const [name, value] of fields) {
    if (Array.isArray(value)) {
      flush();
      const nested = formatFields(value as readonly Field[]);
      lines.push(`{ /* ${name} */`, ...nested.map((l) => `  ${l}`), '},');
      continue;
    }
    const text = `/* ${name} */ ${String(value)},`;
    if (line.length + text.length > 112) flush();
    line = line === '' ? text : `${line} ${text}`;
  }
  flush();
  return lines;
}

function describeBuffer(b: Buffer): string {
  const { layout } = b;
  const shape = shapeText(layout.shape);
  const what = layout.kind === 'bits' ? `${shape}, packed` : layout.kind === 'rowSums' ? `row sums of ${shape}` : shape;
  return `${what}, ${b.bytes} bytes, steps ${b.firstStep} to ${b.lastStep}`;
}

/** Elements of a declared shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, d) => product * d, 1);
}
