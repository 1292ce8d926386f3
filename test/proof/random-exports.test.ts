/**
 * Random networks as ONNX files in random spellings, through the whole front end and beside ONNX Runtime (check-exports.ts).
 *
 * PROOF_EXPORTS (default 100) and PROOF_SEED set how many and which.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printBnnGraph } from '../../src/bnn/print-bnn-graph.js';
import { exportablePlans, exportTally, problemOfExport } from './check-exports.js';
import { interpretPlan } from './network-plan.js';

const runs = Number(process.env.PROOF_EXPORTS ?? 100);
const seed = Number(process.env.PROOF_SEED ?? 20_240_502);

test(
  'random exports: the front end and ONNX Runtime agree on what a file means',
  async () => {
    const property = fc.asyncProperty(exportablePlans, async (plan) => {
      const problem = await problemOfExport(plan);
      if (problem !== null) throw new Error(problem);
    });
    const details = await fc.check(property, { seed, numRuns: runs });
    const plan = details.counterexample?.[0];
    const failure =
      plan &&
      [
        `seed ${seed}, path ${details.counterexamplePath} after ${details.numShrinks} shrinks`,
        String(details.errorInstance),
        JSON.stringify(plan),
        printBnnGraph(interpretPlan(plan).graph),
      ].join('\n');
    expect(failure ?? null).toBeNull();
    expect(exportTally.compared).toBeGreaterThan(runs / 2);
    process.stdout.write(`${runs} exports: ${JSON.stringify(exportTally)}\n`);
  },
  Math.max(240_000, runs * 1000),
);
