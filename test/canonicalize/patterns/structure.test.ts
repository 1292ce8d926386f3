import { describe, expect, test } from 'vitest';
import { checked, refusal } from '../../support/canonical.js';
import { float, tensor } from '../../support/onnx-builder.js';
import { PatternCase } from '../../support/pattern-case.js';

type Write = (p: PatternCase) => string;

describe('copies', () => {
  const copies: readonly [string, Write][] = [
    ['Identity', (p) => p.n('Identity', [p.x])],
    ['Dropout', (p) => p.n('Dropout', [p.x])],
    ['Cast to float32', (p) => p.n('Cast', [p.x], { to: 1 })],
    ['Cast to float64 and back', (p) => p.n('Cast', [p.n('Cast', [p.x], { to: 11 })], { to: 1 })],
    ['Pad by nothing', (p) => p.n('Pad', [p.x, p.i([0, 0, 0, 0, 0, 0, 0, 0])])],
    ['Slice of everything', (p) => p.n('Slice', [p.x, p.i([0]), p.i([9]), p.i([1])])],
    ['+ 0', (p) => p.n('Add', [p.x, p.c(0)])],
    ['0 +', (p) => p.n('Add', [p.c([0, 0]), p.x])],
    ['- 0', (p) => p.n('Sub', [p.x, p.c(0)])],
    ['* 1', (p) => p.n('Mul', [p.x, p.c([1, 1])])],
    ['/ 1', (p) => p.n('Div', [p.x, p.c(1)])],
    ['Neg(Neg)', (p) => p.n('Neg', [p.n('Neg', [p.x])])],
    ['Reshape there and back', (p) => p.n('Reshape', [p.n('Flatten', [p.x]), p.i([1, 2, 3, 3])])],
    ['Concat of one', (p) => p.n('Concat', [p.x], { axis: 1 })],
    ['Sum of one', (p) => p.n('Sum', [p.x])],
  ];
  test.each(copies)('%s is dropped', async (_, write) => {
    const p = new PatternCase();
    expect(await checked(p.done(p.n('Relu', [write(p)])))).toBe('a = Relu(x): [1,2,3,3]\n-> a');
  });

  test('an output that is a copy keeps its name', async () => {
    const p = new PatternCase();
    expect(await checked(p.done(p.n('Identity', [p.n('Relu', [p.x])])))).toBe('a = Relu(x): [1,2,3,3]\n-> a');
  });

  test('an output that is the input stays a copy', async () => {
    const p = new PatternCase();
    expect(await checked(p.done(p.n('Identity', [p.x])))).toBe('a = Reshape(x): [1,2,3,3]\n-> a');
  });

  test('a Slice backwards is no copy', () => {
    const p = new PatternCase();
    const y = p.n('Slice', [p.x, p.i([-1]), p.i([-9]), p.i([1]), p.i([-1])]);
    expect(refusal(p.done(y))).toMatchInlineSnapshot(
      `"DYB301 | /Slice_0 (Slice, opset 17) | a part of a map: [1, 2, 3, 3] to [1, 2, 3, 3] | parts of what one FC makes"`,
    );
  });

  test('+ 0 that makes the value larger is no copy', async () => {
    const p = new PatternCase();
    const y = p.n('Add', [p.n('GlobalAveragePool', [p.x]), p.c([0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2])]);
    expect(await checked(p.done(y))).toMatchInlineSnapshot(`
      "a = GlobalAveragePool(x): [1,2,1,1]
      b = Add(a, [1,2,2,2]{0 0 0 0 0 0 0 0}): [1,2,2,2]
      -> b"
    `);
  });
});

