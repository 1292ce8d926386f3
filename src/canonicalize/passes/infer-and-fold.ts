/**
 * Types forward through the graph, and constants folded on the way: shapes that a graph computes (Shape, Gather, Concat) are
 * needed to know the shapes behind them, so the two are one walk.
 *
 * Flows in: a graph whose inputs have static types. Flows out: a static type for every value; what only depends on
 * constants is one.
 * Keeps true: memory and work are bounded before they are taken; constants are dropped as soon as nothing reads them; all
 * problems of the walk are collected, and what depends on a node with a problem is passed over.
 */
import type { DiagnosticBag } from '../../diagnostics/diagnostic.js';
import { describeNode, describeShape, displayName } from '../../onnx/describe.js';
import { allocate } from '../../onnx/element-types.js';
import type { OnnxGraph, OnnxNode, Tensor, TensorType } from '../../onnx/onnx-graph.js';
import { countUses, staticType } from '../graph-view.js';
import { findOperator } from '../operators/index.js';
import {
  isFloat,
  type Operator,
  OperatorProblem,
  readAttributes,
  type StaticType,
  sizeOf,
} from '../operators/operator.js';
import { removeDead } from './remove-dead.js';

/** One folded constant: seven times the largest weight of the networks that we know. */
const MAX_ELEMENTS = 2 ** 26;
/** All of them together, counted as work. */
const MAX_FOLDED = 2 ** 29;

export interface FoldOptions {
  /**
   * 'shapes': only what decides shapes (small, or small integers): float expressions are left for rules to simplify first, so
   * that what cancels exactly leaves no rounding noise.
   */
  readonly fold: 'shapes' | 'all';
  /** The first time, on what the file says: float32 and float64 may not meet there. */
  readonly asImported?: boolean;
}

export function inferAndFold(graph: OnnxGraph, options: FoldOptions, bag: DiagnosticBag): OnnxGraph {
  const constants = new Map(graph.constants);
  const types = new Map<string, TensorType>();
  for (const [name, { type, shape }] of constants) types.set(name, { type, shape });
  for (const input of graph.inputs) types.set(input.name, graph.types.get(input.name) ?? input);
  const uses = countUses(graph);
  const nodes: OnnxNode[] = [];
  const work = { left: MAX_FOLDED };

  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => staticType(types, input) ?? null);
    // An input without a type: its maker has a problem, which was said there.
    if (node.inputs.some((input, i) => input !== '' && inputs[i] === null)) {
      if (findOperator(node) === undefined) unknownOperator(node, graph.opset, bag);
      nodes.push(node);
      continue;
    }
    const result = reported(node, graph.opset, bag, () =>
      inferNode(node, graph, inputs, constants, options, work, uses),
    );
    if (result === null) {
      nodes.push(node);
      continue;
    }
    node.outputs.forEach((output, i) => {
      const type = result.types[i];
      if (output !== '' && type !== undefined) types.set(output, type);
    });
    if (result.values === null) nodes.push(node);
    else {
      constants.set(node.outputs[0]!, result.values[0]!);
      release(node, uses, constants);
    }
  }
  return removeDead({ ...graph, nodes, constants, types });
}

/** Constants that only folded nodes read are not kept: intermediate weights would otherwise all be live at once. */
function release(node: OnnxNode, uses: Map<string, number>, constants: Map<string, Tensor>): void {
  for (const input of node.inputs) {
    const left = (uses.get(input) ?? 0) - 1;
    uses.set(input, left);
    if (left === 0) constants.delete(input);
  }
}

interface Inferred {
  readonly types: readonly StaticType[];
  readonly values: readonly Tensor[] | null;
}

