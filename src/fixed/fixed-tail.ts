/**
 * A float32 tail as integers (clause 12): its fraction from how large its values are, then every constant at that fraction.
 */
import { FRACTION_MIN, INT16_MAX, INT16_MIN, scaledInteger } from '../contract/fixed.js';
import type { FixedTail, Fraction } from '../program/program.js';
import { fractionFor } from './ranges.js';

/** What enters a tail: per channel, how much one unit of it stands for. */
export interface Entering {
  /** Binary convolution: dots. Int8: accumulators. Map: a map's own values. */
  readonly kind: 'dots' | 'accumulators' | 'map';
  readonly unit: (channel: number) => number;
  /** Of a map. */
  readonly fraction?: Fraction;
  /** r of 12.1 that the accumulators need. */
  readonly shift: number;
  /** Added by the convolution itself, in real numbers. */
  readonly bias?: Float64Array;
}

/** The tail's fraction: fine enough for its values, and no finer than what is added to it without a multiplication. */
export function tailFraction(largest: number, limits: readonly (Fraction | undefined)[]): Fraction {
  return Math.min(fractionFor(largest), ...limits.filter((f) => f !== undefined));
}

/** The finest fraction at which every factor of 12.2 is an int16: one unit that enters may be more than all that was seen to leave. */
export function factorFraction(factors: Float64Array): Fraction | undefined {
  const largest = factors.reduce((m, f) => Math.max(m, Math.abs(f)), 0);
  return largest > 0 ? Math.max(FRACTION_MIN, Math.floor(Math.log2(INT16_MAX / largest))) : undefined;
}

export interface FixedScale {
  readonly multiplier: Int16Array;
  readonly offset: Int32Array;
  readonly shift: number;
}

/** m, c and S of 12.2 for y = a * factor + bias, a one unit of what enters after its shift. */
export function fixedScale(factors: Float64Array, biases: Float64Array, fraction: Fraction): FixedScale {
  const lsb = factors.map((f) => f * 2 ** fraction);
  const largest = lsb.reduce((m, f) => Math.max(m, Math.abs(f)), 0);
  const shift = largest === 0 ? 0 : Math.max(0, Math.min(15, Math.floor(Math.log2(INT16_MAX / largest))));
  const most = 2 ** 30;
  return {
    multiplier: Int16Array.from(lsb, (f) => Math.max(-INT16_MAX, Math.min(INT16_MAX, scaledInteger(f, shift)))),
    offset: Int32Array.from(biases, (b) => Math.max(-most, Math.min(most, scaledInteger(b, fraction + shift)))),
    shift,
  };
}

/** Slopes at the finest fraction that holds all of them (12.4). */
export function fixedSlopes(slopes: ArrayLike<number>): { readonly data: Int16Array; readonly shift: number } {
  const largest = Array.from(slopes).reduce((m, s) => Math.max(m, Math.abs(s)), 0);
  const shift = largest === 0 ? 15 : Math.max(0, Math.min(15, Math.floor(Math.log2(INT16_MAX / largest))));
  return { data: fixedValues(slopes, shift), shift };
}

/** 11.3 for constants: outside the range, the nearest end. */
export function fixedValues(values: ArrayLike<number>, fraction: Fraction): Int16Array {
  return Int16Array.from(values, (v) => Math.max(INT16_MIN, Math.min(INT16_MAX, scaledInteger(v, fraction))));
}

export const NO_SHIFTS: Pick<FixedTail, 'scaleShift' | 'shortcutShift' | 'slopeShift'> = {
  scaleShift: 0,
  shortcutShift: 0,
  slopeShift: 0,
};
