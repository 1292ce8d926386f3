/** Sizes that follow from an engine's parameters (dybnn_types.hpp): words, lanes, rows of weights. */
import type { MapShape } from '../../bnn/bnn-graph.js';
import type { EngineConfig } from './types.js';

export const SIMD = 64;
const PORTS = 2;

export const divideUp = (a: number, b: number): number => Math.ceil(a / b);
export const roundUp = (a: number, b: number): number => b * Math.ceil(a / b);

export interface EngineSizes {
  readonly wordBits: number;
  readonly wordBytes: number;
  readonly lanes: number;
  readonly floatLanes: number;
  readonly banks: number;
  /** Map words of a pixel in a tile of the binary array, and of the int8 array. */
  readonly tileWords: number;
  readonly int8TileWords: number;
  /** Words of a row of weights. */
  readonly weightRowWords: number;
  readonly int8RowWords: number;
}

export function sizesOf(c: EngineConfig): EngineSizes {
  const wordBits = PORTS * c.portBits;
  const lanes = wordBits / 16;
  return {
    wordBits,
    wordBytes: wordBits / 8,
    lanes,
    floatLanes: wordBits / 32,
    banks: 2 * c.pixels,
    tileWords: c.pe / lanes,
    int8TileWords: c.int8Pe / lanes,
    weightRowWords: (c.pe * SIMD) / wordBits,
    int8RowWords: (8 * c.int8Pe * c.int8Simd) / wordBits,
  };
}

export const pixelsOf = (shape: MapShape): number => shape.height * shape.width;
export const channelWords = (channels: number, lanes: number): number => divideUp(channels, lanes);
export const mapWords = (shape: MapShape, lanes: number): number =>
  pixelsOf(shape) * channelWords(shape.channels, lanes);

/** Words of a bank that a packed map takes. */
export function bitWords(shape: MapShape, banks: number): number {
  return shape.height * divideUp(shape.width, banks) * divideUp(shape.channels, SIMD);
}
