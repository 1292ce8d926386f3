/**
 * Ranges without samples: what batch normalization knows of its values, and interval analysis for everything else.
 *
 * Flows in: a float32 Program, whose tails carry the statistics that batch normalization left. Flows out: Ranges.
 * Keeps true: for an input within `INPUT_REACH` no value leaves the interval of its Extent, whatever the network.
 */
import type { MapShape, Window } from '../bnn/bnn-graph.js';
import type { TailRange } from '../contract/tail.js';
import {
  type BinaryConv2dStep,
  type BufferRef,
  type ConstantRef,
  type Conv2dStep,
  type DenseStep,
  type ParamRef,
  type Program,
  type Step,
  type Tail,
  wordsOf,
} from '../program/program.js';
import {
  affine,
  channelOf,
  combine,
  constantExtent,
  type Extent,
  joinExtents,
  largestOf,
  makeExtent,
  plus,
  SIGMAS,
  signExtent,
  sizeOfChannel,
  throughFunction,
  throughPointFunction,
  withStatistics,
} from './extent.js';
import type { Ranges } from './ranges.js';

/** Pictures whose channels were normalized lie within about three deviations of zero; pixels of 0..1 do as well. */
export const INPUT_REACH = 3;

export function estimateRanges(program: Program): Ranges {
  const { extents, tails } = estimateExtents(program);
  const input = extents.get(program.buffers.findIndex((b) => b.placement.kind === 'input'));
  // Inputs are what is known least, and a bit of them costs nothing where weights have eight.
  const room = (extent: Extent): number => largestOf(extent) * (extent === input ? 2 : 1);
  return { tails, buffers: new Map([...extents].map(([ref, e]) => [ref, room(e)])), source: 'estimated' };
}

/** For each real buffer, and each packed one as -1 and +1. */
export function estimateExtents(program: Program): {
  readonly extents: ReadonlyMap<BufferRef, Extent>;
  readonly tails: Ranges['tails'];
} {
  return new Estimate(program).run();
}

class Estimate {
  readonly extents = new Map<BufferRef, Extent>();
  readonly tails = new Map<number, TailRange>();

  constructor(private readonly program: Program) {}

  run(): ReturnType<typeof estimateExtents> {
    const { buffers, steps } = this.program;
    buffers.forEach((b, ref) => {
      if (b.placement.kind === 'input') this.extents.set(ref, inputExtent(b.layout.shape));
    });
    steps.forEach((step, index) => {
      this.add(step, index);
    });
    return this;
  }

  private of(ref: BufferRef): Extent {
    const found = this.extents.get(ref);
    if (!found) throw new Error(`${this.program.buffers[ref]?.name ?? ref} has no estimate yet`);
    return found;
  }

  private floats(ref: ConstantRef): Float32Array {
    const { value } = this.program.constants[ref]!;
    if (value.type !== 'float32') throw new Error('a constant is not float32');
    return value.data;
  }

  private param(p: ParamRef): Extent {
    return p.kind === 'constant' ? constantExtent(this.floats(p.ref)) : this.of(p.ref);
  }

  private add(step: Step, index: number): void {
    switch (step.kind) {
      case 'toChannelsLast':
      case 'toChannelsFirst':
      case 'unpack':
        this.extents.set(step.output, this.of(step.input));
        return;
      case 'binaryConv2d':
        return this.addTail(step.tail, index, this.binary(step));
      case 'conv2d':
        return this.addTail(step.tail, index, this.float(step, step.tail.shape.channels));
      case 'dense':
        this.extents.set(step.output, throughPointFunction(this.float(step, step.outputs), step.fn));
        return;
      case 'map':
        return this.addTail(step.tail, index, throughPointFunction(this.of(step.input), step.fn));
      case 'maxPool':
      case 'averagePool': {
        // Neighbours are alike: their average reaches about as far as they do, their maximum too.
        const zeros = step.kind === 'averagePool' && step.countIncludePad && hasPads(step.window);
        return this.addTail(step.tail, index, zeros ? withZero(this.of(step.input)) : this.of(step.input));
      }
      case 'globalAveragePool':
        this.extents.set(step.output, this.of(step.rowSums));
        return;
      case 'concat':
        return this.join(step.output, this.of(step.input), step.offset, step.outputChannels);
      case 'softmax':
        this.extents.set(
          step.output,
          makeExtent(step.count, () => ({ mean: 1 / step.count, below: 1, above: 1, least: 0, most: 1 })),
        );
        return;
      case 'int8Conv2d':
      case 'quantize':
      case 'dequantize':
        throw new Error(`${step.name} has integers already`);
    }
  }

  private join(output: BufferRef, part: Extent, offset: number, channels: number): void {
    const known = this.extents.get(output) ?? constantExtent(new Float64Array(channels));
    const upTo = (from: number, to: number): Extent => makeExtent(to - from, (c) => channelOf(known, from + c));
    const end = offset + part.mean.length;
    this.extents.set(output, joinExtents([upTo(0, offset), part, upTo(end, channels)]));
  }