describe('constants', () => {
  test('come second, as one value per channel, Sub as Add, Div as Mul', async () => {
    const p = new PatternCase();
    const a = p.n('Sub', [p.c(1), p.n('Mul', [p.c([2, 3]), p.x])]);
    expect(await checked(p.done(p.n('Div', [p.n('Sub', [a, p.c([0.5, 1])]), p.c(4)])))).toMatchInlineSnapshot(`
      "a = Mul(x, [1,2,1,1]{2 3}): [1,2,3,3]
      b = Neg(a): [1,2,3,3]
      c = Add(b, [1,1,1,1]{1}): [1,2,3,3]
      d = Add(c, [1,2,1,1]{-0.5 -1}): [1,2,3,3]
      e = Mul(d, [1,1,1,1]{0.25}): [1,2,3,3]
      -> e"
    `);
  });

  test('1 / c stays in binary64 where it is not a binary32 number', async () => {
    const p = new PatternCase();
    expect(await checked(p.done(p.n('Div', [p.x, p.c(3)])))).toMatchInlineSnapshot(`
      "a = Mul(x, [1,1,1,1]float64{0.3333333}): [1,2,3,3]
      -> a"
    `);
  });

  test('a threshold that was expanded shrinks', async () => {
    const p = new PatternCase();
    const full = p.c([...new Array(9).fill(1), ...new Array(9).fill(2)], [1, 2, 3, 3]);
    expect(await checked(p.done(p.n('Add', [p.x, full])))).toMatchInlineSnapshot(`
      "a = Add(x, [1,2,1,1]{1 2}): [1,2,3,3]
      -> a"
    `);
  });

  test('a constant that differs by pixel does not', async () => {
    const p = new PatternCase();
    expect(await checked(p.done(p.n('Add', [p.x, p.c([1, 2, 3], [1, 1, 3])])))).toMatchInlineSnapshot(`
      "a = Add(x, [1,1,1,3]{1 2 3}): [1,2,3,3]
      -> a"
    `);
  });

  test('Expand by Shape in front of a sum goes', async () => {
    const p = new PatternCase(['n', 2, 3, 3]);
    const vector = p.n('GlobalAveragePool', [p.x]);
    const y = p.n('Sub', [p.x, p.n('Expand', [vector, p.n('Shape', [p.x])])]);
    expect(await checked(p.done(y), { batch: 2 })).toMatchInlineSnapshot(`
      "a = GlobalAveragePool(x): [1,2,1,1]
      b = Sub(x, a): [1,2,3,3]
      -> b"
    `);
  });

  test('an Expand that nothing else makes up for stays and is refused', () => {
    const p = new PatternCase();
    const y = p.n('Relu', [p.n('Expand', [p.n('GlobalAveragePool', [p.x]), p.i([1, 2, 3, 3])])]);
    expect(refusal(p.done(y))).toMatchInlineSnapshot(
      `"DYB301 | /Expand_1 (Expand, opset 17) | a value repeated: [1, 2, 1, 1] to [1, 2, 3, 3] | an Expand whose reader broadcasts by itself"`,
    );
  });

  test('factors in a row are one', async () => {
    const p = new PatternCase();
    expect(await checked(p.done(p.n('Mul', [p.n('Mul', [p.x, p.c([2, 3])]), p.c(0.5)])))).toMatchInlineSnapshot(`
      "a = Mul(x, [1,2,1,1]{1 1.5}): [1,2,3,3]
      -> a"
    `);
  });
});

describe('reshapes', () => {
  const ways: readonly [string, Write][] = [
    ['Flatten', (p) => p.n('Flatten', [p.x])],
    ['Reshape to -1', (p) => p.n('Reshape', [p.x, p.i([0, -1])])],
    ['Reshape twice', (p) => p.n('Reshape', [p.n('Reshape', [p.x, p.i([1, 2, -1])]), p.i([1, -1])])],
    ['Squeeze of a view', (p) => p.n('Squeeze', [p.n('Reshape', [p.x, p.i([1, 18, 1, 1])]), p.i([3, 2])])],
    [
      'index 0',
      (p) => {
        const map = p.n('Reshape', [p.x, p.i([1, 18, 1, 1])]);
        return p.n(
          'Gather',
          [p.n('Gather', [map, p.m.initializer('zero', tensor('int64', [], [0]))], { axis: 3 }), 'zero'],
          { axis: 2 },
        );
      },
    ],
    [
      'Transpose of axes of size 1',
      (p) => p.n('Reshape', [p.n('Transpose', [p.x], { perm: [1, 0, 2, 3] }), p.i([1, 18])]),
    ],
    [
      'by Shape, Gather, Concat',
      (p) => {
        const batch = p.n('Gather', [p.n('Shape', [p.x]), p.m.initializer('zero', tensor('int64', [], [0]))]);
        return p.n('Reshape', [p.x, p.n('Concat', [p.n('Unsqueeze', [batch, p.i([0])]), p.i([-1])], { axis: 0 })]);
      },
    ],
  ];
  test.each(ways)('%s is one Reshape', async (_, write) => {
    const p = new PatternCase(['n', 2, 3, 3]);
    expect(await checked(p.done(p.n('Relu', [write(p)])))).toBe('a = Reshape(x): [1,18]\nb = Relu(a): [1,18]\n-> b');
  });

  test('a Transpose that moves elements is refused', () => {
    const p = new PatternCase();
    expect(refusal(p.done(p.n('Transpose', [p.x], { perm: [0, 2, 3, 1] })))).toMatchInlineSnapshot(
      `"DYB301 | /Transpose_0 (Transpose, opset 17) | axes moved: [1, 2, 3, 3] to [1, 3, 3, 2] | transpositions that move only axes of size 1"`,
    );
  });

  test('index 1 is refused', () => {
    const p = new PatternCase();
    const y = p.n('Gather', [p.x, p.i([1])], { axis: 1 });
    expect(refusal(p.done(y))).toMatchInlineSnapshot(
      `"DYB301 | /Gather_0 (Gather, opset 17) | elements picked from a value: [1, 2, 3, 3] to [1, 1, 3, 3] | index 0 along axes of size 1"`,
    );
  });
});

