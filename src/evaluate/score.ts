/** Evaluation -> the numbers that people ask for. Pure counting. */
import { type EngineName, isBitExact } from './engine.js';
import type { Evaluation } from './evaluation.js';

export interface EngineScore {
  readonly engine: EngineName;
  readonly top1: number;
  readonly top5: number;
}

export interface Agreement {
  readonly engines: readonly [EngineName, EngineName];
  readonly sameClass: number;
  /** Null where no one promises it. */
  readonly sameBits: number | null;
}

export interface ClassScore {
  readonly label: number;
  readonly count: number;
  readonly right: number;
  /** What its samples were taken for instead, the most frequent first. */
  readonly takenFor: readonly { readonly label: number; readonly count: number }[];
}

export interface Score {
  readonly samples: number;
  readonly total: number;
  readonly engines: readonly EngineScore[];
  readonly agreements: readonly Agreement[];
  /** By the first engine, the worst first. */
  readonly classes: readonly ClassScore[];
  /** Results of fixed16 that were clipped, by step, over all samples; null: no simulator was there to count. */
  readonly saturated: Readonly<Record<string, number>> | null;
}

export function score(evaluation: Evaluation): Score {
  const { engines, samples } = evaluation;
  const count = (test: (s: Evaluation['samples'][number]) => boolean): number =>
    samples.reduce((n, s) => n + (test(s) ? 1 : 0), 0);
  const exact = engines.findIndex(isBitExact);
  return {
    samples: samples.length,
    total: evaluation.total,
    engines: engines.map((engine, e) => ({
      engine,
      top1: count((s) => s.best[e]![0] === s.label),
      top5: count((s) => s.best[e]!.includes(s.label)),
    })),
    agreements: engines.slice(1).map((engine, i) => ({
      engines: [engines[0]!, engine],
      sameClass: count((s) => s.best[0]![0] === s.best[i + 1]![0]),
      sameBits: exact === 0 && isBitExact(engine) ? count((s) => s.sameBits[i + 1]!) : null,
    })),
    classes: classScores(evaluation),
    saturated: engines.includes('simulator') ? saturations(evaluation) : null,
  };
}

function saturations({ samples }: Evaluation): Readonly<Record<string, number>> {
  const total = new Map<string, number>();
  for (const { saturated } of samples) {
    for (const [step, count] of Object.entries(saturated ?? {})) total.set(step, (total.get(step) ?? 0) + count);
  }
  return Object.fromEntries(total);
}

function classScores({ samples }: Evaluation): ClassScore[] {
  const taken = new Map<number, Map<number, number>>();
  for (const { label, best } of samples) {
    const row = taken.get(label) ?? new Map<number, number>();
    taken.set(label, row);
    const guess = best[0]![0]!;
    row.set(guess, (row.get(guess) ?? 0) + 1);
  }
  const scores = [...taken].map(([label, row]): ClassScore => {
    const right = row.get(label) ?? 0;
    const takenFor = [...row]
      .filter(([guess]) => guess !== label)
      .map(([guess, count]) => ({ label: guess, count }))
      .sort((a, b) => b.count - a.count || a.label - b.label);
    return { label, count: right + takenFor.reduce((n, t) => n + t.count, 0), right, takenFor };
  });
  return scores.sort((a, b) => a.right / a.count - b.right / b.count || a.label - b.label);
}
