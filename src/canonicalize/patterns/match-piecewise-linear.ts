/**
 * Expressions that are p x where x > 0 and n x where x < 0, however they are put together from Relu, Abs, Max, Min, masks and
 * constant factors.
 *
 *     Relu(x) - a Relu(-x)              p = 1, n = a
 *     Relu(x) + a (x - |x|) / 2         p = 1, n = a
 *     Where(x > 0, x, a x)              p = 1, n = a
 *     x * ((x > 0) + a (x <= 0))        p = 1, n = a
 *
 * Flows in: a node and the value that x is. Flows out: p and n as constants that broadcast to x, and the comparison that decides at
 * 0 (where both give 0, of either sign).
 */
import type { OnnxNode, Tensor } from '../../onnx/onnx-graph.js';
import { combineTensors, mapTensor, scalar } from '../constants.js';
import { type GraphView, uniformValue } from '../graph-view.js';
import { leakyReluAttributes } from '../operators/elementwise.js';
import { readCall } from '../read-call.js';
import { clipBounds } from './make-activations.js';
import { conditionOn, matchCondition, type Relation } from './match-condition.js';

export interface PiecewiseLinear {
  readonly positive: Tensor;
  readonly negative: Tensor;
  /** Where the graph compares: does 0 belong to the positive side? */
  readonly compare: 'gt' | 'ge' | null;
}

/** Nodes that one match looks at: a pattern has a dozen, a graph that reads a value twice at every level has no end of them. */
const MAX_STEPS = 64;
/** Slopes are per channel; a constant larger than this is none. */
const MAX_SLOPES = 65_536;
const one = scalar(1);

/** The node's output as a function of `x`; null where it is none of this kind. */
export function matchPiecewiseLinear(
  node: OnnxNode,
  x: string,
  view: GraphView,
  steps: Steps = { left: MAX_STEPS },
): PiecewiseLinear | null {
  if (steps.left-- <= 0) return null;
  view.spend(1);
  const of = (value: string | undefined): PiecewiseLinear | null => {
    if (value === x) return { positive: one, negative: one, compare: null };
    const producer = view.producer(value);
    return producer === undefined ? null : matchPiecewiseLinear(producer, x, view, steps);
  };
  const [a, b] = node.inputs;
  if (node.opType === 'PRelu') return leaky(of(a), smallConstant(b, view));
  if (node.domain !== '') return null;
  switch (node.opType) {
    case 'Neg':
      return each(of(a), (v) => -v);
    case 'Relu':
      return rectified(of(a));
    case 'Abs':
      return sides(of(a), Math.abs, (n) => -Math.abs(n));
    case 'Max':
      return node.inputs.length === 2 ? extreme(node, of, view, Math.max, Math.min) : null;
    case 'Min':
      return node.inputs.length === 2 ? extreme(node, of, view, Math.min, Math.max) : null;
    case 'Clip':
      return clipped(node, of(a), view);
    case 'Add':
      return sum(of(a), of(b), (p, q) => p + q);
    case 'Sub':
      return sum(of(a), of(b), (p, q) => p - q);
    case 'Div': {
      const divisor = smallConstant(b, view);
      return divisor === undefined
        ? null
        : scaled(
            of(a),
            mapTensor(divisor, (v) => 1 / v),
            null,
          );
    }
    case 'Mul':
      return product(a, b, of, x, view, steps) ?? product(b, a, of, x, view, steps);
    case 'LeakyRelu':
      return leaky(of(a), scalar(readCall(node, leakyReluAttributes, view).attributes.alpha));
    case 'Where':
      return chosen(node, of, x, view);
    default:
      return null;
  }
}

function smallConstant(name: string | undefined, view: GraphView): Tensor | undefined {
  const tensor = view.constant(name);
  return tensor !== undefined && tensor.data.length <= MAX_SLOPES ? tensor : undefined;
}

interface Steps {
  left: number;
}

type Of = (value: string | undefined) => PiecewiseLinear | null;

function sides(
  f: PiecewiseLinear | null,
  positive: (p: number) => number,
  negative: (n: number) => number,
): PiecewiseLinear | null {
  if (f === null) return null;
  return { ...f, positive: mapTensor(f.positive, positive), negative: mapTensor(f.negative, negative) };
}

function each(f: PiecewiseLinear | null, fn: (v: number) => number): PiecewiseLinear | null {
  return sides(f, fn, fn);
}

/** max(p x, 0) for x > 0 is max(p, 0) x; max(n x, 0) for x < 0 is min(n, 0) x. */
function rectified(f: PiecewiseLinear | null): PiecewiseLinear | null {
  return sides(
    f,
    (p) => Math.max(p, 0),
    (n) => Math.min(n, 0),
  );
}

function sum(
  f: PiecewiseLinear | null,
  g: PiecewiseLinear | null,
  fn: (p: number, q: number) => number,
): PiecewiseLinear | null {
  if (f === null || g === null) return null;
  return {
    positive: combineTensors(f.positive, g.positive, fn),
    negative: combineTensors(f.negative, g.negative, fn),
    compare: f.compare ?? g.compare,
  };
}

function extreme(
  node: OnnxNode,
  of: Of,
  view: GraphView,
  positive: (p: number, q: number) => number,
  negative: (p: number, q: number) => number,
): PiecewiseLinear | null {
  const zero: PiecewiseLinear = { positive: scalar(0), negative: scalar(0), compare: null };
  const [f, g] = node.inputs.map((input) => (uniformValue(view.constant(input)) === 0 ? zero : of(input)));
  if (f === null || g === null || f === undefined || g === undefined) return null;
  return {
    positive: combineTensors(f.positive, g.positive, positive),
    negative: combineTensors(f.negative, g.negative, negative),
    compare: f.compare ?? g.compare,
  };
}

