/** The verifier behind lower. A failure is our bug: it throws a plain Error (exit status 70). */
import { accessesOf, type Buffer, bytesOf, type Program } from './program.js';
import { verifyNumbers } from './verify-numbers.js';

export function verifyProgram(program: Program): Program {
  const written = new Set<number>();
  program.buffers.forEach((b, ref) => {
    if (b.placement.kind === 'input') written.add(ref);
  });
  program.steps.forEach((step, s) => {
    const { reads, writes } = accessesOf(step);
    for (const ref of reads) {
      if (!written.has(ref))
        throw new Error(`after lower: step ${s} ${step.name} reads ${program.buffers[ref]?.name} before it is written`);
    }
    for (const ref of writes) written.add(ref);
  });
  checkMemory(program);
  verifyNumbers(program);
  const names = new Set(program.constants.map((c) => c.name));
  if (names.size !== program.constants.length) throw new Error('after lower: two constants have one name');
  return program;
}

function checkMemory(program: Program): void {
  const inWorkspace: (Buffer & { readonly offset: number })[] = program.buffers.flatMap((b) =>
    b.placement.kind === 'workspace' ? [{ ...b, offset: b.placement.offset }] : [],
  );
  for (const b of inWorkspace) {
    if (b.bytes !== bytesOf(b.layout)) throw new Error(`after lower: ${b.name} has the wrong size`);
    if (b.offset % 64 !== 0) throw new Error(`after lower: ${b.name} is not aligned`);
    if (b.offset + b.bytes > program.workspaceBytes) throw new Error(`after lower: ${b.name} is outside the workspace`);
  }
  for (const [i, a] of inWorkspace.entries()) {
    for (const b of inWorkspace.slice(i + 1)) {
      const overlap = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
      // One step may read a buffer for the last time and write its successor in the same place.
      const together = a.firstStep < b.lastStep && b.firstStep < a.lastStep;
      const inPlace = a.offset === b.offset && (a.lastStep === b.firstStep || b.lastStep === a.firstStep);
      const touch = a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
      if (overlap && (together || (touch && !inPlace))) throw new Error(`after lower: ${a.name} and ${b.name} overlap`);
    }
  }
}
