/**
 * Each clause of CONTRACT.md: its vectors, from the executable form in src/contract, replayed by every kernel of every set that
 * this processor has, and by the reference; networks that once went wrong with them. Then some planted bugs, which the same
 * vectors must notice (all of them: npm run proof:mutants).
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BatchItem, type BuiltBatch, compileBatch, removeBatch, runBatch } from './c-batch.js';
import { killCMutant } from './kill-mutants.js';
import { C_MUTANTS } from './mutants.js';
import { buildKernels, defaultToolchain, ownSources } from './toolchain.js';
import { allVectors, checkVector } from './vectors.js';

const vectors = allVectors();
let batch: BuiltBatch;
let sets: readonly string[] = [];

beforeAll(async () => {
  const items: BatchItem[] = [];
  const problems: string[] = [];
  for (const vector of vectors) {
    const { clause, title } = vector;
    const checked = checkVector(vector);
    if (checked.kind === 'ready') items.push(checked.item);
    else problems.push(`[${clause}] ${title}: ${checked.kind === 'wrong' ? checked.text : 'left the finite numbers'}`);
  }
  expect(problems).toEqual([]);
  batch = await compileBatch(items);
}, 240_000);

afterAll(() => removeBatch(batch));

test('contract vectors: every clause, every kernel, every set, every split', async () => {
  const result = await runBatch(batch, await buildKernels(defaultToolchain, ownSources()));
  sets = result.sets;
  const failed = [...result.differences].map(([i, d]) => `[${vectors[i]?.clause}] ${vectors[i]?.title}: ${d}`);
  expect(failed).toEqual([]);
  const clauses = new Set(vectors.flatMap((v) => v.clause.split(' ')).filter((c) => /^\d/.test(c)));
  process.stdout.write(
    `${vectors.length} vectors of ${clauses.size} clauses, ${result.runs} runs in C with ${sets.join(', ')}\n`,
  );
}, 240_000);

test.each(C_MUTANTS.filter((m) => m.quick))(
  'planted in $file: $name',
  async (mutant) => {
    const outcome = await killCMutant(mutant, batch, sets);
    expect(outcome.kind).not.toBe('survived');
  },
  120_000,
);
