/**
 * How far values may reach without having been seen: the arithmetic of estimates.
 *
 * An Extent says three things of each channel of a map. Its mean. How far values lie below and above the mean that are `SIGMAS`
 * deviations away: independent sums add these as roots of squares, and a bent line (RPReLU) bends each side on its own. And
 * the interval that no value can leave, as interval analysis has it. What a channel is expected to reach is the nearer of both.
 */
import type { PointFunction, Statistics } from '../bnn/bnn-graph.js';
import { pointFunction } from '../contract/functions.js';

export interface Extent {
  readonly mean: Float64Array;
  readonly below: Float64Array;
  readonly above: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/**
 * Of bell-shaped values one in 5e8 lies further than six deviations from the mean; a picture makes 1e5 to 1e7 values in all.
 * Maps of trained networks have heavier tails than that and their sums are not independent; what is left is covered by the
 * headroom that every fraction has (ranges.ts).
 */
export const SIGMAS = 6;

interface Channel {
  readonly mean: number;
  readonly below: number;
  readonly above: number;
  readonly least: number;
  readonly most: number;
}

export function makeExtent(channels: number, of: (channel: number) => Channel): Extent {
  const extent = {
    mean: new Float64Array(channels),
    below: new Float64Array(channels),
    above: new Float64Array(channels),
    least: new Float64Array(channels),
    most: new Float64Array(channels),
  };
  for (let c = 0; c < channels; c++) {
    const made = of(c);
    extent.mean[c] = made.mean;
    extent.below[c] = made.below;
    extent.above[c] = made.above;
    extent.least[c] = made.least;
    extent.most[c] = made.most;
  }
  return extent;
}

export function channelOf(e: Extent, c: number): Channel {
  return { mean: e.mean[c]!, below: e.below[c]!, above: e.above[c]!, least: e.least[c]!, most: e.most[c]! };
}

/** The lowest and highest value that is expected of a channel. */
export function reachOf({ mean, below, above, least, most }: Channel): readonly [number, number] {
  return [Math.min(Math.max(mean - below, least), most), Math.max(Math.min(mean + above, most), least)];
}

/** How large a channel's values become, without their sign. */
export function sizeOfChannel(channel: Channel): number {
  const [low, high] = reachOf(channel);
  return Math.max(Math.abs(low), Math.abs(high));
}

export function largestOf(e: Extent): number {
  let largest = 0;
  for (let c = 0; c < e.mean.length; c++) largest = Math.max(largest, sizeOfChannel(channelOf(e, c)));
  return largest;
}

export function constantExtent(values: ArrayLike<number>): Extent {
  return makeExtent(values.length, (c) => {
    const v = values[c]!;
    return { mean: v, below: 0, above: 0, least: v, most: v };
  });
}

/** x * scale + bias. */
export function affine(x: Extent, scale: ArrayLike<number> | null, bias: ArrayLike<number> | null): Extent {
  return makeExtent(x.mean.length, (c) => {
    const s = scale ? scale[c]! : 1;
    const b = bias ? bias[c]! : 0;
    const { mean, below, above, least, most } = channelOf(x, c);
    const made = { mean: mean * s + b, below: below * s, above: above * s, least: least * s + b, most: most * s + b };
    if (s >= 0) return made;
    return { mean: made.mean, below: -made.above, above: -made.below, least: made.most, most: made.least };
  });
}

/** x + y, or x - y; y's channels repeat where it has fewer. */
export function plus(x: Extent, y: Extent, sign: 1 | -1 = 1): Extent {
  const second = sign === 1 ? y : affine(y, new Float64Array(y.mean.length).fill(-1), null);
  return makeExtent(x.mean.length, (c) => {
    const a = channelOf(x, c);
    const b = channelOf(second, c % second.mean.length);
    return {
      mean: a.mean + b.mean,
      below: Math.hypot(a.below, b.below),
      above: Math.hypot(a.above, b.above),
      least: a.least + b.least,
      most: a.most + b.most,
    };
  });
}

/** What batch normalization knows takes the place of what was derived; the interval stays. */
export function withStatistics(x: Extent, { mean, deviation }: Statistics): Extent {
  return makeExtent(x.mean.length, (c) => ({
    ...channelOf(x, c),
    mean: mean[c]!,
    below: SIGMAS * deviation[c]!,
    above: SIGMAS * deviation[c]!,
  }));
}

/** Through a function that is continuous and bends at most at the points in `bends`. */
export function throughFunction(
  x: Extent,
  f: (v: number, channel: number) => number,
  bends: (channel: number) => readonly number[],
): Extent {
  return makeExtent(x.mean.length, (c) => {
    const channel = channelOf(x, c);
    const over = (low: number, high: number): readonly number[] =>
      [low, high, ...bends(c).filter((b) => b > low && b < high)].map((v) => f(v, c));
    const all = over(channel.least, channel.most);
    const [low, high] = reachOf(channel);
    const near = over(low, high);
    const mean = bellMean((z) => f(channel.mean + (z / SIGMAS) * (z < 0 ? channel.below : channel.above), c));
    return {
      mean,
      below: Math.max(0, mean - Math.min(...near)),
      above: Math.max(0, Math.max(...near) - mean),
      least: Math.min(...all),
      most: Math.max(...all),
    };
  });
}

const IDENTITY_BENDS: readonly number[] = [];

/** A function of clause 9. */
export function throughPointFunction(x: Extent, fn: PointFunction | null): Extent {
  if (fn === null) return x;
  const f = pointFunction(fn);
  return throughFunction(x, f, () => bendsOf(fn));
}

/** Where a function turns: monotone ones have no such place that its ends do not show. */
function bendsOf(fn: PointFunction): readonly number[] {
  // hardSwish is least at -1.5; swish near -1.28.
  return fn.kind === 'hardSwish' ? [-1.5] : fn.kind === 'swish' ? [-1.2784645] : IDENTITY_BENDS;
}

/** The mean of f(z) for z of a normal distribution, by a sum over thirteen points. */
function bellMean(f: (z: number) => number): number {
  let sum = 0;
  let weights = 0;
  for (let z = -3; z <= 3; z += 0.5) {
    const weight = Math.exp((-z * z) / 2);
    sum += weight * f(z);
    weights += weight;
  }
  return sum / weights;
}

/** The weights of one output over the channels that it reads; those of a channel's taps are taken together. */
export interface Combination {
  /** Sum of a channel's weights, and of their sizes. */
  readonly signed: (channel: number) => number;
  readonly size: (channel: number) => number;
  /** How far a unit of a channel moves the output. */
  readonly moves: (channel: number) => number;
}

/** sum of w * x over the channels in [first, last), which are taken as independent of one another, plus a bias. */
export function combine(x: Extent, first: number, last: number, w: Combination, bias: number): Channel {
  let [mean, least, most, squares] = [bias, bias, bias, 0];
  for (let c = first; c < last; c++) {
    const signed = w.signed(c - first);
    const size = w.size(c - first);
    const positive = (size + signed) / 2;
    const negative = (size - signed) / 2;
    mean += signed * x.mean[c]!;
    least += positive * x.least[c]! - negative * x.most[c]!;
    most += positive * x.most[c]! - negative * x.least[c]!;
    squares += (w.moves(c - first) * Math.max(x.below[c]!, x.above[c]!)) ** 2;
  }
  const reach = Math.sqrt(squares);
  return { mean, below: reach, above: reach, least, most };
}

/** The mean of a sign: +1 where x >= alpha. */
export function signExtent(x: Extent, alpha: Extent): Extent {
  return makeExtent(x.mean.length, (c) => {
    const d = plus(slice(x, c), slice(alpha, c), -1);
    const [low, high] = reachOf(channelOf(d, 0));
    const deviation = (d.below[0]! + d.above[0]!) / (2 * SIGMAS);
    // tanh(0.8 z) is within 0.04 of the error function that a normal distribution asks for.
    const mean = low >= 0 ? 1 : high < 0 ? -1 : Math.tanh((0.8 * d.mean[0]!) / deviation);
    const reach = SIGMAS * Math.sqrt(1 - mean * mean);
    return { mean, below: reach, above: reach, least: -1, most: 1 };
  });
}

function slice(x: Extent, c: number): Extent {
  return makeExtent(1, () => channelOf(x, c));
}

export function joinExtents(parts: readonly Extent[]): Extent {
  const of = parts.flatMap((p) => Array.from(p.mean, (_, c) => channelOf(p, c)));
  return makeExtent(of.length, (c) => of[c]!);
}
