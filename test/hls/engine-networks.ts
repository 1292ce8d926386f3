/**
 * Random networks through the compiler's planner onto the engine in C++: programs, layouts, units and cycles, all at once.
 *
 * Flows in: plans of networks (test/proof), engines of several sizes. Flows out: how many ran, were refused, and what differed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { toFixed } from '../../src/contract/fixed.js';
import { newCounts } from '../../src/contract/tail.js';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { loadAssets } from '../../src/host/load-assets.js';
import { runProgram } from '../../src/host/run-program.js';
import { lower } from '../../src/lower/lower.js';
import { optimize } from '../../src/optimize/optimize.js';
import { buildProgram } from '../../src/pipeline.js';
import type { BufferRef, Program } from '../../src/program/program.js';
import { verifyProgram } from '../../src/program/verify-program.js';
import { type BufferContents, elementReader } from '../../src/simulate/buffer-contents.js';
import { simulate } from '../../src/simulate/simulate.js';
import { stepCycles } from '../../src/target/hls/cycles.js';
import { hardwareNames } from '../../src/target/hls/hardware-names.js';
import { networkFromProgram } from '../../src/target/hls/network-from-program.js';
import { type LaidOut, layOut, packPlan } from '../../src/target/hls/plan-engine.js';
import { TooSmall } from '../../src/target/hls/plan-steps.js';
import { recomputable, recompute } from '../../src/target/hls/recompute.js';
import { simplifyNetwork } from '../../src/target/hls/simplify-network.js';
import type { EngineConfig, EnginePlan, Trace } from '../../src/target/hls/types.js';
import { plannedRanges, withIntegers } from '../proof/check-integers.js';
import { networkPlans } from '../proof/network-arbitrary.js';
import { interpretPlan, type Plan } from '../proof/network-plan.js';

export const ENGINES: readonly EngineConfig[] = [
  {
    portBits: 64,
    floatDepth: 8,
    floatRows: 2,
    floatSlots: 32,
    convertLanes: 4,
    pe: 8,
    pixels: 2,
    int8Pe: 8,
    int8Simd: 4,
    weightWords: 512,
    int8Words: 2048,
    groupWords: 128,
    bitWords: 2048,
    mapWords: 512,
    rowWords: 4096,
    rowsInLutram: 0,
    poolWords: 1024,
    storeWords: 256,
    channels: 1024,
    vectors: 8192,
    weightFifo: 64,
    maxPool: 1,
    averagePool: 1,
    functions: 1,
    exponential: 1,
  },
  {
    portBits: 128,
    floatDepth: 8,
    floatRows: 1,
    floatSlots: 16,
    convertLanes: 1,
    pe: 32,
    pixels: 4,
    int8Pe: 16,
    int8Simd: 4,
    weightWords: 256,
    int8Words: 1024,
    groupWords: 64,
    bitWords: 1024,
    mapWords: 300,
    rowWords: 2048,
    rowsInLutram: 0,
    poolWords: 512,
    storeWords: 256,
    channels: 1024,
    vectors: 8192,
    weightFifo: 64,
    maxPool: 1,
    averagePool: 1,
    functions: 1,
    exponential: 1,
  },
  {
    portBits: 256,
    floatDepth: 11,
    floatRows: 2,
    floatSlots: 32,
    convertLanes: 8,
    pe: 64,
    pixels: 8,
    int8Pe: 32,
    int8Simd: 2,
    weightWords: 128,
    int8Words: 2048,
    groupWords: 256,
    bitWords: 1024,
    mapWords: 4096,
    rowWords: 2048,
    rowsInLutram: 0,
    poolWords: 512,
    storeWords: 256,
    channels: 1024,
    vectors: 8192,
    weightFifo: 64,
    maxPool: 1,
    averagePool: 1,
    functions: 1,
    exponential: 1,
  },
];

const BENCHES = fileURLToPath(new URL('../../hw/hls/test', import.meta.url));
const TRACE_KINDS = ['map', 'bits', 'vector', 'sums', 'parameter'] as const;
const names = hardwareNames(loadAssets());

export interface EngineRun {
  readonly ran: number;
  readonly refused: number;
  readonly text: string;
  readonly plans: readonly Plan[];
}

/** Random networks on one engine. */
export async function runNetworks(
  engine: EngineConfig,
  options: { readonly seed: number; readonly count: number; readonly compiler: string; readonly into: string },
): Promise<EngineRun> {
  const integers = networkPlans.filter((p) => p.numbers !== 'tiny');
  const drawn = fc.sample(integers, { seed: options.seed, numRuns: options.count });
  const words: number[] = [];
  const plans: Plan[] = [];
  for (const [index, plan] of drawn.entries()) {
    const job = jobOf(
      { ...plan, integers: { ...plan.integers, mode: 'fixed16' } },
      engine,
      1 + (index % 2),
      index % 4 > 1,
    );
    if (job === null) continue;
    plans.push(plan);
    for (const w of job) words.push(w);
  }
  const text = await runJobs(engine, words, options);
  return { ran: plans.length, refused: drawn.length - plans.length, text, plans };
}

