/**
 * The compiler as the list of its stages. Each is a pure function over readonly data with a verifier behind it:
 *
 *   bytes -> OnnxGraph -> canonicalize -> OnnxGraph -> raise -> BnnGraph -> optimize -> BnnGraph -> lower -> Program
 *
 * and from the Program: simulate (simulate/), or a back end (target/). `dump` sees each stage's result as text.
 */
import type { BnnGraph } from './bnn/bnn-graph.js';
import { printBnnGraph } from './bnn/print-bnn-graph.js';
import { verifyBnnGraph } from './bnn/verify-bnn-graph.js';
import { canonicalize } from './canonicalize/canonicalize.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import type { Numbers } from './fixed/numbers.js';
import { type IntegerOptions, withIntegers } from './fixed/with-integers.js';
import { lower } from './lower/lower.js';
import { importOnnx, type OnnxGraph, printOnnxGraph, type ReadExternal } from './onnx/index.js';
import { nameByParameters } from './optimize/name-by-parameters.js';
import { optimize } from './optimize/optimize.js';
import { printProgram } from './program/print-program.js';
import type { Program } from './program/program.js';
import { verifyProgram } from './program/verify-program.js';
import { raise } from './raise/raise.js';

export const STAGES = ['import', 'canonicalize', 'raise', 'optimize', 'lower'] as const;
export type Stage = (typeof STAGES)[number];

export interface FrontEndOptions extends IntegerOptions {
  /** For messages, and where the graph has no name of its own. */
  readonly modelName: string;
  readonly readExternal?: ReadExternal;
  /** What to do with binary weights that are exactly 0 (DYB303). */
  readonly zeroWeights?: 'refuse' | 'positive' | 'negative';
  readonly dump?: (stage: Stage, text: () => string) => void;
}

export interface FrontEndResult {
  readonly onnx: OnnxGraph;
  readonly bnn: BnnGraph;
  readonly program: Program;
  /** The same network before its maps became int16; `program` itself where they did not. */
  readonly floatProgram: Program;
  /** Where the fractions of int16 maps come from; null where there are none. */
  readonly numbers: Numbers | null;
  readonly warnings: readonly Diagnostic[];
}

/** Everything up to the Program. Throws DiagnosticError with all problems of the stage that found some. */
export function buildProgram(bytes: Uint8Array, options: FrontEndOptions): FrontEndResult {
  return chooseNumbers(buildFloatProgram(bytes, options), options);
}

/** All stages but the last decision, for those who must know the input's shape before they have samples to calibrate with. */
export function buildFloatProgram(bytes: Uint8Array, options: FrontEndOptions): FrontEndResult {
  const { dump } = options;

  const imported = importOnnx(bytes, {
    modelName: options.modelName,
    ...(options.readExternal ? { readExternal: options.readExternal } : {}),
  });
  dump?.('import', () => printOnnxGraph(imported));

  const canonical = canonicalize(imported);
  dump?.('canonicalize', () => printOnnxGraph(canonical.graph));

  const raised = raise(canonical.graph, { zeroWeights: options.zeroWeights ?? 'refuse' });
  verifyBnnGraph(raised.graph, 'raise');
  dump?.('raise', () => printBnnGraph(raised.graph));

  const optimized = verifyBnnGraph(nameByParameters(optimize(raised.graph), imported), 'optimize');
  dump?.('optimize', () => printBnnGraph(optimized));

  const program = verifyProgram(lower(optimized));
  return {
    onnx: imported,
    bnn: optimized,
    program,
    floatProgram: program,
    numbers: null,
    warnings: [...canonical.warnings, ...raised.warnings],
  };
}

/** The last decision: which numbers the Program works in. */
export function chooseNumbers(built: FrontEndResult, options: FrontEndOptions): FrontEndResult {
  const { program, numbers, warnings } = withIntegers(built.floatProgram, options);
  options.dump?.('lower', () => printProgram(program));
  return { ...built, program, numbers, warnings: [...built.warnings, ...warnings] };
}
