/**
 *     Sign(x)                                                            becomes    dybnn.Sign<ge>(x)
 *     Where(x >= c, 1, -1),  2 * Cast(x >= c) - 1,  1 - 2 * Cast(x < c),
 *     Cast(x >= c) - Cast(x < c),  and the same with Not, >, swapped sides or swapped branches
 *                                                                        becomes    dybnn.Sign<ge | gt, negated>(x - c)
 *     the same with v and -v in place of 1 and -1                        becomes    dybnn.Sign(x - c) * v
 *     Sign(Sign(x) + e),  Where(Sign(x) == 0, +-1, Sign(x))              becomes    dybnn.Sign(x), ge where e > 0, gt where e < 0
 *
 * Exporter: the ways in which people write a sign that has no zero. ONNX's Sign(0) = 0 cannot be held in one bit: it counts as +1
 * (contract 3.1).
 */
import type { OnnxNode } from '../../onnx/onnx-graph.js';
import { scalar } from '../constants.js';
import { type GraphView, isOp, uniformValue } from '../graph-view.js';
import { sameShape } from '../operators/broadcast.js';
import type { Draft, Rule } from '../rewrite.js';
import { differenceAboutZero, type Relation } from './match-condition.js';
import { matchTwoValuedNode } from './match-two-valued.js';

export const makeSign: Rule = {
  name: 'make dybnn.Sign',
  roots: ['Sign', 'Where', 'Cast', 'Add', 'Sub', 'Mul', 'Div', 'Neg'],
  apply(node, view, draft) {
    const x = node.inputs[0];
    if (x === undefined) return null;
    if (isOp(node, 'Sign')) return sign(draft, x, '>=');
    const found = matchTwoValuedNode(node, view);
    const magnitude = Math.abs(found?.whenTrue ?? 0);
    if (found === null || magnitude === 0 || found.whenTrue !== -found.whenFalse) return null;
    const condition = differenceAboutZero(found.condition, view, draft);
    if (condition === null) return null;
    const relation = found.whenTrue > 0 ? condition.relation : INVERTED[condition.relation];
    const result = sign(draft, condition.x, relation);
    const shape = view.type(node.outputs[0])?.shape ?? [];
    if (!sameShape(view.type(result)?.shape ?? [], shape)) return null;
    draft.absorb(...node.inputs);
    return magnitude === 1 ? result : draft.node('Mul', [result, draft.constant(scalar(magnitude))]);
  },
};

/** -1 where x relation 0 is +1 where it is not. */
const INVERTED: Readonly<Record<Relation, Relation>> = { '>': '<=', '>=': '<', '<': '>=', '<=': '>' };

/** +1 where x relation 0, -1 elsewhere. */
function sign(draft: Draft, x: string, relation: Relation): string {
  const compare = relation === '>=' || relation === '<' ? 'ge' : 'gt';
  const negated = relation === '<' || relation === '<=' ? 1 : 0;
  return draft.node('Sign', [x], { compare, negated }, 'dybnn');
}

/** Runs before makeSign: what is done about zero decides between ge and gt. */
export const settleSignOfZero: Rule = {
  name: 'settle the sign of zero',
  roots: ['Sign', 'Where'],
  apply(node, view, draft) {
    if (isOp(node, 'Sign')) return nudged(node, view, draft);
    const [condition, atZero, elsewhere] = node.inputs;
    const equal = view.producer(condition);
    const inner = view.producer(elsewhere);
    if (!isOp(equal, 'Equal') || !isOp(inner, 'Sign')) return null;
    const value = uniformValue(view.constant(atZero));
    const x = inner.inputs[0]!;
    const sides = [equal.inputs[0], equal.inputs[1]];
    const zero = sides.findIndex((side) => uniformValue(view.constant(side)) === 0);
    const other = zero === -1 ? undefined : sides[1 - zero];
    if ((value !== 1 && value !== -1) || (other !== x && other !== elsewhere)) return null;
    draft.absorb(elsewhere);
    return sign(draft, x, value === 1 ? '>=' : '>');
  },
};

function nudged(node: OnnxNode, view: GraphView, draft: Draft): string | null {
  const sum = view.producer(node.inputs[0]);
  if (!isOp(sum, 'Add', 'Sub')) return null;
  const [a, b] = sum.inputs;
  const second = view.constant(b) !== undefined;
  const nudge = uniformValue(view.constant(second || isOp(sum, 'Sub') ? b : a));
  const inner = view.producer(second ? a : b);
  if (nudge === undefined || nudge === 0 || Math.abs(nudge) >= 1 || !isOp(inner, 'Sign')) return null;
  draft.absorb(node.inputs[0], inner.outputs[0]);
  const up = isOp(sum, 'Add') ? nudge > 0 : nudge < 0;
  return sign(draft, inner.inputs[0]!, up ? '>=' : '>');
}

/**
 *     Neg(dybnn.Sign(x))     becomes    dybnn.Sign<negated>(x)
 */
export const negateSign: Rule = {
  name: 'negate dybnn.Sign',
  roots: ['Neg'],
  apply(node, view, draft) {
    const inner = view.producer(node.inputs[0]);
    if (inner?.domain !== 'dybnn' || inner.opType !== 'Sign') return null;
    const compare = inner.attributes.get('compare');
    const negated = inner.attributes.get('negated');
    if (compare?.kind !== 'string' || negated?.kind !== 'int') return null;
    draft.absorb(node.inputs[0]);
    return draft.node('Sign', inner.inputs, { compare: compare.value, negated: 1 - negated.value }, 'dybnn');
  },
};
