/** Places in one memory for things that live for a while: first fit, trying several orders. */
export interface Lifetime {
  readonly size: number;
  readonly first: number;
  readonly last: number;
}

export interface Placed {
  readonly offsets: readonly number[];
  readonly total: number;
}

export const overlapInTime = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last;

export function placeIntervals(items: readonly Lifetime[]): Placed {
  const orders: ((a: Lifetime, b: Lifetime) => number)[] = [
    (a, b) => b.size - a.size || a.first - b.first,
    (a, b) => a.first - b.first || b.size - a.size,
    (a, b) => b.last - b.first - (a.last - a.first) || b.size - a.size,
  ];
  return orders.map((order) => firstFit(items, order)).reduce((best, p) => (p.total < best.total ? p : best));
}

function firstFit(items: readonly Lifetime[], order: (a: Lifetime, b: Lifetime) => number): Placed {
  const offsets = new Array<number>(items.length).fill(0);
  const done: number[] = [];
  let total = 0;
  for (const i of [...items.keys()].sort((a, b) => order(items[a]!, items[b]!))) {
    const item = items[i]!;
    const busy = done.filter((j) => overlapInTime(items[j]!, item)).sort((a, b) => offsets[a]! - offsets[b]!);
    let offset = 0;
    for (const j of busy) {
      if (offsets[j]! - offset >= item.size) break;
      offset = Math.max(offset, offsets[j]! + items[j]!.size);
    }
    offsets[i] = offset;
    done.push(i);
    total = Math.max(total, offset + item.size);
  }
  return { offsets, total };
}

/** Free ranges of [0, capacity) while `item` lives, beside what is placed already. */
export function gapsFor(
  item: Lifetime,
  placed: readonly (Lifetime & { readonly offset: number })[],
  capacity: number,
): readonly { readonly offset: number; readonly size: number }[] {
  const busy = placed.filter((p) => overlapInTime(p, item)).sort((a, b) => a.offset - b.offset);
  const gaps: { offset: number; size: number }[] = [];
  let at = 0;
  for (const p of busy) {
    if (p.offset > at) gaps.push({ offset: at, size: p.offset - at });
    at = Math.max(at, p.offset + p.size);
  }
  if (capacity > at) gaps.push({ offset: at, size: capacity - at });
  return gaps;
}
