/**
 * Why an operator is left that the dialect does not have: the near miss, where it is one.
 *
 * Flows in: a node behind all rules. Flows out: what a diagnostic will say. Operators that canonicalize does not know at all are
 * DYB201; one that it folds but cannot raise is DYB301; one that differs from a pattern in one respect is DYB302.
 */
import { describeShape, displayName } from '../onnx/describe.js';
import type { OnnxNode } from '../onnx/onnx-graph.js';
import { type GraphView, isOp, uniformValue } from './graph-view.js';
import { findOperator } from './operators/index.js';
import { padAttributes } from './operators/network.js';
import { OperatorProblem } from './operators/operator.js';
import { conditionOn, matchCondition } from './patterns/match-condition.js';
import { matchPiecewiseLinear } from './patterns/match-piecewise-linear.js';
import { matchTwoValuedNode } from './patterns/match-two-valued.js';
import { readCall } from './read-call.js';

type Explain = (node: OnnxNode, view: GraphView) => OperatorProblem;

const nearMiss = (found: string, supported: string, hint?: string): OperatorProblem =>
  new OperatorProblem('DYB302', found, supported, hint);
const cannot = (found: string, supported: string, hint?: string): OperatorProblem =>
  new OperatorProblem('DYB301', found, supported, hint);

export function explainLeftover(node: OnnxNode, view: GraphView): OperatorProblem {
  const explain = node.domain === '' ? EXPLANATIONS.get(node.opType) : undefined;
  if (explain !== undefined) return explain(node, view);
  if (findOperator(node) !== undefined) {
    return cannot(`${displayName(node.opType)} of a value that depends on the input`, 'constants only');
  }
  const domain = node.domain === '' ? '' : `${displayName(node.domain)}.`;
  return new OperatorProblem('DYB201', `${domain}${displayName(node.opType)}`);
}

const EXPLANATIONS: ReadonlyMap<string, Explain> = new Map<string, Explain>([
  ['Where', explainWhere],
  ['Cast', explainCast],
  ['Pad', explainPad],
  ['Sign', () => cannot('Sign of a constant', 'signs of values that depend on the input')],
  [
    'Transpose',
    (node, view) => cannot(`axes moved: ${shapes(node, view)}`, 'transpositions that move only axes of size 1'),
  ],
  ['Slice', (node, view) => cannot(`a part of a map: ${shapes(node, view)}`, 'parts of what one FC makes')],
  [
    'Gather',
    (node, view) => cannot(`elements picked from a value: ${shapes(node, view)}`, 'index 0 along axes of size 1'),
  ],
  [
    'Expand',
    (node, view) => cannot(`a value repeated: ${shapes(node, view)}`, 'an Expand whose reader broadcasts by itself'),
  ],
  ['ReduceMean', (node, view) => cannot(`a mean ${shapes(node, view)}`, 'means over height and width together')],
  ['MatMul', explainMatMul],
  ['Div', (node, view) => cannot(`a quotient of ${operands(node, view)}`, 'divisors that are constant and not 0')],
  ['Softmax', (node, view) => new OperatorProblem('DYB202', `a softmax over ${shapes(node, view)}`, 'one over [N, C]')],
]);

function shapes(node: OnnxNode, view: GraphView): string {
  const shape = (value: string | undefined): string => describeShape(view.type(value)?.shape ?? null);
  return `${shape(node.inputs[0])} to ${shape(node.outputs[0])}`;
}

function operands(node: OnnxNode, view: GraphView): string {
  return node.inputs.map((input) => (view.constant(input) === undefined ? 'a value' : 'a constant')).join(' and ');
}

function explainMatMul(node: OnnxNode, view: GraphView): OperatorProblem {
  const product = node.inputs.map((input) => describeShape(view.type(input)?.shape ?? null)).join(' times ');
  if (node.inputs.every((input) => view.constant(input) === undefined)) {
    return cannot(`a product of two values that depend on the input: ${product}`, 'a constant matrix');
  }
  return cannot(`the product ${product}`, 'one vector [N, K] times a constant matrix [K, O]');
}

function explainPad(node: OnnxNode, view: GraphView): OperatorProblem {
  const { attributes, constants } = readCall(node, padAttributes, view);
  if (attributes.mode !== 'constant')
    return new OperatorProblem('DYB202', `mode = ${displayName(attributes.mode)}`, 'mode = constant');
  const value = uniformValue(constants[2] ?? undefined) ?? attributes.value ?? 0;
  if (value !== 0)
    return nearMiss(`a pad of ${value}`, 'zero padding in front of a Conv or AveragePool', 'train with zero padding');
  return cannot(
    `a pad that no operator behind it takes: ${shapes(node, view)}`,
    'zero padding in front of a Conv or AveragePool',
  );
}

function explainCast(node: OnnxNode, view: GraphView): OperatorProblem {
  const [from, to] = [view.type(node.inputs[0])?.type, view.type(node.outputs[0])?.type];
  const values = matchTwoValuedNode(node, view);
  if (values !== null) {
    return nearMiss(
      `looks like a sign, but its values are ${values.whenTrue} and ${values.whenFalse}`,
      '1 and -1',
      'binarize to +1 and -1, for example with 2 * mask - 1',
    );
  }
  return cannot(
    `a cast from ${from} to ${to} of a value that depends on the input`,
    'casts between float32 and float64',
  );
}

function explainWhere(node: OnnxNode, view: GraphView): OperatorProblem {
  const [a, p, q] = node.inputs;
  const supported = 'Where(x >= c, 1, -1), or Where(x > 0, x, slope * x)';
  const condition = matchCondition(a, view);
  if (condition === null) return cannot('Where with a condition that is no comparison of two values', supported);
  const values = matchTwoValuedNode(node, view);
  if (values !== null) {
    const found = `looks like a sign, but its values are ${values.whenTrue} and ${values.whenFalse}`;
    return nearMiss(found, 'a number and its negation', 'binarize to +1 and -1');
  }
  for (const x of [condition.left, condition.right, p, q]) {
    if (x === undefined || view.constant(x) !== undefined || conditionOn(x, condition, view) === null) continue;
    const found = matchPiecewiseLinear(node, x, view);
    if (found === null) continue;
    const factor = uniformValue(found.positive);
    return nearMiss(
      `looks like RPReLU, but above 0 it multiplies by ${factor ?? 'a factor per channel'}`,
      'x itself above 0',
      'move the factor behind the activation',
    );
  }
  const slope = slopeFromData(q, p, view) ?? slopeFromData(p, q, view);
  if (slope) return nearMiss('looks like RPReLU, but its slope is computed from data', 'a constant slope per channel');
  return cannot('Where that is neither a sign nor a PReLU', supported);
}

/** Is `branch` a product of `x` and another value that depends on the input? */
function slopeFromData(branch: string | undefined, x: string | undefined, view: GraphView): boolean | null {
  const product = view.producer(branch);
  if (!isOp(product, 'Mul') || x === undefined || !product.inputs.includes(x)) return null;
  return product.inputs.every((input) => view.constant(input) === undefined) ? true : null;
}
