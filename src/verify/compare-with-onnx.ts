/**
 * The simulator beside ONNX Runtime, step by step.
 *
 * Teacher-forced: each step is given ONNX Runtime's own values, as far as the file has them under a name, so a difference is
 * that step's alone; it is held to rounding-bounds.ts. A sign that differs is a flip where |value - threshold| lies within the
 * bound, else a mismatch. Free-running: each goes its own way from the input on; what that comes to is shown, not judged.
 *
 * Flows in: the compiled network, samples, ONNX Runtime's values for each. Flows out: a comparison for each step.
 */
import type { BnnGraph, BnnNode, ValueId } from '../bnn/bnn-graph.js';
import { packBits, pixelOffset, readBit } from '../contract/packing.js';
import { finishPixel, newCounts } from '../contract/tail.js';
import { accessesOf, type BufferRef, type Program, type Step, type Tail } from '../program/program.js';
import { type BufferContents, simulate } from '../simulate/simulate.js';
import { channelsLast, forElements, isPartOfConcat } from './elements.js';
import type { FileNoise, FileNoiseIndex } from './file-noise.js';
import { comparesIntegers, observedProgram } from './observed-program.js';
import type { Comparison, Flip, Mismatch, TeacherForced } from './report.js';
import { type BoundsContext, integerSums, roundingBounds, rowSumBounds, SLACK, U } from './rounding-bounds.js';

/** ONNX Runtime's values of one sample in ONNX's order, by our value. */
export type RuntimeValues = ReadonlyMap<ValueId, Float32Array>;

const FLIP_EXAMPLES = 3;

/** What is summed up over samples for one step. */
class Tally {
  compared = 0;
  maxError = 0;
  maxUlps = 0;
  flips = 0;
  mismatches = 0;
  smallestMargin: number | null = null;
  examples: Flip[] = [];
  firstMismatch: Mismatch | null = null;

  error(difference: number, largest: number): void {
    if (difference > this.maxError) this.maxError = difference;
    const ulps = difference / ulpOf(largest);
    if (ulps > this.maxUlps) this.maxUlps = ulps;
  }

  margin(margin: number): void {
    if (this.smallestMargin === null || margin < this.smallestMargin) this.smallestMargin = margin;
  }

  flip(flip: Flip): void {
    this.flips++;
    this.examples.push(flip);
    this.examples.sort((a, b) => b.margin - a.margin);
    this.examples.length = Math.min(this.examples.length, FLIP_EXAMPLES);
  }

  mismatch(mismatch: () => Mismatch): void {
    this.mismatches++;
    this.firstMismatch ??= mismatch();
  }

  comparison(): Comparison | null {
    const { compared, maxError, maxUlps, flips } = this;
    return compared === 0 ? null : { compared, maxError, maxUlps, flips };
  }

  teacherForced(): TeacherForced | null {
    const comparison = this.comparison();
    const { mismatches, smallestMargin, firstMismatch, examples } = this;
    return comparison && { ...comparison, mismatches, smallestMargin, firstMismatch, flipExamples: examples };
  }
}

/** A unit in the last place of the binary32 nearest to x. */
export function ulpOf(x: number): number {
  const size = Math.abs(x);
  return size < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(size)) - 23);
}

export class OnnxComparison {
  private readonly observed: Program;
  private readonly producer: ReadonlyMap<ValueId, BnnNode>;
  private readonly forced: readonly Tally[];
  private readonly free: readonly Tally[];

  constructor(
    program: Program,
    graph: BnnGraph,
    private readonly noise: FileNoiseIndex,
    private readonly names: ReadonlyMap<ValueId, string>,
  ) {
    this.observed = observedProgram(program, graph);
    this.producer = new Map(graph.nodes.map((n) => [n.output, n]));
    this.forced = program.steps.map(() => new Tally());
    this.free = program.steps.map(() => new Tally());
  }

  layer(step: number): { readonly teacherForced: TeacherForced | null; readonly freeRunning: Comparison | null } {
    return { teacherForced: this.forced[step]!.teacherForced(), freeRunning: this.free[step]!.comparison() };
  }

  /** One sample; the output of the free run is returned. */
  add(
    sample: number,
    input: Float32Array,
    runtime: RuntimeValues,
    file: ReadonlyMap<string, Float32Array>,
  ): Float32Array {
    new ForcedRun(this.observed, this.producer, this.noise, this.names, this.forced, sample, runtime, file).run(input);
    return simulate(this.observed, input, (step, index, contents) => {
      for (const ref of accessesOf(step).writes) this.compareFree(step, index, ref, contents(ref), runtime);
    }).output;
  }

