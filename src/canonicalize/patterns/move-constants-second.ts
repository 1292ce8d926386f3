/**
 *     c + x    becomes   x + c             x - c   becomes   x + (-c)
 *     c * x    becomes   x * c             c - x   becomes   Neg(x) + c
 *     x / c    becomes   x * (1 / c)       x * -1  becomes   Neg(x)
 *
 * so that later rules and raise meet one form. Negation is exact. 1 / c is kept in binary64 where it is not a binary32 number
 * (clause 10.1): x * (1 / c) then differs from x / c by no more than one rounding.
 */
import { mapTensor } from '../constants.js';
import { uniformValue } from '../graph-view.js';
import { isFloat } from '../operators/operator.js';
import type { Rule } from '../rewrite.js';

export const moveConstantsSecond: Rule = {
  name: 'move constants second',
  roots: ['Add', 'Mul', 'Sub', 'Div'],
  apply(node, view, draft) {
    const [a, b] = node.inputs;
    const type = view.type(node.outputs[0]);
    if (a === undefined || b === undefined || type === undefined || !isFloat(type.type)) return null;
    const [first, second] = [view.constant(a), view.constant(b)];
    if (first !== undefined && second !== undefined) return null;
    switch (node.opType) {
      case 'Add':
        return first === undefined ? null : draft.node('Add', [b, a]);
      case 'Mul':
        if (first !== undefined) return draft.node('Mul', [b, a]);
        return uniformValue(second) === -1 && second?.data.length === 1 ? draft.node('Neg', [a]) : null;
      case 'Sub':
        if (second !== undefined) return draft.node('Add', [a, draft.constant(mapTensor(second, (c) => -c))]);
        return first === undefined ? null : draft.node('Add', [draft.node('Neg', [b]), a]);
      case 'Div':
        if (second === undefined || second.data.some((c) => c === 0)) return null;
        return draft.node('Mul', [a, draft.constant(mapTensor(second, (c) => 1 / c))]);
      default:
        return null;
    }
  },
};
