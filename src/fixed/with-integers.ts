/**
 * The last decision of lowering: which numbers the Program works in (clauses 11 to 15).
 *
 * Flows in: a float32 Program and what was asked for. Flows out: that Program, or one with integers and where its fractions
 * come from. Keeps true: options that contradict one another are refused, none is ignored.
 */
import { checkFinite, sampleSize } from '../arrays/samples.js';
import { type Diagnostic, fail, makeDiagnostic } from '../diagnostics/diagnostic.js';
import type { DeclaredArray, NumericMode, Program } from '../program/program.js';
import { verifyProgram } from '../program/verify-program.js';
import { calibrate } from './calibrate.js';
import { estimateRanges, INPUT_REACH } from './estimate-ranges.js';
import { type Numbers, numbersOf } from './numbers.js';
import { quantizeProgram } from './quantize-program.js';

export const FIRST_LAST = ['float32', 'int8'] as const;
export type FirstLast = (typeof FIRST_LAST)[number];

export interface IntegerOptions {
  /** Arithmetic between binary convolutions (CONTRACT.md). */
  readonly numeric?: NumericMode;
  /** Weights of the first convolution and the last dense layer in float32 mode; fixed16 has int8 ones everywhere. */
  readonly firstLast?: FirstLast;
  /** Whole samples from whose ranges the fractions of int16 maps are chosen. Left out: from the model's own statistics. */
  readonly calibration?: Float32Array | ((input: DeclaredArray) => Float32Array);
  readonly calibrationProgress?: (done: number, of: number) => void;
}

export function withIntegers(
  program: Program,
  options: IntegerOptions,
): { readonly program: Program; readonly numbers: Numbers | null; readonly warnings: readonly Diagnostic[] } {
  checkIntegerOptions({ ...options, calibrated: options.calibration !== undefined });
  const { numeric = 'float32', firstLast = 'float32', calibration } = options;
  if (numeric === 'float32' && firstLast === 'float32') return { program, numbers: null, warnings: [] };
  const samples = typeof calibration === 'function' ? calibration(program.input) : calibration;
  if (samples) checkSamples(samples, program.input);
  const ranges = samples ? calibrate(program, samples, options.calibrationProgress) : estimateRanges(program);
  const made = verifyProgram(quantizeProgram(program, ranges, { numeric, firstLast }));
  const count = samples ? samples.length / sampleSize(program.input) : 0;
  return {
    program: made,
    numbers: numbersOf(made, program, ranges, count),
    warnings: samples ? [] : [notCalibrated(program)],
  };
}

function notCalibrated(program: Program): Diagnostic {
  const tails = program.steps.flatMap((s) => ('tail' in s ? [s.tail] : []));
  const known = tails.filter((t) => t.statistics).length;
  const normalized =
    known === 0 ? 'no batch normalization is left in the file' : `batch normalization knows ${known} of its maps`;
  return makeDiagnostic('DYB405', {
    found: `ranges are estimated for inputs between -${INPUT_REACH} and ${INPUT_REACH}; ${normalized}`,
    hint: 'give pictures or an .npy like those that the network will see with --calibrate',
  });
}

/** Throws DYB411. `calibrated`: whether there is something to calibrate with. */
export function checkIntegerOptions(
  options: Pick<IntegerOptions, 'numeric' | 'firstLast'> & { readonly calibrated: boolean },
): void {
  const { numeric = 'float32', firstLast, calibrated } = options;
  if (numeric === 'fixed16' && firstLast === 'float32') {
    fail('DYB411', {
      node: '--first-last float32',
      found: '--numeric fixed16, whose first and last layers have weights of 8 bits',
      hint: 'leave out --first-last, or choose --numeric float32',
    });
  }
  if (calibrated && numeric === 'float32' && firstLast !== 'int8') {
    fail('DYB411', {
      node: '--calibrate',
      found: '--numeric float32, which needs no ranges',
      hint: 'add --numeric fixed16 or --first-last int8, or leave out --calibrate',
    });
  }
}

function checkSamples(samples: Float32Array, input: DeclaredArray): void {
  const size = sampleSize(input);
  if (samples.length === 0 || samples.length % size !== 0) {
    fail('DYB003', { node: 'calibration', found: `${samples.length} numbers`, supported: `a multiple of ${size}` });
  }
  checkFinite(samples, input, 'calibration');
}
