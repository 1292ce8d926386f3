/**
 * Steps as the nodes that a person thinks in:
 *
 *     globalAveragePool -> dense [-> dense ...]    whose results are only thresholds, gammas, zetas or biases (in fixed16 made
 *                                                  int16 at their end): one dynamic unit
 *     concat, concat, ... into one buffer          one concat
 *     everything else                              itself
 *
 * Flows in: a Program. Flows out: groups of step indices; each step is in exactly one.
 */
import { accessesOf, type BufferRef, type Program, type Step } from '../program/program.js';

export interface StepGroup {
  readonly kind: 'step' | 'dynamicUnit' | 'concat';
  /** In order; never empty. */
  readonly steps: readonly number[];
}

export function groupSteps(program: Program): readonly StepGroup[] {
  const { steps } = program;
  const readers = readersOf(program);
  const unitOf = new Map<number, StepGroup>();
  steps.forEach((step, index) => {
    if (step.kind !== 'globalAveragePool' || unitOf.has(index)) return;
    const unit = dynamicUnitFrom(program, readers, index);
    if (unit) for (const s of unit.steps) unitOf.set(s, unit);
  });

  const groups: StepGroup[] = [];
  const concatOf = new Map<BufferRef, number>();
  steps.forEach((step, index) => {
    const unit = unitOf.get(index);
    if (unit) {
      if (unit.steps[0] === index) groups.push(unit);
      return;
    }
    if (step.kind === 'concat') {
      const known = concatOf.get(step.output);
      if (known !== undefined) {
        groups[known] = { kind: 'concat', steps: [...groups[known]!.steps, index] };
        return;
      }
      concatOf.set(step.output, groups.length);
      groups.push({ kind: 'concat', steps: [index] });
      return;
    }
    groups.push({ kind: 'step', steps: [index] });
  });
  // A concat is done with its last part, so that whoever reads comes after whoever writes.
  const position = ({ kind, steps: members }: StepGroup): number => (kind === 'concat' ? members.at(-1)! : members[0]!);
  return groups.sort((a, b) => position(a) - position(b));
}

function readersOf(program: Program): ReadonlyMap<BufferRef, readonly number[]> {
  const readers = new Map<BufferRef, number[]>();
  program.steps.forEach((step, index) => {
    for (const ref of new Set(accessesOf(step).reads)) {
      const list = readers.get(ref);
      if (list) list.push(index);
      else readers.set(ref, [index]);
    }
  });
  return readers;
}

function dynamicUnitFrom(
  program: Program,
  readers: ReadonlyMap<BufferRef, readonly number[]>,
  pool: number,
): StepGroup | null {
  const members = new Set([pool]);
  const outputs: BufferRef[] = [...accessesOf(program.steps[pool]!).writes];
  for (let i = 0; i < outputs.length; i++) {
    const ref = outputs[i]!;
    const { placement } = program.buffers[ref]!;
    if (placement.kind === 'output') return null;
    for (const index of readers.get(ref) ?? []) {
      const step = program.steps[index]!;
      if (isParameterOf(step, ref)) continue;
      if (step.kind !== 'dense' && !isVectorPass(step)) return null;
      if (members.has(index)) continue;
      members.add(index);
      outputs.push(...accessesOf(step).writes);
    }
  }
  return members.size > 1 ? { kind: 'dynamicUnit', steps: [...members].sort((a, b) => a - b) } : null;
}

/** The buffer gives numbers per channel and is nothing else to the step. */
function isParameterOf(step: Step, ref: BufferRef): boolean {
  if (!('tail' in step) || step.input === ref || step.tail.shortcut?.buffer === ref) return false;
  const { bias, prelu, bits } = step.tail;
  return [bias, prelu?.gamma, prelu?.zeta, bits?.threshold].some((p) => p?.kind === 'buffer' && p.ref === ref);
}

function isVectorPass(step: Step): boolean {
  const shape = step.kind === 'map' ? step.tail.shape : step.kind === 'quantize' ? step.shape : null;
  return shape !== null && shape.height === 1 && shape.width === 1;
}
