/** Program + golden samples -> the files of a C project. Flows in data, flows out data. */
import type { Program } from '../../program/program.js';
import type { Assets, GeneratedFiles } from '../files.js';
import type { Golden } from '../golden.js';
import { render } from '../render.js';
import { commentText } from './c-text.js';
import { CPlan, countOf } from './plan-c.js';
import {
  constantBytes,
  INCBIN_FROM,
  literalArrays,
  type WeightsForm,
  weightsBlob,
  weightViews,
} from './weights-files.js';

export interface EmitCOptions {
  /** C identifier: the prefix of every symbol and file. */
  readonly name: string;
  /** The model file's name and the compiler's version, for comments. */
  readonly source: string;
  readonly version: string;
  /** One line about the network. */
  readonly title: string;
  readonly weights: WeightsForm | 'auto';
  /** Operations from which a step goes over the caller's parallel-for; 0: every step that has units to share. */
  readonly parallelFrom?: number;
}

/** Kernels that only networks with int16 maps need (clauses 11 to 14). */
const INTEGER_KERNELS = /^dybnn_(fixed|int8|quantize)/;

function usesIntegers(program: Program): boolean {
  return program.steps.some((step) => step.kind === 'quantize' || ('tail' in step && step.tail.fixed !== undefined));
}

/** The kernels' files that a program's C needs, by path below hw/cpu. */
export function kernelFiles(program: Program, assets: Assets): ReadonlyMap<string, string> {
  const all = [...assets.hardware('cpu')];
  return new Map(usesIntegers(program) ? all : all.filter(([path]) => !INTEGER_KERNELS.test(path)));
}

export function emitC(program: Program, golden: Golden, assets: Assets, options: EmitCOptions): GeneratedFiles {
  const { name } = options;
  const plan = new CPlan(program, name, options.parallelFrom);
  const bytes = constantBytes(program.constants);
  const weightsForm: WeightsForm =
    options.weights === 'auto' ? (bytes >= INCBIN_FROM ? 'incbin' : 'c') : options.weights;
  const integers = usesIntegers(program);
  const blob = weightsForm === 'incbin' ? weightsBlob(program.constants) : null;
  const view = {
    name,
    upper: name.toUpperCase(),
    guard: `DYBNN_MODEL_${name.toUpperCase()}`,
    title: commentText(options.title),
    source: commentText(options.source),
    version: options.version,
    inputShape: program.input.shape,
    outputShape: program.output.shape,
    inputCount: countOf(program.input.shape),
    outputCount: countOf(program.output.shape),
    workspaceBytes: Math.max(program.workspaceBytes, 64),
    workspaceLowerBound: program.workspaceLowerBound,
    constantBytes: bytes,
    stepCount: program.steps.length,
    steps: plan.steps,
    buffers: plan.buffers,
    tensors: plan.tensors,
    weights: weightViews(program.constants, name),
    weightsForm,
    ranges: blob?.ranges ?? [],
    integers,
    literals: weightsForm === 'c' ? literalArrays(program.constants) : [],
  };
  const file = (template: string): string => render(assets.template(`c/${template}`), view, template);
  const files = new Map<string, string | Uint8Array>([
    [`${name}.h`, file('model.h.ejs')],
    [`${name}.c`, file('model.c.ejs')],
    [`${name}_weights.h`, file('weights.h.ejs')],
    ['main.c', file('main.c.ejs')],
    ['Makefile', file('Makefile.ejs')],
    ['CMakeLists.txt', file('CMakeLists.txt.ejs')],
  ]);
  if (blob) {
    files.set(`${name}_weights.S`, file('weights.S.ejs'));
    files.set(`${name}_weights.bin`, blob.bytes);
  } else {
    files.set(`${name}_weights.c`, file('weights.c.ejs'));
  }
  for (const [path, text] of kernelFiles(program, assets)) files.set(`kernels/${path}`, text);
  for (const [path, text] of assets.hardware('runner')) files.set(`runner/${path}`, text);
  for (const [path, content] of golden.files) files.set(`golden/${path}`, content);
  return files;
}
