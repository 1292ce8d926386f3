/**
 * Two global average pools of one map, or one function of one value twice, are one. (Equal ONNX nodes were merged by
 * canonicalize; these come from rewriting, such as two negations of one dynamic parameter.)
 */
import type { BnnGraph, ValueId } from '../bnn/bnn-graph.js';
import { rewriteGraph } from '../bnn/rewrite.js';

export function mergeEqualNodes(graph: BnnGraph): BnnGraph {
  const seen = new Map<string, ValueId>();
  const redirect = new Map<ValueId, ValueId>();
  for (const node of graph.nodes) {
    if (node.kind !== 'GlobalAveragePool' && node.kind !== 'Activation') continue;
    const key = `${node.kind} ${node.x} ${node.kind === 'Activation' ? JSON.stringify(node.fn) : ''}`;
    const known = seen.get(key);
    if (known === undefined) seen.set(key, node.output);
    else redirect.set(node.output, known);
  }
  return redirect.size === 0 ? graph : rewriteGraph(graph, graph.nodes, { redirect });
}
