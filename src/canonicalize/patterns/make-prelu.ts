/**
 *     LeakyRelu<a>(x)                                                      becomes    PRelu(x, a)
 *     Where(x > 0, x, a x),  Relu(x) - a Relu(-x),  Relu(x) + a (x - |x|) / 2,  max(x, 0) + a min(x, 0),
 *     x * Where(x > 0, 1, a), ...                                          becomes    dybnn.PRelu<gt | ge>(x, a)
 *     the same with a = 0                                                  becomes    Relu(x)
 *     Where(d > 0, d + z, a d + z)                                         becomes    Where(d > 0, d, a d) + z
 *
 * Exporter: PReLU written by hand; RPReLU as the paper's formula. The condition may be about x > gamma where d = x - gamma.
 */
import type { OnnxNode, Tensor } from '../../onnx/onnx-graph.js';
import { shrinkOperand } from '../constants.js';
import { type GraphView, isOp, uniformValue } from '../graph-view.js';
import { sameShape } from '../operators/broadcast.js';
import type { Rule } from '../rewrite.js';
import { matchPiecewiseLinear } from './match-piecewise-linear.js';

export const makePrelu: Rule = {
  name: 'make PRelu',
  roots: ['LeakyRelu', 'Where', 'Add', 'Sub', 'Max', 'Mul'],
  apply(node, view, draft) {
    const shape = view.type(node.outputs[0])?.shape;
    if (shape === undefined) return null;
    for (const x of candidates(node, view)) {
      const found = matchPiecewiseLinear(node, x, view);
      if (found === null || !isOne(found.positive) || isOne(found.negative)) continue;
      if (!sameShape(view.type(x)?.shape ?? [], shape)) continue;
      draft.absorb(...node.inputs.filter((input) => input !== x));
      if (uniformValue(found.negative) === 0) return draft.node('Relu', [x]);
      const slope = draft.constant(asOperand(found.negative, shape));
      return found.compare === null
        ? draft.node('PRelu', [x, slope])
        : draft.node('PRelu', [x, slope], { compare: found.compare }, 'dybnn');
    }
    return null;
  },
};

/** 0.5 (1 + a) + 0.5 (1 - a) is 1 but for the rounding of its constants. */
function isOne(tensor: Tensor): boolean {
  return tensor.data.length > 0 && tensor.data.every((v) => Math.abs(v - 1) <= 2 ** -21);
}

function asOperand(tensor: Tensor, shape: readonly number[]): Tensor {
  return shrinkOperand(tensor, shape) ?? tensor;
}

const MAX_CANDIDATES = 24;

/** Values below the node that x might be, the nearest first. */
function candidates(node: OnnxNode, view: GraphView): readonly string[] {
  const found: string[] = [];
  const queue: OnnxNode[] = [node];
  for (let current = queue.shift(); current !== undefined && found.length < MAX_CANDIDATES; current = queue.shift()) {
    for (const input of current.inputs) {
      if (input === '' || found.includes(input) || view.constant(input) !== undefined) continue;
      if (view.type(input)?.type === 'bool') continue;
      found.push(input);
      const producer = view.producer(input);
      if (isOp(producer, 'Add', 'Sub', 'Mul', 'Div', 'Neg', 'Relu', 'Abs', 'Max', 'Min', 'Clip', 'Where'))
        queue.push(producer);
    }
  }
  return found;
}

/** Both branches end in the same addition: it moves behind the Where. The operations and their rounding stay the same. */
export const factorBranches: Rule = {
  name: 'factor the branches of Where',
  roots: ['Where'],
  apply(node, view, draft) {
    const [condition, p, q] = node.inputs;
    const [first, second] = [view.producer(p), view.producer(q)];
    if (
      condition === undefined ||
      !isOp(first, 'Add', 'Sub') ||
      second?.domain !== '' ||
      second.opType !== first.opType
    )
      return null;
    const positions = isOp(first, 'Sub')
      ? [[1, 1]]
      : [
          [1, 1],
          [1, 0],
          [0, 1],
          [0, 0],
        ];
    for (const [i, j] of positions) {
      const shared = first.inputs[i!]!;
      if (shared !== second.inputs[j!]) continue;
      const branches = [first.inputs[1 - i!]!, second.inputs[1 - j!]!];
      draft.absorb(p, q);
      const chosen = draft.node('Where', [condition, ...branches]);
      return draft.node(first.opType, [chosen, shared]);
    }
    return null;
  },
};
