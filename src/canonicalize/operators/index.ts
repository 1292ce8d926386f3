/** Every operator that canonicalize knows. Adding one: a line in one of these lists, or a file and a line here. */
import type { OnnxNode } from '../../onnx/onnx-graph.js';
import { elementwiseOperators } from './elementwise.js';
import { networkOperators } from './network.js';
import type { Operator } from './operator.js';
import { reduceOperators } from './reduce.js';
import { shapeOperators } from './shape.js';

const OPERATORS: readonly Operator[] = [
  ...elementwiseOperators,
  ...shapeOperators,
  ...reduceOperators,
  ...networkOperators,
];

const TABLE: ReadonlyMap<string, Operator> = new Map(OPERATORS.map((op) => [`${op.domain}.${op.opType}`, op]));

export function findOperator(node: Pick<OnnxNode, 'domain' | 'opType'>): Operator | undefined {
  return TABLE.get(`${node.domain}.${node.opType}`);
}
