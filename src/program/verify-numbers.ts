/**
 * The part of the verifier that knows numbers: what CONTRACT.md's clauses 11 to 15 bound so that 32 bits suffice, and that each
 * step reads and writes the numbers that it works on. A failure is our bug: it throws a plain Error.
 */
import { FRACTION_MAX, FRACTION_MIN, INT16_MAX } from '../contract/fixed.js';
import { INT8_WEIGHT_SUM_MAX } from '../contract/int8-conv2d.js';
import {
  accessesOf,
  type Buffer,
  type BufferRef,
  type ConcatStep,
  type ConstantData,
  type ConstantRef,
  type FixedTail,
  type Fraction,
  fractionOf,
  type Int8Conv2dStep,
  type ParamRef,
  type PoolStep,
  type Program,
  runsOf,
  type Step,
  type Tail,
} from './program.js';

/** Products an output of a binary convolution (12.1), pixels of a global average pool (13.1) and of a window (13.2). */
const MOST_PRODUCTS = 32767;
const MOST_POOLED_PIXELS = 65536;
const MOST_WINDOW_PIXELS = 2 ** 15;
const MOST_OFFSET = 2 ** 30;

export function verifyNumbers(program: Program): void {
  for (const buffer of program.buffers) {
    const fraction = fractionOf(buffer.layout);
    const fits =
      fraction === null || (Number.isInteger(fraction) && fraction >= FRACTION_MIN && fraction <= FRACTION_MAX);
    check(fits, buffer.name, `a fraction of ${fraction} (11.1)`);
  }
  const least = new Map<BufferRef, Fraction>();
  for (const step of program.steps) {
    if (step.kind !== 'concat') continue;
    const fraction = fractionOf(program.buffers[step.input]!.layout) ?? FRACTION_MAX;
    least.set(step.output, Math.min(fraction, least.get(step.output) ?? FRACTION_MAX));
  }
  for (const step of program.steps) new StepNumbers(program, step, least).verify();
}

function check(holds: boolean, where: string, what: string): void {
  if (!holds) throw new Error(`after lower: ${where}: ${what}`);
}

type DataOf = { readonly [C in ConstantData as C['type']]: C['data'] };

const within = (n: number, low: number, high: number): boolean => Number.isInteger(n) && n >= low && n <= high;

class StepNumbers {
  constructor(
    private readonly program: Program,
    private readonly step: Step,
    /** Of each concatenation of int16 maps. */
    private readonly leastOfParts: ReadonlyMap<BufferRef, Fraction>,
  ) {}

  verify(): void {
    const { step, program } = this;
    switch (step.kind) {
      case 'binaryConv2d': {
        this.check(this.buffer(step.input).layout.kind === 'bits', 'reads a map that is not packed');
        const products = step.inputShape.channels * step.window.kernelHeight * step.window.kernelWidth;
        this.check(!step.tail.fixed || products <= MOST_PRODUCTS, `${products} products an output (12.1)`);
        this.check(program.numeric === 'float32' || step.tail.fixed !== undefined, 'is binary32 in fixed16 (12)');
        return this.tail(step.tail, 0, 0);
      }
      case 'int8Conv2d':
        this.integers(step.input);
        this.int8Weights(step);
        this.check(step.tail.fixed ? step.tail.scale !== undefined : true, 'has no scale (14.2)');
        this.check(step.tail.fixed !== undefined || step.tail.scale !== undefined, 'has no scale (14.3)');
        return this.tail(step.tail, null, 15);
      case 'map':
      case 'maxPool':
      case 'averagePool':
        if (!step.tail.fixed) this.floats(step.input);
        else {
          this.check(step.kind !== 'map' || step.fn === null, 'a function over integers (15)');
          if (step.kind === 'averagePool') this.reciprocals(step);
        }
        return this.tail(step.tail, step.tail.fixed ? this.integers(step.input) : 0, 16);
      case 'conv2d':
        this.check(program.numeric === 'float32', 'has weights of binary32 in fixed16 (14)');
        this.floats(step.input);
        return this.tail(step.tail, 0, 0);
      case 'quantize':
        this.floats(step.input);
        return this.check(
          this.integers(step.output) === step.fraction,
          'has another fraction than what it writes (11.3)',
        );
      case 'dequantize':
        this.floats(step.output);
        return this.check(
          this.integers(step.input) === step.fraction,
          'has another fraction than what it reads (11.3)',
        );
      case 'globalAveragePool': {
        const { height, width } = step.shape;
        const pixels = height * width;
        const exact = fractionOf(this.buffer(step.rowSums).layout) !== null;
        this.check(!exact || pixels <= MOST_POOLED_PIXELS, `${pixels} pixels (13.1)`);
        return this.floats(step.output);
      }
      case 'concat':
        return this.concat(step);
      case 'unpack':
        return this.floats(step.output);
      default: {
        const { reads, writes } = accessesOf(step);
        for (const ref of [...reads, ...writes]) this.floats(ref);
      }
    }
  }

