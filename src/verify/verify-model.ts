/**
 * Simulator, generated C and ONNX Runtime side by side.
 *
 * Flows in: a compiled model, samples, and the two engines as the host has them (or why it has not). Flows out: a report.
 * Keeps true: C and the simulator agree in every bit or differ; ONNX Runtime and the simulator agree within rounding, layer by
 * layer, or differ. Nothing in between is called agreement.
 */
import { sampleSize } from '../arrays/samples.js';
import { canonicalize } from '../canonicalize/canonicalize.js';
import type { FrontEndResult } from '../pipeline.js';
import { describeStep } from '../program/describe-step.js';
import { OnnxComparison, type RuntimeValues } from './compare-with-onnx.js';
import { FileNoiseIndex } from './file-noise.js';
import { FloatReference, hasIntegers, NearnessComparison } from './nearness.js';
import { type OnnxProbe, probeModel } from './onnx-probe.js';
import {
  describeFailure,
  dumpArguments,
  type ReplayFailure,
  type ReplayItem,
  type ReplayOutput,
  stepOfRow,
} from './replay.js';
import type { LayerReport, VerifyReport } from './report.js';

/** An engine that the host may lack. */
export type Engine<T> = T | { readonly absent: string };

export interface OnnxRuntimeEngine {
  readonly version: string;
  /** Throws OnnxRuntimeError where the runtime refuses the model. */
  readonly open: (bytes: Uint8Array) => Promise<OnnxSession>;
}

export interface OnnxSession {
  /** One sample, given in the declared order; values by name, one sample's worth of each. */
  readonly run: (input: Float32Array, names: readonly string[]) => Promise<ReadonlyMap<string, Float32Array>>;
  readonly close: () => Promise<void>;
}

export interface CCompilerEngine {
  readonly name: string;
  /** Builds the replay of one item. */
  readonly replay: (item: ReplayItem) => Promise<BuiltReplay>;
}

export interface BuiltReplay {
  readonly run: (args: readonly string[]) => Promise<string>;
  readonly parse: (stdout: string) => ReplayOutput | null;
  readonly dispose: () => void;
}

export interface VerifyInputs {
  readonly modelName: string;
  readonly bytes: Uint8Array;
  readonly built: FrontEndResult;
  readonly samples: { readonly data: Float32Array; readonly count: number; readonly words: string };
  readonly onnxRuntime: Engine<OnnxRuntimeEngine>;
  readonly compiler: Engine<CCompilerEngine>;
  readonly progress?: (words: string) => void;
}

export async function verifyModel(inputs: VerifyInputs): Promise<VerifyReport> {
  const { built, samples } = inputs;
  const c = await checkC(inputs);
  const onnx = await checkOnnx(inputs);
  const layers = built.program.steps.map((step, index): LayerReport => {
    const compared = onnx.layer(index);
    return {
      step: index,
      name: step.name,
      description: describeStep(step),
      origin: step.origin,
      ...compared,
      c: c.byStep.get(index) ?? null,
    };
  });
  const firstMismatch = layers.find((l) => l.teacherForced?.firstMismatch)?.teacherForced?.firstMismatch ?? null;
  const differ = firstMismatch !== null || (c.side.status === 'compared' && c.side.differences.length > 0);
  const nothing = c.side.status === 'absent' && onnx.side.status === 'absent' && onnx.reference === null;
  return {
    model: inputs.modelName,
    numeric: built.program.numeric,
    reference: onnx.reference,
    samples: samples.count,
    inputs: samples.words,
    onnxRuntime: onnx.side,
    c: c.side,
    layers,
    firstMismatch,
    top1: onnx.top1,
    verdict: differ ? 'differ' : nothing ? 'nothing compared' : 'agree',
  };
}

