/**
 * How far two right computations of one step may lie apart, element by element, when both are given the same inputs: the
 * contract's order of operations and ONNX Runtime's, each with roundings of its own. What lies farther apart is not rounding.
 *
 * Flows in: a step, what its inputs hold and how uncertain they are. Flows out: a bound for each element of what it makes.
 *
 * Derivation. Every operation adds at most u|result|, u = 2^-24. A sum of n terms t_i, added in any order, has an error whose
 * standard deviation is about u sqrt(n sum t_i^2) / 2 where signs are mixed, and u sqrt(n) |sum| / 3 where they are not: the
 * bound takes SLACK times their sum, some seven deviations, and stays far below the worst case n u sum |t_i|, which would
 * explain anything. A binary convolution adds +-s, the same number over and over, so where a sum grows its errors are not
 * independent: there |dot| takes the place of sqrt(n). Uncertain inputs pass through with their weights; a function's largest
 * slope is 1.5 (hardSwish).
 */
import type { PointFunction } from '../bnn/bnn-graph.js';
import { binaryConv2d } from '../contract/binary-conv2d.js';
import { pointFunction } from '../contract/functions.js';
import type { PackedMap } from '../contract/packing.js';
import {
  type BufferRef,
  type ConstantRef,
  type Conv2dStep,
  type ParamRef,
  type PoolStep,
  type Program,
  type Step,
  sizeOf,
  type Tail,
} from '../program/program.js';

export const U = 2 ** -24;
export const SLACK = 4;
/** The contract's exp ends at e^-87 (clause 9.3), other runtimes' goes on to 0. */
const EXP_FLOOR = 2 ** -125;
/** Runtimes compute sigmoid by rational functions, right to a unit or two of its largest value and not of its own. */
const SIGMOID_ERROR = 4 * U;

/** What is known about the inputs of a step. */
export interface BoundsContext {
  readonly program: Program;
  readonly real: (ref: BufferRef) => Float32Array;
  readonly packed: (ref: BufferRef) => PackedMap;
  /** Per element, in the buffer's order; null where both sides have the very same numbers. */
  readonly uncertainty: (ref: BufferRef) => Float64Array | null;
  /** Elements of a packed map of which the two sides may have different signs, counted by pixel; null: none. */
  readonly unsurePixels: (ref: BufferRef) => Float64Array | null;
  /** The largest constant that the file's own nodes add on the way, before they cancel in a folded one. */
  readonly constantMagnitude: number;
  /** How far the file's weights lie from +-s, as a sum over an output's weights, in units of s. */
  readonly weightDeviation: number;
}

/** Per element of the tail's map (channels last), or of the output. */
export function roundingBounds(step: Step, c: BoundsContext): Float64Array {
  switch (step.kind) {
    case 'binaryConv2d': {
      const { values, bounds } = binaryBase(step, c);
      return throughTail(step.tail, values, bounds, c);
    }
    case 'conv2d': {
      const { values, bounds } = convolutionBase(step, c);
      return throughTail(step.tail, values, bounds, c);
    }
    case 'map': {
      const input = c.real(step.input);
      const uncertain = c.uncertainty(step.input);
      const f = pointFunction(step.fn);
      const values = Float64Array.from(input, f);
      const bounds = Float64Array.from(input, (x, i) => throughFunction(step.fn, x, uncertain?.[i] ?? 0, values[i]!));
      return throughTail(step.tail, values, bounds, c);
    }
    case 'maxPool':
    case 'averagePool': {
      const { values, bounds } = poolBase(step, c);
      return throughTail(step.tail, values, bounds, c);
    }
    case 'dense':
      return denseBounds(step, c);
    case 'globalAveragePool':
      return meanBounds(step.shape, c.real(step.rowSums), c.uncertainty(step.rowSums));
    case 'softmax':
      return softmaxBounds(c.real(step.input), c.uncertainty(step.input));
    case 'concat': {
      // Its own part of the output; the other parts are bounded by their own steps.
      const uncertain = c.uncertainty(step.input);
      return uncertain ?? new Float64Array(sizeOf(step.shape));
    }
    case 'unpack':
      return unpackBounds(step.shape, c.unsurePixels(step.input));
    case 'int8Conv2d':
    case 'quantize':
    case 'dequantize':
      throw new Error(`${step.name}: integers are not compared within the rounding of floats`);
    case 'toChannelsLast':
    case 'toChannelsFirst':
      return c.uncertainty(step.input) ?? new Float64Array(sizeOf(step.shape));
  }
}

/** Of a sum of `terms` numbers of either sign. */
export function sumBound(terms: number, sumOfSquares: number, sum: number): number {
  return SLACK * U * Math.sqrt(terms) * (Math.sqrt(sumOfSquares) + Math.abs(sum));
}

