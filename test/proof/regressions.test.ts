/** Networks that once went wrong, found by random-networks.test.ts and made small. */
import { expect, test } from 'vitest';
import type { BnnGraph } from '../../src/bnn/bnn-graph.js';
import { optimize } from '../../src/optimize/optimize.js';
import { BnnBuilder, window } from '../support/bnn-builder.js';
import { proveInC } from './c-batch.js';
import { checkGraph } from './check-networks.js';
import { evaluateReference } from './reference.js';

/** Null, or what is wrong with the network. */
async function problemOf(graph: BnnGraph): Promise<string | null> {
  const [, c = 1, h = 1, w = 1] = graph.declaredInput.shape;
  const random = new BnnBuilder(99);
  const checked = checkGraph(graph, Float32Array.from(random.floats(2 * c * h * w)));
  if (checked.kind !== 'ready') return checked.kind === 'wrong' ? checked.text : 'left the finite numbers';
  const { differences } = await proveInC([checked.item]);
  return [...differences.values()][0] ?? null;
}

test('a vector that is input and parameter of one pass is not overwritten by its output', async () => {
  const b = new BnnBuilder(1);
  const x = b.input(4, 1, 1);
  const v = b.dense(x, 4);
  const param = { kind: 'dynamic', source: v } as const;
  const y = b.rprelu(v, param, param);
  expect(await problemOf(b.build(b.binaryConv(b.rsign(y, param), 3, window(1, 1, 0))))).toBeNull();
});

test('a vector of signs may be a parameter', async () => {
  const b = new BnnBuilder(2);
  const x = b.input(3, 4, 4);
  const signs = b.rsign(b.gap(x));
  expect(await problemOf(b.build(b.rprelu(x, { kind: 'dynamic', source: signs }, null)))).toBeNull();
});

test('a concatenation is compared when all of its parts are there', async () => {
  const b = new BnnBuilder(3);
  const x = b.input(3, 4, 4);
  expect(await problemOf(b.build(b.concat(x, b.conv(x, 2), x)))).toBeNull();
});

test('a model that needs no workspace compiles without a warning', async () => {
  const b = new BnnBuilder(4);
  expect(await problemOf(b.build(b.activation(b.input(1, 1, 1), { kind: 'relu' })))).toBeNull();
});

test('merging a convolution without a bias with one that has one keeps its -0', () => {
  const b = new BnnBuilder(5);
  const bits = b.rsign(b.input(2, 1, 1), null);
  const graph = b.build(b.concat(b.binaryConv(bits, 1, window(1, 1, 0)), b.binaryConv(bits, 1, window(1, 1, 0))));
  const nodes = graph.nodes.map((n) =>
    n.kind === 'BinaryConv2d'
      ? { ...n, signs: Uint8Array.of(0, 1), scale: Float64Array.of(-1), bias: n.output === 2 ? null : n.bias }
      : n,
  );
  const merged = optimize({ ...graph, nodes });
  expect(merged.nodes.filter((n) => n.kind === 'BinaryConv2d').length).toBe(1);
  const [first] = evaluateReference(merged, Float32Array.of(1, 1)).values.get(merged.output)!;
  expect(Object.is(first, -0)).toBe(true);
});
