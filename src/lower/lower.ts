/**
 * BnnGraph -> Program: order, fusion, packed weights, layouts, memory.
 *
 * Each node that makes a map starts a step; build-tail.ts then takes in what follows. What is left over becomes a pass of its
 * own. Adding an operator: one case in `lowerNode`.
 */
import {
  type BinaryConv2dNode,
  type BnnGraph,
  type BnnNode,
  type Conv2dNode,
  inputsOf,
  type PointFunction,
  type RSignNode,
  type ValueId,
} from '../bnn/bnn-graph.js';
import { reciprocal } from '../contract/pool.js';
import { fail } from '../diagnostics/diagnostic.js';
import type { BufferRef, Program, Tail } from '../program/program.js';
import { borderClasses } from './border-classes.js';
import {
  closeTail,
  extendTail,
  isFreeShortcut,
  signSink,
  startTail,
  statisticsOf,
  type TailDraft,
} from './build-tail.js';
import { finishProgram } from './finish-program.js';
import { integerThreshold } from './integer-threshold.js';
import { LoweringContext, orderIsIrrelevant } from './lowering-context.js';
import { accumulatorStart, interleaveFloatWeights, packBinaryWeights } from './pack-weights.js';
import { schedule } from './schedule.js';

export function lower(graph: BnnGraph): Program {
  const context = new LoweringContext(graph);
  for (const node of schedule(graph, context.index)) {
    if (context.absorbed.has(node) || isFreeShortcut(context, node, null)) continue;
    lowerNode(context, node);
  }
  lowerOutput(context);
  return finishProgram({
    name: graph.name,
    numeric: 'float32',
    input: graph.declaredInput,
    output: graph.declaredOutput,
    steps: context.steps,
    buffers: context.buffers,
    constants: context.constants.constants,
  });
}

function lowerNode(context: LoweringContext, node: BnnNode): void {
  switch (node.kind) {
    case 'Input':
      return lowerInput(context, node.output);
    case 'BinaryConv2d':
      return lowerBinaryConv2d(context, node);
    case 'Conv2d':
      return isDense(context, node) ? lowerDense(context, node) : lowerConv2d(context, node);
    case 'MaxPool':
    case 'AveragePool': {
      const name = context.stepName(node.name);
      const input = readReal(context, node.x);
      const taps = node.window.kernelHeight * node.window.kernelWidth;
      const excludes = node.kind === 'AveragePool' && !node.countIncludePad;
      const reciprocals = Array.from({ length: taps + 1 }, (_, n) => (n === 0 ? 0 : reciprocal(n)));
      const draft = startTail(node.output);
      const tail = closeTail(context, draft, name);
      context.emit({
        kind: node.kind === 'MaxPool' ? 'maxPool' : 'averagePool',
        name,
        origin: [...node.origin, ...draft.origin],
        input,
        inputShape: context.shapeOf(node.x),
        window: node.window,
        countIncludePad: !excludes,
        reciprocal: excludes ? context.constants.addFloats(`${name}_reciprocal`, '1/count', reciprocals) : null,
        tail,
      });
      return;
    }
    case 'GlobalAveragePool':
      return lowerGlobalAveragePool(context, node.x, node.output, node.name, node.origin);
    case 'Concat':
      return lowerConcat(context, node.xs, node.output, node.name, node.origin);
    case 'Softmax': {
      const input = readReal(context, node.x);
      const output = context.realBuffer(node.output, node.name);
      const count = context.shapeOf(node.output).channels;
      context.emit({ kind: 'softmax', name: context.stepName(node.name), origin: node.origin, input, output, count });
      return;
    }
    case 'RSign':
      return lowerPass(context, node, node.x, null);
    case 'Activation':
      return node.fn.kind === 'relu'
        ? lowerPass(context, node, node.x, null)
        : lowerPass(context, node, node.x, node.fn);
    case 'ScaleBias':
    case 'RPReLU':
      return lowerPass(context, node, node.x, null);
    case 'Add':
      return lowerPass(context, node, node.a, null);
  }
}

/** The model's input: channels first as the caller has it, copied only where that differs from channels last. */
function lowerInput(context: LoweringContext, id: ValueId): void {
  const shape = context.shapeOf(id);
  if (orderIsIrrelevant(shape)) {
    context.real.set(id, context.buffer('input', { kind: 'map', shape }, id, 'input'));
    return;
  }
  const input = context.buffer('input', { kind: 'external', shape }, id, 'input');
  const name = context.stepName('input_channels_last');
  const output = context.realBuffer(id, name);
  context.emit({ kind: 'toChannelsLast', name, origin: [], input, output, shape });
}

function lowerOutput(context: LoweringContext): void {
  const id = context.graph.output;
  const ref = readReal(context, id);
  if (context.buffers[ref]!.external === 'output') return;
  const shape = context.shapeOf(id);
  const output = context.buffer('output', { kind: 'external', shape }, id, 'output');
  context.emit({ kind: 'toChannelsFirst', name: context.stepName('output'), origin: [], input: ref, output, shape });
}

