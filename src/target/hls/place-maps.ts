/**
 * Where each map lies: its first pixels on chip where that saves most traffic, the rest in DDR.
 *
 * Flows in: instances in order, the engine's lanes and map memory. Flows out: a place for each map of each picture.
 * Keeps true: maps that live at one time do not overlap; a step writes over a map only where it reads each word before it
 * writes it (README.md); a pass has at most one of its two operands on chip.
 */
import { gapsFor, type Lifetime, placeIntervals } from './intervals.js';
import { type EngineNetwork, hasTail, type MapId, readsOf, type TailOp } from './network.js';
import type { Instance } from './order-instances.js';
import { channelWords, divideUp, mapWords, pixelsOf } from './sizes.js';
import type { MapPlace } from './types.js';

export interface PlacedMaps {
  readonly place: (map: MapId, picture: number) => MapPlace;
  /** Words of DDR without the input pictures, which follow them. */
  readonly ddrWords: number;
  readonly chipWords: number;
  /** Words of the input of one picture. */
  readonly inputWords: number;
  readonly inputPixelLanes: number;
  readonly inputRowWords: number;
}

export interface MapMemory {
  readonly lanes: number;
  readonly int8Simd: number;
  readonly mapWords: number;
}

/** Steps for each picture after which a map is said to wait. */
const LONG_WAIT = 20;

/** Maps that share a place, one written over the other. */
interface Group extends Lifetime {
  readonly members: readonly number[];
  readonly pixels: number;
  readonly pixelWords: number;
  /** Words that move if it lies in DDR. */
  readonly traffic: number;
  readonly ddrOnly: boolean;
  /** The part on chip is a multiple of so many pixels. */
  readonly unit: number;
}

export function placeMaps(network: EngineNetwork, instances: readonly Instance[], memory: MapMemory): PlacedMaps {
  const pictures = 1 + instances.reduce((most, i) => Math.max(most, i.picture ?? 0), 0);
  const idOf = (map: MapId, picture: number): number => map * pictures + picture;
  const input = inputLayout(network, memory);
  const groups = groupMaps(network, instances, memory, pictures);
  const apart = conflicts(network, instances, groups, idOf);
  const chip = ORDERS.map((order) => placeOnChip(groups, order, apart, memory.mapWords)).reduce((best, next) =>
    savedBy(groups, next) > savedBy(groups, best) ? next : best,
  );
  const inDdr = groups.map((g, i) => ({ ...g, size: (chip[i]?.pixels ?? 0) < g.pixels ? g.size : 0 }));
  const ddr = placeIntervals(inDdr);
  const groupOf = new Map<number, number>();
  groups.forEach((g, i) => {
    for (const m of g.members) groupOf.set(m, i);
  });
  const place = (map: MapId, picture: number): MapPlace => {
    if (map === network.input) return { address: ddr.total + picture * input.words, chipAddress: 0, chipPixels: 0 };
    const i = groupOf.get(idOf(map, picture));
    if (i === undefined) throw new Error(`map ${network.maps[map]!.name} has no place`);
    return { address: ddr.offsets[i]!, chipAddress: chip[i]?.offset ?? 0, chipPixels: chip[i]?.pixels ?? 0 };
  };
  const chipWords = groups.reduce(
    (most, g, i) => Math.max(most, chip[i] ? chip[i].offset + chip[i].pixels * g.pixelWords : 0),
    0,
  );
  return {
    place,
    ddrWords: ddr.total,
    chipWords,
    inputWords: input.words,
    inputPixelLanes: input.pixelLanes,
    inputRowWords: input.rowWords,
  };
}

/** A map of few channels that only the int8 array reads is packed densely. */
function inputLayout(network: EngineNetwork, memory: MapMemory) {
  const { shape } = network.maps[network.input]!;
  const { lanes, int8Simd } = memory;
  const readers = network.ops.filter((op) => readsOf(op).maps.includes(network.input));
  const onlyInt8 = readers.every((op) => op.kind === 'int8Conv' && op.tail.shortcut?.map !== network.input);
  const dense = onlyInt8 && shape.channels < lanes;
  const pixelLanes = dense
    ? int8Simd * divideUp(shape.channels, int8Simd)
    : lanes * channelWords(shape.channels, lanes);
  const rowWords = divideUp(shape.width * pixelLanes, lanes);
  return { pixelLanes, rowWords, words: shape.height * rowWords };
}

