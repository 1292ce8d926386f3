/** Places of packed maps and vectors: both live on chip only, first fit by lifetime. */
import { type Lifetime, placeIntervals } from './intervals.js';
import { type BitsId, type EngineNetwork, hasTail, readsOf, type VectorId } from './network.js';
import type { Instance } from './order-instances.js';
import { bitWords, roundUp } from './sizes.js';

export interface PlacedBits {
  readonly address: (bits: BitsId, picture: number) => number;
  readonly words: number;
}

export function placeBits(network: EngineNetwork, instances: readonly Instance[], banks: number): PlacedBits {
  const lives = new Map<string, { size: number; first: number; last: number }>();
  const touch = (bits: BitsId, picture: number, at: number): void => {
    const key = `${bits} ${picture}`;
    const known = lives.get(key);
    if (known) known.last = at;
    else lives.set(key, { size: bitWords(network.bits[bits]!.shape, banks), first: at, last: at });
  };
  instances.forEach(({ op, picture }, at) => {
    if (!hasTail(op) || picture === null) return;
    if (op.kind === 'binaryConv') touch(op.input, picture, at);
    if (op.tail.bits !== null) touch(op.tail.bits, picture, at);
  });
  const keys = [...lives.keys()];
  const placed = placeIntervals([...lives.values()]);
  return {
    words: placed.total,
    address: (bits, picture) => placed.offsets[keys.indexOf(`${bits} ${picture}`)]!,
  };
}

/** A vector of all pictures: picture p at `address + p * stride`. */
export interface PlacedVectors {
  readonly vector: (vector: VectorId) => { readonly address: number; readonly stride: number };
  readonly floats: number;
}

/** Vectors that one dense step makes lie one behind the other. */
export function placeVectors(
  network: EngineNetwork,
  instances: readonly Instance[],
  pictures: number,
  floatLanes: number,
): PlacedVectors {
  const homes = new Map<VectorId, { block: number; offset: number }>();
  const blocks: { stride: number; first: number; last: number }[] = [];
  const make = (vectors: readonly VectorId[]): void => {
    let stride = 0;
    for (const v of vectors) {
      homes.set(v, { block: blocks.length, offset: stride });
      stride += roundUp(network.vectors[v]!.length, floatLanes);
    }
    blocks.push({ stride, first: -1, last: -1 });
  };
  for (const op of network.ops) {
    if (op.kind === 'dense') make(op.parts.map((p) => p.output));
    if (op.kind === 'mean' || op.kind === 'int8Dense') make([op.output]);
  }
  instances.forEach(({ op }, at) => {
    const made =
      op.kind === 'dense'
        ? op.parts.map((p) => p.output)
        : op.kind === 'mean' || op.kind === 'int8Dense'
          ? [op.output]
          : [];
    for (const v of [...made, ...readsOf(op).vectors]) {
      const block = blocks[homes.get(v)!.block]!;
      if (block.first < 0) block.first = at;
      block.last = at;
    }
  });
  const lifetimes = blocks.map((b): Lifetime => ({ size: b.stride * pictures, first: b.first, last: b.last }));
  const placed = placeIntervals(lifetimes);
  return {
    floats: placed.total,
    vector: (v) => {
      const { block, offset } = homes.get(v)!;
      return { address: placed.offsets[block]! + offset, stride: blocks[block]!.stride };
    },
  };
}
