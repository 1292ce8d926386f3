/**
 * The same Program, in which every pass also stores the map that it sums or binarizes: verify wants to see the values between.
 *
 * Keeps true: steps, constants and the buffers that were there before are the same; the added buffers are read by nobody.
 */
import type { BnnGraph, BnnNode, ValueId } from '../bnn/bnn-graph.js';
import { type Buffer, bytesOf, type Program, type Step, type Tail } from '../program/program.js';

export function observedProgram(program: Program, graph: BnnGraph): Program {
  const producer = new Map(graph.nodes.map((n) => [n.output, n]));
  const buffers: Buffer[] = [...program.buffers];
  const steps = program.steps.map((step, index): Step => {
    if (!('tail' in step) || step.tail.store !== undefined) return step;
    const value = finalValue(program, step, producer);
    if (value === null) return step;
    const { shape, fixed } = step.tail;
    const layout = { kind: 'map', shape, ...(fixed ? { fraction: fixed.fraction } : {}) } as const;
    const store =
      buffers.push({
        name: `${step.name} observed`,
        value,
        layout,
        bytes: bytesOf(layout),
        placement: { kind: 'workspace', offset: 0 },
        firstStep: index,
        lastStep: index,
      }) - 1;
    return { ...step, tail: { ...step.tail, store } };
  });
  return { ...program, steps, buffers };
}

/** The value that the tail ends with; null where it never exists as a number (an integer threshold). */
function finalValue(
  program: Program,
  step: Extract<Step, { readonly tail: Tail }>,
  producer: ReadonlyMap<ValueId, BnnNode>,
): ValueId | null {
  const { rowSums, bits } = step.tail;
  if (rowSums !== undefined) return program.buffers[rowSums]!.value;
  if (bits === undefined || comparesIntegers(step)) return null;
  const sign = producer.get(program.buffers[bits.buffer]!.value);
  return sign?.kind === 'RSign' ? sign.x : null;
}

/** A binary convolution whose sum is compared as it is (lower/integer-threshold.ts). */
export function comparesIntegers(step: Step): boolean {
  return step.kind === 'binaryConv2d' && step.tail.scale === undefined;
}