function clipped(node: OnnxNode, f: PiecewiseLinear | null, view: GraphView): PiecewiseLinear | null {
  const bounds = clipBounds(node, view);
  if (bounds === null) return null;
  const { lo, hi } = bounds;
  if (lo === 0 && hi === null) return rectified(f);
  return lo === null && hi === 0
    ? sides(
        f,
        (p) => Math.min(p, 0),
        (n) => Math.max(n, 0),
      )
    : null;
}

/** PRelu with slope s: where f < 0 it is s f. */
function leaky(f: PiecewiseLinear | null, slope: Tensor | undefined): PiecewiseLinear | null {
  if (f === null || slope === undefined) return null;
  return {
    positive: combineTensors(f.positive, slope, (p, s) => (p >= 0 ? p : s * p)),
    negative: combineTensors(f.negative, slope, (n, s) => (n <= 0 ? n : s * n)),
    compare: f.compare,
  };
}

function scaled(
  f: PiecewiseLinear | null,
  factor: Tensor,
  other: Tensor | null,
  compare?: 'gt' | 'ge',
): PiecewiseLinear | null {
  if (f === null) return null;
  return {
    positive: combineTensors(f.positive, factor, (p, s) => p * s),
    negative: combineTensors(f.negative, other ?? factor, (n, s) => n * s),
    compare: compare ?? f.compare,
  };
}

/** A constant, or a mask on x's sign, times a function of x. */
function product(
  factor: string | undefined,
  value: string | undefined,
  of: Of,
  x: string,
  view: GraphView,
  steps: Steps,
): PiecewiseLinear | null {
  const constant = smallConstant(factor, view);
  if (constant !== undefined) return scaled(of(value), constant, null);
  const mask = matchMask(factor, x, view, steps);
  return mask === null ? null : scaled(of(value), mask.positive, mask.negative, mask.compare);
}

interface Mask {
  readonly positive: Tensor;
  readonly negative: Tensor;
  readonly compare: 'gt' | 'ge';
}

/** One constant where x > 0 and another where x < 0: Where of constants, a cast condition, and constant arithmetic on them. */
function matchMask(value: string | undefined, x: string, view: GraphView, steps: Steps): Mask | null {
  const node = view.producer(value);
  if (node === undefined || node.domain !== '' || steps.left-- <= 0) return null;
  view.spend(1);
  const [a, b, c] = node.inputs;
  const operand = (name: string | undefined): Mask | Tensor | null =>
    smallConstant(name, view) ?? matchMask(name, x, view, steps);
  switch (node.opType) {
    case 'Cast':
      if (view.type(a)?.type !== 'bool') return matchMask(a, x, view, steps);
      return maskOf(a, one, scalar(0), x, view);
    case 'Where': {
      const [p, q] = [smallConstant(b, view), smallConstant(c, view)];
      return p === undefined || q === undefined ? null : maskOf(a, p, q, x, view);
    }
    case 'Neg':
      return combineMasks(scalar(0), operand(a), (p, q) => p - q);
    case 'Add':
      return combineMasks(operand(a), operand(b), (p, q) => p + q);
    case 'Sub':
      return combineMasks(operand(a), operand(b), (p, q) => p - q);
    case 'Mul':
      return combineMasks(operand(a), operand(b), (p, q) => p * q);
    default:
      return null;
  }
}

function maskOf(
  condition: string | undefined,
  whenTrue: Tensor,
  whenFalse: Tensor,
  x: string,
  view: GraphView,
): Mask | null {
  const found = matchCondition(condition, view);
  const relation = found === null ? null : conditionOn(x, found, view);
  if (relation === null) return null;
  const positiveFirst = relation === '>' || relation === '>=';
  return {
    positive: positiveFirst ? whenTrue : whenFalse,
    negative: positiveFirst ? whenFalse : whenTrue,
    compare: compareOf(relation),
  };
}

function combineMasks(
  a: Mask | Tensor | null,
  b: Mask | Tensor | null,
  fn: (p: number, q: number) => number,
): Mask | null {
  if (a === null || b === null) return null;
  const compare = 'compare' in a ? a.compare : 'compare' in b ? b.compare : null;
  if (compare === null) return null;
  const side = (mask: Mask | Tensor, which: 'positive' | 'negative'): Tensor =>
    'compare' in mask ? mask[which] : mask;
  return {
    positive: combineTensors(side(a, 'positive'), side(b, 'positive'), fn),
    negative: combineTensors(side(a, 'negative'), side(b, 'negative'), fn),
    compare,
  };
}

function chosen(node: OnnxNode, of: Of, x: string, view: GraphView): PiecewiseLinear | null {
  const [condition, whenTrue, whenFalse] = node.inputs;
  const found = matchCondition(condition, view);
  const relation = found === null ? null : conditionOn(x, found, view);
  if (relation === null) return null;
  const positiveFirst = relation === '>' || relation === '>=';
  const zero: PiecewiseLinear = { positive: scalar(0), negative: scalar(0), compare: null };
  const branch = (value: string | undefined): PiecewiseLinear | null =>
    uniformValue(view.constant(value)) === 0 ? zero : of(value);
  const [above, below] = positiveFirst ? [branch(whenTrue), branch(whenFalse)] : [branch(whenFalse), branch(whenTrue)];
  if (above === null || below === null) return null;
  return { positive: above.positive, negative: below.negative, compare: compareOf(relation) };
}

function compareOf(relation: Relation): 'gt' | 'ge' {
  return relation === '>' || relation === '<=' ? 'gt' : 'ge';
}
