/**
 * Before anything is timed: the model file, the generated project, its builds, and what making them took.
 *
 * Flows in: a network. Flows out: Prepared, also as a JSON file, so that a later run can measure the same programs again.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy } from '../src/arrays/npy.js';
import { buildProgram } from '../src/pipeline.js';
import type { Program } from '../src/program/program.js';
import { simulate } from '../src/simulate/simulate.js';
import { Meter } from './processes.js';
import { buildFor, makeProject, type Project, readBytes } from './project.js';
import { identifierOf, type Subject } from './subjects.js';

export interface Prepared {
  /** The compiler's version and commit: a later run may be of another one. */
  readonly compiler: string;
  readonly modelFile: string;
  readonly project: Project;
  /** Instruction sets that were asked for by name, and their programs. */
  readonly others: readonly { readonly isa: string; readonly program: string }[];
  /** The same network in other numbers. */
  readonly modes: readonly { readonly mode: NumberMode; readonly program: string; readonly inputFile: string }[];
  readonly simulateSeconds: number;
  /** The class that the simulator ranks first for the first golden sample. */
  readonly firstClass: number;
}

/** Numbers besides float32 throughout (CONTRACT.md, clauses 11 to 15), as options of the command. */
const MODES = {
  fixed16: ['--numeric', 'fixed16'],
  int8ends: ['--first-last', 'int8'],
} as const;
export type NumberMode = keyof typeof MODES;
export const NUMBER_MODES = Object.keys(MODES) as readonly NumberMode[];

/** Kernels with integers, as one run of the benchmark compiled them. */
export const objectsIn = (folder: string): string => join(folder, 'objects');

export function prepareNetwork(subject: Subject, isas: readonly string[], folder: string, compiler: string): Prepared {
  const { id, record } = placeOf(subject, folder);
  const model = subject.model();
  const modelFile = join(folder, `${id}.onnx`);
  writeFileSync(modelFile, model);
  const meter = new Meter(join(folder, 'tools'));
  const project = makeProject(modelFile, join(folder, id), meter);
  const modes = NUMBER_MODES.map((mode) => {
    const options = [...MODES[mode], '--calibrate', project.inputFile, '--golden-input', project.inputFile];
    const place = join(folder, `${id}_${mode}`);
    const { folder: made, inputFile } = makeProject(modelFile, place, meter, options, objectsIn(folder));
    return { mode, program: join(made, 'run'), inputFile };
  });
  const { program } = buildProgram(model, { modelName: id });
  const sample = firstSample(program, project);
  const start = performance.now();
  const { output } = simulate(program, sample);
  const simulateSeconds = (performance.now() - start) / 1000;
  const prepared: Prepared = {
    compiler,
    modelFile,
    project,
    others: isas.flatMap((isa) => {
      const built = buildFor(isa, project);
      return built === null ? [] : [{ isa, program: built }];
    }),
    modes,
    simulateSeconds,
    firstClass: firstClassOf(output),
  };
  writeFileSync(record, JSON.stringify(prepared));
  return prepared;
}

export function loadPrepared(subject: Subject, folder: string): Prepared {
  const { record } = placeOf(subject, folder);
  if (!existsSync(record)) throw new Error(`${subject.name} was not prepared yet: run without --prepared first`);
  return JSON.parse(readFileSync(record, 'utf8')) as Prepared;
}

function placeOf(subject: Subject, folder: string): { readonly id: string; readonly record: string } {
  const id = identifierOf(subject);
  return { id, record: join(folder, `${id}.json`) };
}

export function firstSample(program: Program, project: Project): Float32Array {
  const { data } = readNpy(readBytes(project.inputFile), project.inputFile);
  return data.subarray(
    0,
    program.input.shape.reduce((product, d) => product * d, 1),
  );
}

export function firstClassOf(scores: Float32Array): number {
  return scores.indexOf(scores.reduce((most, v) => Math.max(most, v), -Infinity));
}
