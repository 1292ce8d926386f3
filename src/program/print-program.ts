/** A Program for people: memory, then steps. `--dump-after lower`. */
import { describeStep } from './describe-step.js';
import { accessesOf, type Buffer, type BufferRef, type Program } from './program.js';

export function printProgram(program: Program): string {
  const at = (ref: BufferRef): string => `@${program.buffers[ref]?.name ?? ref}`;
  const steps = program.steps.map((step, i) => {
    const { reads, writes } = accessesOf(step);
    return `${String(i).padStart(4)}  ${step.name}: ${describeStep(step)}\n        ${reads.map(at).join(' ')} -> ${writes.map(at).join(' ')}`;
  });
  return `${[
    `program ${program.name}`,
    `workspace ${program.workspaceBytes} bytes, lower bound ${program.workspaceLowerBound}`,
    ...program.buffers.map(
      (b) => `  @${b.name}  ${b.layout.kind}  ${b.bytes} bytes  ${place(b)}  steps ${b.firstStep}..${b.lastStep}`,
    ),
    ...steps,
  ].join('\n')}\n`;
}

function place(b: Buffer): string {
  return b.placement.kind === 'workspace' ? `at ${b.placement.offset}` : `is the ${b.placement.kind}`;
}