interface Base {
  readonly values: Float64Array;
  readonly bounds: Float64Array;
}

/** Values and bounds in units of the weight scale. */
function binaryBase(step: Extract<Step, { kind: 'binaryConv2d' }>, c: BoundsContext): Base {
  const { window: w, inputShape } = step;
  const shape = step.tail.shape;
  const values = Float64Array.from(integerSums(step, c));
  const n = w.kernelHeight * w.kernelWidth * inputShape.channels;
  const bounds = values.map((dot) => SLACK * U * (n + dot * dot) + c.weightDeviation);
  const unsure = c.unsurePixels(step.input);
  if (unsure) {
    forWindows(step, (pixel, at) => {
      for (let o = 0; o < shape.channels; o++) {
        bounds[pixel * shape.channels + o] = bounds[pixel * shape.channels + o]! + 2 * unsure[at]!;
      }
    });
  }
  return { values, bounds };
}

/** The exact sums, before scale and everything else. */
export function integerSums(
  step: Extract<Step, { kind: 'binaryConv2d' }>,
  c: Pick<BoundsContext, 'packed' | 'program'>,
): Float32Array {
  const weights = c.program.constants[step.weights]!.value;
  if (weights.type !== 'uint64') throw new Error('weights of another type');
  const store = new Float32Array(sizeOf(step.tail.shape));
  const { shape } = step.tail;
  const values = new Float32Array(shape.channels);
  const finish = (y: number, x: number) => store.set(values, (y * shape.width + x) * shape.channels);
  binaryConv2d({
    input: c.packed(step.input),
    weights: weights.data,
    window: step.window,
    sink: { shape, values, finish },
  });
  return store;
}

/** Calls f(output pixel, input pixel, tap) for every tap inside. */
function forWindows(
  step: Pick<Conv2dStep, 'window' | 'inputShape' | 'tail'>,
  f: (pixel: number, at: number, tap: number) => void,
): void {
  const { window: w, inputShape: s } = step;
  const { height, width } = step.tail.shape;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let ky = 0; ky < w.kernelHeight; ky++) {
        const iy = y * w.strideHeight - w.padTop + ky * w.dilationHeight;
        if (iy < 0 || iy >= s.height) continue;
        for (let kx = 0; kx < w.kernelWidth; kx++) {
          const ix = x * w.strideWidth - w.padLeft + kx * w.dilationWidth;
          if (ix >= 0 && ix < s.width) f(y * width + x, iy * s.width + ix, ky * w.kernelWidth + kx);
        }
      }
    }
  }
}

function convolutionBase(step: Conv2dStep, c: BoundsContext): Base {
  const { window: w, inputShape, group } = step;
  const outputs = step.tail.shape.channels;
  const inputs = inputShape.channels / group;
  const perGroup = outputs / group;
  const block = w.kernelHeight * w.kernelWidth * inputs * 16;
  const input = c.real(step.input);
  const uncertain = c.uncertainty(step.input);
  const weights = floats(c.program, step.weights);
  const start = floats(c.program, step.acc);
  const values = new Float64Array(sizeOf(step.tail.shape));
  const squares = new Float64Array(values.length);
  const passed = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const bias = start[i % outputs]!;
    values[i] = bias;
    squares[i] = bias * bias;
  }
  forWindows(step, (pixel, at, tap) => {
    for (let o = 0; o < outputs; o++) {
      const first = at * inputShape.channels + Math.floor(o / perGroup) * inputs;
      let from = (o >>> 4) * block + tap * inputs * 16 + (o & 15);
      let [sum, sumSquares, sumPassed] = [0, 0, 0];
      for (let i = 0; i < inputs; i++, from += 16) {
        const product = input[first + i]! * weights[from]!;
        sum += product;
        sumSquares += product * product;
        if (uncertain) sumPassed += uncertain[first + i]! * Math.abs(weights[from]!);
      }
      const to = pixel * outputs + o;
      values[to] = values[to]! + sum;
      squares[to] = squares[to]! + sumSquares;
      passed[to] = passed[to]! + sumPassed;
    }
  });
  const terms = 1 + w.kernelHeight * w.kernelWidth * inputs;
  const bounds = values.map((v, i) => sumBound(terms, squares[i]!, v) + passed[i]! + SLACK * U * c.constantMagnitude);
  return { values, bounds };
}

