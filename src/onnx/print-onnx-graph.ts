/**
 * An OnnxGraph as text, one line a value: what the cases in test/ compare and what a person reads.
 *
 *     input  x: float32 [1, 3, 8, 8]
 *     const  w: float32 [8, 3, 3, 3]
 *     y = Conv(x, w) {group: 1, pads: [1, 1, 1, 1]}: float32 [1, 8, 8, 8]
 *     output y
 */
import { describeType, displayName } from './describe.js';
import type { Attribute, OnnxGraph, OnnxNode, Tensor } from './onnx-graph.js';

export interface PrintOptions {
  /** Print the elements of constants that have at most so many. */
  readonly maxElements?: number;
}

export function printOnnxGraph(graph: OnnxGraph, options: PrintOptions = {}): string {
  const maxElements = options.maxElements ?? 8;
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  for (const output of graph.outputs) read.add(output.name);
  return [
    ...graph.inputs.map(
      (input) => `input  ${displayName(input.name)}: ${describeType(graph.types.get(input.name) ?? input)}`,
    ),
    ...[...graph.constants]
      .filter(([name]) => read.has(name))
      .map(([name, tensor]) => `const  ${displayName(name)}: ${printTensor(tensor, maxElements)}`),
    ...graph.nodes.map((node) => printNode(node, graph, maxElements)),
    ...graph.outputs.map((output) => `output ${displayName(output.name)}`),
    '',
  ].join('\n');
}

function printNode(node: OnnxNode, graph: OnnxGraph, maxElements: number): string {
  const attributes = [...node.attributes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${displayName(name)}: ${printAttribute(value, maxElements)}`);
  const domain = node.domain === '' ? '' : `${displayName(node.domain)}.`;
  const call = `${domain}${displayName(node.opType)}(${node.inputs.map((i) => (i === '' ? '_' : displayName(i))).join(', ')})`;
  const types = node.outputs.map((output) => graph.types.get(output)).filter((type) => type !== undefined);
  return [
    `${node.outputs.map((o) => (o === '' ? '_' : displayName(o))).join(', ')} = ${call}`,
    attributes.length > 0 ? ` {${attributes.join(', ')}}` : '',
    types.length > 0 ? `: ${types.map(describeType).join(', ')}` : '',
  ].join('');
}

function printTensor(tensor: Tensor, maxElements: number): string {
  const type = describeType(tensor);
  return tensor.data.length <= maxElements ? `${type} = ${Array.from(tensor.data, printNumber).join(' ')}` : type;
}

function printAttribute(attribute: Attribute, maxElements: number): string {
  switch (attribute.kind) {
    case 'float':
    case 'int':
      return printNumber(attribute.value);
    case 'string':
      return displayName(attribute.value);
    case 'floats':
    case 'ints':
      return `[${attribute.value.map(printNumber).join(', ')}]`;
    case 'strings':
      return `[${attribute.value.map(displayName).join(', ')}]`;
    case 'tensor':
      return printTensor(attribute.value, maxElements);
    case 'unsupported':
      return `<${attribute.what}>`;
  }
}

/** Seven digits tell binary32 values apart for a reader; -0 keeps its sign. */
function printNumber(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return String(Number(value.toPrecision(7)));
}
