/**
 * A canonical graph as a few lines without the file's names, so that a case says what it is about:
 *
 *     a = x + {1 2}           becomes    a = Add(x, [1,2,1,1]{1 2})
 *     b = Sign(a)                        b = dybnn.Sign<compare: ge, negated: 0>(a): [1,2,4,4]
 *
 * Constants of more than 8 elements are shown by their shape. Attributes that are the usual ones of a window are left out.
 */
import type { Attribute, OnnxGraph, Tensor } from '../../src/onnx/index.js';

export function sketch(graph: OnnxGraph): string {
  const names = new Map<string, string>(graph.inputs.map((input, i) => [input.name, i === 0 ? 'x' : `x${i}`]));
  const letter = (i: number): string => (i < 23 ? 'abcdefghijklmnopqrstuvw'[i]! : `v${i}`);
  const show = (value: string): string => {
    const constant = graph.constants.get(value);
    return constant === undefined ? (names.get(value) ?? '_') : showTensor(constant);
  };
  const lines = graph.nodes.map((node, i) => {
    const inputs = node.opType === 'Reshape' && node.domain === '' ? node.inputs.slice(0, 1) : node.inputs;
    const call = `(${inputs.map((input) => (input === '' ? '_' : show(input))).join(', ')})`;
    for (const [k, output] of node.outputs.entries()) names.set(output, `${letter(i)}${k === 0 ? '' : k}`);
    const attributes = [...node.attributes]
      .filter(([name, value]) => !usual(name, value))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}: ${value.kind === 'unsupported' ? '?' : String(value.value)}`);
    const domain = node.domain === '' ? '' : `${node.domain}.`;
    const parameters = attributes.length === 0 ? '' : `<${attributes.join('; ')}>`;
    const shape = graph.types.get(node.outputs[0]!)?.shape ?? [];
    return `${letter(i)} = ${domain}${node.opType}${parameters}${call}: [${shape.join(',')}]`;
  });
  const output = graph.outputs[0];
  return [...lines, ...(output === undefined ? [] : [`-> ${show(output.name)}`])].join('\n');
}

function usual(name: string, value: Attribute): boolean {
  if (value.kind === 'ints') {
    if (name === 'dilations' || name === 'strides') return value.value.every((v) => v === 1);
    return name === 'pads' && value.value.every((v) => v === 0);
  }
  if (name === 'group') return value.kind === 'int' && value.value === 1;
  return name === 'transB' || name === 'negated' || name === 'count_include_pad'
    ? value.kind === 'int' && value.value === (name === 'transB' ? 1 : 0)
    : false;
}

function showTensor({ type, shape, data }: Tensor): string {
  const suffix = type === 'float32' ? '' : type;
  const elements = data.length <= 8 ? `{${Array.from(data, (v) => Number(v.toPrecision(7))).join(' ')}}` : '{..}';
  return `[${shape.join(',')}]${suffix}${elements}`;
}