  private compareFree(
    step: Step,
    index: number,
    ref: BufferRef,
    contents: BufferContents,
    runtime: RuntimeValues,
  ): void {
    const { layout, value } = this.observed.buffers[ref]!;
    const expected = runtime.get(value);
    if (!expected || layout.kind === 'rowSums' || isPartOfConcat(step)) return;
    const tally = this.free[index]!;
    const largest = Math.max(largestOf(expected), contents.kind === 'real' ? largestOf(contents.data) : 1);
    forElements(layout.shape, layout.kind === 'external', (here, there, c, y, x) => {
      tally.compared++;
      if (contents.kind !== 'packed') tally.error(Math.abs(contents.data[here]! - expected[there]!), largest);
      else if (readBit(contents.map, y, x, c) !== (expected[there]! > 0 ? 1 : 0)) tally.flips++;
    });
  }
}

/** One sample, teacher-forced. */
class ForcedRun {
  private readonly uncertain = new Map<BufferRef, Float64Array>();
  private readonly unsure = new Map<BufferRef, Float64Array>();

  constructor(
    private readonly program: Program,
    private readonly producer: ReadonlyMap<ValueId, BnnNode>,
    private readonly noise: FileNoiseIndex,
    private readonly names: ReadonlyMap<ValueId, string>,
    private readonly tallies: readonly Tally[],
    private readonly sample: number,
    private readonly runtime: RuntimeValues,
    /** By ONNX's names, with those that the network does not have. */
    private readonly file: ReadonlyMap<string, Float32Array>,
  ) {}

  run(input: Float32Array): void {
    simulate(this.program, input, (step, index, contents) => this.after(step, index, contents));
  }

  /** What cancels in the file is as good as a constant of its size, where ONNX Runtime shows it. */
  private noiseOf(step: Step): Omit<FileNoise, 'cancelled'> {
    const { cancelled, constantMagnitude, weightDeviation } = this.noise.of(step.origin);
    const sizes = cancelled.map((name) => largestOf(this.file.get(name) ?? new Float32Array()));
    return { constantMagnitude: sizes.reduce((sum, v) => sum + v, constantMagnitude), weightDeviation };
  }

  private after(step: Step, index: number, contents: (ref: BufferRef) => BufferContents): void {
    const context = this.context(step, contents);
    const bounds = roundingBounds(step, context);
    if (!('tail' in step)) {
      const output = step.output;
      if (step.kind !== 'concat') this.compareReal(step, index, output, realOf(contents(output)), bounds);
      else this.joinPart(step, index, realOf(contents(output)), bounds);
      return;
    }
    const { tail } = step;
    // The value's own map first: row sums and signs are made of it.
    const values = tail.store === undefined ? null : realOf(contents(tail.store));
    if (tail.bits) this.compareSigns(step, index, tail.bits, contents, values, bounds, context);
    if (tail.rowSums !== undefined && values)
      this.compareRowSums(step, index, tail, realOf(contents(tail.rowSums)), values, bounds);
    if (tail.store !== undefined && values) this.compareReal(step, index, tail.store, values, bounds);
  }

  private context(step: Step, contents: (ref: BufferRef) => BufferContents): BoundsContext {
    return {
      program: this.program,
      real: (ref) => realOf(contents(ref)),
      packed: (ref) => packedOf(contents(ref)),
      uncertainty: (ref) => this.uncertain.get(ref) ?? null,
      unsurePixels: (ref) => this.unsure.get(ref) ?? null,
      ...this.noiseOf(step),
    };
  }

  private place(
    step: Step,
    index: number,
    value: ValueId,
    at: { c: number; y: number; x: number },
    numbers: readonly [number, number, number],
  ): Mismatch {
    const [simulator, onnxRuntime, bound] = numbers;
    return {
      step: index,
      stepName: step.name,
      origin: step.origin,
      value: this.names.get(value) ?? '',
      sample: this.sample,
      channel: at.c,
      y: at.y,
      x: at.x,
      simulator,
      onnxRuntime,
      bound,
    };
  }

