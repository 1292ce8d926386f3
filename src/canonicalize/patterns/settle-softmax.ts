/**
 *     Softmax<axis>(x [1, C] or [1, C, 1, 1])     becomes    Softmax<axis 1>(x)
 *
 * Exporter: PyTorch writes axis 1 or -1. Before opset 13 Softmax takes everything from the axis on as one vector: that is the same
 * where the axes behind it have size 1.
 */
import { softmaxAttributes } from '../operators/network.js';
import { normalizeAxis } from '../operators/operator.js';
import { readCall } from '../read-call.js';
import type { Rule } from '../rewrite.js';

export const settleSoftmax: Rule = {
  name: 'settle the axis of Softmax',
  roots: ['Softmax'],
  apply(node, view, draft) {
    const { attributes, types } = readCall(node, softmaxAttributes, view);
    const shape = types[0]?.shape ?? [];
    if (attributes.axis === 1 || shape.length < 2) return null;
    const axis = normalizeAxis(attributes.axis ?? (view.opset < 13 ? 1 : -1), shape.length);
    const along = view.opset < 13 ? shape.slice(axis) : [shape[axis]!];
    const elements = along.reduce((product, d) => product * d, 1);
    const vector = shape.every((d, i) => i === 1 || d === 1) && elements === shape[1];
    return vector ? draft.node('Softmax', [node.inputs[0]!], { axis: 1 }) : null;
  },
};
