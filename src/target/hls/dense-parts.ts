/**
 * Where the layers of one dense step lie in its outputs: one right behind the other, so that no lane idles, except in front of a vector that
 * is read in whole words (a parameter); that one begins a word.
 *
 * Flows in: a network, one of its dense steps, FLOAT_LANES. Flows out: offsets in floats, and how many there are.
 */
import { type DenseOp, type EngineNetwork, hasTail, readsOf, type VectorId } from './network.js';
import { remembering } from './remember.js';
import { divideUp, roundUp } from './sizes.js';

export interface DenseParts {
  readonly offsets: readonly number[];
  readonly outputs: number;
  /** Groups of FLOAT_LANES outputs. */
  readonly groups: number;
}

const wordsOf = remembering<EngineNetwork, ReadonlySet<VectorId>>();

/** Vectors that become parameters. */
function readInWords(network: EngineNetwork): ReadonlySet<VectorId> {
  return wordsOf(network, [], () => new Set(network.ops.filter(hasTail).flatMap((op) => readsOf(op).vectors)));
}

export function denseParts(network: EngineNetwork, op: DenseOp, floatLanes: number): DenseParts {
  const inWords = readInWords(network);
  const offsets: number[] = [];
  let outputs = 0;
  for (const part of op.parts) {
    if (inWords.has(part.output)) outputs = roundUp(outputs, floatLanes);
    offsets.push(outputs);
    outputs += part.outputs;
  }
  return { offsets, outputs, groups: divideUp(outputs, floatLanes) };
}
