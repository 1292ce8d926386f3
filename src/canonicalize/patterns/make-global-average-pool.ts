/**
 *     ReduceMean<axes 2, 3>(x)                            becomes    GlobalAveragePool(x)   (and a Reshape without keepdims)
 *     ReduceMean<axis 2>(Reshape(x, [1, C, H W]))         becomes    the same
 *     ReduceMean<axis 2>(ReduceMean<axis 3>(x))           becomes    the same, in either order
 *     ReduceSum<axes 2, 3>(x)                             becomes    GlobalAveragePool(x) * H W
 *     AveragePool<kernel H x W>(x)                        becomes    GlobalAveragePool(x)
 *
 * Exporter: AdaptiveAvgPool2d(1), x.mean((2, 3)), x.flatten(2).mean(2), x.mean(3).mean(2), F.avg_pool2d(x, x.shape[2:]).
 *
 * A mean over the innermost elements of an array is the same whatever shape the array has: so the map is looked for through
 * reshapes, and means of means of equally many elements are one.
 */
import type { OnnxNode } from '../../onnx/onnx-graph.js';
import { scalar } from '../constants.js';
import { type GraphView, isOp } from '../graph-view.js';
import { averagePoolAttributes } from '../operators/network.js';
import { sizeOf } from '../operators/operator.js';
import { reduceAttributes, reducedAxes } from '../operators/reduce.js';
import { poolGeometry } from '../operators/window.js';
import { readCall } from '../read-call.js';
import type { Draft, Rule } from '../rewrite.js';

export const makeGlobalAveragePool: Rule = {
  name: 'make GlobalAveragePool',
  roots: ['ReduceMean', 'ReduceSum', 'AveragePool'],
  apply(node, view, draft) {
    const shape = view.type(node.outputs[0])?.shape;
    const x = node.inputs[0];
    if (shape === undefined || x === undefined) return null;
    if (isOp(node, 'AveragePool')) {
      const call = readCall(node, averagePoolAttributes, view);
      const from = call.types[0]!.shape;
      const { kernel, pads } = poolGeometry(call.attributes, from);
      const full = kernel[0] === from[2] && kernel[1] === from[3] && pads.every((p) => p === 0);
      return full ? draft.node('GlobalAveragePool', [x]) : null;
    }
    const mean = innermostMean(node, view);
    const map = mean === null ? null : mapOf(mean.source, mean.count, view);
    if (mean === null || map === null) return null;
    draft.absorb(x);
    const result = reshapeTo(draft, draft.node('GlobalAveragePool', [map]), shape);
    return isOp(node, 'ReduceSum') ? draft.node('Mul', [result, draft.constant(scalar(mean.own))]) : result;
  },
};

interface InnermostMean {
  readonly source: string;
  /** How many consecutive elements of the source are averaged. */
  readonly count: number;
  /** How many of them by the node itself. */
  readonly own: number;
}

function innermostMean(node: OnnxNode | undefined, view: GraphView, depth = 0): InnermostMean | null {
  if (!isOp(node, 'ReduceMean', ...(depth === 0 ? ['ReduceSum'] : [])) || depth > 4) return null;
  const call = readCall(node, reduceAttributes, view);
  const axes = reducedAxes(call);
  const shape = call.types[0]?.shape ?? [];
  const first = axes[0];
  if (first === undefined) return null;
  // Reduced axes, and axes of size 1, all the way to the innermost.
  if (shape.some((d, axis) => axis >= first && d !== 1 && !axes.includes(axis))) return null;
  const count = sizeOf(shape.slice(first));
  const source = node.inputs[0]!;
  const through = view.producer(source);
  const inner = isOp(through, 'Reshape') ? through.inputs[0]! : source;
  const producer = view.producer(inner);
  const columns = columnMean(producer, count, view);
  if (columns !== null) return { ...columns, own: count };
  const deeper = innermostMean(producer, view, depth + 1);
  return deeper === null
    ? { source, count, own: count }
    : { source: deeper.source, count: deeper.count * count, own: count };
}

/** The node is the mean over the height of a map of the given width. */
function columnMean(node: OnnxNode | undefined, width: number, view: GraphView): Omit<InnermostMean, 'own'> | null {
  if (!isOp(node, 'ReduceMean')) return null;
  const call = readCall(node, reduceAttributes, view);
  const shape = call.types[0]?.shape ?? [];
  const axes = reducedAxes(call);
  if (shape.length !== 4 || axes.length !== 1 || axes[0] !== 2 || shape[3] !== width) return null;
  return { source: node.inputs[0]!, count: shape[2]! * width };
}

/** The map [1, C, H, W] with H W = count whose elements `source` holds. */
function mapOf(source: string, count: number, view: GraphView): string | null {
  const through = view.producer(source);
  for (const value of [source, isOp(through, 'Reshape') ? through.inputs[0] : undefined]) {
    const shape = view.type(value)?.shape;
    if (value !== undefined && shape?.length === 4 && shape[2]! * shape[3]! === count) return value;
  }
  return null;
}

function reshapeTo(draft: Draft, value: string, shape: readonly number[]): string {
  return draft.node('Reshape', [
    value,
    draft.constant({ type: 'int64', shape: [shape.length], data: Float64Array.from(shape) }),
  ]);
}
