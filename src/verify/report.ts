/** What verify found, as data: for the terminal, for --json and for the report of a project. */

import type { NumericMode } from '../program/program.js';

/** How a step's result compares with ONNX Runtime's, over all samples. */
export interface Comparison {
  /** Elements compared. */
  readonly compared: number;
  /** Largest |difference| of a real value. */
  readonly maxError: number;
  /** That difference in units in the last place of the largest value of its map. */
  readonly maxUlps: number;
  /** Signs that differ. */
  readonly flips: number;
}

/** A sign that differs where the value lies within rounding of its threshold. */
export interface Flip {
  readonly sample: number;
  readonly channel: number;
  readonly y: number;
  readonly x: number;
  /** |value - threshold|. */
  readonly margin: number;
  /** How much rounding explains. */
  readonly bound: number;
}

export interface Mismatch {
  /** Of the program's steps. */
  readonly step: number;
  readonly stepName: string;
  /** Nodes of the file. */
  readonly origin: readonly string[];
  /** The ONNX value. */
  readonly value: string;
  readonly sample: number;
  readonly channel: number;
  readonly y: number;
  readonly x: number;
  readonly simulator: number;
  readonly onnxRuntime: number;
  /** How much rounding explains, in the same unit. */
  readonly bound: number;
}

export interface TeacherForced extends Comparison {
  /** Explained flips with the largest margins. */
  readonly flipExamples: readonly Flip[];
  /** Elements beyond what rounding explains. */
  readonly mismatches: number;
  /** The smallest |value - threshold| seen; null where nothing is compared with a threshold. */
  readonly smallestMargin: number | null;
  readonly firstMismatch: Mismatch | null;
}

/** How near numbers with integers come to float32. */
export interface Nearness {
  /** Real numbers compared. */
  readonly reals: number;
  /** Signal-to-noise in dB; null: no difference, or no real numbers. */
  readonly snr: number | null;
  readonly signs: number;
  /** Signs that differ. */
  readonly flips: number;
}

export interface StepNearness {
  /** Given the reference's values: what the step alone adds. */
  readonly own: Nearness;
  /** Each run from the input on, by itself. */
  readonly free: Nearness;
}

export interface LayerReport {
  /** Index of the program's step. */
  readonly step: number;
  readonly name: string;
  readonly description: string;
  readonly origin: readonly string[];
  /** Fed ONNX Runtime's own values; null where the file has no value under any of its names. */
  readonly teacherForced: TeacherForced | null;
  /** Each run from the input on, by itself. */
  readonly freeRunning: Comparison | null;
  /** In place of both where the program has integers, which rounding bounds cannot hold. */
  readonly nearness: StepNearness | null;
  /** What is wrong with the generated C here; null: nothing, or C was not run. */
  readonly c: string | null;
}

export type Side<T> = ({ readonly status: 'compared' } & T) | { readonly status: 'absent'; readonly reason: string };

export interface VerifyReport {
  readonly model: string;
  readonly numeric: NumericMode;
  /** What integers are compared with; null: there are none, all is held to ONNX Runtime's rounding. */
  readonly reference: 'ONNX Runtime' | 'the float32 simulator' | null;
  readonly samples: number;
  /** Where the samples come from, in words. */
  readonly inputs: string;
  readonly onnxRuntime: Side<{ readonly version: string; readonly comparedValues: number }>;
  readonly c: Side<{
    readonly compiler: string;
    readonly sets: readonly string[];
    readonly runs: number;
    readonly differences: readonly string[];
  }>;
  readonly layers: readonly LayerReport[];
  readonly firstMismatch: Mismatch | null;
  /** Of the free-running outputs; null where the output is not a list of scores. */
  readonly top1: { readonly agree: number; readonly of: number } | null;
  readonly verdict: 'agree' | 'differ' | 'nothing compared';
}