  private check(holds: boolean, what: string): void {
    check(holds, `step ${this.step.name}`, what);
  }

  private buffer(ref: BufferRef): Buffer {
    return this.program.buffers[ref]!;
  }

  /** The fraction of an int16 map. */
  private integers(ref: BufferRef): Fraction {
    const { layout, name } = this.buffer(ref);
    const fraction = layout.kind === 'map' ? fractionOf(layout) : null;
    this.check(fraction !== null, `${name} is no int16 map`);
    return fraction ?? 0;
  }

  private floats(ref: BufferRef): void {
    const { layout, name } = this.buffer(ref);
    this.check(layout.kind !== 'bits' && fractionOf(layout) === null, `${name} is not binary32`);
  }

  private constant<T extends keyof DataOf>(ref: ConstantRef, type: T, length: number): DataOf[T] {
    const { value, name } = this.program.constants[ref]!;
    this.check(value.type === type, `${name} is ${value.type}, not ${type}`);
    this.check(value.data.length >= length, `${name} has ${value.data.length} elements of ${length}`);
    return value.data as DataOf[T];
  }

  // ---- tails

  /** `entering`: the fraction of what enters, null where it is an accumulator; at most `mostEntry` is shifted out. */
  private tail(tail: Tail, entering: Fraction | null, mostEntry: number): void {
    if (tail.fixed) this.fixedTail(tail, tail.fixed, entering, mostEntry);
    else this.floatTail(tail);
  }

  private floatTail({ shape, scale, bias, shortcut, prelu, store, rowSums, bits }: Tail): void {
    const param = (p: ParamRef | null | undefined): void => {
      if (p?.kind === 'constant') this.constant(p.ref, 'float32', shape.channels);
      else if (p) this.floats(p.ref);
    };
    if (scale !== undefined) this.constant(scale, 'float32', shape.channels);
    if (prelu) this.constant(prelu.slope, 'float32', shape.channels);
    for (const p of [bias, prelu?.gamma, prelu?.zeta, bits?.threshold]) param(p);
    for (const ref of [shortcut?.buffer, store, rowSums]) if (ref !== undefined) this.floats(ref);
  }

  private fixedTail(tail: Tail, fixed: FixedTail, entering: Fraction | null, mostEntry: number): void {
    const { shape, scale, bias, shortcut, prelu, store, rowSums, bits } = tail;
    const { fraction, entryShift, offset, scaleShift, shortcutShift, slopeShift } = fixed;
    this.check(within(fraction, FRACTION_MIN, FRACTION_MAX), `a fraction of ${fraction} (11.1)`);
    this.check(within(entryShift, 0, mostEntry), `r = ${entryShift} (12.1)`);
    this.check(within(scaleShift, 0, 15), `S = ${scaleShift} (12.2)`);
    this.check(within(shortcutShift, 0, 16), `k = ${shortcutShift} (12.3)`);
    this.check(within(slopeShift, 0, 15), `t = ${slopeShift} (12.4)`);
    this.check((scale === undefined) === (offset === undefined), 'a scale and an offset go together (12.2)');
    if (scale === undefined && entering !== null) {
      this.check(
        entryShift === shiftBetween(entering, fraction),
        `r = ${entryShift}, from ${entering} to ${fraction} (12.1)`,
      );
    }
    if (scale !== undefined && offset !== undefined) {
      const m = this.constant(scale, 'int16', shape.channels);
      const c = this.constant(offset, 'int32', shape.channels);
      this.check(
        m.every((v) => v >= -INT16_MAX),
        'm = -32768 (12.2)',
      );
      this.check(
        c.every((v) => Math.abs(v) <= MOST_OFFSET),
        '|c| > 2^30 (12.2)',
      );
    }
    if (shortcut) {
      const z = this.integers(shortcut.buffer);
      this.check(shortcutShift === shiftBetween(z, fraction), `k = ${shortcutShift}, from ${z} to ${fraction} (12.3)`);
    }
    if (prelu) this.constant(prelu.slope, 'int16', shape.channels);
    for (const p of [bias, prelu?.gamma, prelu?.zeta, bits?.threshold]) {
      if (p?.kind === 'constant') this.constant(p.ref, 'int16', shape.channels);
      else if (p) this.check(this.integers(p.ref) === fraction, 'a parameter has another fraction than its tail (12)');
    }
    if (store !== undefined) this.check(this.integers(store) === fraction, 'stores another fraction than its own (12)');
    if (rowSums !== undefined) {
      const { layout } = this.buffer(rowSums);
      this.check(layout.kind === 'rowSums' && fractionOf(layout) === fraction, 'sums have another fraction (13.1)');
      this.check(
        shape.width * shape.height <= MOST_POOLED_PIXELS,
        `sums of ${shape.width * shape.height} pixels (13.1)`,
      );
    }
  }

