/**
 * An int8 copy of a network for ONNX Runtime: every convolution, and the classifier, between QuantizeLinear and
 * DequantizeLinear pairs, which ONNX Runtime fuses into QLinearConv and QGemm.
 *
 *   x -> Q -> DQ -> Conv(DQ(w), DQ(b)) -> Q -> DQ -> y
 *
 * Flows in: the model and the largest magnitude of each value that becomes int8, seen in one run. Flows out: the copy's bytes.
 * Fair to it: weights have a scale per channel, binary ones are exactly -1 and +1 times theirs, activations behind a sign are
 * exactly -1 and +1, biases are int32. What has no int8 kernel (sign, PRelu) or decides thresholds (Add, Sub, the small FCs)
 * stays float32.
 */
import onnxProto from 'onnx-proto';
import { encodeModel, tensor } from '../test/support/onnx-builder.js';

const { onnx } = onnxProto;
type Node = onnxProto.onnx.INodeProto;
type Tensor = onnxProto.onnx.ITensorProto;

/** The model with an output for each value whose range quantizeModel needs. */
export function modelForRanges(bytes: Uint8Array): Uint8Array {
  const model = onnx.ModelProto.decode(bytes);
  const graph = model.graph!;
  const values = quantizedNodes(graph.node!).flatMap((n) => [
    ...(isSigned(n, graph.node!) ? [] : [n.input![0]!]),
    n.output![0]!,
  ]);
  const known = new Set([...graph.input!, ...graph.output!].map((v) => v.name));
  for (const name of new Set(values)) {
    if (!known.has(name)) graph.output!.push({ name, type: { tensorType: { elemType: 1 } } });
  }
  return encodeModel(model);
}

export type Activation = 'int8' | 'uint8';

export function quantizeModel(
  bytes: Uint8Array,
  ranges: ReadonlyMap<string, number>,
  activation: Activation,
): Uint8Array {
  const model = onnx.ModelProto.decode(bytes);
  const graph = model.graph!;
  const constants = new Map(graph.initializer!.map((t) => [t.name!, t]));
  const made: Tensor[] = [];
  const nodes: Node[] = [];
  const quantized = new Set(quantizedNodes(graph.node!));
  const constant = (name: string, t: Tensor): string => {
    made.push({ ...t, name });
    return name;
  };
  const pair = (from: string, to: string, scale: number, at: string): void => {
    const zero = activation === 'int8' ? 0 : 128;
    const inputs = [
      constant(`${at}_scale`, tensor('float32', [], [scale])),
      constant(`${at}_zero`, tensor(activation, [], [zero])),
    ];
    nodes.push({ opType: 'QuantizeLinear', name: `${at}_q`, input: [from, ...inputs], output: [`${at}_int8`] });
    nodes.push({ opType: 'DequantizeLinear', name: `${at}_dq`, input: [`${at}_int8`, ...inputs], output: [to] });
  };
  for (const node of graph.node!) {
    if (!quantized.has(node)) {
      nodes.push(node);
      continue;
    }
    const [x, w, b] = node.input! as [string, string, string | undefined];
    const y = node.output![0]!;
    const inputScale = isSigned(node, graph.node!) ? 1 : scaleOf(ranges, x);
    pair(x, `${y}_in_dq`, inputScale, `${y}_in`);
    const weights = quantizeWeights(constants.get(w)!);
    const wNames = [
      constant(`${y}_w`, { dims: weights.dims, dataType: 3, rawData: new Uint8Array(weights.data.buffer) }),
      constant(`${y}_w_scale`, tensor('float32', [weights.scales.length], weights.scales)),
      constant(`${y}_w_zero`, tensor('int8', [weights.scales.length], [0])),
    ];
    const axis = { name: 'axis', type: onnx.AttributeProto.AttributeType.INT, i: 0 };
    nodes.push({
      opType: 'DequantizeLinear',
      name: `${y}_w_dq`,
      input: wNames,
      output: [`${y}_w_f`],
      attribute: [axis],
    });
    const inputs = [`${y}_in_dq`, `${y}_w_f`];
    if (b !== undefined) {
      const scales = weights.scales.map((s) => Math.fround(s * inputScale));
      const bias = floatsOf(constants.get(b)!);
      const bNames = [
        constant(
          `${y}_b`,
          tensor(
            'int32',
            [bias.length],
            Array.from(bias, (v, i) => Math.round(v / scales[i]!)),
          ),
        ),
        constant(`${y}_b_scale`, tensor('float32', [scales.length], scales)),
        constant(`${y}_b_zero`, tensor('int32', [scales.length], [0])),
      ];
      nodes.push({
        opType: 'DequantizeLinear',
        name: `${y}_b_dq`,
        input: bNames,
        output: [`${y}_b_f`],
        attribute: [axis],
      });
      inputs.push(`${y}_b_f`);
    }
    nodes.push({ ...node, input: inputs, output: [`${y}_real`] });
    pair(`${y}_real`, y, scaleOf(ranges, y), `${y}_out`);
  }
  const used = new Set(nodes.flatMap((n) => n.input!));
  graph.initializer = [...graph.initializer!.filter((t) => used.has(t.name!)), ...made];
  graph.node = nodes;
  graph.valueInfo = [];
  return encodeModel(model);
}

/** Convolutions, and the last fully connected layer: the small ones in front of thresholds stay as they are. */
function quantizedNodes(nodes: readonly Node[]): readonly Node[] {
  const gemms = nodes.filter((n) => n.opType === 'Gemm');
  return nodes.filter((n) => n.opType === 'Conv' || n === gemms.at(-1));
}

function isSigned(node: Node, nodes: readonly Node[]): boolean {
  const producer = nodes.find((n) => n.output!.includes(node.input![0]!));
  return producer?.opType === 'Sign' || producer?.opType === 'Where';
}

function scaleOf(ranges: ReadonlyMap<string, number>, value: string): number {
  const largest = ranges.get(value);
  if (largest === undefined) throw new Error(`no range was seen for ${value}`);
  return Math.fround(Math.max(largest, 1e-6) / 127);
}

function floatsOf(t: Tensor): Float32Array {
  if (t.floatData && t.floatData.length > 0) return Float32Array.from(t.floatData);
  const raw = t.rawData!;
  return new Float32Array(raw.slice().buffer);
}

/** Symmetric, one scale a channel. A channel of one magnitude becomes -1 and +1: no rounding, and no saturation anywhere. */
function quantizeWeights(t: Tensor): { readonly dims: number[]; readonly scales: number[]; readonly data: Int8Array } {
  const values = floatsOf(t);
  const dims = t.dims!.map(Number);
  const channels = dims[0]!;
  const size = values.length / channels;
  const data = new Int8Array(values.length);
  const scales: number[] = [];
  for (let o = 0; o < channels; o++) {
    const row = values.subarray(o * size, (o + 1) * size);
    let largest = 0;
    let smallest = Infinity;
    for (const v of row) {
      const m = Math.abs(v);
      if (m > largest) largest = m;
      if (m < smallest) smallest = m;
    }
    const binary = smallest > 0.999 * largest;
    const scale = Math.fround(binary ? largest : Math.max(largest, 1e-12) / 127);
    scales.push(scale);
    for (let i = 0; i < size; i++) data[o * size + i] = Math.round(row[i]! / scale);
  }
  return { dims, scales, data };
}
