/**
 * npm run bench: how fast the generated C is, against ONNX Runtime in the same run and against the processor's own bounds.
 *
 * Flows in: the four ImageNet networks (networks.ts) and the trained ones of examples/. Flows out: tables on the terminal,
 * results/latest.json and results/speedup.svg after a whole run (bench-out/ after a partial one).
 * Keeps true: no time is shown for a program whose bits were not checked against the simulator's.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readNpy } from '../src/arrays/npy.js';
import { PACKAGE_ROOT } from '../src/host/package-root.js';
import { buildProgram } from '../src/pipeline.js';
import { describeStep } from '../src/program/describe-step.js';
import type { Program } from '../src/program/program.js';
import { simulate } from '../src/simulate/simulate.js';
import { boundOf } from './bounds.js';
import { chartSvg } from './chart.js';
import { describeMachine, measurePeaks, type Peaks } from './machine.js';
import { markdown } from './markdown.js';
import { buildNetwork, EXPECTED_MACS, IMAGENET_NETWORKS } from './networks.js';
import { callModel, RuntimeSession } from './onnx-runtime.js';
import { Meter } from './processes.js';
import { buildFor, makeProject, type Project, profileProgram, readBytes, timeProgram } from './project.js';
import { modelForRanges, quantizeModel } from './quantize.js';
import { type Layer, type NetworkResult, type Results, resultsJson } from './results.js';
import { type Contender, compete, speedup, type Timing } from './rounds.js';
import { medianOf } from './statistics.js';
import { machineText, networkText, summaryText } from './terminal-report.js';

const WORK = join(PACKAGE_ROOT, 'bench-out');
const RESULTS = join(PACKAGE_ROOT, 'bench', 'results');
const CHART = 'speedup.svg';

interface Settings {
  readonly rounds: number;
  /** How long one batch of runs takes, about. */
  readonly batchMs: number;
  readonly quick: boolean;
}

interface Subject {
  readonly name: string;
  readonly model: () => Uint8Array;
  readonly expectedMacs?: { readonly binary: number };
}

function subjects(): readonly Subject[] {
  const built = IMAGENET_NETWORKS.map((spec) => ({
    name: spec.name,
    model: () => buildNetwork(spec),
    expectedMacs: EXPECTED_MACS[spec.backbone],
  }));
  const trained = [
    ['Fashion-DyBNN', 'dybnn.onnx'],
    ['Fashion-ReActNet', 'reactnet.onnx'],
  ].flatMap(([name, file]): Subject[] => {
    const path = join(PACKAGE_ROOT, 'examples', 'fashion-mnist', 'models', file!);
    return existsSync(path) ? [{ name: name!, model: () => readBytes(path) }] : [];
  });
  return [...built, ...trained];
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  if (options.markdown) {
    const path = join(RESULTS, 'latest.json');
    if (!existsSync(path)) return complain('no results yet: npm run bench');
    process.stdout.write(markdown(JSON.parse(readFileSync(path, 'utf8')) as Results, `bench/results/${CHART}`));
    return 0;
  }
  mkdirSync(WORK, { recursive: true });
  const machine = describeMachine();
  const peaks = measurePeaks(join(WORK, 'tools'));
  process.stdout.write(`${machineText({ machine, peaks })}\n`);

  const networks: NetworkResult[] = [];
  for (const subject of options.subjects) {
    const result = await benchNetwork(subject, options.settings, peaks);
    process.stdout.write(`${networkText(result)}\n`);
    networks.push(result);
  }
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine,
    peaks,
    rounds: options.settings.rounds,
    networks,
  };
  process.stdout.write(summaryText(results));
  const folder = options.whole ? RESULTS : WORK;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'latest.json'), resultsJson(results));
  writeFileSync(join(folder, CHART), chartSvg(results));
  return 0;
}

