/**
 * Are a convolution's float weights +-s with one s per output channel (clause 10.2)? Exporters leave them exact, or with the
 * rounding noise of a straight-through sum that was folded (sign*s - clip + clip).
 */

/** Largest deviation of |w| from its channel's mean, as a fraction of the mean, that still is noise. */
export const NOISE = 1e-3;

export type ZeroWeights = 'refuse' | 'positive' | 'negative';

export type BinaryWeights =
  | { readonly kind: 'binary'; readonly signs: Uint8Array; readonly scale: Float64Array }
  /** sign(0) = 0: one bit cannot hold it. All other weights are +-s. */
  | { readonly kind: 'zeros'; readonly count: number; readonly total: number }
  /** `fraction` of the weights differ from +-s by more than NOISE. */
  | { readonly kind: 'real'; readonly fraction: number };

export function findBinaryWeights(weight: ArrayLike<number>, outputs: number, zeros: ZeroWeights): BinaryWeights {
  const perOutput = weight.length / outputs;
  const signs = new Uint8Array(weight.length);
  const scale = new Float64Array(outputs);
  let different = 0;
  let zeroCount = 0;
  for (let o = 0; o < outputs; o++) {
    const from = o * perOutput;
    let sum = 0;
    let nonZero = 0;
    for (let i = from; i < from + perOutput; i++) {
      const w = weight[i]!;
      sum += Math.abs(w);
      if (w !== 0) nonZero++;
    }
    // A channel of nothing but zeros is the constant 0, whatever its signs.
    const mean = nonZero === 0 ? 0 : sum / nonZero;
    scale[o] = mean;
    for (let i = from; i < from + perOutput; i++) {
      const w = weight[i]!;
      if (w === 0 && nonZero > 0) {
        zeroCount++;
        signs[i] = zeros === 'negative' ? 0 : 1;
        continue;
      }
      if (Math.abs(Math.abs(w) - mean) > NOISE * mean) different++;
      signs[i] = w > 0 || nonZero === 0 ? 1 : 0;
    }
  }
  if (different > 0) return { kind: 'real', fraction: (different + zeroCount) / weight.length };
  if (zeroCount > 0 && zeros === 'refuse') return { kind: 'zeros', count: zeroCount, total: weight.length };
  return { kind: 'binary', signs, scale };
}
