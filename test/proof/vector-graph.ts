/**
 * Small networks by hand: nodes with numbers from a Draw, and the numbers where implementations go wrong.
 */
import {
  type BnnGraph,
  type BnnNode,
  type ChannelParam,
  type Compare,
  type MapShape,
  outputSize,
  type PointFunction,
  type Value,
  type ValueId,
  type Window,
} from '../../src/bnn/bnn-graph.js';
import type { Ranges } from '../../src/fixed/ranges.js';
import type { Program } from '../../src/program/program.js';
import { seededRandom } from '../support/random.js';

/** A network that the contract's clauses are held to. */
export interface ContractVector {
  readonly clause: string;
  readonly title: string;
  readonly graph: BnnGraph;
  /** Two samples. */
  readonly inputs: Float32Array;
  /** Left out: float32 everywhere. */
  readonly integers?: Integers;
}

/** How a network gets int16 maps (clauses 11 to 15). */
export interface Integers {
  readonly mode: IntegerMode;
  /** Left out: calibrated with the vector's own inputs. */
  readonly ranges?: (program: Program, inputs: Float32Array) => Ranges;
  readonly edit?: (program: Program) => Program;
  /** Lowered as it is: what optimize would fold stays a tail's own. */
  readonly plain?: true;
}

/** Everywhere between binary convolutions, or in the first and last layers of a float32 network alone. */
export const INTEGER_MODES = ['fixed16', 'int8 ends'] as const;
export type IntegerMode = (typeof INTEGER_MODES)[number];

// ---- numbers

export const bits = (word: number): number => new Float32Array(Uint32Array.of(word).buffer)[0]!;

/** Zeros, subnormals, halfway cases, neighbours of one, large ones: all finite, and products of two of them too. */
const SPECIAL: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  -3,
  bits(1),
  -bits(1),
  bits(0x7fffff),
  -bits(0x7fffff),
  bits(0x800000),
  -bits(0x800000),
  bits(0x3f800001),
  bits(0x3f7fffff),
  -bits(0x3f800001),
  16777216,
  16777215,
  -16777217,
  8388608.5,
  1 / 3,
  -1 / 3,
  1e-20,
  -1e-20,
  1e15,
  -1e15,
  0.1,
  -0.1,
  255,
  65504,
  1e-30,
].map(Math.fround);
/** Numbers where exp's argument lies between two powers of two: fl(fl(x log2 e) + 0.5) is whole (clause 9.3). */
const WHOLE: readonly number[] = Array.from({ length: 61 }, (_, i) => i - 30).flatMap((k) => {
  const log2e = Math.fround(Math.LOG2E);
  const near = Math.fround((k - 0.5) / log2e);
  const step = Math.max(Math.abs(near) * 2 ** -23, 2 ** -149);
  return Array.from({ length: 9 }, (_, j) => Math.fround(near + (j - 4) * step)).filter(
    (x) => Math.fround(Math.fround(x * log2e) + 0.5) === k,
  );
});

const TIES: readonly number[] = [0, -0, 1, -1, 0.5, -0.5, 2, -2];

export type Draw = (i: number) => number;

export class VectorGraph {
  private readonly nodes: BnnNode[] = [];
  private readonly values: Value[] = [];
  readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  readonly smooth: Draw = () => Math.fround(2 * this.random() - 1);
  readonly special: Draw = () => SPECIAL[Math.floor(this.random() * SPECIAL.length)]!;
  readonly ties: Draw = () => TIES[Math.floor(this.random() * TIES.length)]!;

  readonly minusZero: Draw = () => -0;
  readonly whole: Draw = (i) => (i % 4 === 0 ? 1 : -1) * WHOLE[i % WHOLE.length]!;

  floats(count: number, draw: Draw = this.smooth): Float64Array {
    return Float64Array.from({ length: count }, (_, i) => draw(i));
  }

  fixed(x: ValueId, draw: Draw = this.smooth): ChannelParam {
    return { kind: 'static', values: this.floats(this.shape(x).channels, draw) };
  }

  shape(id: ValueId): MapShape {
    return this.values[id]!.shape;
  }

  add(shape: MapShape, node: object, domain: Value['domain'] = 'real'): ValueId {
    const id = this.values.length;
    const { kind } = node as BnnNode;
    this.values.push({ id, name: `v${id}`, shape, domain });
    this.nodes.push({
      ...node,
      name: `${kind.toLowerCase()}_${id}`,
      origin: [`/${kind}_${id}`],
      output: id,
    } as unknown as BnnNode);
    return id;
  }

  input(channels: number, height = 1, width = 1): ValueId {
    return this.add({ channels, height, width }, { kind: 'Input' });
  }

  sign(x: ValueId, threshold: ChannelParam | null = null, compare: Compare = 'ge'): ValueId {
    return this.add(this.shape(x), { kind: 'RSign', x, threshold, compare }, 'binary');
  }

  prelu(
    x: ValueId,
    gamma: ChannelParam | null,
    zeta: ChannelParam | null,
    compare: Compare,
    slope: Draw = this.smooth,
  ): ValueId {
    const { channels } = this.shape(x);
    return this.add(this.shape(x), { kind: 'RPReLU', x, gamma, zeta, compare, slope: this.floats(channels, slope) });
  }

