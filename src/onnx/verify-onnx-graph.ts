/**
 * The invariants of OnnxGraph, checked behind import and behind every pass of canonicalize. A violation is our bug: import
 * has refused whatever the file could get wrong.
 *
 * Keeps true: every value has one maker; nodes come after what they read; every output is made; constants hold as many
 * elements as their shapes say, and their types agree.
 */
import type { OnnxGraph } from './onnx-graph.js';

export function verifyOnnxGraph(graph: OnnxGraph): void {
  const made = new Set<string>(['']);
  const make = (name: string, what: string): void => {
    if (made.has(name)) throw new Error(`internal: ${what} makes '${name}' a second time`);
    made.add(name);
  };
  for (const input of graph.inputs) make(input.name, 'an input');
  for (const [name, tensor] of graph.constants) {
    make(name, 'a constant');
    const count = tensor.shape.reduce((product, d) => product * d, 1);
    if (tensor.data.length !== count) {
      throw new Error(`internal: constant '${name}' holds ${tensor.data.length} elements, its shape ${count}`);
    }
  }
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (!made.has(input))
        throw new Error(`internal: ${node.name} (${node.opType}) reads '${input}' before it is made`);
    }
    for (const output of node.outputs) if (output !== '') make(output, `${node.name} (${node.opType})`);
  }
  for (const output of graph.outputs) {
    if (!made.has(output.name)) throw new Error(`internal: output '${output.name}' is not made`);
  }
}
