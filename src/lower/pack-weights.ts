/** The orders in which weights lie in memory: what the kernels' argument structs (hw/cpu/dybnn_kernels.h) demand. */
import type { BinaryConv2dNode } from '../bnn/bnn-graph.js';
import { wordsOf } from '../program/program.js';

/** Output channels that interleave in a binary convolution's weights. */
export const BINARY_LANES = 8;
/** Outputs that interleave in a float convolution's or dense layer's weights. */
export const FLOAT_LANES = 16;

/** [outputs][inputs][kh][kw] signs -> [ceil(outputs/8)][kh * kw * words][8] words of 64 bits, as (low, high) pairs (2.3). */
export function packBinaryWeights(node: BinaryConv2dNode): Uint32Array {
  const { signs, outputs, inputs, window } = node;
  const taps = window.kernelHeight * window.kernelWidth;
  const words = wordsOf(inputs);
  const blocks = Math.ceil(outputs / BINARY_LANES);
  const packed = new Uint32Array(blocks * taps * words * BINARY_LANES * 2);
  for (let o = 0; o < outputs; o++) {
    const lane = (o >>> 3) * taps * words * 16 + 2 * (o & 7);
    for (let c = 0; c < inputs; c++) {
      const halfWord = lane + (c >>> 6) * 16 + ((c >>> 5) & 1);
      const mask = 1 << (c & 31);
      const from = (o * inputs + c) * taps;
      for (let t = 0; t < taps; t++) {
        if (signs[from + t] === 1) {
          const at = halfWord + t * words * 16;
          packed[at] = packed[at]! | mask;
        }
      }
    }
  }
  return packed;
}

/** [outputs][inputs][kh][kw] -> [ceil(outputs/16)][kh][kw][inputs][16], rounded once; absent outputs are zero. */
export function interleaveFloatWeights(
  weight: ArrayLike<number>,
  outputs: number,
  inputs: number,
  taps: number,
): Float32Array {
  const blocks = Math.ceil(outputs / FLOAT_LANES);
  const result = new Float32Array(blocks * taps * inputs * FLOAT_LANES);
  for (let o = 0; o < outputs; o++) {
    const lane = (o >>> 4) * taps * inputs * 16 + (o & 15);
    for (let c = 0; c < inputs; c++) {
      for (let t = 0; t < taps; t++) {
        result[lane + (t * inputs + c) * 16] = weight[(o * inputs + c) * taps + t]!;
      }
    }
  }
  return result;
}

/** Where the accumulators start (7.1): the bias, +0 where there is none, -0 stored as +0, padded to whole blocks. */
export function accumulatorStart(bias: Float64Array | null, outputs: number): Float32Array {
  const acc = new Float32Array(FLOAT_LANES * Math.ceil(outputs / FLOAT_LANES));
  for (let o = 0; bias && o < outputs; o++) {
    const b = Math.fround(bias[o]!);
    acc[o] = b === 0 ? 0 : b;
  }
  return acc;
}
