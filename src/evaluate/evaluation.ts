/**
 * What an evaluation found, sample by sample: enough to score it, to go on with it, and to put parts of it together.
 *
 * Keeps true: a sample appears once; each engine's list holds its best classes, the best first.
 */
import type { NumericMode } from '../program/program.js';
import type { EngineName } from './engine.js';

export const KEPT_CLASSES = 5;

export interface SampleResult {
  readonly index: number;
  readonly label: number;
  /** By engine, in the order of the evaluation's engines. */
  readonly best: readonly (readonly number[])[];
  /** By engine: whether its output has the first bit-exact engine's bits. */
  readonly sameBits: readonly boolean[];
  /** Results of fixed16 that were clipped, by step; absent: none, or no simulator was among the engines. */
  readonly saturated?: Readonly<Record<string, number>>;
}

export interface EvaluatedNumbers {
  readonly numeric: NumericMode;
  readonly firstLast: 'float32' | 'int8';
  /** Differs where another calibration chose other fractions. */
  readonly fractions: string;
}

export interface Evaluation {
  readonly format: 'dybnn-compile evaluation';
  readonly formatVersion: 1;
  readonly model: { readonly name: string; readonly sha256: string };
  readonly images: string;
  /** What was done to pictures, so that parts made in different ways are not put together. */
  readonly preprocessing: {
    readonly resize: number | null;
    readonly mean: readonly number[];
    readonly std: readonly number[];
  };
  /** What the network was computed in; absent: float32. */
  readonly numbers?: EvaluatedNumbers;
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly engines: readonly EngineName[];
  /** Samples that the whole evaluation has, of which this file may hold a part. */
  readonly total: number;
  readonly samples: readonly SampleResult[];
}