async function benchNetwork(subject: Subject, settings: Settings, peaks: Peaks): Promise<NetworkResult> {
  progress(`${subject.name}: model`);
  const model = subject.model();
  const id = subject.name.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  const modelFile = join(WORK, `${id}.onnx`);
  writeFileSync(modelFile, model);

  progress(`${subject.name}: compile and build`);
  const project = makeProject(modelFile, join(WORK, id), new Meter(join(WORK, 'tools')));
  const { program } = buildProgram(model, { modelName: id });
  const native = join(project.folder, 'run');
  const { kernels } = timeProgram(native, project.inputFile, 1, 1);
  const bounds = program.steps.map((step) => boundOf(program, step, peaks, kernels));
  const binaryMacs = bounds.reduce((sum, b) => sum + b.binaryMacs, 0);
  if (subject.expectedMacs && binaryMacs !== subject.expectedMacs.binary) {
    throw new Error(
      `${subject.name} has ${binaryMacs} binary multiply-accumulates, not ${subject.expectedMacs.binary}`,
    );
  }
  const sample = firstSample(program, project);
  progress(`${subject.name}: simulator`);
  const start = performance.now();
  const simulated = simulate(program, sample).output;
  const simulateSeconds = (performance.now() - start) / 1000;

  progress(`${subject.name}: other instruction sets`);
  const others = isas(settings, kernels).flatMap((isa) => {
    const path = buildFor(isa, project);
    return path === null ? [] : [{ isa, path }];
  });

  progress(`${subject.name}: ONNX Runtime`);
  const opponents = await openOpponents(model, sample, program, settings);
  const sameClass: Record<string, boolean> = {};
  for (const { id: opponent, session } of opponents.filter((o) => o.threads === 1)) {
    sameClass[opponent] = firstClass(await session.output()) === firstClass(simulated);
  }
  const call = await RuntimeSession.open(callModel(program.input.shape), sample, program.input.shape, 1);
  const callMs = medianOf(await call.time(200));
  await call.close();

  progress(`${subject.name}: ${settings.rounds} rounds`);
  const timings = await compete(
    [
      programContender('c-1', `C, ${kernels}`, native, project, 1),
      ...((await canRunThreads(native, project)) ? [programContender('c-2', `C, ${kernels}`, native, project, 2)] : []),
      ...others.map(({ isa, path }) => programContender(`c-${isa}-1`, `C, ${isa}`, path, project, 1)),
      ...opponents,
    ],
    settings.rounds,
    settings.batchMs,
  );
  for (const { session } of opponents) await session.close();

  progress(`${subject.name}: layers`);
  const c1 = timings.find((t) => t.id === 'c-1')!;
  const profileRuns = Math.max(20, Math.min(20_000, Math.round((10 * settings.batchMs) / c1.spread.median)));
  const stepTimes = profileProgram(native, project.inputFile, profileRuns);
  if (stepTimes.length !== program.steps.length) throw new Error('the profile lists other steps than the program has');
  const layers = program.steps.map(
    (step, i): Layer => ({
      name: step.name,
      kind: kindOf(step.kind),
      what: describeStep(step),
      time: stepTimes[i]!,
      ...bounds[i]!,
    }),
  );
  progress('');
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
    simulateSeconds,
    build: project.build,
    bits: project.bits,
    kernels,
    timings,
    speedups: speedups(timings),
    scaling: scalingOf(timings),
    callMs,
    sameClass,
    layers,
  };
}

function isas(settings: Settings, native: string): readonly string[] {
  const known = process.arch === 'x64' ? ['avx512', 'avx2', 'scalar'] : ['scalar'];
  return known.filter((isa) => isa !== native && !(settings.quick && isa === 'scalar'));
}

function programContender(id: string, label: string, path: string, project: Project, threads: number): Contender {
  return {
    id,
    label,
    threads,
    batch: (runs) => Promise.resolve(timeProgram(path, project.inputFile, runs, threads).medianMs),
  };
}

async function canRunThreads(path: string, project: Project): Promise<boolean> {
  try {
    timeProgram(path, project.inputFile, 1, 2);
    return true;
  } catch {
    return false;
  }
}

type Opponent = Contender & { readonly session: RuntimeSession };

