/**
 * Clause 9.3: the exponential from additions, multiplications and one scaling by a power of two, so that it has the same bits
 * everywhere. The polynomial is Cephes' expf; error below 2 ulp on [-87, 88].
 */
const { fround } = Math;

const LOG2E = fround(1.44269504088896341);
/** ln 2 in two parts: the first has 9 significant bits, so k * LN2_HIGH is exact. */
const LN2_HIGH = fround(0.693359375);
const LN2_LOW = fround(-2.1219444e-4);
/** Highest power first. */
const COEFFICIENTS = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
].map(fround);

export function exp(x: number): number {
  const t = x < -87 ? -87 : x > 88 ? 88 : x;
  const k = Math.floor(fround(fround(t * LOG2E) + 0.5));
  const r = fround(fround(t - fround(k * LN2_HIGH)) - fround(k * LN2_LOW));
  let p = COEFFICIENTS[0]!;
  for (let i = 1; i < COEFFICIENTS.length; i++) p = fround(fround(p * r) + COEFFICIENTS[i]!);
  const z = fround(fround(fround(p * fround(r * r)) + r) + 1);
  return fround(z * 2 ** k);
}
