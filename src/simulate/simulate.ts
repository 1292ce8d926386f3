/**
 * The bit-exact simulator: runs a Program step by step with the contract's own functions. What it computes is right by
 * definition; every kernel and every hardware unit is held to it.
 *
 * Flows in: a Program and one sample in the declared order. Flows out: the output, and counts of what deserves notice.
 * Each buffer has memory of its own here: a planning mistake (two live buffers in one place) shows as a difference, and does
 * not become the definition.
 */
import type { MapShape } from '../bnn/bnn-graph.js';
import { binaryConv2d } from '../contract/binary-conv2d.js';
import { roundShift, toFixed } from '../contract/fixed.js';
import { fixedTailSink, type ResolvedFixedTail } from '../contract/fixed-tail.js';
import { conv2d, dense } from '../contract/float-conv2d.js';
import { pointFunction, softmax } from '../contract/functions.js';
import { int8Conv2d } from '../contract/int8-conv2d.js';
import { createPackedMap, type PackedMap, readBit } from '../contract/packing.js';
import { averagePool, fixedAveragePool, fixedGlobalAverage, globalAverage, maxPool } from '../contract/pool.js';
import {
  newCounts,
  type PixelSink,
  type ResolvedTail,
  type TailCounts,
  type TailRange,
  tailSink,
} from '../contract/tail.js';
import {
  type Buffer,
  type BufferRef,
  type ConstantData,
  type ConstantRef,
  type DequantizeStep,
  type FixedTail,
  fractionOf,
  type ParamRef,
  type Program,
  type QuantizeStep,
  type Step,
  sizeOf,
  type Tail,
} from '../program/program.js';
import type { BufferContents } from './buffer-contents.js';

export interface StepCounts {
  readonly step: string;
  readonly ties: number;
}

export interface StepSaturation {
  readonly step: string;
  /** Results that were clipped (clause 11.2); one value may be clipped at several places of a tail. */
  readonly saturated: number;
}

export interface SimulationResult {
  readonly output: Float32Array;
  /** Steps where a value met its threshold exactly (clause 3.1). */
  readonly ties: readonly StepCounts[];
  /** Steps that left the finite numbers (clause 1.2), in order. */
  readonly notFinite: readonly string[];
  /** Steps of fixed16 in which something was clipped. */
  readonly saturated: readonly StepSaturation[];
}

export interface SimulateOptions {
  /** Where the step's tail, a float32 one, notes how large its values are. */
  readonly rangeOf?: (index: number) => TailRange | undefined;
}

export type { BufferContents } from './buffer-contents.js';

/** Called after each step with read access to what it wrote. */
export type StepObserver = (step: Step, index: number, contents: (ref: BufferRef) => BufferContents) => void;

export function simulate(
  program: Program,
  input: Float32Array,
  observe?: StepObserver,
  options: SimulateOptions = {},
): SimulationResult {
  const memory = new Memory(program, input);
  const saturated: StepSaturation[] = [];
  const ties: StepCounts[] = [];
  const notFinite: string[] = [];
  program.steps.forEach((step, index) => {
    const counts = newCounts(options.rangeOf?.(index));
    runStep(step, memory, counts);
    if (counts.ties > 0) ties.push({ step: step.name, ties: counts.ties });
    if (counts.notFinite > 0) notFinite.push(step.name);
    if (counts.saturated > 0) saturated.push({ step: step.name, saturated: counts.saturated });
    observe?.(step, index, (ref) => memory.contents(ref));
    memory.release(index);
  });
  return { output: memory.output(), ties, notFinite, saturated };
}

type ConstantArrays = { readonly [C in ConstantData as C['type']]: C['data'] };

/** Arrays for buffers, made when first written and dropped after their last step. */
class Memory {
  private readonly live = new Map<BufferRef, BufferContents>();

  constructor(
    readonly program: Program,
    input: Float32Array,
  ) {
    program.buffers.forEach((buffer, ref) => {
      if (buffer.placement.kind === 'input') this.live.set(ref, { kind: 'real', data: input });
    });
  }

