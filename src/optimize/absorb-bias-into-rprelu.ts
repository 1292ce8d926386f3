/**
 * RPReLU(x + b) -> RPReLU with gamma = -b, and RPReLU(x) + b -> RPReLU with zeta = b (clause 5.2): ReActNet's Add, PRelu, Add.
 */
import type { BnnGraph, BnnNode } from '../bnn/bnn-graph.js';
import { rewriteGraph } from '../bnn/rewrite.js';
import { indexGraph } from '../bnn/users.js';
import { negateParam } from './absorb-bias-into-rsign.js';

export function absorbBiasIntoRprelu(graph: BnnGraph): BnnGraph {
  const index = indexGraph(graph);
  for (const node of graph.nodes) {
    if (node.kind !== 'RPReLU') continue;
    const before = index.producer.get(node.x);
    if (node.gamma === null && before?.kind === 'ScaleBias' && before.scale === null && before.bias !== null) {
      const negated = negateParam(graph, before.bias, `${node.name}_gamma`);
      const rprelu: BnnNode = {
        ...node,
        x: before.x,
        gamma: negated.param,
        origin: [...before.origin, ...node.origin],
      };
      return rewriteGraph(graph, [...graph.nodes.map((n) => (n === node ? rprelu : n)), ...negated.nodes], {
        values: [...graph.values, ...negated.values],
      });
    }
    const after = index.soleUser(node.output);
    // A vector added to itself is no parameter of what makes it.
    const ownResult =
      after?.kind === 'ScaleBias' && after.bias?.kind === 'dynamic' && after.bias.source === node.output;
    if (
      node.zeta === null &&
      after?.kind === 'ScaleBias' &&
      after.scale === null &&
      after.bias !== null &&
      !ownResult
    ) {
      const rprelu: BnnNode = {
        ...node,
        zeta: after.bias,
        output: after.output,
        origin: [...node.origin, ...after.origin],
      };
      return rewriteGraph(
        graph,
        graph.nodes.flatMap((n) => (n === node ? [] : n === after ? [rprelu] : [n])),
      );
    }
  }
  return graph;
}
