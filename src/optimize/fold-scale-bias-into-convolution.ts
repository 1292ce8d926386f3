/**
 * ScaleBias(BinaryConv2d(x)) and ScaleBias(Conv2d(x)) -> the convolution with other constants (clauses 4.4, 10.1): batch
 * normalization, and any constant that follows, costs nothing.
 */
import type { BinaryConv2dNode, BnnGraph, BnnNode, Conv2dNode, ScaleBiasNode } from '../bnn/bnn-graph.js';
import { rewriteGraph } from '../bnn/rewrite.js';
import { indexGraph } from '../bnn/users.js';

export function foldScaleBiasIntoConvolution(graph: BnnGraph): BnnGraph {
  const index = indexGraph(graph);
  const folded = new Map<BnnNode, BnnNode | null>();
  for (const node of graph.nodes) {
    if (node.kind !== 'ScaleBias' || node.bias?.kind === 'dynamic') continue;
    const conv = index.producer.get(node.x);
    if (!conv || index.soleUser(conv.output) !== node) continue;
    if (conv.kind !== 'BinaryConv2d' && conv.kind !== 'Conv2d') continue;
    folded.set(conv, null);
    folded.set(node, conv.kind === 'BinaryConv2d' ? foldBinary(conv, node) : foldFloat(conv, node));
  }
  if (folded.size === 0) return graph;
  return rewriteGraph(
    graph,
    graph.nodes.flatMap((n) => {
      const f = folded.get(n);
      return f === undefined ? [n] : f === null ? [] : [f];
    }),
  );
}

function foldedBias(bias: Float64Array | null, node: ScaleBiasNode): Float64Array | null {
  const scaled = bias && node.scale ? bias.map((b, o) => b * node.scale![o]!) : bias;
  const added = node.bias?.kind === 'static' ? node.bias.values : null;
  return scaled && added ? scaled.map((b, o) => b + added[o]!) : (scaled ?? added);
}

function foldBinary(conv: BinaryConv2dNode, node: ScaleBiasNode): BinaryConv2dNode {
  return {
    ...conv,
    output: node.output,
    origin: [...conv.origin, ...node.origin],
    scale: node.scale ? conv.scale.map((s, o) => s * node.scale![o]!) : conv.scale,
    bias: foldedBias(conv.bias, node),
  };
}

function foldFloat(conv: Conv2dNode, node: ScaleBiasNode): Conv2dNode {
  const perOutput = conv.weight.length / conv.outputs;
  const { scale } = node;
  return {
    ...conv,
    output: node.output,
    origin: [...conv.origin, ...node.origin],
    weight: scale ? Float64Array.from(conv.weight, (w, i) => w * scale[Math.floor(i / perOutput)]!) : conv.weight,
    bias: foldedBias(conv.bias, node),
  };
}
