/** A node as its operator sees it (operators/operator.ts), read through a view: for rules that need attributes. */
import type { OnnxNode } from '../onnx/onnx-graph.js';
import type { GraphView } from './graph-view.js';
import { type AttributeSpecs, type AttributeValues, type Call, readAttributes } from './operators/operator.js';

/** Throws OperatorProblem for an attribute that is not supported. */
export function readCall<S extends AttributeSpecs>(
  node: OnnxNode,
  specs: S,
  view: GraphView,
): Call<AttributeValues<S>> {
  return {
    node,
    opset: view.opset,
    attributes: readAttributes(node, specs),
    types: node.inputs.map((input) => view.type(input) ?? null),
    constants: node.inputs.map((input) => view.constant(input) ?? null),
    mixedFloats: true,
  };
}
