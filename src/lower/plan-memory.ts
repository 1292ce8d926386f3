/**
 * Where each buffer lies in the workspace: first fit over lifetimes, tried in a few orders; the best is kept, and where it costs no
 * bytes maps of different times then get the same middle.
 * Buffers that may share memory because one dies in the very step that writes the other (element by element, so that a value
 * is read before its place is overwritten) come as one group.
 */
export interface PlanRequest {
  /** Index of the buffer this one takes the place of, or null. */
  readonly inPlaceOf: number | null;
  readonly bytes: number;
  readonly firstStep: number;
  readonly lastStep: number;
}

export interface MemoryPlan {
  readonly offsets: readonly number[];
  readonly totalBytes: number;
  /** The largest sum of live bytes over the steps. */
  readonly lowerBound: number;
}

/** Bytes to which buffers are aligned: a cache line, and the widest vector. */
export const ALIGNMENT = 64;

interface Group {
  readonly members: number[];
  bytes: number;
  first: number;
  last: number;
  offset: number;
}

const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export function planMemory(requests: readonly PlanRequest[]): MemoryPlan {
  const groups = makeGroups(requests);
  const steps = Math.max(0, ...groups.map((g) => g.last + 1));
  let lowerBound = 0;
  for (let s = 0; s < steps; s++) {
    const live = groups.reduce((sum, g) => sum + (g.first <= s && s <= g.last ? g.bytes : 0), 0);
    lowerBound = Math.max(lowerBound, live);
  }
  const orders: readonly ((a: Group, b: Group) => number)[] = [
    (a, b) => b.bytes - a.bytes || a.first - b.first,
    (a, b) => b.bytes * (b.last - b.first + 1) - a.bytes * (a.last - a.first + 1),
    (a, b) => a.first - b.first || b.bytes - a.bytes,
    (a, b) => b.last - b.first - (a.last - a.first) || b.bytes - a.bytes,
  ];
  let best: { total: number; offsets: number[] } | null = null;
  for (const order of orders) {
    const sorted = [...groups].sort(order);
    const total = place(sorted);
    if (best && total >= best.total) continue;
    best = { total, offsets: groups.map((g) => g.offset) };
    if (place(sorted, total) <= total) best = { total, offsets: groups.map((g) => g.offset) };
    if (best.total === lowerBound) break;
  }
  const offsets = new Array<number>(requests.length).fill(0);
  groups.forEach((g, i) => {
    for (const member of g.members) offsets[member] = best!.offsets[i]!;
  });
  return { offsets, totalBytes: best?.total ?? 0, lowerBound };
}

function makeGroups(requests: readonly PlanRequest[]): Group[] {
  const groups: Group[] = [];
  const groupOf = new Map<number, Group>();
  requests.forEach((r, i) => {
    const shared = r.inPlaceOf === null ? undefined : groupOf.get(r.inPlaceOf);
    if (shared) {
      shared.members.push(i);
      shared.bytes = Math.max(shared.bytes, align(r.bytes));
      shared.last = Math.max(shared.last, r.lastStep);
      groupOf.set(i, shared);
      return;
    }
    const group: Group = { members: [i], bytes: align(r.bytes), first: r.firstStep, last: r.lastStep, offset: 0 };
    groups.push(group);
    groupOf.set(i, group);
  });
  return groups;
}

/**
 * In the order given, and returns the bytes used: first fit, or where `most` bytes are given, if it fits within them, a place with the
 * same middle as another map has at another time. Two threads that share the rows of both then write the same lines.
 */
function place(order: readonly Group[], most = 0): number {
  const placed: Group[] = [];
  let total = 0;
  for (const group of order) {
    const busy = placed
      .filter((p) => p.first <= group.last && group.first <= p.last)
      .sort((a, b) => a.offset - b.offset);
    group.offset = middlePlace(group, placed, busy, most) ?? firstPlace(group, busy);
    placed.push(group);
    total = Math.max(total, group.offset + group.bytes);
  }
  return total;
}

function firstPlace(group: Group, busy: readonly Group[]): number {
  let offset = 0;
  for (const p of busy) {
    if (p.offset - offset >= group.bytes) break;
    offset = Math.max(offset, p.offset + p.bytes);
  }
  return offset;
}

function middlePlace(group: Group, placed: readonly Group[], busy: readonly Group[], most: number): number | undefined {
  return placed
    .map((p) => Math.floor((p.offset + (p.bytes - group.bytes) / 2) / ALIGNMENT) * ALIGNMENT)
    .find(
      (offset) =>
        offset >= 0 &&
        offset + group.bytes <= most &&
        busy.every((p) => offset + group.bytes <= p.offset || p.offset + p.bytes <= offset),
    );
}
