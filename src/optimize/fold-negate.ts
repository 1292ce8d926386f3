/**
 * -(W h + c) -> (-W) h + (-c), where nothing else reads the layer (clause 8.1): negation is exact. -(-x) -> x.
 */
import type { BnnGraph, BnnNode } from '../bnn/bnn-graph.js';
import { rewriteGraph } from '../bnn/rewrite.js';
import { indexGraph } from '../bnn/users.js';

export function foldNegate(graph: BnnGraph): BnnGraph {
  const index = indexGraph(graph);
  for (const node of graph.nodes) {
    if (node.kind !== 'Activation' || node.fn.kind !== 'negate') continue;
    const layer = index.producer.get(node.x);
    if (layer?.kind === 'Activation' && layer.fn.kind === 'negate') {
      return rewriteGraph(graph, graph.nodes, { redirect: new Map([[node.output, layer.x]]) });
    }
    if (layer?.kind !== 'Conv2d' || index.soleUser(layer.output) !== node) continue;
    const folded: BnnNode = {
      ...layer,
      weight: layer.weight.map((w) => -w),
      bias: layer.bias?.map((b) => -b) ?? null,
      output: node.output,
      origin: [...layer.origin, ...node.origin],
    };
    return rewriteGraph(
      graph,
      graph.nodes.flatMap((n) => (n === layer ? [] : n === node ? [folded] : [n])),
    );
  }
  return graph;
}
