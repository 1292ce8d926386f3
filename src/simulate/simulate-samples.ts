/**
 * The simulator over many samples, and what it noticed over all of them.
 *
 * Flows in: whole samples, one after another. Flows out: their outputs in the same order.
 */
import { sampleSize } from '../arrays/samples.js';
import type { Program } from '../program/program.js';
import { addCounts } from './saturation-warnings.js';
import { type StepObserver, type StepSaturation, simulate } from './simulate.js';

export interface SamplesResult {
  readonly output: Float32Array;
  /** [N, ...the model's output shape]. */
  readonly shape: readonly number[];
  /** How often a value met its threshold exactly (clause 3.1), by step, over all samples. */
  readonly ties: ReadonlyMap<string, number>;
  /** Steps that left the finite numbers (clause 1.2): their results are outside the contract. */
  readonly notFinite: readonly string[];
  /** How many results of fixed16 were clipped (clause 11.2), by step, over all samples. */
  readonly saturated: ReadonlyMap<string, number>;
  /** The same for each sample. */
  readonly saturatedOf: readonly (readonly StepSaturation[])[];
}

/** `observe` is asked for each sample's observer. */
export function simulateSamples(
  program: Program,
  input: Float32Array,
  observe?: (sample: number) => StepObserver | undefined,
): SamplesResult {
  const inputSize = sampleSize(program.input);
  const outputSize = sampleSize(program.output);
  const samples = input.length / inputSize;
  const output = new Float32Array(samples * outputSize);
  const ties = new Map<string, number>();
  const notFinite = new Set<string>();
  const saturated = new Map<string, number>();
  const saturatedOf: (readonly StepSaturation[])[] = [];
  for (let s = 0; s < samples; s++) {
    const result = simulate(program, input.subarray(s * inputSize, (s + 1) * inputSize), observe?.(s));
    output.set(result.output, s * outputSize);
    for (const { step, ties: count } of result.ties) ties.set(step, (ties.get(step) ?? 0) + count);
    for (const step of result.notFinite) notFinite.add(step);
    addCounts(saturated, result.saturated);
    saturatedOf.push(result.saturated);
  }
  const shape = [samples, ...program.output.shape.slice(1)];
  return { output, shape, ties, notFinite: [...notFinite], saturated, saturatedOf };
}
