/**
 * What a memory takes of a device: block RAM and UltraRAM by their aspect ratios, LUTs as RAM by theirs.
 *
 * Sources: RAMB18 and RAMB36 as simple dual port: UG573 (UltraScale+) and UG473 (7 series), aspect ratios 36 x 512 .. 1 x 16K and
 * 72 x 512 .. 1 x 32K. UltraRAM: 72 x 4096 (UG573). Distributed RAM as simple dual port: UG574 (a SLICEM of eight LUTs holds 64 x 7 or
 * 32 x 14) and UG474 (four LUTs hold 64 x 3 or 32 x 6).
 */
import type { Board } from './types.js';

interface Aspect {
  readonly width: number;
  readonly depth: number;
  /** In halves of a RAMB36. */
  readonly halves: number;
}

const widths = (widest: readonly number[], halves: number): readonly Aspect[] =>
  widest.map((width, i) => ({ width, depth: 512 * 2 ** i, halves }));

const ASPECTS = [...widths([36, 18, 9, 4, 2, 1], 1), ...widths([72, 36, 18, 9, 4, 2, 1], 2)];

/**
 * RAMB36 of one memory of `words` words; the cheapest aspect ratio. Vivado takes a power of two of words first: 51,200 x 32 are mapped as "64 K x 32",
 * 64 blocks and not 50 (synthesis logs of FracNet: docs/contribute/hardware.md).
 */
export function blockRam(bits: number, words: number): number {
  const mapped = 2 ** Math.ceil(Math.log2(Math.max(1, words)));
  const halves = ASPECTS.map((a) => Math.ceil(bits / a.width) * Math.ceil(mapped / a.depth) * a.halves);
  return Math.min(...halves) / 2;
}

export const URAM_WORDS = 4096;
const URAM_BITS = 72;

export function ultraRam(bits: number, words: number): number {
  return Math.ceil(bits / URAM_BITS) * Math.ceil(words / URAM_WORDS);
}

/** LUTs of one memory that is written and read in one cycle. */
export function lutRam(bits: number, words: number, family: Board['family']): number {
  const [luts, deep, shallow] = family === 'zynq-7000' ? [4, 3, 6] : [8, 7, 14];
  const perSlice = words <= 32 ? shallow : deep;
  const rows = words <= 32 ? 1 : Math.ceil(words / 64);
  return luts * Math.ceil(bits / perSlice) * rows;
}
