/**
 * The opponent: ONNX Runtime through its own package for Node.
 *
 * Flows in: a model's bytes and a sample. Flows out: milliseconds of runs, outputs, ranges of values.
 * Sequential execution, all graph optimizations, a fixed number of threads: what its documentation advises for latency.
 */
import { createRequire } from 'node:module';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OnnxBuilder } from '../test/support/onnx-builder.js';

export const ONNX_RUNTIME_VERSION: string = (
  createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
).version;

export class RuntimeSession {
  private constructor(
    private readonly session: InferenceSession,
    private readonly feeds: Readonly<Record<string, Tensor>>,
  ) {}

  static async open(
    model: Uint8Array,
    input: Float32Array,
    shape: readonly number[],
    threads: number,
  ): Promise<RuntimeSession> {
    const session = await InferenceSession.create(model, {
      executionProviders: ['cpu'],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    return new RuntimeSession(session, { [session.inputNames[0]!]: new Tensor('float32', input, shape) });
  }

  /** Milliseconds of each of `runs` runs, after one to warm up. */
  async time(runs: number): Promise<number[]> {
    await this.session.run(this.feeds);
    const times: number[] = [];
    for (let i = 0; i < runs; i++) {
      const start = performance.now();
      await this.session.run(this.feeds);
      times.push(performance.now() - start);
    }
    return times;
  }

  async output(): Promise<Float32Array> {
    const results = await this.session.run(this.feeds);
    return results[this.session.outputNames[0]!]!.data as Float32Array;
  }

  /** The largest magnitude of each output. */
  async ranges(): Promise<ReadonlyMap<string, number>> {
    const results = await this.session.run(this.feeds);
    return new Map(
      Object.entries(results).map(([name, t]) => [
        name,
        (t.data as Float32Array).reduce((m, v) => Math.max(m, Math.abs(v)), 0),
      ]),
    );
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

/** A model of the same input that computes nothing: its time is that of the call through the package. */
export function callModel(shape: readonly number[]): Uint8Array {
  const m = new OnnxBuilder();
  m.output(m.node('Shape', [m.input('input', shape)]), [shape.length], 'int64');
  return m.bytes();
}
