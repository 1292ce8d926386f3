/**
 * Rebuilding a graph after nodes were exchanged: dead nodes dropped, order topological, values that nobody makes dropped.
 * Keeps true: the result reads the same output value as the graph given.
 */
import { type BnnGraph, type BnnNode, inputsOf, mapInputs, type ValueId } from './bnn-graph.js';

/** Depth-first order from the output; inputs are visited in the order that `visitOrder` gives. Iterative: graphs are deep. */
export function orderNodes(
  nodes: readonly BnnNode[],
  output: ValueId,
  visitOrder: (node: BnnNode) => readonly ValueId[] = inputsOf,
): readonly BnnNode[] {
  const producer = new Map(nodes.map((n) => [n.output, n]));
  const ordered: BnnNode[] = [];
  const entered = new Set<ValueId>();
  const done = new Set<ValueId>();
  const stack: ValueId[] = [output];
  while (stack.length > 0) {
    const id = stack[stack.length - 1]!;
    const node = producer.get(id);
    if (!node || done.has(id)) {
      stack.pop();
      continue;
    }
    if (entered.has(id)) {
      stack.pop();
      done.add(id);
      ordered.push(node);
      continue;
    }
    entered.add(id);
    for (const input of [...visitOrder(node)].reverse()) if (!done.has(input)) stack.push(input);
  }
  // The input stays even where nothing reads it: its shape is part of the interface.
  for (const node of nodes) if (node.kind === 'Input' && !done.has(node.output)) ordered.unshift(node);
  return ordered;
}

/** Exchanges nodes and redirects readers of old values to new ones. */
export function rewriteGraph(
  graph: BnnGraph,
  nodes: readonly BnnNode[],
  options: { readonly redirect?: ReadonlyMap<ValueId, ValueId>; readonly values?: BnnGraph['values'] } = {},
): BnnGraph {
  const redirect = options.redirect ?? new Map<ValueId, ValueId>();
  const follow = (id: ValueId): ValueId => {
    let current = id;
    for (let next = redirect.get(current); next !== undefined; next = redirect.get(current)) current = next;
    return current;
  };
  const redirected = redirect.size === 0 ? nodes : nodes.map((n) => mapInputs(n, follow));
  const output = follow(graph.output);
  const ordered = orderNodes(redirected, output);
  const made = new Set(ordered.map((n) => n.output));
  const values = (options.values ?? graph.values).filter((v) => made.has(v.id));
  return { ...graph, nodes: ordered, output, values };
}
