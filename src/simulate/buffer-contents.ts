/** What a buffer holds during a run, and how to read it as real numbers. */
import type { MapShape } from '../bnn/bnn-graph.js';
import { type PackedMap, readBit } from '../contract/packing.js';

/** A real map (channels last), a vector, row sums, or a packed map; integers in fixed16. */
export type BufferContents =
  | { readonly kind: 'real'; readonly data: Float32Array }
  | { readonly kind: 'fixed'; readonly data: Int16Array; readonly fraction: number }
  | { readonly kind: 'sums'; readonly data: Int32Array; readonly fraction: number }
  | { readonly kind: 'packed'; readonly map: PackedMap };

/** Real numbers in memory order; integers as what they stand for. Packed maps have `elementReader`. */
export function realNumbers(contents: BufferContents): Float32Array {
  if (contents.kind === 'packed') throw new Error('a packed buffer is read as a real one');
  if (contents.kind === 'real') return contents.data;
  const unit = 2 ** -contents.fraction;
  return Float32Array.from(contents.data, (q) => q * unit);
}

/** The number at a place of a map that lies channels last, or packed. */
export function elementReader(
  contents: BufferContents,
  { channels, width }: MapShape,
): (y: number, x: number, c: number) => number {
  if (contents.kind === 'packed') return (y, x, c) => 2 * readBit(contents.map, y, x, c) - 1;
  const { data } = contents;
  const unit = contents.kind === 'real' ? 1 : 2 ** -contents.fraction;
  return (y, x, c) => data[(y * width + x) * channels + c]! * unit;
}
