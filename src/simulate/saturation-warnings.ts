/** What was clipped in a run, as warnings: a step each, those with the most first. */
import { type Diagnostic, makeDiagnostic } from '../diagnostics/diagnostic.js';

/** `saturated`: by step. `where`: what was run, "3 samples". */
export function saturationWarnings(saturated: ReadonlyMap<string, number>, where: string): readonly Diagnostic[] {
  return [...saturated]
    .sort((a, b) => b[1] - a[1])
    .map(([step, count]) =>
      makeDiagnostic('DYB406', {
        node: step,
        found: `${count} value${count === 1 ? '' : 's'} clipped to 16 bits, over ${where}`,
        hint: 'calibrate with inputs that are like these (--calibrate)',
      }),
    );
}

/** Counts of one more run, added to those before. */
export function addCounts(
  to: Map<string, number>,
  counts: Iterable<{ readonly step: string; readonly saturated: number }>,
): void {
  for (const { step, saturated } of counts) to.set(step, (to.get(step) ?? 0) + saturated);
}

export function samplesWord(count: number): string {
  return `${count} sample${count === 1 ? '' : 's'}`;
}
