/**
 * Canonical OnnxGraph -> BnnGraph: the dialect's nodes in the field's words. What the mathematics says counts, not names.
 *
 * Flows in: a canonical graph (canonicalize/dialect.ts). Flows out: a BnnGraph, still one node for each operator; optimize
 * folds. All problems are collected; readers of a value that could not be raised say nothing more.
 * Adding an operator: its case in `raiseNode`, after its entry in the dialect.
 */
import type { BnnGraph, ChannelParam, MapShape, ValueId, Window } from '../bnn/bnn-graph.js';
import { outputSize } from '../bnn/bnn-graph.js';
import { rewriteGraph } from '../bnn/rewrite.js';
import { joinedStatistics, normalizedStatistics, scaledStatistics } from '../bnn/statistics.js';
import { sameShape } from '../bnn/verify-bnn-graph.js';
import { type DialectNode, readDialect } from '../canonicalize/dialect.js';
import { type Diagnostic, DiagnosticBag, makeDiagnostic } from '../diagnostics/diagnostic.js';
import type { OnnxGraph, OnnxNode, Tensor } from '../onnx/onnx-graph.js';
import { identifier } from '../text/identifier.js';
import type { ZeroWeights } from './binary-weights.js';
import { perChannel } from './channel-constant.js';
import { ONE_PIXEL, raiseConvolution } from './raise-convolution.js';
import { type Raised, RaiseState, sizeOfShape } from './raise-state.js';

export interface RaiseOptions {
  readonly zeroWeights: ZeroWeights;
}

export interface RaiseResult {
  readonly graph: BnnGraph;
  readonly warnings: readonly Diagnostic[];
}

export function raise(graph: OnnxGraph, options: RaiseOptions): RaiseResult {
  const bag = new DiagnosticBag();
  const state = new RaiseState(graph, bag);
  const input = raiseInput(state);
  bag.throwIfAny();
  for (const node of graph.nodes) {
    state.attempt(node, () => {
      const read = readDialect(node, graph);
      if (read.kind === 'diagnostics') for (const d of read.diagnostics) bag.add(d);
      else raiseNode(state, read.node, options);
    });
  }
  bag.throwIfAny();
  const declared = graph.outputs[0]!;
  const output = state.find(declared.name);
  if (!output) {
    bag.add(
      makeDiagnostic('DYB109', {
        node: declared.name,
        found: 'an output that is a constant',
        supported: 'one that depends on the input',
      }),
    );
    bag.throwIfAny();
  }
  const raised: BnnGraph = {
    name: identifier(graph.name, 'model'),
    values: state.values,
    nodes: state.nodes,
    output: output!.id,
    declaredInput: input,
    declaredOutput: { name: declared.name, shape: output!.shape },
  };
  return { graph: rewriteGraph(raised, raised.nodes), warnings: bag.warnings };
}

function raiseInput(state: RaiseState): BnnGraph['declaredInput'] {
  const { inputs, outputs, types } = state.graph;
  const input = inputs[0];
  const shape = input && types.get(input.name)?.shape;
  const fixed = shape?.every((d): d is number => typeof d === 'number') ? (shape as readonly number[]) : null;
  const good = inputs.length === 1 && outputs.length === 1 && input?.type === 'float32' && fixed !== null;
  if (!good || !input || !fixed || (fixed.length !== 4 && fixed.length !== 2) || fixed[0] !== 1) {
    state.bag.add(
      makeDiagnostic('DYB109', {
        found: `${inputs.length} inputs (${inputs
          .slice(0, 4)
          .map((i) => `${i.type} [${i.shape?.join(', ') ?? 'unknown'}]`)
          .join('; ')}) and ${outputs.length} outputs`,
        supported: 'one float32 input [N, C, H, W] or [N, C], and one output',
      }),
    );
    return { name: input?.name ?? '', shape: [] };
  }
  const [, channels = 1, height = 1, width = 1] = fixed;
  state.bind(input.name, { id: state.addInput(input.name, { channels, height, width }), shape: fixed });
  return { name: input.name, shape: fixed };
}

function shapeOfOutput(state: RaiseState, node: OnnxNode): readonly number[] {
  const shape = state.graph.types.get(node.outputs[0]!)?.shape;
  return (shape ?? []).map((d) => (typeof d === 'number' ? d : 1));
}