/** A trained network, all that can be run again run again; what its plan made use of. */
export async function runTrained(
  size: EngineConfig,
  model: string,
  options: { readonly compiler: string; readonly into: string },
): Promise<{ readonly text: string; readonly pooledStores: number; readonly overlaid: number }> {
  const wave = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.37));
  const calibration = ({ shape }: { readonly shape: readonly number[] }) => wave(shape.reduce((a, b) => a * b, 1));
  const { program } = buildProgram(readFileSync(model), { modelName: 'trained', numeric: 'fixed16', calibration });
  const values = program.input.shape.reduce((a, b) => a * b, 1);
  const { bits } = laidOutOn(size, program, 2, true).placement;
  // No more words than it needs, so that addresses wrap.
  const engine = { ...size, bitWords: bits.words };
  const laidOut = laidOutOn(engine, program, 2, true);
  const job = encode(program, packPlan(laidOut, names), engine, wave(2 * values));
  return {
    text: await runJobs(engine, Array.from(job), options),
    pooledStores: laidOut.steps.filter((s) => (s.fields.flags! & names.value('POOL_STORE')) !== 0).length,
    overlaid: laidOut.placement.bits.overlaid.size,
  };
}

async function runJobs(
  engine: EngineConfig,
  words: readonly number[],
  options: { readonly compiler: string; readonly into: string },
): Promise<string> {
  const key = `${engine.portBits}-${engine.pe}-${engine.pixels}-${engine.bitWords}`;
  const file = join(options.into, `plans-${key}.bin`);
  writeFileSync(file, new Uint8Array(Int32Array.from(words).buffer));
  const program = await buildRunner(engine, key, options);
  const ran = await runProgram(program, [file], { maxOutput: 1 << 24 });
  return ran.kind === 'done' ? ran.stdout : ran.kind === 'failed' ? `${ran.stdout}\n${ran.stderr}` : 'missing';
}

async function buildRunner(
  engine: EngineConfig,
  key: string,
  { compiler, into }: { readonly compiler: string; readonly into: string },
): Promise<string> {
  const header = join(into, `config-${key}.hpp`);
  const members = Object.entries(engine).map(
    ([name, value]) => `${name.replace(/[A-Z]/g, '_$&').toUpperCase()} = ${value}`,
  );
  writeFileSync(header, `struct random_engine {\n  static constexpr int ${members.join(', ')};\n};\n`);
  const program = join(into, `run-${key}`);
  if (existsSync(program)) return program;
  const flags = [
    '-std=c++14',
    '-O1',
    '-ffp-contract=off',
    '-DDYBNN_SIMULATION',
    '-Wno-unknown-pragmas',
    '-DCONFIG=random_engine',
  ];
  const includes = [BENCHES, join(BENCHES, '..'), join(BENCHES, '..', 'sim')].map((path) => `-I${path}`);
  const source = join(BENCHES, 'run_plans.cpp');
  const built = await runProgram(compiler, [
    ...flags,
    `-DCONFIG_HEADER="${header}"`,
    ...includes,
    source,
    '-o',
    program,
  ]);
  if (built.kind !== 'done') throw new Error(built.kind === 'failed' ? built.stderr : `${compiler} is gone`);
  return program;
}

/** The network, its program on the engine and what each step must leave; null where the compiler refuses it. */
function jobOf(plan: Plan, engine: EngineConfig, pictures: number, again: boolean): Int32Array | null {
  const { graph, inputs } = interpretPlan(plan);
  const float = verifyProgram(lower(optimize(graph)));
  try {
    const program = withIntegers(float, plannedRanges(plan, float, inputs), 'fixed16');
    const laidOut = laidOutOn(engine, program, pictures, again);
    if (!fits(laidOut, engine)) return null;
    return encode(program, packPlan(laidOut, names), engine, inputs);
  } catch (error) {
    if (error instanceof DiagnosticError || error instanceof TooSmall) return null;
    throw error;
  }
}

/** `again`: as where DDR is the bottleneck, some convolutions run again, so that their maps need not be stored. */
function laidOutOn(engine: EngineConfig, program: Program, pictures: number, again: boolean): LaidOut {
  const whole = simplifyNetwork(networkFromProgram(program, (2 * engine.portBits) / 16));
  const network = again ? recompute(whole, recomputable(whole), names) : whole;
  return layOut(network, engine, { pictures, joinAt: 0 }, names);
}

/** What the search would have seen to: memories that are large enough, a stride that the packed map's banks serve (hw/hls/README.md). */
function fits({ network, placement, steps }: LaidOut, engine: EngineConfig): boolean {
  const channels = network.maps.every((m) => m.shape.channels <= engine.channels);
  const strides = steps.every(
    ({ kind, fields }) =>
      kind !== 'BINARY_CONV' || fields.stride_w! * (Math.min(engine.pixels, fields.out_width!) - 1) < 2 * engine.pixels,
  );
  if (!strides) return false;
  return channels && placement.bits.words <= engine.bitWords && placement.vectors.floats <= engine.vectors;
}

