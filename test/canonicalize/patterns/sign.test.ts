import { describe, expect, test } from 'vitest';
import { canonicalGraph, checked, refusal } from '../../support/canonical.js';
import type { OnnxBuilder } from '../../support/onnx-builder.js';
import { PatternCase } from '../../support/pattern-case.js';

/** Each writes sign(x), with 0 to +1 or to -1. */
const WAYS: readonly [string, 'ge' | 'gt', (p: PatternCase) => string][] = [
  ['Where(x >= 0, 1, -1)', 'ge', (p) => p.n('Where', [p.n('GreaterOrEqual', [p.x, p.c(0)]), p.c(1), p.c(-1)])],
  ['Where(x > 0, 1, -1)', 'gt', (p) => p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.c(1), p.c(-1)])],
  ['Where(x < 0, -1, 1)', 'ge', (p) => p.n('Where', [p.n('Less', [p.x, p.c(0)]), p.c(-1), p.c(1)])],
  ['Where(x <= 0, -1, 1)', 'gt', (p) => p.n('Where', [p.n('LessOrEqual', [p.x, p.c(0)]), p.c(-1), p.c(1)])],
  ['Where(0 <= x, 1, -1)', 'ge', (p) => p.n('Where', [p.n('LessOrEqual', [p.c(0), p.x]), p.c(1), p.c(-1)])],
  ['Where(0 < x, 1, -1)', 'gt', (p) => p.n('Where', [p.n('Less', [p.c(0), p.x]), p.c(1), p.c(-1)])],
  ['Where(not x < 0, 1, -1)', 'ge', (p) => p.n('Where', [p.n('Not', [p.n('Less', [p.x, p.c(0)])]), p.c(1), p.c(-1)])],
  [
    '2 * (x >= 0) - 1',
    'ge',
    (p) => p.n('Sub', [p.n('Mul', [p.mask(p.n('GreaterOrEqual', [p.x, p.c(0)])), p.c(2)]), p.c(1)]),
  ],
  ['1 - 2 * (x < 0)', 'ge', (p) => p.n('Sub', [p.c(1), p.n('Mul', [p.c(2), p.mask(p.n('Less', [p.x, p.c(0)]))])])],
  [
    '((x > 0) - 0.5) * 2',
    'gt',
    (p) => p.n('Mul', [p.n('Sub', [p.mask(p.n('Greater', [p.x, p.c(0)])), p.c(0.5)]), p.c(2)]),
  ],
  [
    '((x > 0) - 0.5) / 0.5',
    'gt',
    (p) => p.n('Div', [p.n('Sub', [p.mask(p.n('Greater', [p.x, p.c(0)])), p.c(0.5)]), p.c(0.5)]),
  ],
  [
    '(x >= 0) - (x < 0)',
    'ge',
    (p) => p.n('Sub', [p.mask(p.n('GreaterOrEqual', [p.x, p.c(0)])), p.mask(p.n('Less', [p.x, p.c(0)]))]),
  ],
  [
    '(x > 0) - (not x > 0)',
    'gt',
    (p) => {
      const positive = p.n('Greater', [p.x, p.c(0)]);
      return p.n('Sub', [p.mask(positive), p.mask(p.n('Not', [positive]))]);
    },
  ],
  ['sign(sign(x) + 0.1)', 'ge', (p) => p.n('Sign', [p.n('Add', [p.n('Sign', [p.x]), p.c(0.1)])])],
  ['sign(sign(x) - 0.1)', 'gt', (p) => p.n('Sign', [p.n('Sub', [p.n('Sign', [p.x]), p.c(0.1)])])],
  [
    'Where(sign(x) == 0, 1, sign(x))',
    'ge',
    (p) => {
      const s = p.n('Sign', [p.x]);
      return p.n('Where', [p.n('Equal', [s, p.c(0)]), p.c(1), s]);
    },
  ],
  ['Where(x == 0, -1, sign(x))', 'gt', (p) => p.n('Where', [p.n('Equal', [p.x, p.c(0)]), p.c(-1), p.n('Sign', [p.x])])],
  ['sign(x) + (x == 0)', 'ge', (p) => p.n('Add', [p.n('Sign', [p.x]), p.mask(p.n('Equal', [p.x, p.c(0)]))])],
];

test.each(WAYS)('%s is a sign with 0 to %s', async (_, compare, write) => {
  const p = new PatternCase();
  expect(await checked(p.done(write(p)))).toBe(`a = dybnn.Sign<compare: ${compare}>(x): [1,2,3,3]\n-> a`);
});

test('ONNX Sign counts 0 as +1', async () => {
  const p = new PatternCase();
  const s = p.n('Sign', [p.x]);
  expect(await checked(p.done(s), { zeros: false })).toBe('a = dybnn.Sign<compare: ge>(x): [1,2,3,3]\n-> a');
});