function bindOutput(state: RaiseState, node: OnnxNode, id: ValueId | null): void {
  if (id === null) return;
  state.bind(node.outputs[0]!, { id, shape: shapeOfOutput(state, node) });
}

function raised(state: RaiseState, name: string): Raised {
  const found = state.find(name);
  if (!found) throw new Error(`${name} was not raised`);
  return found;
}

/** Whether ONNX sees the map as [1,C,H,W], or a vector as [1,C] or with ones behind. */
function isMapShape(shape: readonly number[], map: MapShape): boolean {
  if (shape.length < 2 || shape[0] !== 1 || shape[1] !== map.channels) return false;
  if (shape.length === 4) return shape[2] === map.height && shape[3] === map.width;
  return map.height * map.width === 1 && shape.slice(2).every((d) => d === 1);
}

/** The map behind a name, refused where ONNX sees its elements in another arrangement. */
function mapOf(
  state: RaiseState,
  node: OnnxNode,
  name: string,
): { readonly id: ValueId; readonly shape: MapShape } | null {
  const r = raised(state, name);
  const { shape } = state.valueOf(r.id);
  if (isMapShape(r.shape, shape)) return { id: r.id, shape };
  state.report(node, 'DYB301', {
    found: `an input of shape [${r.shape.join(', ')}] that is a ${shape.channels}x${shape.height}x${shape.width} map laid out otherwise`,
    supported: 'maps [N, C, H, W] and vectors [N, C]',
  });
  return null;
}

