/** Clause 12: what happens to each value of a map in fixed16 once it is computed. The order is that of tail.ts. */
import type { Compare, MapShape } from '../bnn/bnn-graph.js';
import { roundShift, type Saturations, saturate } from './fixed.js';
import { type PackedMap, pixelOffset } from './packing.js';
import type { PixelSink, TailCounts } from './tail.js';

/** program.ts's Tail and FixedTail with their references resolved to arrays. */
export interface ResolvedFixedTail {
  readonly shape: MapShape;
  readonly entryShift: number;
  readonly scale: { readonly multiplier: Int16Array; readonly offset: Int32Array; readonly shift: number } | null;
  readonly bias: Int16Array | null;
  readonly shortcut: {
    readonly data: Int16Array;
    readonly channels: number;
    readonly pool: 1 | 2;
    readonly width: number;
    readonly shift: number;
  } | null;
  readonly prelu: {
    readonly gamma: Int16Array | null;
    readonly slope: Int16Array;
    readonly slopeShift: number;
    readonly zeta: Int16Array | null;
    readonly compare: Compare;
  } | null;
  readonly store: Int16Array | null;
  /** [height][channels], zero at the start. */
  readonly rowSums: Int32Array | null;
  readonly bits: { readonly map: PackedMap; readonly threshold: Int16Array; readonly compare: Compare } | null;
}

/** 12.3's z, before it is rounded: one value, or the sum of four. */
function shortcutSum(
  shortcut: NonNullable<ResolvedFixedTail['shortcut']>,
  width: number,
  y: number,
  x: number,
  c: number,
) {
  const { data, channels } = shortcut;
  const z = c % channels;
  if (shortcut.pool === 1) return data[(y * width + x) * channels + z]!;
  const top = (2 * y * shortcut.width + 2 * x) * channels + z;
  const bottom = top + shortcut.width * channels;
  return data[top]! + data[top + channels]! + data[bottom]! + data[bottom + channels]!;
}

/** 12.4. */
export function fixedRPReLU(
  y: number,
  gamma: number,
  slope: number,
  slopeShift: number,
  zeta: number,
  compare: Compare,
  counts: Saturations,
): number {
  const d = saturate(y - gamma, counts);
  const above = compare === 'gt' ? y > gamma : y >= gamma;
  return saturate((above ? d : saturate(roundShift(d * slope, slopeShift), counts)) + zeta, counts);
}

export function fixedTailSink(tail: ResolvedFixedTail, counts: TailCounts): PixelSink {
  const values = new Int32Array(tail.shape.channels);
  return { shape: tail.shape, values, finish: (y, x) => finishFixedPixel(tail, values, y, x, counts) };
}

/** Takes one pixel's values (accumulators, or a map's, one per channel) through the tail. */
export function finishFixedPixel(
  tail: ResolvedFixedTail,
  values: Int32Array,
  y: number,
  x: number,
  counts: TailCounts,
): void {
  const { shape, entryShift, scale, bias, shortcut, prelu, store, rowSums, bits } = tail;
  const { channels, width } = shape;
  const pixel = (y * width + x) * channels;
  const bitsAt = bits ? pixelOffset(bits.map, y, x) : 0;
  for (let c = 0; c < channels; c++) {
    let v = saturate(roundShift(values[c]!, entryShift), counts);
    if (scale) v = saturate(roundShift(v * scale.multiplier[c]! + scale.offset[c]!, scale.shift), counts);
    if (bias) v = saturate(v + bias[c]!, counts);
    if (shortcut) {
      const shift = shortcut.shift + (shortcut.pool === 2 ? 2 : 0);
      v = saturate(v + roundShift(shortcutSum(shortcut, width, y, x, c), shift), counts);
    }
    if (prelu) {
      const { gamma, slope, slopeShift, zeta, compare } = prelu;
      v = fixedRPReLU(v, gamma ? gamma[c]! : 0, slope[c]!, slopeShift, zeta ? zeta[c]! : 0, compare, counts);
    }
    if (store) store[pixel + c] = v;
    if (rowSums) rowSums[y * channels + c] = rowSums[y * channels + c]! + v;
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
