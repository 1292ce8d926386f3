/**
 * The canonical dialect: what is left after canonicalize, as types. raise reads these and nothing else.
 *
 * Flows in: a node of a canonical graph. Flows out: a DialectNode with every attribute checked, or diagnostics.
 * Keeps true: shapes are static and the batch is 1; `x`, `a`, `b` and `xs` name values of the graph (b of Add and Mul may be a
 * constant: it has the rank of a, and size 1 along every axis that it does not vary over); weights, slopes and other parameters
 * are constants. A constant may be float64: it was combined in binary64 and is rounded once when it is used (clause 10.1).
 */
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { type Diagnostic, makeDiagnostic } from '../diagnostics/diagnostic.js';
import { describeNode, describeShape, displayName } from '../onnx/describe.js';
import type { OnnxGraph, OnnxNode, Tensor } from '../onnx/onnx-graph.js';
import { explainLeftover } from './explain-leftover.js';
import { countUses, type GraphView, staticType } from './graph-view.js';
import { hardSigmoidAttributes, ourPreluAttributes, ourSignAttributes } from './operators/elementwise.js';
import {
  averagePoolAttributes,
  batchNormalizationAttributes,
  convAttributes,
  gemmAttributes,
  maxPoolAttributes,
  softmaxAttributes,
} from './operators/network.js';
import { normalizeAxis, OperatorProblem } from './operators/operator.js';
import { concatAttributes } from './operators/shape.js';
import { ceilPads, poolGeometry, resolvePads } from './operators/window.js';
import { clipBounds } from './patterns/make-activations.js';
import { readCall } from './read-call.js';

export type Compare = 'ge' | 'gt';

export interface ConvNode {
  readonly kind: 'Conv';
  readonly x: string;
  /** [O, I / group, kh, kw] */
  readonly weight: Tensor;
  /** [O] */
  readonly bias: Tensor | null;
  readonly strides: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
  readonly group: number;
}
/** x [1, K] times the transpose of weight [O, K], plus bias [O]. */
export interface GemmNode {
  readonly kind: 'Gemm';
  readonly x: string;
  readonly weight: Tensor;
  readonly bias: Tensor | null;
}
export interface BatchNormalizationNode {
  readonly kind: 'BatchNormalization';
  readonly x: string;
  readonly scale: Tensor;
  readonly bias: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly epsilon: number;
}
/** x where x > 0 (or >=), slope * x elsewhere. At 0 both give 0. */
export interface PReluNode {
  readonly kind: 'PRelu';
  readonly x: string;
  readonly slope: Tensor;
  readonly compare: Compare;
}
/** +1 where x >= 0 (or >), -1 elsewhere; the other way round where negated. */
export interface SignNode {
  readonly kind: 'Sign';
  readonly x: string;
  readonly compare: Compare;
  readonly negated: boolean;
}
type Arithmetic<K extends string> = K extends K ? { readonly kind: K; readonly a: string; readonly b: string } : never;
export type ArithmeticNode = Arithmetic<'Add' | 'Sub' | 'Mul'>;
export interface PoolNode {
  readonly kind: 'AveragePool';
  readonly x: string;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly countIncludePad: boolean;
}
export interface MaxPoolNode {
  readonly kind: 'MaxPool';
  readonly x: string;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
}
/** Reshape keeps the elements in order: only the output's type says what it does. */
export type PlainNode = Plain<'Neg' | 'GlobalAveragePool' | 'Reshape' | 'Relu' | 'Sigmoid' | 'HardSwish' | 'Swish'>;
type Plain<K extends string> = K extends K ? { readonly kind: K; readonly x: string } : never;
export interface ClipNode {
  readonly kind: 'Clip';
  readonly x: string;
  /** The least float32 where there is no lower bound; max likewise. */
  readonly min: number;
  readonly max: number;
}
export interface HardSigmoidNode {
  readonly kind: 'HardSigmoid';
  readonly x: string;
  readonly alpha: number;
  readonly beta: number;
}
export interface ConcatNode {
  readonly kind: 'Concat';
  readonly xs: readonly string[];
  readonly axis: number;
}
export interface SoftmaxNode {
  readonly kind: 'Softmax';
  readonly x: string;
  readonly axis: number;
}

