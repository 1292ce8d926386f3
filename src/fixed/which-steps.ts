/** Which convolutions and dense layers take weights of 8 bits, and which dense layers are the float unit (clauses 8, 14, 15). */
import {
  accessesOf,
  type BufferRef,
  type NumericMode,
  type ParamRef,
  type Program,
  type Step,
} from '../program/program.js';

export interface IntegerSteps {
  /** Indices of conv2d and dense steps. */
  readonly int8: ReadonlySet<number>;
  /** Whether a step reads the model's own input. */
  readonly readsInput: (step: { readonly input: BufferRef }) => boolean;
  /** The parts of a concatenation, by its output. */
  readonly partsOf: (output: BufferRef) => readonly BufferRef[];
}

export function integerSteps(
  program: Program,
  options: { readonly numeric: NumericMode; readonly firstLast: 'float32' | 'int8' },
): IntegerSteps {
  const makesParameters = parameterBuffers(program);
  const first = firstBuffers(program);
  const last = lastBuffers(program);
  const int8 = new Set<number>();
  program.steps.forEach((step, index) => {
    const everywhere = options.numeric === 'fixed16';
    if (step.kind === 'conv2d' && (everywhere || (options.firstLast === 'int8' && first.has(step.input)))) {
      if (everywhere || canFoldUnits(program, step.tail.bias, step.acc)) int8.add(index);
    }
    if (step.kind === 'dense' && !makesParameters.has(step.output)) {
      if (everywhere || (options.firstLast === 'int8' && last.has(step.output))) int8.add(index);
    }
  });
  const parts = new Map<BufferRef, BufferRef[]>();
  for (const step of program.steps) {
    if (step.kind === 'concat') parts.set(step.output, [...(parts.get(step.output) ?? []), step.input]);
  }
  return { int8, readsInput: (step) => first.has(step.input), partsOf: (output) => parts.get(output) ?? [] };
}

/** A float32 tail has one bias: a convolution's own cannot join one that is made anew for every input. */
function canFoldUnits(program: Program, bias: ParamRef | undefined, acc: number): boolean {
  return bias?.kind !== 'buffer' || program.constants[acc]!.value.data.every((v) => Number(v) === 0);
}

/** Buffers from which a threshold or shift is made, directly or through other vectors. */
function parameterBuffers(program: Program): ReadonlySet<BufferRef> {
  const found = new Set<BufferRef>();
  for (const step of [...program.steps].reverse()) {
    for (const p of parametersOf(step)) found.add(p);
    const { reads, writes } = accessesOf(step);
    const ofVectors = step.kind === 'dense' || step.kind === 'map';
    if (ofVectors && writes.some((w) => found.has(w))) for (const r of reads) found.add(r);
  }
  return found;
}

function parametersOf(step: Step): readonly BufferRef[] {
  if (!('tail' in step)) return [];
  const { bias, prelu, bits } = step.tail;
  return [bias, prelu?.gamma, prelu?.zeta, bits?.threshold].flatMap((p) => (p?.kind === 'buffer' ? [p.ref] : []));
}

function firstBuffers(program: Program): ReadonlySet<BufferRef> {
  const input = program.buffers.findIndex((b) => b.placement.kind === 'input');
  const copies = program.steps.flatMap((s) => (s.kind === 'toChannelsLast' && s.input === input ? [s.output] : []));
  return new Set([input, ...copies]);
}

function lastBuffers(program: Program): ReadonlySet<BufferRef> {
  const output = program.buffers.findIndex((b) => b.placement.kind === 'output');
  const before = program.steps.flatMap((s) => (s.kind === 'softmax' && s.output === output ? [s.input] : []));
  return new Set([output, ...before]);
}
