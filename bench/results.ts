/** What a run of the benchmark leaves behind; the tables, the chart and the Markdown are views of it. */
import type { Bound } from './bounds.js';
import type { Machine, Peaks } from './machine.js';
import type { Usage } from './processes.js';
import type { Timing } from './rounds.js';
import type { Spread } from './statistics.js';

export interface Layer extends Bound {
  readonly name: string;
  readonly kind: string;
  readonly what: string;
  /** Microseconds, the median of the profiled runs. */
  readonly time: number;
}

export interface NetworkResult {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly binaryMacs: number;
  readonly floatMacs: number;
  readonly steps: number;
  readonly modelBytes: number;
  readonly weightBytes: number;
  readonly programBytes: number;
  readonly workspaceBytes: number;
  readonly workspaceLowerBound: number;
  readonly compile: Usage;
  readonly simulateSeconds: number;
  readonly build: Usage;
  readonly bits: string;
  /** "avx512": what ISA=native chose. */
  readonly kernels: string;
  readonly timings: readonly Timing[];
  /** By contender: how many times faster than ONNX Runtime in float32 with as many threads. */
  readonly speedups: Readonly<Record<string, Spread>>;
  /** One thread's time over two threads'. */
  readonly scaling: Spread | null;
  /** The call through onnxruntime-node alone, part of its time, in milliseconds. */
  readonly callMs: number;
  /** Whether ONNX Runtime's float32 and int8 copies rank the same class first as the generated C. */
  readonly sameClass: Readonly<Record<string, boolean>>;
  readonly layers: readonly Layer[];
}

export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly peaks: Peaks;
  readonly rounds: number;
  readonly networks: readonly NetworkResult[];
}

/** JSON with one line a layer and a timing: small, and readable in a diff. */
export function resultsJson(results: Results): string {
  const text = JSON.stringify(
    results,
    (_key, value: unknown) =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
    1,
  );
  // Objects and arrays without children of their own go on one line.
  return `${text.replace(/([{[])\n\s+([^{}[\]]*?)\n\s+([}\]])/g, (_all, open: string, inner: string, close: string) => {
    return `${open}${inner.replace(/\n\s+/g, ' ')}${close}`;
  })}\n`;
}
