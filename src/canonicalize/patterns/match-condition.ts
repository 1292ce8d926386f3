/**
 * Comparisons behind a mask, whatever way they are written.
 *
 *     Greater(a, b), Less(b, a), Not(LessOrEqual(a, b)), Cast<bool>(Cast<float>(Greater(a, b)))      all say    a > b
 *
 * Flows in: a bool value. Flows out: the two sides and how they compare. NaN does not occur (contract 1.2), so Not(a < b) is
 * a >= b.
 */

import { equalTensors, mapTensor } from '../constants.js';
import { type GraphView, isOp, uniformValue } from '../graph-view.js';
import { sameShape } from '../operators/broadcast.js';
import { sizeOf } from '../operators/operator.js';
import type { Draft } from '../rewrite.js';

export type Relation = '>' | '>=' | '<' | '<=';

export interface Condition {
  readonly left: string;
  readonly right: string;
  readonly relation: Relation;
}

const RELATIONS: ReadonlyMap<string, Relation> = new Map([
  ['Greater', '>'],
  ['GreaterOrEqual', '>='],
  ['Less', '<'],
  ['LessOrEqual', '<='],
]);
const OPPOSITE: Readonly<Record<Relation, Relation>> = { '>': '<=', '>=': '<', '<': '>=', '<=': '>' };
const MIRRORED: Readonly<Record<Relation, Relation>> = { '>': '<', '>=': '<=', '<': '>', '<=': '>=' };

export function opposite(condition: Condition): Condition {
  return { ...condition, relation: OPPOSITE[condition.relation] };
}

export function sameCondition(a: Condition, b: Condition): boolean {
  if (a.left === b.left && a.right === b.right) return a.relation === b.relation;
  return a.left === b.right && a.right === b.left && a.relation === MIRRORED[b.relation];
}

/** Not of Not of …: nobody writes more. */
const MAX_DEPTH = 8;

export function matchCondition(value: string | undefined, view: GraphView, depth = 0): Condition | null {
  const node = view.producer(value);
  if (node === undefined || node.domain !== '' || depth > MAX_DEPTH) return null;
  const relation = RELATIONS.get(node.opType);
  if (relation !== undefined) return { left: node.inputs[0]!, right: node.inputs[1]!, relation };
  const x = node.inputs[0];
  if (isOp(node, 'Not')) {
    const inner = matchCondition(x, view, depth + 1);
    return inner === null ? null : opposite(inner);
  }
  if (isOp(node, 'Cast') && view.type(value)?.type === 'bool') {
    const inner = view.producer(x);
    if (isOp(inner, 'Cast')) return matchCondition(inner.inputs[0], view, depth + 1);
  }
  return null;
}

export interface ZeroCondition {
  readonly x: string;
  /** x relation 0 */
  readonly relation: Relation;
}

/** The condition about one value and zero, where it is written so. */
export function aboutZero({ left, right, relation }: Condition, view: GraphView): ZeroCondition | null {
  if (uniformValue(view.constant(right)) === 0) return { x: left, relation };
  if (uniformValue(view.constant(left)) === 0) return { x: right, relation: MIRRORED[relation] };
  return null;
}

/**
 * The condition about a difference and zero: exact, since with subnormals a - b is 0 only where a equals b. Of a map and a
 * vector the map comes first, as in x - threshold.
 */
export function differenceAboutZero(condition: Condition, view: GraphView, draft: Draft): ZeroCondition | null {
  const written = aboutZero(condition, view);
  if (written !== null) return written;
  const { left, right, relation } = condition;
  const constant = view.constant(right);
  if (constant !== undefined) {
    return { x: draft.node('Add', [left, draft.constant(mapTensor(constant, (c) => -c))]), relation };
  }
  if (view.constant(left) !== undefined) {
    return differenceAboutZero({ left: right, right: left, relation: MIRRORED[relation] }, view, draft);
  }
  const elements = (value: string): number => sizeOf(view.type(value)?.shape ?? []);
  if (elements(left) < elements(right)) return { x: draft.node('Sub', [right, left]), relation: MIRRORED[relation] };
  return { x: draft.node('Sub', [left, right]), relation };
}

/** Does the condition compare `x` with zero, or the two values that `x` is the difference of? */
export function conditionOn(x: string, condition: Condition, view: GraphView): Relation | null {
  const zero = aboutZero(condition, view);
  if (zero !== null && zero.x === x) return zero.relation;
  const { left, right, relation } = condition;
  if (isDifference(x, left, right, view)) return relation;
  if (isDifference(x, right, left, view)) return MIRRORED[relation];
  return null;
}

/** Is x = a - b, as Sub, as Add of a negation, or as Add of the negated constant? */
function isDifference(x: string, a: string, b: string, view: GraphView): boolean {
  const node = view.producer(x);
  if (!isOp(node, 'Sub', 'Add')) return false;
  const [p, q] = node.inputs;
  if (isOp(node, 'Sub')) return p === a && q === b;
  const constant = view.constant(b);
  for (const [first, second] of [
    [p, q],
    [q, p],
  ] as const) {
    if (first !== a) continue;
    const negation = view.producer(second);
    if (isOp(negation, 'Neg') && negation.inputs[0] === b) return true;
    const addend = view.constant(second);
    if (constant !== undefined && addend !== undefined && broadcastEqual(constant, addend)) return true;
  }
  return false;
}

function broadcastEqual(b: Parameters<typeof mapTensor>[0], addend: Parameters<typeof mapTensor>[0]): boolean {
  const negated = mapTensor(b, (v) => -v);
  if (sameShape(negated.shape, addend.shape)) return equalTensors(negated, addend);
  try {
    return equalTensors(negated, addend);
  } catch {
    return false;
  }
}
