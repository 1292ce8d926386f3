/**
 * Clauses 3.1, 4.4, 5 and 6.1: what happens to each value of a map once it is computed. Every step that makes a map hands its
 * values to a TailSink, row by row, pixel by pixel from left to right.
 */
import type { Compare, MapShape } from '../bnn/bnn-graph.js';
import type { Saturations } from './fixed.js';
import { type PackedMap, pixelOffset } from './packing.js';

const { fround } = Math;

/** program.ts's Tail with its references resolved to arrays. */
export interface ResolvedTail {
  readonly shape: MapShape;
  readonly scale: Float32Array | null;
  readonly bias: Float32Array | null;
  readonly shortcut: {
    readonly data: Float32Array;
    readonly channels: number;
    readonly pool: 1 | 2;
    readonly width: number;
  } | null;
  readonly prelu: {
    readonly gamma: Float32Array | null;
    readonly slope: Float32Array;
    readonly zeta: Float32Array | null;
    readonly compare: Compare;
  } | null;
  readonly store: Float32Array | null;
  /** [height][channels], zero at the start. */
  readonly rowSums: Float32Array | null;
  readonly bits: { readonly map: PackedMap; readonly threshold: Float32Array; readonly compare: Compare } | null;
}

export interface TailCounts extends Saturations {
  /** Values equal to their threshold: where sign(0) was decided by clause 3.1. */
  ties: number;
  /** Values outside the contract (clause 1.2). */
  notFinite: number;
  /** Where given: how large the values of float32 tails were. */
  readonly range?: TailRange;
}

/** What a tail of fixed16 will have to hold. */
export interface TailRange {
  /** The largest of what the tail computes, at any of its stages. */
  largest: number;
  /** For each channel the largest of what enters. */
  readonly entering: Float64Array;
  /** Whether the bias is made anew for every input: then it is added to what scale alone makes. */
  readonly dynamicBias?: boolean;
}

export function newCounts(range?: TailRange): TailCounts {
  return { ties: 0, notFinite: 0, saturated: 0, ...(range ? { range } : {}) };
}

/** Where a step that makes a map puts each pixel: one value a channel in `values`, then `finish`. */
export interface PixelSink {
  readonly shape: MapShape;
  /** Binary32 before a float32 tail (which rounds accumulators, 14.3), integers before a fixed one. */
  readonly values: Float32Array | Int32Array;
  finish(y: number, x: number): void;
}

export function tailSink(tail: ResolvedTail, counts: TailCounts): PixelSink {
  const values = new Float32Array(tail.shape.channels);
  return { shape: tail.shape, values, finish: (y, x) => finishPixel(tail, values, y, x, counts) };
}

/** Clause 6.1 and 6.2 for the 2x2 window of an average-pooled shortcut. The zeros matter: four -0 are +0. */
function pooledShortcut(data: Float32Array, width: number, channels: number, y: number, x: number, c: number): number {
  const top = (2 * y * width + 2 * x) * channels + c;
  const bottom = top + width * channels;
  const r0 = fround(0 + data[top]! + data[top + channels]!);
  const r1 = fround(0 + data[bottom]! + data[bottom + channels]!);
  return fround(fround(0 + r0 + r1) * 0.25);
}

/** Clause 5.2. */
export function rprelu(x: number, gamma: number | null, slope: number, zeta: number | null, compare: Compare): number {
  const g = gamma ?? 0;
  const d = gamma === null ? x : fround(x - gamma);
  const above = compare === 'gt' ? x > g : x >= g;
  const v = above ? d : fround(slope * d);
  return zeta === null ? v : fround(v + zeta);
}

function note(range: TailRange, v: number): void {
  const size = Math.abs(v);
  if (size > range.largest) range.largest = size;
}

/** Takes one pixel's values (already computed by the step, one per channel) through the tail. */
export function finishPixel(tail: ResolvedTail, values: Float32Array, y: number, x: number, counts: TailCounts): void {
  const { shape, scale, bias, shortcut, prelu, store, rowSums, bits } = tail;
  const { channels, width } = shape;
  const { range } = counts;
  const pixel = (y * width + x) * channels;
  const bitsAt = bits ? pixelOffset(bits.map, y, x) : 0;
  for (let c = 0; c < channels; c++) {
    let v = values[c]!;
    if (range) range.entering[c] = Math.max(range.entering[c]!, Math.abs(v));
    if (scale) v = fround(v * scale[c]!);
    if (range?.dynamicBias) note(range, v);
    if (bias) v = fround(v + bias[c]!);
    if (range) note(range, v);
    if (shortcut) {
      const sc = c % shortcut.channels;
      const z =
        shortcut.pool === 1
          ? shortcut.data[(y * width + x) * shortcut.channels + sc]!
          : pooledShortcut(shortcut.data, shortcut.width, shortcut.channels, y, x, sc);
      v = fround(v + z);
      if (range) note(range, v);
    }
    if (prelu) {
      if (range && prelu.gamma) note(range, v - prelu.gamma[c]!);
      v = rprelu(
        v,
        prelu.gamma ? prelu.gamma[c]! : null,
        prelu.slope[c]!,
        prelu.zeta ? prelu.zeta[c]! : null,
        prelu.compare,
      );
      if (range) note(range, v);
    }
    if (v - v !== 0) counts.notFinite++;
    if (store) store[pixel + c] = v;
    if (rowSums) rowSums[y * channels + c] = fround(rowSums[y * channels + c]! + v);
    if (bits) {
      const threshold = bits.threshold[c]!;
      if (v === threshold) counts.ties++;
      if (bits.compare === 'gt' ? v > threshold : v >= threshold) {
        const word = bitsAt + (c >>> 5);
        bits.map.data[word] = bits.map.data[word]! | (1 << (c & 31));
      }
    }
  }
}
