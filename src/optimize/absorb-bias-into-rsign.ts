/**
 * RSign(x + b) -> RSign(x, threshold -b) (clause 3.2). A dynamic b is negated by a node of its own, which fold-negate then
 * puts into the layer that makes it.
 */
import type { ActivationNode, BnnGraph, BnnNode, ChannelParam, Value } from '../bnn/bnn-graph.js';
import { rewriteGraph } from '../bnn/rewrite.js';
import { indexGraph } from '../bnn/users.js';

export function absorbBiasIntoRsign(graph: BnnGraph): BnnGraph {
  const index = indexGraph(graph);
  for (const node of graph.nodes) {
    if (node.kind !== 'RSign' || node.threshold !== null) continue;
    const added = index.producer.get(node.x);
    if (added?.kind !== 'ScaleBias' || added.scale !== null || added.bias === null) continue;
    const negated = negateParam(graph, added.bias, `${node.name}_threshold`);
    const sign: BnnNode = { ...node, x: added.x, threshold: negated.param, origin: [...added.origin, ...node.origin] };
    return rewriteGraph(graph, [...graph.nodes.map((n) => (n === node ? sign : n)), ...negated.nodes], {
      values: [...graph.values, ...negated.values],
    });
  }
  return graph;
}

/** -p, exactly. */
export function negateParam(
  graph: BnnGraph,
  param: ChannelParam,
  name: string,
): { readonly param: ChannelParam; readonly nodes: readonly ActivationNode[]; readonly values: readonly Value[] } {
  if (param.kind === 'static')
    return { param: { kind: 'static', values: param.values.map((v) => -v) }, nodes: [], values: [] };
  const source = graph.values.find((v) => v.id === param.source)!;
  const id = 1 + graph.values.reduce((max, v) => Math.max(max, v.id), 0);
  const value: Value = { id, name: `-${source.name}`, shape: source.shape, domain: 'real' };
  const node: ActivationNode = {
    kind: 'Activation',
    name,
    origin: [],
    x: param.source,
    fn: { kind: 'negate' },
    output: id,
  };
  return { param: { kind: 'dynamic', source: id }, nodes: [node], values: [value] };
}
