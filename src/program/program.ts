/**
 * The Program: ordered steps over planned memory. The simulator executes exactly this, and the back ends print exactly this.
 *
 * Flows in: lower's decisions (layouts, fusion, order, memory). Flows out: bits, through simulate, C or HLS.
 * Keeps true (verify-program.ts): a buffer is written before it is read, live buffers do not overlap, every access is inside.
 *
 * A step makes a map in some way (binary convolution, float convolution, pool, a plain pass) and ends in a Tail: what happens
 * to each value once it is computed. Tails are the same for all, so fusion is not a property of the operator.
 */
import type { Compare, MapShape, PointFunction, Statistics, ValueId, Window } from '../bnn/bnn-graph.js';

export type BufferRef = number;
export type ConstantRef = number;

/** A packed map's border of zero words, in pixels (clause 4.2). */
export interface Border {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Bits after the point of an int16 map (clause 11.1). */
export type Fraction = number;

export type BufferLayout =
  /** Channels last (2.1); int16 where it has a fraction, else float32. */
  | { readonly kind: 'map'; readonly shape: MapShape; readonly fraction?: Fraction }
  /** Channels first: only the model's own input and output. */
  | { readonly kind: 'external'; readonly shape: MapShape }
  /** Packed (2.2) with its border. */
  | { readonly kind: 'bits'; readonly shape: MapShape; readonly border: Border }
  /** Sums of rows (6.1, 13.1): [height][channels]; exact in int32 where it has a fraction, else float32. */
  | { readonly kind: 'rowSums'; readonly shape: MapShape; readonly fraction?: Fraction };

export type Placement =
  | { readonly kind: 'input' }
  | { readonly kind: 'output' }
  /** Byte offset in the workspace, a multiple of 64. Two buffers may share one where `firstStep..lastStep` allow it. */
  | { readonly kind: 'workspace'; readonly offset: number };

export interface Buffer {
  readonly name: string;
  /** The value of the BnnGraph that it holds; for row sums, the value that was summed. */
  readonly value: ValueId;
  readonly layout: BufferLayout;
  readonly bytes: number;
  readonly placement: Placement;
  /** Index of the step that writes it first, and of the last that touches it. */
  readonly firstStep: number;
  readonly lastStep: number;
}

export type ConstantData =
  | { readonly type: 'float32'; readonly data: Float32Array }
  | { readonly type: 'int32'; readonly data: Int32Array }
  | { readonly type: 'int16'; readonly data: Int16Array }
  | { readonly type: 'int8'; readonly data: Int8Array }
  | { readonly type: 'uint8'; readonly data: Uint8Array }
  /** Words of 64 bits as pairs (low, high) of 32. */
  | { readonly type: 'uint64'; readonly data: Uint32Array };

export interface Constant {
  /** A C identifier, unique in the program. */
  readonly name: string;
  /** e.g. "[8][9][8] packed weights". */
  readonly comment: string;
  readonly value: ConstantData;
}

/** A value per channel, from a constant or from a vector in the workspace. */
export type ParamRef =
  | { readonly kind: 'constant'; readonly ref: ConstantRef }
  | { readonly kind: 'buffer'; readonly ref: BufferRef };

export interface Shortcut {
  readonly buffer: BufferRef;
  /** Output channel c adds channel c mod `channels`. */
  readonly channels: number;
  /** 2: the average of 2x2 pixels with stride 2. */
  readonly pool: 1 | 2;
}

/** The numbers of a tail in fixed16 (clause 12); its scale, bias, gamma, slope, zeta and threshold are int16 then. */
export interface FixedTail {
  /** Of every value in the tail, of what it stores and of its parameters. */
  readonly fraction: Fraction;
  /** r of 12.1. */
  readonly entryShift: number;
  /** c_o and S of 12.2, where there is a scale; a static bias is part of c_o. */
  readonly offset?: ConstantRef;
  readonly scaleShift: number;
  /** k of 12.3. */
  readonly shortcutShift: number;
  /** t of 12.4. */
  readonly slopeShift: number;
}

/** In this order; an absent field is a step left out. */
export interface Tail {
  /** Integers (clause 12); absent: float32 (clauses 4.4 and 5). */
  readonly fixed?: FixedTail;
  readonly shape: MapShape;
  readonly scale?: ConstantRef;
  readonly bias?: ParamRef;
  /** Of the values after scale and bias, where the network knows them: what fractions are estimated from. */
  readonly statistics?: Statistics;
  readonly shortcut?: Shortcut;
  readonly prelu?: {
    readonly gamma: ParamRef | null;
    readonly slope: ConstantRef;
    readonly zeta: ParamRef | null;
    readonly compare: Compare;
  };
  readonly store?: BufferRef;
  readonly rowSums?: BufferRef;
  readonly bits?: { readonly buffer: BufferRef; readonly threshold: ParamRef; readonly compare: Compare };
}

interface StepBase {
  /** Readable and unique; comes from the network's own names. For comments and reports. */
  readonly name: string;
  readonly origin: readonly string[];
}

export interface ToChannelsLastStep extends StepBase {
  readonly kind: 'toChannelsLast';
  readonly input: BufferRef;
  readonly output: BufferRef;
  readonly shape: MapShape;
}
export interface ToChannelsFirstStep extends StepBase {
  readonly kind: 'toChannelsFirst';
  readonly input: BufferRef;
  readonly output: BufferRef;
  readonly shape: MapShape;
}
export interface BinaryConv2dStep extends StepBase {
  readonly kind: 'binaryConv2d';
  readonly input: BufferRef;
  readonly inputShape: MapShape;
  readonly window: Window;
  /** [ceil(outputs/8)][taps * words][8] words of 64 bits. */
  readonly weights: ConstantRef;
  /** [classes][8 * ceil(outputs/8)] int32: n of clause 4.2 for every border class. */
  readonly base: ConstantRef;
  readonly rowClass: ConstantRef;
  readonly colClass: ConstantRef;
  readonly colClasses: number;
  readonly tail: Tail;
}
export interface Conv2dStep extends StepBase {
  readonly kind: 'conv2d';
  readonly input: BufferRef;
  readonly inputShape: MapShape;
  readonly window: Window;
  readonly group: number;
  /** [ceil(outputs/16)][kernelHeight][kernelWidth][inputs/group][16]. */
  readonly weights: ConstantRef;
  /** [16 * ceil(outputs/16)]: where the accumulators start. */
  readonly acc: ConstantRef;
  readonly floatReason: string | null;
  readonly tail: Tail;
}
/** Weights of 8 bits over an int16 map (clause 14). The tail is fixed, or float32 (14.3). */
export interface Int8Conv2dStep extends StepBase {
  readonly kind: 'int8Conv2d';
  readonly input: BufferRef;
  readonly inputShape: MapShape;
  readonly window: Window;
  readonly group: number;
  /** int8 [ceil(outputs/16)][kernelHeight][runs][ceil(length/2)][16][2], see `runsOf`. */
  readonly weights: ConstantRef;
  readonly tail: Tail;
}
/** A float32 map or vector as int16 (clause 11.3). */
export interface QuantizeStep extends StepBase {
  readonly kind: 'quantize';
  readonly input: BufferRef;
  readonly output: BufferRef;
  readonly shape: MapShape;
  readonly fraction: Fraction;
}
/** An int16 map as float32. */
export interface DequantizeStep extends StepBase {
  readonly kind: 'dequantize';
  readonly input: BufferRef;
  readonly output: BufferRef;
  readonly shape: MapShape;
  readonly fraction: Fraction;
}
export interface DenseStep extends StepBase {
  readonly kind: 'dense';
  readonly input: BufferRef;
  readonly output: BufferRef;
  readonly inputs: number;
  readonly outputs: number;
  /** [ceil(outputs/16)][inputs][16]. */
  readonly weights: ConstantRef;
  readonly acc: ConstantRef;
  readonly fn: PointFunction | null;
}
export interface MapStep extends StepBase {
  readonly kind: 'map';
  readonly input: BufferRef;
  readonly fn: PointFunction | null;
  readonly tail: Tail;
}
export interface PoolStep extends StepBase {
  readonly kind: 'maxPool' | 'averagePool';
  readonly input: BufferRef;
  readonly inputShape: MapShape;
  readonly window: Window;
  readonly countIncludePad: boolean;
  /**
   * Average pool that excludes padding: [kernelHeight * kernelWidth + 1], 1/count rounded once. In fixed16 every average pool has
   * one: int32 [kernelHeight * kernelWidth + 1][2], R and P of 13.2.
   */
  readonly reciprocal: ConstantRef | null;
  readonly tail: Tail;
}
export interface GlobalAveragePoolStep extends StepBase {
  readonly kind: 'globalAveragePool';
  readonly rowSums: BufferRef;
  /** Always float32: exact row sums of an int16 map are converted here (13.1). */
  readonly output: BufferRef;
  /** Of the map that was summed. */
  readonly shape: MapShape;
}
export interface ConcatStep extends StepBase {
  readonly kind: 'concat';
  readonly input: BufferRef;
  readonly output: BufferRef;
  readonly shape: MapShape;
  readonly outputChannels: number;
  readonly offset: number;
  /** 13.4, where the maps are int16. */
  readonly shift?: number;
}
/** A packed map as a real one of -1 and +1, for the operators that stay float. */
export interface UnpackStep extends StepBase {
  readonly kind: 'unpack';
  readonly input: BufferRef;
  readonly output: BufferRef;
  readonly shape: MapShape;
}
export interface SoftmaxStep extends StepBase {
  readonly kind: 'softmax';
  readonly input: BufferRef;
  readonly output: BufferRef;
  readonly count: number;
}

export type Step =
  | ToChannelsLastStep
  | ToChannelsFirstStep
  | BinaryConv2dStep
  | Conv2dStep
  | Int8Conv2dStep
  | QuantizeStep
  | DequantizeStep
  | DenseStep
  | MapStep
  | PoolStep
  | GlobalAveragePoolStep
  | ConcatStep
  | UnpackStep
  | SoftmaxStep;

export interface DeclaredArray {
  readonly name: string;
  /** As the ONNX model declares it, batch axis 1. */
  readonly shape: readonly number[];
}

export const NUMERIC_MODES = ['float32', 'fixed16'] as const;
export type NumericMode = (typeof NUMERIC_MODES)[number];

export interface Program {
  readonly name: string;
  readonly numeric: NumericMode;
  readonly input: DeclaredArray;
  readonly output: DeclaredArray;
  readonly steps: readonly Step[];
  readonly buffers: readonly Buffer[];
  readonly constants: readonly Constant[];
  readonly workspaceBytes: number;
  /** The largest sum of live bytes over the steps: no plan can need less. */
  readonly workspaceLowerBound: number;
}

export function wordsOf(channels: number): number {
  return Math.ceil(channels / 64);
}

/**
 * A window's taps as runs of values that lie side by side in memory: whole rows of the kernel where nothing is skipped between
 * its columns, else single taps. A run has an even length in the weights' layout: pairs of int16 are one multiply-add.
 */
export function runsOf(window: Window, inputsPerGroup: number, group: number): { runs: number; length: number } {
  return group === 1 && window.dilationWidth === 1
    ? { runs: 1, length: window.kernelWidth * inputsPerGroup }
    : { runs: window.kernelWidth, length: inputsPerGroup };
}

export function sizeOf(shape: MapShape): number {
  return shape.channels * shape.height * shape.width;
}

/** Bits after the point of what a buffer holds; null where it holds float32 or bits. */
export function fractionOf(layout: BufferLayout): Fraction | null {
  return (layout.kind === 'map' || layout.kind === 'rowSums' ? layout.fraction : undefined) ?? null;
}

export function bytesOf(layout: BufferLayout): number {
  const { channels, height, width } = layout.shape;
  switch (layout.kind) {
    case 'map':
      return (layout.fraction === undefined ? 4 : 2) * sizeOf(layout.shape);
    case 'external':
      return 4 * sizeOf(layout.shape);
    case 'rowSums':
      return 4 * height * channels;
    case 'bits': {
      const { top, bottom, left, right } = layout.border;
      return 8 * wordsOf(channels) * (top + height + bottom) * (left + width + right);
    }
  }
}

/** The buffers that a step reads and writes. */
export function accessesOf(step: Step): {
  readonly reads: readonly BufferRef[];
  readonly writes: readonly BufferRef[];
} {
  switch (step.kind) {
    case 'binaryConv2d':
    case 'conv2d':
    case 'int8Conv2d':
    case 'map':
    case 'maxPool':
    case 'averagePool': {
      const { tail } = step;
      const reads: BufferRef[] = [step.input];
      if (tail.shortcut) reads.push(tail.shortcut.buffer);
      for (const p of [tail.bias, tail.prelu?.gamma, tail.prelu?.zeta, tail.bits?.threshold]) {
        if (p?.kind === 'buffer') reads.push(p.ref);
      }
      const writes = [tail.store, tail.rowSums, tail.bits?.buffer].filter((b) => b !== undefined);
      return { reads, writes };
    }
    case 'globalAveragePool':
      return { reads: [step.rowSums], writes: [step.output] };
    default:
      return { reads: [step.input], writes: [step.output] };
  }
}
