/**
 *     y = Identity(x) | Dropout(x) | Cast<float>(x) | Pad<0 everywhere>(x) | Slice(x) of all of x       becomes    x
 *
 * Exporter: all of them; detach(), clone() and eval-mode dropout leave these. A cast between float32 and float64 changes the
 * rounding of what follows and nothing else; the contract rounds everything to binary32.
 */
import { isOp } from '../graph-view.js';
import { isFloat } from '../operators/operator.js';
import type { Rule } from '../rewrite.js';

export const dropCopies: Rule = {
  name: 'drop copies',
  roots: ['Identity', 'Dropout', 'Cast', 'CastLike', 'Pad', 'Sum', 'Max', 'Min', 'Concat', 'Slice'],
  apply(node, view) {
    const [x, ...others] = node.inputs;
    const [from, to] = [view.type(x), view.type(node.outputs[0])];
    if (x === undefined || from === undefined || to === undefined) return null;
    if (isOp(node, 'Sum', 'Max', 'Min', 'Concat')) return others.length === 0 ? x : null;
    if (isOp(node, 'Cast', 'CastLike')) {
      return from.type === to.type || (isFloat(from.type) && isFloat(to.type)) ? x : null;
    }
    if (isOp(node, 'Pad')) return from.shape.every((d, axis) => d === to.shape[axis]) ? x : null;
    if (isOp(node, 'Slice')) {
      const whole = from.shape.every((d, axis) => d === to.shape[axis]);
      const steps = view.constant(node.inputs[4])?.data ?? [];
      return whole && steps.every((step) => step > 0) ? x : null;
    }
    // A graph output that is another value keeps its name through an Identity: settle-outputs.ts sees to it.
    if (isOp(node, 'Identity') && node.outputs.length === 1 && view.isOutput(node.outputs[0]!)) return null;
    return node.outputs.slice(1).every((output) => output === '' || view.uses(output) === 0) ? x : null;
  },
};