async function checkC(inputs: VerifyInputs): Promise<{ side: VerifyReport['c']; byStep: ReadonlyMap<number, string> }> {
  const { compiler, built, samples, progress } = inputs;
  if ('absent' in compiler) return { side: { status: 'absent', reason: compiler.absent }, byStep: new Map() };
  progress?.('compiling the generated C');
  const item = { program: built.program, inputs: samples.data };
  const replay = await compiler.replay(item);
  try {
    progress?.('running it with every set of kernels');
    const output = replay.parse(await replay.run(['quick']));
    if (output === null) throw new Error('the compiled replay did not come to its end');
    const byStep = new Map<number, string>();
    const differences: string[] = [];
    for (const failure of output.failures) {
      const text = describeFailure(
        item,
        failure,
        failure.what === 'tensor' ? await replay.run(dumpArguments(failure)) : '',
      );
      differences.push(text);
      byStep.set(stepOfFailure(item, failure), text);
    }
    const { sets, runs } = output;
    return { side: { status: 'compared', compiler: compiler.name, sets, runs, differences }, byStep };
  } finally {
    replay.dispose();
  }
}

/** What is wrong without a tensor that differs shows at the last step. */
function stepOfFailure(item: ReplayItem, failure: ReplayFailure): number {
  return failure.row >= 0 ? stepOfRow(item.program, failure.row) : item.program.steps.length - 1;
}

type Compared = Pick<LayerReport, 'teacherForced' | 'freeRunning' | 'nearness'>;

interface OnnxResult {
  readonly side: VerifyReport['onnxRuntime'];
  readonly layer: (step: number) => Compared;
  readonly reference: VerifyReport['reference'];
  readonly top1: VerifyReport['top1'];
}

/** What every sample is compared by: within rounding where all is float32, else how near it comes. */
interface Comparer {
  /** Of ONNX's names that the network does not have, those whose values are asked for as well. */
  readonly extra: readonly string[];
  /** The output of the program running by itself is returned. */
  readonly add: (
    sample: number,
    input: Float32Array,
    values: RuntimeValues,
    file: ReadonlyMap<string, Float32Array>,
  ) => Float32Array;
  readonly layer: (step: number) => Compared;
  readonly reference: VerifyReport['reference'];
}

const NOT_COMPARED: Compared = { teacherForced: null, freeRunning: null, nearness: null };

function withinRounding({ bytes, built }: VerifyInputs): Comparer & { readonly probe: OnnxProbe } {
  const { program, bnn, onnx } = built;
  const noise = new FileNoiseIndex(onnx, canonicalize(onnx).graph);
  const extra = noise.cancelledIn(program.steps.map((s) => s.origin));
  const probe = probeModel(bytes, bnn, extra);
  const comparison = new OnnxComparison(program, bnn, noise, probe.names);
  return {
    probe,
    extra,
    add: (sample, input, values, file) => comparison.add(sample, input, values, file),
    layer: (step) => ({ ...comparison.layer(step), nearness: null }),
    reference: null,
  };
}

function near({ bytes, built }: VerifyInputs): Comparer & { readonly probe: OnnxProbe } {
  const { program, bnn } = built;
  const comparison = new NearnessComparison(program, bnn);
  return {
    probe: probeModel(bytes, bnn, []),
    extra: [],
    add: (_sample, input, values) => comparison.add(input, values),
    layer: (step) => ({ ...NOT_COMPARED, nearness: comparison.layer(step) }),
    reference: 'ONNX Runtime',
  };
}

async function checkOnnx(inputs: VerifyInputs): Promise<OnnxResult> {
  const integers = hasIntegers(inputs.built.program);
  const found = await compareWithOnnx(inputs, integers ? near : withinRounding);
  if (!('absent' in found)) return found;
  const side = { status: 'absent', reason: found.absent } as const;
  if (integers) return compareWithFloat(inputs, side);
  return { side, layer: () => NOT_COMPARED, reference: null, top1: null };
}