function raiseNode(state: RaiseState, d: DialectNode, options: RaiseOptions): void {
  const { node } = d;
  switch (d.kind) {
    case 'Conv': {
      const x = mapOf(state, node, d.x);
      if (!x) return;
      const [, , kernelHeight = 1, kernelWidth = 1] = d.weight.shape;
      const [padTop = 0, padLeft = 0, padBottom = 0, padRight = 0] = d.pads;
      const window: Window = {
        kernelHeight,
        kernelWidth,
        strideHeight: d.strides[0] ?? 1,
        strideWidth: d.strides[1] ?? 1,
        dilationHeight: d.dilations[0] ?? 1,
        dilationWidth: d.dilations[1] ?? 1,
        padTop,
        padLeft,
        padBottom,
        padRight,
      };
      const parts = {
        node,
        x: x.id,
        weight: d.weight,
        bias: d.bias,
        outputs: d.weight.shape[0]!,
        group: d.group,
        window,
      };
      return bindOutput(state, node, raiseConvolution(state, parts, options.zeroWeights));
    }
    case 'Gemm':
      return raiseGemm(state, d, options);
    case 'BatchNormalization': {
      const x = mapOf(state, node, d.x);
      if (!x) return;
      const scale = Float64Array.from(d.scale.data, (s, c) => s / Math.sqrt(d.variance.data[c]! + d.epsilon));
      const values = Float64Array.from(d.bias.data, (b, c) => b - d.mean.data[c]! * scale[c]!);
      const bias: ChannelParam = { kind: 'static', values };
      const id = state.add(node, x.shape, { kind: 'ScaleBias', x: x.id, scale, bias });
      return bindOutput(state, node, state.setStatistics(id, normalizedStatistics(d.scale.data, d.bias.data)));
    }
    case 'PRelu': {
      const x = mapOf(state, node, d.x);
      if (!x) return;
      const slope = perChannel(d.slope, raised(state, d.x).shape);
      if (!slope) {
        state.report(node, 'DYB302', {
          found: `looks like RPReLU, but its slope of shape [${d.slope.shape.join(', ')}] is not per-channel`,
          supported: 'one slope per channel, or one for all',
        });
        return;
      }
      return bindOutput(
        state,
        node,
        state.add(node, x.shape, { kind: 'RPReLU', x: x.id, gamma: null, slope, zeta: null, compare: d.compare }),
      );
    }
    case 'Sign': {
      const x = raised(state, d.x);
      const { shape } = state.valueOf(x.id);
      const source = d.negated ? state.add(node, shape, { kind: 'Activation', x: x.id, fn: { kind: 'negate' } }) : x.id;
      // -sign(x): x >= a gives -1, so +1 is x < a, which is -x > -a.
      const compare = d.negated ? (d.compare === 'ge' ? 'gt' : 'ge') : d.compare;
      const id = state.add(node, shape, { kind: 'RSign', x: source, threshold: null, compare }, 'binary');
      return state.bind(node.outputs[0]!, { id, shape: x.shape });
    }
    case 'Add':
    case 'Sub':
    case 'Mul':
      return raiseArithmetic(state, d);
    case 'Neg': {
      const x = raised(state, d.x);
      return state.bind(node.outputs[0]!, { id: addNegation(state, node, x.id), shape: x.shape });
    }
    case 'GlobalAveragePool': {
      const x = mapOf(state, node, d.x);
      if (!x) return;
      const shape = { channels: x.shape.channels, height: 1, width: 1 };
      return bindOutput(state, node, state.add(node, shape, { kind: 'GlobalAveragePool', x: x.id }));
    }
    case 'AveragePool':
    case 'MaxPool': {
      const x = mapOf(state, node, d.x);
      if (!x) return;
      const window = poolWindow(d);
      const shape: MapShape = {
        channels: x.shape.channels,
        height: outputSize(
          x.shape.height,
          window.kernelHeight,
          window.strideHeight,
          1,
          window.padTop + window.padBottom,
        ),
        width: outputSize(x.shape.width, window.kernelWidth, window.strideWidth, 1, window.padLeft + window.padRight),
      };
      const id =
        d.kind === 'MaxPool'
          ? state.add(node, shape, { kind: 'MaxPool', x: x.id, window })
          : state.add(node, shape, { kind: 'AveragePool', x: x.id, window, countIncludePad: d.countIncludePad });
      return bindOutput(state, node, id);
    }
    case 'Reshape': {
      const x = raised(state, d.x);
      return state.bind(node.outputs[0]!, { id: x.id, shape: shapeOfOutput(state, node) });
    }
    case 'Concat':
      return raiseConcat(state, d);
    case 'Relu':
    case 'Sigmoid':
    case 'HardSwish':
    case 'Swish':
    case 'Clip':
    case 'HardSigmoid': {
      const x = raised(state, d.x);
      const fn = pointFunctionOf(d);
      const id = state.add(node, state.valueOf(x.id).shape, { kind: 'Activation', x: x.id, fn });
      return state.bind(node.outputs[0]!, { id, shape: x.shape });
    }
    case 'Softmax': {
      const x = mapOf(state, node, d.x);
      if (!x) return;
      const rank = raised(state, d.x).shape.length;
      const overChannels = (d.axis < 0 ? d.axis + rank : d.axis) === 1 || x.shape.channels === 1;
      if (x.shape.height * x.shape.width !== 1 || !overChannels) {
        state.report(node, 'DYB202', {
          found: `axis ${d.axis} of a map`,
          supported: 'softmax over the channels of a vector',
        });
        return;
      }
      return bindOutput(state, node, state.add(node, x.shape, { kind: 'Softmax', x: x.id }));
    }
  }
}

function pointFunctionOf(
  d: Extract<DialectNode, { kind: 'Relu' | 'Sigmoid' | 'HardSwish' | 'Swish' | 'Clip' | 'HardSigmoid' }>,
) {
  switch (d.kind) {
    case 'Relu':
      return { kind: 'relu' } as const;
    case 'Sigmoid':
      return { kind: 'sigmoid' } as const;
    case 'HardSwish':
      return { kind: 'hardSwish' } as const;
    case 'Swish':
      return { kind: 'swish' } as const;
    case 'Clip':
      return { kind: 'clip', lo: d.min, hi: d.max } as const;
    case 'HardSigmoid':
      return { kind: 'hardSigmoid', alpha: d.alpha, beta: d.beta } as const;
  }
}

function poolWindow(d: Extract<DialectNode, { kind: 'AveragePool' | 'MaxPool' }>): Window {
  return {
    ...ONE_PIXEL,
    kernelHeight: d.kernel[0] ?? 1,
    kernelWidth: d.kernel[1] ?? 1,
    strideHeight: d.strides[0] ?? 1,
    strideWidth: d.strides[1] ?? 1,
    padTop: d.pads[0] ?? 0,
    padLeft: d.pads[1] ?? 0,
    padBottom: d.pads[2] ?? 0,
    padRight: d.pads[3] ?? 0,
  };
}

