import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../src/canonicalize/canonicalize.js';
import { importOnnx } from '../../src/onnx/index.js';
import { canonicalGraph, checked, refusal } from '../support/canonical.js';
import { tensor } from '../support/onnx-builder.js';
import { PatternCase } from '../support/pattern-case.js';
import { sketch } from '../support/sketch.js';

describe('the interface', () => {
  test('a dynamic batch axis becomes 1', async () => {
    const p = new PatternCase(['batch', 2, 3, 3]);
    expect(await checked(p.done(p.n('Relu', [p.x])), { batch: 3 })).toBe('a = Relu(x): [1,2,3,3]\n-> a');
  });

  test('a vector [N, C] may be the input', async () => {
    const p = new PatternCase(['batch', 5]);
    expect(await checked(p.done(p.n('Relu', [p.x])), { batch: 2 })).toBe('a = Relu(x): [1,5]\n-> a');
  });

  test('other open dimensions are refused, unless the shape is given', () => {
    const p = new PatternCase(['batch', 2, 'h', 'w']);
    const m = p.done(p.n('GlobalAveragePool', [p.x]));
    expect(refusal(m)).toMatchInlineSnapshot(
      `"DYB204 | input x | float32 [batch, 2, h, w] | a static shape apart from the batch axis"`,
    );
    const given = canonicalize(importOnnx(m.bytes(), { modelName: 'm' }), { inputShape: [1, 2, 5, 7] });
    expect(given.graph.types.get('x')?.shape).toEqual([1, 2, 5, 7]);
    expect(() => canonicalize(importOnnx(m.bytes(), { modelName: 'm' }), { inputShape: [1, 3, 5, 7] })).toThrow(
      'DYB204',
    );
  });

  test('two inputs, other types, other ranks are refused', () => {
    const two = new PatternCase();
    two.m.input('y', [1, 2, 3, 3]);
    expect(refusal(two.done(two.n('Add', [two.x, 'y'])))).toMatchInlineSnapshot(
      `"DYB109 |  | 2 inputs: x, y | one float32 input [batch, channels, height, width] (or [batch, features]) and one float32 output"`,
    );
    const rank = new PatternCase([1, 2, 3]);
    expect(refusal(rank.done(rank.n('Relu', [rank.x])))).toMatchInlineSnapshot(
      `"DYB109 | input x | float32 [1, 2, 3] | one float32 input [batch, channels, height, width] (or [batch, features]) and one float32 output"`,
    );
    const type = new PatternCase();
    type.m.output(type.n('Greater', [type.x, type.c(0)]), null, 'bool');
    expect(refusal(type.m)).toMatchInlineSnapshot(
      `"DYB109 | greater_0 | bool unknown shape | one float32 input [batch, channels, height, width] (or [batch, features]) and one float32 output"`,
    );
  });
});

test('an output that is not what the model declares is refused', () => {
  const shape = new PatternCase();
  shape.m.output(shape.n('Relu', [shape.x]), ['n', 2, 3, 4]);
  expect(refusal(shape.m)).toMatchInlineSnapshot(
    `"DYB205 | output relu_0 | float32 [n, 2, 3, 4] declared, float32 [1, 2, 3, 3] computed | an output of the declared shape"`,
  );
  const type = new PatternCase();
  type.m.output(type.n('Greater', [type.x, type.c(0)]));
  expect(refusal(type.m)).toMatchInlineSnapshot(
    `"DYB109 | output greater_0 | float32 unknown shape declared, bool [1, 2, 3, 3] computed | a float32 output"`,
  );
});