function groupMaps(
  network: EngineNetwork,
  instances: readonly Instance[],
  { lanes }: MapMemory,
  pictures: number,
): readonly Group[] {
  const count = network.maps.length * pictures;
  const first = new Array<number>(count).fill(-1);
  const last = new Array<number>(count).fill(-1);
  const traffic = new Array<number>(count).fill(0);
  const pooled = new Set<number>();
  const second = new Array<number>(count).fill(-1);
  const touch = (id: number, at: number, words: number): void => {
    if (first[id]! < 0) first[id] = at;
    else if (second[id]! < 0) second[id] = at;
    last[id] = at;
    traffic[id] = traffic[id]! + words;
  };
  const idOf = (map: MapId, picture: number): number => map * pictures + picture;
  instances.forEach(({ op, picture }, at) => {
    if (!hasTail(op) || picture === null) return;
    const { shortcut, store, shape } = op.tail;
    if (op.kind !== 'binaryConv') touch(idOf(op.input, picture), at, mapWords(network.maps[op.input]!.shape, lanes));
    if (shortcut) {
      touch(idOf(shortcut.map, picture), at, mapWords(network.maps[shortcut.map]!.shape, lanes));
      if (shortcut.pool === 2) pooled.add(idOf(shortcut.map, picture));
    }
    if (store)
      touch(idOf(store.map, picture), at, mapWords(store.pool ? network.maps[store.map]!.shape : shape, lanes));
  });
  const leader = Array.from({ length: count }, (_, i) => i);
  const find = (i: number): number => (leader[i] === i ? i : find(leader[i]!));
  instances.forEach(({ op, picture }, at) => {
    if (!hasTail(op) || picture === null || !op.tail.store) return;
    const to = idOf(op.tail.store.map, picture);
    const over = writtenOver(network, op);
    if (over === null) return;
    const from = idOf(over, picture);
    // A map that waits for other pictures is better off in DDR, whatever it is written over.
    const waits = second[to]! - at > LONG_WAIT * pictures;
    if (last[from] === at && first[to] === at && !waits && find(from) !== find(to)) leader[find(to)] = find(from);
  });
  const members = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    if (first[i]! < 0 || Math.floor(i / pictures) === network.input) continue;
    members.set(find(i), [...(members.get(find(i)) ?? []), i]);
  }
  return [...members.values()].map((ids): Group => {
    const maps = ids.map((i) => network.maps[Math.floor(i / pictures)]!);
    const { shape } = maps[0]!;
    const pixelWords = channelWords(shape.channels, lanes);
    return {
      members: ids,
      first: Math.min(...ids.map((i) => first[i]!)),
      last: Math.max(...ids.map((i) => last[i]!)),
      size: pixelsOf(shape) * pixelWords,
      pixels: pixelsOf(shape),
      pixelWords,
      traffic: ids.reduce((sum, i) => sum + traffic[i]!, 0),
      ddrOnly: maps.some((m) => m.role !== 'inner'),
      unit: ids.some((i) => pooled.has(i)) ? 2 * shape.width : 1,
    };
  });
}

/** The map whose words a step reads one by one before it writes the same words of its output. */
function writtenOver(network: EngineNetwork, op: TailOp): MapId | null {
  const { shortcut, store, shape } = op.tail;
  if (store?.channel !== 0) return null;
  const fits = (map: MapId): boolean => {
    const found = network.maps[map]!;
    const stored = network.maps[store.map]!.shape;
    return (
      found.role === 'inner' &&
      found.shape.channels === stored.channels &&
      stored.channels === shape.channels &&
      pixelsOf(found.shape) === pixelsOf(shape)
    );
  };
  if (shortcut && shortcut.pool === 1 && fits(shortcut.map)) return shortcut.map;
  return op.kind === 'pass' && fits(op.input) && (!shortcut || shortcut.pool === 1) ? op.input : null;
}

/** Pairs of groups of which one at most may lie on chip. */
function conflicts(
  network: EngineNetwork,
  instances: readonly Instance[],
  groups: readonly Group[],
  idOf: (map: MapId, picture: number) => number,
): ReadonlySet<string> {
  const groupOf = new Map<number, number>();
  groups.forEach((g, i) => {
    for (const m of g.members) groupOf.set(m, i);
  });
  const found = new Set<string>();
  for (const { op, picture } of instances) {
    if (op.kind !== 'pass' || !op.tail.shortcut || picture === null) continue;
    if (op.input === network.input || op.tail.shortcut.map === network.input) continue;
    const a = groupOf.get(idOf(op.input, picture))!;
    const b = groupOf.get(idOf(op.tail.shortcut.map, picture))!;
    found.add(`${a} ${b}`).add(`${b} ${a}`);
  }
  return found;
}

/** Densest traffic first: for each word, or for each word and step that it would be held. */
const ORDERS: readonly ((g: Group) => number)[] = [
  (g) => g.traffic / g.size,
  (g) => g.traffic / (g.size * (1 + g.last - g.first)),
  (g) => g.traffic / (g.size * Math.sqrt(1 + g.last - g.first)),
];

type OnChip = readonly ({ readonly offset: number; readonly pixels: number } | null)[];

/** Words that need not move. */
function savedBy(groups: readonly Group[], chip: OnChip): number {
  return groups.reduce((sum, g, i) => sum + (g.traffic * (chip[i]?.pixels ?? 0)) / g.pixels, 0);
}

/** Each in turn takes what it finds free while it lives. */
function placeOnChip(
  groups: readonly Group[],
  worth: (g: Group) => number,
  apart: ReadonlySet<string>,
  capacity: number,
): OnChip {
  const chosen = new Array<{ offset: number; pixels: number } | null>(groups.length).fill(null);
  const placed: (Lifetime & { offset: number; group: number })[] = [];
  const order = [...groups.keys()].sort((a, b) => worth(groups[b]!) - worth(groups[a]!) || a - b);
  for (const i of order) {
    const g = groups[i]!;
    if (g.ddrOnly || apart.has(`${i} ${i}`)) continue;
    if (placed.some((p) => apart.has(`${i} ${p.group}`))) continue;
    const gaps = gapsFor(g, placed, capacity);
    const whole = gaps.filter((gap) => gap.size >= g.size).sort((a, b) => a.size - b.size)[0];
    const gap = whole ?? [...gaps].sort((a, b) => b.size - a.size)[0];
    if (!gap) continue;
    const pixels = Math.min(g.pixels, g.unit * Math.floor(gap.size / (g.pixelWords * g.unit)));
    // A part that saves next to nothing is not worth its decoding.
    if (pixels * 16 < g.pixels) continue;
    chosen[i] = { offset: gap.offset, pixels };
    placed.push({ first: g.first, last: g.last, size: pixels * g.pixelWords, offset: gap.offset, group: i });
  }
  return chosen;
}
