/** Weights of 8 bits: rounded together for what they will see, and never more than the accumulator holds. */
import { expect, test } from 'vitest';
import { INT8_WEIGHT_SUM_MAX } from '../../src/contract/int8-conv2d.js';
import { quantizeWeights } from '../../src/fixed/int8-weights.js';
import { type Likeness, likenessOfTaps, refine, roundTogether } from '../../src/fixed/round-together.js';
import { window } from '../support/bnn-builder.js';
import { seededRandom } from '../support/random.js';

const random = seededRandom(11);
const row = (n: number): Float64Array => Float64Array.from({ length: n }, () => 2 * random() - 1);

/** e' L e, from its definition. */
function expectedError(weights: Float64Array, values: Float64Array, unit: number, { n, matrix }: Likeness): number {
  const e = weights.map((w, i) => values[i]! * unit - w);
  let sum = 0;
  for (let first = 0; first < e.length; first += n)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum += e[first + i]! * e[first + j]! * matrix[i * n + j]!;
  return sum;
}

test('the error is what it says, and far below that of rounding each weight alone', () => {
  const likeness = likenessOfTaps(window(3, 1, 1), 3);
  let [together, alone] = [0, 0];
  for (let k = 0; k < 40; k++) {
    const weights = row(27);
    const rounded = roundTogether(weights, 1 / 127, likeness);
    const refined = refine(weights, rounded, likeness);
    for (const { values, unit, error } of [rounded, refined]) {
      expect(error).toBeCloseTo(expectedError(weights, values, unit, likeness), 12);
      expect(values.every((q) => Number.isInteger(q) && Math.abs(q) <= 127)).toBe(true);
    }
    expect(refined.error).toBeLessThanOrEqual(rounded.error + 1e-12);
    together += refined.error;
    const plain = weights.map((w) => Math.round(w * 127));
    alone += expectedError(weights, plain, 1 / 127, likeness);
  }
  expect(together).toBeLessThan(alone / 8);
});

test('one tap is rounded to the nearest', () => {
  const weights = row(50);
  const { values } = roundTogether(weights, 1 / 100, likenessOfTaps(window(1, 1, 0), 1));
  expect([...values]).toEqual([...weights].map((w) => Math.max(-127, Math.min(127, Math.round(w * 100)))));
});

test('taps further apart are less alike', () => {
  const { matrix } = likenessOfTaps(window(3, 1, 1), 1);
  const of = (i: number, j: number): number => matrix[i * 9 + j]!;
  expect(of(4, 4)).toBe(1);
  expect(of(0, 1)).toBe(of(1, 0));
  expect(of(0, 8)).toBeLessThan(of(0, 2));
  expect(of(0, 2)).toBeLessThan(of(0, 1));
});

test('no sum of weights leaves the accumulator too little room, and each channel has its scale', () => {
  const inputs = 1000;
  const data = new Float32Array(16 * inputs).map((_, i) => (i % 16 === 0 ? 0.5 : i % 16 === 1 ? 0.25 : 0));
  const weights = { data, outputs: 3, inputs, window: window(1, 1, 0), group: 1, ofPicture: false };
  const made = quantizeWeights(weights);
  const sumOf = (o: number): number => {
    let sum = 0;
    for (let c = 0; c < inputs; c++) sum += Math.abs(made.data[(c >>> 1) * 32 + 2 * o + (c & 1)]!);
    return sum;
  };
  for (const o of [0, 1]) {
    expect(sumOf(o)).toBeLessThanOrEqual(INT8_WEIGHT_SUM_MAX);
    expect((sumOf(o) * made.scale[o]!) / inputs).toBeCloseTo(o === 0 ? 0.5 : 0.25, 2);
  }
  expect(sumOf(2)).toBe(0);
});