describe('a fixed batch becomes one sample', () => {
  test('through constants that hold it', async () => {
    const p = new PatternCase([4, 2, 3, 3]);
    const threshold = p.c(
      Array.from({ length: 8 }, (_, i) => (i % 2) + 1),
      [4, 2, 1, 1],
    );
    const y = p.n('Add', [p.x, threshold]);
    const vector = p.n('Reshape', [p.n('GlobalAveragePool', [y]), p.i([4, 2])]);
    const w = p.c([1, 2, 3, 4, 5, 6], [3, 2]);
    expect(await checked(p.done(p.n('Gemm', [vector, w], { transB: 1 })), { batch: 4 })).toMatchInlineSnapshot(`
      "a = Add(x, [1,2,1,1]{1 2}): [1,2,3,3]
      b = GlobalAveragePool(a): [1,2,1,1]
      c = Reshape(b): [1,2]
      d = Gemm(c, [3,2]{1 2 3 4 5 6}): [1,3]
      -> d"
    `);
  });

  test('through Reshape and Expand', async () => {
    const p = new PatternCase([2, 2, 3, 3]);
    const vector = p.n('Reshape', [p.n('GlobalAveragePool', [p.x]), p.i([2, -1])]);
    const map = p.n('Expand', [p.n('Reshape', [vector, p.i([2, 2, 1, 1])]), p.i([2, 2, 3, 3])]);
    expect(await checked(p.done(p.n('Sub', [p.x, map])), { batch: 2 })).toMatchInlineSnapshot(`
      "a = GlobalAveragePool(x): [1,2,1,1]
      b = Sub(x, a): [1,2,3,3]
      -> b"
    `);
  });

  test('through sizes that the graph takes from the input', async () => {
    const p = new PatternCase([3, 2, 3, 3]);
    const zero = p.m.initializer('zero', tensor('int64', [], [0]));
    const batch = p.n('Unsqueeze', [p.n('Gather', [p.n('Shape', [p.x]), zero]), p.i([0])]);
    const y = p.n('Reshape', [p.x, p.n('Concat', [batch, p.i([18])], { axis: 0 })]);
    expect(await checked(p.done(p.n('Relu', [y])), { batch: 3 })).toMatchInlineSnapshot(`
      "a = Reshape(x): [1,18]
      b = Relu(a): [1,18]
      -> b"
    `);
  });

  test('weights that happen to be of the batch size are left alone', async () => {
    const p = new PatternCase([2, 2]);
    const y = p.n('MatMul', [p.x, p.c([1, 2, 1, 2], [2, 2])]);
    expect(await checked(p.done(y), { batch: 2 })).toMatchInlineSnapshot(`
      "a = Gemm(x, [2,2]{1 1 2 2}): [1,2]
      -> a"
    `);
  });

  test.each<[string, (p: PatternCase) => string]>([
    ['a mean over the batch', (p) => p.n('ReduceMean', [p.x], { axes: [0] })],
    ['a mean over everything', (p) => p.n('ReduceMean', [p.x], { keepdims: 0 })],
    ['samples that are treated differently', (p) => p.n('Add', [p.x, p.c([1, 2], [2, 1, 1, 1])])],
    ['a batch that is not outermost', (p) => p.n('Transpose', [p.x], { perm: [1, 0, 2, 3] })],
    ['a batch merged into rows', (p) => p.n('MatMul', [p.n('Reshape', [p.x, p.i([12, 3])]), p.c([1, 2, 3], [3, 1])])],
    ['one sample taken out', (p) => p.n('Slice', [p.x, p.i([0]), p.i([1]), p.i([0])])],
    ['a softmax over samples', (p) => p.n('Softmax', [p.x], { axis: 0 })],
  ])('refused: %s', (_, write) => {
    const p = new PatternCase([2, 2, 3, 3]);
    expect(refusal(p.done(write(p)))).toMatchSnapshot();
  });
});

