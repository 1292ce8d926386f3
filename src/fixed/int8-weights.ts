/** Weights of 8 bits with one scale an output channel (clause 14.1), in the layout that kernels multiply in pairs. */
import type { Window } from '../bnn/bnn-graph.js';
import { INT8_WEIGHT_SUM_MAX } from '../contract/int8-conv2d.js';
import { runsOf } from '../program/program.js';

export interface FloatWeights {
  /** [ceil(outputs/16)][kernelHeight][kernelWidth][inputs][16]. */
  readonly data: Float32Array;
  readonly outputs: number;
  /** Of one group. */
  readonly inputs: number;
  readonly window: Window;
  readonly group: number;
}

export interface Int8Weights {
  /** [ceil(outputs/16)][kernelHeight][runs][ceil(length/2)][16][2]. */
  readonly data: Int8Array;
  /** weight = int8 * scale. */
  readonly scale: Float64Array;
}

export function quantizeWeights(weights: FloatWeights): Int8Weights {
  const { data, outputs, inputs, window, group } = weights;
  const { kernelHeight, kernelWidth } = window;
  const taps = kernelHeight * kernelWidth;
  const { runs, length } = runsOf(window, inputs, group);
  const runSize = Math.ceil(length / 2) * 32;
  const blockSize = kernelHeight * runs * runSize;
  const packed = new Int8Array(Math.ceil(outputs / 16) * blockSize);
  const scale = new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const from = (o >>> 4) * taps * inputs * 16 + (o & 15);
    const row = Float64Array.from({ length: taps * inputs }, (_, i) => data[from + i * 16]!);
    const { values, unit } = quantizeChannel(row);
    scale[o] = unit;
    for (let t = 0; t < taps; t++) {
      const kx = t % kernelWidth;
      const run =
        (o >>> 4) * blockSize + Math.floor(t / kernelWidth) * runs * runSize + (runs === 1 ? 0 : kx * runSize);
      for (let c = 0; c < inputs; c++) {
        const at = (runs === 1 ? kx * inputs : 0) + c;
        packed[run + (at >>> 1) * 32 + 2 * (o & 15) + (at & 1)] = values[t * inputs + c]!;
      }
    }
  }
  return { data: packed, scale };
}

/** The largest weight becomes 127, or less where the sum of all would not leave the accumulator enough room (14.1). */
function quantizeChannel(row: Float64Array): { readonly values: Float64Array; readonly unit: number } {
  const largest = row.reduce((m, w) => Math.max(m, Math.abs(w)), 0);
  if (largest === 0) return { values: row.fill(0), unit: 1 };
  for (let unit = largest / 127; ; unit *= 1.01) {
    const values = row.map((w) => Math.max(-127, Math.min(127, Math.round(w / unit))));
    if (values.reduce((sum, q) => sum + Math.abs(q), 0) <= INT8_WEIGHT_SUM_MAX) return { values, unit };
  }
}
