/**
 * A graph as rules look at it: who makes a value, whether it is constant, what type it has.
 *
 * Keeps true: while a sweep runs, the view holds exactly the nodes that were already placed, so that everything a rule
 * finds through it comes before the node that the rule looks at.
 */
import type { OnnxGraph, OnnxNode, Tensor, TensorType } from '../onnx/onnx-graph.js';
import type { StaticType } from './operators/operator.js';

export interface GraphView {
  readonly opset: number;
  /** The node that makes a value; undefined for inputs and constants. */
  producer(value: string | undefined): OnnxNode | undefined;
  constant(value: string | undefined): Tensor | undefined;
  /** undefined where it is not known or not static. */
  type(value: string | undefined): StaticType | undefined;
  /** How many nodes (and outputs) read a value, when the sweep began. */
  uses(value: string): number;
  isOutput(value: string): boolean;
  /** Rules that look at more than a few nodes say so here; see RewriteBudget. */
  spend(nodes: number): void;
}

export function staticType(types: ReadonlyMap<string, TensorType>, value: string): StaticType | undefined {
  const type = types.get(value);
  return type !== undefined && isStatic(type) ? type : undefined;
}

function isStatic(type: TensorType): type is StaticType {
  return type.shape?.every((d) => typeof d === 'number') ?? false;
}

export function countUses(graph: OnnxGraph): Map<string, number> {
  const uses = new Map<string, number>();
  const use = (value: string): void => {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  };
  for (const node of graph.nodes) for (const input of node.inputs) use(input);
  for (const output of graph.outputs) use(output.name);
  return uses;
}

/** Does this node have the given operator of ONNX's own domain? */
export function isOp(
  node: OnnxNode | undefined,
  ...opTypes: readonly string[]
): node is OnnxNode & { readonly domain: '' } {
  return node !== undefined && node.domain === '' && opTypes.includes(node.opType);
}

/** A constant whose elements are all equal, as that number. */
export function uniformValue(tensor: Tensor | undefined): number | undefined {
  const first = tensor?.data[0];
  if (tensor === undefined || first === undefined) return undefined;
  for (let i = 1; i < tensor.data.length; i++) if (tensor.data[i] !== first) return undefined;
  return first;
}
