/**
 *     x + 0,  x - 0,  x * 1,  x / 1,  x ^ 1        become    x            x ^ 2   becomes    x * x
 *     Neg(Neg(x))                                  becomes   x            (x * c) * d becomes   x * (c d)
 *
 * Exporter: scale and shift parameters that were never trained, and what the other rules leave.
 */
import { combineTensors } from '../constants.js';
import { isOp, uniformValue } from '../graph-view.js';
import { sameShape } from '../operators/broadcast.js';
import type { Rule } from '../rewrite.js';

const NEUTRAL: ReadonlyMap<string, number> = new Map([
  ['Add', 0],
  ['Sub', 0],
  ['Mul', 1],
  ['Div', 1],
  ['Pow', 1],
]);

/** Factors are per channel. */
const MAX_FACTORS = 65_536;

export const dropNeutralOperands: Rule = {
  name: 'drop neutral operands',
  roots: ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Neg'],
  apply(node, view, draft) {
    const [a, b] = node.inputs;
    const shape = view.type(node.outputs[0])?.shape;
    if (a === undefined || shape === undefined) return null;
    if (node.opType === 'Neg') {
      const inner = view.producer(a);
      return isOp(inner, 'Neg') ? inner.inputs[0]! : null;
    }
    const factor = isOp(node, 'Mul') ? view.constant(b) : undefined;
    const inner = view.producer(a);
    const before = isOp(inner, 'Mul') ? view.constant(inner.inputs[1]) : undefined;
    if (factor !== undefined && before !== undefined && factor.data.length * before.data.length <= MAX_FACTORS ** 2) {
      draft.absorb(a);
      return draft.node('Mul', [inner!.inputs[0]!, draft.constant(combineTensors(before, factor, (p, q) => p * q))]);
    }
    const value = uniformValue(view.constant(b));
    if (value === undefined || !sameShape(view.type(a)?.shape ?? [], shape)) return null;
    if (node.opType === 'Pow' && value === 2) return draft.node('Mul', [a, a]);
    // 49 * (1 / 49) is 1 but for the last bit of binary64.
    const neutral = NEUTRAL.get(node.opType);
    return neutral !== undefined && Math.abs(value - neutral) <= neutral * 2 ** -50 ? a : null;
  },
};
