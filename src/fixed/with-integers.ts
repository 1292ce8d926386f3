/** The last decision of lowering: which numbers the Program works in (clauses 11 to 15). */
import { checkFinite, sampleSize } from '../arrays/samples.js';
import { type Diagnostic, fail, makeDiagnostic } from '../diagnostics/diagnostic.js';
import type { DeclaredArray, NumericMode, Program } from '../program/program.js';
import { verifyProgram } from '../program/verify-program.js';
import { calibrate } from './calibrate.js';
import { estimateRanges } from './estimate-ranges.js';
import { quantizeProgram } from './quantize-program.js';

export interface IntegerOptions {
  readonly numeric?: NumericMode;
  readonly firstLast?: 'float32' | 'int8';
  readonly calibration?: Float32Array | ((input: DeclaredArray) => Float32Array);
}

export function withIntegers(
  program: Program,
  options: IntegerOptions,
): { readonly program: Program; readonly warnings: readonly Diagnostic[] } {
  const { numeric = 'float32', firstLast = 'float32', calibration } = options;
  if (numeric === 'float32' && firstLast === 'float32') return { program, warnings: [] };
  const samples = typeof calibration === 'function' ? calibration(program.input) : calibration;
  if (samples) checkSamples(samples, program.input);
  const ranges = samples ? calibrate(program, samples) : estimateRanges(program);
  return {
    program: verifyProgram(quantizeProgram(program, ranges, { numeric, firstLast })),
    warnings: samples ? [] : [makeDiagnostic('DYB405', { node: program.name, found: 'no --calibrate' })],
  };
}

function checkSamples(samples: Float32Array, input: DeclaredArray): void {
  const size = sampleSize(input);
  if (samples.length === 0 || samples.length % size !== 0) {
    fail('DYB003', { node: 'calibration', found: `${samples.length} numbers`, supported: `a multiple of ${size}` });
  }
  checkFinite(samples, input, 'calibration');
}
