/**
 * The compiler's core: a model's bytes in, a project's files out. No file system, no process: it also runs in a browser.
 *
 * Flows in: bytes, options, assets (templates and kernels as text). Flows out: files by path, and what is known about them.
 * Keeps true: everything wrong with the model, its data or the options is a DiagnosticError; the same arguments give the
 * same files.
 */
import { checkFinite, sampleSize } from './arrays/samples.js';
import type { BnnGraph } from './bnn/bnn-graph.js';
import { type Diagnostic, fail } from './diagnostics/diagnostic.js';
import { FIRST_LAST } from './fixed/with-integers.js';
import { type InspectReport, inspectProgram } from './inspect/inspect-program.js';
import { networkTitle } from './inspect/network-title.js';
import { modelSymbol, symbolProblem } from './model-symbol.js';
import type { OnnxGraph } from './onnx/index.js';
import { buildProgram, type FrontEndOptions, type FrontEndResult } from './pipeline.js';
import { type DeclaredArray, NUMERIC_MODES, type NumericMode, type Program } from './program/program.js';
import { reportAccelerator } from './report/accelerator.js';
import { reportFiles } from './report/report-files.js';
import { saturationWarnings } from './simulate/saturation-warnings.js';
import { emitC } from './target/c/emit-c.js';
import type { Assets, GeneratedFiles } from './target/files.js';
import { makeGolden, syntheticInputs } from './target/golden.js';
import { chooseDesign } from './target/hls/choose-design.js';
import { emitHls } from './target/hls/emit-hls.js';
import { type HlsOptions, hlsRequest, refuseHlsOptions } from './target/hls/options.js';
import { makeEngineGolden } from './target/hls/testbench.js';
import type { Design } from './target/hls/types.js';
import { VERSION } from './version.js';

export const TARGETS = ['c', 'hls'] as const;
export type Target = (typeof TARGETS)[number];
export { FIRST_LAST, type FirstLast } from './fixed/with-integers.js';
export { NUMERIC_MODES, type NumericMode } from './program/program.js';

/** Hardware multiplies integers; a processor floats as well. */
export const DEFAULT_NUMERIC: Readonly<Record<Target, NumericMode>> = { c: 'float32', hls: 'fixed16' };

export const DEFAULT_GOLDEN_SAMPLES = 2;

export interface CompileOptions extends FrontEndOptions, HlsOptions {
  readonly target?: Target;
  /** Prefix of every symbol and file of the project, a C identifier. Left out: made from `modelName`. */
  readonly name?: string;
  /** Weights as a C file of literals or as a binary that the assembler includes; 'auto' goes by size. */
  readonly weights?: 'auto' | 'c' | 'incbin';
  /** Golden samples: how many to make up, or whole samples in the model's input shape, one after another. */
  readonly golden?: number | Float32Array | ((input: DeclaredArray) => Float32Array);
}

export interface Compiled {
  readonly files: GeneratedFiles;
  readonly name: string;
  readonly goldenSamples: number;
  readonly report: InspectReport;
  readonly onnx: OnnxGraph;
  readonly bnn: BnnGraph;
  readonly program: Program;
  /** The accelerator, where the target is one; everything about its time and size is an estimate. */
  readonly design: Design | null;
  readonly warnings: readonly Diagnostic[];
}

export function compile(bytes: Uint8Array, options: CompileOptions, assets: Assets): Compiled {
  checkOptions(options, assets);
  const numeric = options.numeric ?? DEFAULT_NUMERIC[options.target ?? 'c'];
  return compileBuilt(buildProgram(bytes, { ...options, numeric }), options, assets);
}

/** From what the front end made of a model, for those who must know its shapes before they have golden samples. */
export function compileBuilt(front: FrontEndResult, options: CompileOptions, assets: Assets): Compiled {
  checkOptions(options, assets);
  const name = options.name ?? modelSymbol(options.modelName);
  const { onnx, bnn, program } = front;
  const design = options.target === 'hls' ? designFor(program, options, assets) : null;
  const inputs = goldenInputs(program, options.golden ?? DEFAULT_GOLDEN_SAMPLES);
  const golden = design === null ? makeGolden(program, inputs) : makeEngineGolden(program, inputs);
  const where = `${golden.samples} golden sample${golden.samples === 1 ? '' : 's'}`;
  const saturated = { counts: golden.saturated, where };
  const report = inspectProgram({ ...front, modelName: options.modelName, saturated });
  const warnings = [...front.warnings, ...saturationWarnings(golden.saturated, where)];
  const words = { name, source: options.modelName, version: VERSION, title: networkTitle(report) };
  const files =
    design === null
      ? emitC(program, golden, assets, { ...words, weights: options.weights ?? 'auto' })
      : emitHls(program, design, golden.files, assets, { ...words, goldenSamples: golden.samples });
  const accelerator = design && reportAccelerator(design);
  const sources = { program, bnn, inspect: report, version: VERSION, accelerator };
  return {
    files: new Map([...files, ...reportFiles(sources, assets)]),
    name,
    goldenSamples: golden.samples,
    report,
    onnx,
    bnn,
    program,
    design,
    warnings,
  };
}

function designFor(program: Program, options: CompileOptions, assets: Assets): Design {
  const { board, wishes } = hlsRequest(options, assets);
  return chooseDesign(program, board, wishes, assets);
}

/** Everything that can be said before the model is read. */
export function checkOptions(options: Omit<CompileOptions, 'golden'>, assets: Assets): void {
  const name = options.name ?? modelSymbol(options.modelName);
  const problem = symbolProblem(name);
  if (problem !== null) fail('DYB402', { node: '--name', found: `${name}: ${problem}` });
  refuseUnknown('--target', options.target, TARGETS);
  refuseUnknown('--numeric', options.numeric, NUMERIC_MODES);
  refuseUnknown('--first-last', options.firstLast, FIRST_LAST);
  if (options.target === 'hls') hlsRequest(options, assets);
  else refuseHlsOptions(options);
}

function goldenInputs(program: Program, golden: NonNullable<CompileOptions['golden']>): Float32Array {
  if (typeof golden === 'function') return goldenInputs(program, golden(program.input));
  if (typeof golden === 'number') {
    if (!Number.isInteger(golden) || golden < 1)
      throw new RangeError('golden must be a whole number of samples, 1 or more');
    return syntheticInputs(program, golden);
  }
  const size = sampleSize(program.input);
  if (golden.length === 0 || golden.length % size !== 0) {
    fail('DYB003', { node: 'golden input', found: `${golden.length} numbers`, supported: `a multiple of ${size}` });
  }
  checkFinite(golden, program.input, 'golden input');
  return golden;
}

/** For callers without types; the command line checks its own options. */
function refuseUnknown(option: string, value: string | undefined, known: readonly string[]): void {
  if (value !== undefined && !known.includes(value)) {
    fail('DYB403', { node: option, found: value, supported: known.join(', ') });
  }
}