function inferNode(
  node: OnnxNode,
  graph: OnnxGraph,
  inputs: readonly (StaticType | null)[],
  constants: ReadonlyMap<string, Tensor>,
  options: FoldOptions,
  work: { left: number },
  uses: ReadonlyMap<string, number>,
): Inferred {
  const operator = findOperator(node);
  if (operator === undefined) {
    throw new OperatorProblem(
      'DYB201',
      node.domain === '' ? node.opType : `${displayName(node.domain)}.${displayName(node.opType)}`,
    );
  }
  checkArity(node, operator);
  const call = {
    node,
    opset: graph.opset,
    attributes: readAttributes(node, operator.attributes) as never,
    types: inputs,
    constants: node.inputs.map((input) => constants.get(input) ?? null),
    mixedFloats: options.asImported !== true,
  };
  const types = operator.infer(call);
  const surplus = node.outputs.findIndex(
    (output, i) => i >= types.length && output !== '' && (uses.get(output) ?? 0) > 0,
  );
  if (surplus !== -1) throw new OperatorProblem('DYB202', `output ${surplus} is read`, `${types.length} output`);
  for (const type of types) checkSize(type);
  const dependent = operator.typeOnly !== true && node.inputs.some((input) => input !== '' && !constants.has(input));
  const foldable =
    operator.evaluate !== undefined &&
    node.outputs.length === 1 &&
    !dependent &&
    (operator.opType === 'Constant' || types.every((type) => wanted(type, options)));
  if (!foldable) {
    if (dependent && types.some((type) => sizeOf(type.shape) === 0))
      throw new OperatorProblem('DYB205', 'an empty value');
    return { types, values: null };
  }
  const out = (type: StaticType): Tensor['data'] => {
    const size = sizeOf(type.shape);
    if (size > MAX_ELEMENTS) throw new OperatorProblem('DYB105', `a constant of shape ${describeShape(type.shape)}`);
    return allocate(type.type, size);
  };
  work.left -= Math.max(
    ...call.constants.map((c) => c?.data.length ?? 0),
    ...types.map((type) => sizeOf(type.shape)),
    1,
  );
  if (work.left < 0) throw new OperatorProblem('DYB105', 'more constant arithmetic than any network needs');
  const values = operator.evaluate(call, types, out);
  if (values[0]!.data !== call.constants[0]?.data) checkFinite(values);
  return { types, values };
}

function wanted(type: StaticType, { fold }: FoldOptions): boolean {
  return fold === 'all' || sizeOf(type.shape) <= (isFloat(type.type) ? 64 : 65_536);
}

function checkArity(node: OnnxNode, { arity }: Operator): void {
  const [least, most] = arity;
  // Trailing omitted inputs may be written as '' or not at all.
  const given = node.inputs.reduce((count, input, i) => (input === '' ? count : i + 1), 0);
  if (given < least || given > most) {
    throw new OperatorProblem('DYB205', `${given} inputs`, most === least ? String(least) : `${least} to ${most}`);
  }
  if (node.outputs[0] === undefined || node.outputs[0] === '')
    throw new OperatorProblem('DYB205', 'a first output without a name');
}

function checkSize(type: StaticType): void {
  if (sizeOf(type.shape) > 2 ** 31)
    throw new OperatorProblem('DYB105', `a value of shape ${describeShape(type.shape)}`);
}

function checkFinite(values: readonly Tensor[]): void {
  for (const { type, data } of values) {
    if (data instanceof Float32Array ? isFinite32(data) : data.every(Number.isFinite)) continue;
    const at = data.findIndex((x) => !Number.isFinite(x));
    // An int64 is kept as a number: past all bounds it is no size.
    if (!isFloat(type))
      throw new OperatorProblem('DYB105', `an integer past all bounds at element ${at}`, 'integers up to 2^53');
    throw new OperatorProblem(
      'DYB108',
      `${data[at]} at element ${at} of the constant that it computes`,
      'finite numbers',
    );
  }
}

/** x * 0 is 0 where x is finite and NaN elsewhere. */
function isFinite32(data: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * 0;
  return sum === 0;
}

function unknownOperator(node: OnnxNode, opset: number, bag: DiagnosticBag): void {
  bag.error('DYB201', { node: describeNode(node, opset), found: displayName(node.opType) });
}

/** Runs one node's part; a problem becomes a diagnostic and null. */
function reported<T>(node: OnnxNode, opset: number, bag: DiagnosticBag, run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof OperatorProblem)) throw error;
    bag.error(error.code, {
      node: describeNode(node, opset),
      found: error.found,
      ...(error.supported === undefined ? {} : { supported: error.supported }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
    return null;
  }
}
