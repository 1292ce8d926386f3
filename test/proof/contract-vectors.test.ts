/**
 * Each clause of CONTRACT.md: its vectors, from the executable form in src/contract, replayed by every kernel of every set that
 * this processor has, and by the reference.
 */
import { expect, test } from 'vitest';
import { verifyBnnGraph } from '../../src/bnn/verify-bnn-graph.js';
import { type BatchItem, proveInC } from './c-batch.js';
import { checkGraph } from './check-networks.js';
import { contractVectors } from './contract-vectors.js';

test('contract vectors: every clause, every kernel, every set, every split', async () => {
  const vectors = contractVectors();
  const items: BatchItem[] = [];
  const problems: string[] = [];
  for (const { clause, title, graph, inputs } of vectors) {
    const checked = checkGraph(verifyBnnGraph(graph, title), inputs);
    if (checked.kind === 'ready') items.push(checked.item);
    else problems.push(`[${clause}] ${title}: ${checked.kind === 'wrong' ? checked.text : 'left the finite numbers'}`);
  }
  expect(problems).toEqual([]);
  const { differences, runs, sets } = await proveInC(items);
  const failed = [...differences].map(([i, d]) => `[${vectors[i]?.clause}] ${vectors[i]?.title}: ${d}`);
  expect(failed).toEqual([]);
  const clauses = new Set(vectors.flatMap((v) => v.clause.split(' ')));
  process.stdout.write(
    `${vectors.length} vectors of ${clauses.size} clauses, ${runs} runs in C with ${sets.join(', ')}\n`,
  );
}, 240_000);
