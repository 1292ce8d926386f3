/**
 * What a generated project's `run --profile N INPUT` prints: a line a step, then how it ran.
 *
 *     12.345 us  stem_conv
 *     ...
 *     kernels: avx2
 *     threads: 1
 *     runs: 100
 *     min_ms: 0.051000
 *     median_ms: 0.052000
 *
 * Flows in: the text and the Program it must be of. Flows out: times by step, or why it is something else.
 */
import type { Program } from '../program/program.js';
import { identifier } from '../text/identifier.js';

export interface Profile {
  readonly kernels: string;
  readonly threads: number;
  readonly runs: number;
  /** Median of a whole run. */
  readonly totalMs: number;
  /** Medians, in the order of the program's steps. */
  readonly stepMs: readonly number[];
}

export function parseProfile(text: string, { steps }: Program): Profile | { readonly wrong: string } {
  const lines = [...text.matchAll(/^\s*(\d+(?:\.\d+)?) us {2}(\S+)\r?$/gm)];
  const field = (name: string): string | undefined => new RegExp(`^${name}: (\\S+)\\r?$`, 'm').exec(text)?.[1];
  const kernels = field('kernels');
  const [threads, runs, totalMs] = [field('threads'), field('runs'), field('median_ms')].map(Number);
  if (lines.length === 0 || kernels === undefined || !(threads! >= 1) || !(runs! >= 1) || !Number.isFinite(totalMs))
    return { wrong: 'it is not what run --profile prints' };
  const name = steps.findIndex((step, i) => lines[i]?.[2] !== identifier(step.name, `step_${i}`));
  if (lines.length !== steps.length) return { wrong: `${lines.length} steps, where the model has ${steps.length}` };
  if (name >= 0) return { wrong: `step ${name} is ${lines[name]![2]}, in the model ${steps[name]!.name}` };
  return { kernels, threads: threads!, runs: runs!, totalMs: totalMs!, stepMs: lines.map((l) => Number(l[1]) / 1000) };
}
