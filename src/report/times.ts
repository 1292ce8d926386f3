/** Measured times in words, and by step. */
import type { ReportData, ReportNode } from './report-data.js';

export function milliseconds(ms: number): string {
  if (ms === 0) return '0';
  const us = 1000 * ms;
  if (us < 999.5) return `${us.toFixed(us < 99.95 ? 1 : 0)} µs`;
  return `${ms.toFixed(ms < 9.995 ? 2 : ms < 99.95 ? 1 : 0)} ms`;
}

/** By index into `layers`. */
export function timesOfSteps({ times }: ReportData): ReadonlyMap<number, number> {
  return new Map((times?.layers ?? []).map((l) => [l.layer, l.ms]));
}

export function timeOfNode(ms: ReadonlyMap<number, number>, node: ReportNode): number {
  return node.layers.reduce((sum, l) => sum + (ms.get(l) ?? 0), 0);
}
