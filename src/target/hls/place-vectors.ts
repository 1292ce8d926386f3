/** Places of vectors, first fit by lifetime. */
import { denseParts } from './dense-parts.js';
import { type Lifetime, placeIntervals } from './intervals.js';
import { type EngineNetwork, type NetworkOp, readsOf, type VectorId } from './network.js';
import { type Instance, type OrderOptions, orderInstances } from './order-instances.js';
import { remembering } from './remember.js';
import { roundUp } from './sizes.js';

export interface PlacedVectors {
  /** Where picture 0's begins, and how far it is to the next picture's: so for a step that takes all pictures. */
  readonly stride: (vector: VectorId) => number;
  readonly address: (vector: VectorId, picture: number) => number;
  readonly floats: number;
}

const placed = remembering<EngineNetwork, PlacedVectors>();

/** Vectors that one dense step makes lie one behind the other; those of all pictures too where a step takes all at once. */
export function placeVectors(network: EngineNetwork, order: OrderOptions, floatLanes: number): PlacedVectors {
  const { pictures, joinAt } = order;
  return placed(network, [pictures, joinAt, floatLanes], () =>
    place(network, orderInstances(network.ops, order), pictures, floatLanes),
  );
}

function place(
  network: EngineNetwork,
  instances: readonly Instance[],
  pictures: number,
  floatLanes: number,
): PlacedVectors {
  const homes = new Map<VectorId, { block: number; offset: number }>();
  const strides: number[] = [];
  for (const op of network.ops) {
    const made = madeBy(op);
    if (made.length === 0) continue;
    const { offsets, outputs } =
      op.kind === 'dense'
        ? denseParts(network, op, floatLanes)
        : { offsets: [0], outputs: network.vectors[made[0]!]!.length };
    made.forEach((v, i) => {
      homes.set(v, { block: strides.length, offset: offsets[i]! });
    });
    strides.push(roundUp(outputs, floatLanes));
  }
  const touched = strides.map(() => Array.from({ length: pictures }, () => ({ first: -1, last: -1 })));
  const joined = new Set<number>();
  instances.forEach(({ op, picture }, at) => {
    for (const v of [...madeBy(op), ...readsOf(op).vectors]) {
      const { block } = homes.get(v)!;
      if (picture === null && pictures > 1) joined.add(block);
      for (let p = picture ?? 0; p <= (picture ?? pictures - 1); p++) {
        const life = touched[block]![p]!;
        if (life.first < 0) life.first = at;
        life.last = at;
      }
    }
  });
  const items: Lifetime[] = [];
  const itemOf = new Map<string, { item: number; offset: number }>();
  touched.forEach((lives, block) => {
    const stride = strides[block]!;
    const used = lives.filter((l) => l.first >= 0);
    if (used.length === 0) return;
    if (joined.has(block)) {
      const life = { first: Math.min(...used.map((l) => l.first)), last: Math.max(...used.map((l) => l.last)) };
      const item = items.push({ size: stride * pictures, ...life }) - 1;
      for (let p = 0; p < pictures; p++) itemOf.set(`${block} ${p}`, { item, offset: p * stride });
      return;
    }
    lives.forEach((life, p) => {
      if (life.first >= 0) itemOf.set(`${block} ${p}`, { item: items.push({ size: stride, ...life }) - 1, offset: 0 });
    });
  });
  const { total, offsets } = placeIntervals(items);
  return {
    floats: total,
    stride: (v) => strides[homes.get(v)!.block]!,
    address: (v, picture) => {
      const { block, offset } = homes.get(v)!;
      const home = itemOf.get(`${block} ${picture}`)!;
      return offsets[home.item]! + home.offset + offset;
    },
  };
}

function madeBy(op: NetworkOp): readonly VectorId[] {
  if (op.kind === 'dense') return op.parts.map((p) => p.output);
  return op.kind === 'mean' || op.kind === 'int8Dense' ? [op.output] : [];
}