function encode(program: Program, plan: EnginePlan, engine: EngineConfig, inputs: Float32Array): Int32Array {
  const words: number[] = [];
  const list = (values: ArrayLike<number>): void => {
    words.push(values.length);
    for (let i = 0; i < values.length; i++) words.push(values[i]!);
  };
  const lanes = (2 * engine.portBits) / 16;
  const size = inputs.length / 2;
  const samples = Array.from({ length: plan.pictures }, (_, p) => inputs.subarray(p * size, (p + 1) * size));
  const seen = samples.map((sample) => observe(program, sample));
  words.push(plan.steps.length);
  list(plan.program);
  for (const port of plan.weights) list(new Int32Array(port.slice().buffer));
  const firstWord = Math.min(...plan.inputs.map((i) => i.address));
  words.push(plan.ddrWords, firstWord);
  list(pictureLanes(plan, samples, lanes, firstWord));
  list(plan.steps.map((s) => stepCycles(s.kind, s.fields, engine, names).total));
  list(outputBits(plan, seen));
  const traces = plan.traces.filter((t) => seen[t.picture]!.after(plan.steps[t.step]!.source, t.buffer) !== null);
  words.push(traces.length);
  for (const t of traces) {
    const place = t.kind === 'map' ? [t.place.address, t.place.chipAddress, t.place.chipPixels, t.pixelWords] : [];
    const address = t.kind === 'bits' || t.kind === 'vector' ? [t.address, 0, 0, 0] : [0, 0, 0, 0];
    words.push(t.step, TRACE_KINDS.indexOf(t.kind), t.shape.channels, t.shape.height, t.shape.width);
    words.push(...(t.kind === 'map' ? place : address), t.kind === 'parameter' ? t.slot : 0);
    list(expected(t, seen[t.picture]!.after(plan.steps[t.step]!.source, t.buffer)!));
  }
  return Int32Array.from(words);
}

interface Observed {
  readonly output: Float32Array;
  /** What the buffer held after the step, or after the last one before it that wrote it; null where nothing is known. */
  after(step: number, buffer: BufferRef): BufferContents | null;
}

function observe(program: Program, sample: Float32Array): Observed {
  const held = new Map<BufferRef, { readonly step: number; readonly contents: BufferContents }[]>();
  const { output } = simulate(program, sample, (step, index, contents) => {
    for (const ref of writesOf(step)) {
      const list = held.get(ref) ?? [];
      list.push({ step: index, contents: structuredClone(contents(ref)) });
      held.set(ref, list);
    }
  });
  return {
    output,
    after: (step, buffer) => {
      const list = held.get(buffer) ?? [];
      return (list.length === 1 ? list[0] : list.findLast((h) => h.step <= step))?.contents ?? null;
    },
  };
}

function writesOf(step: Program['steps'][number]): readonly BufferRef[] {
  if (!('tail' in step)) return [step.output];
  return [step.tail.store, step.tail.rowSums, step.tail.bits?.buffer].filter((b) => b !== undefined);
}

/** The pictures as the host writes them, from a word on. */
function pictureLanes(
  plan: EnginePlan,
  samples: readonly Float32Array[],
  lanes: number,
  firstWord: number,
): Int16Array {
  const made = new Int16Array(plan.inputWords * lanes);
  for (const { picture, shape, fraction, address, rowWords, pixelLanes } of plan.inputs) {
    const { channels, height, width } = shape;
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = samples[picture]![(c * height + y) * width + x]!;
          made[(address - firstWord + y * rowWords) * lanes + x * pixelLanes + c] = toFixed(
            value,
            fraction,
            newCounts(),
          );
        }
      }
    }
  }
  return made;
}

/** What the OUTPUT steps write; a host's softmax comes after it. */
function outputBits(plan: EnginePlan, seen: readonly Observed[]): Int32Array {
  if (plan.hostSteps.length > 0 || plan.outputs.some((o) => o.kind !== 'vector')) return new Int32Array(0);
  const floats = new Float32Array(plan.outputFloats);
  for (const { picture, address } of plan.outputs) floats.set(seen[picture]!.output, address);
  return new Int32Array(floats.buffer);
}

function expected(trace: Trace, contents: BufferContents): ArrayLike<number> {
  const { channels, height, width } = trace.shape;
  switch (contents.kind) {
    case 'fixed':
      return contents.data;
    case 'real':
      return new Int32Array(contents.data.slice().buffer);
    case 'sums': {
      const sums = new Int32Array(channels);
      contents.data.forEach((v, i) => {
        sums[i % channels]! += v;
      });
      return sums;
    }
    case 'packed': {
      const at = elementReader(contents, trace.shape);
      const bits: number[] = [];
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) bits.push(at(y, x, c) > 0 ? 1 : 0);
      }
      return bits;
    }
  }
}