test('swapped branches negate', async () => {
  const p = new PatternCase();
  const s = p.n('Where', [p.n('GreaterOrEqual', [p.x, p.c(0)]), p.c(-1), p.c(1)]);
  expect(await checked(p.done(s))).toBe('a = dybnn.Sign<compare: ge; negated: 1>(x): [1,2,3,3]\n-> a');
});

test('a negation behind a sign is taken into it', async () => {
  const p = new PatternCase();
  const s = p.n('Neg', [p.n('Where', [p.n('GreaterOrEqual', [p.x, p.c(0)]), p.c(1), p.c(-1)])]);
  expect(await checked(p.done(s))).toBe('a = dybnn.Sign<compare: ge; negated: 1>(x): [1,2,3,3]\n-> a');
});

test('a comparison with constants becomes a difference', async () => {
  const p = new PatternCase();
  const s = p.n('Where', [p.n('Greater', [p.x, p.c([1, -2])]), p.c(1), p.c(-1)]);
  expect(await checked(p.done(s))).toMatchInlineSnapshot(`
    "a = Add(x, [1,2,1,1]{-1 2}): [1,2,3,3]
    b = dybnn.Sign<compare: gt>(a): [1,2,3,3]
    -> b"
  `);
});

test('a comparison with another value becomes a difference of the two', async () => {
  const p = new PatternCase();
  const t = p.n('GlobalAveragePool', [p.x]);
  const s = p.n('Where', [p.n('Less', [t, p.x]), p.c(1), p.c(-1)]);
  expect(await checked(p.done(s))).toMatchInlineSnapshot(`
    "a = GlobalAveragePool(x): [1,2,1,1]
    b = Sub(x, a): [1,2,3,3]
    c = dybnn.Sign<compare: gt>(b): [1,2,3,3]
    -> c"
  `);
});

test('v and -v are a sign times v', async () => {
  const p = new PatternCase();
  const s = p.n('Where', [p.n('Less', [p.x, p.c(0)]), p.c(-0.25), p.c(0.25)]);
  expect(await checked(p.done(s))).toMatchInlineSnapshot(`
    "a = dybnn.Sign<compare: ge>(x): [1,2,3,3]
    b = Mul(a, [1,1,1,1]{0.25}): [1,2,3,3]
    -> b"
  `);
});

test('v and -v per channel are a sign times v', async () => {
  const p = new PatternCase();
  const s = p.n('Where', [p.n('Less', [p.x, p.c(0)]), p.c([-0.25, 2]), p.c([0.25, -2])]);
  expect(await checked(p.done(s))).toMatchInlineSnapshot(`
    "a = dybnn.Sign<compare: ge; negated: 1>(x): [1,2,3,3]
    b = Mul(a, [1,2,1,1]{-0.25 2}): [1,2,3,3]
    -> b"
  `);
});

test('weights that settle the sign of zero are folded like others', () => {
  const p = new PatternCase([1, 2, 1, 1]);
  // More than 64, so that they are still there when the rules before folding run.
  const w = p.c([0.5, 0, -0.25, -0], [40, 2, 1, 1]);
  const binary = p.n('Sign', [p.n('Add', [p.n('Sign', [w]), p.c(0.1)])]);
  const graph = canonicalGraph(p.done(p.n('Conv', [p.x, binary])));
  const weight = [...graph.constants.values()].find((tensor) => tensor.data.length === 80)!;
  expect(Array.from(weight.data.subarray(0, 4))).toEqual([1, 1, -1, 1]);
  expect(graph.nodes.map((node) => node.opType)).toEqual(['Conv']);
});

describe('what is no sign', () => {
  const cases: readonly [string, (p: PatternCase) => string][] = [
    ['1 and 0', (p) => p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.c(1), p.c(0)])],
    ['a mask', (p) => p.mask(p.n('Greater', [p.x, p.c(0)]))],
    [
      '1 and -1 in one channel, 2 and -3 in the other',
      (p) => p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.c([1, 2]), p.c([-1, -3])]),
    ],
    ['1 and -2', (p) => p.n('Where', [p.n('Greater', [p.x, p.c(0)]), p.c(1), p.c(-2)])],
    [
      'masks of two conditions that are not opposite',
      (p) => p.n('Sub', [p.mask(p.n('Greater', [p.x, p.c(0)])), p.mask(p.n('Less', [p.x, p.c(0)]))]),
    ],
    ['a condition that is no comparison', (p) => p.n('Where', [p.n('Equal', [p.x, p.c(0)]), p.c(1), p.c(-1)])],
    ['sign(sign(x) + 1)', (p) => p.n('Round', [p.n('Add', [p.n('Sign', [p.x]), p.c(1)])])],
  ];
  test.each(cases)('%s', (_, write) => {
    const p = new PatternCase();
    expect(refusal(p.done(write(p)) as OnnxBuilder)).toMatchSnapshot();
  });
});
