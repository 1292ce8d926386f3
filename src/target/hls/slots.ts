/**
 * The loop over slots in numbers (hw/hls/README.md, Schedule): what a step's shapes ask of n, how its tiles are grouped, and how many
 * cycles the loops take.
 */

import type { MapShape, Window } from '../../bnn/bnn-graph.js';
import type { EngineNetwork, NetworkOp } from './network.js';
import { divideUp, type EngineSizes, SIMD, sizesOf } from './sizes.js';
import type { EngineConfig } from './types.js';

export interface Convolution {
  readonly kind: 'binaryConv' | 'int8Conv';
  readonly inputChannels: number;
  readonly window: Window;
  readonly output: MapShape;
  readonly pooled: boolean;
}

export function convolutionOf(network: EngineNetwork, op: NetworkOp): Convolution | null {
  if (op.kind !== 'binaryConv' && op.kind !== 'int8Conv') return null;
  const shape = op.kind === 'binaryConv' ? network.bits[op.input]!.shape : network.maps[op.input]!.shape;
  return {
    kind: op.kind,
    inputChannels: shape.channels,
    window: op.window,
    output: op.tail.shape,
    pooled: op.tail.shortcut?.pool === 2,
  };
}

export interface TileShape {
  /** Iterations of the producer for a tile, words that its accumulators drain in. */
  readonly work: number;
  readonly drain: number;
  /** DDR words of a tile's weights. */
  readonly tileWords: number;
  readonly tiles: number;
  readonly columns: number;
  /** Map words of a pixel in a tile. */
  readonly pixelWords: number;
  /** Rows of an array's weights that a tile takes, of the memory's. */
  readonly weightRows: number;
  readonly memoryRows: number;
}

export function tileShape(config: EngineConfig, conv: Convolution): TileShape {
  const s: EngineSizes = sizesOf(config);
  const taps = conv.window.kernelHeight * conv.window.kernelWidth;
  const { channels } = conv.output;
  if (conv.kind === 'binaryConv') {
    const work = taps * divideUp(conv.inputChannels, SIMD);
    return {
      work,
      drain: config.pixels * s.tileWords,
      tileWords: work * s.weightRowWords,
      tiles: divideUp(channels, config.pe),
      columns: config.pixels,
      pixelWords: s.tileWords,
      weightRows: work,
      memoryRows: config.weightWords,
    };
  }
  const work = taps * divideUp(conv.inputChannels, config.int8Simd);
  return {
    work,
    drain: s.int8TileWords,
    tileWords: work * s.int8RowWords,
    tiles: divideUp(channels, config.int8Pe),
    columns: 1,
    pixelWords: s.int8TileWords,
    weightRows: work,
    memoryRows: config.int8Words,
  };
}

export interface Grouping {
  readonly groups: number;
  readonly slotTiles: number;
  /** n. */
  readonly iterations: number;
}

/** n of a convolution whose slots have `slotTiles` tiles. */
export function groupingOf(conv: Convolution, tile: TileShape, slotTiles: number): Grouping {
  const groups = divideUp(tile.tiles, slotTiles);
  const slotsOfGroup = conv.output.height * divideUp(conv.output.width, tile.columns);
  const producer = slotTiles * Math.max(tile.work, tile.drain);
  const tail = slotTiles * tile.pixelWords * tile.columns * (conv.pooled ? 4 : 1);
  const weights = groups > 1 ? divideUp(slotTiles * tile.tileWords, slotsOfGroup) : 0;
  return { groups, slotTiles, iterations: Math.max(producer, tail, weights) };
}

/** Every grouping that the memories hold, the largest slots first. */
export function groupings(config: EngineConfig, conv: Convolution): readonly Grouping[] {
  const tile = tileShape(config, conv);
  const found: Grouping[] = [];
  for (let slotTiles = tile.tiles; slotTiles >= 1; slotTiles--) {
    const groups = divideUp(tile.tiles, slotTiles);
    if (groups > 1 && divideUp(tile.tiles, groups) !== slotTiles) continue;
    const rows = slotTiles * tile.weightRows;
    const fits = rows <= (groups === 1 ? tile.memoryRows : Math.floor(tile.memoryRows / 2));
    const words = slotTiles * tile.pixelWords * tile.columns;
    if (fits && words <= config.groupWords) found.push(groupingOf(conv, tile, slotTiles));
  }
  return found;
}

/** Slots of one group. */
export function slotsOfGroup(conv: Convolution, tile: TileShape): number {
  return conv.output.height * divideUp(conv.output.width, tile.columns);
}