describe('global average pool', () => {
  const GAP = 'a = GlobalAveragePool(x): [1,2,1,1]';
  const flat = [GAP, 'b = Reshape(a): [1,2]', '-> b'].join('\n');
  const ways: readonly [string, string, Write][] = [
    ['ReduceMean', `${GAP}\n-> a`, (p) => p.n('ReduceMean', [p.x], { axes: [2, 3], keepdims: 1 })],
    ['ReduceMean of negative axes', `${GAP}\n-> a`, (p) => p.n('ReduceMean', [p.x], { axes: [-1, -2], keepdims: 1 })],
    ['ReduceMean without keepdims', flat, (p) => p.n('ReduceMean', [p.x], { axes: [2, 3], keepdims: 0 })],
    [
      'mean of flattened pixels',
      flat,
      (p) => p.n('ReduceMean', [p.n('Reshape', [p.x, p.i([0, 2, -1])])], { axes: [2], keepdims: 0 }),
    ],
    [
      'mean of means',
      flat,
      (p) => p.n('ReduceMean', [p.n('ReduceMean', [p.x], { axes: [3], keepdims: 0 })], { axes: [2], keepdims: 0 }),
    ],
    [
      'mean of means with keepdims',
      `${GAP}\n-> a`,
      (p) => p.n('ReduceMean', [p.n('ReduceMean', [p.x], { axes: [3] })], { axes: [2] }),
    ],
    [
      'mean of means, height first',
      flat,
      (p) => p.n('ReduceMean', [p.n('ReduceMean', [p.x], { axes: [2], keepdims: 0 })], { axes: [2], keepdims: 0 }),
    ],
    [
      'sum over the pixels by their number',
      `${GAP}\n-> a`,
      (p) => p.n('Div', [p.n('ReduceSum', [p.x, p.i([2, 3])], { keepdims: 1 }), p.c(9)]),
    ],
    ['AveragePool of the full size', `${GAP}\n-> a`, (p) => p.n('AveragePool', [p.x], { kernel_shape: [3, 3] })],
    [
      'AveragePool of the full size with a stride',
      `${GAP}\n-> a`,
      (p) => p.n('AveragePool', [p.x], { kernel_shape: [3, 3], strides: [3, 3] }),
    ],
  ];
  test.each(ways)('%s', async (_, expected, write) => {
    const p = new PatternCase();
    expect(await checked(p.done(write(p)))).toBe(expected);
  });

  test('ReduceMean with its axes as an input, from opset 18', async () => {
    const p = new PatternCase([1, 2, 3, 3], { opset: 18 });
    expect(await checked(p.done(p.n('ReduceMean', [p.x, p.i([2, 3])], { keepdims: 1 })))).toBe(`${GAP}\n-> a`);
  });

  test('a mean over channels is refused', () => {
    const p = new PatternCase();
    expect(refusal(p.done(p.n('ReduceMean', [p.x], { axes: [1] })))).toMatchInlineSnapshot(
      `"DYB301 | /ReduceMean_0 (ReduceMean, opset 17) | a mean [1, 2, 3, 3] to [1, 1, 3, 3] | means over height and width together"`,
    );
  });

  test('a mean over rows alone is refused', () => {
    const p = new PatternCase();
    expect(refusal(p.done(p.n('ReduceMean', [p.x], { axes: [2] })))).toMatchInlineSnapshot(
      `"DYB301 | /ReduceMean_0 (ReduceMean, opset 17) | a mean [1, 2, 3, 3] to [1, 2, 1, 3] | means over height and width together"`,
    );
  });
});