export type DialectNode = { readonly node: OnnxNode } & (
  | ConvNode
  | GemmNode
  | BatchNormalizationNode
  | PReluNode
  | SignNode
  | ArithmeticNode
  | PoolNode
  | MaxPoolNode
  | PlainNode
  | ClipNode
  | HardSigmoidNode
  | ConcatNode
  | SoftmaxNode
);

export type DialectRead =
  | { readonly kind: 'node'; readonly node: DialectNode }
  | { readonly kind: 'diagnostics'; readonly diagnostics: readonly Diagnostic[] };

export function readDialect(node: OnnxNode, graph: OnnxGraph): DialectRead {
  try {
    return { kind: 'node', node: { node, ...readNode(node, graphView(graph)) } };
  } catch (error) {
    if (!(error instanceof OperatorProblem)) throw error;
    return { kind: 'diagnostics', diagnostics: [diagnosticOf(error, node, graph.opset)] };
  }
}

export function diagnosticOf(problem: OperatorProblem, node: OnnxNode, opset: number): Diagnostic {
  return makeDiagnostic(problem.code, {
    node: describeNode(node, opset),
    found: problem.found,
    ...(problem.supported === undefined ? {} : { supported: problem.supported }),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  });
}

const GREATEST_FLOAT = 3.4028234663852886e38;

/** The union without `node`. */
type Parts = DialectNode extends infer D ? (D extends DialectNode ? Omit<D, 'node'> : never) : never;

function readNode(node: OnnxNode, view: GraphView): Parts {
  const x = node.inputs[0] ?? '';
  const read = readerOf(node);
  if (read === undefined) throw explainLeftover(node, view);
  return read({ node, x, view });
}

/** Is the operator one of the dialect's, whatever its attributes and inputs? */
export function isDialectOperator(node: OnnxNode): boolean {
  return readerOf(node) !== undefined;
}

function readerOf(node: OnnxNode): Read | undefined {
  if (node.domain === 'dybnn') return OURS.get(node.opType);
  return node.domain === '' ? STANDARD.get(node.opType) : undefined;
}

interface Reading {
  readonly node: OnnxNode;
  readonly x: string;
  readonly view: GraphView;
}

type Read = (reading: Reading) => Parts;

const plain =
  (kind: PlainNode['kind']): Read =>
  ({ node, x, view }) => {
    if (kind !== 'Reshape') readCall(node, {}, view);
    return { kind, x: value(x, view) };
  };

const arithmetic =
  (kind: ArithmeticNode['kind']): Read =>
  ({ node, view }) => {
    readCall(node, {}, view);
    const [a, b] = node.inputs as [string, string];
    return { kind, a: value(a, view), b };
  };

const STANDARD: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['Conv', readConv],
  ['Gemm', readGemm],
  ['BatchNormalization', readBatchNormalization],
  [
    'PRelu',
    ({ node, x, view }) => ({
      kind: 'PRelu',
      x: value(x, view),
      slope: slopeOf(node, view),
      compare: 'gt',
    }),
  ],
  ['Add', arithmetic('Add')],
  ['Sub', arithmetic('Sub')],
  ['Mul', arithmetic('Mul')],
  ['AveragePool', readAveragePool],
  ['MaxPool', readMaxPool],
  ['Neg', plain('Neg')],
  ['GlobalAveragePool', plain('GlobalAveragePool')],
  ['Reshape', plain('Reshape')],
  ['Relu', plain('Relu')],
  ['Sigmoid', plain('Sigmoid')],
  ['HardSwish', plain('HardSwish')],
  ['Clip', readClip],
  [
    'HardSigmoid',
    ({ node, x, view }) => {
      const { alpha, beta } = readCall(node, hardSigmoidAttributes, view).attributes;
      return { kind: 'HardSigmoid', x: value(x, view), alpha, beta };
    },
  ],
  [
    'Concat',
    ({ node, view }) => {
      const { axis } = readCall(node, concatAttributes, view).attributes;
      const rank = view.type(node.outputs[0])?.shape.length ?? 0;
      return {
        kind: 'Concat',
        xs: node.inputs.map((input) => value(input, view)),
        axis: normalizeAxis(axis ?? 0, rank),
      };
    },
  ],
  [
    'Softmax',
    ({ node, x, view }) => {
      const { axis } = readCall(node, softmaxAttributes, view).attributes;
      const shape = view.type(x)?.shape ?? [];
      if (axis !== 1 || shape.slice(2).some((d) => d !== 1)) {
        refuse('DYB202', `axis = ${axis ?? 'default'} over ${describeShape(shape)}`, 'axis = 1 over [N, C]');
      }
      return { kind: 'Softmax', x: value(x, view), axis };
    },
  ],
]);

