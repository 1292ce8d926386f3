/**
 *     m * A + (1 - m) * B,  m = Cast<float>(c)        becomes    Where(c, A, B)
 *
 * Exporter: masks written as arithmetic (`mask.float() * a + (1 - mask.float()) * b`). Exact: one product is the value, the other 0.
 */
import type { OnnxNode } from '../../onnx/onnx-graph.js';
import { type GraphView, isOp } from '../graph-view.js';
import { sameShape } from '../operators/broadcast.js';
import type { Rule } from '../rewrite.js';
import { opposite, type Relation, sameCondition } from './match-condition.js';
import { matchTwoValued, type TwoValued } from './match-two-valued.js';

export const makeWhere: Rule = {
  name: 'make Where of a blend',
  roots: ['Add'],
  apply(node, view, draft) {
    const [first, second] = node.inputs.map((input) => view.producer(input));
    const shape = view.type(node.outputs[0])?.shape ?? [];
    for (const p of masked(first, view)) {
      for (const q of masked(second, view)) {
        const [one, other] = [p.mask, q.mask];
        if (one.whenTrue + one.whenFalse !== 1 || one.whenTrue * one.whenFalse !== 0) continue;
        const alike = sameCondition(one.condition, other.condition);
        if (!alike && !sameCondition(one.condition, opposite(other.condition))) continue;
        const [whenTrue, whenFalse] = alike ? [other.whenTrue, other.whenFalse] : [other.whenFalse, other.whenTrue];
        if (whenTrue !== one.whenFalse || whenFalse !== one.whenTrue) continue;
        draft.absorb(...node.inputs);
        const { left, right, relation } = one.condition;
        const condition = draft.node(COMPARISON[relation], [left, right]);
        const branches = one.whenTrue === 1 ? [p.value, q.value] : [q.value, p.value];
        const result = draft.node('Where', [condition, ...branches]);
        return sameShape(view.type(result)?.shape ?? shape, shape) ? result : null;
      }
    }
    return null;
  },
};

const COMPARISON: Readonly<Record<Relation, string>> = {
  '>': 'Greater',
  '>=': 'GreaterOrEqual',
  '<': 'Less',
  '<=': 'LessOrEqual',
};

interface Masked {
  readonly mask: TwoValued;
  readonly value: string;
}

/** Readings of a product as a mask of 0 and 1 times a value. */
function masked(node: OnnxNode | undefined, view: GraphView): readonly Masked[] {
  if (!isOp(node, 'Mul')) return [];
  const [a, b] = node.inputs as [string, string];
  const read = (factor: string, value: string): Masked[] => {
    const mask = matchTwoValued(factor, view);
    return mask === null ? [] : [{ mask, value }];
  };
  return [...read(a, b), ...read(b, a)];
}