  contents(ref: BufferRef): BufferContents {
    const found = this.live.get(ref);
    if (!found) throw new Error(`buffer ${this.program.buffers[ref]?.name ?? ref} is read before it is written`);
    return found;
  }

  real(ref: BufferRef): Float32Array {
    const contents = this.contents(ref);
    if (contents.kind !== 'real') throw new Error('a packed buffer is read as a real one');
    return contents.data;
  }

  fixed(ref: BufferRef): Int16Array {
    const contents = this.contents(ref);
    if (contents.kind !== 'fixed') throw new Error('a buffer is read as int16 that is not');
    return contents.data;
  }

  sums(ref: BufferRef): Int32Array {
    const contents = this.contents(ref);
    if (contents.kind !== 'sums') throw new Error('a buffer is read as exact row sums that is not');
    return contents.data;
  }

  number(ref: BufferRef): Float32Array | Int16Array {
    return this.isFixed(ref) ? this.fixed(ref) : this.real(ref);
  }

  isFixed(ref: BufferRef): boolean {
    return fractionOf(this.program.buffers[ref]!.layout) !== null;
  }

  packed(ref: BufferRef): PackedMap {
    const contents = this.contents(ref);
    if (contents.kind !== 'packed') throw new Error('a real buffer is read as a packed one');
    return contents.map;
  }

  writeReal(ref: BufferRef): Float32Array {
    const existing = this.live.get(ref);
    if (existing?.kind === 'real') return existing.data;
    const { layout } = this.program.buffers[ref]!;
    const size = layout.kind === 'rowSums' ? layout.shape.height * layout.shape.channels : sizeOf(layout.shape);
    const data = new Float32Array(size);
    this.live.set(ref, { kind: 'real', data });
    return data;
  }

  writeFixed(ref: BufferRef): Int16Array {
    const existing = this.live.get(ref);
    if (existing?.kind === 'fixed') return existing.data;
    const { layout } = this.program.buffers[ref]!;
    const fraction = fractionOf(layout);
    if (layout.kind !== 'map' || fraction === null) throw new Error('a buffer is written as int16 that is not');
    const data = new Int16Array(sizeOf(layout.shape));
    this.live.set(ref, { kind: 'fixed', data, fraction });
    return data;
  }

  writeSums(ref: BufferRef): Int32Array {
    const { layout } = this.program.buffers[ref]!;
    const fraction = fractionOf(layout);
    if (layout.kind !== 'rowSums' || fraction === null)
      throw new Error('a buffer is written as exact row sums that is not');
    const data = new Int32Array(layout.shape.height * layout.shape.channels);
    this.live.set(ref, { kind: 'sums', data, fraction });
    return data;
  }

  writePacked(ref: BufferRef): PackedMap {
    const { layout } = this.program.buffers[ref]!;
    if (layout.kind !== 'bits') throw new Error('a real buffer is written as a packed one');
    const map = createPackedMap(layout.shape, layout.border);
    this.live.set(ref, { kind: 'packed', map });
    return map;
  }

  constant<T extends keyof ConstantArrays>(ref: ConstantRef, type: T): ConstantArrays[T] {
    const { value } = this.program.constants[ref]!;
    if (value.type !== type) throw new Error('a constant is read as another type than its own');
    return value.data as ConstantArrays[T];
  }

  param(param: ParamRef): Float32Array {
    return param.kind === 'constant' ? this.constant(param.ref, 'float32') : this.real(param.ref);
  }

  fixedParam(param: ParamRef): Int16Array {
    return param.kind === 'constant' ? this.constant(param.ref, 'int16') : this.fixed(param.ref);
  }

  release(stepIndex: number): void {
    for (const ref of [...this.live.keys()]) {
      const buffer = this.program.buffers[ref]!;
      if (buffer.lastStep <= stepIndex && buffer.placement.kind === 'workspace') this.live.delete(ref);
    }
  }

  output(): Float32Array {
    const ref = this.program.buffers.findIndex((b) => b.placement.kind === 'output');
    return this.real(ref);
  }
}

