/** `inspect` and `simulate` for programs: the same as the commands of those names, without files. */
import { checkFinite, sampleSize } from './arrays/samples.js';
import { type Diagnostic, fail } from './diagnostics/diagnostic.js';
import { type InspectReport, inspectProgram } from './inspect/inspect-program.js';
import { buildProgram, type FrontEndOptions } from './pipeline.js';
import { samplesWord, saturationWarnings } from './simulate/saturation-warnings.js';
import { type SamplesResult, simulateSamples } from './simulate/simulate-samples.js';

export interface Inspection {
  readonly report: InspectReport;
  readonly warnings: readonly Diagnostic[];
}

export function inspect(bytes: Uint8Array, options: FrontEndOptions): Inspection {
  const front = buildProgram(bytes, options);
  return { report: inspectProgram({ modelName: options.modelName, ...front }), warnings: front.warnings };
}

export interface SimulateOptions extends FrontEndOptions {
  /** Whole samples in the model's input shape, one after another. */
  readonly input: Float32Array;
}

export interface Simulation extends SamplesResult {
  readonly warnings: readonly Diagnostic[];
}

export function simulate(bytes: Uint8Array, options: SimulateOptions): Simulation {
  const { program, warnings } = buildProgram(bytes, options);
  const { input } = options;
  const size = sampleSize(program.input);
  if (input.length === 0 || input.length % size !== 0) {
    fail('DYB003', { node: 'input', found: `${input.length} numbers`, supported: `a multiple of ${size}` });
  }
  checkFinite(input, program.input, 'input');
  const result = simulateSamples(program, input);
  const clipped = saturationWarnings(result.saturated, samplesWord(input.length / size));
  return { ...result, warnings: [...warnings, ...clipped] };
}