describe('dense layers', () => {
  const W = [1, 2, 3, 4, 5, 6];
  const gap: Write = (p) => p.n('Flatten', [p.n('GlobalAveragePool', [p.x])]);
  const ways: readonly [string, Write][] = [
    ['Gemm', (p) => p.n('Gemm', [gap(p), p.c([1, 4, 2, 5, 3, 6], [3, 2]), p.c([1, 2, 3], [3])], { transB: 1 })],
    ['Gemm without transB', (p) => p.n('Gemm', [gap(p), p.c(W, [2, 3]), p.c([1, 2, 3], [1, 3])])],
    [
      'Gemm with alpha and beta',
      (p) => p.n('Gemm', [gap(p), p.c([2, 4, 6, 8, 10, 12], [2, 3]), p.c([2, 4, 6], [3])], { alpha: 0.5, beta: 0.5 }),
    ],
    [
      'Gemm with transA',
      (p) => p.n('Gemm', [p.n('Reshape', [gap(p), p.i([2, 1])]), p.c(W, [2, 3]), p.c([1, 2, 3], [3])], { transA: 1 }),
    ],
    ['MatMul and Add', (p) => p.n('Add', [p.n('MatMul', [gap(p), p.c(W, [2, 3])]), p.c([1, 2, 3], [3])])],
    ['Add and MatMul', (p) => p.n('Add', [p.c([1, 2, 3], [3]), p.n('MatMul', [gap(p), p.c(W, [2, 3])])])],
    [
      'MatMul of a transposed weight',
      (p) =>
        p.n('Add', [
          p.n('MatMul', [gap(p), p.n('Transpose', [p.c([1, 4, 2, 5, 3, 6], [3, 2])], { perm: [1, 0] })]),
          p.c([1, 2, 3], [3]),
        ]),
    ],
    [
      'Gemm with one bias for all, then the rest',
      (p) => p.n('Add', [p.n('Gemm', [gap(p), p.c(W, [2, 3])]), p.c([1, 2, 3], [1, 3])]),
    ],
  ];
  test.each(ways)('%s', async (_, write) => {
    const p = new PatternCase();
    const lines = (await checked(p.done(write(p)))).split('\n');
    expect(lines.at(-2)).toBe('c = Gemm(b, [3,2]{1 4 2 5 3 6}, [3]{1 2 3}): [1,3]');
  });

  test('MatMul on three dimensions is a dense layer between reshapes', async () => {
    const p = new PatternCase();
    const row = p.n('Reshape', [p.n('GlobalAveragePool', [p.x]), p.i([1, 1, 2])]);
    expect(await checked(p.done(p.n('MatMul', [row, p.c(W, [2, 3])])))).toMatchInlineSnapshot(`
      "a = GlobalAveragePool(x): [1,2,1,1]
      b = Reshape(a): [1,2]
      c = Gemm(b, [3,2]{1 4 2 5 3 6}): [1,3]
      d = Reshape(c): [1,1,3]
      -> d"
    `);
  });

  test('a product of two values is refused', () => {
    const p = new PatternCase();
    expect(refusal(p.done(p.n('MatMul', [p.x, p.x])))).toMatchInlineSnapshot(
      `"DYB301 | /MatMul_0 (MatMul, opset 17) | a product of two values that depend on the input: [1, 2, 3, 3] times [1, 2, 3, 3] | a constant matrix"`,
    );
  });

  test('a dense layer over every pixel of a map is refused', () => {
    const p = new PatternCase();
    expect(refusal(p.done(p.n('MatMul', [p.x, p.c(W, [3, 2])])))).toMatchInlineSnapshot(
      `"DYB301 | /MatMul_0 (MatMul, opset 17) | the product [1, 2, 3, 3] times [3, 2] | one vector [N, K] times a constant matrix [K, O]"`,
    );
  });

  test.each<[string, Write]>([
    ['Split', (p) => split(p, ['Split'])],
    ['Slice', (p) => split(p, ['Slice'])],
    ['Split behind a reshape and an activation', (p) => split(p, ['Split', 'Sigmoid'])],
  ])('one FC that makes two vectors, cut by %s, is two', async (_, write) => {
    const p = new PatternCase();
    expect(await checked(p.done(write(p)))).toMatchSnapshot();
  });

  function split(p: PatternCase, how: readonly string[]): string {
    const w = p.c([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]);
    let both = p.n('Gemm', [gap(p), w, p.c([1, 2, 3, 4], [4])], { transB: 1 });
    if (how.includes('Sigmoid')) both = p.n('Sigmoid', [both]);
    const map = p.n('Reshape', [both, p.i([-1, 4, 1, 1])]);
    if (how.includes('Slice')) {
      const [a, b] = [
        p.n('Slice', [map, p.i([0]), p.i([2]), p.i([1])]),
        p.n('Slice', [map, p.i([2]), p.i([4]), p.i([1])]),
      ];
      return p.n('Add', [p.n('Sub', [p.x, a]), b]);
    }
    p.m.nodeWithOutputs('Split', [map], ['first', 'second'], { axis: 1 });
    return p.n('Add', [p.n('Sub', [p.x, 'first']), 'second']);
  }

  test('channels of a grouped convolution are refused: its weights have no such rows', () => {
    const p = new PatternCase();
    const y = p.n('Conv', [p.x, p.c([1, 2, 3, 4], [4, 1, 1, 1])], { group: 2 });
    expect(refusal(p.done(p.n('Slice', [y, p.i([0]), p.i([2]), p.i([1])])))).toMatchInlineSnapshot(
      `"DYB301 | /Slice_1 (Slice, opset 17) | a part of a map: [1, 4, 3, 3] to [1, 2, 3, 3] | parts of what one FC makes"`,
    );
  });

  test('a part of a map is refused', () => {
    const p = new PatternCase();
    expect(refusal(p.done(p.n('Slice', [p.x, p.i([0]), p.i([1]), p.i([1])])))).toMatchInlineSnapshot(
      `"DYB301 | /Slice_0 (Slice, opset 17) | a part of a map: [1, 2, 3, 3] to [1, 1, 3, 3] | parts of what one FC makes"`,
    );
  });
});

