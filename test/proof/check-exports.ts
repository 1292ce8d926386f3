/**
 * What must hold for a network as an ONNX file in some spelling: the front end reads it, ONNX Runtime and the simulator agree
 * layer by layer within what rounding explains, and exactly with the network that was exported where nothing rounds.
 */
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { findOnnxRuntime } from '../../src/host/onnx-runtime.js';
import { buildProgram } from '../../src/pipeline.js';
import { simulate } from '../../src/simulate/simulate.js';
import { verifyModel } from '../../src/verify/verify-model.js';
import { exportOnnx } from '../support/export-onnx.js';
import { networkPlans } from './network-arbitrary.js';
import { interpretPlan, type Plan } from './network-plan.js';
import { evaluateReference } from './reference.js';

/** Subnormals are left to the contract: other runtimes may flush them. */
export const exportablePlans = networkPlans.filter((plan) => plan.numbers !== 'tiny');

/** What the field's networks do not have, and the front end says so; DYB109: an output that does not depend on the input. */
const REFUSALS = /^(DYB109|DYB203|DYB301|DYB302|DYB304|DYB202|DYB303)$/;

export const exportTally = { compared: 0, refused: 0, flips: 0, exact: 0, worstUlps: 0 };

export async function problemOfExport(plan: Plan): Promise<string | null> {
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
    exportTally.refused++;
    return unknown.length > 0 ? `refused: ${JSON.stringify(unknown[0])}` : null;
  }
  for (const [i, reference] of references.entries()) {
    if (!reference.exact) continue;
    exportTally.exact++;
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
  exportTally.compared++;
  for (const { teacherForced } of report.layers) {
    exportTally.flips += teacherForced?.flips ?? 0;
    exportTally.worstUlps = Math.max(exportTally.worstUlps, teacherForced?.maxUlps ?? 0);
  }
  return report.firstMismatch === null ? null : `mismatch: ${JSON.stringify(report.firstMismatch)}`;
}
