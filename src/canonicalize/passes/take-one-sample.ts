/**
 * A fixed batch N becomes 1: in the input, in the targets of Reshape and Expand, and in constants that were expanded over it.
 *
 *     x: [8, 3, 4, 4]   Reshape(x, [8, 48])    becomes    x: [1, 3, 4, 4]   Reshape(x, [1, 48])
 *
 * Exporter: any that was given an example batch and no dynamic axes.
 *
 * The samples of a batch do not meet as long as the batch is the outermost axis of every value that depends on the input. Then
 * the first sample of every such value is its first 1/N, and dividing each outermost axis by N gives a graph that computes just
 * that. Whether it holds is checked: types are inferred again and must be those of before with the outermost axis divided.
 *
 * Flows in: a typed graph with constants folded. Flows out: one whose batch is 1. Problems go to the bag.
 */
import type { DiagnosticBag } from '../../diagnostics/diagnostic.js';
import { describeNode, describeShape } from '../../onnx/describe.js';
import type { OnnxGraph, OnnxNode, Tensor, TensorType } from '../../onnx/onnx-graph.js';
import { staticType } from '../graph-view.js';
import { sameShape } from '../operators/broadcast.js';
import { inferAndFold } from './infer-and-fold.js';

export function takeOneSample(graph: OnnxGraph, bag: DiagnosticBag): OnnxGraph {
  const [input] = graph.inputs;
  const batch = input === undefined ? 1 : (staticType(graph.types, input.name)?.shape[0] ?? 1);
  if (input === undefined || batch === 1) return graph;

  const constants = new Map(graph.constants);
  const types = new Map<string, TensorType>(graph.types);
  const dependent = new Set([input.name]);
  types.set(input.name, oneSample(graph, input.name, batch));
  const nodes = graph.nodes.map((node) => {
    if (!node.inputs.some((name) => dependent.has(name))) return node;
    for (const output of node.outputs) dependent.add(output);
    return withOneSample(node, graph, batch, constants, types);
  });

  const result = inferAndFold({ ...graph, nodes, constants, types }, { fold: 'shapes' }, bag);
  if (!bag.hasErrors) checkOutermost(graph, result, batch, dependent, bag);
  return result;
}

/** Operators whose constant operands may carry the batch. */
const BROADCASTING = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Where',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'Equal',
  'And',
  'Or',
  'Xor',
  'Max',
  'Min',
  'Sum',
  'PRelu',
  'Concat',
]);

function oneSample(graph: OnnxGraph, value: string, batch: number): TensorType {
  const { type, shape } = staticType(graph.types, value)!;
  return { type, shape: [shape[0]! / batch, ...shape.slice(1)] };
}

function withOneSample(
  node: OnnxNode,
  graph: OnnxGraph,
  batch: number,
  constants: Map<string, Tensor>,
  types: Map<string, TensorType>,
): OnnxNode {
  const add = (base: string, tensor: Tensor): string => {
    let name = `${base}~sample`;
    while (constants.has(name) || types.has(name)) name += '~';
    constants.set(name, tensor);
    types.set(name, { type: tensor.type, shape: tensor.shape });
    return name;
  };
  const output = node.outputs[0]!;
  const shape = staticType(graph.types, output)?.shape;
  const outermost = shape?.[0];
  if (node.domain !== '' || shape === undefined || outermost === undefined || outermost % batch !== 0) return node;
  if (node.opType === 'Reshape' || node.opType === 'Expand') {
    const target = [outermost / batch, ...shape.slice(1)];
    const name = add(output, { type: 'int64', shape: [target.length], data: Float64Array.from(target) });
    return { ...node, inputs: [node.inputs[0]!, name] };
  }
  if (!BROADCASTING.has(node.opType)) return node;
  // A constant that was expanded over the batch: the samples' parts must be equal, or the model treats them differently.
  const inputs = node.inputs.map((input) => {
    const tensor = constants.get(input);
    if (tensor === undefined || tensor.shape.length !== shape.length || tensor.shape[0] !== outermost) return input;
    const part = firstSample(tensor, batch);
    return part === null ? input : add(input, part);
  });
  return { ...node, inputs };
}

/** null where the samples differ. */
function firstSample({ type, shape, data }: Tensor, batch: number): Tensor | null {
  const size = data.length / batch;
  for (let i = size; i < data.length; i++) if (!Object.is(data[i], data[i - size])) return null;
  return { type, shape: [shape[0]! / batch, ...shape.slice(1)], data: data.slice(0, size) };
}

function checkOutermost(
  before: OnnxGraph,
  after: OnnxGraph,
  batch: number,
  dependent: ReadonlySet<string>,
  bag: DiagnosticBag,
): void {
  for (const node of before.nodes) {
    for (const output of node.outputs) {
      if (!dependent.has(output) || !after.types.has(output)) continue;
      const was = staticType(before.types, output)?.shape;
      const is = staticType(after.types, output)?.shape;
      const divided = was?.map((d, axis) => (axis === 0 ? d / batch : d));
      const fits = is !== undefined && is.length > 0 && divided !== undefined && sameShape(divided, is);
      if (fits) continue;
      bag.error('DYB205', {
        title: 'samples of a batch meet',
        node: describeNode(node, before.opset),
        found: `${describeShape(was ?? null)} for a batch of ${batch}, ${describeShape(is ?? null)} for one sample`,
        supported: 'graphs that keep the batch as the outermost axis',
        hint: 'export with a batch of 1 or a dynamic batch axis',
      });
      return;
    }
  }
}