describe('windows', () => {
  const conv = (p: PatternCase, x: string, attributes: Parameters<PatternCase['n']>[2]): string =>
    p.n('Conv', [x, p.c([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3])], attributes);
  const image = [1, 1, 7, 6];

  test.each([
    ['VALID', 1],
    ['SAME_UPPER', 1],
    ['SAME_UPPER', 2],
    ['SAME_LOWER', 2],
    ['SAME_LOWER', 3],
  ])('auto_pad %s with stride %i becomes pads', async (autoPad, stride) => {
    const p = new PatternCase(image);
    const y = conv(p, p.x, { auto_pad: autoPad, strides: [stride, stride] });
    expect(await checked(p.done(y))).toMatchSnapshot();
  });

  test.each<[string, (p: PatternCase, x: string) => string]>([
    ['Conv', (p, x) => conv(p, x, { pads: [0, 1, 0, 0] })],
    ['AveragePool', (p, x) => p.n('AveragePool', [x], { kernel_shape: [3, 3], strides: [2, 2] })],
    [
      'AveragePool that counts its own pads',
      (p, x) => p.n('AveragePool', [x], { kernel_shape: [4, 4], pads: [1, 0, 0, 1], count_include_pad: 1 }),
    ],
    ['MaxPool behind a ReLU', (p, x) => p.n('MaxPool', [x], { kernel_shape: [3, 3] })],
  ])('Pad goes into %s', async (name, write) => {
    const p = new PatternCase(image);
    const x = name.includes('ReLU') ? p.n('Relu', [p.x]) : p.x;
    expect(await checked(p.done(write(p, p.n('Pad', [x, p.i([0, 0, 1, 2, 0, 0, 1, 0])]))))).toMatchSnapshot();
  });

  test('Pad with its pads as attributes, below opset 11', async () => {
    const p = new PatternCase(image, { opset: 10 });
    const padded = p.n('Pad', [p.x], { pads: [0, 0, 1, 1, 0, 0, 1, 1], value: float(0) });
    expect(await checked(p.done(conv(p, padded, {})))).toMatchInlineSnapshot(`
      "a = Conv<kernel_shape: 3,3; pads: 1,1,1,1>(x, [1,1,3,3]{..}): [1,1,7,6]
      -> a"
    `);
  });

  test.each<[string, (p: PatternCase) => string]>([
    [
      'MaxPool of values that may be negative',
      (p) => p.n('MaxPool', [p.n('Pad', [p.x, p.i([0, 0, 1, 1, 0, 0, 1, 1])])], { kernel_shape: [3, 3] }),
    ],
    [
      'AveragePool with a pad of 1',
      (p) => p.n('AveragePool', [p.n('Pad', [p.x, p.i([0, 0, 1, 1, 0, 0, 1, 1]), p.c(1)])], { kernel_shape: [3, 3] }),
    ],
    ['a pad of 1', (p) => conv(p, p.n('Pad', [p.x, p.i([0, 0, 1, 1, 0, 0, 1, 1]), p.c(1)]), {})],
    ['pads of channels', (p) => p.n('Relu', [p.n('Pad', [p.x, p.i([0, 1, 0, 0, 0, 0, 0, 0])])])],
    ['reflection', (p) => conv(p, p.n('Pad', [p.x, p.i([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' }), {})],
    [
      'AveragePool that does not count its own pads',
      (p) =>
        p.n('AveragePool', [p.n('Pad', [p.x, p.i([0, 0, 1, 1, 0, 0, 1, 1])])], {
          kernel_shape: [3, 3],
          pads: [1, 1, 1, 1],
        }),
    ],
  ])('Pad is refused in front of %s', (_, write) => {
    const p = new PatternCase(image);
    expect(refusal(p.done(write(p)))).toMatchSnapshot();
  });

  test.each([
    ['MaxPool', [7, 6], 3, 2, 0],
    ['MaxPool', [8, 5], 3, 2, 1],
    ['MaxPool', [6, 6], 2, 2, 0],
    // The last window would start in the padding.
    ['MaxPool', [3, 3], 2, 2, 1],
    ['AveragePool', [7, 6], 2, 2, 0],
    ['AveragePool', [8, 5], 3, 2, 1],
  ])('%s over %j, kernel %i, stride %i, pads %i: ceil_mode becomes pads', async (op, size, kernel, stride, pad) => {
    const p = new PatternCase([1, 1, ...(size as number[])]);
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      ceil_mode: 1,
    };
    expect(await checked(p.done(p.n(op, [p.x], attributes)))).toMatchSnapshot();
  });

  test('ceil_mode that would count its padding is refused', () => {
    const p = new PatternCase(image);
    const y = p.n('AveragePool', [p.x], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1, count_include_pad: 1 });
    expect(refusal(p.done(y))).toMatchInlineSnapshot(
      `"DYB202 | /AveragePool_0 (AveragePool, opset 17) | ceil_mode = 1 with count_include_pad = 1 and incomplete last windows | one of them"`,
    );
  });

  test('dilations, groups, strides', async () => {
    const p = new PatternCase([1, 4, 9, 9]);
    const w = p.c(
      Array.from({ length: 36 }, (_, i) => (i % 7) - 3),
      [4, 1, 3, 3],
    );
    const y = p.n('Conv', [p.x, w], { group: 4, dilations: [2, 2], strides: [1, 2], pads: [2, 2, 2, 2] });
    expect(await checked(p.done(y))).toMatchInlineSnapshot(`
      "a = Conv<dilations: 2,2; group: 4; kernel_shape: 3,3; pads: 2,2,2,2; strides: 1,2>(x, [4,1,3,3]{..}): [1,4,9,5]
      -> a"
    `);
  });
});

describe('the rest', () => {
  test('Softmax over channels, whichever way the axis is written', async () => {
    for (const [opset, axis] of [
      [17, -1],
      [17, 1],
      [11, 1],
    ] as const) {
      const p = new PatternCase([1, 5], { opset });
      expect(await checked(p.done(p.n('Softmax', [p.x], { axis })))).toBe('a = Softmax<axis: 1>(x): [1,5]\n-> a');
    }
  });

  test('below opset 13 Softmax from axis 0 on is one over everything', async () => {
    const p = new PatternCase([1, 5], { opset: 11 });
    expect(await checked(p.done(p.n('Softmax', [p.x], { axis: 0 })))).toBe('a = Softmax<axis: 1>(x): [1,5]\n-> a');
  });

  test('Softmax of a map along its width is refused', () => {
    const p = new PatternCase();
    expect(refusal(p.done(p.n('Softmax', [p.x], { axis: 3 })))).toMatchInlineSnapshot(
      `"DYB202 | /Softmax_0 (Softmax, opset 17) | axis = 3 over [1, 2, 3, 3] | axis = 1 over [N, C]"`,
    );
  });

  test('below opset 13 Softmax of a map takes all of it at once: refused', () => {
    const p = new PatternCase([1, 2, 3, 3], { opset: 11 });
    expect(refusal(p.done(p.n('Softmax', [p.x], { axis: 1 })))).toMatchInlineSnapshot(
      `"DYB202 | /Softmax_0 (Softmax, opset 11) | axis = 1 over [1, 2, 3, 3] | axis = 1 over [N, C]"`,
    );
  });

  test('Sum of three is two Adds', async () => {
    const p = new PatternCase();
    const [a, b] = [p.n('Relu', [p.x]), p.n('Sigmoid', [p.x])];
    expect(await checked(p.done(p.n('Sum', [p.x, a, b])))).toMatchInlineSnapshot(`
      "a = Relu(x): [1,2,3,3]
      b = Sigmoid(x): [1,2,3,3]
      c = Add(x, a): [1,2,3,3]
      d = Add(c, b): [1,2,3,3]
      -> d"
    `);
  });

  test('Concat of channels', async () => {
    const p = new PatternCase();
    expect(await checked(p.done(p.n('Concat', [p.x, p.n('Relu', [p.x])], { axis: -3 })))).toMatchInlineSnapshot(`
      "a = Relu(x): [1,2,3,3]
      b = Concat<axis: -3>(x, a): [1,4,3,3]
      -> b"
    `);
  });

  test('batch normalization', async () => {
    const p = new PatternCase();
    const list = (values: readonly number[]): string => p.c(values, [2]);
    const y = p.n('BatchNormalization', [p.x, list([1, -2]), list([3, 4]), list([0.5, 0]), list([1, 4])], {
      epsilon: 0.001,
    });
    expect(await checked(p.done(y))).toMatchInlineSnapshot(`
      "a = BatchNormalization<epsilon: 0.0010000000474974513>(x, [2]{1 -2}, [2]{3 4}, [2]{0.5 0}, [2]{1 4}): [1,2,3,3]
      -> a"
    `);
  });

  test('dead code is gone', async () => {
    const p = new PatternCase();
    p.n('Erf', [p.n('Exp', [p.x])]);
    expect(await checked(p.done(p.n('Relu', [p.x])))).toBe('a = Relu(x): [1,2,3,3]\n-> a');
  });

  test('differences with their sides swapped are two', async () => {
    const p = new PatternCase();
    const y = p.n('Sigmoid', [p.x]);
    const [a, b] = [p.n('Relu', [p.n('Sub', [p.x, y])]), p.n('Sigmoid', [p.n('Sub', [y, p.x])])];
    expect(await checked(p.done(p.n('Add', [a, b])))).toMatchInlineSnapshot(`
      "a = Sigmoid(x): [1,2,3,3]
      b = Sub(x, a): [1,2,3,3]
      c = Relu(b): [1,2,3,3]
      d = Sub(a, x): [1,2,3,3]
      e = Sigmoid(d): [1,2,3,3]
      f = Add(c, e): [1,2,3,3]
      -> f"
    `);
  });

  test('equal expressions are one', async () => {
    const p = new PatternCase();
    const [a, b] = [p.n('Mul', [p.x, p.c(2)]), p.n('Mul', [p.c([2, 2]), p.x])];
    expect(await checked(p.done(p.n('Add', [p.n('Relu', [a]), p.n('Sigmoid', [b])])))).toMatchInlineSnapshot(`
      "a = Mul(x, [1,1,1,1]{2}): [1,2,3,3]
      b = Relu(a): [1,2,3,3]
      c = Sigmoid(a): [1,2,3,3]
      d = Add(b, c): [1,2,3,3]
      -> d"
    `);
  });
});
