/**
 * The order in which nodes become steps: depth first from the output. Of an addition's operands the one that a convolution
 * makes comes last, so that the addition can be part of that convolution's tail; a binary one comes after a float one.
 */
import { type BnnGraph, type BnnNode, inputsOf, type ValueId } from '../bnn/bnn-graph.js';
import { orderNodes } from '../bnn/rewrite.js';
import type { GraphIndex } from '../bnn/users.js';

export function schedule(graph: BnnGraph, index: GraphIndex): readonly BnnNode[] {
  const rank = (id: ValueId): number => {
    const kind = index.producer.get(id)?.kind;
    if (index.soleUser(id) === null) return 0;
    return kind === 'BinaryConv2d' ? 3 : kind === 'Conv2d' ? 2 : kind === 'MaxPool' ? 1 : 0;
  };
  return orderNodes(graph.nodes, graph.output, (node) =>
    node.kind === 'Add' && rank(node.a) > rank(node.b) ? [node.b, node.a] : inputsOf(node),
  );
}