/** A matrix times a vector; over a map laid out flat it is a convolution with a kernel as large as the map. */
function raiseGemm(state: RaiseState, d: Extract<DialectNode, { kind: 'Gemm' }>, options: RaiseOptions): void {
  const { node } = d;
  const x = raised(state, d.x);
  const { shape } = state.valueOf(x.id);
  const [outputs = 0, inputs = 0] = d.weight.shape;
  const flat = x.shape.length >= 1 && sizeOfShape(x.shape) === inputs && x.shape[x.shape.length - 1] === inputs;
  if (!flat || shape.channels * shape.height * shape.width !== inputs) {
    state.report(node, 'DYB301', {
      found: `a matrix [${outputs}, ${inputs}] over an input of shape [${x.shape.join(', ')}]`,
      supported: 'a matrix over one vector per sample',
    });
    return;
  }
  const window: Window = { ...ONE_PIXEL, kernelHeight: shape.height, kernelWidth: shape.width };
  const parts = { node, x: x.id, weight: d.weight, bias: d.bias, outputs, group: 1, window };
  bindOutput(state, node, raiseConvolution(state, parts, options.zeroWeights));
}

function raiseConcat(state: RaiseState, d: Extract<DialectNode, { kind: 'Concat' }>): void {
  const { node } = d;
  const maps = d.xs.map((x) => mapOf(state, node, x));
  if (maps.some((m) => m === null)) return;
  const all = maps as { readonly id: ValueId; readonly shape: MapShape }[];
  const rank = raised(state, d.xs[0]!).shape.length;
  const first = all[0]!.shape;
  const fits = all.every((m) => m.shape.height === first.height && m.shape.width === first.width);
  if ((d.axis < 0 ? d.axis + rank : d.axis) !== 1 || !fits) {
    state.report(node, 'DYB202', { found: `axis = ${d.axis}`, supported: 'concatenation of channels (axis 1)' });
    return;
  }
  const channels = all.reduce((sum, m) => sum + m.shape.channels, 0);
  const id = state.add(node, { ...first, channels }, { kind: 'Concat', xs: all.map((m) => m.id) });
  const statistics = joinedStatistics(all.map((m) => state.valueOf(m.id).statistics));
  bindOutput(state, node, state.setStatistics(id, statistics));
}

type Operand =
  | { readonly kind: 'value'; readonly raised: Raised }
  | { readonly kind: 'constant'; readonly tensor: Tensor };

function operand(state: RaiseState, name: string): Operand {
  const tensor = state.graph.constants.get(name);
  return tensor ? { kind: 'constant', tensor } : { kind: 'value', raised: raised(state, name) };
}

/** a + b, a - b, a * b with a constant per channel, a vector made by the network, or another map. */
function raiseArithmetic(state: RaiseState, d: Extract<DialectNode, { kind: 'Add' | 'Sub' | 'Mul' }>): void {
  const { node } = d;
  const a = operand(state, d.a);
  const b = operand(state, d.b);
  if (a.kind === 'constant' && b.kind === 'constant') {
    state.report(node, 'DYB301', { found: 'two constants that were not folded', supported: 'a constant and a value' });
    return;
  }
  if (a.kind === 'constant' || b.kind === 'constant') {
    const constant = a.kind === 'constant' ? a.tensor : (b as Extract<Operand, { kind: 'constant' }>).tensor;
    const value = a.kind === 'value' ? a.raised : (b as Extract<Operand, { kind: 'value' }>).raised;
    return raiseWithConstant(state, d, value, constant, a.kind === 'constant');
  }
  raiseTwoValues(state, d, a.raised, b.raised);
}

