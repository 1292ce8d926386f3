/**
 * Rounding weights so that their sum over likely inputs changes least. Neighbouring pixels are nearly alike, so an error that
 * all taps share adds up and errors that cancel do not matter: each weight goes up or down as the others need it.
 *
 * Flows in: weights, the unit of their grid, how alike the inputs are that they multiply. Flows out: whole numbers in
 * [-127, 127] and the expected squared error e' L e of the sum.
 */
import type { Window } from '../bnn/bnn-graph.js';

/** How alike two pixels are that lie side by side, and two colours of one pixel: about what is found in photographs. */
const NEIGHBOURS = 0.95;
const COLOURS = 0.9;

/** L of n inputs that are rounded together, and the upper triangle R of L = R' R. */
export interface Likeness {
  readonly n: number;
  readonly matrix: Float64Array;
  readonly factor: Float64Array;
}

/** For `channels` that move together, n = channels * taps, in the order [channel][tap]. */
export function likenessOfTaps(window: Window, channels: number): Likeness {
  const { kernelHeight, kernelWidth, dilationHeight, dilationWidth } = window;
  const taps = kernelHeight * kernelWidth;
  const n = channels * taps;
  const matrix = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const [s, t] = [i % taps, j % taps];
    const dy = (Math.floor(s / kernelWidth) - Math.floor(t / kernelWidth)) * dilationHeight;
    const dx = ((s % kernelWidth) - (t % kernelWidth)) * dilationWidth;
    const colour = Math.floor(i / taps) === Math.floor(j / taps) ? 1 : COLOURS;
    return colour * NEIGHBOURS ** Math.hypot(dy, dx);
  });
  return { n, matrix, factor: upperFactor(matrix, n) };
}

/** Cholesky's factor: both likenesses above are positive definite, and so is their product. */
function upperFactor(matrix: Float64Array, n: number): Float64Array {
  const r = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < i; k++) sum -= r[k * n + i]! * r[k * n + j]!;
      r[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / r[i * n + i]!;
    }
  }
  return r;
}

export interface Rounded {
  readonly values: Float64Array;
  readonly unit: number;
  readonly error: number;
}

const MOST = 127;
const clip = (q: number): number => Math.max(-MOST, Math.min(MOST, q));

/** From the last weight to the first, each takes in what the error of those behind it asks for (Babai's nearest plane). */
export function roundTogether(weights: Float64Array, unit: number, likeness: Likeness): Rounded {
  const { n, factor } = likeness;
  const values = new Float64Array(weights.length);
  let error = 0;
  for (let first = 0; first < weights.length; first += n) {
    for (let i = n - 1; i >= 0; i--) {
      let target = weights[first + i]! / unit;
      for (let j = i + 1; j < n; j++) {
        target += (factor[i * n + j]! / factor[i * n + i]!) * (weights[first + j]! / unit - values[first + j]!);
      }
      const q = clip(Math.round(target));
      values[first + i] = q;
      error += (factor[i * n + i]! * (q - target)) ** 2;
    }
  }
  return { values, unit, error: error * unit * unit };
}

/** Steps of one and pairs of opposite steps, as long as one makes the error smaller. */
export function refine(weights: Float64Array, rounded: Rounded, likeness: Likeness): Rounded {
  const { unit } = rounded;
  const values = rounded.values.slice();
  let error = 0;
  for (let first = 0; first < weights.length; first += likeness.n) {
    const exact = weights.subarray(first, first + likeness.n).map((w) => w / unit);
    error += refineGroup(exact, values.subarray(first, first + likeness.n), likeness);
  }
  return { values, unit, error: error * unit * unit };
}

function refineGroup(exact: Float64Array, q: Float64Array, { n, matrix }: Likeness): number {
  /** Half of how the error grows with each value: L e. */
  const slope = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) slope[i] = slope[i]! + matrix[i * n + j]! * (q[j]! - exact[j]!);
  }
  const canMove = (i: number, by: number): boolean => Math.abs(q[i]! + by) <= MOST;
  const move = (i: number, by: number): void => {
    q[i] = q[i]! + by;
    for (let j = 0; j < n; j++) slope[j] = slope[j]! + by * matrix[j * n + i]!;
  };
  for (let moved = n > 1; moved; ) {
    moved = false;
    for (let i = 0; i < n; i++) {
      for (const by of [-1, 1]) {
        if (!canMove(i, by)) continue;
        const alone = 2 * by * slope[i]! + matrix[i * n + i]!;
        let [gain, partner] = [alone, -1];
        for (let j = 0; j < n; j++) {
          if (j === i || !canMove(j, -by)) continue;
          const both = alone - 2 * by * slope[j]! + matrix[j * n + j]! - 2 * matrix[i * n + j]!;
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
