/**
 * Constants that broadcast over a map: which of them hold one number per channel. ONNX broadcasts from the last axis, so a
 * constant for [1,C,H,W] has the shape [C,1,1], [1,C,1,1], [1], [] or larger with equal values.
 */
import type { Tensor } from '../onnx/onnx-graph.js';

/**
 * One value per channel of a tensor of shape `target` ([1,C,...]), or null where the constant varies within a channel or does
 * not broadcast to that shape.
 */
export function perChannel(constant: Tensor, target: readonly number[]): Float64Array | null {
  const channels = target[1] ?? 1;
  const rank = target.length;
  if (constant.shape.length > rank) {
    const extra = constant.shape.slice(0, constant.shape.length - rank);
    if (extra.some((d) => d !== 1)) return null;
  }
  const shape = [
    ...new Array<number>(Math.max(0, rank - constant.shape.length)).fill(1),
    ...constant.shape.slice(-rank),
  ];
  if (rank === 0) return constant.data.length === 1 ? Float64Array.of(constant.data[0]!) : null;
  for (let axis = 0; axis < rank; axis++) if (shape[axis] !== 1 && shape[axis] !== target[axis]) return null;
  const own = rank > 1 ? shape[1]! : 1;
  const inner = rank > 1 ? shape.slice(2).reduce((p, d) => p * d, 1) : shape[0]!;
  if (shape[0] !== 1 && rank > 1) return null;
  const result = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    const start = own === 1 ? 0 : c * inner;
    const value = constant.data[start]!;
    for (let i = 1; i < inner; i++) if (constant.data[start + i] !== value) return null;
    result[c] = value;
  }
  return result;
}
