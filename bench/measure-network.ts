/**
 * One network's numbers: all contenders in rounds, then its layers against their bounds.
 *
 * Flows in: what prepare-network.ts made, and the machine's peaks. Flows out: a NetworkResult.
 */
import { join } from 'node:path';
import { buildProgram } from '../src/pipeline.js';
import { describeStep } from '../src/program/describe-step.js';
import type { Step } from '../src/program/program.js';
import { boundOf } from './bounds.js';
import type { Peaks } from './machine.js';
import { callModel, RuntimeSession } from './onnx-runtime.js';
import { openOpponents } from './opponents.js';
import { firstClassOf, firstSample, type NumberMode, type Prepared } from './prepare-network.js';
import { canRunThreads, profileProgram, readBytes, timeProgram } from './project.js';
import type { Layer, NetworkResult } from './results.js';
import { type Contender, compete, speedup, type Timing } from './rounds.js';
import { medianOf } from './statistics.js';
import type { Subject } from './subjects.js';

export interface Settings {
  readonly rounds: number;
  /** How long one batch of runs takes, about. */
  readonly batchMs: number;
  readonly quick: boolean;
}

export async function measureNetwork(
  subject: Subject,
  prepared: Prepared,
  settings: Settings,
  peaks: Peaks,
): Promise<NetworkResult> {
  const { project } = prepared;
  const model = readBytes(prepared.modelFile);
  const { program } = buildProgram(model, { modelName: subject.name });
  const sample = firstSample(program, project);
  const native = join(project.folder, 'run');
  const { kernels } = timeProgram(native, project.inputFile, 1, 1);
  const bounds = program.steps.map((step) => boundOf(program, step, peaks, kernels));
  const binaryMacs = bounds.reduce((sum, b) => sum + b.binaryMacs, 0);
  if (subject.binaryMacs !== undefined && binaryMacs !== subject.binaryMacs) {
    throw new Error(`${subject.name} has ${binaryMacs} binary multiply-accumulates, not ${subject.binaryMacs}`);
  }

  const opponents = await openOpponents(model, sample, program, !settings.quick);
  const sameClass: Record<string, boolean> = {};
  for (const { id, session } of opponents.filter((o) => o.threads === 1)) {
    sameClass[id] = firstClassOf(await session.output()) === prepared.firstClass;
  }
  const call = await RuntimeSession.open(callModel(program.input.shape), sample, program.input.shape, 1);
  const callMs = medianOf(await call.time(200));
  await call.close();

  const generated = (id: string, what: string, path: string, threads: number): Contender => ({
    id,
    label: `C, ${what}`,
    threads,
    batch: (runs) => Promise.resolve(timeProgram(path, project.inputFile, runs, threads).medianMs),
  });
  const contenders = [
    generated('c-1', kernels, native, 1),
    ...(canRunThreads(native, project.inputFile) ? [generated('c-2', kernels, native, 2)] : []),
    ...prepared.others
      .filter(({ isa }) => isa !== kernels)
      .map(({ isa, program: path }) => generated(`c-${isa}-1`, isa, path, 1)),
    ...prepared.modes.map(({ mode, program: path }) => generated(`c-${mode}-1`, MODE_WORDS[mode], path, 1)),
    ...opponents,
  ];
  const timings = await compete(contenders, settings.rounds, settings.batchMs);
  for (const { session } of opponents) await session.close();

  const one = timings.find((t) => t.id === 'c-1')!;
  const profileRuns = Math.max(20, Math.min(20_000, Math.round((10 * settings.batchMs) / one.spread.median)));
  const stepTimes = profileProgram(native, project.inputFile, profileRuns);
  if (stepTimes.length !== program.steps.length) throw new Error('the profile lists other steps than the program has');
  const layers = program.steps.map(
    (step, i): Layer => ({
      name: step.name,
      kind: KINDS[step.kind],
      what: describeStep(step),
      time: stepTimes[i]!,
      ...bounds[i]!,
    }),
  );
  return {
    name: subject.name,
    inputShape: program.input.shape,
    binaryMacs,
    floatMacs: bounds.reduce((sum, b) => sum + b.floatMacs, 0),
    steps: program.steps.length,
    modelBytes: model.length,
    weightBytes: program.constants.reduce((sum, c) => sum + c.value.data.byteLength, 0),
    programBytes: project.programBytes,
    workspaceBytes: program.workspaceBytes,
    workspaceLowerBound: program.workspaceLowerBound,
    compile: project.compile,
    simulateSeconds: prepared.simulateSeconds,
    build: project.build,
    bits: project.bits,
    kernels,
    timings,
    speedups: speedupsOf(timings),
    scaling: scalingOf(timings),
    callMs,
    sameClass,
    layers,
  };
}

export const MODE_WORDS: Readonly<Record<NumberMode, string>> = { fixed16: 'fixed16', int8ends: 'int8 ends' };

function speedupsOf(timings: readonly Timing[]): NetworkResult['speedups'] {
  return Object.fromEntries(
    timings.flatMap((t) => {
      const opponent = timings.find((o) => o.id === `ort-${t.threads}`);
      return opponent && opponent !== t ? [[t.id, speedup(t, opponent)]] : [];
    }),
  );
}

function scalingOf(timings: readonly Timing[]): NetworkResult['scaling'] {
  const one = timings.find((t) => t.id === 'c-1');
  const two = timings.find((t) => t.id === 'c-2');
  return one && two ? speedup(two, one) : null;
}

const KINDS: Readonly<Record<Step['kind'], string>> = {
  binaryConv2d: 'binary convolution',
  conv2d: 'float convolution',
  dense: 'dense layer',
  map: 'pass over a map',
  maxPool: 'pool',
  averagePool: 'pool',
  globalAveragePool: 'end of global pool',
  toChannelsLast: 'layout',
  toChannelsFirst: 'layout',
  concat: 'concat',
  int8Conv2d: 'int8 convolution',
  quantize: 'float32 to int16',
  dequantize: 'int16 to float32',
  unpack: 'unpack',
  softmax: 'softmax',
};