function denseBounds(step: Extract<Step, { kind: 'dense' }>, c: BoundsContext): Float64Array {
  const input = c.real(step.input);
  const uncertain = c.uncertainty(step.input);
  const weights = floats(c.program, step.weights);
  const start = floats(c.program, step.acc);
  const f = pointFunction(step.fn);
  return Float64Array.from({ length: step.outputs }, (_, o) => {
    let [sum, squares, passed] = [start[o]!, start[o]! ** 2, 0];
    for (let k = 0; k < step.inputs; k++) {
      const weight = weights[((o >>> 4) * step.inputs + k) * 16 + (o & 15)]!;
      sum += input[k]! * weight;
      squares += (input[k]! * weight) ** 2;
      if (uncertain) passed += uncertain[k]! * Math.abs(weight);
    }
    const bound = sumBound(step.inputs + 1, squares, sum) + passed + SLACK * U * c.constantMagnitude;
    return throughFunction(step.fn, sum, bound, f(Math.fround(sum)));
  });
}

function poolBase(step: PoolStep, c: BoundsContext): Base {
  const { window: w } = step;
  const { channels } = step.tail.shape;
  const input = c.real(step.input);
  const uncertain = c.uncertainty(step.input);
  const size = sizeOf(step.tail.shape);
  const isMax = step.kind === 'maxPool';
  const [values, bounds, squares, counts] = [
    new Float64Array(size),
    new Float64Array(size),
    new Float64Array(size),
    new Float64Array(size / channels),
  ];
  if (isMax) values.fill(Number.NEGATIVE_INFINITY);
  forWindows(step, (pixel, at) => {
    counts[pixel] = counts[pixel]! + 1;
    for (let ch = 0; ch < channels; ch++) {
      const [to, from] = [pixel * channels + ch, at * channels + ch];
      const v = input[from]!;
      const e = uncertain?.[from] ?? 0;
      values[to] = isMax ? Math.max(values[to]!, v) : values[to]! + v;
      bounds[to] = isMax ? Math.max(bounds[to]!, e) : bounds[to]! + e;
      squares[to] = squares[to]! + v * v;
    }
  });
  if (!isMax) {
    for (let i = 0; i < size; i++) {
      const inside = counts[Math.floor(i / channels)]!;
      const k = 1 / (step.countIncludePad ? w.kernelHeight * w.kernelWidth : inside);
      bounds[i] = k * (bounds[i]! + sumBound(inside + 1, squares[i]!, values[i]!));
      values[i] = k * values[i]!;
    }
  }
  return { values, bounds };
}

/** A row's sum, from the values that both sides added. */
export function rowSumBounds(tail: Tail, values: Float32Array, bounds: Float64Array | null): Float64Array {
  const { height, width, channels } = tail.shape;
  const result = new Float64Array(height * channels);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) {
      let [sum, squares, passed] = [0, 0, 0];
      for (let x = 0; x < width; x++) {
        const i = (y * width + x) * channels + c;
        sum += values[i]!;
        squares += values[i]! ** 2;
        passed += bounds?.[i] ?? 0;
      }
      result[y * channels + c] = sumBound(width, squares, sum) + passed;
    }
  }
  return result;
}

function meanBounds(shape: Tail['shape'], rows: Float32Array, uncertain: Float64Array | null): Float64Array {
  const { channels, height, width } = shape;
  return Float64Array.from({ length: channels }, (_, c) => {
    let [sum, squares, passed] = [0, 0, 0];
    for (let y = 0; y < height; y++) {
      const row = rows[y * channels + c]!;
      sum += row;
      squares += row * row;
      passed += uncertain?.[y * channels + c] ?? 0;
    }
    return (sumBound(height + 1, squares, sum) + passed) / (height * width);
  });
}

function softmaxBounds(input: Float32Array, uncertain: Float64Array | null): Float64Array {
  const max = input.reduce((m, v) => Math.max(m, v), Number.NEGATIVE_INFINITY);
  const e = Array.from(input, (x) => Math.exp(x - max));
  const sum = e.reduce((s, v) => s + v, 0);
  const most = uncertain?.reduce((m, v) => Math.max(m, v), 0) ?? 0;
  return Float64Array.from(e, (v, i) => {
    // exp(x - max): the difference is rounded, and exp makes that a relative error. All terms of the sum are positive and many may
    // be equal, so that their roundings all go one way: the full bound of n additions.
    const relative = 2 * most + SLACK * U * (8 + Math.abs(input[i]! - max)) + U * input.length;
    return (v / sum) * relative + EXP_FLOOR;
  });
}

function unpackBounds(shape: Tail['shape'], unsure: Float64Array | null): Float64Array {
  const bounds = new Float64Array(sizeOf(shape));
  if (unsure) for (let i = 0; i < bounds.length; i++) bounds[i] = unsure[Math.floor(i / shape.channels)]! > 0 ? 2 : 0;
  return bounds;
}

