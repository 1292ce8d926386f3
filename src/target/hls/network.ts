/**
 * A network as the engine sees it: maps, packed maps and vectors, and the steps between them, before any memory is planned.
 *
 * Flows in: a fixed16 Program (network-from-program.ts). Flows out: what plan-engine.ts places and packs.
 * Keeps true: each step is one that the engine has a unit for; a step with sums is followed by its mean; only LANES of the
 * engine's parameters has been looked at.
 */
import type { MapShape, PointFunction, Window } from '../../bnn/bnn-graph.js';
import type { BufferRef, Constant, ConstantRef, Fraction } from '../../program/program.js';

export type MapId = number;
export type BitsId = number;
export type VectorId = number;

export interface NetworkMap {
  readonly name: string;
  readonly shape: MapShape;
  readonly fraction: Fraction;
  /** 'pooled': a step stored the 2x2 averages of its values; in DDR. */
  readonly role: 'input' | 'inner' | 'output' | 'pooled';
  /** The Program's buffer, where it has one. */
  readonly buffer: BufferRef | null;
}
export interface NetworkBits {
  readonly name: string;
  readonly shape: MapShape;
  readonly buffer: BufferRef | null;
}
export interface NetworkVector {
  readonly name: string;
  readonly length: number;
  readonly buffer: BufferRef | null;
}

/** A value per channel: constant int16 (of 12.2's offset int32, to each of which `plus` is added), or a vector that becomes int16 by 11.3 with `multiplier` (2^f). */
export type NetworkParam =
  | { readonly kind: 'constant'; readonly ref: ConstantRef; readonly plus?: number }
  | {
      readonly kind: 'vector';
      readonly vector: VectorId;
      readonly multiplier: number;
      readonly buffer: BufferRef | null;
    };

export interface NetworkTail {
  readonly shape: MapShape;
  readonly entryShift: number;
  readonly scale: { readonly multiplier: ConstantRef; readonly offset: ConstantRef; readonly shift: number } | null;
  readonly bias: NetworkParam | null;
  readonly shortcut: {
    readonly map: MapId;
    readonly channels: number;
    readonly pool: 1 | 2;
    /** k of 12.3, and the 2 of a pooled one. */
    readonly shift: number;
  } | null;
  readonly prelu: {
    readonly gamma: NetworkParam | null;
    readonly slope: ConstantRef;
    readonly slopeShift: number;
    readonly zeta: NetworkParam | null;
    readonly ge: boolean;
  } | null;
  /**
   * `channel`: of the map where the tail's first channel goes (a concatenation). `pool`: stored are rnd(sums of 2x2 values, shift), what a pooled
   * shortcut would have added (12.3).
   */
  readonly store: { readonly map: MapId; readonly channel: number; readonly pool?: { readonly shift: number } } | null;
  readonly sums: { readonly buffer: BufferRef | null } | null;
  readonly alpha: { readonly threshold: NetworkParam; readonly gt: boolean } | null;
  /** The packed map that alpha makes. */
  readonly bits: BitsId | null;
  /** Stores and adds up +-this, by alpha, instead of the values. */
  readonly signs: number | null;
}

/** Weights of 8 bits: the Program's own, or rows that pick one channel of the input (null: none). */
export type Int8Source =
  | {
      readonly kind: 'constant';
      readonly ref: ConstantRef;
      readonly window: Window;
      readonly group: number;
      readonly inputs: number;
      readonly outputs: number;
    }
  | { readonly kind: 'select'; readonly inputs: number; readonly picks: readonly (number | null)[] };

/** A dense layer's weights, or a diagonal (a factor and a summand for each). */
export type DenseSource =
  | {
      readonly kind: 'constant';
      readonly weights: ConstantRef;
      readonly acc: ConstantRef;
      /** -W and -c: the layer's result, negated. */
      readonly negate: boolean;
    }
  | { readonly kind: 'diagonal'; readonly factors: Float32Array; readonly summands: Float32Array };