describe('types', () => {
  test('every value of a canonical graph has a static type', () => {
    const p = new PatternCase(['n', 2, 3, 3]);
    const graph = canonicalGraph(p.done(p.n('Relu', [p.n('Flatten', [p.n('Sign', [p.x])])])));
    for (const node of graph.nodes) {
      for (const value of [...node.inputs, ...node.outputs]) {
        expect(graph.types.get(value)?.shape?.every((d) => typeof d === 'number')).toBe(true);
      }
    }
  });

  test.each<[string, (p: PatternCase) => string]>([
    ['shapes that do not broadcast', (p) => p.n('Add', [p.x, p.c([1, 2, 3])])],
    ['float32 and float64', (p) => p.n('Add', [p.x, p.m.initializer('d', tensor('float64', [1], [1]))])],
    ['a float and an int', (p) => p.n('Add', [p.x, p.i([1])])],
    [
      'a shape computed from data',
      (p) => p.n('Reshape', [p.x, p.n('Cast', [p.n('ReduceMean', [p.x], { keepdims: 0 })], { to: 7 })]),
    ],
    ['a shape that does not fit', (p) => p.n('Reshape', [p.x, p.i([1, 5, -1])])],
    ['too few inputs', (p) => p.n('Add', [p.x])],
    ['too many inputs', (p) => p.n('Relu', [p.x, p.x])],
    ['an attribute that the operator does not have', (p) => p.n('Relu', [p.x], { alpha: 0.5 })],
    ['an attribute of another kind', (p) => p.n('Flatten', [p.x], { axis: 'one' })],
    ['an axis out of range', (p) => p.n('Flatten', [p.x], { axis: 7 })],
    ['an unknown operator', (p) => p.n('Erf', [p.x])],
    ['an operator of another domain', (p) => p.m.node('FusedConv', [p.x], {}, { domain: 'com.microsoft' })],
    ['training mode', (p) => p.n('Dropout', [p.x, '', p.m.initializer('t', tensor('bool', [], [1]))])],
    ['a cast to float16', (p) => p.n('Cast', [p.x], { to: 10 })],
    ['an expansion beyond all bounds', (p) => p.n('Expand', [p.x, p.i([1_000_000, 2, 3_000, 3_000])])],
    [
      'a constant beyond all bounds',
      (p) => p.n('Add', [p.x, p.n('ReduceMean', [p.n('ConstantOfShape', [p.i([30_000, 30_000])])])]),
    ],
    ['integers past all bounds', (p) => p.n('Slice', [p.x, p.n('Pow', [p.i([10]), p.i([400])]), p.i([1]), p.i([0])])],
    ['an integer divided by zero', (p) => p.n('Reshape', [p.x, p.n('Div', [p.i([1]), p.i([0])])])],
    ['arithmetic that overflows', (p) => p.n('Add', [p.x, p.n('Exp', [p.c(1e9)])])],
    ['an empty value', (p) => p.n('Relu', [p.n('Slice', [p.x, p.i([0]), p.i([0]), p.i([1])])])],
    [
      'an output of two',
      (p) => {
        p.m.nodeWithOutputs('Dropout', [p.x], ['y', 'mask']);
        return p.n('Where', ['mask', 'y', 'y']);
      },
    ],
  ])('refused: %s', (_, write) => {
    const p = new PatternCase();
    expect(refusal(p.done(write(p)))).toMatchSnapshot();
  });

  test('all problems of the walk are said at once, and only once for one cause', () => {
    const p = new PatternCase();
    const lost = p.n('Erf', [p.x]);
    const behind = p.n('Relu', [lost]);
    const other = p.n('Conv', [p.x, p.c([1], [1, 1, 1, 1])]);
    expect(refusal(p.done(p.n('Add', [behind, other])))).toMatchInlineSnapshot(`
      "DYB201 | /Erf_0 (Erf, opset 17) | Erf
      DYB205 | /Conv_2 (Conv, opset 17) | group = 1, weights [1, 1, 1, 1] on 2 channels"
    `);
  });
});

test('a graph that computes nothing from its input is left without nodes', () => {
  const p = new PatternCase();
  expect(sketch(canonicalGraph(p.done(p.n('Add', [p.c(1), p.c(2)]))))).toMatchInlineSnapshot(`"-> []{3}"`);
});

test('a long chain of anything ends soon', () => {
  const p = new PatternCase();
  let y = p.x;
  for (let i = 0; i < 3000; i++) y = p.n(i % 3 === 0 ? 'Neg' : i % 3 === 1 ? 'Identity' : 'Flatten', [y]);
  const graph = canonicalGraph(p.done(y));
  expect(sketch(graph)).toMatchInlineSnapshot(`
    "a = Neg(x): [1,2,3,3]
    b = Reshape(a): [1,18]
    c = Neg(b): [1,18]
    -> c"
  `);
});
