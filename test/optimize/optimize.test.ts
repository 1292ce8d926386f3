/** Rewritings that must not happen: a value cannot become a parameter of the node that makes it. */
import { expect, test } from 'vitest';
import type { BnnGraph } from '../../src/bnn/bnn-graph.js';
import { optimize } from '../../src/optimize/optimize.js';
import { BnnBuilder } from '../support/bnn-builder.js';

/** x + x over a vector, written as a shift by x. */
function shiftedByItself(make: (b: BnnBuilder, x: number) => number): BnnGraph {
  const b = new BnnBuilder(5);
  const x = make(b, b.gap(b.input(3, 4, 4)));
  const graph = b.build(b.scaleBias(x, false));
  const nodes = graph.nodes.map((n) =>
    n.output === graph.output && n.kind === 'ScaleBias' ? { ...n, bias: { kind: 'dynamic', source: x } as const } : n,
  );
  return { ...graph, nodes };
}

test('a PReLU shifted by its own output', () => {
  const graph = optimize(shiftedByItself((b, x) => b.rprelu(x)));
  expect(graph.nodes.map((n) => n.kind)).toEqual(['Input', 'GlobalAveragePool', 'RPReLU', 'ScaleBias']);
});

test('a scaled vector shifted by itself', () => {
  const build = shiftedByItself((b, x) => b.scaleBias(x));
  const withoutBias = {
    ...build,
    nodes: build.nodes.map((n) => (n.kind === 'ScaleBias' && n.scale ? { ...n, bias: null } : n)),
  };
  expect(optimize(withoutBias).nodes.map((n) => n.kind)).toEqual([
    'Input',
    'GlobalAveragePool',
    'ScaleBias',
    'ScaleBias',
  ]);
});
