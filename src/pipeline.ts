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
import { withIntegers } from './fixed/with-integers.js';
import { lower } from './lower/lower.js';
import { importOnnx, type OnnxGraph, printOnnxGraph, type ReadExternal } from './onnx/index.js';
import { nameByParameters } from './optimize/name-by-parameters.js';
import { optimize } from './optimize/optimize.js';
import { printProgram } from './program/print-program.js';
import type { DeclaredArray, NumericMode, Program } from './program/program.js';
import { verifyProgram } from './program/verify-program.js';
import { raise } from './raise/raise.js';

export const STAGES = ['import', 'canonicalize', 'raise', 'optimize', 'lower'] as const;
export type Stage = (typeof STAGES)[number];

export interface FrontEndOptions {
  /** For messages, and where the graph has no name of its own. */
  readonly modelName: string;
  readonly readExternal?: ReadExternal;
  /** What to do with binary weights that are exactly 0 (DYB303). */
  readonly zeroWeights?: 'refuse' | 'positive' | 'negative';
  /** Arithmetic between binary convolutions (CONTRACT.md). */
  readonly numeric?: NumericMode;
  /** Weights of the first convolution and the last dense layer in float32 mode; fixed16 has int8 ones everywhere. */
  readonly firstLast?: 'float32' | 'int8';
  /** Whole samples from whose ranges the fractions of int16 maps are chosen. Left out: from the model's own statistics. */
  readonly calibration?: Float32Array | ((input: DeclaredArray) => Float32Array);
  readonly dump?: (stage: Stage, text: () => string) => void;
}

export interface FrontEndResult {
  readonly onnx: OnnxGraph;
  readonly bnn: BnnGraph;
  readonly program: Program;
  /** The same network before its maps became int16; `program` itself where they did not. */
  readonly floatProgram: Program;
  readonly warnings: readonly Diagnostic[];
}

/** Everything up to the Program. Throws DiagnosticError with all problems of the stage that found some. */
export function buildProgram(bytes: Uint8Array, options: FrontEndOptions): FrontEndResult {
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

  const floatProgram = verifyProgram(lower(optimized));
  const { program, warnings } = withIntegers(floatProgram, options);
  dump?.('lower', () => printProgram(program));

  return {
    onnx: imported,
    bnn: optimized,
    program,
    floatProgram,
    warnings: [...canonical.warnings, ...raised.warnings, ...warnings],
  };
}
