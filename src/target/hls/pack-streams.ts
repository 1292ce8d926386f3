/**
 * What `read_weights` reads: for each op its static parameters and its weights, in the order in which the arrays take them.
 *
 * Flows in: an EngineNetwork, planned steps. Flows out: each step's address and words, and the bytes of the two ports.
 * Keeps true: an op's data stand there once, however many pictures or steps read them.
 */
import type { ConstantRef } from '../../program/program.js';
import { denseParts } from './dense-parts.js';
import { int8Weights } from './int8-weights.js';
import {
  type BinaryConvOp,
  type DenseOp,
  type EngineNetwork,
  hasTail,
  type Int8ConvOp,
  type Int8DenseOp,
  paramsOf,
} from './network.js';
import type { PlannedStep } from './plan-steps.js';
import { channelWords, divideUp, type EngineSizes, SIMD, sizesOf } from './sizes.js';
import type { EngineConfig } from './types.js';

interface StreamPlace {
  readonly base: number;
  /** Words from the base to each static parameter, and to the weights. */
  readonly params: ReadonlyMap<string, number>;
  readonly weights: number;
  readonly words: number;
  /** A step that loads the weights: its fields say how they are grouped. */
  readonly loader: PlannedStep | null;
}

export interface Streams {
  readonly words: number;
  /** stream_address of a step. */
  readonly addressOf: (step: PlannedStep) => number;
  readonly places: ReadonlyMap<number, StreamPlace>;
}

export function layoutStreams(network: EngineNetwork, steps: readonly PlannedStep[], config: EngineConfig): Streams {
  const { lanes } = sizesOf(config);
  const places = new Map<number, StreamPlace>();
  let base = 0;
  for (const { stream } of steps) {
    if (!stream || places.has(stream.op)) continue;
    const op = network.ops[stream.op]!;
    const loader = steps.find((s) => s.stream?.op === stream.op && s.stream.weights) ?? null;
    const params = new Map<string, number>();
    let words = 0;
    if (hasTail(op)) {
      for (const { slot, param } of paramsOf(op.tail)) {
        if (param.kind !== 'constant') continue;
        params.set(slot, words);
        words += (slot === 'OFFSET' ? 2 : 1) * channelWords(op.tail.shape.channels, lanes);
      }
    }
    const weights = words;
    words += loader?.fields.weights_words ?? 0;
    places.set(stream.op, { base, params, weights, words, loader });
    base += words;
  }
  return {
    words: base,
    places,
    addressOf: ({ stream }) => {
      if (!stream) return 0;
      const place = places.get(stream.op)!;
      const first = stream.loads[0];
      return place.base + (first === undefined ? place.weights : place.params.get(first)!);
    },
  };
}

/** The bytes of ports 0 and 1: the low and the high half of each word. */
export function packStreams(
  network: EngineNetwork,
  streams: Streams,
  config: EngineConfig,
): readonly [Uint8Array, Uint8Array] {
  const sizes = sizesOf(config);
  const all = new DataView(new ArrayBuffer(streams.words * sizes.wordBytes));
  for (const [index, place] of streams.places) new Packer(network, config, sizes, all, index, place).pack();
  const half = sizes.wordBytes / 2;
  const halves = [new Uint8Array(streams.words * half), new Uint8Array(streams.words * half)] as const;
  const bytes = new Uint8Array(all.buffer);
  for (let w = 0; w < streams.words; w++) {
    const from = w * sizes.wordBytes;
    halves[0].set(bytes.subarray(from, from + half), w * half);
    halves[1].set(bytes.subarray(from + half, from + 2 * half), w * half);
  }
  return halves;
}

class Packer {
  constructor(
    private readonly network: EngineNetwork,
    private readonly config: EngineConfig,
    private readonly sizes: EngineSizes,
    private readonly out: DataView,
    private readonly index: number,
    private readonly place: StreamPlace,
  ) {}

  pack(): void {
    const op = this.network.ops[this.index]!;
    if (hasTail(op)) {
      for (const { slot, param } of paramsOf(op.tail)) {
        if (param.kind === 'constant') this.param(slot, param.ref, op.tail.shape.channels, param.plus ?? 0);
      }
    }
    if (!this.place.loader) return;
    const at = (this.place.base + this.place.weights) * this.sizes.wordBytes;
    switch (op.kind) {
      case 'binaryConv':
        return this.binary(op, at);
      case 'int8Conv':
        return this.int8Conv(op, at);
      case 'dense':
        return this.dense(op, at);
      case 'int8Dense':
        return this.int8Dense(op, at);
      default:
    }
  }

  private field(name: string): number {
    return this.place.loader!.fields[name] ?? 0;
  }