interface OpBase {
  readonly name: string;
  /** Index of the Program's step. */
  readonly source: number;
}
export interface BinaryConvOp extends OpBase {
  readonly kind: 'binaryConv';
  readonly input: BitsId;
  readonly window: Window;
  readonly weights: ConstantRef;
  readonly tail: NetworkTail;
}
export interface Int8ConvOp extends OpBase {
  readonly kind: 'int8Conv';
  readonly input: MapId;
  readonly window: Window;
  readonly weights: Int8Source;
  readonly tail: NetworkTail;
}
export interface PassOp extends OpBase {
  readonly kind: 'pass';
  readonly input: MapId;
  readonly tail: NetworkTail;
}
export interface PoolOp extends OpBase {
  readonly kind: 'maxPool' | 'averagePool';
  readonly input: MapId;
  readonly window: Window;
  readonly excludePad: boolean;
  readonly tail: NetworkTail;
}
/** 13.1 of the step before it. */
export interface MeanOp extends OpBase {
  readonly kind: 'mean';
  readonly channels: number;
  readonly factor: number;
  readonly output: VectorId;
}
export interface DensePart {
  readonly output: VectorId;
  readonly outputs: number;
  readonly source: DenseSource;
}
/** Several layers over one vector with one function are one step. */
export interface DenseOp extends OpBase {
  readonly kind: 'dense';
  readonly input: VectorId;
  readonly inputs: number;
  readonly fn: PointFunction | null;
  readonly parts: readonly DensePart[];
}
export interface Int8DenseOp extends OpBase {
  readonly kind: 'int8Dense';
  readonly input: VectorId;
  readonly inputs: number;
  readonly outputs: number;
  /** 2^f of 11.3. */
  readonly multiplier: number;
  readonly weights: Int8Source;
  readonly scale: ConstantRef;
  readonly bias: ConstantRef;
  readonly output: VectorId;
}
export interface OutputOp extends OpBase {
  readonly kind: 'output';
  readonly input: VectorId;
  readonly length: number;
}

export type TailOp = BinaryConvOp | Int8ConvOp | PassOp | PoolOp;
export type NetworkOp = TailOp | MeanOp | DenseOp | Int8DenseOp | OutputOp;

export interface EngineNetwork {
  readonly maps: readonly NetworkMap[];
  readonly bits: readonly NetworkBits[];
  readonly vectors: readonly NetworkVector[];
  readonly ops: readonly NetworkOp[];
  readonly constants: readonly Constant[];
  readonly input: MapId;
  readonly output:
    | { readonly kind: 'vector'; readonly vector: VectorId }
    | { readonly kind: 'map'; readonly map: MapId };
  readonly outputShape: MapShape;
  readonly hostSteps: readonly 'softmax'[];
}

export function hasTail(op: NetworkOp): op is TailOp {
  return 'tail' in op;
}

/** Parameters of a tail in the order of the parameter memory; null: the slot is not used. */
export function paramsOf(tail: NetworkTail): readonly { readonly slot: string; readonly param: NetworkParam }[] {
  const constant = (ref: ConstantRef): NetworkParam => ({ kind: 'constant', ref });
  const { scale, bias, prelu, alpha } = tail;
  const all: readonly (readonly [string, NetworkParam | null | undefined])[] = [
    ['SCALE', scale && constant(scale.multiplier)],
    // With the half that rounding adds (hw/hls/README.md).
    ['OFFSET', scale && { kind: 'constant', ref: scale.offset, plus: Math.floor(2 ** scale.shift / 2) }],
    ['BIAS', bias],
    ['GAMMA', prelu?.gamma],
    ['SLOPE', prelu && constant(prelu.slope)],
    ['ZETA', prelu?.zeta],
    ['ALPHA', alpha?.threshold],
  ];
  return all.flatMap(([slot, param]) => (param ? [{ slot, param }] : []));
}

export function readsOf(op: NetworkOp): { readonly maps: readonly MapId[]; readonly vectors: readonly VectorId[] } {
  if (!hasTail(op)) return { maps: [], vectors: 'input' in op ? [op.input] : [] };
  const shortcut = op.tail.shortcut ? [op.tail.shortcut.map] : [];
  const params = paramsOf(op.tail).flatMap(({ param }) => (param.kind === 'vector' ? [param.vector] : []));
  return { maps: op.kind === 'binaryConv' ? shortcut : [op.input, ...shortcut], vectors: params };
}
