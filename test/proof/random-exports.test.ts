/**
 * Random networks as ONNX files in random spellings, through the whole front end: ONNX Runtime and the simulator agree layer by
 * layer within what rounding explains, and exactly with the network that was exported where nothing rounds.
 *
 * PROOF_EXPORTS (default 150) and PROOF_SEED set how many and which.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printBnnGraph } from '../../src/bnn/print-bnn-graph.js';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { findOnnxRuntime } from '../../src/host/onnx-runtime.js';
import { buildProgram } from '../../src/pipeline.js';
import { simulate } from '../../src/simulate/simulate.js';
import { verifyModel } from '../../src/verify/verify-model.js';
import { exportOnnx } from '../support/export-onnx.js';
import { networkPlans } from './network-arbitrary.js';
import { interpretPlan, type Plan } from './network-plan.js';
import { evaluateReference } from './reference.js';

const runs = Number(process.env.PROOF_EXPORTS ?? 150);
const seed = Number(process.env.PROOF_SEED ?? 20_240_502);

/** Subnormals are left to the contract: other runtimes may flush them. */
const plans = networkPlans.filter((plan) => plan.numbers !== 'tiny');

/** What the field's networks do not have, and the front end says so. */
const REFUSALS = /^(DYB203|DYB301|DYB302|DYB304|DYB202|DYB303)$/;

const tally = { compared: 0, refused: 0, flips: 0, exact: 0, worstUlps: 0 };

async function problemOf(plan: Plan): Promise<string | null> {
  const { graph, inputs } = interpretPlan(plan);
  const bytes = exportOnnx(graph, plan.seed);
  const size = inputs.length / 2;
  const samples = [inputs.subarray(0, size), inputs.subarray(size)];
  const references = samples.map((s) => evaluateReference(graph, s));
  if (!references.every((r) => r.finite)) return null;
  let built: ReturnType<typeof buildProgram>;
  try {
    built = buildProgram(bytes, { modelName: 'random' });
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const unknown = error.diagnostics.filter((d) => d.severity === 'error' && !REFUSALS.test(d.code));
    tally.refused++;
    return unknown.length > 0 ? `refused: ${JSON.stringify(unknown[0])}` : null;
  }
  for (const [i, reference] of references.entries()) {
    if (!reference.exact) continue;
    tally.exact++;
    const { output } = simulate(built.program, samples[i]!);
    const expected = reference.values.get(graph.output)!;
    const at = expected.findIndex((v, k) => v !== output[k]);
    if (at >= 0) return `nothing rounds, and yet output ${at} is ${output[at]}, not ${expected[at]}`;
  }
  const onnxRuntime = await findOnnxRuntime({ folder: '.', externalFiles: [], onnx: built.onnx });
  if ('absent' in onnxRuntime) throw new Error(onnxRuntime.absent);
  const report = await verifyModel({
    modelName: 'random',
    bytes,
    built,
    samples: { data: inputs, count: 2, words: 'random' },
    onnxRuntime,
    compiler: { absent: 'not here' },
  });
  if (report.onnxRuntime.status === 'absent') return report.onnxRuntime.reason;
  tally.compared++;
  for (const { teacherForced } of report.layers) {
    tally.flips += teacherForced?.flips ?? 0;
    tally.worstUlps = Math.max(tally.worstUlps, teacherForced?.maxUlps ?? 0);
  }
  return report.firstMismatch === null ? null : `mismatch: ${JSON.stringify(report.firstMismatch)}`;
}

test(
  'random exports: the front end and ONNX Runtime agree on what a file means',
  async () => {
    const property = fc.asyncProperty(plans, async (plan) => {
      const problem = await problemOf(plan);
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
    expect(tally.compared).toBeGreaterThan(runs / 2);
    process.stdout.write(`${runs} exports: ${JSON.stringify(tally)}\n`);
  },
  Math.max(240_000, runs * 1000),
);