  private windowed(x: ValueId, channels: number, w: Window): MapShape {
    const s = this.shape(x);
    return {
      channels,
      height: outputSize(s.height, w.kernelHeight, w.strideHeight, w.dilationHeight, w.padTop + w.padBottom),
      width: outputSize(s.width, w.kernelWidth, w.strideWidth, w.dilationWidth, w.padLeft + w.padRight),
    };
  }

  binary(
    x: ValueId,
    outputs: number,
    w: Window,
    options: { readonly scale?: Draw; readonly bias?: Draw | null; readonly sign?: Draw } = {},
  ): ValueId {
    const inputs = this.shape(x).channels;
    const { scale = this.smooth, bias = this.smooth, sign = () => (this.random() < 0.5 ? 0 : 1) } = options;
    return this.add(this.windowed(x, outputs, w), {
      kind: 'BinaryConv2d',
      x,
      signs: Uint8Array.from({ length: outputs * inputs * w.kernelHeight * w.kernelWidth }, (_, i) => sign(i)),
      outputs,
      inputs,
      window: w,
      scale: this.floats(outputs, scale),
      bias: bias === null ? null : this.floats(outputs, bias),
    });
  }

  conv(
    x: ValueId,
    outputs: number,
    w: Window,
    group = 1,
    draw: Draw = this.smooth,
    bias: Draw | null = this.smooth,
  ): ValueId {
    const inputs = this.shape(x).channels;
    const terms = (inputs / group) * w.kernelHeight * w.kernelWidth;
    return this.add(this.windowed(x, outputs, w), {
      kind: 'Conv2d',
      x,
      weight: Float32Array.from(this.floats(outputs * terms, draw)),
      bias: bias === null ? null : this.floats(outputs, bias),
      outputs,
      inputs,
      group,
      window: w,
      floatReason: null,
    });
  }

  dense(x: ValueId, outputs: number, bias: Draw | null = this.smooth): ValueId {
    const inputs = this.shape(x).channels;
    return this.conv(x, outputs, square(1), 1, () => this.smooth(0) / Math.sqrt(inputs), bias);
  }

  scaleBias(x: ValueId, scale: Draw | null, bias: ChannelParam | null): ValueId {
    const { channels } = this.shape(x);
    return this.add(this.shape(x), { kind: 'ScaleBias', x, scale: scale ? this.floats(channels, scale) : null, bias });
  }

  plus(a: ValueId, b: ValueId): ValueId {
    return this.add(this.shape(a), { kind: 'Add', a, b });
  }

  pool(kind: 'MaxPool' | 'AveragePool', x: ValueId, w: Window, countIncludePad = true): ValueId {
    const node = kind === 'MaxPool' ? { kind, x, window: w } : { kind, x, window: w, countIncludePad };
    return this.add(this.windowed(x, this.shape(x).channels, w), node);
  }

  mean(x: ValueId): ValueId {
    return this.add({ channels: this.shape(x).channels, height: 1, width: 1 }, { kind: 'GlobalAveragePool', x });
  }

  concat(...xs: ValueId[]): ValueId {
    return this.add(
      { ...this.shape(xs[0]!), channels: xs.reduce((sum, x) => sum + this.shape(x).channels, 0) },
      { kind: 'Concat', xs },
    );
  }

  apply(x: ValueId, fn: PointFunction): ValueId {
    return this.add(this.shape(x), { kind: 'Activation', x, fn });
  }

  softmax(x: ValueId): ValueId {
    return this.add(this.shape(x), { kind: 'Softmax', x });
  }

  /** Clause 8: GAP, FC, function, FC. */
  generator(x: ValueId, fn: PointFunction | null): ChannelParam {
    const { channels } = this.shape(x);
    const hidden = this.dense(this.mean(x), Math.max(1, channels >> 4));
    return { kind: 'dynamic', source: this.dense(fn ? this.apply(hidden, fn) : hidden, channels) };
  }

  build(clause: string, title: string, draw: Draw): ContractVector {
    const output = this.values.length - 1;
    const [first, last] = [this.values[0]!.shape, this.values[output]!.shape];
    const graph: BnnGraph = {
      name: 'vector',
      values: this.values,
      nodes: this.nodes,
      output,
      declaredInput: { name: 'input', shape: [1, first.channels, first.height, first.width] },
      declaredOutput: { name: 'output', shape: [1, last.channels, last.height, last.width] },
    };
    return {
      clause,
      title,
      graph,
      inputs: Float32Array.from(this.floats(2 * first.channels * first.height * first.width, draw)),
    };
  }
}

export function square(kernel: number, stride = 1, pad = 0, dilation = 1): Window {
  return rectangle([kernel, kernel], [stride, stride], [pad, pad, pad, pad], [dilation, dilation]);
}

export function rectangle(
  [kernelHeight, kernelWidth]: readonly [number, number],
  [strideHeight, strideWidth]: readonly [number, number],
  [padTop, padLeft, padBottom, padRight]: readonly [number, number, number, number],
  [dilationHeight, dilationWidth]: readonly [number, number],
): Window {
  return {
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    padTop,
    padLeft,
    padBottom,
    padRight,
    dilationHeight,
    dilationWidth,
  };
}
