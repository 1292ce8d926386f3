/** How large the numbers of a float32 Program are: what fractions are chosen from (clause 11.1). */
import { FRACTION_MAX, FRACTION_MIN, INT16_MAX } from '../contract/fixed.js';
import type { TailRange } from '../contract/tail.js';
import type { BufferRef } from '../program/program.js';

export interface Ranges {
  /** By the step's index. */
  readonly tails: ReadonlyMap<number, TailRange>;
  /** The largest of each real map or vector, and of the model's input. */
  readonly buffers: ReadonlyMap<BufferRef, number>;
  /** Where they come from. */
  readonly source: 'calibrated' | 'estimated';
}

/** Room above the largest number seen, so that an input somewhat unlike all of those does not saturate. */
const HEADROOM = 1.25;

/** The finest fraction that still holds numbers as large as `largest`. */
export function fractionFor(largest: number): number {
  if (!(largest > 0)) return 15;
  return Math.max(FRACTION_MIN, Math.min(FRACTION_MAX, Math.floor(Math.log2(INT16_MAX / (largest * HEADROOM)))));
}

/** The least shift after which accumulators as large as `largest` are int16 (12.1). */
export function entryShiftFor(largest: number): number {
  return Math.max(0, Math.min(15, Math.ceil(Math.log2((largest * HEADROOM) / INT16_MAX))));
}