  // ---- others

  private int8Weights({ window, inputShape, group, weights, tail }: Int8Conv2dStep): void {
    const outputs = tail.shape.channels;
    const { runs, length } = runsOf(window, inputShape.channels / group, group);
    const pairs = Math.ceil(length / 2);
    const block = window.kernelHeight * runs * pairs * 32;
    const data = this.constant(weights, 'int8', Math.ceil(outputs / 16) * block);
    const sums = new Float64Array(16 * Math.ceil(outputs / 16));
    data.forEach((w, i) => {
      const output = 16 * Math.floor(i / block) + ((i >> 1) & 15);
      const outside =
        output >= outputs || (length % 2 === 1 && i % 2 === 1 && Math.floor(i / 32) % pairs === pairs - 1);
      this.check(w >= -127 && (w === 0 || !outside), `a weight of ${w} (14.1)`);
      sums[output] = sums[output]! + Math.abs(w);
    });
    const most = sums.reduce((m, s) => Math.max(m, s), 0);
    this.check(most <= INT8_WEIGHT_SUM_MAX, `the weights of an output add up to ${most} (14.1)`);
  }

  /** 13.2 in whole numbers: R is the nearest to 2^P / n, which never lies halfway between two. */
  private reciprocals(step: PoolStep): void {
    const taps = step.window.kernelHeight * step.window.kernelWidth;
    this.check(taps <= MOST_WINDOW_PIXELS, `windows of ${taps} pixels (13.2)`);
    this.check(step.reciprocal !== null, 'has no factors (13.2)');
    if (step.reciprocal === null) return;
    const table = this.constant(step.reciprocal, 'int32', 2 * (taps + 1));
    for (let n = 1, log = 0; n <= taps; n++) {
      if (n > 2 ** log) log++;
      const [factor, shift] = [table[2 * n]!, table[2 * n + 1]!];
      this.check(shift === 16 + log, `P = ${shift} for ${n} pixels (13.2)`);
      this.check(Math.abs(factor * n - 2 ** shift) * 2 <= n, `R = ${factor} for ${n} pixels (13.2)`);
    }
  }

  private concat(step: ConcatStep): void {
    const to = fractionOf(this.buffer(step.output).layout);
    if (to === null) {
      this.floats(step.input);
      return this.check(step.shift === undefined, 'shifts binary32');
    }
    const from = this.integers(step.input);
    this.check(step.shift === shiftBetween(from, to), `a shift of ${step.shift}, from ${from} to ${to} (13.4)`);
    const least = this.leastOfParts.get(step.output);
    this.check(to === least, `a fraction of ${to} where the least of its parts is ${least} (13.4)`);
  }
}

/** From one fraction to a smaller one: beyond 16 bits all are 0 already (12.1). Not a number that passes where it grows. */
function shiftBetween(from: Fraction, to: Fraction): number {
  return from < to ? Number.NaN : Math.min(16, from - to);
}
