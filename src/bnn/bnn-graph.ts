/**
 * The network in the field's own words: what the mathematics is, before any layout, packing or order of memory.
 *
 * Flows in: what raise recognised. Flows out: what optimize rewrites and lower turns into a Program.
 * Keeps true (verify-bnn-graph.ts): nodes are in topological order, each value is made once, shapes fit, a binary value is
 * made by RSign alone, constants are finite.
 *
 * Every value is a map of C x H x W for one sample; a vector is a map with H = W = 1.
 */

export type ValueId = number;

export interface MapShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface Value {
  readonly id: ValueId;
  /** The ONNX value it stands for, which verify compares it with; text that no exporter writes where it stands for none. */
  readonly name: string;
  readonly shape: MapShape;
  /** 'binary': every element is -1 or +1. */
  readonly domain: 'real' | 'binary';
  /** Where batch normalization knows them. */
  readonly statistics?: Statistics;
}

/** How a value is spread over the inputs that the network was trained with, for each channel. Nothing but ranges depends on it. */
export interface Statistics {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/**
 * One number per channel: known at compile time (binary64, rounded once when lowered, clause 10.1) or made anew for every
 * input by other nodes (`source` is a vector).
 */
export type ChannelParam =
  | { readonly kind: 'static'; readonly values: Float64Array }
  | { readonly kind: 'dynamic'; readonly source: ValueId };

/** 'ge': x >= threshold, 'gt': x > threshold (clauses 3.1, 5.2). */
export type Compare = 'ge' | 'gt';

/** Window geometry, ONNX's terms. Pads may be negative nowhere; strides and dilations are at least 1. */
export interface Window {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly padBottom: number;
  readonly padRight: number;
}

/** Functions of clause 9 that apply to each element alone. */
export type PointFunction =
  | { readonly kind: 'relu' }
  | { readonly kind: 'clip'; readonly lo: number; readonly hi: number }
  | { readonly kind: 'hardSigmoid'; readonly alpha: number; readonly beta: number }
  | { readonly kind: 'hardSwish' }
  | { readonly kind: 'sigmoid' }
  | { readonly kind: 'swish' }
  | { readonly kind: 'negate' };

interface NodeBase {
  /** A readable name, unique in the graph; made from the ONNX node's. */
  readonly name: string;
  /** The nodes of the file that this one stands for. */
  readonly origin: readonly string[];
  readonly output: ValueId;
}

export interface InputNode extends NodeBase {
  readonly kind: 'Input';
}
/** b = +1 if x >= threshold (or >), else -1. DySign where the threshold is dynamic. */
export interface RSignNode extends NodeBase {
  readonly kind: 'RSign';
  readonly x: ValueId;
  readonly threshold: ChannelParam | null;
  readonly compare: Compare;
}
/** y = d + zeta if x > gamma, else slope * d + zeta, with d = x - gamma. DyPReLU where gamma or zeta is dynamic. */
export interface RPReLUNode extends NodeBase {
  readonly kind: 'RPReLU';
  readonly x: ValueId;
  readonly gamma: ChannelParam | null;
  readonly slope: Float64Array;
  readonly zeta: ChannelParam | null;
  readonly compare: Compare;
}
/** dot * scale_o + bias_o over a binary map with weights of one bit. */
export interface BinaryConv2dNode extends NodeBase {
  readonly kind: 'BinaryConv2d';
  readonly x: ValueId;
  /** [outputs][inputs][kernelHeight][kernelWidth], 1 for +1 and 0 for -1. */
  readonly signs: Uint8Array;
  readonly outputs: number;
  readonly inputs: number;
  readonly window: Window;
  readonly scale: Float64Array;
  readonly bias: Float64Array | null;
}
/** Float convolution; a dense layer over a vector is one with a 1x1 kernel (or one as large as its input). */
export interface Conv2dNode extends NodeBase {
  readonly kind: 'Conv2d';
  readonly x: ValueId;
  /** [outputs][inputs / group][kernelHeight][kernelWidth]. */
  readonly weight: Float32Array | Float64Array;
  readonly bias: Float64Array | null;
  readonly outputs: number;
  readonly inputs: number;
  readonly group: number;
  readonly window: Window;
  /** Why this convolution is not binary, where it might have been. */
  readonly floatReason: string | null;
}
/** x * scale + bias per channel: batch normalization, a learnable bias, a constant factor. */
export interface ScaleBiasNode extends NodeBase {
  readonly kind: 'ScaleBias';
  readonly x: ValueId;
  readonly scale: Float64Array | null;
  readonly bias: ChannelParam | null;
}
export interface AddNode extends NodeBase {
  readonly kind: 'Add';
  readonly a: ValueId;
  readonly b: ValueId;
}
export interface MaxPoolNode extends NodeBase {
  readonly kind: 'MaxPool';
  readonly x: ValueId;
  readonly window: Window;
}
export interface AveragePoolNode extends NodeBase {
  readonly kind: 'AveragePool';
  readonly x: ValueId;
  readonly window: Window;
  readonly countIncludePad: boolean;
}
export interface GlobalAveragePoolNode extends NodeBase {
  readonly kind: 'GlobalAveragePool';
  readonly x: ValueId;
}
/** Along channels. */
export interface ConcatNode extends NodeBase {
  readonly kind: 'Concat';
  readonly xs: readonly ValueId[];
}
export interface ActivationNode extends NodeBase {
  readonly kind: 'Activation';
  readonly x: ValueId;
  readonly fn: PointFunction;
}
/** Over the channels of a vector. */
export interface SoftmaxNode extends NodeBase {
  readonly kind: 'Softmax';
  readonly x: ValueId;
}

export type BnnNode =
  | InputNode
  | RSignNode
  | RPReLUNode
  | BinaryConv2dNode
  | Conv2dNode
  | ScaleBiasNode
  | AddNode
  | MaxPoolNode
  | AveragePoolNode
  | GlobalAveragePoolNode
  | ConcatNode
  | ActivationNode
  | SoftmaxNode;

export interface BnnGraph {
  readonly name: string;
  readonly values: readonly Value[];
  readonly nodes: readonly BnnNode[];
  readonly output: ValueId;
  /** The shape and name that the ONNX model declares, batch axis 1: what the user's arrays look like. */
  readonly declaredInput: { readonly name: string; readonly shape: readonly number[] };
  readonly declaredOutput: { readonly name: string; readonly shape: readonly number[] };
}

/** The values that a node reads, in a fixed order. */
export function inputsOf(node: BnnNode): readonly ValueId[] {
  switch (node.kind) {
    case 'Input':
      return [];
    case 'Add':
      return [node.a, node.b];
    case 'Concat':
      return node.xs;
    case 'RSign':
      return [node.x, ...paramInputs(node.threshold)];
    case 'RPReLU':
      return [node.x, ...paramInputs(node.gamma), ...paramInputs(node.zeta)];
    case 'ScaleBias':
      return [node.x, ...paramInputs(node.bias)];
    default:
      return [node.x];
  }
}

function paramInputs(param: ChannelParam | null): readonly ValueId[] {
  return param?.kind === 'dynamic' ? [param.source] : [];
}

/** The same node reading other values. */
export function mapInputs(node: BnnNode, f: (id: ValueId) => ValueId): BnnNode {
  const param = (p: ChannelParam | null): ChannelParam | null =>
    p?.kind === 'dynamic' ? { kind: 'dynamic', source: f(p.source) } : p;
  switch (node.kind) {
    case 'Input':
      return node;
    case 'Add':
      return { ...node, a: f(node.a), b: f(node.b) };
    case 'Concat':
      return { ...node, xs: node.xs.map(f) };
    case 'RSign':
      return { ...node, x: f(node.x), threshold: param(node.threshold) };
    case 'RPReLU':
      return { ...node, x: f(node.x), gamma: param(node.gamma), zeta: param(node.zeta) };
    case 'ScaleBias':
      return { ...node, x: f(node.x), bias: param(node.bias) };
    default:
      return { ...node, x: f(node.x) };
  }
}

export function outputSize(input: number, kernel: number, stride: number, dilation: number, pads: number): number {
  return Math.floor((input + pads - dilation * (kernel - 1) - 1) / stride) + 1;
}
