/**
 * Places of packed maps. The memory is a ring, addresses wrap: a step may write its bits over rows of the packed map that it reads
 * and has left behind.
 *
 * Flows in: instances in order. Flows out: an address for each packed map of each picture, the words of a bank, and the ops that write over their input
 * (they must be one group, so that rows are left behind in order).
 */
import { overlapInTime, placeIntervals } from './intervals.js';
import { type BinaryConvOp, type BitsId, type EngineNetwork, hasTail } from './network.js';
import type { Instance } from './order-instances.js';
import { bitWords, divideUp, SIMD } from './sizes.js';

export interface PlacedBits {
  readonly address: (bits: BitsId, picture: number) => number;
  readonly words: number;
  /** Indices of ops. */
  readonly overlaid: ReadonlySet<number>;
}

interface Item {
  readonly key: string;
  readonly size: number;
  readonly first: number;
  last: number;
  /** The packed map that its writer reads for the last time, and how far below it must begin. */
  over: { readonly key: string; readonly distance: number; readonly op: number } | null;
}

export function placeBits(
  network: EngineNetwork,
  instances: readonly Instance[],
  banks: number,
  /** Whether an op can run as one group. */
  oneGroup: (op: BinaryConvOp) => boolean,
): PlacedBits {
  const items = lifetimes(network, instances, banks, oneGroup);
  const apart = placeIntervals(items);
  const whole = 2 ** Math.ceil(Math.log2(Math.max(1, apart.total)));
  const largest = items.reduce((most, i) => Math.max(most, i.size), 1);
  for (let words = 2 ** Math.ceil(Math.log2(largest)); words < whole; words *= 2) {
    const offsets = placeInRing(items, words);
    if (!offsets) continue;
    const overlaid = items.flatMap((i) => (i.over && usesOver(items, offsets, i, words) ? [i.over.op] : []));
    return { words, overlaid: new Set(overlaid), address: addressIn(items, offsets) };
  }
  return { words: whole, overlaid: new Set(), address: addressIn(items, apart.offsets) };
}

function addressIn(items: readonly Item[], offsets: readonly number[]): PlacedBits['address'] {
  const at = new Map(items.map(({ key }, i) => [key, offsets[i]!]));
  return (bits, picture) => at.get(`${bits} ${picture}`)!;
}

function lifetimes(
  network: EngineNetwork,
  instances: readonly Instance[],
  banks: number,
  oneGroup: (op: BinaryConvOp) => boolean,
): readonly Item[] {
  const lives = new Map<string, Item>();
  const touch = (bits: BitsId, picture: number, at: number): Item => {
    const key = `${bits} ${picture}`;
    const known = lives.get(key) ?? {
      key,
      size: bitWords(network.bits[bits]!.shape, banks),
      first: at,
      last: at,
      over: null,
    };
    known.last = at;
    lives.set(key, known);
    return known;
  };
  instances.forEach(({ op, picture }, at) => {
    if (!hasTail(op) || picture === null) return;
    if (op.kind === 'binaryConv') touch(op.input, picture, at);
    if (op.tail.bits !== null) touch(op.tail.bits, picture, at);
  });
  instances.forEach(({ op, index, picture }, at) => {
    if (op.kind !== 'binaryConv' || op.tail.bits === null || picture === null || !oneGroup(op)) return;
    const input = lives.get(`${op.input} ${picture}`)!;
    const made = lives.get(`${op.tail.bits} ${picture}`)!;
    if (input.last !== at || made.first !== at) return;
    made.over = { key: input.key, distance: distanceOf(network, op, banks), op: index };
  });
  return [...lives.values()];
}

/** Row y of the new map may end where the rows begin that the window of row y still reads. */
function distanceOf(network: EngineNetwork, op: BinaryConvOp, banks: number): number {
  const rowOf = (shape: { readonly channels: number; readonly width: number }): number =>
    divideUp(shape.width, banks) * divideUp(shape.channels, SIMD);
  const input = rowOf(network.bits[op.input]!.shape);
  const made = rowOf(op.tail.shape);
  let distance = 0;
  for (let y = 0; y < op.tail.shape.height; y++) {
    const left = Math.max(0, y * op.window.strideHeight - op.window.padTop);
    distance = Math.max(distance, (y + 1) * made - left * input);
  }
  return distance;
}

/** In order of time; null where one finds no place. */
function placeInRing(items: readonly Item[], words: number): readonly number[] | null {
  const offsets = new Array<number>(items.length).fill(-1);
  const order = [...items.keys()].sort((a, b) => items[a]!.first - items[b]!.first || items[b]!.size - items[a]!.size);
  for (const i of order) {
    const item = items[i]!;
    const others = order.filter((j) => offsets[j]! >= 0 && overlapInTime(items[j]!, item));
    const under = item.over ? items.findIndex((o) => o.key === item.over!.key) : -1;
    const free = (offset: number, without: number): boolean =>
      others.every((j) => j === without || !meet(offset, item.size, offsets[j]!, items[j]!.size, words));
    const wanted =
      item.over && under >= 0 && offsets[under]! >= 0 ? mod(offsets[under]! - item.over.distance, words) : -1;
    // The new map must not come round to the end of the one it is written over.
    const span = item.over && under >= 0 ? Math.max(item.size, item.over.distance + items[under]!.size) : 0;
    if (wanted >= 0 && span <= words && free(wanted, under)) {
      offsets[i] = wanted;
      continue;
    }
    const starts = [0, ...others.map((j) => mod(offsets[j]! + items[j]!.size, words))];
    const found = starts.find((s) => item.size <= words && free(s, -1));
    if (found === undefined) return null;
    offsets[i] = found;
  }
  return offsets;
}

function usesOver(items: readonly Item[], offsets: readonly number[], item: Item, words: number): boolean {
  const under = items.findIndex((o) => o.key === item.over!.key);
  return meet(offsets[items.indexOf(item)]!, item.size, offsets[under]!, items[under]!.size, words);
}

const mod = (a: number, n: number): number => ((a % n) + n) % n;

/** Whether two ranges of a ring have a word in common. */
function meet(a: number, sizeA: number, b: number, sizeB: number, words: number): boolean {
  return mod(b - a, words) < sizeA || mod(a - b, words) < sizeB;
}