async function compareWithOnnx(
  inputs: VerifyInputs,
  make: (inputs: VerifyInputs) => Comparer & { readonly probe: OnnxProbe },
): Promise<OnnxResult | { readonly absent: string }> {
  const { onnxRuntime, built, samples, progress } = inputs;
  if ('absent' in onnxRuntime) return onnxRuntime;
  const { program } = built;
  const comparer = make(inputs);
  const { probe, extra } = comparer;
  const names = [...new Set(probe.names.values())];
  const outputName = program.output.name;
  const top1 = new Top1(built);
  let session: OnnxSession | null = null;
  try {
    progress?.('opening the model in ONNX Runtime');
    session = await onnxRuntime.open(probe.bytes);
    for (let s = 0; s < samples.count; s++) {
      progress?.(`sample ${s + 1} of ${samples.count}, layer by layer`);
      const input = sampleOf(inputs, s);
      const found = await session.run(input, [...new Set([...names, ...extra, outputName])]);
      const values: RuntimeValues = new Map(
        [...probe.names].flatMap(([id, name]) => {
          const data = found.get(name);
          return data && data.length === elementsOf(built, id) ? [[id, data]] : [];
        }),
      );
      top1.add(comparer.add(s, input, values, found), found.get(outputName));
    }
  } catch (error) {
    if (!(error instanceof OnnxRuntimeError)) throw error;
    return { absent: error.message };
  } finally {
    await session?.close();
  }
  return {
    side: { status: 'compared', version: onnxRuntime.version, comparedValues: names.length },
    layer: comparer.layer,
    reference: comparer.reference,
    top1: top1.result(),
  };
}

/** Where there is no ONNX Runtime: our own float32 simulator says what integers cost just as well. */
function compareWithFloat(inputs: VerifyInputs, side: VerifyReport['onnxRuntime']): OnnxResult {
  const { built, samples, progress } = inputs;
  const { program, floatProgram, bnn } = built;
  const reference = new FloatReference(floatProgram, bnn);
  const comparison = new NearnessComparison(program, bnn);
  const top1 = new Top1(built);
  for (let s = 0; s < samples.count; s++) {
    progress?.(`sample ${s + 1} of ${samples.count}, layer by layer`);
    const input = sampleOf(inputs, s);
    const { values, output } = reference.values(input);
    top1.add(comparison.add(input, values), output);
  }
  return {
    side,
    layer: (step) => ({ ...NOT_COMPARED, nearness: comparison.layer(step) }),
    reference: 'the float32 simulator',
    top1: top1.result(),
  };
}

function sampleOf({ built, samples }: VerifyInputs, s: number): Float32Array {
  const size = sampleSize(built.program.input);
  return samples.data.subarray(s * size, (s + 1) * size);
}

/** Whether two runs name the same class; null where the output is not a list of scores. */
class Top1 {
  private agree = 0;
  private of = 0;
  private readonly scores: boolean;

  constructor({ bnn }: FrontEndResult) {
    const { channels, height, width } = bnn.values.find((v) => v.id === bnn.output)!.shape;
    this.scores = height * width === 1 && channels > 1;
  }

  add(ours: Float32Array, theirs: Float32Array | undefined): void {
    this.of++;
    if (theirs && indexOfLargest(theirs) === indexOfLargest(ours)) this.agree++;
  }

  result(): VerifyReport['top1'] {
    return this.scores ? { agree: this.agree, of: this.of } : null;
  }
}

/** ONNX Runtime itself refuses the model or fails in it: not ours, and said as it said it. */
export class OnnxRuntimeError extends Error {}

function elementsOf(built: FrontEndResult, id: number): number {
  const { channels, height, width } = built.bnn.values.find((v) => v.id === id)!.shape;
  return channels * height * width;
}

function indexOfLargest(data: Float32Array): number {
  let best = 0;
  for (let i = 1; i < data.length; i++) if (data[i]! > data[best]!) best = i;
  return best;
}
