/**
 * Clause 11: the integers of fixed16. Numbers are JavaScript's, exact far beyond the 32 bits that every clause proves enough;
 * multiplications of two int16 are exact as well.
 */
export const INT16_MIN = -32768;
export const INT16_MAX = 32767;

/** Least and greatest fraction of a map (11.1). */
export const FRACTION_MIN = -14;
export const FRACTION_MAX = 30;

/** How often something left its range; filled in by `saturate`. */
export interface Saturations {
  saturated: number;
}

/** sat of 11.2. */
export function saturate(v: number, counts: Saturations): number {
  if (v >= INT16_MIN && v <= INT16_MAX) return v;
  counts.saturated++;
  return v < 0 ? INT16_MIN : INT16_MAX;
}

/** rnd of 11.2, for exact integers below 2^53. */
export function roundShift(v: number, n: number): number {
  return n === 0 ? v : Math.floor((v + 2 ** (n - 1)) / 2 ** n);
}

/** 11.3, without sat: a real number in units of 2^-fraction. Exact for binary32; binary64 constants are rounded by this alone. */
export function scaledInteger(x: number, fraction: number): number {
  const scaled = x * 2 ** fraction;
  const below = Math.floor(scaled);
  return scaled - below >= 0.5 ? below + 1 : below;
}

/** 11.3. */
export function toFixed(x: number, fraction: number, counts: Saturations): number {
  return saturate(scaledInteger(x, fraction), counts);
}
