/**
 *     (s - t) + t,  t + (s - t),  s + (t - t),  (s + t) - t          become    s
 *     t - t                                                          becomes   0
 *
 * Exporter: training code with a straight-through estimator, `out = sign(x).detach() - approx.detach() + approx`, where approx
 * is a clip (HardTanh) or the piecewise polynomial of Bi-RealNet and ReActNet. The value of the sum is sign(x); t is only
 * there for its gradient. Equal expressions have one name by now (merge-equal-values.ts), so t is compared by name. The
 * identity is exact in real numbers; the rounding that the sum would have added is noise that the training never meant.
 */
import { scalar } from '../constants.js';
import type { GraphView } from '../graph-view.js';
import { isOp } from '../graph-view.js';
import { sameShape } from '../operators/broadcast.js';
import type { Rule } from '../rewrite.js';

export const cancelStraightThrough: Rule = {
  name: 'cancel straight-through terms',
  roots: ['Add', 'Sub'],
  apply(node, view, draft) {
    const [a, b] = node.inputs;
    if (a === undefined || b === undefined) return null;
    const value = node.opType === 'Add' ? (cancelled(a, b, view) ?? cancelled(b, a, view)) : difference(a, b, view);
    if (value === null) return null;
    const shape = view.type(node.outputs[0])?.shape;
    if (shape === undefined) return null;
    if (value === ZERO) return draft.node('Expand', [draft.constant(scalar(0)), draft.constant(shapeTensor(shape))]);
    draft.absorb(a, b);
    const kept = view.type(value)?.shape;
    return kept !== undefined && sameShape(kept, shape) ? value : null;
  },
};

const ZERO = Symbol('zero');

/** s where `sum` is s - t and `t` is the other addend. */
function cancelled(sum: string, t: string, view: GraphView): string | null {
  const inner = view.producer(sum);
  if (!isOp(inner, 'Sub')) return null;
  const [s, minus] = inner.inputs;
  return minus === t && s !== undefined ? s : null;
}

function difference(a: string, b: string, view: GraphView): string | typeof ZERO | null {
  if (a === b) return ZERO;
  const inner = view.producer(a);
  if (!isOp(inner, 'Add')) return null;
  const [first, second] = inner.inputs;
  if (second === b && first !== undefined) return first;
  return first === b && second !== undefined ? second : null;
}

function shapeTensor(shape: readonly number[]): { type: 'int64'; shape: readonly number[]; data: Float64Array } {
  return { type: 'int64', shape: [shape.length], data: Float64Array.from(shape) };
}
