import { describe, expect, test } from 'vitest';
import { checked, refusal } from '../../support/canonical.js';
import { PatternCase } from '../../support/pattern-case.js';

const A = [0.25, -0.5];

/** Each writes x above 0 and A x below. */
const WAYS: readonly [string, 'plain' | 'gt' | 'ge', (p: PatternCase) => string][] = [
  ['PRelu', 'plain', (p) => p.n('PRelu', [p.x, p.c(A)])],
  ['Where(x > 0, x, a x)', 'gt', (p) => p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.x, p.n('Mul', [p.c(A), p.x])])],
  [
    'Where(x >= 0, x, a x)',
    'ge',
    (p) => p.n('Where', [p.n('GreaterOrEqual', [p.x, p.c(0)]), p.x, p.n('Mul', [p.x, p.c(A)])]),
  ],
  ['Where(x < 0, a x, x)', 'ge', (p) => p.n('Where', [p.n('Less', [p.x, p.c(0)]), p.n('Mul', [p.x, p.c(A)]), p.x])],
  [
    'Where(not x > 0, a x, x)',
    'gt',
    (p) => p.n('Where', [p.n('Not', [p.n('Greater', [p.x, p.c(0)])]), p.n('Mul', [p.x, p.c(A)]), p.x]),
  ],
  [
    'relu(x) - a relu(-x)',
    'plain',
    (p) => p.n('Sub', [p.n('Relu', [p.x]), p.n('Mul', [p.c(A), p.n('Relu', [p.n('Neg', [p.x])])])]),
  ],
  [
    'relu(x) + -a relu(-1 x)',
    'plain',
    (p) => p.n('Add', [p.n('Relu', [p.x]), p.n('Mul', [p.n('Relu', [p.n('Mul', [p.x, p.c(-1)])]), p.c([-0.25, 0.5])])]),
  ],
  [
    'relu(x) + a (x - |x|) / 2',
    'plain',
    (p) => {
      const negative = p.n('Mul', [p.n('Mul', [p.c(A), p.n('Sub', [p.x, p.n('Abs', [p.x])])]), p.c(0.5)]);
      return p.n('Add', [p.n('Relu', [p.x]), negative]);
    },
  ],
  [
    '(1 + a) x / 2 + (1 - a) |x| / 2',
    'plain',
    (p) => {
      const [both, odd] = [p.n('Mul', [p.c([1.25, 0.5]), p.x]), p.n('Mul', [p.c([0.75, 1.5]), p.n('Abs', [p.x])])];
      return p.n('Div', [p.n('Add', [both, odd]), p.c(2)]);
    },
  ],
  [
    'max(x, 0) + a min(x, 0)',
    'plain',
    (p) => p.n('Add', [p.n('Max', [p.x, p.c(0)]), p.n('Mul', [p.c(A), p.n('Min', [p.c(0), p.x])])]),
  ],
  [
    'clip(x, 0) + a clip(x, max 0)',
    'plain',
    (p) => p.n('Add', [p.n('Clip', [p.x, p.c(0)]), p.n('Mul', [p.c(A), p.n('Clip', [p.x, '', p.c(0)])])]),
  ],
  [
    'x * Where(x > 0, 1, a)',
    'gt',
    (p) => p.n('Mul', [p.x, p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.c(1), p.c(A)])]),
  ],
  [
    '(x > 0) x + (x <= 0) a x',
    'gt',
    (p) => {
      const above = p.n('Mul', [p.mask(p.n('Greater', [p.x, p.c(0)])), p.x]);
      const below = p.n('Mul', [p.mask(p.n('LessOrEqual', [p.x, p.c(0)])), p.n('Mul', [p.x, p.c(A)])]);
      return p.n('Add', [above, below]);
    },
  ],
];

test.each(WAYS)('%s is a PReLU (%s)', async (_, compare, write) => {
  const p = new PatternCase();
  const op = compare === 'plain' ? 'PRelu' : `dybnn.PRelu<compare: ${compare}>`;
  expect(await checked(p.done(write(p)))).toBe(`a = ${op}(x, [1,2,1,1]{0.25 -0.5}): [1,2,3,3]\n-> a`);
});

test('LeakyRelu is a PReLU with one slope', async () => {
  const p = new PatternCase();
  expect(await checked(p.done(p.n('LeakyRelu', [p.x], { alpha: 0.125 })))).toMatchInlineSnapshot(`
    "a = PRelu(x, [1,1,1,1]{0.125}): [1,2,3,3]
    -> a"
  `);
});

test('max(x, a x) is one where a < 1', async () => {
  const p = new PatternCase();
  expect(await checked(p.done(p.n('Max', [p.x, p.n('Mul', [p.x, p.c(0.5)])])))).toMatchInlineSnapshot(`
    "a = PRelu(x, [1,1,1,1]{0.5}): [1,2,3,3]
    -> a"
  `);
});

