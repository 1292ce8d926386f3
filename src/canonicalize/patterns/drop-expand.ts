/**
 *     x + Expand(t, shape of x)     becomes    x + t
 *
 * Exporter: `t.expand_as(x)` on thresholds and shifts; the operator broadcasts by itself.
 */
import { isOp } from '../graph-view.js';
import { broadcastShapes, sameShape } from '../operators/broadcast.js';
import type { Rule } from '../rewrite.js';

export const dropExpand: Rule = {
  name: 'drop Expand in front of a broadcast',
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
    'Max',
    'Min',
    'Expand',
  ],
  apply(node, view, draft) {
    const shape = view.type(node.outputs[0])?.shape;
    if (shape === undefined) return null;
    if (isOp(node, 'Expand')) return sameShape(view.type(node.inputs[0])?.shape ?? [], shape) ? node.inputs[0]! : null;
    for (const [index, input] of node.inputs.entries()) {
      const expand = view.producer(input);
      if (!isOp(expand, 'Expand')) continue;
      const inputs = node.inputs.with(index, expand.inputs[0]!);
      const shapes = inputs.map((name) => view.type(name)?.shape);
      if (shapes.includes(undefined) || !sameShape(broadcastShapes(shapes as number[][]), shape)) continue;
      draft.absorb(input);
      return draft.node(node.opType, inputs);
    }
    return null;
  },
};