function sinkOf(tail: Tail, memory: Memory, counts: TailCounts): PixelSink {
  return tail.fixed
    ? fixedTailSink(resolveFixedTail(tail, tail.fixed, memory), counts)
    : tailSink(resolveTail(tail, memory, memory.program), counts);
}

function resolveFixedTail(tail: Tail, fixed: FixedTail, memory: Memory): ResolvedFixedTail {
  const { shortcut, prelu, bits } = tail;
  return {
    shape: tail.shape,
    entryShift: fixed.entryShift,
    scale:
      tail.scale === undefined || fixed.offset === undefined
        ? null
        : {
            multiplier: memory.constant(tail.scale, 'int16'),
            offset: memory.constant(fixed.offset, 'int32'),
            shift: fixed.scaleShift,
          },
    bias: tail.bias === undefined ? null : memory.fixedParam(tail.bias),
    shortcut: shortcut
      ? {
          data: memory.fixed(shortcut.buffer),
          channels: shortcut.channels,
          pool: shortcut.pool,
          width: memory.program.buffers[shortcut.buffer]!.layout.shape.width,
          shift: fixed.shortcutShift,
        }
      : null,
    prelu: prelu
      ? {
          gamma: prelu.gamma ? memory.fixedParam(prelu.gamma) : null,
          slope: memory.constant(prelu.slope, 'int16'),
          slopeShift: fixed.slopeShift,
          zeta: prelu.zeta ? memory.fixedParam(prelu.zeta) : null,
          compare: prelu.compare,
        }
      : null,
    store: tail.store === undefined ? null : memory.writeFixed(tail.store),
    rowSums: tail.rowSums === undefined ? null : memory.writeSums(tail.rowSums),
    bits: bits
      ? { map: memory.writePacked(bits.buffer), threshold: memory.fixedParam(bits.threshold), compare: bits.compare }
      : null,
  };
}

function resolveTail(tail: Tail, memory: Memory, program: Program): ResolvedTail {
  const { shortcut, prelu, bits } = tail;
  return {
    shape: tail.shape,
    scale: tail.scale === undefined ? null : memory.constant(tail.scale, 'float32'),
    bias: tail.bias === undefined ? null : memory.param(tail.bias),
    shortcut: shortcut
      ? {
          data: memory.real(shortcut.buffer),
          channels: shortcut.channels,
          pool: shortcut.pool,
          width: program.buffers[shortcut.buffer]!.layout.shape.width,
        }
      : null,
    prelu: prelu
      ? {
          gamma: prelu.gamma ? memory.param(prelu.gamma) : null,
          slope: memory.constant(prelu.slope, 'float32'),
          zeta: prelu.zeta ? memory.param(prelu.zeta) : null,
          compare: prelu.compare,
        }
      : null,
    store: tail.store === undefined ? null : memory.writeReal(tail.store),
    rowSums: tail.rowSums === undefined ? null : memory.writeReal(tail.rowSums),
    bits: bits
      ? { map: memory.writePacked(bits.buffer), threshold: memory.param(bits.threshold), compare: bits.compare }
      : null,
  };
}

