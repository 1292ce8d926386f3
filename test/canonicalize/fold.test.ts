/**
 * Constant folding against ONNX Runtime: each operator on constants, added to an input that is 0. Integers must agree exactly,
 * floats to a rounding or two (ONNX Runtime's transcendental functions and sums are its own).
 */
import { expect, test } from 'vitest';
import { canonicalGraph } from '../support/canonical.js';
import { evaluateDialect } from '../support/evaluate-dialect.js';
import { float, OnnxBuilder, tensor } from '../support/onnx-builder.js';
import { runOnnx } from '../support/onnx-runtime.js';
import { seededRandom } from '../support/random.js';

type Write = (f: Fold) => string;

class Fold {
  readonly m: OnnxBuilder;
  private readonly random = seededRandom(3);
  private count = 0;

  constructor(opset: number) {
    this.m = new OnnxBuilder({ opset });
  }

  /** Float values between -4 and 4, some of them 0. */
  f(...shape: number[]): string {
    const size = shape.reduce((product, d) => product * d, 1);
    const values = Array.from({ length: size }, (_, i) => (i % 6 === 5 ? 0 : 8 * this.random() - 4));
    return this.m.float(`f${this.count++}`, shape, values);
  }

  positive(...shape: number[]): string {
    return this.n('Add', [this.n('Abs', [this.f(...shape)]), this.scalar(0.5)]);
  }

  scalar(value: number): string {
    return this.m.float(`s${this.count++}`, [], [value]);
  }

  i(...values: number[]): string {
    return this.m.int64(`i${this.count++}`, values);
  }

  n(opType: string, inputs: readonly string[], attributes: Parameters<OnnxBuilder['node']>[2] = {}): string {
    return this.m.node(opType, inputs, attributes);
  }

  asFloat(value: string): string {
    return this.n('Cast', [value], { to: 1 });
  }
}

const unary = [
  'Abs',
  'Neg',
  'Sign',
  'Exp',
  'Tanh',
  'Floor',
  'Ceil',
  'Round',
  'Relu',
  'Sigmoid',
  'HardSigmoid',
  'LeakyRelu',
  'Identity',
  'HardSwish',
];
const binary = ['Add', 'Sub', 'Mul', 'Max', 'Min'];
const comparisons = ['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal'];

