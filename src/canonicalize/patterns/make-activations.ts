/**
 *     Max(x, 0) | Clip<0, none>(x)                                 becomes    Relu(x)
 *     Max(Min(x, hi), lo), Min(x, hi), Max(x, lo)                  becomes    Clip<lo, hi>(x)
 *     Clip<0, 6>(x + 3) / 6 and the like                           becomes    HardSigmoid<1/6, 1/2>(x)
 *     x * HardSigmoid<1/6, 1/2>(x), x * Clip<0, 6>(x + 3) / 6      becomes    HardSwish(x)
 *     1 / (1 + Exp(-x))                                            becomes    Sigmoid(x)
 *     x * Sigmoid(x), x / (1 + Exp(-x)), Swish<1>(x)               becomes    dybnn.Swish(x)
 *
 * Exporter: hand-written activations, and PyTorch's own below opset 14.
 */
import type { OnnxNode } from '../../onnx/onnx-graph.js';
import { scalar } from '../constants.js';
import { type GraphView, isOp, uniformValue } from '../graph-view.js';
import { clipAttributes, hardSigmoidAttributes, swishAttributes } from '../operators/elementwise.js';
import { readCall } from '../read-call.js';
import type { Rule } from '../rewrite.js';

interface Bounds {
  readonly lo: number | null;
  readonly hi: number | null;
}

/** null: a bound is not constant. Bounds that no float reaches are none. */
export function clipBounds(node: OnnxNode, view: GraphView): Bounds | null {
  const { attributes } = readCall(node, clipAttributes, view);
  const bound = (attribute: number | null, index: number): number | null | undefined => {
    const input = node.inputs[index] ?? '';
    return input === '' ? attribute : uniformValue(view.constant(input));
  };
  const [lo, hi] = [bound(attributes.min, 1), bound(attributes.max, 2)];
  if (lo === undefined || hi === undefined) return null;
  const greatest = 3.4028234663852886e38;
  return { lo: lo !== null && lo <= -greatest ? null : lo, hi: hi !== null && hi >= greatest ? null : hi };
}

export const makeClip: Rule = {
  name: 'make Clip and Relu',
  roots: ['Max', 'Min', 'Clip'],
  apply(node, view, draft) {
    if (isOp(node, 'Clip')) {
      const bounds = clipBounds(node, view);
      if (bounds === null) return null;
      if (bounds.lo === null && bounds.hi === null) return node.inputs[0]!;
      return bounds.lo === 0 && bounds.hi === null ? draft.node('Relu', [node.inputs[0]!]) : null;
    }
    if (node.inputs.length !== 2) return null;
    const index = node.inputs.findIndex((input) => uniformValue(view.constant(input)) !== undefined);
    const x = node.inputs[1 - index];
    if (index === -1 || x === undefined || view.constant(x) !== undefined) return null;
    const value = uniformValue(view.constant(node.inputs[index]))!;
    const isMax = isOp(node, 'Max');
    if (isMax && value === 0) return draft.node('Relu', [x]);
    const inner = view.producer(x);
    const before = isOp(inner, 'Clip') ? clipBounds(inner, view) : null;
    // max(min(x, hi), lo) is Clip(x, lo, hi) where lo <= hi; so is min(max(x, lo), hi).
    if (isMax && before !== null && before.lo === null && before.hi !== null && value <= before.hi) {
      return draft.node('Clip', [inner!.inputs[0]!, draft.constant(scalar(value)), draft.constant(scalar(before.hi))]);
    }
    if (!isMax && before !== null && before.hi === null && before.lo !== null && before.lo <= value) {
      return draft.node('Clip', [inner!.inputs[0]!, draft.constant(scalar(before.lo)), draft.constant(scalar(value))]);
    }
    if (!isMax && isOp(inner, 'Relu') && value >= 0) {
      return draft.node('Clip', [inner.inputs[0]!, draft.constant(scalar(0)), draft.constant(scalar(value))]);
    }
    const bound = draft.constant(scalar(value));
    return draft.node('Clip', isMax ? [x, bound] : [x, '', bound]);
  },
};

interface Ramp {
  readonly x: string;
  readonly alpha: number;
  readonly beta: number;
}

/** value * scale = clip(alpha x + beta, 0, 1) */
function matchRamp(value: string | undefined, scale: number, view: GraphView, depth = 0): Ramp | null {
  const node = view.producer(value);
  return node === undefined || depth > 4 ? null : matchRampNode(node, scale, view, depth);
}

function matchRampNode(node: OnnxNode, scale: number, view: GraphView, depth = 0): Ramp | null {
  if (isOp(node, 'Mul')) {
    const factor = uniformValue(view.constant(node.inputs[1]));
    return factor === undefined ? null : matchRamp(node.inputs[0], scale * factor, view, depth + 1);
  }
  if (!isOp(node, 'Clip')) return null;
  const bounds = clipBounds(node, view);
  if (bounds === null || bounds.lo !== 0 || bounds.hi === null || !near(bounds.hi * scale, 1)) return null;
  const { x, factor, addend } = affine(node.inputs[0]!, view);
  if (factor === 1 && addend === 0) return null;
  return { x, alpha: Math.fround(factor * scale), beta: Math.fround(addend * scale) };
}