const OURS: ReadonlyMap<string, Read> = new Map<string, Read>([
  [
    'Sign',
    ({ node, x, view }) => {
      const { compare, negated } = readCall(node, ourSignAttributes, view).attributes;
      return { kind: 'Sign', x: value(x, view), compare: compareOf(compare), negated: negated !== 0 };
    },
  ],
  [
    'PRelu',
    ({ node, x, view }) => {
      const { compare } = readCall(node, ourPreluAttributes, view).attributes;
      return { kind: 'PRelu', x: value(x, view), slope: slopeOf(node, view), compare: compareOf(compare) };
    },
  ],
  ['Swish', plain('Swish')],
]);

function slopeOf(node: OnnxNode, view: GraphView): Tensor {
  const slope = view.constant(node.inputs[1]);
  if (slope === undefined)
    refuse('DYB302', 'looks like RPReLU, but its slope is computed from data', 'a constant slope');
  return slope;
}

function compareOf(text: string): Compare {
  if (text === 'ge' || text === 'gt') return text;
  throw new Error(`internal: compare = ${text}`);
}

function readConv({ node, x, view }: Reading): Parts {
  const { attributes, types } = readCall(node, convAttributes, view);
  const weight = constant(node, 1, 'weights', view);
  const bias = optionalConstant(node, 2, 'bias', view);
  const { strides, dilations, pads } = resolvePads(
    { ...attributes, kernel_shape: weight.shape.slice(2) },
    types[0]!.shape,
  );
  return { kind: 'Conv', x: value(x, view), weight, bias, strides, dilations, pads, group: attributes.group };
}

function readGemm({ node, x, view }: Reading): Parts {
  const { attributes, types } = readCall(node, gemmAttributes, view);
  const weight = constant(node, 1, 'weights', view);
  const bias = optionalConstant(node, 2, 'bias', view);
  const { alpha, beta, transA, transB } = attributes;
  const rows = types[0]!.shape[0]!;
  if (rows !== 1) refuse('DYB205', `a matrix of ${rows} rows`, 'one row per sample');
  if (
    alpha !== 1 ||
    (bias !== null && beta !== 1) ||
    transA !== 0 ||
    transB === 0 ||
    (bias !== null && bias.shape.length !== 1)
  ) {
    throw new Error('internal: Gemm was not made canonical');
  }
  return { kind: 'Gemm', x: value(x, view), weight, bias };
}

function readBatchNormalization({ node, x, view }: Reading): Parts {
  const { attributes } = readCall(node, batchNormalizationAttributes, view);
  const variance = constant(node, 4, 'variance', view);
  const bad = variance.data.findIndex((v) => !(v + attributes.epsilon > 0));
  if (bad !== -1)
    refuse(
      'DYB108',
      `variance ${variance.data[bad]} of channel ${bad}, epsilon ${attributes.epsilon}`,
      'a positive sum',
    );
  return {
    kind: 'BatchNormalization',
    x: value(x, view),
    scale: constant(node, 1, 'scale', view),
    bias: constant(node, 2, 'bias', view),
    mean: constant(node, 3, 'mean', view),
    variance,
    epsilon: attributes.epsilon,
  };
}

