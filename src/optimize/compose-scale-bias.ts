/**
 * ScaleBias(ScaleBias(x)) -> ScaleBias(x), constants combined in binary64 (clause 10.1). Where the inner one has a dynamic
 * bias, or other readers, it stays.
 */
import type { BnnGraph, BnnNode, ScaleBiasNode } from '../bnn/bnn-graph.js';
import { rewriteGraph } from '../bnn/rewrite.js';
import { indexGraph } from '../bnn/users.js';

export function composeScaleBias(graph: BnnGraph): BnnGraph {
  const index = indexGraph(graph);
  for (const outer of graph.nodes) {
    if (outer.kind !== 'ScaleBias') continue;
    const inner = index.producer.get(outer.x);
    if (inner?.kind !== 'ScaleBias' || index.soleUser(inner.output) !== outer) continue;
    const composed = compose(inner, outer);
    if (!composed) continue;
    return rewriteGraph(
      graph,
      graph.nodes.map((n): BnnNode => (n === outer ? composed : n)),
    );
  }
  return graph;
}

function compose(inner: ScaleBiasNode, outer: ScaleBiasNode): ScaleBiasNode | null {
  const base = { ...outer, x: inner.x, origin: [...inner.origin, ...outer.origin] };
  if (inner.bias?.kind === 'dynamic') return null;
  if (outer.bias?.kind === 'dynamic') {
    if (outer.bias.source === inner.output) return null;
    return inner.bias === null && outer.scale === null ? { ...base, scale: inner.scale } : null;
  }
  const scale =
    inner.scale && outer.scale ? inner.scale.map((s, c) => s * outer.scale![c]!) : (inner.scale ?? outer.scale);
  const innerBias = inner.bias?.values ?? null;
  const scaled = innerBias && outer.scale ? innerBias.map((b, c) => b * outer.scale![c]!) : innerBias;
  const outerBias = outer.bias?.values ?? null;
  const bias = scaled && outerBias ? scaled.map((b, c) => b + outerBias[c]!) : (scaled ?? outerBias);
  return { ...base, scale, bias: bias ? { kind: 'static', values: bias } : null };
}
