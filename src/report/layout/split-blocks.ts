/**
 * A network in blocks that a person can read one by one. The graph is cut after each node that everything passes through (in a
 * chain of residual blocks, the end of each); neighbours whose names begin alike stay together while there is room.
 *
 * Flows in: nodes in topological order, their edges. Flows out: runs of nodes, in order.
 * Keeps true: an edge that leaves a block starts at the block's last node and ends in the next block.
 */
import type { NodeKind, ReportEdge, ReportNode } from '../report-data.js';

export interface Block {
  /** What its nodes' names begin with; null where they have nothing in common. */
  readonly title: string | null;
  /** Positions in the list of nodes. */
  readonly first: number;
  readonly last: number;
}

const ROOM = 14;
const LONELY = 4;
const UNNAMED: ReadonlySet<NodeKind> = new Set<NodeKind>(['input', 'output', 'layout']);

export function splitBlocks(nodes: readonly ReportNode[], edges: readonly ReportEdge[]): readonly Block[] {
  const segments = cutSegments(nodes, edges).map(({ first, last }) => {
    const keys = new Set<string>();
    const heaviest = nodes.slice(first, last + 1).reduce((best, n) => (work(n) > work(best) ? n : best));
    if (!UNNAMED.has(heaviest.kind)) keys.add(nameKey(heaviest.name));
    return { first, last, keys };
  });
  const byName = mergeRuns(segments, (a, b) => size(a) + size(b) <= ROOM && sameKeys(a.keys, b.keys));
  const blocks = mergeRuns(
    byName,
    (a, b) => b.keys.size === 0 || (size(a) + size(b) <= LONELY && (size(a) === 1 || size(b) === 1)),
  );
  return blocks.map(({ first, last, keys }) => {
    const [one, ...others] = [...keys];
    return { first, last, title: one === undefined ? null : others.length === 0 ? one : `${one} – ${others.at(-1)}` };
  });
}

interface Segment {
  readonly first: number;
  readonly last: number;
  readonly keys: ReadonlySet<string>;
}

const size = (s: { readonly first: number; readonly last: number }): number => s.last - s.first + 1;
const work = (n: ReportNode): number => n.counted.binaryMacs + n.counted.floatMacs;
const sameKeys = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size > 0 && a.size === b.size && [...a].every((k) => b.has(k));

function mergeRuns(segments: readonly Segment[], fits: (a: Segment, b: Segment) => boolean): Segment[] {
  const merged: Segment[] = [];
  for (const segment of segments) {
    const before = merged.at(-1);
    if (before && fits(before, segment)) {
      merged[merged.length - 1] = {
        first: before.first,
        last: segment.last,
        keys: new Set([...before.keys, ...segment.keys]),
      };
    } else {
      merged.push(segment);
    }
  }
  return merged;
}

/** After node p there is a cut where all edges that cross start at p. */
function cutSegments(nodes: readonly ReportNode[], edges: readonly ReportEdge[]): { first: number; last: number }[] {
  const position = new Map(nodes.map((n, i) => [n.id, i]));
  const reach = nodes.map((_, i) => i);
  for (const { from, to } of edges) {
    const p = position.get(from)!;
    reach[p] = Math.max(reach[p]!, position.get(to)!);
  }
  const segments: { first: number; last: number }[] = [];
  let first = 0;
  let reachedBefore = 0;
  nodes.forEach((_, p) => {
    const isLast = p === nodes.length - 1;
    if (isLast || (reachedBefore <= p && reach[p]! > p)) {
      segments.push({ first, last: p });
      first = p + 1;
    }
    reachedBefore = Math.max(reachedBefore, reach[p]!);
  });
  return segments;
}

/** "blocks_0_sign1_3" -> "blocks_0", "layer1_0_conv1" -> "layer1_0", "stem_0" -> "stem_0", "conv1" -> "conv1" */
export function nameKey(name: string): string {
  const words = name.split(/([^\p{L}\p{N}]+)/u);
  const upTo = (test: RegExp): string | null => {
    const index = words.findIndex((w, i) => i % 2 === 0 && test.test(w));
    return index === -1 ? null : words.slice(0, index + 1).join('');
  };
  return upTo(/^\d+$/) ?? upTo(/\d$/) ?? name;
}
