/**
 * Values that take two numbers, one where a condition holds and one where it does not.
 *
 *     Where(c, p, q)     Cast<float>(c): 1, 0     2 * Cast(c) - 1: 1, -1     Cast(x >= 0) - Cast(x < 0): 1, -1
 *
 * Flows in: a value. Flows out: the condition and the two numbers, computed through the constant arithmetic on top.
 */
import type { OnnxNode } from '../../onnx/onnx-graph.js';
import { type GraphView, uniformValue } from '../graph-view.js';
import { type Condition, matchCondition, opposite, sameCondition } from './match-condition.js';

export interface TwoValued {
  readonly condition: Condition;
  readonly whenTrue: number;
  readonly whenFalse: number;
}

/** Nodes that one match looks at. */
const MAX_STEPS = 32;

interface Steps {
  left: number;
}

export function matchTwoValued(
  value: string | undefined,
  view: GraphView,
  steps: Steps = { left: MAX_STEPS },
): TwoValued | null {
  const node = view.producer(value);
  return node === undefined ? null : matchTwoValuedNode(node, view, steps);
}

export function matchTwoValuedNode(
  node: OnnxNode,
  view: GraphView,
  steps: Steps = { left: MAX_STEPS },
): TwoValued | null {
  if (steps.left-- <= 0 || node.domain !== '') return null;
  view.spend(1);
  const [a, b, c] = node.inputs;
  switch (node.opType) {
    case 'Cast': {
      if (view.type(a)?.type !== 'bool') return map(matchTwoValued(a, view, steps), (v) => v);
      const condition = matchCondition(a, view);
      return condition === null ? null : { condition, whenTrue: 1, whenFalse: 0 };
    }
    case 'Where': {
      const condition = matchCondition(a, view);
      const [p, q] = [uniformValue(view.constant(b)), uniformValue(view.constant(c))];
      return condition === null || p === undefined || q === undefined ? null : { condition, whenTrue: p, whenFalse: q };
    }
    case 'Neg':
      return map(matchTwoValued(a, view, steps), (v) => -v);
    case 'Add':
      return combine(a, b, view, steps, (x, y) => x + y);
    case 'Sub':
      return combine(a, b, view, steps, (x, y) => x - y);
    case 'Mul':
      return combine(a, b, view, steps, (x, y) => x * y);
    case 'Div':
      return combine(a, b, view, steps, (x, y) => x / y);
    default:
      return null;
  }
}

function map(value: TwoValued | null, fn: (v: number) => number): TwoValued | null {
  return value === null ? null : { ...value, whenTrue: fn(value.whenTrue), whenFalse: fn(value.whenFalse) };
}

function combine(
  a: string | undefined,
  b: string | undefined,
  view: GraphView,
  steps: Steps,
  fn: (x: number, y: number) => number,
): TwoValued | null {
  const [constantA, constantB] = [uniformValue(view.constant(a)), uniformValue(view.constant(b))];
  if (constantA !== undefined) return map(matchTwoValued(b, view, steps), (v) => fn(constantA, v));
  const left = matchTwoValued(a, view, steps);
  if (left === null) return null;
  if (constantB !== undefined) return map(left, (v) => fn(v, constantB));
  const right = matchTwoValued(b, view, steps);
  if (right === null) return null;
  if (sameCondition(left.condition, right.condition)) {
    return { ...left, whenTrue: fn(left.whenTrue, right.whenTrue), whenFalse: fn(left.whenFalse, right.whenFalse) };
  }
  if (!sameCondition(left.condition, opposite(right.condition))) return null;
  return { ...left, whenTrue: fn(left.whenTrue, right.whenFalse), whenFalse: fn(left.whenFalse, right.whenTrue) };
}
