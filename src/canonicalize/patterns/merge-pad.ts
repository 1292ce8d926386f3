/**
 *     Conv<pads p>(Pad<q, 0>(x))                               becomes    Conv<pads p + q>(x)
 *     AveragePool<count_include_pad or pads 0>(Pad<q, 0>(x))   becomes    AveragePool<pads p + q, count_include_pad>(x)
 *     MaxPool<pads p>(Pad<q, v>(x)), v below any x             becomes    MaxPool<pads p + q>(x)
 *
 * Exporter: PyTorch writes F.pad and, for AvgPool2d, its own padding as a Pad in front.
 *
 * Exact: a zero that Pad adds and a zero that the operator adds are the same zero. In MaxPool padding never wins: that is what a
 * padded v does if it is no larger than every x: the least float, or 0 behind a ReLU.
 */
import type { OnnxNode } from '../../onnx/onnx-graph.js';
import { type GraphView, isOp, uniformValue } from '../graph-view.js';
import {
  averagePoolAttributes,
  convAttributes,
  maxPoolAttributes,
  padAmounts,
  padAttributes,
} from '../operators/network.js';
import { readCall } from '../read-call.js';
import type { Rule } from '../rewrite.js';

const LEAST_FLOAT = -3.4028234663852886e38;

export const mergePad: Rule = {
  name: 'merge Pad',
  roots: ['Conv', 'AveragePool', 'MaxPool'],
  apply(node, view, draft) {
    const pad = view.producer(node.inputs[0]);
    const padding = isOp(pad, 'Pad') ? spatialPadding(pad, view) : null;
    if (padding === null || pad === undefined || !node.attributes.has('pads')) return null;
    const { x, pads: added, value } = padding;
    const { attributes } = isOp(node, 'Conv')
      ? readCall(node, convAttributes, view)
      : isOp(node, 'MaxPool')
        ? readCall(node, maxPoolAttributes, view)
        : readCall(node, averagePoolAttributes, view);
    const own = attributes.pads ?? [0, 0, 0, 0];
    const { kernel_shape: kernel, strides, dilations } = attributes;
    if (attributes.auto_pad !== 'NOTSET' || kernel === null || strides === null || dilations === null) return null;
    const pads = own.map((p, i) => p + added[i]!);
    draft.absorb(node.inputs[0]);
    const inputs = node.inputs.with(0, x);
    const window = { kernel_shape: kernel, strides, dilations, pads };
    if (isOp(node, 'Conv')) {
      if (value !== 0) return null;
      return draft.node('Conv', inputs, { ...window, group: readCall(node, convAttributes, view).attributes.group });
    }
    if (isOp(node, 'MaxPool')) {
      const nonNegative = value === 0 && isOp(view.producer(x), 'Relu', 'Sigmoid', 'HardSigmoid');
      const inside = pads.every((p, i) => p < kernel[i % 2]!);
      if (node.attributes.has('ceil_mode') || !inside || !(nonNegative || value <= LEAST_FLOAT)) return null;
      return draft.node('MaxPool', inputs, window);
    }
    const { attributes: pool } = readCall(node, averagePoolAttributes, view);
    const counted = pool.count_include_pad !== 0 || own.every((p) => p === 0);
    if (value !== 0 || pool.ceil_mode !== 0 || !counted || pads.some((p, i) => p >= kernel[i % 2]!)) return null;
    return draft.node('AveragePool', inputs, { ...window, count_include_pad: 1 });
  },
};

interface SpatialPadding {
  readonly x: string;
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
  readonly value: number;
}

function spatialPadding(pad: OnnxNode, view: GraphView): SpatialPadding | null {
  const call = readCall(pad, padAttributes, view);
  if (call.attributes.mode !== 'constant' || call.types[0]?.shape.length !== 4) return null;
  const amounts = padAmounts(call, 4);
  const given = pad.inputs[2] ?? '';
  const value = given === '' ? (call.attributes.value ?? 0) : uniformValue(view.constant(given));
  if (value === undefined || amounts[0] !== 0 || amounts[1] !== 0 || amounts[4] !== 0 || amounts[5] !== 0) return null;
  return { x: pad.inputs[0]!, pads: [amounts[2]!, amounts[3]!, amounts[6]!, amounts[7]!], value };
}