  private param(slot: string, ref: ConstantRef, channels: number, plus: number): void {
    const at = (this.place.base + this.place.params.get(slot)!) * this.sizes.wordBytes;
    const { value } = this.network.constants[ref]!;
    if (slot === 'OFFSET') {
      if (value.type !== 'int32') throw new Error('an offset is not int32');
      for (let c = 0; c < channels; c++) this.out.setInt32(at + 4 * c, value.data[c]! + plus, true);
      return;
    }
    if (value.type !== 'int16') throw new Error(`${slot} is not int16`);
    for (let c = 0; c < channels; c++) this.out.setInt16(at + 2 * c, value.data[c]!, true);
  }

  private binary(op: BinaryConvOp, at: number): void {
    const { pe } = this.config;
    const { value } = this.network.constants[op.weights]!;
    if (value.type !== 'uint64') throw new Error('binary weights are not words of 64 bits');
    const { channels } = this.network.bits[op.input]!.shape;
    const rows = op.window.kernelHeight * op.window.kernelWidth * divideUp(channels, SIMD);
    for (let o = 0; o < op.tail.shape.channels; o++) {
      const tile = Math.floor(o / pe);
      const from = (o >>> 3) * rows * 16 + 2 * (o & 7);
      for (let r = 0; r < rows; r++) {
        const to = at + 8 * ((tile * rows + r) * pe + (o % pe));
        this.out.setUint32(to, value.data[from + 16 * r]!, true);
        this.out.setUint32(to + 4, value.data[from + 16 * r + 1]!, true);
      }
    }
  }

  private int8(at: number, source: Int8ConvOp['weights'], outputs: number, inputs: number, taps: number): void {
    const { int8Pe, int8Simd } = this.config;
    const weight = int8Weights(source, this.network.constants);
    const perTap = divideUp(inputs, int8Simd);
    for (let o = 0; o < outputs; o++) {
      const tile = Math.floor(o / int8Pe);
      for (let tap = 0; tap < taps; tap++) {
        for (let c = 0; c < inputs; c++) {
          const row = (tile * taps + tap) * perTap + Math.floor(c / int8Simd);
          this.out.setInt8(at + (row * int8Pe + (o % int8Pe)) * int8Simd + (c % int8Simd), weight(o, tap, c));
        }
      }
    }
  }

  private int8Conv(op: Int8ConvOp, at: number): void {
    const { channels } = this.network.maps[op.input]!.shape;
    const taps = op.window.kernelHeight * op.window.kernelWidth;
    this.int8(at, op.weights, op.tail.shape.channels, channels, taps);
  }

  private int8Dense(op: Int8DenseOp, at: number): void {
    this.int8(at, op.weights, op.outputs, op.inputs, 1);
    const pairs = at + this.field('groups') * this.field('tile_words') * this.sizes.wordBytes;
    const scale = this.floats(op.scale);
    const bias = this.floats(op.bias);
    for (let o = 0; o < op.outputs; o++) {
      this.out.setFloat32(pairs + 8 * o, scale[o]!, true);
      this.out.setFloat32(pairs + 8 * o + 4, bias[o]!, true);
    }
  }

  private floats(ref: ConstantRef): Float32Array {
    const { value } = this.network.constants[ref]!;
    if (value.type !== 'float32') throw new Error('a constant is not float32');
    return value.data;
  }

  private dense(op: DenseOp, at: number): void {
    const { floatLanes } = this.sizes;
    const blockGroups = this.field('block_groups');
    const { groups, offsets } = denseParts(this.network, op, floatLanes);
    op.parts.forEach((part, p) => {
      const { start, weight } = this.denseNumbers(part, op.inputs);
      for (let o = 0; o < part.outputs; o++) {
        const output = offsets[p]! + o;
        const g = Math.floor(output / floatLanes);
        const block = Math.floor(g / blockGroups);
        const inBlock = Math.min(blockGroups, groups - block * blockGroups);
        const first = at + 4 * floatLanes * block * blockGroups * (1 + op.inputs);
        const lane = 4 * ((g - block * blockGroups) * floatLanes + (output % floatLanes));
        this.out.setFloat32(first + lane, start(o), true);
        for (let i = 0; i < op.inputs; i++) {
          this.out.setFloat32(first + 4 * floatLanes * inBlock * (1 + i) + lane, weight(o, i), true);
        }
      }
    });
  }

  private denseNumbers(part: DenseOp['parts'][number], inputs: number) {
    const { source } = part;
    if (source.kind === 'diagonal') {
      return {
        start: (o: number) => source.summands[o]!,
        weight: (o: number, i: number) => (o === i ? source.factors[o]! : 0),
      };
    }
    const weights = this.floats(source.weights);
    const acc = this.floats(source.acc);
    const sign = source.negate ? -1 : 1;
    return {
      start: (o: number) => sign * acc[o]! + 0,
      weight: (o: number, i: number) => sign * weights[((o >>> 4) * inputs + i) * 16 + (o & 15)]!,
    };
  }
}
