/**
 * A binary convolution whose only reader is a sign with a static threshold, with nothing between but a scale and a bias, needs
 * no float at all: `fl(fl(dot * s) + b) >= alpha` is monotonic in the integer dot, so it is `dot >= t` for one integer t
 * (where s < 0, after the channel's weights are inverted, which negates dot exactly).
 *
 * t is found by evaluating clause 4.4 itself, so no bit can change.
 */
import type { Compare } from '../bnn/bnn-graph.js';

const { fround } = Math;

export interface IntegerThreshold {
  /** Invert the channel's weights first. */
  readonly invert: boolean;
  /** bit = dot >= threshold; between -limit and limit + 1, exact in binary32. */
  readonly threshold: number;
}

/** `limit`: the largest |dot| of the channel. */
export function integerThreshold(
  scale: number,
  bias: number | null,
  alpha: number,
  compare: Compare,
  limit: number,
): IntegerThreshold {
  const s = fround(scale);
  const invert = s < 0;
  const bit = (dot: number): boolean => {
    const scaled = fround(dot * Math.abs(s));
    const v = bias === null ? scaled : fround(scaled + fround(bias));
    return compare === 'gt' ? v > alpha : v >= alpha;
  };
  let low = -limit;
  let high = limit + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (bit(middle)) high = middle;
    else low = middle + 1;
  }
  return { invert, threshold: low };
}
