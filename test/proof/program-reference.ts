/**
 * The contract read a second time over a Program: formats, constants and shifts are decided there, what comes of them is
 * computed here from CONTRACT.md's words, one value after another, channels first. Integers are BigInt, and every width that a
 * clause claims is checked on the way; no line is shared with src/contract or src/simulate.
 *
 * Flows in: a Program and one sample. Flows out: each tensor that a step leaves behind.
 */
import type { Compare, MapShape, Window } from '../../src/bnn/bnn-graph.js';
import type { ConstantData, FixedTail, ParamRef, Program, Step, Tail } from '../../src/program/program.js';
import { applyInBinary32, softmaxInBinary32 } from './reference.js';

export interface Tensor {
  /** Integers stand for multiples of 2^-fraction; bits are -1 and +1. */
  readonly kind: 'real' | 'integers' | 'bits';
  readonly shape: MapShape;
  /** Channels first; sums of rows: [channels][height]. */
  readonly data: Float64Array;
}

export type TensorObserver = (index: number, ref: number, tensor: Tensor) => void;

/** How often something was clipped (11.2), by step. */
export function evaluateProgram(program: Program, input: Float32Array, observe: TensorObserver): readonly number[] {
  const run = new ProgramReference(program, input, observe);
  return program.steps.map((step, index) => {
    const before = clipped.count;
    run.evaluate(step, index);
    return clipped.count - before;
  });
}

// ---- clause 11

/** Claims are checked where they are used: a sum that leaves its width is a wrong clause, not a wrong number. */
function inBits(v: bigint, bits: number, what: string): bigint {
  if (BigInt.asIntN(bits, v) !== v) throw new Error(`${what}: ${v} does not fit ${bits} bits`);
  return v;
}

const clipped = { count: 0 };

function sat(v: bigint): bigint {
  const q = v > 32767n ? 32767n : v < -32768n ? -32768n : v;
  if (q !== v) clipped.count++;
  return q;
}

/** The addition of the half is what must fit. */
function rnd(v: bigint, n: number, bits: number, what: string): bigint {
  return n === 0 ? inBits(v, bits, what) : inBits(v + (1n << BigInt(n - 1)), bits, what) >> BigInt(n);
}

/** 11.3 from the number's own bits: mantissa and exponent. */
export function fixedPoint(x: number, fraction: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const field = Number((word >> 52n) & 0x7ffn);
  const low = word & 0xfffffffffffffn;
  const magnitude = field === 0 ? low : low | (1n << 52n);
  const mantissa = word >> 63n === 1n ? -magnitude : magnitude;
  const exponent = Math.max(field, 1) - 1075 + fraction;
  const v =
    exponent >= 0 ? mantissa << BigInt(exponent) : (mantissa + (1n << BigInt(-exponent - 1))) >> BigInt(-exponent);
  return Number(sat(v));
}

// ---- steps

type Place = { readonly c: number; readonly y: number; readonly x: number };
type Data = { readonly [C in ConstantData as C['type']]: C['data'] };

const r32 = Math.fround;

class ProgramReference {
  private readonly tensors = new Map<number, Tensor>();

  constructor(
    private readonly program: Program,
    input: Float32Array,
    private readonly observe: TensorObserver,
  ) {
    program.buffers.forEach((b, ref) => {
      if (b.placement.kind === 'input')
        this.tensors.set(ref, { kind: 'real', shape: b.layout.shape, data: Float64Array.from(input) });
    });
  }

  private read(ref: number): Tensor {
    const tensor = this.tensors.get(ref);
    if (!tensor) throw new Error(`${this.program.buffers[ref]?.name} is read before it is written`);
    return tensor;
  }

  private write(index: number, ref: number, kind: Tensor['kind'], shape: MapShape, data: Float64Array): void {
    const tensor = { kind, shape, data };
    this.tensors.set(ref, tensor);
    this.observe(index, ref, tensor);
  }

