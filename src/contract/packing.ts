/**
 * Clauses 2.2 and 2.3: binary maps in 64-bit words. Here a word is a pair (low, high) of a Uint32Array.
 * `PackedMap` is the storage of clause 4.2 with its border of zero words.
 */
import type { MapShape } from '../bnn/bnn-graph.js';
import { type Border, wordsOf } from '../program/program.js';

export interface PackedMap {
  /** [top + height + bottom][left + width + right][words][2]. */
  readonly data: Uint32Array;
  readonly shape: MapShape;
  readonly border: Border;
}

export function createPackedMap(shape: MapShape, border: Border): PackedMap {
  const words = wordsOf(shape.channels);
  const height = border.top + shape.height + border.bottom;
  const width = border.left + shape.width + border.right;
  return { data: new Uint32Array(2 * words * height * width), shape, border };
}

/** Index in `data` of the first half-word of pixel (y, x), counted without the border. */
export function pixelOffset(map: PackedMap, y: number, x: number): number {
  const { border, shape } = map;
  const width = border.left + shape.width + border.right;
  return 2 * wordsOf(shape.channels) * ((y + border.top) * width + x + border.left);
}

export function readBit(map: PackedMap, y: number, x: number, c: number): number {
  return (map.data[pixelOffset(map, y, x) + (c >>> 5)]! >>> (c & 31)) & 1;
}

/** Bits (1 for +1) of one pixel's channels into pairs of half-words starting at `offset`. The target is zero before. */
export function packBits(bits: ArrayLike<number>, target: Uint32Array, offset: number): void {
  for (let c = 0; c < bits.length; c++) {
    if (bits[c] === 1) {
      const i = offset + (c >>> 5);
      target[i] = (target[i]! | (1 << (c & 31))) >>> 0;
    }
  }
}

/** Number of ones in a 32-bit integer. */
export function popcount32(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