/** The buffer of a value as reals; a packed map is unpacked for a reader that takes only reals. */
function readReal(context: LoweringContext, id: ValueId): BufferRef {
  const known = context.real.get(id);
  if (known !== undefined) return known;
  const input = context.bits.get(id);
  if (input === undefined) return context.realOf(id);
  const name = context.stepName(`${context.index.producer.get(id)?.name ?? 'value'}_unpacked`);
  const output = context.realBuffer(id, name);
  context.emit({ kind: 'unpack', name, origin: [], input, output, shape: context.shapeOf(id) });
  return output;
}

function lowerBinaryConv2d(context: LoweringContext, node: BinaryConv2dNode): void {
  const limit = node.inputs * node.window.kernelHeight * node.window.kernelWidth;
  if (limit > 2 ** 24) {
    fail('DYB401', {
      node: node.origin[0] ?? node.name,
      found: `${limit} products an output`,
      supported: 'at most 16777216',
    });
  }
  const name = context.stepName(node.name);
  const input = context.bits.get(node.x);
  if (input === undefined) throw new Error(`${node.name} reads a map that is not packed`);
  const folded = foldIntegerThreshold(context, node, name, limit);
  const conv = folded?.node ?? node;
  const draft = startTail(node.output, {}, 'scaled');
  let tail: Tail;
  if (folded) {
    tail = folded.tail;
    draft.origin.push(...folded.origin);
  } else {
    draft.tail = {
      scale: context.constants.addFloats(`${name}_scale`, `[${node.outputs}] scale`, node.scale),
      ...(node.bias
        ? {
            bias: {
              kind: 'constant',
              ref: context.constants.addFloats(`${name}_bias`, `[${node.outputs}] bias`, node.bias),
            },
          }
        : {}),
      ...statisticsOf(context, node.output),
    };
    tail = closeTail(context, draft, name);
  }
  const inputShape = context.shapeOf(node.x);
  const classes = borderClasses(conv, inputShape, context.shapeOf(node.output));
  const { constants } = context;
  context.emit({
    kind: 'binaryConv2d',
    name,
    origin: [...node.origin, ...draft.origin],
    input,
    inputShape,
    window: node.window,
    weights: constants.add(`${name}_weights`, weightsComment(node), { type: 'uint64', data: packBinaryWeights(conv) }),
    base: constants.add(`${name}_base`, 'taps inside and their correction, per border class', {
      type: 'int32',
      data: classes.base,
    }),
    rowClass: constants.add(`${name}_row_class`, 'border class of each row', { type: 'uint8', data: classes.rowClass }),
    colClass: constants.add(`${name}_col_class`, 'border class of each column', {
      type: 'uint8',
      data: classes.colClass,
    }),
    colClasses: classes.colClasses,
    tail,
  });
}

function weightsComment(node: BinaryConv2dNode): string {
  const { kernelHeight, kernelWidth } = node.window;
  return `signs of [${node.outputs}][${node.inputs}][${kernelHeight}][${kernelWidth}], eight outputs interleaved`;
}

/** Convolution -> sign with nothing between but constants: an integer compare (integer-threshold.ts). */
function foldIntegerThreshold(
  context: LoweringContext,
  node: BinaryConv2dNode,
  name: string,
  limit: number,
): { readonly node: BinaryConv2dNode; readonly tail: Tail; readonly origin: readonly string[] } | null {
  const sign = context.index.soleUser(node.output);
  if (sign?.kind !== 'RSign' || sign.threshold?.kind === 'dynamic') return null;
  const alpha = sign.threshold?.values ?? new Float64Array(node.outputs);
  const found = Array.from({ length: node.outputs }, (_, o) =>
    integerThreshold(node.scale[o]!, node.bias?.[o] ?? null, Math.fround(alpha[o]!), sign.compare, limit),
  );
  const perOutput = node.signs.length / node.outputs;
  const inverted = node.signs.map((s, i) => (found[Math.floor(i / perOutput)]!.invert ? 1 - s : s));
  const threshold = context.constants.addFloats(
    `${name}_threshold`,
    'integer thresholds',
    found.map((f) => f.threshold),
  );
  context.absorbed.add(sign);
  return {
    node: { ...node, signs: inverted },
    origin: sign.origin,
    tail: {
      shape: context.shapeOf(node.output),
      bits: {
        buffer: context.bitsBuffer(sign.output, `${sign.name}_bits`),
        threshold: { kind: 'constant', ref: threshold },
        compare: 'ge',
      },
    },
  };
}

function lowerConv2d(context: LoweringContext, node: Conv2dNode): void {
  const name = context.stepName(node.name);
  const input = readReal(context, node.x);
  const { kernelHeight, kernelWidth } = node.window;
  const inputs = node.inputs / node.group;
  const draft = startTail(node.output, statisticsOf(context, node.output));
  const tail = closeTail(context, draft, name);
  context.emit({
    kind: 'conv2d',
    name,
    origin: [...node.origin, ...draft.origin],
    input,
    inputShape: context.shapeOf(node.x),
    window: node.window,
    group: node.group,
    ...floatWeights(context, node, name, inputs, kernelHeight * kernelWidth),
    floatReason: node.floatReason,
    tail,
  });
}

