/** The end of lower: lifetimes from the steps, in-place pairs, offsets. Flows in a draft, flows out the Program. */
import {
  accessesOf,
  type Buffer,
  type BufferRef,
  bytesOf,
  type Constant,
  type Program,
  type Step,
} from '../program/program.js';
import type { DraftBuffer } from './lowering-context.js';
import { planMemory } from './plan-memory.js';

/** A Program whose buffers have no lives and places yet. */
export interface DraftProgram extends Pick<Program, 'name' | 'numeric' | 'input' | 'output'> {
  readonly steps: readonly Step[];
  readonly buffers: readonly DraftBuffer[];
  readonly constants: readonly Constant[];
}

interface Lifetime {
  first: number;
  last: number;
}

export function finishProgram(draft: DraftProgram): Program {
  const { steps, buffers } = draft;
  const lifetimes = lifetimesOf(steps, buffers.length);
  const inWorkspace = buffers.flatMap((b, ref) => (b.external === null ? [ref] : []));
  inWorkspace.sort((a, b) => lifetimes[a]!.first - lifetimes[b]!.first);
  const position = new Map(inWorkspace.map((ref, i) => [ref, i]));
  const inPlace = inPlacePairs(steps, buffers, lifetimes);
  const plan = planMemory(
    inWorkspace.map((ref) => {
      const target = inPlace.get(ref);
      return {
        inPlaceOf: target === undefined ? null : (position.get(target) ?? null),
        bytes: bytesOf(buffers[ref]!.layout),
        firstStep: lifetimes[ref]!.first,
        lastStep: lifetimes[ref]!.last,
      };
    }),
  );
  return {
    ...draft,
    buffers: buffers.map((b, ref): Buffer => {
      const at = position.get(ref);
      return {
        name: b.name,
        value: b.value,
        layout: b.layout,
        bytes: bytesOf(b.layout),
        placement:
          at === undefined ? { kind: b.external ?? 'input' } : { kind: 'workspace', offset: plan.offsets[at]! },
        firstStep: lifetimes[ref]!.first,
        lastStep: lifetimes[ref]!.last,
      };
    }),
    workspaceBytes: plan.totalBytes,
    workspaceLowerBound: plan.lowerBound,
  };
}

function lifetimesOf(steps: readonly Step[], count: number): Lifetime[] {
  const lifetimes = Array.from({ length: count }, (): Lifetime => ({ first: Number.POSITIVE_INFINITY, last: -1 }));
  steps.forEach((step, s) => {
    const { reads, writes } = accessesOf(step);
    for (const ref of [...reads, ...writes]) {
      const life = lifetimes[ref]!;
      life.first = Math.min(life.first, s);
      life.last = Math.max(life.last, s);
    }
  });
  return lifetimes;
}

/**
 * Which buffer may take the place of which: a tail's stored map that of the pass's own input, or of its shortcut, where that
 * one is read for the last time there, element by element at the same place (clause 5.1; dybnn_kernels.h allows it).
 */
function inPlacePairs(
  steps: readonly Step[],
  buffers: readonly DraftBuffer[],
  lifetimes: readonly Lifetime[],
): ReadonlyMap<BufferRef, BufferRef> {
  const pairs = new Map<BufferRef, BufferRef>();
  const taken = new Set<BufferRef>();
  steps.forEach((step, s) => {
    if (!('tail' in step) || step.tail.store === undefined) return;
    const { store, shortcut } = step.tail;
    if (buffers[store]!.external !== null) return;
    const candidates: BufferRef[] = [];
    if (step.kind === 'map') candidates.push(step.input);
    else if (step.input === shortcut?.buffer) return;
    if (shortcut?.pool === 1) candidates.push(shortcut.buffer);
    // A vector that is also this pass's parameter is read again after its place is overwritten.
    const params = [step.tail.bias, step.tail.prelu?.gamma, step.tail.prelu?.zeta, step.tail.bits?.threshold];
    const fits = candidates.find(
      (ref) =>
        lifetimes[ref]!.last === s &&
        !params.some((p) => p?.kind === 'buffer' && p.ref === ref) &&
        buffers[ref]!.external === null &&
        !taken.has(ref) &&
        buffers[ref]!.layout.kind === 'map' &&
        bytesOf(buffers[ref]!.layout) === bytesOf(buffers[store]!.layout),
    );
    if (fits === undefined) return;
    taken.add(fits);
    pairs.set(store, fits);
  });
  return pairs;
}
