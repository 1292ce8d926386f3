/** Parts of one evaluation -> the whole. Refuses parts that do not belong together. */
import { fail } from '../diagnostics/diagnostic.js';
import type { Evaluation, SampleResult } from './evaluation.js';

export interface NamedEvaluation {
  readonly name: string;
  readonly evaluation: Evaluation;
}

export function mergeEvaluations(parts: readonly NamedEvaluation[]): Evaluation {
  const [first, ...others] = parts;
  if (!first) throw new Error('nothing to merge');
  for (const part of others) {
    const difference = findDifference(first.evaluation, part.evaluation);
    if (difference !== null) {
      fail('DYB503', {
        node: part.name,
        title: 'results that do not belong together',
        found: difference,
        supported: `parts of the same evaluation as ${first.name}`,
      });
    }
  }
  const samples = new Map<number, SampleResult>();
  for (const { name, evaluation } of parts) {
    for (const sample of evaluation.samples) {
      const known = samples.get(sample.index);
      if (known && JSON.stringify(known) !== JSON.stringify(sample)) {
        fail('DYB503', {
          node: name,
          title: 'results that contradict each other',
          found: `sample ${sample.index} with another result`,
        });
      }
      samples.set(sample.index, sample);
    }
  }
  return { ...first.evaluation, samples: inOrder([...samples.values()]) };
}

export function inOrder(samples: readonly SampleResult[]): readonly SampleResult[] {
  return [...samples].sort((a, b) => a.index - b.index);
}

/** What makes two evaluations different ones, or null. Where the pictures lie may differ from machine to machine. */
export function findDifference(a: Evaluation, b: Evaluation): string | null {
  const same = (x: unknown, y: unknown): boolean => JSON.stringify(x) === JSON.stringify(y);
  if (a.model.sha256 !== b.model.sha256) return 'another model';
  if (!same(a.engines, b.engines)) return `engines ${b.engines.join(', ')} instead of ${a.engines.join(', ')}`;
  if (a.total !== b.total) return `a data set of ${b.total} instead of ${a.total}`;
  if (!same(a.classNames, b.classNames)) return 'other classes';
  if (!same(a.numbers, b.numbers)) return 'other --numeric, --first-last or --calibrate';
  if (!same(a.preprocessing, b.preprocessing)) return 'other --resize, --mean or --std';
  return null;
}
