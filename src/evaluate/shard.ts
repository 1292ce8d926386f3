/** Which samples a run takes. */

export interface Shard {
  /** From 1 to `count`. */
  readonly part: number;
  readonly count: number;
}

/** Every `count`-th sample, so that each part has all classes of a data set that is sorted by class. */
export function shardIndices(total: number, shard: Shard | null): number[] {
  const { part, count } = shard ?? { part: 1, count: 1 };
  const indices: number[] = [];
  for (let i = part - 1; i < total; i += count) indices.push(i);
  return indices;
}

/** The first `limit` samples, spread over the data set, so that a limited run sees all classes. */
export function limitIndices(total: number, limit: number): number[] {
  if (limit >= total) return shardIndices(total, null);
  return Array.from({ length: limit }, (_, i) => Math.floor((i * total) / limit));
}
