/**
 * Rounding weights so that their sum over likely inputs changes least. Neighbouring pixels are nearly alike, so an error that
 * all taps share adds up and errors that cancel do not matter: each weight goes up or down as the others need it.
 *
 * Flows in: weights, the unit of their grid, how alike the inputs are that they multiply. Flows out: whole numbers in
 * [-127, 127] and the expected squared error of the sum.
 */
import type { Window } from '../bnn/bnn-graph.js';

/** How alike two pixels are that lie side by side, and two colours of one pixel: about what is found in photographs. */
const NEIGHBOURS = 0.95;
const COLOURS = 0.9;

/** [n][n] for `channels` that move together, n = channels * taps, in the order [channel][tap]. */
export function likenessOfTaps(window: Window, channels: number): Float64Array {
  const { kernelHeight, kernelWidth, dilationHeight, dilationWidth } = window;
  const taps = kernelHeight * kernelWidth;
  const n = channels * taps;
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const [s, t] = [i % taps, j % taps];
    const dy = (Math.floor(s / kernelWidth) - Math.floor(t / kernelWidth)) * dilationHeight;
    const dx = ((s % kernelWidth) - (t % kernelWidth)) * dilationWidth;
    const colour = Math.floor(i / taps) === Math.floor(j / taps) ? 1 : COLOURS;
    return colour * NEIGHBOURS ** Math.hypot(dy, dx);
  });
}

export interface Rounded {
  readonly values: Float64Array;
  readonly unit: number;
  readonly error: number;
}

const MOST = 127;

export function roundTogether(weights: Float64Array, unit: number, likeness: Float64Array): Rounded {
  const n = Math.sqrt(likeness.length);
  const values = new Float64Array(weights.length);
  let error = 0;
  for (let first = 0; first < weights.length; first += n) {
    const exact = weights.subarray(first, first + n).map((w) => w / unit);
    const rounded = values.subarray(first, first + n);
    error += roundGroup(exact, rounded, likeness) * unit * unit;
  }
  return { values, unit, error };
}

/** Steps of one and pairs of opposite steps, as long as one makes the error smaller. Fills `q`; returns e' L e. */
function roundGroup(exact: Float64Array, q: Float64Array, likeness: Float64Array): number {
  const n = exact.length;
  for (let i = 0; i < n; i++) q[i] = Math.max(-MOST, Math.min(MOST, Math.round(exact[i]!)));
  /** Half of how the error grows with each value: L e. */
  const slope = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) slope[i] = slope[i]! + likeness[i * n + j]! * (q[j]! - exact[j]!);
  }
  const canMove = (i: number, by: number): boolean => Math.abs(q[i]! + by) <= MOST;
  const move = (i: number, by: number): void => {
    q[i] = q[i]! + by;
    for (let j = 0; j < n; j++) slope[j] = slope[j]! + by * likeness[j * n + i]!;
  };
  for (let moved = n > 1; moved; ) {
    moved = false;
    for (let i = 0; i < n; i++) {
      for (const by of [-1, 1]) {
        if (!canMove(i, by)) continue;
        const alone = 2 * by * slope[i]! + likeness[i * n + i]!;
        let [gain, partner] = [alone, -1];
        for (let j = 0; j < n; j++) {
          if (j === i || !canMove(j, -by)) continue;
          const both = alone - 2 * by * slope[j]! + likeness[j * n + j]! - 2 * likeness[i * n + j]!;
          if (both < gain) [gain, partner] = [both, j];
        }
        if (gain > -1e-9) continue;
        move(i, by);
        if (partner >= 0) move(partner, -by);
        moved = true;
      }
    }
  }
  let error = 0;
  for (let i = 0; i < n; i++) error += (q[i]! - exact[i]!) * slope[i]!;
  return error;
}