  /** Dots of clause 4.1. */
  private binary({ input, inputShape, window, weights, tail }: BinaryConv2dStep): Extent {
    const bits = this.of(input);
    const { value } = this.program.constants[weights]!;
    if (value.type !== 'uint64') throw new Error('binary weights of another type');
    const { channels } = inputShape;
    const words = wordsOf(channels);
    const taps = window.kernelHeight * window.kernelWidth;
    return makeExtent(tail.shape.channels, (o) => {
      const lane = (o >>> 3) * taps * words * 16 + 2 * (o & 7);
      const signed = (c: number): number => {
        const at = lane + (c >>> 6) * 16 + ((c >>> 5) & 1);
        let ones = 0;
        for (let t = 0; t < taps; t++) ones += (value.data[at + t * words * 16]! >>> (c & 31)) & 1;
        return 2 * ones - taps;
      };
      const moves = (c: number): number => Math.max(Math.sqrt(taps), Math.abs(signed(c)));
      return combine(bits, 0, channels, { signed, size: () => taps, moves }, 0);
    });
  }

  private float(step: Conv2dStep | DenseStep, outputs: number): Extent {
    const own = this.of(step.input);
    const x = step.kind === 'conv2d' && hasPads(step.window) ? withZero(own) : own;
    const data = this.floats(step.weights);
    const acc = this.floats(step.acc);
    const group = step.kind === 'conv2d' ? step.group : 1;
    const taps = step.kind === 'conv2d' ? step.window.kernelHeight * step.window.kernelWidth : 1;
    const inputs = x.mean.length / group;
    return makeExtent(outputs, (o) => {
      const lane = (o >>> 4) * taps * inputs * 16 + (o & 15);
      const sum = (c: number, f: (w: number) => number): number => {
        let total = 0;
        for (let t = 0; t < taps; t++) total += f(data[lane + (t * inputs + c) * 16]!);
        return total;
      };
      const size = (c: number): number => sum(c, Math.abs);
      const first = Math.floor(o / (outputs / group)) * inputs;
      return combine(x, first, first + inputs, { signed: (c) => sum(c, (w) => w), size, moves: size }, acc[o]!);
    });
  }

  private addTail(tail: Tail, index: number, entering: Extent): void {
    const { scale, bias, statistics, shortcut, prelu, bits } = tail;
    const factors = scale === undefined ? null : this.floats(scale);
    let x = affine(entering, factors, null);
    if (bias) x = plus(x, this.param(bias));
    if (statistics) x = withStatistics(x, statistics);
    const entered = enteringSizes(x, entering, factors, bias?.kind === 'constant' ? this.floats(bias.ref) : null);
    let largest = Math.max(largestOf(x), bias?.kind === 'buffer' ? largestOf(affine(entering, factors, null)) : 0);
    const note = (stage: Extent): Extent => {
      largest = Math.max(largest, largestOf(stage));
      return stage;
    };
    if (shortcut) x = note(plus(x, this.of(shortcut.buffer)));
    if (prelu) {
      const { gamma, zeta } = prelu;
      const slope = this.floats(prelu.slope);
      if (gamma) x = note(plus(x, this.param(gamma), -1));
      x = throughFunction(
        x,
        (v, c) => (v > 0 ? v : v * slope[c]!),
        () => [0],
      );
      if (zeta) x = plus(note(x), this.param(zeta));
      note(x);
    }
    this.tails.set(index, { largest, entering: entered });
    if (tail.store !== undefined) this.extents.set(tail.store, x);
    if (tail.rowSums !== undefined) this.extents.set(tail.rowSums, x);
    if (bits) this.extents.set(bits.buffer, signExtent(x, this.param(bits.threshold)));
  }
}

function hasPads(w: Window): boolean {
  return w.padTop + w.padLeft + w.padBottom + w.padRight > 0;
}

/** Padding is 0, which a map may be far from. */
function withZero(x: Extent): Extent {
  return { ...x, least: x.least.map((v) => Math.min(v, 0)), most: x.most.map((v) => Math.max(v, 0)) };
}

function inputExtent(shape: MapShape): Extent {
  const { channels } = shape;
  return makeExtent(channels, () => ({
    mean: 0,
    below: SIGMAS,
    above: SIGMAS,
    least: -INPUT_REACH,
    most: INPUT_REACH,
  }));
}

/** What enters a tail, from what is known of it or of what scale and bias make of it. */
function enteringSizes(
  after: Extent,
  entering: Extent,
  factors: Float32Array | null,
  biases: Float32Array | null,
): Float64Array {
  return entering.mean.map((_, c) => {
    const own = sizeOfChannel(channelOf(entering, c));
    const factor = Math.abs(factors?.[c] ?? 1);
    if (factor === 0) return own;
    return Math.min(own, (sizeOfChannel(channelOf(after, c)) + Math.abs(biases?.[c] ?? 0)) / factor);
  });
}
