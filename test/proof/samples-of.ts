import { sampleSize } from '../../src/arrays/samples.js';
import type { Program } from '../../src/program/program.js';

/** Whole samples, one after another, as a list. */
export function samplesOf(program: Program, inputs: Float32Array): readonly Float32Array[] {
  const size = sampleSize(program.input);
  return Array.from({ length: inputs.length / size }, (_, s) => inputs.subarray(s * size, (s + 1) * size));
}