const CASES: readonly [string, number, Write][] = [
  ...unary.map((op): [string, number, Write] => [op, 17, (f) => f.n(op, [f.f(2, 3)])]),
  ...binary.map((op): [string, number, Write] => [
    `${op} of the same shapes`,
    17,
    (f) => f.n(op, [f.f(2, 3), f.f(2, 3)]),
  ]),
  ...binary.map((op): [string, number, Write] => [
    `${op} with broadcasting both ways`,
    17,
    (f) => f.n(op, [f.f(2, 1, 3, 1), f.f(4, 1, 2)]),
  ]),
  ...comparisons.map((op): [string, number, Write] => [op, 17, (f) => f.asFloat(f.n(op, [f.f(3, 4), f.f(4)]))]),
  ['Div', 17, (f) => f.n('Div', [f.f(2, 3), f.positive(3)])],
  ['Div of integers', 17, (f) => f.asFloat(f.n('Div', [f.i(7, -7, 7, -7, 0), f.i(2, 2, -2, -2, 3)]))],
  ['Mod of integers', 17, (f) => f.asFloat(f.n('Mod', [f.i(7, -7, 7, -7, 6), f.i(3, 3, -3, -3, 3)]))],
  [
    'Mod of integers with fmod',
    17,
    (f) => f.asFloat(f.n('Mod', [f.i(7, -7, 7, -7, 6), f.i(3, 3, -3, -3, 3)], { fmod: 1 })),
  ],
  ['Mod of floats with fmod', 17, (f) => f.n('Mod', [f.f(2, 3), f.positive(3)], { fmod: 1 })],
  ['Pow', 17, (f) => f.n('Pow', [f.positive(2, 3), f.f(3)])],
  ['Pow of a float and an integer', 17, (f) => f.n('Pow', [f.f(2, 3), f.i(2)])],
  ['Sqrt', 17, (f) => f.n('Sqrt', [f.positive(2, 3)])],
  ['Log', 17, (f) => f.n('Log', [f.positive(2, 3)])],
  ['Reciprocal', 17, (f) => f.n('Reciprocal', [f.positive(2, 3)])],
  ['Clip', 17, (f) => f.n('Clip', [f.f(2, 3), f.scalar(-1), f.scalar(2)])],
  ['Clip with one bound', 17, (f) => f.n('Clip', [f.f(2, 3), '', f.scalar(1)])],
  ['Clip with attributes', 10, (f) => f.n('Clip', [f.f(2, 3)], { min: float(-1), max: float(1) })],
  ['PRelu', 17, (f) => f.n('PRelu', [f.f(2, 3, 2), f.f(3, 1)])],
  ['Sum of three', 17, (f) => f.n('Sum', [f.f(2, 3), f.f(3), f.f(2, 1)])],
  ['Max of three', 17, (f) => f.n('Max', [f.f(2, 3), f.f(3), f.f(2, 1)])],
  ['Where', 17, (f) => f.n('Where', [f.n('Greater', [f.f(2, 3), f.scalar(0)]), f.f(3), f.f(2, 1)])],
  [
    'Not, And, Or, Xor',
    17,
    (f) => {
      const [a, b] = [f.n('Greater', [f.f(8), f.scalar(0)]), f.n('Less', [f.f(8), f.scalar(1)])];
      const all = [f.n('And', [a, b]), f.n('Or', [a, b]), f.n('Xor', [a, f.n('Not', [b])])];
      return f.n(
        'Concat',
        all.map((v) => f.asFloat(v)),
        { axis: 0 },
      );
    },
  ],
  ...[
    'ReduceMean',
    'ReduceSum',
    'ReduceMax',
    'ReduceMin',
    'ReduceL1',
    'ReduceL2',
    'ReduceSumSquare',
    'ReduceProd',
  ].flatMap((op): [string, number, Write][] => [
    [`${op} of everything`, 18, (f) => f.n(op, [f.positive(2, 3, 2)])],
    [`${op} of the innermost axes`, 18, (f) => f.n(op, [f.f(2, 3, 2), f.i(-1, 1)], { keepdims: 0 })],
    [`${op} of an outer axis`, 18, (f) => f.n(op, [f.f(2, 3, 2), f.i(0)])],
    [`${op} of a middle axis`, 18, (f) => f.n(op, [f.f(2, 3, 2), f.i(1)], { keepdims: 0 })],
  ]),
  ['ReduceMean with attributes', 13, (f) => f.n('ReduceMean', [f.f(2, 3, 2)], { axes: [0, 2], keepdims: 0 })],
  [
    'ReduceMean of no axes, left alone',
    18,
    (f) =>
      f.n('ReduceMean', [f.f(2, 3), f.m.initializer('none', tensor('int64', [0], [0]))], { noop_with_empty_axes: 1 }),
  ],
  ['Transpose', 17, (f) => f.n('Transpose', [f.f(2, 3, 4)], { perm: [2, 0, 1] })],
  ['Transpose of all axes', 17, (f) => f.n('Transpose', [f.f(2, 3, 4)])],
  [
    'Gather',
    17,
    (f) => f.n('Gather', [f.f(3, 4), f.m.initializer('index', tensor('int64', [2, 2], [0, -1, 2, 3]))], { axis: 1 }),
  ],
  [
    'Gather of a scalar index',
    17,
    (f) => f.n('Gather', [f.f(3, 4), f.m.initializer('index', tensor('int32', [], [1]))]),
  ],
  ['Concat', 17, (f) => f.n('Concat', [f.f(2, 1, 3), f.f(2, 2, 3), f.f(2, 1, 3)], { axis: -2 })],
  ['Slice', 17, (f) => f.n('Slice', [f.f(5, 6), f.i(1, -4), f.i(9_007_199_254_740_991, -1), f.i(0, 1), f.i(2, 1)])],
  [
    'Slice backwards',
    17,
    (f) => f.n('Slice', [f.f(5, 6), f.i(-1, 4), f.i(-9_007_199_254_740_991, 0), f.i(0, -1), f.i(-1, -2)]),
  ],
  ['Slice with attributes', 9, (f) => f.n('Slice', [f.f(5, 6)], { starts: [1], ends: [-1], axes: [1] })],
  ['Expand', 17, (f) => f.n('Expand', [f.f(3, 1), f.i(2, 1, 4)])],
  ['Tile', 17, (f) => f.n('Tile', [f.f(2, 3), f.i(2, 2)])],
  ['Squeeze and Unsqueeze', 17, (f) => f.n('Squeeze', [f.n('Unsqueeze', [f.f(2, 3), f.i(0, -1)]), f.i(-1)])],
  ['Squeeze of all', 17, (f) => f.n('Squeeze', [f.f(2, 1, 3, 1)])],
  ['Flatten', 17, (f) => f.n('Flatten', [f.f(2, 3, 4)], { axis: -1 })],
  ['Reshape with 0 and -1', 17, (f) => f.n('Reshape', [f.f(2, 3, 4), f.i(0, -1, 2)])],
  [
    'ConstantOfShape',
    17,
    (f) => f.n('ConstantOfShape', [f.i(2, 3)], { value: { tensor: tensor('float32', [1], [1.5]) } }),
  ],
  ['ConstantOfShape of zeros', 17, (f) => f.n('ConstantOfShape', [f.i(2, 3)])],
  ['Constant', 17, (f) => f.n('Constant', [], { value_floats: { floats: [1, 2.5] } })],
  [
    'Range',
    17,
    (f) =>
      f.asFloat(
        f.n('Range', [
          f.m.initializer('a', tensor('int64', [], [7])),
          f.m.initializer('b', tensor('int64', [], [-2])),
          f.m.initializer('d', tensor('int64', [], [-3])),
        ]),
      ),
  ],
  ['Range of floats', 17, (f) => f.n('Range', [f.scalar(0.5), f.scalar(3), f.scalar(0.75)])],
  ['Shape with start and end', 17, (f) => f.asFloat(f.n('Shape', [f.f(2, 3, 4)], { start: -2, end: 2 }))],
  ['Size', 17, (f) => f.asFloat(f.n('Size', [f.f(2, 3, 4)]))],
  ['Cast to int32 and back', 17, (f) => f.asFloat(f.n('Cast', [f.f(8)], { to: 6 }))],
  ['Cast to bool and back', 17, (f) => f.asFloat(f.n('Cast', [f.f(8)], { to: 9 }))],
  ['Cast to float64 and back', 17, (f) => f.asFloat(f.n('Cast', [f.f(8)], { to: 11 }))],
  ['CastLike', 17, (f) => f.n('CastLike', [f.i(1, -2), f.scalar(0)])],
];

test.each(CASES)('%s (opset %i)', async (_, opset, write) => {
  const f = new Fold(opset);
  const x = f.m.input('x', [1, 1]);
  const value = write(f);
  // [1, n], whatever the constant's shape is, and the input added to it.
  const flat = f.m.node('Reshape', [value, f.i(1, -1)]);
  f.m.output(f.m.node('Add', [flat, x]));
  const graph = canonicalGraph(f.m);
  expect(graph.nodes.map((node) => node.opType)).toEqual(['Add']);
  const { data } = evaluateDialect(graph, [0]);
  const expected = await runOnnx(f.m.bytes(), [1, 1], new Float32Array(1));
  expect(data.length).toBe(expected.data.length);
  data.forEach((v, i) => {
    expect(Math.abs(v - expected.data[i]!)).toBeLessThanOrEqual(4e-7 * Math.max(1, Math.abs(v)));
  });
});
