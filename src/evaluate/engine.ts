/** Something that runs the network on a batch. */
import type { StepSaturation } from '../simulate/simulate.js';

export const ENGINE_NAMES = ['c', 'simulator', 'onnxruntime'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export interface EngineOutput {
  /** In the order of the inputs. */
  readonly outputs: Float32Array;
  /** What was clipped to 16 bits in each sample; absent: it does not count. */
  readonly saturated?: readonly (readonly StepSaturation[])[];
}

export interface Engine {
  readonly name: EngineName;
  /** How it was made, for the report: "gcc 12.2.0, avx512 kernels". */
  readonly description: string;
  /** Whole samples, one after another, to their outputs in the same order. May be called again before it is done. */
  readonly run: (inputs: Float32Array, count: number) => Promise<EngineOutput>;
  readonly close: () => Promise<void>;
}

/** Engines that promise the same bits; ONNX Runtime cannot (see CONTRACT.md). */
export function isBitExact(name: EngineName): boolean {
  return name !== 'onnxruntime';
}
