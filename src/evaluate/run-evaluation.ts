/**
 * Runs engines over samples of a data set, several batches at a time.
 *
 * Flows in: which samples. Flows out: their results, in the order in which they are done.
 * Keeps true: all engines see the same bits; a stop leaves whole samples.
 */
import { sampleSize } from '../arrays/samples.js';
import type { Program } from '../program/program.js';
import type { StepSaturation } from '../simulate/simulate.js';
import type { Dataset } from './dataset.js';
import { type Engine, type EngineOutput, isBitExact } from './engine.js';
import { KEPT_CLASSES, type SampleResult } from './evaluation.js';
import { topIndices } from './top-indices.js';

export interface EvaluationRun {
  readonly program: Program;
  readonly dataset: Dataset;
  readonly engines: readonly Engine[];
  readonly indices: readonly number[];
  /** Batches in flight. */
  readonly threads: number;
  readonly onResults: (results: readonly SampleResult[]) => void;
  readonly stop: AbortSignal;
}

/** Input bytes of a batch, and samples at most. */
const BATCH_BYTES = 1 << 23;
const BATCH_SAMPLES = 256;

export async function runEvaluation(run: EvaluationRun): Promise<void> {
  const { program, indices, threads, stop } = run;
  const bySize = Math.floor(BATCH_BYTES / (4 * sampleSize(program.input)));
  // Small sets are spread over all threads.
  const batchSize = Math.max(1, Math.min(bySize, BATCH_SAMPLES, Math.ceil(indices.length / threads)));
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < indices.length && !stop.aborted) {
      const batch = indices.slice(next, next + batchSize);
      next += batch.length;
      const results = await runBatch(run, batch);
      run.onResults(results);
      // Lets signals and progress in between two batches of an engine that never waits.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: threads }, worker));
}

async function runBatch(
  { program, dataset, engines }: EvaluationRun,
  batch: readonly number[],
): Promise<SampleResult[]> {
  const inputSize = sampleSize(program.input);
  const outputSize = sampleSize(program.output);
  const inputs = new Float32Array(batch.length * inputSize);
  const samples = await Promise.all(batch.map((index) => dataset.sample(index)));
  samples.forEach((sample, i) => {
    inputs.set(sample, i * inputSize);
  });
  const results: EngineOutput[] = [];
  for (const engine of engines) results.push(await engine.run(inputs, batch.length));
  const outputs = results.map((r) => r.outputs);
  const clipped = results.find((r) => r.saturated !== undefined)?.saturated;
  const reference =
    outputs[
      Math.max(
        0,
        engines.findIndex((e) => isBitExact(e.name)),
      )
    ]!;
  return batch.map((index, i) => {
    const of = (all: Float32Array): Float32Array => all.subarray(i * outputSize, (i + 1) * outputSize);
    return {
      index,
      label: dataset.label(index),
      best: outputs.map((all) => topIndices(of(all), KEPT_CLASSES)),
      sameBits: outputs.map((all) => sameBits(of(all), of(reference))),
      ...saturatedIn(clipped?.[i] ?? []),
    };
  });
}

function saturatedIn(steps: readonly StepSaturation[]): Pick<SampleResult, 'saturated'> {
  if (steps.length === 0) return {};
  return { saturated: Object.fromEntries(steps.map(({ step, saturated }) => [step, saturated])) };
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  const x = new Uint32Array(a.buffer, a.byteOffset, a.length);
  const y = new Uint32Array(b.buffer, b.byteOffset, b.length);
  return x.every((word, i) => word === y[i]);
}
