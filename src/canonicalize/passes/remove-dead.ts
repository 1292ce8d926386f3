/**
 * Nodes and constants that no output depends on are dropped.
 *
 * Flows in: any graph. Flows out: the same outputs from fewer nodes.
 */
import type { OnnxGraph } from '../../onnx/onnx-graph.js';

export function removeDead(graph: OnnxGraph): OnnxGraph {
  const live = new Set(graph.outputs.map((output) => output.name));
  const nodes = [...graph.nodes]
    .reverse()
    .filter((node) => {
      if (!node.outputs.some((output) => live.has(output))) return false;
      for (const input of node.inputs) live.add(input);
      return true;
    })
    .reverse();
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const constants = new Map([...graph.constants].filter(([name]) => live.has(name)));
  const inputs = new Set(graph.inputs.map((input) => input.name));
  const types = new Map([...graph.types].filter(([name]) => made.has(name) || constants.has(name) || inputs.has(name)));
  return { ...graph, nodes, constants, types };
}
