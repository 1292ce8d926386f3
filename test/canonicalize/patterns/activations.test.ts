import { describe, expect, test } from 'vitest';
import { checked, refusal } from '../../support/canonical.js';
import { float } from '../../support/onnx-builder.js';
import { PatternCase } from '../../support/pattern-case.js';

type Write = (p: PatternCase) => string;

const relu6 = (p: PatternCase, x: string): string => p.n('Clip', [p.n('Add', [x, p.c(3)]), p.c(0), p.c(6)]);

const WAYS: readonly [string, string, Write][] = [
  ['Max(x, 0)', 'Relu(x)', (p) => p.n('Max', [p.x, p.c(0)])],
  ['Clip(x, 0)', 'Relu(x)', (p) => p.n('Clip', [p.x, p.c(0)])],
  ['Clip(x, 0, greatest float)', 'Relu(x)', (p) => p.n('Clip', [p.x, p.c(0), p.c(3.4028234663852886e38)])],
  ['Min(Max(x, -1), 2)', 'Clip(x, []{-1}, []{2})', (p) => p.n('Min', [p.n('Max', [p.x, p.c(-1)]), p.c(2)])],
  ['Max(Min(x, 2), -1)', 'Clip(x, []{-1}, []{2})', (p) => p.n('Max', [p.c(-1), p.n('Min', [p.c(2), p.x])])],
  ['Min(relu(x), 6)', 'Clip(x, []{0}, []{6})', (p) => p.n('Min', [p.n('Relu', [p.x]), p.c(6)])],
  ['Min(x, 1)', 'Clip(x, _, []{1})', (p) => p.n('Min', [p.x, p.c(1)])],
  ['Max(x, 1)', 'Clip(x, []{1})', (p) => p.n('Max', [p.x, p.c(1)])],
  [
    'relu6(x + 3) / 6',
    'HardSigmoid<alpha: 0.1666666716337204; beta: 0.5>(x)',
    (p) => p.n('Div', [relu6(p, p.x), p.c(6)]),
  ],
  [
    'relu6(3 + x) * (1/6)',
    'HardSigmoid<alpha: 0.1666666716337204; beta: 0.5>(x)',
    (p) => p.n('Mul', [p.c(1 / 6), relu6(p, p.x)]),
  ],
  [
    'Clip(0.25 x + 0.5, 0, 1)',
    'HardSigmoid<alpha: 0.25; beta: 0.5>(x)',
    (p) => p.n('Clip', [p.n('Add', [p.n('Mul', [p.x, p.c(0.25)]), p.c(0.5)]), p.c(0), p.c(1)]),
  ],
  ['x * relu6(x + 3) / 6', 'HardSwish(x)', (p) => p.n('Div', [p.n('Mul', [p.x, relu6(p, p.x)]), p.c(6)])],
  ['x * (relu6(x + 3) / 6)', 'HardSwish(x)', (p) => p.n('Mul', [p.x, p.n('Div', [relu6(p, p.x), p.c(6)])])],
  ['relu6(x + 3) * x * (1/6)', 'HardSwish(x)', (p) => p.n('Mul', [p.n('Mul', [relu6(p, p.x), p.x]), p.c(1 / 6)])],
  [
    'x * HardSigmoid(x)',
    'HardSwish(x)',
    (p) => p.n('Mul', [p.x, p.n('HardSigmoid', [p.x], { alpha: 1 / 6, beta: 0.5 })]),
  ],
  ['HardSwish(x)', 'HardSwish(x)', (p) => p.n('HardSwish', [p.x])],
  [
    '1 / (1 + exp(-x))',
    'Sigmoid(x)',
    (p) => p.n('Div', [p.c(1), p.n('Add', [p.c(1), p.n('Exp', [p.n('Neg', [p.x])])])]),
  ],
  [
    'Reciprocal(exp(-x) + 1)',
    'Sigmoid(x)',
    (p) => p.n('Reciprocal', [p.n('Add', [p.n('Exp', [p.n('Neg', [p.x])]), p.c(1)])]),
  ],
  ['x * sigmoid(x)', 'dybnn.Swish(x)', (p) => p.n('Mul', [p.x, p.n('Sigmoid', [p.x])])],
  ['sigmoid(x) * x', 'dybnn.Swish(x)', (p) => p.n('Mul', [p.n('Sigmoid', [p.x]), p.x])],
  [
    'x / (1 + exp(-x))',
    'dybnn.Swish(x)',
    (p) => p.n('Div', [p.x, p.n('Add', [p.c(1), p.n('Exp', [p.n('Neg', [p.x])])])]),
  ],
];

test.each(WAYS)('%s is %s', async (_, expected, write) => {
  const p = new PatternCase();
  expect(await checked(p.done(write(p)))).toBe(`a = ${expected}: [1,2,3,3]\n-> a`);
});

test('Clip with attributes, below opset 11', async () => {
  const p = new PatternCase([1, 2, 3, 3], { opset: 9 });
  const y = p.n('Clip', [p.x], { min: float(0), max: float(6) });
  expect(await checked(p.done(y))).toBe('a = Clip<max: 6; min: 0>(x): [1,2,3,3]\n-> a');
});

describe('what is something else', () => {
  const others: readonly [string, Write][] = [
    [
      'relu6(x + 2) / 6: no HardSwish',
      (p) => p.n('Mul', [p.x, p.n('Div', [p.n('Clip', [p.n('Add', [p.x, p.c(2)]), p.c(0), p.c(6)]), p.c(6)])]),
    ],
    ['relu6(x + 3) / 5: no HardSigmoid', (p) => p.n('Div', [relu6(p, p.x), p.c(5)])],
    ['Max(Min(x, -1), 2): no Clip from 2 to -1', (p) => p.n('Max', [p.n('Min', [p.x, p.c(-1)]), p.c(2)])],
    ['Clip(x, 0, 1): no HardSigmoid', (p) => p.n('Clip', [p.x, p.c(0), p.c(1)])],
    ['x * sigmoid(of another value)', (p) => p.n('Mul', [p.x, p.n('Sigmoid', [p.n('GlobalAveragePool', [p.x])])])],
  ];
  test.each(others)('%s', async (_, write) => {
    const p = new PatternCase();
    expect(await checked(p.done(write(p)))).toMatchSnapshot();
  });

  const refused: readonly [string, Write][] = [
    ['1 / (2 + exp(-x))', (p) => p.n('Div', [p.c(1), p.n('Add', [p.c(2), p.n('Exp', [p.n('Neg', [p.x])])])])],
    ['tanh', (p) => p.n('Tanh', [p.x])],
    ['bounds that the network makes', (p) => p.n('Clip', [p.x, p.n('ReduceMean', [p.x], { keepdims: 0 })])],
    ['min above max', (p) => p.n('Clip', [p.x, p.c(2), p.c(1)])],
    ['a quotient of two values', (p) => p.n('Div', [p.x, p.n('Add', [p.n('Abs', [p.x]), p.c(1)])])],
  ];
  test.each(refused)('refused: %s', (_, write) => {
    const p = new PatternCase();
    expect(refusal(p.done(write(p)))).toMatchSnapshot();
  });
});
