/**
 * Weights of 8 bits with one scale an output channel (clause 14.1), in the layout that kernels multiply in pairs.
 *
 * Keeps true: what rounding costs is small in the sums, not only in each weight (round-together.ts); no sum of an output's
 * weights leaves the accumulator too little room.
 */
import type { Window } from '../bnn/bnn-graph.js';
import { INT8_WEIGHT_SUM_MAX } from '../contract/int8-conv2d.js';
import { runsOf } from '../program/program.js';
import { type Likeness, likenessOfTaps, refine, roundTogether } from './round-together.js';

export interface FloatWeights {
  /** [ceil(outputs/16)][kernelHeight][kernelWidth][inputs][16]. */
  readonly data: Float32Array;
  readonly outputs: number;
  /** Of one group. */
  readonly inputs: number;
  readonly window: Window;
  readonly group: number;
  /** Whether its channels are the colours of a picture, which move together. */
  readonly ofPicture: boolean;
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
  const together = weights.ofPicture && group === 1 && taps * inputs <= MOST_TOGETHER ? inputs : 1;
  const likeness = likenessOfTaps(window, together);
  for (let o = 0; o < outputs; o++) {
    const from = (o >>> 4) * taps * inputs * 16 + (o & 15);
    const row = Float64Array.from({ length: taps * inputs }, (_, i) => data[from + tapAt(i, taps, inputs) * 16]!);
    const { values, unit } = quantizeChannel(row, likeness);
    scale[o] = unit;
    for (let t = 0; t < taps; t++) {
      const kx = t % kernelWidth;
      const run =
        (o >>> 4) * blockSize + Math.floor(t / kernelWidth) * runs * runSize + (runs === 1 ? 0 : kx * runSize);
      for (let c = 0; c < inputs; c++) {
        const at = (runs === 1 ? kx * inputs : 0) + c;
        packed[run + (at >>> 1) * 32 + 2 * (o & 15) + (at & 1)] = values[c * taps + t]!;
      }
    }
  }
  return { data: packed, scale };
}

/** Weights that are rounded together at most; larger kernels go channel by channel. */
const MOST_TOGETHER = 256;

/** From [channel][tap] to [tap][channel]. */
function tapAt(i: number, taps: number, inputs: number): number {
  return (i % taps) * inputs + Math.floor(i / taps);
}

/** Units to try, in 127ths of the largest weight: another grid may fit all weights better. Large layers try fewer. */
const UNITS = Array.from({ length: 64 }, (_, i) => 0.9 + i * 0.00625);
const FEW_UNITS = [1, 0.94, 0.97, 1.03, 1.06];

/** Of the units that leave the accumulator enough room (14.1) the one with the least error. */
function quantizeChannel(row: Float64Array, likeness: Likeness): { values: Float64Array; unit: number } {
  const largest = row.reduce((m, w) => Math.max(m, Math.abs(w)), 0);
  if (largest === 0) return { values: row.fill(0), unit: 1 };
  const fits = (values: Float64Array): boolean =>
    values.reduce((sum, q) => sum + Math.abs(q), 0) <= INT8_WEIGHT_SUM_MAX;
  for (let coarser = 1; ; coarser *= 1.02) {
    const units = row.length <= MOST_TOGETHER ? UNITS : FEW_UNITS;
    const tried = units.map((u) => roundTogether(row, (u * coarser * largest) / 127, likeness));
    const best = tried.filter((t) => fits(t.values)).sort((a, b) => a.error - b.error)[0];
    if (best === undefined) continue;
    const refined = refine(row, best, likeness);
    return fits(refined.values) ? refined : best;
  }
}
