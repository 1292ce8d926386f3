/**
 * Whatever a model file says, the front end answers with a program or with diagnostics: no other exception, no hang, no memory
 * that grows with a number in the file. A failure names its seed; FUZZ_SEED=… FUZZ_RUNS=1 repeats it.
 *
 *     FUZZ_RUNS=100000 npx vitest run test/onnx/fuzz.test.ts
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { buildProgram } from '../../src/pipeline.js';
import { mutate } from '../support/mutate-model.js';
import { PatternCase } from '../support/pattern-case.js';
import { seededRandom } from '../support/random.js';

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
const FIRST_SEED = Number(process.env.FUZZ_SEED ?? 1);

/** Small exports, and one network that holds most operators. */
function corpus(): readonly (readonly [string, Uint8Array])[] {
  const folder = fileURLToPath(new URL('../exports/fixtures/', import.meta.url));
  const names = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
  const chosen = names.filter((_, i) => i % Math.ceil(names.length / 40) === 0);
  const files = chosen.map((name) => [name, new Uint8Array(readFileSync(`${folder}${name}`))] as const);
  return [...files.filter(([, bytes]) => bytes.length < 40_000), ['built', built()]];
}

function built(): Uint8Array {
  const p = new PatternCase(['n', 3, 6, 6]);
  const w = p.c([0.5, -0.5, 0.5], [4, 3, 3, 3]);
  const map = p.n('Conv', [p.x, w, p.c([1, 2, 3, 4], [4])], { pads: [1, 1, 1, 1] });
  const bits = p.n('Where', [p.n('Greater', [map, p.c([0.1, 0.2, 0.3, 0.4])]), p.c(1), p.c(-1)]);
  const dense = p.n('MatMul', [p.n('Flatten', [p.n('GlobalAveragePool', [bits])]), p.c([1, -1], [4, 4])]);
  const vector = p.n('Reshape', [p.n('Sigmoid', [dense]), p.i([-1, 4, 1, 1])]);
  const shifted = p.n('Sub', [map, p.n('Expand', [vector, p.n('Shape', [map])])]);
  const pooled = p.n(
    'MaxPool',
    [p.n('Concat', [p.n('PRelu', [shifted, p.c([0.2, 0.3, 0.4, 0.5])]), bits], { axis: 1 })],
    {
      kernel_shape: [2, 2],
      strides: [2, 2],
    },
  );
  p.m.nodeWithOutputs('Split', [pooled], ['s0', 's1'], { axis: 1 });
  const mean = p.n('ReduceMean', [p.n('Clip', [pooled, p.c(-3), p.c(3)])], { axes: [2, 3], keepdims: 0 });
  return p.done(p.n('Softmax', [p.n('Div', [mean, p.c(4)])], { axis: 1 })).bytes();
}

test(`${RUNS} damaged models give a program or diagnostics`, { timeout: 24 * 3600_000 }, () => {
  const models = corpus();
  const outcomes = new Map<string, number>();
  const failures: Error[] = [];
  let slowest = { ms: 0, seed: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    const random = seededRandom(seed);
    const [name, bytes] = models[Math.floor(random() * models.length)]!;
    const damaged = mutate(bytes, random);
    const start = performance.now();
    let outcome = 'program';
    try {
      buildProgram(damaged, { modelName: name });
    } catch (error) {
      if (error instanceof DiagnosticError) outcome = error.diagnostics[0]!.code;
      else {
        outcome = 'failure';
        failures.push(new Error(`seed ${seed} (${name}): ${String(error)}`, { cause: error }));
      }
    }
    const ms = performance.now() - start;
    if (ms > slowest.ms) slowest = { ms, seed };
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  if (process.env.FUZZ_RUNS !== undefined) {
    const memory = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(
      Object.fromEntries([...outcomes].sort()),
      `slowest ${slowest.ms.toFixed(0)} ms (seed ${slowest.seed})`,
      `${memory} MB`,
    );
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map((failure) => failure.message).join('\n'));
  // A fuzzer whose models all fail at the door would find nothing behind it.
  if (RUNS >= 100) expect(outcomes.size).toBeGreaterThan(3);
});
