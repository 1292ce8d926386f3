/**
 * What must hold for a network, however it was made, and the search for one for which it does not.
 *
 * reference(graph) = reference(optimize(graph)) where nothing rounds; reference(optimized) = simulator, each tensor, each bit;
 * simulator = generated C with every set of kernels and every split of the work, each tensor, each bit.
 */
import fc from 'fast-check';
import type { BnnGraph } from '../../src/bnn/bnn-graph.js';
import { printBnnGraph } from '../../src/bnn/print-bnn-graph.js';
import { verifyBnnGraph } from '../../src/bnn/verify-bnn-graph.js';
import { lower } from '../../src/lower/lower.js';
import { optimize } from '../../src/optimize/optimize.js';
import type { Program } from '../../src/program/program.js';
import { verifyProgram } from '../../src/program/verify-program.js';
import { type BufferContents, elementReader } from '../../src/simulate/buffer-contents.js';
import { simulate } from '../../src/simulate/simulate.js';
import { tracedBuffers } from '../../src/target/c/plan-c.js';
import { type BatchItem, type BatchOptions, proveInC } from './c-batch.js';
import { checkIntegers, plannedRanges } from './check-integers.js';
import { interpretPlan, type Plan } from './network-plan.js';
import { evaluateInDouble, evaluateReference } from './reference.js';
import { buildKernels, defaultToolchain, ownSources } from './toolchain.js';

/** A network that is ready for C, or why there is none. */
export type Checked =
  | { readonly kind: 'ready'; readonly item: BatchItem; readonly rounded: boolean }
  /** A value left the finite numbers: outside the contract. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'wrong'; readonly text: string };

const halvesOf = (inputs: Float32Array): readonly Float32Array[] => [
  inputs.subarray(0, inputs.length / 2),
  inputs.subarray(inputs.length / 2),
];

export function checkPlan(plan: Plan): Checked {
  const { graph, inputs } = interpretPlan(plan);
  verifyBnnGraph(graph, 'plan');
  try {
    const checked = checkGraph(graph, inputs, plan.numbers !== 'tiny');
    const { mode, ranges } = plan.integers;
    if (checked.kind !== 'ready' || mode === 'float32') return checked;
    // A quarter as raise makes them, with all that optimize would fold.
    const program = plan.seed % 4 === 0 ? verifyProgram(lower(graph)) : checked.item.program;
    const fits = (ranges === 'calibrated' || ranges === 'wide') && plan.numbers !== 'tiny';
    const made = checkIntegers(program, inputs, { mode, ranges: plannedRanges(plan, program, inputs), fits });
    return made.kind === 'ready' ? { ...made, rounded: checked.rounded } : made;
  } catch (error) {
    return { kind: 'wrong', text: `thrown: ${error instanceof Error ? error.stack : String(error)}` };
  }
}

/** `ordinary`: numbers of like size, for which the rounding of binary64 stays far below any difference that matters. */
export function checkGraph(graph: BnnGraph, inputs: Float32Array, ordinary = false): Checked {
  const optimized = optimize(graph);
  const program = verifyProgram(lower(optimized));
  let rounded = false;
  for (const [sample, input] of halvesOf(inputs).entries()) {
    const original = evaluateReference(graph, input);
    const reference = evaluateReference(optimized, input);
    if (!original.finite || !reference.finite) return { kind: 'skipped' };
    if (!original.exact || !reference.exact) rounded = true;
    else {
      const text = differenceOfOptimized(graph, original.values, optimized, reference.values, 0);
      if (text) return { kind: 'wrong', text: `sample ${sample}: ${text}` };
    }
    if (ordinary && sample === 0) {
      const [before, after] = [evaluateInDouble(graph, input), evaluateInDouble(optimized, input)];
      const narrow = before.narrow || after.narrow;
      const text = narrow ? null : differenceOfOptimized(graph, before.values, optimized, after.values, 1e-9);
      if (text) return { kind: 'wrong', text: `sample ${sample}, in binary64: ${text}` };
    }
    const text = differenceOfSimulator(program, input, reference.values);
    if (text) return { kind: 'wrong', text: `sample ${sample}: ${text}` };
  }
  return { kind: 'ready', rounded, item: { program, inputs } };
}

/**
 * Values that both graphs have; -0 equals 0, because folding may lose the sign of a zero. `tolerance` is relative to the
 * largest value: 0 where nothing was rounded.
 */
function differenceOfOptimized(
  graph: BnnGraph,
  original: ReadonlyMap<number, ArrayLike<number>>,
  optimized: BnnGraph,
  values: ReadonlyMap<number, ArrayLike<number>>,
  tolerance: number,
): string | null {
  for (const node of optimized.nodes) {
    const before = original.get(node.output);
    // A new value may have the number of one that was dropped; its name tells.
    const nameOf = (g: BnnGraph): string | undefined => g.values.find((v) => v.id === node.output)?.name;
    if (!before || nameOf(graph) !== nameOf(optimized)) continue;
    const after = values.get(node.output)!;
    const size = Array.from(before).reduce((m, v) => Math.max(m, Math.abs(v)), 1);
    const at = Array.from(before).findIndex((v, i) => !(Math.abs(v - after[i]!) <= tolerance * size));
    if (at >= 0) return `optimize: ${node.kind} ${node.name}, element ${at}: ${after[at]}, before ${before[at]}`;
  }
  return null;
}