function readAveragePool({ node, x, view }: Reading): Parts {
  const { attributes, types } = readCall(node, averagePoolAttributes, view);
  const shape = types[0]!.shape;
  const { kernel, strides, dilations, pads } = poolGeometry(attributes, shape);
  if (
    ceilPads(attributes, shape, resolvePads(attributes, shape)).some((p) => p > 0) &&
    attributes.count_include_pad !== 0
  ) {
    refuse(
      'DYB202',
      'ceil_mode = 1 with count_include_pad = 1 and incomplete last windows',
      'one of them',
      'set ceil_mode = 0',
    );
  }
  checkWindow(kernel, dilations, pads);
  return {
    kind: 'AveragePool',
    x: value(x, view),
    kernel,
    strides,
    pads,
    countIncludePad: attributes.count_include_pad !== 0,
  };
}

function readMaxPool({ node, x, view }: Reading): Parts {
  if (node.outputs.length > 1 && node.outputs[1] !== '' && view.uses(node.outputs[1]!) > 0) {
    refuse('DYB202', 'the indices of the maxima as a second output', 'the maxima alone');
  }
  const { attributes, types } = readCall(node, maxPoolAttributes, view);
  const { kernel, strides, dilations, pads } = poolGeometry(attributes, types[0]!.shape);
  checkWindow(kernel, dilations, pads);
  return { kind: 'MaxPool', x: value(x, view), kernel, strides, pads };
}

function checkWindow(
  kernel: readonly [number, number],
  dilations: readonly [number, number],
  pads: readonly [number, number, number, number],
): void {
  if (dilations[0] !== 1 || dilations[1] !== 1)
    refuse('DYB202', `dilations = [${dilations.join(', ')}]`, 'dilations = [1, 1]');
  if (pads.some((p, i) => p >= kernel[i % 2]!)) {
    refuse(
      'DYB202',
      `pads [${pads.join(', ')}] with a window of ${kernel.join(' x ')}`,
      'pads smaller than the window',
    );
  }
}

function readClip({ node, x, view }: Reading): Parts {
  const bounds = clipBounds(node, view);
  if (bounds === null) refuse('DYB202', 'bounds computed from data', 'constant bounds');
  const [min, max] = [bounds.lo ?? -GREATEST_FLOAT, bounds.hi ?? GREATEST_FLOAT];
  if (min > max) refuse('DYB202', `min = ${min} above max = ${max}`, 'min <= max');
  return { kind: 'Clip', x: value(x, view), min, max };
}

function constant(node: OnnxNode, index: number, what: string, view: GraphView): Tensor {
  const tensor = view.constant(node.inputs[index]);
  if (tensor === undefined) refuse('DYB301', `${what} computed from data`, `constant ${what}`);
  return tensor;
}

function optionalConstant(node: OnnxNode, index: number, what: string, view: GraphView): Tensor | null {
  const input = node.inputs[index];
  return input === undefined || input === '' ? null : constant(node, index, what, view);
}

function value(name: string, view: GraphView): string {
  if (view.constant(name) !== undefined)
    refuse('DYB301', `the constant ${displayName(name)} as its input`, 'a value that depends on the input');
  return name;
}

function refuse(code: DiagnosticCode, found: string, supported?: string, hint?: string): never {
  throw new OperatorProblem(code, found, supported, hint);
}

const views = new WeakMap<OnnxGraph, GraphView>();

function graphView(graph: OnnxGraph): GraphView {
  const known = views.get(graph);
  if (known !== undefined) return known;
  const producers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) for (const output of node.outputs) producers.set(output, node);
  const uses = countUses(graph);
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const view: GraphView = {
    opset: graph.opset,
    producer: (name) => (name === undefined ? undefined : producers.get(name)),
    constant: (name) => (name === undefined ? undefined : graph.constants.get(name)),
    type: (name) => (name === undefined ? undefined : staticType(graph.types, name)),
    uses: (name) => uses.get(name) ?? 0,
    isOutput: (name) => outputs.has(name),
    spend: () => {},
  };
  views.set(graph, view);
  return view;
}