function floatWeights(context: LoweringContext, node: Conv2dNode, name: string, inputs: number, taps: number) {
  const data = interleaveFloatWeights(node.weight, node.outputs, inputs, taps);
  const comment = `[${node.outputs}][${inputs}][${node.window.kernelHeight}][${node.window.kernelWidth}], sixteen outputs interleaved`;
  return {
    weights: context.constants.add(`${name}_weights`, comment, { type: 'float32', data }),
    acc: context.constants.addFloats(
      `${name}_acc`,
      'where accumulators start',
      accumulatorStart(node.bias, node.outputs),
    ),
  };
}

/** A convolution whose input and kernel are one pixel, and meet: with pads before it the one window may lie outside. */
function isDense(context: LoweringContext, node: Conv2dNode): boolean {
  const { height, width } = context.shapeOf(node.x);
  const out = context.shapeOf(node.output);
  const w = node.window;
  return (
    height * width === 1 &&
    out.height * out.width === 1 &&
    w.kernelHeight * w.kernelWidth === 1 &&
    w.padTop + w.padLeft === 0 &&
    node.group === 1
  );
}

function lowerDense(context: LoweringContext, node: Conv2dNode): void {
  const name = context.stepName(node.name);
  const input = readReal(context, node.x);
  const next = context.index.soleUser(node.output);
  const activation = next?.kind === 'Activation' ? next : null;
  if (activation) context.absorbed.add(activation);
  context.emit({
    kind: 'dense',
    name,
    origin: [...node.origin, ...(activation?.origin ?? [])],
    input,
    output: context.realBuffer((activation ?? node).output, name),
    inputs: node.inputs,
    outputs: node.outputs,
    ...floatWeights(context, node, name, node.inputs, 1),
    fn: activation?.fn ?? null,
  });
}

function lowerGlobalAveragePool(
  context: LoweringContext,
  x: ValueId,
  value: ValueId,
  nodeName: string,
  origin: readonly string[],
): void {
  const name = context.stepName(nodeName);
  let rowSums = context.rowSums.get(x);
  if (rowSums === undefined) {
    const input = readReal(context, x);
    rowSums = context.rowSumsBuffer(x, `${name}_row_sums`);
    const tail: Tail = { shape: context.shapeOf(x), rowSums };
    context.emit({ kind: 'map', name: context.stepName(`${name}_sum`), origin: [], input, fn: null, tail });
  }
  const output = context.realBuffer(value, name);
  context.emit({ kind: 'globalAveragePool', name, origin, rowSums, output, shape: context.shapeOf(x) });
}

function lowerConcat(
  context: LoweringContext,
  xs: readonly ValueId[],
  value: ValueId,
  nodeName: string,
  origin: readonly string[],
): void {
  const inputs = xs.map((x) => readReal(context, x));
  const output = context.realBuffer(value, nodeName);
  const outputChannels = context.shapeOf(value).channels;
  let offset = 0;
  xs.forEach((x, i) => {
    const shape = context.shapeOf(x);
    const name = context.stepName(nodeName);
    context.emit({ kind: 'concat', name, origin, input: inputs[i]!, output, shape, outputChannels, offset });
    offset += shape.channels;
  });
}

/** A pass over a map in memory that starts with `node`. */
function lowerPass(
  context: LoweringContext,
  node: Exclude<BnnNode, { kind: 'Input' | 'Concat' }>,
  x: ValueId,
  fn: PointFunction | null,
): void {
  const name = context.stepName(node.name);
  const input = readReal(context, x);
  for (const other of inputsOf(node)) readReal(context, other);
  const draft = startTail(fn ? node.output : x);
  const tail =
    node.kind === 'RSign' ? signTail(context, node, draft) : passTail(context, node, draft, name, fn !== null);
  context.emit({ kind: 'map', name, origin: [...new Set([...node.origin, ...draft.origin])], input, fn, tail });
}

function signTail(context: LoweringContext, node: RSignNode, draft: TailDraft): Tail {
  return { shape: context.shapeOf(node.x), bits: signSink(context, node, draft) };
}

function passTail(context: LoweringContext, node: BnnNode, draft: TailDraft, name: string, done: boolean): Tail {
  if (!done && !extendTail(context, draft, node, name)) {
    // An addition of a map to itself is the one thing that a shortcut cannot say: both operands are the pass's own input.
    if (node.kind !== 'Add') throw new Error(`${node.name} cannot start a pass`);
    draft.tail = { shortcut: { buffer: context.realOf(node.b), channels: context.shapeOf(node.b).channels, pool: 1 } };
    draft.stage = 'added';
    draft.value = node.output;
  }
  return closeTail(context, draft, name);
}
