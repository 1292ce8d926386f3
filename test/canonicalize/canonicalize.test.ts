import { expect, test } from 'vitest';
import { canonicalize } from '../../src/canonicalize/canonicalize.js';
import { importOnnx, printOnnxGraph } from '../../src/onnx/index.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

function canonical(m: OnnxBuilder): string {
  return printOnnxGraph(canonicalize(importOnnx(m.bytes(), { modelName: 'm' })).graph);
}

test('a dynamic batch axis becomes 1', () => {
  const m = new OnnxBuilder();
  const x = m.input('x', ['batch', 2, 4, 4]);
  m.output(m.node('Relu', [x], {}, { output: 'y' }));
  expect(canonical(m)).toMatchInlineSnapshot(`
    "input  x: float32 [1, 2, 4, 4]
    y = Relu(x): float32 [1, 2, 4, 4]
    output y
    "
  `);
});

test('the straight-through polynomial of ReActNet becomes a sign', () => {
  const m = new OnnxBuilder();
  const x = m.input('x', ['batch', 2, 4, 4]);
  const c = (name: string, value: number): string => m.float(name, [], [value]);
  const mask = (limit: number): string => m.node('Cast', [m.node('Less', [x, c(`limit${limit}`, limit)])], { to: 1 });
  const [m1, m2, m3] = [mask(-1), mask(0), mask(1)];
  const not = (v: string): string => m.node('Sub', [c(`one_${v}`, 1), v]);
  const twice = m.node('Mul', [x, c('two', 2)]);
  const rising = m.node('Add', [m.node('Mul', [x, x]), twice]);
  const falling = m.node('Add', [m.node('Mul', [m.node('Neg', [x]), x]), twice]);
  const out1 = m.node('Add', [m.node('Mul', [m1, c('minus', -1)]), m.node('Mul', [rising, not(m1)])]);
  const out2 = m.node('Add', [m.node('Mul', [out1, m2]), m.node('Mul', [falling, not(m2)])]);
  const out3 = m.node('Add', [m.node('Mul', [out2, m3]), not(m3)]);
  const s = m.node('Sign', [x]);
  m.output(m.node('Add', [m.node('Sub', [s, out3]), out3], {}, { output: 'y' }));
  expect(canonical(m)).toMatchInlineSnapshot(`
    "input  x: float32 [1, 2, 4, 4]
    y = dybnn.Sign(x) {compare: ge, negated: 0}: float32 [1, 2, 4, 4]
    output y
    "
  `);
});

test('RPReLU and RSign written out', () => {
  const m = new OnnxBuilder();
  const x = m.input('x', [8, 2, 4, 4]);
  const gamma = m.float('gamma', [2, 1, 1], [1, 2]);
  const zeta = m.float('zeta', [2, 1, 1], [3, 4]);
  const beta = m.float('beta', [2, 1, 1], [0.5, 0.25]);
  const d = m.node('Sub', [x, gamma]);
  const low = m.node('Add', [m.node('Mul', [d, beta]), zeta]);
  const high = m.node('Add', [d, zeta]);
  const y = m.node('Where', [m.node('Greater', [x, gamma]), high, low]);
  const alpha = m.float('alpha', [1, 2, 1, 1], [0.1, 0.2]);
  const expanded = m.node('Expand', [alpha, m.node('Shape', [y])]);
  const bit = m.node('Where', [m.node('GreaterOrEqual', [y, expanded]), m.float('p', [], [1]), m.float('m', [], [-1])]);
  m.output(m.node('Reshape', [bit, m.int64('t', [8, 32])], {}, { output: 'y' }));
  expect(canonical(m)).toMatchInlineSnapshot(`
    "input  x: float32 [1, 2, 4, 4]
    const  y~sample: int64 [2] = 1 32
    const  add_2/constant~4: float32 [1, 2, 1, 1] = 3 4
    const  sub_0/constant~1: float32 [1, 2, 1, 1] = -1 -2
    const  where_9/constant~3: float32 [1, 2, 1, 1] = -0.1 -0.2
    const  where_5~0/constant~0: float32 [1, 2, 1, 1] = 0.5 0.25
    sub_0 = Add(x, sub_0/constant~1): float32 [1, 2, 4, 4]
    where_5~0 = dybnn.PRelu(sub_0, where_5~0/constant~0) {compare: gt}: float32 [1, 2, 4, 4]
    where_5 = Add(where_5~0, add_2/constant~4): float32 [1, 2, 4, 4]
    where_9~4 = Add(where_5, where_9/constant~3): float32 [1, 2, 4, 4]
    where_9 = dybnn.Sign(where_9~4) {compare: ge, negated: 0}: float32 [1, 2, 4, 4]
    y = Reshape(where_9, y~sample): float32 [1, 32]
    output y
    "
  `);
});
