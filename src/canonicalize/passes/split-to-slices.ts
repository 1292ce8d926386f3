/**
 *     a, b = Split<axis 1, 6 and 6>(x)     becomes    a = Slice(x, 0, 6, 1)   b = Slice(x, 6, 12, 1)
 *
 * Exporter: chunk and split, on the one FC that makes both shifts of a DyPReLU.
 *
 * Flows in: a typed graph. Flows out: the same without Split; rules see nodes of one output.
 */
import type { OnnxGraph, OnnxNode, Tensor, TensorType } from '../../onnx/onnx-graph.js';
import { isOp, staticType } from '../graph-view.js';
import { normalizeAxis, readAttributes } from '../operators/operator.js';
import { splitAttributes } from '../operators/shape.js';

export function splitToSlices(graph: OnnxGraph): OnnxGraph {
  if (!graph.nodes.some((node) => isOp(node, 'Split'))) return graph;
  const constants = new Map(graph.constants);
  const types = new Map<string, TensorType>(graph.types);
  const integer = (base: string, value: number): string => {
    let name = base;
    while (types.has(name)) name += '~';
    const tensor: Tensor = { type: 'int64', shape: [1], data: Float64Array.of(value) };
    constants.set(name, tensor);
    types.set(name, { type: 'int64', shape: [1] });
    return name;
  };
  const nodes = graph.nodes.flatMap((node): readonly OnnxNode[] => {
    if (!isOp(node, 'Split')) return [node];
    const rank = staticType(graph.types, node.inputs[0]!)?.shape.length ?? 1;
    const axis = normalizeAxis(readAttributes(node, splitAttributes).axis, rank);
    let start = 0;
    return node.outputs.flatMap((output) => {
      const length = staticType(graph.types, output)?.shape[axis];
      if (output === '' || length === undefined) return [];
      const bounds = [integer(`${output}~start`, start), integer(`${output}~end`, start + length)];
      start += length;
      const inputs = [node.inputs[0]!, ...bounds, integer(`${output}~axis`, axis)];
      return [{ ...node, opType: 'Slice', inputs, outputs: [output], attributes: new Map() }];
    });
  });
  return { ...graph, nodes, constants, types };
}
