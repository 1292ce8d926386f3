/**
 * Side by side: in each round every contender runs one batch, each round beginning with another one; so what disturbs the
 * machine disturbs all, and ratios are taken between neighbours in time.
 */
import { setTimeout } from 'node:timers/promises';
import { type Spread, spreadOf } from './statistics.js';

export interface Contender {
  readonly id: string;
  readonly label: string;
  readonly threads: number;
  /** The median of `runs` runs in milliseconds. */
  readonly batch: (runs: number) => Promise<number>;
}

export interface Timing {
  readonly id: string;
  readonly label: string;
  readonly threads: number;
  readonly runsPerBatch: number;
  /** The median of each round's batch, in milliseconds. */
  readonly rounds: readonly number[];
  readonly spread: Spread;
}

/** Threads of a runtime spin for a moment after their last run; the next contender shall not share the cores with them. */
const PAUSE_MS = 20;
const LEAST_RUNS = 3;

export async function compete(
  contenders: readonly Contender[],
  rounds: number,
  batchMs: number,
): Promise<readonly Timing[]> {
  const runs: number[] = [];
  for (const c of contenders) {
    const estimate = await c.batch(LEAST_RUNS);
    runs.push(Math.max(LEAST_RUNS, Math.min(100_000, Math.round(batchMs / estimate))));
  }
  const medians: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < contenders.length; k++) {
      const i = (k + round) % contenders.length;
      medians[i]!.push(await contenders[i]!.batch(runs[i]!));
      await setTimeout(PAUSE_MS);
    }
  }
  return contenders.map((c, i) => ({
    id: c.id,
    label: c.label,
    threads: c.threads,
    runsPerBatch: runs[i]!,
    rounds: medians[i]!,
    spread: spreadOf(medians[i]!),
  }));
}

/** How many times faster `timing` is than `opponent`: the spread of the ratios of their rounds. */
export function speedup(timing: Timing, opponent: Timing): Spread {
  return spreadOf(timing.rounds.map((ms, round) => opponent.rounds[round]! / ms));
}
