/**
 * Run inside a copy of the package that holds one planted bug: looks for it the way it is expected to be found, prints what
 * noticed it, and ends with 0 where something did, 3 where nothing did.
 *
 *   tsx mutant-check.ts reference | integers | onnx | c PATTERN      FIXTURES in the environment: the exported models
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { findOnnxRuntime } from '../../src/host/onnx-runtime.js';
import { externalDataBeside } from '../../src/onnx/node-external-data.js';
import { buildProgram } from '../../src/pipeline.js';
import { syntheticInputs } from '../../src/target/golden.js';
import { verifyModel } from '../../src/verify/verify-model.js';
import { proveInC } from './c-batch.js';
import { exportablePlans, problemOfExport } from './check-exports.js';
import { checkPlan } from './check-networks.js';
import { networkPlans } from './network-arbitrary.js';
import { allVectors, checkVector } from './vectors.js';

/** Models of which at least one feels each change to what reads models. */
const MODELS =
  /^(bn-kept|bn-negative|pad-asymmetric|dilation-2|stem-grouped|stride-3|dy-direct|dy-simplified|rprelu-direct|pool-avg3-exclude-pad|pool-avg3-include-pad|weight-folded|shift-sub|dybnn-a-training|dybnn-18-training|threshold-sub)\.onnx$/;
/** Networks drawn at random, besides the vectors. */
const RANDOM_NETWORKS = 150;
const RANDOM_EXPORTS = 400;

async function noticedByReference(integers: boolean): Promise<string | null> {
  for (const vector of allVectors().filter((v) => !integers || v.integers)) {
    const { clause, title } = vector;
    const checked = attempt(() => checkVector(vector));
    if (typeof checked === 'string') return `vector [${clause}] ${title}: ${checked}`;
    if (checked.kind === 'wrong') return `vector [${clause}] ${title}: ${checked.text}`;
  }
  for (const plan of fc.sample(networkPlans, { seed: 1, numRuns: (integers ? 2 : 1) * RANDOM_NETWORKS })) {
    if (integers && plan.integers.mode === 'float32') continue;
    const checked = attempt(() => checkPlan(plan));
    if (typeof checked === 'string') return `a random network: ${checked}`;
    if (checked.kind === 'wrong') return `a random network: ${checked.text}`;
  }
  return null;
}

function attempt<T>(action: () => T): T | string {
  try {
    return action();
  } catch (error) {
    return `thrown: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function noticedByOnnx(): Promise<string | null> {
  const folder = process.env.FIXTURES!;
  for (const name of readdirSync(folder).filter((file) => MODELS.test(file))) {
    const bytes = readFileSync(join(folder, name));
    try {
      const built = buildProgram(bytes, { modelName: name, readExternal: externalDataBeside(join(folder, name)) });
      const onnxRuntime = await findOnnxRuntime({ folder, externalFiles: [], onnx: built.onnx });
      if ('absent' in onnxRuntime) throw new Error(onnxRuntime.absent);
      const samples = { data: syntheticInputs(built.program, 2), count: 2, words: 'made up' };
      const report = await verifyModel({
        modelName: name,
        bytes,
        built,
        samples,
        onnxRuntime,
        compiler: { absent: '' },
      });
      const m = report.firstMismatch;
      if (m)
        return `verify ${name}: step ${m.stepName} (${m.origin.join(', ')}), simulator ${m.simulator}, ONNX Runtime ${m.onnxRuntime}, bound ${m.bound.toExponential(1)}`;
    } catch (error) {
      return `verify ${name}: thrown: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  for (const plan of fc.sample(exportablePlans, { seed: 1, numRuns: RANDOM_EXPORTS })) {
    const problem = await problemOfExport(plan).catch(
      (error: unknown) => `thrown: ${error instanceof Error ? error.message : String(error)}`,
    );
    if (problem !== null) return `a random export: ${problem}`;
  }
  return null;
}

async function noticedInC(pattern: RegExp): Promise<string | null> {
  const all = allVectors();
  const chosen = all.filter((v) => pattern.test(`${v.clause} ${v.title}`));
  // A pattern that takes all takes a part of them: an eighth, from everywhere.
  const some = chosen.length === all.length ? chosen.filter((_, i) => i % 8 === 0) : chosen;
  const items = [];
  for (const vector of some) {
    const checked = attempt(() => checkVector(vector));
    if (typeof checked === 'string') return `${vector.title}: ${checked}`;
    if (checked.kind === 'wrong') return `${vector.title}: ${checked.text}`;
    if (checked.kind === 'ready') items.push(checked.item);
  }
  const differences = await proveInC(items).then(
    (r) => r.differences,
    (error: unknown) =>
      new Map([[-1, `the C does not build: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`]]),
  );
  for (const [index, text] of differences) return `C, ${some[index]?.title ?? ''}: ${text}`;
  return null;
}

const [how, pattern] = process.argv.slice(2);
const noticed =
  how === 'onnx'
    ? await noticedByOnnx()
    : how === 'c'
      ? await noticedInC(new RegExp(pattern!))
      : await noticedByReference(how === 'integers');
process.stdout.write(`${noticed ?? 'nothing noticed it'}\n`);
process.exit(noticed === null ? 3 : 0);
