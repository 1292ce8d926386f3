/**
 * Random graphs of masks, branches, sums and activations: canonicalize may refuse one, but what it accepts computes what ONNX
 * Runtime computes. Inputs and constants are small multiples of powers of two, so that binary32 and binary64 are both exact and
 * comparisons are decided alike, ties included.
 *
 *     RANDOM_RUNS=10000 npx vitest run test/canonicalize/random-graphs.test.ts
 */
import { expect, test } from 'vitest';
import { canonicalize } from '../../src/canonicalize/canonicalize.js';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { importOnnx, type OnnxGraph, printOnnxGraph } from '../../src/onnx/index.js';
import { evaluateDialect } from '../support/evaluate-dialect.js';
import type { OnnxBuilder } from '../support/onnx-builder.js';
import { runOnnx } from '../support/onnx-runtime.js';
import { PatternCase } from '../support/pattern-case.js';
import { seededRandom } from '../support/random.js';

const RUNS = Number(process.env.RANDOM_RUNS ?? 200);
const FIRST_SEED = Number(process.env.RANDOM_SEED ?? 1);
const SHAPE = [1, 2, 2, 4];
const CONSTANTS = [-2, -1, -0.5, 0, 0.5, 1, 2];
const COMPARISONS = ['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'];

class RandomGraph {
  readonly p = new PatternCase(SHAPE);
  /** Values of the input's shape. */
  private readonly maps: string[] = [this.p.x];
  private products = 0;

  constructor(private readonly random: () => number) {}

  build(): OnnxBuilder {
    const steps = 2 + this.below(9);
    for (let i = 0; i < steps; i++) this.maps.push(this.step());
    return this.p.done(this.p.n('Relu', [this.maps.at(-1)!]));
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** Recent values more often: chains are what patterns are made of. */
  private map(): string {
    return this.random() < 0.5 ? this.maps.at(-1)! : this.pick(this.maps);
  }

  private constant(): string {
    const value = (): number => this.pick(CONSTANTS);
    return this.random() < 0.6 ? this.p.c(value()) : this.p.c([value(), value()]);
  }

  private condition(): string {
    const sides = [this.map(), this.random() < 0.5 ? this.p.c(0) : this.random() < 0.5 ? this.constant() : this.map()];
    if (this.random() < 0.3) sides.reverse();
    const condition = this.p.n(this.pick(COMPARISONS), sides);
    return this.random() < 0.2 ? this.p.n('Not', [condition]) : condition;
  }

  private step(): string {
    const { p } = this;
    const x = this.map();
    const steps: (() => string)[] = [
      () => p.n(this.pick(['Neg', 'Relu', 'Abs', 'Identity']), [x]),
      () => p.n(this.pick(['Add', 'Sub', 'Max', 'Min']), [x, this.map()]),
      () => p.n(this.pick(['Add', 'Sub', 'Max', 'Min']), this.shuffled(x, this.constant())),
      () => this.product(x),
      () => p.n('Clip', [x, p.c(this.pick([-2, -1, 0])), p.c(this.pick([1, 2]))]),
      () => p.n('PRelu', [x, this.constant()]),
      () =>
        p.n(
          'Where',
          [this.condition(), p.c(this.pick(CONSTANTS)), p.c(this.pick(CONSTANTS))].map((v, i) =>
            i === 0 ? v : this.wide(v),
          ),
        ),
      () => p.n('Where', [this.condition(), x, this.map()]),
      () => this.relu(x),
      () => this.straightThrough(x, this.map()),
      () => this.signed(),
      () => this.blend(),
      () => p.n('Add', [x, p.n('GlobalAveragePool', [this.map()])]),
      () => p.n('Sub', [x, p.n('Expand', [p.n('ReduceMean', [this.map()], { axes: [2, 3] }), p.n('Shape', [x])])]),
      () => p.n('Reshape', [p.n('Neg', [p.n('Flatten', [x])]), p.i([1, 2, 2, -1])]),
      () => p.n('MaxPool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    ];
    return this.pick(steps)();
  }

  private shuffled(a: string, b: string): string[] {
    return this.random() < 0.5 ? [a, b] : [b, a];
  }

  /** A constant of the whole shape, as exporters make of ones_like. */
  private wide(constant: string): string {
    return this.p.n('Expand', [constant, this.p.n('Shape', [this.p.x])]);
  }

  private product(x: string): string {
    if (this.products++ > 4) return this.p.n('Neg', [x]);
    return this.random() < 0.8
      ? this.p.n('Mul', this.shuffled(x, this.constant()))
      : this.p.n('Div', [x, this.p.c(this.pick([2, -2, 0.5, 1]))]);
  }

  private relu(x: string): string {
    const { p } = this;
    const slope = this.constant();
    const above = this.pick([() => x, () => p.n('Mul', [x, this.constant()])])();
    const condition = p.n(this.pick(COMPARISONS), this.shuffled(x, p.c(0)));
    return p.n('Where', [condition, ...this.shuffled(above, p.n('Mul', [x, slope]))]);
  }

  private straightThrough(s: string, t: string): string {
    const { p } = this;
    return this.pick([
      () => p.n('Add', [p.n('Sub', [s, t]), t]),
      () => p.n('Add', [t, p.n('Sub', [s, t])]),
      () => p.n('Sub', [p.n('Add', [s, t]), t]),
      () => p.n('Add', [s, p.n('Sub', [t, t])]),
    ])();
  }

  private signed(): string {
    const { p } = this;
    const mask = p.mask(this.condition());
    const [scale, offset] = [this.pick([2, -2, 1, 4]), this.pick([-1, 1, -2, -0.5])];
    return p.n('Add', [p.n('Mul', [mask, p.c(scale)]), p.c(offset)]);
  }

  private blend(): string {
    const { p } = this;
    const mask = p.mask(this.condition());
    const other = this.random() < 0.8 ? p.n('Sub', [p.c(1), mask]) : p.mask(this.condition());
    const parts = [p.n('Mul', this.shuffled(mask, this.map())), p.n('Mul', this.shuffled(other, this.map()))] as const;
    return p.n('Add', this.shuffled(...parts));
  }
}

/** null where it is refused. */
function accepted(bytes: Uint8Array): OnnxGraph | null {
  try {
    return canonicalize(importOnnx(bytes, { modelName: 'm' })).graph;
  } catch (error) {
    if (error instanceof DiagnosticError) return null;
    throw error;
  }
}

test(`${RUNS} random graphs are refused or keep their meaning`, { timeout: 24 * 3600_000 }, async () => {
  let kept = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    const random = seededRandom(seed);
    const bytes = new RandomGraph(random).build().bytes();
    const graph = accepted(bytes);
    if (graph === null) continue;
    kept += 1;
    const input = Float32Array.from({ length: 16 }, () => Math.floor(random() * 17) / 2 - 4);
    const expected = await runOnnx(bytes, SHAPE, input);
    const { data } = evaluateDialect(graph, input);
    const same = data.length === expected.data.length && data.every((v, i) => v === expected.data[i]!);
    if (!same) {
      const before = printOnnxGraph(importOnnx(bytes, { modelName: 'm' }));
      throw new Error(`seed ${seed}:\n${before}\nbecame\n${printOnnxGraph(graph)}\n${data}\n${expected.data}`);
    }
  }
  if (process.env.RANDOM_RUNS !== undefined) console.log(`${kept} of ${RUNS} accepted`);
  expect(kept).toBeGreaterThan(RUNS / 10);
});
