/**
 * The bit-exact simulator: runs a Program step by step with the contract's own functions. What it computes is right by
 * definition; every kernel and every hardware unit is held to it.
 *
 * Flows in: a Program and one sample in the declared order. Flows out: the output, and counts of what deserves notice.
 * Each buffer has memory of its own here: a planning mistake (two live buffers in one place) shows as a difference, and does
 * not become the definition.
 */
import { binaryConv2d } from '../contract/binary-conv2d.js';
import { conv2d, dense } from '../contract/float-conv2d.js';
import { pointFunction, softmax } from '../contract/functions.js';
import { createPackedMap, type PackedMap, readBit } from '../contract/packing.js';
import { averagePool, globalAverage, maxPool } from '../contract/pool.js';
import { finishPixel, type ResolvedTail, type TailCounts } from '../contract/tail.js';
import {
  type BufferRef,
  type ConstantRef,
  type ParamRef,
  type Program,
  type Step,
  sizeOf,
  type Tail,
} from '../program/program.js';

/** A buffer's contents: a real map (channels last), a vector, row sums, or a packed map. */
export type BufferContents =
  | { readonly kind: 'real'; readonly data: Float32Array }
  | { readonly kind: 'packed'; readonly map: PackedMap };

export interface StepCounts {
  readonly step: string;
  readonly ties: number;
}

export interface SimulationResult {
  readonly output: Float32Array;
  /** Steps where a value met its threshold exactly (clause 3.1). */
  readonly ties: readonly StepCounts[];
  /** Steps that left the finite numbers (clause 1.2), in order. */
  readonly notFinite: readonly string[];
}

/** Called after each step with read access to what it wrote. */
export type StepObserver = (step: Step, index: number, contents: (ref: BufferRef) => BufferContents) => void;

export function simulate(program: Program, input: Float32Array, observe?: StepObserver): SimulationResult {
  const memory = new Memory(program, input);
  const ties: StepCounts[] = [];
  const notFinite: string[] = [];
  program.steps.forEach((step, index) => {
    const counts: TailCounts = { ties: 0, notFinite: 0 };
    runStep(step, memory, counts);
    if (counts.ties > 0) ties.push({ step: step.name, ties: counts.ties });
    if (counts.notFinite > 0) notFinite.push(step.name);
    observe?.(step, index, (ref) => memory.contents(ref));
    memory.release(index);
  });
  return { output: memory.output(), ties, notFinite };
}

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

  writePacked(ref: BufferRef): PackedMap {
    const { layout } = this.program.buffers[ref]!;
    if (layout.kind !== 'bits') throw new Error('a real buffer is written as a packed one');
    const map = createPackedMap(layout.shape, layout.border);
    this.live.set(ref, { kind: 'packed', map });
    return map;
  }

  floats(ref: ConstantRef): Float32Array {
    const value = this.program.constants[ref]!.value;
    if (value.type !== 'float32') throw new Error('a constant is read as another type than its own');
    return value.data;
  }

  words(ref: ConstantRef): Uint32Array {
    const value = this.program.constants[ref]!.value;
    if (value.type !== 'uint64') throw new Error('a constant is read as another type than its own');
    return value.data;
  }

  param(param: ParamRef): Float32Array {
    return param.kind === 'constant' ? this.floats(param.ref) : this.real(param.ref);
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

function resolveTail(tail: Tail, memory: Memory, program: Program): ResolvedTail {
  const { shortcut, prelu, bits } = tail;
  return {
    shape: tail.shape,
    scale: tail.scale === undefined ? null : memory.floats(tail.scale),
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
          slope: memory.floats(prelu.slope),
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
      return binaryConv2d(
        {
          input: memory.packed(step.input),
          weights: memory.words(step.weights),
          window: step.window,
          tail: resolveTail(step.tail, memory, program),
        },
        counts,
      );
    case 'conv2d':
      return conv2d(
        {
          input: memory.real(step.input),
          inputShape: step.inputShape,
          window: step.window,
          group: step.group,
          weights: memory.floats(step.weights),
          acc: memory.floats(step.acc),
          tail: resolveTail(step.tail, memory, program),
        },
        counts,
      );
    case 'dense':
      return dense({
        input: memory.real(step.input),
        weights: memory.floats(step.weights),
        acc: memory.floats(step.acc),
        output: memory.writeReal(step.output),
        fn: step.fn,
      });
    case 'map':
      return mapPass(memory.real(step.input), pointFunction(step.fn), resolveTail(step.tail, memory, program), counts);
    case 'maxPool':
    case 'averagePool': {
      const run = step.kind === 'maxPool' ? maxPool : averagePool;
      return run(
        {
          input: memory.real(step.input),
          inputShape: step.inputShape,
          window: step.window,
          countIncludePad: step.countIncludePad,
          tail: resolveTail(step.tail, memory, program),
        },
        counts,
      );
    }
    case 'globalAveragePool':
      return globalAverage(memory.real(step.rowSums), step.shape, memory.writeReal(step.output));
    case 'concat': {
      const input = memory.real(step.input);
      const output = memory.writeReal(step.output);
      const { channels, height, width } = step.shape;
      for (let p = 0; p < height * width; p++) {
        output.set(input.subarray(p * channels, (p + 1) * channels), p * step.outputChannels + step.offset);
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

function mapPass(input: Float32Array, f: (x: number) => number, tail: ResolvedTail, counts: TailCounts): void {
  const { channels, height, width } = tail.shape;
  const values = new Float32Array(channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) values[c] = f(input[pixel + c]!);
      finishPixel(tail, values, y, x, counts);
    }
  }
}
