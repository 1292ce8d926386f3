/**
 * Topological order.
 *
 * Flows in: nodes as the file lists them. Flows out: the same nodes, each after those it reads from, otherwise in the
 * file's order; or the nodes of a cycle. (ONNX demands the order, hand-edited files often lack it, and nothing is lost.)
 */
interface Wired {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export type Sorted<N> =
  | { readonly kind: 'sorted'; readonly nodes: readonly N[] }
  | { readonly kind: 'cycle'; readonly nodes: readonly N[] };

export function sortNodes<N extends Wired>(nodes: readonly N[]): Sorted<N> {
  const producers = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const output of node.outputs) if (output !== '') producers.set(output, index);
  });
  const sorted: N[] = [];
  /** 0 not seen, 1 on the path, 2 placed. */
  const state = new Uint8Array(nodes.length);
  for (let root = 0; root < nodes.length; root++) {
    if (state[root] !== 0) continue;
    /** The path from the root, each node with the next of its inputs to look at. */
    const path: { node: number; next: number }[] = [{ node: root, next: 0 }];
    state[root] = 1;
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const node = nodes[top.node]!;
      const input = node.inputs[top.next++];
      if (input === undefined) {
        state[top.node] = 2;
        sorted.push(node);
        path.pop();
        continue;
      }
      const producer = producers.get(input);
      if (producer === undefined || state[producer] === 2) continue;
      if (state[producer] === 1) {
        const start = path.findIndex((step) => step.node === producer);
        return { kind: 'cycle', nodes: path.slice(start).map((step) => nodes[step.node]!) };
      }
      state[producer] = 1;
      path.push({ node: producer, next: 0 });
    }
  }
  return { kind: 'sorted', nodes: sorted };
}