test('a slope of 0 is a ReLU', async () => {
  const p = new PatternCase();
  const y = p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.x, p.c(0)]);
  expect(await checked(p.done(y))).toMatchInlineSnapshot(`
    "a = Relu(x): [1,2,3,3]
    -> a"
  `);
});

describe('RPReLU by its formula: a comparison of x itself, where d = x - gamma', () => {
  const [gamma, zeta] = [
    [1, -0.5],
    [0.5, 2],
  ];
  const EXPECTED = [
    'a = Add(x, [1,2,1,1]{-1 0.5}): [1,2,3,3]',
    'b = dybnn.PRelu<compare: gt>(a, [1,2,1,1]{0.25 -0.5}): [1,2,3,3]',
    'c = Add(b, [1,2,1,1]{0.5 2}): [1,2,3,3]',
    '-> c',
  ].join('\n');

  test('Where(x > gamma, d + zeta, a d + zeta)', async () => {
    const p = new PatternCase();
    const [g, z] = [p.c(gamma!), p.c(zeta!)];
    const d = p.n('Sub', [p.x, g]);
    const above = p.n('Add', [d, z]);
    const below = p.n('Add', [p.n('Mul', [p.c(A), d]), z]);
    expect(await checked(p.done(p.n('Where', [p.n('Greater', [p.x, g]), above, below])))).toBe(EXPECTED);
  });

  test('as a blend by a mask', async () => {
    const p = new PatternCase();
    const [g, z] = [p.c(gamma!), p.c(zeta!)];
    const d = p.n('Sub', [p.x, g]);
    const mask = p.mask(p.n('Less', [g, p.x]));
    const above = p.n('Mul', [mask, p.n('Add', [d, z])]);
    const below = p.n('Mul', [p.n('Sub', [p.c(1), mask]), p.n('Add', [p.n('Mul', [p.c(A), d]), z])]);
    expect(await checked(p.done(p.n('Add', [above, below])))).toBe(EXPECTED);
  });

  test('as a blend with the lower branch first', async () => {
    const p = new PatternCase();
    const [g, z] = [p.c(gamma!), p.c(zeta!)];
    const d = p.n('Sub', [p.x, g]);
    const mask = p.mask(p.n('Greater', [p.x, g]));
    const below = p.n('Mul', [p.n('Add', [p.n('Mul', [p.c(A), d]), z]), p.n('Sub', [p.c(1), mask])]);
    const above = p.n('Mul', [p.n('Add', [d, z]), mask]);
    expect(await checked(p.done(p.n('Add', [below, above])))).toBe(EXPECTED);
  });

  test('with gamma made by the network', async () => {
    const p = new PatternCase();
    const g = p.n('GlobalAveragePool', [p.x]);
    const d = p.n('Sub', [p.x, g]);
    const y = p.n('Where', [p.n('Greater', [p.x, g]), d, p.n('Mul', [p.c(A), d])]);
    expect(await checked(p.done(y))).toMatchInlineSnapshot(`
      "a = GlobalAveragePool(x): [1,2,1,1]
      b = Sub(x, a): [1,2,3,3]
      c = dybnn.PRelu<compare: gt>(b, [1,2,1,1]{0.25 -0.5}): [1,2,3,3]
      -> c"
    `);
  });
});

test('a residual sum of a PReLU and its input is not taken for one', async () => {
  const p = new PatternCase();
  expect(await checked(p.done(p.n('Add', [p.n('PRelu', [p.x, p.c(A)]), p.x])))).toMatchInlineSnapshot(`
    "a = PRelu(x, [1,2,1,1]{0.25 -0.5}): [1,2,3,3]
    b = Add(a, x): [1,2,3,3]
    -> b"
  `);
});

describe('what is no PReLU', () => {
  const cases: readonly [string, (p: PatternCase) => string][] = [
    ['twice x above 0', (p) => p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.n('Mul', [p.x, p.c(2)]), p.x])],
    [
      'a condition about another value',
      (p) => p.n('Where', [p.n('Greater', [p.n('GlobalAveragePool', [p.x]), p.c(0)]), p.x, p.n('Mul', [p.x, p.c(A)])]),
    ],
    [
      'a slope that the network makes',
      (p) => {
        const slope = p.n('GlobalAveragePool', [p.x]);
        return p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.x, p.n('Mul', [p.x, slope])]);
      },
    ],
    ['PRelu with a slope that the network makes', (p) => p.n('PRelu', [p.x, p.n('GlobalAveragePool', [p.x])])],
    [
      'two values under one mask',
      (p) => {
        const mask = p.mask(p.n('Greater', [p.x, p.c(0)]));
        return p.n('Add', [p.n('Mul', [mask, p.n('HardSwish', [p.x])]), p.n('Mul', [mask, p.n('Sigmoid', [p.x])])]);
      },
    ],
    ['an exponential below 0', (p) => p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.x, p.n('Exp', [p.x])])],
    ['|x|', (p) => p.n('Abs', [p.x])],
  ];
  test.each(cases)('%s', (_, write) => {
    const p = new PatternCase();
    expect(refusal(p.done(write(p)))).toMatchSnapshot();
  });
});
