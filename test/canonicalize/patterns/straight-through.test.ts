import { expect, test } from 'vitest';
import { canonicalGraph, checked } from '../../support/canonical.js';
import { PatternCase } from '../../support/pattern-case.js';
import { sketch } from '../../support/sketch.js';

const SIGN = 'a = dybnn.Sign<compare: ge>(x): [1,2,3,3]\n-> a';

function clip(p: PatternCase, x: string): string {
  return p.n('Clip', [x, p.c(-1), p.c(1)]);
}

/** The piecewise polynomial of Bi-RealNet and ReActNet. */
function polynomial(p: PatternCase, x: string): string {
  const [m1, m2, m3] = [-1, 0, 1].map((limit) => p.mask(p.n('Less', [x, p.c(limit)])));
  const not = (mask: string): string => p.n('Sub', [p.c(1), mask]);
  const twice = p.n('Mul', [x, p.c(2)]);
  const rising = p.n('Add', [p.n('Mul', [x, x]), twice]);
  const falling = p.n('Add', [p.n('Mul', [p.n('Neg', [x]), x]), twice]);
  const out1 = p.n('Add', [p.n('Mul', [p.c(-1), m1!]), p.n('Mul', [rising, not(m1!)])]);
  const out2 = p.n('Add', [p.n('Mul', [out1, m2!]), p.n('Mul', [falling, not(m2!)])]);
  return p.n('Add', [p.n('Mul', [out2, m3!]), p.n('Mul', [p.c(1), not(m3!)])]);
}

type Combine = (p: PatternCase, s: string, t: string) => string;
const SUMS: readonly [string, Combine][] = [
  ['(s - t) + t', (p, s, t) => p.n('Add', [p.n('Sub', [s, t]), t])],
  ['t + (s - t)', (p, s, t) => p.n('Add', [t, p.n('Sub', [s, t])])],
  ['s + (t - t)', (p, s, t) => p.n('Add', [s, p.n('Sub', [t, t])])],
  ['(s + t) - t', (p, s, t) => p.n('Sub', [p.n('Add', [s, t]), t])],
  ['(t + s) - t', (p, s, t) => p.n('Sub', [p.n('Add', [t, s]), t])],
  ['s - t + t through detach', (p, s, t) => p.n('Add', [p.n('Sub', [p.n('Identity', [s]), p.n('Identity', [t])]), t])],
];

test.each(SUMS)('%s with a clip is the sign', async (_, combine) => {
  const p = new PatternCase();
  expect(await checked(p.done(combine(p, p.n('Sign', [p.x]), clip(p, p.x))), { zeros: false })).toBe(SIGN);
});

test.each(SUMS)('%s with the polynomial is the sign', async (_, combine) => {
  const p = new PatternCase();
  expect(await checked(p.done(combine(p, p.n('Sign', [p.x]), polynomial(p, p.x))), { zeros: false })).toBe(SIGN);
});

test('t may be written twice', async () => {
  const p = new PatternCase();
  const s = p.n('Sign', [p.x]);
  const sum = p.n('Add', [p.n('Sub', [s, polynomial(p, p.x)]), polynomial(p, p.x)]);
  expect(await checked(p.done(sum), { zeros: false })).toBe(SIGN);
});

test('x + (sign(x) - x) is the sign', async () => {
  const p = new PatternCase();
  const sum = p.n('Add', [p.x, p.n('Sub', [p.n('Sign', [p.x]), p.x])]);
  expect(await checked(p.done(sum), { zeros: false })).toBe(SIGN);
});

test('another t does not cancel', async () => {
  const p = new PatternCase();
  const s = p.n('Sign', [p.x]);
  const sum = p.n('Add', [p.n('Sub', [s, clip(p, p.x)]), p.n('Clip', [p.x, p.c(-2), p.c(1)])]);
  expect(await checked(p.done(sum), { zeros: false })).toMatchInlineSnapshot(`
    "a = dybnn.Sign<compare: ge>(x): [1,2,3,3]
    b = Clip(x, []{-1}, []{1}): [1,2,3,3]
    c = Sub(a, b): [1,2,3,3]
    d = Clip(x, []{-2}, []{1}): [1,2,3,3]
    e = Add(c, d): [1,2,3,3]
    -> e"
  `);
});

test('a t that is larger than s does not cancel: the sum has its shape', async () => {
  const p = new PatternCase();
  const s = p.n('Sign', [p.n('GlobalAveragePool', [p.x])]);
  const sum = p.n('Add', [p.n('Sub', [s, p.x]), p.x]);
  expect(await checked(p.done(sum), { zeros: false })).toMatchInlineSnapshot(`
    "a = GlobalAveragePool(x): [1,2,1,1]
    b = dybnn.Sign<compare: ge>(a): [1,2,1,1]
    c = Sub(b, x): [1,2,3,3]
    d = Add(c, x): [1,2,3,3]
    -> d"
  `);
});

test('weights: what cancels in the graph leaves no rounding noise in the constants', () => {
  const p = new PatternCase([1, 2, 3, 3]);
  const w = p.c([0.3, -0.7, 1.5, -0.1], [2, 2, 1, 1]);
  const mean = p.n('ReduceMean', [p.n('Abs', [w])], { axes: [1, 2, 3], keepdims: 1 });
  const binary = p.n('Mul', [mean, p.n('Sign', [w])]);
  const ste = p.n('Add', [p.n('Sub', [binary, clip(p, w)]), clip(p, w)]);
  const g = canonicalGraph(p.done(p.n('Conv', [p.x, ste])));
  expect(sketch(g)).toMatchInlineSnapshot(`
    "a = Conv<kernel_shape: 1,1>(x, [2,2,1,1]{0.5 -0.5 0.8 -0.8}): [1,2,3,3]
    -> a"
  `);
  const weight = [...g.constants.values()].find((tensor) => tensor.shape.length === 4)!;
  expect(Array.from(weight.data)).toEqual([0.5, -0.5, 0.8, -0.8].map(Math.fround));
});
