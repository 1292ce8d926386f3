/**
 *     v = Conv(...)   y = Identity(v)   output y      becomes    y = Conv(...)   output y
 *
 * Flows in: a graph whose outputs may be copies, which rules leave so that outputs keep their names. Flows out: outputs that
 * are made where the value is. A copy of an input, a constant or another output stays, as a Reshape to its own shape.
 */
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { isOp, staticType } from '../graph-view.js';

export function settleOutputs(graph: OnnxGraph): OnnxGraph {
  return graph.outputs.reduce((current, output) => settleOutput(current, output.name), graph);
}

function settleOutput(graph: OnnxGraph, output: string): OnnxGraph {
  const copy = graph.nodes.find((node) => node.outputs.includes(output));
  if (!isOp(copy, 'Identity')) return graph;
  const value = copy.inputs[0]!;
  const maker = graph.nodes.find((node) => node.outputs.includes(value));
  if (maker === undefined || graph.outputs.some((other) => other.name === value)) return asReshape(graph, output);
  const rename = (name: string): string => (name === value ? output : name);
  const nodes = graph.nodes
    .filter((node) => node !== copy)
    .map((node) => {
      if (!node.inputs.includes(value) && !node.outputs.includes(value)) return node;
      return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
    });
  const types = new Map(graph.types);
  types.set(output, types.get(value)!);
  types.delete(value);
  return { ...graph, nodes, types };
}

function asReshape(graph: OnnxGraph, output: string): OnnxGraph {
  const shape = staticType(graph.types, output)?.shape ?? [];
  let target = `${output}~shape`;
  while (graph.types.has(target)) target += '~';
  const constants = new Map(graph.constants).set(target, {
    type: 'int64',
    shape: [shape.length],
    data: Float64Array.from(shape),
  });
  const types = new Map(graph.types).set(target, { type: 'int64', shape: [shape.length] });
  const nodes = graph.nodes.map((node) =>
    node.outputs.includes(output)
      ? { ...node, opType: 'Reshape', inputs: [node.inputs[0]!, target], attributes: new Map() }
      : node,
  );
  return { ...graph, nodes, constants, types };
}
