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
import { probeModel } from './onnx-probe.js';
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
    const compared = onnx.comparison?.layer(index) ?? { teacherForced: null, freeRunning: null };
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
  const nothing = c.side.status === 'absent' && onnx.side.status === 'absent';
  return {
    model: inputs.modelName,
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

interface OnnxResult {
  readonly side: VerifyReport['onnxRuntime'];
  readonly comparison: OnnxComparison | null;
  readonly top1: VerifyReport['top1'];
}

async function checkOnnx(inputs: VerifyInputs): Promise<OnnxResult> {
  const { onnxRuntime, built, bytes, samples, progress } = inputs;
  const absent = (reason: string): OnnxResult => ({ side: { status: 'absent', reason }, comparison: null, top1: null });
  if ('absent' in onnxRuntime) return absent(onnxRuntime.absent);
  const { program, bnn, onnx } = built;
  const noise = new FileNoiseIndex(onnx, canonicalize(onnx).graph);
  const cancelled = noise.cancelledIn(program.steps.map((s) => s.origin));
  const probe = probeModel(bytes, bnn, cancelled);
  const names = [...new Set(probe.names.values())];
  const outputName = program.output.name;
  const comparison = new OnnxComparison(program, bnn, noise, probe.names);
  const size = sampleSize(program.input);
  let agree = 0;
  let session: OnnxSession | null = null;
  try {
    progress?.('opening the model in ONNX Runtime');
    session = await onnxRuntime.open(probe.bytes);
    for (let s = 0; s < samples.count; s++) {
      progress?.(`sample ${s + 1} of ${samples.count}, layer by layer`);
      const input = samples.data.subarray(s * size, (s + 1) * size);
      const found = await session.run(input, [...new Set([...names, ...cancelled, outputName])]);
      const values: RuntimeValues = new Map(
        [...probe.names].flatMap(([id, name]) => {
          const data = found.get(name);
          return data && data.length === elementsOf(built, id) ? [[id, data]] : [];
        }),
      );
      const output = comparison.add(s, input, values, found);
      const theirs = found.get(outputName);
      if (theirs && indexOfLargest(theirs) === indexOfLargest(output)) agree++;
    }
  } catch (error) {
    if (!(error instanceof OnnxRuntimeError)) throw error;
    return absent(error.message);
  } finally {
    await session?.close();
  }
  const shape = bnn.values.find((v) => v.id === bnn.output)!.shape;
  const scores = shape.height * shape.width === 1 && shape.channels > 1;
  return {
    side: { status: 'compared', version: onnxRuntime.version, comparedValues: names.length },
    comparison,
    top1: scores ? { agree, of: samples.count } : null,
  };
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