  /** Compares, then puts ONNX Runtime's numbers in the place of ours, for the steps to come. */
  private compareReal(step: Step, index: number, ref: BufferRef, found: Float32Array, bounds: Float64Array): void {
    const { layout, value } = this.program.buffers[ref]!;
    const expected = this.runtime.get(value);
    if (!expected) {
      this.uncertain.set(ref, bounds);
      return;
    }
    const tally = this.tallies[index]!;
    const largest = Math.max(largestOf(expected), largestOf(found));
    const isSign = this.producer.get(value)?.kind === 'RSign';
    let zeros: Float64Array | null = null;
    forElements(layout.shape, layout.kind === 'external', (here, there, c, y, x) => {
      const [a, b, bound] = [found[here]!, expected[there]!, bounds[here]!];
      tally.compared++;
      if (isSign && b === 0) {
        // Sign(0): ours stays, and what reads it may have read 0.
        zeros ??= new Float64Array(found.length);
        zeros[here] = 1;
        return;
      }
      const difference = Math.abs(a - b);
      tally.error(difference, largest);
      // Written so that NaN is a mismatch.
      if (!(difference <= bound)) tally.mismatch(() => this.place(step, index, value, { c, y, x }, [a, b, bound]));
      found[here] = b;
    });
    if (zeros) this.uncertain.set(ref, zeros);
    else this.uncertain.delete(ref);
  }

  private joinPart(
    step: Extract<Step, { kind: 'concat' }>,
    index: number,
    output: Float32Array,
    bounds: Float64Array,
  ): void {
    const { shape, outputChannels, offset } = step;
    const pixels = shape.height * shape.width;
    const joined = this.uncertain.get(step.output) ?? new Float64Array(pixels * outputChannels);
    for (let p = 0; p < pixels; p++) {
      joined.set(bounds.subarray(p * shape.channels, (p + 1) * shape.channels), p * outputChannels + offset);
    }
    this.uncertain.set(step.output, joined);
    if (!isPartOfConcat(step)) this.compareReal(step, index, step.output, output, joined);
  }

