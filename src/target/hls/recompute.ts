/**
 * A binary convolution instead of a map: where DDR is the bottleneck, a convolution whose output only passes read is run once
 * more for each of them, with their tail behind its own. What it reads (bits on chip, its shortcut) is less than what storing
 * and reading its output moves.
 *
 *      conv -> y (sums) -> PReLU -> p (sums) -> sign        y and p stored, y and p read
 *      conv (sums);  conv, PReLU (sums);  conv, PReLU, sign -> p, bits       only p stored
 *
 * Flows in and out: an EngineNetwork. Exact: the same integers are computed again; an entry (12.1) without a shift changes nothing.
 */
import type { HardwareNames } from './hardware-names.js';
import {
  type BinaryConvOp,
  type EngineNetwork,
  hasTail,
  type MapId,
  type NetworkOp,
  type NetworkTail,
  type PassOp,
  readsOf,
} from './network.js';
import { remembering } from './remember.js';

/** Convolutions (indices of ops) that can be run again for the passes behind them. */
export function recomputable(network: EngineNetwork): readonly number[] {
  return network.ops.flatMap((_, index) => (chainOf(network, index) ? [index] : []));
}

interface Chain {
  readonly conv: BinaryConvOp;
  /** Reads y. */
  readonly first: PassOp;
  readonly firstAt: number;
  /** Only takes the sign of what `first` stored. */
  readonly second: PassOp | null;
  readonly secondAt: number;
}

function chainOf(network: EngineNetwork, index: number): Chain | null {
  const conv = network.ops[index];
  if (conv?.kind !== 'binaryConv' || conv.tail.shortcut?.pool === 2) return null;
  const { store, alpha, prelu } = conv.tail;
  if (!store || alpha || prelu || network.maps[store.map]!.role !== 'inner') return null;
  const readers = readersOf(network, store.map);
  if (readers.length !== 1) return null;
  const firstAt = readers[0]!;
  const first = network.ops[firstAt]!;
  if (first.kind !== 'pass' || !onlyActivates(first.tail) || first.tail.alpha !== null) return null;
  if (writersOf(network, store.map).length !== 1 || overwritten(network, conv, index, firstAt)) return null;
  const stored = first.tail.store;
  const next = stored ? readersOf(network, stored.map)[0] : undefined;
  const second = next === undefined ? undefined : network.ops[next];
  const signs = second?.kind === 'pass' && onlyCompares(second.tail) && stored !== null && second.input === stored.map;
  if (signs && overwritten(network, conv, index, next!)) return null;
  return { conv, first, firstAt, second: signs ? second : null, secondAt: signs ? next! : -1 };
}

const readersOf = (network: EngineNetwork, map: MapId): readonly number[] =>
  network.ops.flatMap((op, i) => (readsOf(op).maps.includes(map) ? [i] : []));
const writersOf = (network: EngineNetwork, map: MapId): readonly number[] =>
  network.ops.flatMap((op, i) => (hasTail(op) && op.tail.store?.map === map ? [i] : []));

function onlyActivates(tail: NetworkTail): boolean {
  return !tail.scale && !tail.bias && !tail.shortcut && tail.entryShift === 0 && tail.signs === null;
}

function onlyCompares(tail: NetworkTail): boolean {
  return onlyActivates(tail) && !tail.prelu && !tail.store && !tail.sums && tail.bits !== null;
}

/** Whether something between makes anew what the convolution reads: its packed map has one writer, so only the shortcut's map could. */
function overwritten(network: EngineNetwork, conv: BinaryConvOp, from: number, to: number): boolean {
  const { shortcut } = conv.tail;
  if (!shortcut) return false;
  return network.ops.slice(from + 1, to).some((op) => hasTail(op) && op.tail.store?.map === shortcut.map);
}

const changedFrom = remembering<EngineNetwork, EngineNetwork>();

/** Indices of convolutions, in the order in which they are changed: one may make another possible. */
export function recompute(network: EngineNetwork, which: readonly number[], names: HardwareNames): EngineNetwork {
  const make = (): EngineNetwork => which.reduce((changed, index) => runAgain(changed, index, names), network);
  return changedFrom(network, which, make);
}

function runAgain(network: EngineNetwork, index: number, names: HardwareNames): EngineNetwork {
  const chain = chainOf(network, index);
  if (!chain) return network;
  const { conv, first, firstAt, second, secondAt } = chain;
  const ops: NetworkOp[] = [...network.ops];
  ops[index] = { ...conv, tail: { ...conv.tail, store: null } };
  const activated: NetworkTail = { ...conv.tail, prelu: first.tail.prelu, sums: first.tail.sums };
  const again = { ...conv, name: first.name, source: first.source };
  if (!second) {
    ops[firstAt] = { ...again, tail: { ...activated, store: first.tail.store } };
    return { ...network, ops };
  }
  ops[firstAt] = { ...again, tail: { ...activated, store: null } };
  const { alpha, bits } = second.tail;
  const last: NetworkTail = { ...activated, sums: null, store: first.tail.store, alpha, bits };
  ops[secondAt] = { ...again, name: second.name, source: second.source, tail: last };
  return poolStore({ ...network, ops }, secondAt, names);
}

/** A map of which only 2x2 averages are read, by one shortcut, is stored as those (12.3: the same rounding, only earlier). */
function poolStore(network: EngineNetwork, at: number, names: HardwareNames): EngineNetwork {
  const op = network.ops[at]!;
  if (!hasTail(op) || !op.tail.store) return network;
  const { map } = op.tail.store;
  const readers = readersOf(network, map);
  const reader = network.ops[readers[0] ?? -1];
  if (readers.length !== 1 || !reader || !hasTail(reader) || reader.tail.shortcut?.pool !== 2) return network;
  if ('input' in reader && reader.kind !== 'binaryConv' && reader.input === map) return network;
  const { shift } = reader.tail.shortcut;
  if (shift < names.size('LEAST_STORE_SHIFT') || shift > names.size('MOST_STORE_SHIFT')) return network;
  const { shape, fraction, name } = network.maps[map]!;
  const pooled = { channels: shape.channels, height: Math.floor(shape.height / 2), width: Math.floor(shape.width / 2) };
  const made = network.maps.length;
  const maps = [
    ...network.maps,
    { name: `${name}_2x2`, shape: pooled, fraction, role: 'pooled' as const, buffer: null },
  ];
  const ops: NetworkOp[] = [...network.ops];
  const { shortcut } = reader.tail;
  ops[at] = { ...op, tail: { ...op.tail, store: { map: made, channel: 0, pool: { shift } } } };
  ops[readers[0]!] = { ...reader, tail: { ...reader.tail, shortcut: { ...shortcut, map: made, pool: 1, shift: 0 } } };
  return { ...network, maps, ops };
}
