/** Who reads what: flows in a BnnGraph, flows out look-up tables over it. */
import { type BnnGraph, type BnnNode, inputsOf, type Value, type ValueId } from './bnn-graph.js';

export interface GraphIndex {
  readonly producer: ReadonlyMap<ValueId, BnnNode>;
  readonly users: ReadonlyMap<ValueId, readonly BnnNode[]>;
  readonly value: (id: ValueId) => Value;
  /** The one node that reads the value, where exactly one does and the value is not the graph's output. */
  readonly soleUser: (id: ValueId) => BnnNode | null;
}

export function indexGraph(graph: BnnGraph): GraphIndex {
  const producer = new Map<ValueId, BnnNode>();
  const users = new Map<ValueId, BnnNode[]>();
  const values = new Map(graph.values.map((v) => [v.id, v]));
  for (const node of graph.nodes) {
    producer.set(node.output, node);
    for (const id of new Set(inputsOf(node))) {
      const list = users.get(id);
      if (list) list.push(node);
      else users.set(id, [node]);
    }
  }
  return {
    producer,
    users,
    value: (id) => {
      const found = values.get(id);
      if (!found) throw new Error(`value ${id} is not in the graph`);
      return found;
    },
    soleUser: (id) => {
      const list = users.get(id) ?? [];
      return list.length === 1 && id !== graph.output ? list[0]! : null;
    },
  };
}