  private constant<T extends keyof Data>(ref: number, type: T): Data[T] {
    const { value, name } = this.program.constants[ref]!;
    if (value.type !== type) throw new Error(`${name} is ${value.type}`);
    return value.data as Data[T];
  }

  evaluate(step: Step, index: number): void {
    switch (step.kind) {
      case 'toChannelsLast':
      case 'toChannelsFirst':
      case 'unpack': {
        const { shape, data } = this.read(step.input);
        return this.write(index, step.output, 'real', shape, data);
      }
      case 'quantize': {
        const { data } = this.read(step.input);
        const q = data.map((x) => fixedPoint(x, step.fraction));
        return this.write(index, step.output, 'integers', step.shape, q);
      }
      case 'dequantize': {
        const { data } = this.read(step.input);
        return this.write(
          index,
          step.output,
          'real',
          step.shape,
          data.map((q) => this.exact(q / 2 ** step.fraction)),
        );
      }
      case 'binaryConv2d': {
        const input = this.read(step.input);
        const { channels } = step.inputShape;
        const { kernelHeight, kernelWidth } = step.window;
        const words = Math.ceil(channels / 64);
        const weights = this.constant(step.weights, 'uint64');
        const inside = insideOf(step.window, step.inputShape);
        return this.tail(index, step.tail, ({ c: o, y, x }) => {
          let dot = 0;
          for (const { tap, at } of inside(y, x)) {
            for (let c = 0; c < channels; c++) {
              const word = ((o >> 3) * kernelHeight * kernelWidth * words + tap * words + (c >> 6)) * 8 + (o & 7);
              const half = weights[2 * word + ((c >> 5) & 1)]!;
              dot +=
                ((half >>> (c & 31)) & 1 ? 1 : -1) *
                input.data[c * step.inputShape.height * step.inputShape.width + at]!;
            }
          }
          return dot;
        });
      }
      case 'conv2d': {
        const { inputShape, group, window, tail } = step;
        const weights = this.constant(step.weights, 'float32');
        const starts = this.constant(step.acc, 'float32');
        const inputs = inputShape.channels / group;
        const input = this.read(step.input);
        const inside = insideOf(window, inputShape);
        return this.tail(index, tail, ({ c: o, y, x }) => {
          const first = Math.floor(o / (tail.shape.channels / group)) * inputs;
          let acc = starts[o]!;
          for (const { tap, at } of inside(y, x)) {
            for (let c = 0; c < inputs; c++) {
              const w =
                weights[
                  ((o >> 4) * window.kernelHeight * window.kernelWidth * inputs + tap * inputs + c) * 16 + (o & 15)
                ]!;
              const v = input.data[(first + c) * inputShape.height * inputShape.width + at]!;
              acc = r32(acc + r32(v * w));
            }
          }
          return acc;
        });
      }
      case 'int8Conv2d': {
        const { inputShape, group, window, tail } = step;
        const weights = this.constant(step.weights, 'int8');
        const inputs = inputShape.channels / group;
        const input = this.read(step.input);
        const inside = insideOf(window, inputShape);
        // Rows of a kernel whose columns touch are one run of pairs, else each column is one.
        const touching = group === 1 && window.dilationWidth === 1;
        const length = touching ? window.kernelWidth * inputs : inputs;
        const pairs = Math.ceil(length / 2);
        const rowPairs = touching ? pairs : window.kernelWidth * pairs;
        return this.tail(index, tail, ({ c: o, y, x }) => {
          const first = Math.floor(o / (tail.shape.channels / group)) * inputs;
          let acc = 0;
          for (const { tap, at } of inside(y, x)) {
            const ky = Math.floor(tap / window.kernelWidth);
            const kx = tap % window.kernelWidth;
            for (let c = 0; c < inputs; c++) {
              const place = touching ? kx * inputs + c : c;
              const pair =
                ((o >> 4) * window.kernelHeight + ky) * rowPairs + (touching ? 0 : kx * pairs) + (place >> 1);
              const w = weights[(pair * 16 + (o & 15)) * 2 + (place & 1)]!;
              acc += w * input.data[(first + c) * inputShape.height * inputShape.width + at]!;
            }
          }
          return Number(inBits(BigInt(acc), 32, '14.1'));
        });
      }
      case 'dense': {
        const weights = this.constant(step.weights, 'float32');
        const starts = this.constant(step.acc, 'float32');
        const { data } = this.read(step.input);
        const output = Float64Array.from({ length: step.outputs }, (_, o) => {
          let acc = starts[o]!;
          for (let i = 0; i < step.inputs; i++) {
            acc = r32(acc + r32(data[i]! * weights[((o >> 4) * step.inputs + i) * 16 + (o & 15)]!));
          }
          return step.fn ? applyInBinary32(step.fn, acc) : acc;
        });
        return this.write(index, step.output, 'real', { channels: step.outputs, height: 1, width: 1 }, output);
      }
      case 'map': {
        const { data } = this.read(step.input);
        const { fn, tail } = step;
        return this.tail(index, tail, (p) => {
          const v = data[placeIn(tail.shape, p)]!;
          return fn ? applyInBinary32(fn, v) : v;
        });
      }
      case 'maxPool': {
        const { data, shape } = this.read(step.input);
        const inside = insideOf(step.window, shape);
        return this.tail(index, step.tail, ({ c, y, x }) => {
          const pixels = inside(y, x).map(({ at }) => data[c * shape.height * shape.width + at]!);
          return pixels.reduce((m, v) => (v > m ? v : m), pixels[0]!);
        });
      }
      case 'averagePool': {
        const { data, shape } = this.read(step.input);
        const inside = insideOf(step.window, shape);
        const all = step.window.kernelHeight * step.window.kernelWidth;
        return this.tail(index, step.tail, ({ c, y, x }) => {
          const pixels = inside(y, x);
          const n = step.countIncludePad ? all : pixels.length;
          const of = ({ at }: { at: number }): number => data[c * shape.height * shape.width + at]!;
          return step.tail.fixed
            ? fixedMean(pixels.map(of), n)
            : floatMean(
                rowsOf(pixels, step.window).map((row) => row.map(of)),
                n,
              );
        });
      }
      case 'globalAveragePool': {
        const sums = this.read(step.rowSums);
        const { channels, height, width } = step.shape;
        const layout = this.program.buffers[step.rowSums]!.layout;
        const fraction = layout.kind === 'rowSums' ? layout.fraction : undefined;
        const mean = Float64Array.from({ length: channels }, (_, c) => {
          const rows = sums.data.subarray(c * height, (c + 1) * height);
          if (fraction === undefined) {
            return r32(rows.reduce((sum, v) => r32(sum + v), 0) * r32(1 / (height * width)));
          }
          const sum = rows.reduce((total, v) => total + BigInt(v), 0n);
          return r32(r32(Number(inBits(sum, 32, '13.1'))) * r32(2 ** -fraction / (height * width)));
        });
        return this.write(index, step.output, 'real', { channels, height: 1, width: 1 }, mean);
      }
      case 'concat': {
        const part = this.read(step.input);
        const pixels = step.shape.height * step.shape.width;
        const before = this.tensors.get(step.output);
        const joined = before ? before.data.slice() : new Float64Array(step.outputChannels * pixels);
        const shift = step.shift;
        const values =
          shift === undefined ? part.data : part.data.map((q) => Number(rnd(BigInt(q), shift, 32, '13.4')));
        joined.set(values, step.offset * pixels);
        return this.write(index, step.output, part.kind, { ...step.shape, channels: step.outputChannels }, joined);
      }
      case 'softmax': {
        const { data, shape } = this.read(step.input);
        return this.write(index, step.output, 'real', shape, softmaxInBinary32(data));
      }
    }
  }