/** Every tensor that a step leaves behind against the reference's value, bit for bit. */
function differenceOfSimulator(
  program: Program,
  input: Float32Array,
  values: ReadonlyMap<number, Float32Array>,
): string | null {
  let text: string | null = null;
  const traced = tracedBuffers(program);
  simulate(program, input, (step, index, contents) => {
    for (const { ref } of text === null ? traced.filter((t) => t.step === index) : []) {
      const buffer = program.buffers[ref]!;
      const expected = values.get(buffer.value);
      if (!expected || buffer.layout.kind === 'rowSums') continue;
      const found = channelsFirst(contents(ref), buffer.layout.kind === 'external', buffer.layout.shape);
      const at = found.findIndex((v, i) => !Object.is(v, expected[i]));
      const show = (v: number | undefined): string => (Object.is(v, -0) ? '-0' : String(v));
      if (at >= 0) {
        text = `simulator: step ${index} ${step.kind} ${step.name}, ${buffer.name}, element ${at}: ${show(found[at])}, reference ${show(expected[at])}`;
      }
    }
  });
  return text;
}

function channelsFirst(
  contents: BufferContents,
  already: boolean,
  shape: { channels: number; height: number; width: number },
): Float32Array {
  const { channels, height, width } = shape;
  if (already && contents.kind === 'real') return contents.data;
  const result = new Float32Array(channels * height * width);
  const at = elementReader(contents, shape);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) result[(c * height + y) * width + x] = at(y, x, c);
    }
  }
  return result;
}

// ---- many

export interface SearchOptions extends BatchOptions {
  readonly seed: number;
  readonly runs: number;
  readonly arbitrary: fc.Arbitrary<Plan>;
  readonly batch?: number;
  readonly progress?: (done: number) => void;
}

export interface SearchResult {
  readonly networks: number;
  readonly skipped: number;
  readonly exact: number;
  /** Runs of one network on one sample with one set of kernels and one split. */
  readonly runsInC: number;
  readonly failure: string | null;
}

/** Plans `from` .. `from + batch` of a seed are compiled together; the first that fails is shrunk alone. */
export async function searchNetworks(given: SearchOptions): Promise<SearchResult> {
  // One build of the kernels for all, whatever is edited meanwhile.
  const kernels = given.kernels ?? (await buildKernels(given.toolchain ?? defaultToolchain, ownSources()));
  const options = { ...given, kernels };
  const { seed, runs, arbitrary, batch = 40 } = options;
  let [networks, skipped, exact, runsInC] = [0, 0, 0, 0];
  for (let from = 0; from < runs; from += batch) {
    // Each batch has a seed of its own, so that a failure is found again without drawing all that came before.
    const batchSeed = seed + from;
    const plans = fc.sample(arbitrary, { seed: batchSeed, numRuns: Math.min(batch, runs - from) });
    const ready: { index: number; item: BatchItem }[] = [];
    for (const [index, plan] of plans.entries()) {
      const checked = checkPlan(plan);
      if (checked.kind === 'skipped') skipped++;
      if (checked.kind === 'wrong')
        return { networks, skipped, exact, runsInC, failure: await shrink(options, batchSeed, index) };
      if (checked.kind === 'ready') {
        if (!checked.rounded) exact++;
        ready.push({ index, item: checked.item });
      }
    }
    const result = await proveInC(
      ready.map((r) => r.item),
      options,
    ).catch(async (error: unknown) => {
      for (const { index, item } of ready) if ((await problemInC(item, options)) !== null) return { guilty: index };
      throw error;
    });
    if ('guilty' in result)
      return { networks, skipped, exact, runsInC, failure: await shrink(options, batchSeed, result.guilty) };
    const [first] = [...result.differences].sort(([a], [b]) => a - b);
    if (first) {
      const [position, difference] = first;
      if (position < 0) return { networks, skipped, exact, runsInC, failure: difference };
      return { networks, skipped, exact, runsInC, failure: await shrink(options, batchSeed, ready[position]!.index) };
    }
    networks += plans.length;
    runsInC += result.runs;
    options.progress?.(networks);
  }
  return { networks, skipped, exact, runsInC, failure: null };
}

async function problemOf(plan: Plan, options: BatchOptions): Promise<string | null> {
  const checked = checkPlan(plan);
  if (checked.kind === 'wrong') return checked.text;
  if (checked.kind === 'skipped') return null;
  return problemInC(checked.item, options);
}

async function problemInC(item: BatchItem, options: BatchOptions): Promise<string | null> {
  try {
    const { differences } = await proveInC([item], options);
    for (const difference of differences.values()) return difference;
    return null;
  } catch (error) {
    return `does not compile: ${error instanceof Error ? error.message.slice(0, 3000) : String(error)}`;
  }
}

async function shrink(options: SearchOptions, seed: number, index: number): Promise<string> {
  const property = fc.asyncProperty(options.arbitrary, async (plan) => {
    const problem = await problemOf(plan, options);
    if (problem !== null) throw new Error(problem);
  });
  const details = await fc.check(property, {
    seed,
    path: String(index),
    numRuns: index + 1,
    interruptAfterTimeLimit: 60_000,
  });
  const plan = details.counterexample?.[0];
  if (!plan) return `seed ${seed}, network ${index}: failed once, but not when run alone`;
  const problem = await problemOf(plan, options);
  return [
    `seed ${seed}, path ${details.counterexamplePath} after ${details.numShrinks} shrinks: ${problem}`,
    `plan: ${JSON.stringify(plan)}`,
    printBnnGraph(interpretPlan(plan).graph),
  ].join('\n');
}
