/**
 *     Slice<channels p..q>(Gemm(x, W, c))        becomes    Gemm(x, W[p..q], c[p..q])         Conv likewise
 *     Slice(Relu(x)) | Slice(x + c) | ...        becomes    Relu(Slice(x)) | Slice(x) + c[p..q]
 *     Slice(Reshape(x)), both vectors            becomes    Reshape(Slice(x))
 *
 * Exporter: one FC that makes gamma and zeta together, cut in two by chunk, split or indexing. The rows of a matrix do not meet,
 * so each part is a matrix of its own with the same products and sums.
 */
import type { OnnxNode, Tensor } from '../../onnx/onnx-graph.js';
import { type GraphView, isOp } from '../graph-view.js';
import { convAttributes } from '../operators/network.js';
import { sizeOf } from '../operators/operator.js';
import { sliceAttributes, slicePlan } from '../operators/shape.js';
import { readCall } from '../read-call.js';
import type { Draft, DraftAttributes, Rule } from '../rewrite.js';
import { isCanonicalGemm } from './make-gemm.js';

export const moveSliceUp: Rule = {
  name: 'move Slice up',
  roots: ['Slice'],
  apply(node, view, draft) {
    const cut = channelCut(node, view);
    const producer = view.producer(node.inputs[0]);
    if (cut === null || producer === undefined) return null;
    draft.absorb(node.inputs[0]);
    const [x, w, c] = producer.inputs;
    if (isOp(producer, 'Gemm', 'Conv')) {
      const weight = view.constant(w);
      const bias = c === undefined || c === '' ? null : view.constant(c);
      if (weight === undefined || bias === undefined || !canonicalRows(producer, view)) return null;
      const inputs = [x!, draft.constant(rows(weight, 0, cut))];
      if (bias !== null) inputs.push(draft.constant(rows(bias, 0, cut)));
      return draft.node(producer.opType, inputs, copiedAttributes(producer));
    }
    const elementwise = isOp(producer, 'Relu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Neg', 'Clip');
    if (elementwise || (producer.domain === 'dybnn' && producer.opType === 'Swish')) {
      const sliced = slice(draft, x!, cut);
      const domain = producer.domain === 'dybnn' ? 'dybnn' : undefined;
      return draft.node(producer.opType, producer.inputs.with(0, sliced), copiedAttributes(producer), domain);
    }
    if (isOp(producer, 'Add', 'Mul')) {
      const operand = view.constant(w);
      if (operand === undefined || operand.shape.length !== cut.rank) return null;
      const part = operand.shape[1] === 1 ? w! : draft.constant(rows(operand, 1, cut));
      return draft.node(producer.opType, [slice(draft, x!, cut), part]);
    }
    if (isOp(producer, 'Reshape')) {
      const from = view.type(x)?.shape ?? [];
      const to = view.type(node.outputs[0])?.shape ?? [];
      const total = sizeOf(from);
      if (from.length < 2 || from[1] !== total || view.type(node.inputs[0])?.shape[1] !== total) return null;
      const sliced = slice(draft, x!, { ...cut, rank: from.length });
      return draft.node('Reshape', [
        sliced,
        draft.constant({ type: 'int64', shape: [to.length], data: Float64Array.from(to) }),
      ]);
    }
    return null;
  },
};

interface ChannelCut {
  readonly rank: number;
  readonly start: number;
  readonly end: number;
}

/** A Slice of axis 1 alone, in steps of 1. */
function channelCut(node: OnnxNode, view: GraphView): ChannelCut | null {
  const [from, to] = [view.type(node.inputs[0])?.shape, view.type(node.outputs[0])?.shape];
  if (from === undefined || to === undefined || from.length < 2) return null;
  if (from.some((d, axis) => axis !== 1 && d !== to[axis])) return null;
  const plan = slicePlan(readCall(node, sliceAttributes, view), from)[1]!;
  return plan.step === 1 ? { rank: from.length, start: plan.first, end: plan.first + plan.length } : null;
}

function slice(draft: Draft, x: string, { start, end }: ChannelCut): string {
  const integer = (value: number): string =>
    draft.constant({ type: 'int64', shape: [1], data: Float64Array.of(value) });
  return draft.node('Slice', [x, integer(start), integer(end), integer(1)]);
}

/** Output channels are the first axis of the weights. */
function canonicalRows(producer: OnnxNode, view: GraphView): boolean {
  return isOp(producer, 'Conv')
    ? readCall(producer, convAttributes, view).attributes.group === 1
    : isCanonicalGemm(producer);
}

function copiedAttributes(node: OnnxNode): DraftAttributes {
  const copies: [string, DraftAttributes[string]][] = [];
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind === 'int' || attribute.kind === 'string' || attribute.kind === 'ints')
      copies.push([name, attribute.value]);
    else if (attribute.kind === 'float') copies.push([name, { float: attribute.value }]);
  }
  return Object.fromEntries(copies);
}

/** Entries start..end along an axis. */
function rows(tensor: Tensor, axis: number, { start, end }: ChannelCut): Tensor {
  const inner = sizeOf(tensor.shape.slice(axis + 1));
  if (sizeOf(tensor.shape.slice(0, axis)) !== 1) throw new Error('internal: only the outermost varying axis is cut');
  const shape = tensor.shape.map((d, i) => (i === axis ? end - start : d));
  return { type: tensor.type, shape, data: tensor.data.slice(start * inner, end * inner) };
}
