/**
 * Common subexpressions: two nodes with the same operator, attributes and inputs become one, two equal constants too.
 *
 *     a = Clip(x, -1, 1)   b = Clip(x, -1, 1)   y = s - a + b     becomes     y = s - a + a
 *
 * Exporter: training code that computes its straight-through term twice, and constants repeated for every use.
 *
 * Flows in: any graph. Flows out: no two nodes compute the same. Rules may compare values by name afterwards.
 */
import type { Attribute, OnnxGraph, OnnxNode, Tensor } from '../../onnx/onnx-graph.js';
import { removeDead } from './remove-dead.js';

/** Larger constants are only equal to themselves. */
const MAX_COMPARED = 65_536;

const COMMUTATIVE = new Set(['Add', 'Mul', 'Max', 'Min', 'And', 'Or', 'Xor', 'Equal']);

export function mergeEqualValues(graph: OnnxGraph): OnnxGraph {
  const aliases = new Map<string, string>();
  const resolve = (name: string): string => aliases.get(name) ?? name;
  const outputs = new Set(graph.outputs.map((output) => output.name));

  const seenConstants = new Map<string, { name: string; tensor: Tensor }[]>();
  for (const [name, tensor] of graph.constants) {
    if (tensor.data.length > MAX_COMPARED || outputs.has(name)) continue;
    const key = constantKey(tensor);
    const candidates = seenConstants.get(key);
    const equal = candidates?.find((candidate) => sameData(candidate.tensor, tensor));
    if (equal !== undefined) aliases.set(name, equal.name);
    else if (candidates !== undefined) candidates.push({ name, tensor });
    else seenConstants.set(key, [{ name, tensor }]);
  }

  const seenNodes = new Map<string, OnnxNode>();
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    const resolved = node.inputs.some((input) => aliases.has(input))
      ? { ...node, inputs: node.inputs.map(resolve) }
      : node;
    const key = nodeKey(resolved);
    const equal = seenNodes.get(key);
    if (equal === undefined) {
      seenNodes.set(key, resolved);
      nodes.push(resolved);
    } else if (node.outputs.some((output) => outputs.has(output))) nodes.push(resolved);
    else
      node.outputs.forEach((output, i) => {
        aliases.set(output, equal.outputs[i]!);
      });
  }
  return aliases.size === 0 ? graph : removeDead({ ...graph, nodes });
}

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

function constantKey({ type, shape, data }: Tensor): string {
  let hash = 0;
  for (let i = 0; i < data.length; i++) {
    bits[0] = data[i]!;
    hash = (Math.imul(hash ^ words[0]!, 0x01000193) ^ words[1]!) | 0;
  }
  return `${type} ${shape.join(',')} ${hash}`;
}

function sameData(a: Tensor, b: Tensor): boolean {
  if (a.data === b.data) return true;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false;
  return true;
}

function nodeKey(node: OnnxNode): string {
  const inputs = COMMUTATIVE.has(node.opType) ? [...node.inputs].sort() : node.inputs;
  const attributes = [...node.attributes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, attributeKey(value, node)]);
  return JSON.stringify([node.domain, node.opType, inputs, node.outputs.length, attributes]);
}

function attributeKey(attribute: Attribute, node: OnnxNode): unknown {
  if (attribute.kind !== 'tensor') return attribute;
  // Too large to compare: the node is equal to itself only, and its output tells it apart.
  if (attribute.value.data.length > 64) return node.outputs;
  return [attribute.value.type, attribute.value.shape, Array.from(attribute.value.data)];
}
