/**
 * What the test bench compares, as rows of tables in C++: each trace of the plan with the line of the golden lists that it is held to.
 *
 * Flows in: the Program, its plan, the schedule. Flows out: text of initializers, and the golden list of sums.
 * Keeps true: the engine keeps sums over all pixels where the Program keeps sums of rows (integers need no order, 13.1), so golden/sums.txt
 * has checksums of those, under the row's own number.
 */
import { checksum } from '../../program/checksum.js';
import type { Program } from '../../program/program.js';
import { identifier } from '../../text/identifier.js';
import { tracedBuffers } from '../c/plan-c.js';
import { makeGolden, type SimulatedGolden } from '../golden.js';
import type { EnginePlan, Schedule, Trace } from './types.js';

export interface StepRow {
  readonly index: number;
  readonly name: string;
  readonly kind: string;
  readonly cycles: number;
}

export function stepRows(plan: EnginePlan, schedule: Schedule): readonly StepRow[] {
  const cycles = new Map(schedule.steps.map((s) => [s.step, s.cycles]));
  return plan.steps.map(({ name, kind }, index) => {
    const counted = cycles.get(index);
    if (counted === undefined) throw new Error(`the schedule lacks step ${index}, ${name}`);
    return { index, name: identifier(name, 'step'), kind, cycles: counted };
  });
}

const KINDS = {
  map: 'TRACE_MAP',
  bits: 'TRACE_BITS',
  vector: 'TRACE_VECTOR',
  sums: 'TRACE_SUMS',
  parameter: 'TRACE_PARAMETER',
} as const;

/** In the order of the steps after which they are looked at. */
export function traceRows(program: Program, plan: EnginePlan): readonly string[] {
  const rows = tracedBuffers(program);
  return [...plan.traces]
    .sort((a, b) => a.step - b.step)
    .map((trace) => {
      const { channels, height, width } = trace.shape;
      const place = trace.kind === 'map' ? trace.place : null;
      const address = place?.address ?? ('address' in trace ? trace.address : 0);
      return [
        trace.step,
        trace.picture,
        rowOf(trace, plan, rows),
        `dybnn::${KINDS[trace.kind]}`,
        `"${identifier(trace.name, 'buffer')}"`,
        channels,
        height,
        width,
        address,
        place?.chipAddress ?? 0,
        place?.chipPixels ?? 0,
        trace.kind === 'map' ? trace.pixelWords : 0,
        trace.kind === 'parameter' ? trace.slot : 0,
      ].join(', ');
    });
}

/** A buffer that several steps write has several lines: the one of the step that the engine's comes from, or the last before it. */
function rowOf(trace: Trace, plan: EnginePlan, rows: ReturnType<typeof tracedBuffers>): number {
  const { source } = plan.steps[trace.step]!;
  const candidates = rows.flatMap(({ step, ref }, row) => (ref === trace.buffer ? [{ step, row }] : []));
  const found = candidates.length === 1 ? candidates[0] : candidates.findLast(({ step }) => step <= source);
  if (!found) throw new Error(`${trace.name} is in no line of the golden list`);
  return found.row;
}

/** golden/ with the list of sums: what makeGolden makes, and a line for each sums of rows, added up. */
export function makeEngineGolden(program: Program, inputs: Float32Array): SimulatedGolden {
  const lines: string[] = [];
  const golden = makeGolden(program, inputs, (sample, row, ref, contents) => {
    if (contents.kind !== 'sums') return;
    const { name, layout } = program.buffers[ref]!;
    const { channels } = layout.shape;
    const data = new Int32Array(channels);
    contents.data.forEach((v, i) => {
      data[i % channels]! += v;
    });
    const sum = checksum({ kind: 'sums', data, fraction: contents.fraction });
    lines.push(`${sample} ${row} ${sum} ${identifier(name, 'buffer')}\n`);
  });
  return { ...golden, files: new Map([...golden.files, ['sums.txt', lines.join('')]]) };
}