/** x with uncertainty e through a function of clause 9; y is the result. */
function throughFunction(fn: PointFunction | null, x: number, e: number, y: number): number {
  switch (fn?.kind) {
    case undefined:
    case 'relu':
    case 'clip':
    case 'negate':
      return e;
    case 'hardSigmoid':
      return Math.abs(fn.alpha) * e + SLACK * U * (Math.abs(fn.alpha * x) + Math.abs(fn.beta) + 1);
    case 'hardSwish':
      return 1.5 * e + SLACK * U * (Math.abs(x) + Math.abs(y));
    case 'sigmoid':
      return 0.25 * e + SLACK * U * 4 * Math.abs(y) + SIGMOID_ERROR;
    case 'swish':
      return 1.1 * e + SLACK * U * 4 * Math.abs(y) + Math.abs(x) * SIGMOID_ERROR;
  }
}

/** scale, bias, shortcut, PReLU, in the tail's order; `values` and `bounds` are overwritten. */
function throughTail(tail: Tail, values: Float64Array, bounds: Float64Array, c: BoundsContext): Float64Array {
  const { channels, height, width } = tail.shape;
  const scale = tail.scale === undefined ? null : floats(c.program, tail.scale);
  const bias = tail.bias === undefined ? null : param(tail.bias, c);
  const gamma = tail.prelu?.gamma ? param(tail.prelu.gamma, c) : null;
  const zeta = tail.prelu?.zeta ? param(tail.prelu.zeta, c) : null;
  const slope = tail.prelu ? floats(c.program, tail.prelu.slope) : null;
  const { shortcut } = tail;
  const z = shortcut ? c.real(shortcut.buffer) : null;
  const zUncertain = shortcut ? c.uncertainty(shortcut.buffer) : null;
  const zWidth = shortcut ? c.program.buffers[shortcut.buffer]!.layout.shape.width : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let ch = 0; ch < channels; ch++) {
        const i = (y * width + x) * channels + ch;
        let v = values[i]!;
        let e = bounds[i]!;
        if (scale) {
          v *= scale[ch]!;
          e = e * Math.abs(scale[ch]!) + SLACK * U * Math.abs(v);
        }
        e += SLACK * U * c.constantMagnitude;
        if (bias) {
          v += bias.values[ch]!;
          e += (bias.uncertain?.[ch] ?? 0) + SLACK * U * (Math.abs(v) + Math.abs(bias.values[ch]!));
        }
        if (shortcut && z) {
          const sc = ch % shortcut.channels;
          const read =
            shortcut.pool === 1
              ? [(y * width + x) * shortcut.channels + sc]
              : pooled(y, x, sc, zWidth, shortcut.channels);
          for (const at of read) {
            v += z[at]! / read.length;
            e += (zUncertain?.[at] ?? 0) / read.length + (SLACK * U * Math.abs(z[at]!)) / read.length;
          }
          e += SLACK * U * Math.abs(v);
        }
        if (slope) {
          const g = gamma ? gamma.values[ch]! : 0;
          const d = v - g;
          e += gamma?.uncertain?.[ch] ?? 0;
          const steepest = Math.abs(d) <= e ? Math.max(1, Math.abs(slope[ch]!)) : d > 0 ? 1 : Math.abs(slope[ch]!);
          const bent = d > 0 ? d : slope[ch]! * d;
          const added = zeta ? zeta.values[ch]! : 0;
          const result = bent + added;
          e = e * steepest + (zeta?.uncertain?.[ch] ?? 0);
          e +=
            SLACK * U * ((Math.abs(d) + Math.abs(g)) * steepest + Math.abs(bent) + Math.abs(added) + Math.abs(result));
          v = result;
        }
        values[i] = v;
        bounds[i] = e;
      }
    }
  }
  return bounds;
}

const pooled = (y: number, x: number, c: number, width: number, channels: number): readonly number[] => {
  const at = (2 * y * width + 2 * x) * channels + c;
  return [at, at + channels, at + width * channels, at + (width + 1) * channels];
};

interface Param {
  readonly values: Float32Array;
  readonly uncertain: Float64Array | null;
}

function param(p: ParamRef, c: BoundsContext): Param {
  return p.kind === 'constant'
    ? { values: floats(c.program, p.ref), uncertain: null }
    : { values: c.real(p.ref), uncertain: c.uncertainty(p.ref) };
}

function floats(program: Program, ref: ConstantRef): Float32Array {
  const { value } = program.constants[ref]!;
  if (value.type !== 'float32') throw new Error('a constant of another type');
  return value.data;
}