function affine(value: string, view: GraphView): { x: string; factor: number; addend: number } {
  let [x, factor, addend] = [value, 1, 0];
  const sum = view.producer(x);
  const added = isOp(sum, 'Add') ? uniformValue(view.constant(sum.inputs[1])) : undefined;
  if (isOp(sum, 'Add') && added !== undefined) [x, addend] = [sum.inputs[0]!, added];
  const product = view.producer(x);
  const by = isOp(product, 'Mul') ? uniformValue(view.constant(product.inputs[1])) : undefined;
  if (isOp(product, 'Mul') && by !== undefined) [x, factor] = [product.inputs[0]!, by];
  return { x, factor, addend };
}

/** 1/6 reaches us as a float32, as a float64, or as the reciprocal of 6. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.abs(b);
}

export const makeHardSigmoid: Rule = {
  name: 'make HardSigmoid',
  roots: ['Mul', 'Clip'],
  apply(node, view, draft) {
    const ramp = matchRampNode(node, 1, view);
    if (ramp === null) return null;
    draft.absorb(node.inputs[0]);
    return draft.node('HardSigmoid', [ramp.x], { alpha: { float: ramp.alpha }, beta: { float: ramp.beta } });
  },
};

export const makeHardSwish: Rule = {
  name: 'make HardSwish',
  roots: ['Mul'],
  apply(node, view, draft) {
    const [a, b] = node.inputs;
    const factor = uniformValue(view.constant(b));
    const isSwish = (x: string | undefined, ramp: Ramp | null): boolean =>
      ramp !== null && ramp.x === x && near(ramp.alpha, 1 / 6) && near(ramp.beta, 0.5);
    if (factor !== undefined) {
      // (x * clip(x + 3, 0, 6)) * (1 / 6)
      const product = view.producer(a);
      if (!isOp(product, 'Mul')) return null;
      const [p, q] = product.inputs;
      const x = isSwish(p, matchRamp(q, factor, view)) ? p : isSwish(q, matchRamp(p, factor, view)) ? q : undefined;
      if (x === undefined) return null;
      draft.absorb(a);
      return draft.node('HardSwish', [x]);
    }
    for (const [x, gate] of [
      [a, b],
      [b, a],
    ]) {
      const producer = view.producer(gate);
      if (!isOp(producer, 'HardSigmoid') || producer.inputs[0] !== x || x === undefined) continue;
      const { alpha, beta } = readCall(producer, hardSigmoidAttributes, view).attributes;
      if (!near(alpha, 1 / 6) || !near(beta, 0.5)) continue;
      draft.absorb(gate);
      return draft.node('HardSwish', [x]);
    }
    return null;
  },
};

/** x where the value is 1 + exp(-x). */
function onePlusExp(value: string | undefined, view: GraphView): string | null {
  const sum = view.producer(value);
  if (!isOp(sum, 'Add')) return null;
  const index = sum.inputs.findIndex((input) => uniformValue(view.constant(input)) === 1);
  const exp = index === -1 ? undefined : view.producer(sum.inputs[1 - index]);
  const negated = isOp(exp, 'Exp') ? view.producer(exp.inputs[0]) : undefined;
  return isOp(negated, 'Neg') ? negated.inputs[0]! : null;
}

export const makeSwish: Rule = {
  name: 'make Sigmoid and dybnn.Swish',
  roots: ['Mul', 'Div', 'Reciprocal', 'Swish'],
  apply(node, view, draft) {
    const [a, b] = node.inputs;
    if (isOp(node, 'Swish')) {
      return readCall(node, swishAttributes, view).attributes.alpha === 1
        ? draft.node('Swish', [a!], {}, 'dybnn')
        : null;
    }
    if (isOp(node, 'Mul')) {
      for (const [x, gate] of [
        [a, b],
        [b, a],
      ]) {
        const producer = view.producer(gate);
        if (x === undefined || !isOp(producer, 'Sigmoid') || producer.inputs[0] !== x) continue;
        draft.absorb(gate);
        return draft.node('Swish', [x], {}, 'dybnn');
      }
      return null;
    }
    const x = onePlusExp(isOp(node, 'Div') ? b : a, view);
    if (x === null) return null;
    if (isOp(node, 'Reciprocal') || uniformValue(view.constant(a)) === 1) {
      draft.absorb(b);
      return draft.node('Sigmoid', [x]);
    }
    return a === x ? draft.node('Swish', [x], {}, 'dybnn') : null;
  },
};

/** Sum(a, b, c) is Add(Add(a, b), c). */
export const splitSum: Rule = {
  name: 'split Sum',
  roots: ['Sum'],
  apply(node, _view, draft) {
    const [first, ...rest] = node.inputs;
    if (first === undefined || rest.length === 0) return null;
    return rest.reduce((sum, next) => draft.node('Add', [sum, next]), first);
  },
};