  /** Binary32 holds it as it is. */
  private exact(x: number): number {
    if (r32(x) !== x) throw new Error(`11.3: ${x} is no binary32`);
    return x;
  }

  // ---- tails

  private tail(index: number, tail: Tail, enter: (p: Place) => number): void {
    const { shape, fixed } = tail;
    const { channels, height, width } = shape;
    const values = new Float64Array(channels * height * width);
    const bits = new Float64Array(values.length);
    const sums = new Float64Array(channels * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          const place = { c, y, x };
          const entering = enter(place);
          const v = fixed ? this.fixedValue(tail, fixed, place, entering) : this.floatValue(tail, place, entering);
          values[placeIn(shape, place)] = v;
          const row = c * height + y;
          sums[row] = fixed ? sums[row]! + v : r32(sums[row]! + v);
          if (tail.bits) {
            const { threshold, compare } = tail.bits;
            const alpha = fixed ? this.fixedParam(threshold, c) : this.floatParam(threshold, c);
            bits[placeIn(shape, place)] = exceeds(v, alpha, compare) ? 1 : -1;
          }
        }
      }
    }
    const kind = fixed ? 'integers' : 'real';
    if (tail.store !== undefined) this.write(index, tail.store, kind, shape, values);
    if (tail.rowSums !== undefined) this.write(index, tail.rowSums, kind, shape, sums);
    if (tail.bits) this.write(index, tail.bits.buffer, 'bits', shape, bits);
  }

  private fixedParam(param: ParamRef | null | undefined, c: number): number {
    if (!param) return 0;
    if (param.kind === 'constant') return this.constant(param.ref, 'int16')[c]!;
    const { kind, data } = this.read(param.ref);
    if (kind !== 'integers') throw new Error('a parameter of integers is real');
    return data[c]!;
  }

  private floatParam(param: ParamRef, c: number): number {
    return param.kind === 'constant' ? this.constant(param.ref, 'float32')[c]! : this.read(param.ref).data[c]!;
  }

  private shortcuts(tail: Tail, { c, y, x }: Place): readonly number[] {
    const { buffer, channels, pool } = tail.shortcut!;
    const { data, shape } = this.read(buffer);
    const at = (dy: number, dx: number): number =>
      data[placeIn(shape, { c: c % channels, y: pool * y + dy, x: pool * x + dx })]!;
    return pool === 1 ? [at(0, 0)] : [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
  }

  /** 12.1 to 12.4. */
  private fixedValue(tail: Tail, fixed: FixedTail, place: Place, entering: number): number {
    const { c } = place;
    const int16 = (param: ParamRef | null | undefined): bigint => BigInt(this.fixedParam(param, c));
    let y = sat(rnd(BigInt(entering), fixed.entryShift, 32, '12.1'));
    if (tail.scale !== undefined) {
      const m = BigInt(this.constant(tail.scale, 'int16')[c]!);
      const offset = BigInt(this.constant(fixed.offset!, 'int32')[c]!);
      y = sat(rnd(y * m + offset, fixed.scaleShift, 32, '12.2'));
    }
    if (tail.bias) y = sat(inBits(y + int16(tail.bias), 17, '12.2'));
    if (tail.shortcut) {
      const z = this.shortcuts(tail, place).reduce((sum, v) => sum + BigInt(v), 0n);
      const pooled = tail.shortcut.pool === 2;
      inBits(z, pooled ? 18 : 16, '12.3');
      y = sat(y + rnd(z, fixed.shortcutShift + (pooled ? 2 : 0), 32, '12.3'));
    }
    if (tail.prelu) {
      const gamma = int16(tail.prelu.gamma);
      const zeta = int16(tail.prelu.zeta);
      const d = sat(inBits(y - gamma, 17, '12.4'));
      const beta = BigInt(this.constant(tail.prelu.slope, 'int16')[c]!);
      const bent = exceeds(Number(y), Number(gamma), tail.prelu.compare)
        ? d
        : sat(rnd(d * beta, fixed.slopeShift, 32, '12.4'));
      y = sat(inBits(bent + zeta, 17, '12.4'));
    }
    return Number(y);
  }

  /** 4.4 and 5, after 14.3's conversion of an accumulator, which changes no dot and no binary32. */
  private floatValue(tail: Tail, place: Place, entering: number): number {
    const { c } = place;
    let y = r32(entering);
    if (tail.scale !== undefined) y = r32(y * this.constant(tail.scale, 'float32')[c]!);
    if (tail.bias) y = r32(y + this.floatParam(tail.bias, c));
    if (tail.shortcut) {
      const z = this.shortcuts(tail, place);
      y = r32(
        y +
          (z.length === 1
            ? z[0]!
            : floatMean(
                [
                  [z[0]!, z[1]!],
                  [z[2]!, z[3]!],
                ],
                4,
              )),
      );
    }
    if (tail.prelu) {
      const { gamma, zeta, slope, compare } = tail.prelu;
      const bend = gamma ? this.floatParam(gamma, c) : 0;
      const d = gamma ? r32(y - bend) : y;
      const bent = exceeds(y, bend, compare) ? d : r32(this.constant(slope, 'float32')[c]! * d);
      y = zeta ? r32(bent + this.floatParam(zeta, c)) : bent;
    }
    return y;
  }
}