function raiseWithConstant(
  state: RaiseState,
  d: Extract<DialectNode, { kind: 'Add' | 'Sub' | 'Mul' }>,
  value: Raised,
  constant: Tensor,
  constantFirst: boolean,
): void {
  const { node } = d;
  const out = shapeOfOutput(state, node);
  const { shape, statistics } = state.valueOf(value.id);
  const values =
    isMapShape(value.shape, shape) && sizeOfShape(out) === sizeOfShape(value.shape) ? perChannel(constant, out) : null;
  if (!values) {
    state.report(node, 'DYB301', {
      found: `a constant of shape [${constant.shape.join(', ')}] over [${value.shape.join(', ')}] that is not one value per channel`,
      supported: 'constants per channel ([C,1,1]) or one for all',
    });
    return;
  }
  if (d.kind === 'Mul') {
    const id = state.add(node, shape, { kind: 'ScaleBias', x: value.id, scale: values, bias: null });
    return bindOutput(state, node, state.setStatistics(id, scaledStatistics(statistics, values, null)));
  }
  const negated = d.kind === 'Sub' && constantFirst;
  const x = negated ? addNegation(state, node, value.id) : value.id;
  const bias = d.kind === 'Sub' && !constantFirst ? values.map((v) => -v) : values;
  const id = state.add(node, shape, { kind: 'ScaleBias', x, scale: null, bias: { kind: 'static', values: bias } });
  bindOutput(state, node, state.setStatistics(id, scaledStatistics(state.valueOf(x).statistics, null, bias)));
}

function addNegation(state: RaiseState, node: OnnxNode, x: ValueId): ValueId {
  const { shape, statistics } = state.valueOf(x);
  const id = state.add(node, shape, { kind: 'Activation', x, fn: { kind: 'negate' } });
  const factors = new Float64Array(shape.channels).fill(-1);
  return state.setStatistics(id, scaledStatistics(statistics, factors, null));
}

function raiseTwoValues(
  state: RaiseState,
  d: Extract<DialectNode, { kind: 'Add' | 'Sub' | 'Mul' }>,
  a: Raised,
  b: Raised,
): void {
  const { node } = d;
  const shapeA = state.valueOf(a.id).shape;
  const shapeB = state.valueOf(b.id).shape;
  if (d.kind === 'Mul') {
    state.report(node, 'DYB301', {
      found: 'a product of two values that both depend on the input',
      supported: 'factors that are constant per channel',
      hint: 'input-dependent scales (squeeze-and-excitation, gating) are not supported',
    });
    return;
  }
  const right = d.kind === 'Sub' ? addNegation(state, node, b.id) : b.id;
  // Over a map of one pixel a dynamic parameter has the map's own shape: who made it tells them apart.
  const onePixel = sameShape(shapeA, shapeB) && isGenerated(state, b.id) !== isGenerated(state, a.id);
  if (!onePixel && sameShape(shapeA, shapeB) && sizeOfShape(a.shape) === sizeOfShape(b.shape)) {
    return bindOutput(state, node, state.add(node, shapeA, { kind: 'Add', a: a.id, b: right }));
  }
  const aIsMap = isMapShape(a.shape, shapeA);
  const bIsMap = isMapShape(b.shape, shapeB);
  if (aIsMap && a.shape.length === 4 && isVectorFor(b, shapeB, shapeA) && !(onePixel && isGenerated(state, a.id))) {
    const bias: ChannelParam = { kind: 'dynamic', source: right };
    return bindOutput(state, node, state.add(node, shapeA, { kind: 'ScaleBias', x: a.id, scale: null, bias }));
  }
  if (bIsMap && b.shape.length === 4 && isVectorFor(a, shapeA, shapeB)) {
    const bias: ChannelParam = { kind: 'dynamic', source: a.id };
    return bindOutput(state, node, state.add(node, shapeB, { kind: 'ScaleBias', x: right, scale: null, bias }));
  }
  state.report(node, 'DYB301', {
    found: `shapes [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`,
    supported: 'two maps of one shape, or a map and a vector [N, C, 1, 1]',
  });
}

/** Made by layers over a global average pool and nothing else: a dynamic parameter (clause 8.1). */
function isGenerated(state: RaiseState, id: ValueId): boolean {
  let node = state.producerOf(id);
  let layers = 0;
  while (node.kind === 'Conv2d' || node.kind === 'Activation') {
    if (node.kind === 'Conv2d') layers++;
    node = state.producerOf(node.x);
  }
  return node.kind === 'GlobalAveragePool' && layers > 0;
}

/** A vector that ONNX broadcasts over the map's pixels, not over its columns. */
function isVectorFor(vector: Raised, shape: MapShape, map: MapShape): boolean {
  if (shape.height * shape.width !== 1 || shape.channels !== map.channels) return false;
  const s = vector.shape;
  return (s.length === 4 && s[1] === map.channels) || (s.length === 3 && s[0] === map.channels);
}
