/**
 *     Sign(x)                                                            becomes    dybnn.Sign<ge>(x)
 *     Where(x >= c, 1, -1),  2 * Cast(x >= c) - 1,  1 - 2 * Cast(x < c),
 *     Cast(x >= c) - Cast(x < c),  and the same with Not, >, swapped sides or swapped branches
 *                                                                        becomes    dybnn.Sign<ge | gt, negated>(x - c)
 *     the same with v and -v in place of 1 and -1 (in Where also per channel)    becomes    dybnn.Sign(x - c) * v
 *     Sign(Sign(x) + e)                                                  becomes    dybnn.Sign(x), ge where e > 0, gt where e < 0
 *     Where(x == 0, e, Sign(x)),  Sign(x) + e * Cast(x == 0),  e = +-1   becomes    the same
 *
 * Exporter: the ways in which people write a sign that has no zero. ONNX's Sign(0) = 0 cannot be held in one bit: it counts as +1
 * (contract 3.1).
 */
import type { OnnxNode } from '../../onnx/onnx-graph.js';
import { scalar } from '../constants.js';
import { type GraphView, isOp, uniformValue } from '../graph-view.js';
import { sameShape } from '../operators/broadcast.js';
import { ourSignAttributes } from '../operators/elementwise.js';
import { readCall } from '../read-call.js';
import type { Draft, Rule } from '../rewrite.js';
import { differenceAboutZero, matchCondition, type Relation } from './match-condition.js';
import { matchTwoValuedNode } from './match-two-valued.js';

export const makeSign: Rule = {
  name: 'make dybnn.Sign',
  roots: ['Sign', 'Where', 'Cast', 'Add', 'Sub', 'Mul', 'Div', 'Neg'],
  apply(node, view, draft) {
    const x = node.inputs[0];
    if (x === undefined) return null;
    if (isOp(node, 'Sign')) return sign(draft, x, '>=');
    const perChannel = signPerChannel(node, view, draft);
    if (perChannel !== null) return perChannel;
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

/** Where(c, v, -v) with a constant v that is not one number. */
function signPerChannel(node: OnnxNode, view: GraphView, draft: Draft): string | null {
  if (!isOp(node, 'Where')) return null;
  const [a, b, c] = node.inputs;
  const condition = matchCondition(a, view);
  const [v, w] = [view.constant(b), view.constant(c)];
  if (condition === null || v === undefined || w === undefined || uniformValue(v) !== undefined) return null;
  if (v.data.length > 65_536 || !sameShape(v.shape, w.shape) || !v.data.every((p, i) => p === -w.data[i]!)) return null;
  const about = differenceAboutZero(condition, view, draft);
  if (about === null) return null;
  draft.absorb(a);
  const result = draft.node('Mul', [sign(draft, about.x, about.relation), b!]);
  return sameShape(view.type(result)?.shape ?? [], view.type(node.outputs[0])?.shape ?? []) ? result : null;
}

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
  roots: ['Sign', 'Where', 'Add', 'Sub'],
  apply(node, view, draft) {
    if (isOp(node, 'Sign')) return nudged(node, view, draft);
    const [a, b, c] = node.inputs;
    if (isOp(node, 'Where')) {
      const value = uniformValue(view.constant(b));
      return value === 1 || value === -1 ? withZeroAs(value, c, zeroTested(a, view), view, draft) : null;
    }
    const [first, second] = [view.producer(a), view.producer(b)];
    if (isOp(second, 'Cast'))
      return withZeroAs(isOp(node, 'Add') ? 1 : -1, a, zeroTested(second.inputs[0], view), view, draft);
    if (isOp(first, 'Cast') && isOp(node, 'Add'))
      return withZeroAs(1, b, zeroTested(first.inputs[0], view), view, draft);
    return null;
  },
};

/** `signed` = Sign(x), except that 0 gives `value`: `tested` is compared with 0, and is x or Sign(x). */
function withZeroAs(
  value: 1 | -1,
  signed: string | undefined,
  tested: string | null,
  view: GraphView,
  draft: Draft,
): string | null {
  const inner = view.producer(signed);
  if (tested === null || !isOp(inner, 'Sign')) return null;
  const x = inner.inputs[0]!;
  if (tested !== x && tested !== signed) return null;
  draft.absorb(signed);
  return sign(draft, x, value === 1 ? '>=' : '>');
}

/** x where the condition is x == 0. */
function zeroTested(condition: string | undefined, view: GraphView): string | null {
  const equal = view.producer(condition);
  if (!isOp(equal, 'Equal')) return null;
  const zero = equal.inputs.findIndex((side) => uniformValue(view.constant(side)) === 0);
  return zero === -1 ? null : equal.inputs[1 - zero]!;
}

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
    const { compare, negated } = readCall(inner, ourSignAttributes, view).attributes;
    draft.absorb(node.inputs[0]);
    return draft.node('Sign', inner.inputs, { compare, negated: 1 - negated }, 'dybnn');
  },
};