  private compareRowSums(
    step: Step,
    index: number,
    tail: Tail,
    found: Float32Array,
    values: Float32Array,
    bounds: Float64Array,
  ): void {
    const ref = tail.rowSums!;
    const { value } = this.program.buffers[ref]!;
    const expected = this.runtime.get(value);
    const { channels, height, width } = tail.shape;
    if (!expected) {
      this.uncertain.set(ref, rowSumBounds(tail, values, bounds));
      return;
    }
    const theirs = channelsLast(expected, tail.shape);
    let zeros: Float64Array | null = null;
    if (this.producer.get(value)?.kind === 'RSign') {
      for (let i = 0; i < theirs.length; i++) {
        if (theirs[i] !== 0) continue;
        zeros ??= new Float64Array(theirs.length);
        zeros[i] = 1;
        theirs[i] = values[i]!;
      }
    }
    const sums = new Float32Array(found.length);
    const sumTail = { ...NO_TAIL, shape: tail.shape, rowSums: sums };
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = (y * width + x) * channels;
        finishPixel(sumTail, theirs.subarray(pixel, pixel + channels), y, x, newCounts());
      }
    }
    const allowed = rowSumBounds(tail, values, bounds);
    const tally = this.tallies[index]!;
    for (let i = 0; i < found.length; i++) {
      const [a, b, bound] = [found[i]!, sums[i]!, allowed[i]!];
      const at = { c: i % channels, y: Math.floor(i / channels), x: 0 };
      if (!(Math.abs(a - b) <= bound)) tally.mismatch(() => this.place(step, index, value, at, [a, b, bound]));
    }
    found.set(sums);
    // ONNX Runtime adds its own numbers in an order of its own.
    this.uncertain.set(ref, rowSumBounds(tail, theirs, zeros));
  }

  private compareSigns(
    step: Extract<Step, { readonly tail: Tail }>,
    index: number,
    bits: NonNullable<Tail['bits']>,
    contents: (ref: BufferRef) => BufferContents,
    values: Float32Array | null,
    bounds: Float64Array,
    context: BoundsContext,
  ): void {
    const { channels, height, width } = step.tail.shape;
    const map = packedOf(contents(bits.buffer));
    const value = this.program.buffers[bits.buffer]!.value;
    const expected = this.runtime.get(value);
    const margins = this.margins(step, bits, values, bounds, context);
    const tally = this.tallies[index]!;
    const unsure = new Float64Array(height * width);
    const pixelBits = new Uint8Array(channels);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          const i = (y * width + x) * channels + c;
          const ours = readBit(map, y, x, c);
          const { margin, bound } = margins(i, c);
          tally.margin(margin);
          pixelBits[c] = ours;
          if (!expected) {
            if (margin <= bound) unsure[y * width + x] = unsure[y * width + x]! + 1;
            continue;
          }
          const theirs = expected[(c * height + y) * width + x]!;
          tally.compared++;
          // Sign(0) is 0 in ONNX, which a bit cannot hold: their convolution reads another number than ours.
          if (theirs === 0) unsure[y * width + x] = unsure[y * width + x]! + 0.5;
          pixelBits[c] = theirs > 0 ? 1 : theirs < 0 ? 0 : ours;
          if (pixelBits[c] === ours && theirs !== 0) continue;
          const flip = { sample: this.sample, channel: c, y, x, margin, bound };
          if (margin <= bound) tally.flip(flip);
          else tally.mismatch(() => this.place(step, index, value, { c, y, x }, [2 * ours - 1, theirs, bound]));
        }
        if (expected) {
          const start = pixelOffset(map, y, x);
          map.data.fill(0, start, start + 2 * Math.ceil(channels / 64));
          packBits(pixelBits, map.data, start);
        }
      }
    }
    if (unsure.some((n) => n > 0)) this.unsure.set(bits.buffer, unsure);
    else this.unsure.delete(bits.buffer);
  }

  /** |value - threshold| and what rounding explains of it, for element i of channel c. */
  private margins(
    step: Extract<Step, { readonly tail: Tail }>,
    bits: NonNullable<Tail['bits']>,
    values: Float32Array | null,
    bounds: Float64Array,
    context: BoundsContext,
  ): (i: number, c: number) => { readonly margin: number; readonly bound: number } {
    if (step.kind === 'binaryConv2d' && comparesIntegers(step)) {
      const sign = this.producer.get(this.program.buffers[bits.buffer]!.value);
      const conv = sign?.kind === 'RSign' ? this.producer.get(sign.x) : undefined;
      if (sign?.kind !== 'RSign' || conv?.kind !== 'BinaryConv2d')
        throw new Error(`${step.name} compares integers of nothing`);
      const sums = integerSums(step, context);
      return (i, c) => {
        const s = conv.scale[c]!;
        const b = conv.bias?.[c] ?? 0;
        const alpha = sign.threshold?.kind === 'static' ? sign.threshold.values[c]! : 0;
        // Where s < 0 the channel's weights are inverted, and its sum with them.
        const scaled = sums[i]! * Math.abs(s);
        const size = Math.abs(scaled) + Math.abs(b) + Math.abs(alpha) + context.constantMagnitude;
        return { margin: Math.abs(scaled + b - alpha), bound: bounds[i]! * Math.abs(s) + SLACK * U * size };
      };
    }
    const { threshold } = bits;
    const alphas = threshold.kind === 'buffer' ? context.real(threshold.ref) : this.floats(threshold.ref);
    const uncertain = threshold.kind === 'buffer' ? context.uncertainty(threshold.ref) : null;
    if (!values) throw new Error(`${step.name} binarizes a map that is not observed`);
    return (i, c) => {
      const [v, alpha] = [values[i]!, alphas[c]!];
      const bound = bounds[i]! + (uncertain?.[c] ?? 0) + SLACK * U * (Math.abs(v) + Math.abs(alpha));
      return { margin: Math.abs(v - alpha), bound };
    };
  }

  private floats(ref: number): Float32Array {
    const { value } = this.program.constants[ref]!;
    if (value.type !== 'float32') throw new Error('a constant of another type');
    return value.data;
  }
}

const NO_TAIL = { scale: null, bias: null, shortcut: null, prelu: null, store: null, rowSums: null, bits: null };

function realOf(contents: BufferContents): Float32Array {
  if (contents.kind !== 'real') throw new Error('a packed buffer is read as a real one');
  return contents.data;
}

function packedOf(contents: BufferContents) {
  if (contents.kind !== 'packed') throw new Error('a real buffer is read as a packed one');
  return contents.map;
}

function largestOf(data: Float32Array): number {
  let most = 0;
  for (const v of data) if (Math.abs(v) > most) most = Math.abs(v);
  return most;
}