async function openOpponents(
  model: Uint8Array,
  sample: Float32Array,
  program: Program,
  settings: Settings,
): Promise<readonly Opponent[]> {
  const { shape } = program.input;
  const make = async (id: string, label: string, bytes: Uint8Array, threads: number): Promise<Opponent> => {
    const session = await RuntimeSession.open(bytes, sample, shape, threads);
    return { id, label, threads, session, batch: async (runs) => medianOf(await session.time(runs)) };
  };
  const float = [1, 2].map((threads) => make(`ort-${threads}`, 'ONNX Runtime float32', model, threads));
  const opponents = await Promise.all(float);
  if (settings.quick) return opponents;
  return [...opponents, await fasterInt8(model, sample, program, make)];
}

/** Which of the two kinds of int8 activations ONNX Runtime prefers depends on the processor: the faster one competes. */
async function fasterInt8(
  model: Uint8Array,
  sample: Float32Array,
  program: Program,
  make: (id: string, label: string, bytes: Uint8Array, threads: number) => Promise<Opponent>,
): Promise<Opponent> {
  const { bytes } = modelForRanges(model);
  const watcher = await RuntimeSession.open(bytes, sample, program.input.shape, 1);
  const ranges = new Map(await watcher.ranges());
  ranges.set(
    program.input.name,
    sample.reduce((m, v) => Math.max(m, Math.abs(v)), 0),
  );
  await watcher.close();
  const int8 = await make('ort-int8-1', 'ONNX Runtime int8', quantizeModel(model, ranges, 'int8'), 1);
  const uint8 = await make('ort-int8-1', 'ONNX Runtime int8', quantizeModel(model, ranges, 'uint8'), 1);
  const [a, b] = [await int8.batch(7), await uint8.batch(7)];
  await (a <= b ? uint8 : int8).session.close();
  return a <= b ? int8 : uint8;
}

function speedups(timings: readonly Timing[]): NetworkResult['speedups'] {
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

function firstSample(program: Program, project: Project): Float32Array {
  const all = readNpy(readBytes(project.inputFile), project.inputFile);
  return all.data.subarray(
    0,
    program.input.shape.reduce((product, d) => product * d, 1),
  );
}

function firstClass(scores: Float32Array): number {
  return scores.indexOf(scores.reduce((m, v) => Math.max(m, v), -Infinity));
}

const KINDS: Readonly<Record<string, string>> = {
  binaryConv2d: 'binary convolution',
  conv2d: 'float convolution',
  dense: 'dense layer',
  map: 'pass over a map',
  maxPool: 'pool',
  averagePool: 'pool',
  globalAveragePool: 'end of global pool',
  toChannelsLast: 'layout',
  toChannelsFirst: 'layout',
};

const kindOf = (kind: string): string => KINDS[kind] ?? kind;

interface Options {
  readonly markdown: boolean;
  readonly settings: Settings;
  readonly subjects: readonly Subject[];
  /** Everything, not quick: what may replace the results in the repository. */
  readonly whole: boolean;
}

const USAGE = `usage: npm run bench -- [--quick] [--network NAME]... [--runs N]
       npm run bench -- --markdown          the last whole run as a table for a README
`;

function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        network: { type: 'string', multiple: true, default: [] },
        runs: { type: 'string' },
        markdown: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) throw new Error('');
    const all = subjects();
    const wanted = values.network.map((n) => n.toLowerCase());
    const unknown = wanted.filter((n) => !all.some((s) => s.name.toLowerCase() === n));
    if (unknown.length > 0)
      throw new Error(`unknown network ${unknown.join(', ')}: ${all.map((s) => s.name).join(', ')}`);
    const rounds = values.runs === undefined ? (values.quick ? 3 : 15) : Number(values.runs);
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--runs takes a whole number of rounds, 1 or more');
    return {
      markdown: values.markdown,
      settings: { rounds, batchMs: values.quick ? 60 : 150, quick: values.quick },
      subjects: wanted.length === 0 ? all : all.filter((s) => wanted.includes(s.name.toLowerCase())),
      whole: wanted.length === 0 && !values.quick,
    };
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    process.stderr.write(USAGE);
    return null;
  }
}

function complain(message: string): number {
  if (message !== '') process.stderr.write(`${message}\n`);
  return 1;
}

/** One line that is written over, on a terminal only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

process.exitCode = await main();