function runStep(step: Step, memory: Memory, counts: TailCounts): void {
  const program = memory.program;
  switch (step.kind) {
    case 'toChannelsLast':
      return transpose(memory.real(step.input), memory.writeReal(step.output), step.shape.channels);
    case 'toChannelsFirst':
      return transpose(memory.real(step.input), memory.writeReal(step.output), step.shape.height * step.shape.width);
    case 'binaryConv2d':
      return binaryConv2d({
        input: memory.packed(step.input),
        weights: memory.constant(step.weights, 'uint64'),
        window: step.window,
        sink: sinkOf(step.tail, memory, counts),
      });
    case 'conv2d':
      return conv2d({
        input: memory.real(step.input),
        inputShape: step.inputShape,
        window: step.window,
        group: step.group,
        weights: memory.constant(step.weights, 'float32'),
        acc: memory.constant(step.acc, 'float32'),
        sink: sinkOf(step.tail, memory, counts),
      });
    case 'int8Conv2d':
      return int8Conv2d({
        input: memory.fixed(step.input),
        inputShape: step.inputShape,
        window: step.window,
        group: step.group,
        weights: memory.constant(step.weights, 'int8'),
        sink: sinkOf(step.tail, memory, counts),
      });
    case 'quantize':
      return quantize(step, memory, counts);
    case 'dequantize':
      return dequantize(step, memory);
    case 'dense':
      return dense({
        input: memory.real(step.input),
        weights: memory.constant(step.weights, 'float32'),
        acc: memory.constant(step.acc, 'float32'),
        output: memory.writeReal(step.output),
        fn: step.fn,
      });
    case 'map':
      return mapPass(memory.number(step.input), pointFunction(step.fn), sinkOf(step.tail, memory, counts));
    case 'maxPool':
    case 'averagePool': {
      const args = {
        input: memory.number(step.input),
        inputShape: step.inputShape,
        window: step.window,
        countIncludePad: step.countIncludePad,
        sink: sinkOf(step.tail, memory, counts),
      };
      if (step.kind === 'maxPool') return maxPool(args);
      return memory.isFixed(step.input) ? fixedAveragePool(args, counts) : averagePool(args);
    }
    case 'globalAveragePool': {
      const fraction = fractionOf(program.buffers[step.rowSums]!.layout);
      const output = memory.writeReal(step.output);
      return fraction === null
        ? globalAverage(memory.real(step.rowSums), step.shape, output)
        : fixedGlobalAverage(memory.sums(step.rowSums), step.shape, fraction, output);
    }
    case 'concat': {
      const { channels, height, width } = step.shape;
      const input = memory.number(step.input);
      const output = memory.isFixed(step.output) ? memory.writeFixed(step.output) : memory.writeReal(step.output);
      for (let p = 0; p < height * width; p++) {
        const to = p * step.outputChannels + step.offset;
        for (let c = 0; c < channels; c++) output[to + c] = roundShift(input[p * channels + c]!, step.shift ?? 0);
      }
      return;
    }
    case 'unpack': {
      const map = memory.packed(step.input);
      const output = memory.writeReal(step.output);
      const { channels, height, width } = step.shape;
      let i = 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) output[i++] = 2 * readBit(map, y, x, c) - 1;
      }
      return;
    }
    case 'softmax':
      return softmax(memory.real(step.input), memory.writeReal(step.output));
  }
}

/** [outer][inner] to [inner][outer], outer first in the input. */
function transpose(input: Float32Array, output: Float32Array, outer: number): void {
  const inner = input.length / outer;
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) output[i * outer + o] = input[o * inner + i]!;
}

/** 11.3; channels first becomes channels last on the way. */
function quantize(step: QuantizeStep, memory: Memory, counts: TailCounts): void {
  const input = memory.real(step.input);
  const output = memory.writeFixed(step.output);
  const inner = innermost(memory.program.buffers[step.input]!, step.shape);
  const outer = input.length / inner;
  for (let i = 0; i < input.length; i++) {
    output[(i % inner) * outer + Math.floor(i / inner)] = toFixed(input[i]!, step.fraction, counts);
  }
}

function dequantize(step: DequantizeStep, memory: Memory): void {
  const input = memory.fixed(step.input);
  const output = memory.writeReal(step.output);
  const inner = innermost(memory.program.buffers[step.output]!, step.shape);
  const outer = output.length / inner;
  for (let i = 0; i < output.length; i++) {
    output[i] = input[(i % inner) * outer + Math.floor(i / inner)]! * 2 ** -step.fraction;
  }
}

/** How many elements lie side by side before a float32 array's other axis: pixels where it is the caller's own. */
function innermost(buffer: Buffer, shape: MapShape): number {
  return buffer.layout.kind === 'external' ? shape.height * shape.width : sizeOf(shape);
}

function mapPass(input: Float32Array | Int16Array, f: (x: number) => number, sink: PixelSink): void {
  const { channels, height, width } = sink.shape;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) sink.values[c] = f(input[pixel + c]!);
      sink.finish(y, x);
    }
  }
}
