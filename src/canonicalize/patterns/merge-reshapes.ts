/**
 *     Flatten(x) | Squeeze(x) | Unsqueeze(x) | Transpose(x) that moves no element |
 *     Gather<index 0>(x) along an axis of size 1                                      becomes    Reshape(x)
 *     Reshape(Reshape(x))                                                             becomes    Reshape(x)
 *     Reshape(x) to x's own shape                                                     becomes    x
 *
 * Exporter: view, flatten, squeeze, unsqueeze, `[:, :, 0, 0]` and `[..., None, None]` between GAP, FC and the maps that use their results.
 */
import { isOp } from '../graph-view.js';
import { sameShape } from '../operators/broadcast.js';
import { normalizeAxis } from '../operators/operator.js';
import { gatherAttributes, permutationOf, transposeAttributes } from '../operators/shape.js';
import { readCall } from '../read-call.js';
import type { Rule } from '../rewrite.js';

const RESHAPES = ['Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Reshape', 'Gather'];

export const mergeReshapes: Rule = {
  name: 'merge reshapes',
  roots: RESHAPES,
  apply(node, view, draft) {
    const x = node.inputs[0];
    const [from, to] = [view.type(x), view.type(node.outputs[0])];
    if (x === undefined || from === undefined || to === undefined) return null;
    if (isOp(node, 'Gather')) {
      const along = normalizeAxis(readCall(node, gatherAttributes, view).attributes.axis, from.shape.length);
      const indices = view.constant(node.inputs[1]);
      if (from.shape[along] !== 1 || indices?.data.length !== 1) return null;
      if (indices.data[0] !== 0 && indices.data[0] !== -1) return null;
    }
    if (isOp(node, 'Transpose')) {
      const order = permutationOf(readCall(node, transposeAttributes, view).attributes.perm, from.shape.length);
      const moved = order.filter((axis) => from.shape[axis] !== 1);
      if (moved.some((axis, i) => i > 0 && axis < moved[i - 1]!)) return null;
    }
    if (sameShape(from.shape, to.shape)) return x;
    const inner = view.producer(x);
    const source = isOp(inner, 'Reshape') ? inner.inputs[0]! : x;
    if (isOp(node, 'Reshape') && source === x && isPlainTarget(view.constant(node.inputs[1])?.data, to.shape))
      return null;
    if (source !== x) draft.absorb(x);
    const target = draft.constant({ type: 'int64', shape: [to.shape.length], data: Float64Array.from(to.shape) });
    return draft.node('Reshape', [source, target]);
  },
};

/** The target already is the output's shape, without 0 or -1. */
function isPlainTarget(target: ArrayLike<number> | undefined, shape: readonly number[]): boolean {
  return target !== undefined && sameShape(Array.from(target), shape);
}