function exceeds(v: number, bound: number, compare: Compare): boolean {
  return compare === 'gt' ? v > bound : v >= bound;
}

function placeIn({ height, width }: MapShape, { c, y, x }: Place): number {
  return (c * height + y) * width + x;
}

interface Tap {
  readonly tap: number;
  /** In one channel. */
  readonly at: number;
}

/** Taps of a window that lie inside, in row-major order; the last window's are kept, for the channels of its pixel. */
function insideOf(w: Window, shape: MapShape): (y: number, x: number) => readonly Tap[] {
  let kept: { readonly y: number; readonly x: number; readonly taps: readonly Tap[] } | null = null;
  return (y, x) => {
    if (kept?.y !== y || kept.x !== x) kept = { y, x, taps: tapsInside(w, shape, y, x) };
    return kept.taps;
  };
}

function tapsInside(w: Window, { height, width }: MapShape, y: number, x: number): readonly Tap[] {
  const taps: Tap[] = [];
  for (let tap = 0; tap < w.kernelHeight * w.kernelWidth; tap++) {
    const iy = y * w.strideHeight - w.padTop + Math.floor(tap / w.kernelWidth) * w.dilationHeight;
    const ix = x * w.strideWidth - w.padLeft + (tap % w.kernelWidth) * w.dilationWidth;
    if (iy >= 0 && iy < height && ix >= 0 && ix < width) taps.push({ tap, at: iy * width + ix });
  }
  return taps;
}

function rowsOf(taps: readonly Tap[], w: Window): Tap[][] {
  return Array.from({ length: w.kernelHeight }, (_, ky) =>
    taps.filter((t) => Math.floor(t.tap / w.kernelWidth) === ky),
  );
}

/** Clauses 6.1 and 6.2. */
function floatMean(rows: readonly (readonly number[])[], n: number): number {
  const sum = rows.reduce((total, row) => r32(total + row.reduce((s, v) => r32(s + v), 0)), 0);
  return r32(sum * r32(1 / n));
}

/** 13.2, R from whole numbers. */
function fixedMean(pixels: readonly number[], n: number): number {
  let p = 16;
  while (2 ** (p - 16) < n) p++;
  const factor = (2n * (1n << BigInt(p)) + BigInt(n)) / (2n * BigInt(n));
  if (factor < 1n << 16n || factor > 1n << 17n) throw new Error(`13.2: R = ${factor}`);
  const sum = pixels.reduce((total, v) => total + BigInt(v), 0n);
  return Number(sat(rnd(inBits(sum, 32, '13.2') * factor, p, 48, '13.2')));
}
