/**
 * Ranges from samples: the float32 simulator runs them and notes how large everything becomes.
 *
 * Flows in: a float32 Program, whole samples. Flows out: Ranges over all of them.
 */
import { sampleSize } from '../arrays/samples.js';
import type { TailRange } from '../contract/tail.js';
import { accessesOf, type BufferRef, type Program } from '../program/program.js';
import { simulate } from '../simulate/simulate.js';
import type { Ranges } from './ranges.js';

export function calibrate(
  program: Program,
  samples: Float32Array,
  progress?: (done: number, of: number) => void,
): Ranges {
  const tails = new Map<number, TailRange>();
  const buffers = new Map<BufferRef, number>();
  program.steps.forEach((step, index) => {
    if (!('tail' in step)) return;
    const { bias, shape } = step.tail;
    const entering = new Float64Array(shape.channels);
    tails.set(index, { largest: 0, entering, dynamicBias: bias?.kind === 'buffer' });
  });
  const note = (ref: BufferRef, values: Float32Array) => {
    let largest = buffers.get(ref) ?? 0;
    for (const v of values) if (Math.abs(v) > largest) largest = Math.abs(v);
    buffers.set(ref, largest);
  };
  const input = program.buffers.findIndex((b) => b.placement.kind === 'input');
  const size = sampleSize(program.input);
  for (let at = 0; at < samples.length; at += size) {
    const sample = samples.subarray(at, at + size);
    note(input, sample);
    progress?.(at / size, samples.length / size);
    simulate(
      program,
      sample,
      (step, _index, contents) => {
        for (const ref of accessesOf(step).writes) {
          const written = contents(ref);
          if (written.kind === 'real') note(ref, written.data);
        }
      },
      { rangeOf: (index) => tails.get(index) },
    );
  }
  return { tails, buffers, source: 'calibrated' };
}
