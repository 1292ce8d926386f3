/**
 * Arithmetic on small constants inside rules.
 *
 * Keeps true: it is done in binary64; the result is stored as float32 where that is exact, else as float64, so that the one
 * rounding of clause 10.1 happens when the constant is used.
 */
import type { Tensor } from '../onnx/onnx-graph.js';
import { broadcastShapes, forEachRow } from './operators/broadcast.js';
import { sizeOf } from './operators/operator.js';

export function scalar(value: number): Tensor {
  return realTensor([], [value]);
}

export function realTensor(shape: readonly number[], values: ArrayLike<number>): Tensor {
  const single = Float32Array.from(values);
  for (let i = 0; i < single.length; i++) {
    if (single[i] !== values[i]) return { type: 'float64', shape, data: Float64Array.from(values) };
  }
  return { type: 'float32', shape, data: single };
}

export function mapTensor(tensor: Tensor, fn: (x: number) => number): Tensor {
  return realTensor(tensor.shape, Float64Array.from(tensor.data, fn));
}

export function combineTensors(a: Tensor, b: Tensor, fn: (x: number, y: number) => number): Tensor {
  const shape = broadcastShapes([a.shape, b.shape]);
  const values = new Float64Array(sizeOf(shape));
  forEachRow(shape, [a.shape, b.shape], (start, length, starts, steps) => {
    for (let i = 0; i < length; i++) {
      values[start + i] = fn(a.data[starts[0]! + i * steps[0]!]!, b.data[starts[1]! + i * steps[1]!]!);
    }
  });
  return realTensor(shape, values);
}

/** Do two constants hold the same numbers once broadcast against each other? */
export function equalTensors(a: Tensor, b: Tensor): boolean {
  return combineTensors(a, b, (x, y) => (x === y ? 1 : 0)).data.every((same) => same === 1);
}

/**
 * The constant as an operand of a value of `shape`: the same rank, and size 1 along every axis where all slices are equal.
 * null where nothing changes.
 */
export function shrinkOperand(tensor: Tensor, shape: readonly number[]): Tensor | null {
  if (tensor.shape.length > shape.length) return null;
  const padded = [...new Array<number>(shape.length - tensor.shape.length).fill(1), ...tensor.shape];
  let current: Tensor = { ...tensor, shape: padded };
  for (let axis = 0; axis < padded.length; axis++) current = shrinkAxis(current, axis);
  const same = current.shape.length === tensor.shape.length && current.data.length === tensor.data.length;
  return same ? null : current;
}

function shrinkAxis(tensor: Tensor, axis: number): Tensor {
  const size = tensor.shape[axis]!;
  if (size <= 1) return tensor;
  const inner = sizeOf(tensor.shape.slice(axis + 1));
  const outer = sizeOf(tensor.shape.slice(0, axis));
  const { data } = tensor;
  for (let o = 0; o < outer; o++) {
    const base = o * size * inner;
    for (let i = inner; i < size * inner; i++) if (!Object.is(data[base + i], data[base + i - inner])) return tensor;
  }
  const shape = tensor.shape.map((d, a) => (a === axis ? 1 : d));
  const kept = data.slice(0, outer * inner);
  for (let o = 0; o < outer; o++) kept.set(data.subarray(o * size * inner, o * size * inner + inner), o * inner);
  return { type: tensor.type, shape, data: kept };
}
