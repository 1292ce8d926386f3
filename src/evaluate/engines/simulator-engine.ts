/** The simulator, over worker threads where the package is built (they cannot run TypeScript). */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Program } from '../../program/program.js';
import { simulateSamples } from '../../simulate/simulate-samples.js';
import type { Engine, EngineOutput } from '../engine.js';

export interface SimulatorReply {
  readonly id: number;
  readonly output?: EngineOutput;
  readonly error?: Error;
}

export function simulateBatch(program: Program, inputs: Float32Array): EngineOutput {
  const { output, saturatedOf } = simulateSamples(program, inputs);
  return { outputs: output, saturated: saturatedOf };
}

export function openSimulatorEngine(program: Program, threads: number): Engine {
  const script = new URL('./simulator-worker.js', import.meta.url);
  const inThreads = threads > 1 && import.meta.url.endsWith('.js');
  const description = 'the bit-exact simulator';
  if (!inThreads) {
    return {
      name: 'simulator',
      description,
      run: async (inputs) => simulateBatch(program, inputs),
      close: async () => {},
    };
  }
  interface Job {
    readonly resolve: (output: EngineOutput) => void;
    readonly reject: (error: unknown) => void;
  }
  const jobs = new Map<number, Job>();
  const workers = Array.from({ length: Math.min(threads, availableParallelism()) }, () => {
    const worker = new Worker(script, { workerData: program });
    worker.on('message', ({ id, output, error }: SimulatorReply) => {
      const job = jobs.get(id);
      jobs.delete(id);
      if (output) job?.resolve(output);
      else job?.reject(error);
    });
    worker.on('error', (error) => {
      for (const job of jobs.values()) job.reject(error);
      jobs.clear();
    });
    return worker;
  });
  let next = 0;
  return {
    name: 'simulator',
    description,
    run: (inputs) =>
      new Promise((resolve, reject) => {
        const id = next++;
        jobs.set(id, { resolve, reject });
        workers[id % workers.length]!.postMessage({ id, inputs });
      }),
    close: async () => {
      await Promise.all(workers.map((w) => w.terminate()));
    },
  };
}
