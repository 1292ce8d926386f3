/** What once went wrong in the optimizer; what went wrong in C is replayed with the contract's vectors. */
import { expect, test } from 'vitest';
import { optimize } from '../../src/optimize/optimize.js';
import { BnnBuilder, window } from '../support/bnn-builder.js';
import { evaluateReference } from './reference.js';

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
