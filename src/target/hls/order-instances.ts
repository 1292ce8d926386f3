/**
 * In which order the engine runs a network's steps for several pictures side by side.
 *
 * Flows in: ops, pictures, where the pictures join. Flows out: instances: a step for one picture, or (dense layers) for all.
 * Keeps true: between two dense layers a picture's steps follow one another, so that its sums are read before the next
 * picture's overwrite them.
 */
import type { NetworkOp } from './network.js';

export interface Instance {
  readonly op: NetworkOp;
  /** Index of the op. */
  readonly index: number;
  /** Which picture; null: all. */
  readonly picture: number | null;
}

export interface OrderOptions {
  readonly pictures: number;
  /** Ops before this one run picture by picture to the end: fewer maps are alive at once, dense weights are read for each. */
  readonly joinAt: number;
}

export function orderInstances(ops: readonly NetworkOp[], { pictures, joinAt }: OrderOptions): readonly Instance[] {
  const made: Instance[] = [];
  const each = (from: number, to: number): void => {
    for (let picture = 0; picture < pictures; picture++) {
      for (let index = from; index < to; index++) made.push({ op: ops[index]!, index, picture });
    }
  };
  if (pictures === 1) {
    each(0, ops.length);
    return made;
  }
  each(0, joinAt);
  let from = joinAt;
  for (let index = joinAt; index < ops.length; index++) {
    const op = ops[index]!;
    if (op.kind !== 'dense' && op.kind !== 'int8Dense') continue;
    each(from, index);
    made.push({ op, index, picture: null });
    from = index + 1;
  }
  each(from, ops.length);
  return made;
}

/** Where pictures may join: at the start, or before a dense layer, when of a picture only a map and means are alive. */
export function joinPoints(ops: readonly NetworkOp[]): readonly number[] {
  return ops.flatMap((op, index) =>
    index === 0 || (op.kind === 'dense' && ops[index - 1]!.kind === 'mean') ? [index] : [],
  );
}
