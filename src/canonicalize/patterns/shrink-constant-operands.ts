/**
 *     x [1, C, H, W] + c [1, C, H, W], equal along H and W     becomes    x + c [1, C, 1, 1]
 *     x [1, C, H, W] * c [C, 1, 1]                             becomes    x * c [1, C, 1, 1]
 *
 * Exporter: a threshold that was expanded by `expand_as`, and folded. Afterwards a constant operand has x's rank, and size 1
 * along every axis that it does not vary over.
 */

import { shrinkOperand } from '../constants.js';
import { sameShape } from '../operators/broadcast.js';
import { ourPreluAttributes } from '../operators/elementwise.js';
import { readCall } from '../read-call.js';
import type { Rule } from '../rewrite.js';

export const shrinkConstantOperands: Rule = {
  name: 'shrink constant operands',
  roots: [
    'Add',
    'Sub',
    'Mul',
    'Div',
    'PRelu',
    'Where',
    'Greater',
    'GreaterOrEqual',
    'Less',
    'LessOrEqual',
    'Equal',
    'Max',
    'Min',
    'dybnn.PRelu',
  ],
  apply(node, view, draft) {
    const shape = view.type(node.outputs[0])?.shape;
    if (shape === undefined) return null;
    // Where every operand is constant along an axis of the result, one has to keep its size there.
    const full = node.inputs.some(
      (input) => view.constant(input) === undefined && sameShape(view.type(input)?.shape ?? [], shape),
    );
    if (!full) return null;
    let changed = false;
    const inputs = node.inputs.map((input) => {
      const tensor = view.constant(input);
      const shrunk = tensor === undefined ? null : shrinkOperand(tensor, shape);
      if (shrunk === null) return input;
      changed = true;
      return draft.constant(shrunk);
    });
    if (!changed) return null;
    if (node.domain === '') return draft.node(node.opType, inputs);
    return draft.node(node.opType, inputs, readCall(node, ourPreluAttributes, view).attributes, 'dybnn');
  },
};
