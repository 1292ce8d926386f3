/** Clause 9: functions of one value. Each operation is rounded once to binary32. */
import type { PointFunction } from '../bnn/bnn-graph.js';
import { exp } from './exp.js';

const { fround } = Math;

/** hardSwish's own constants: fl(1/6) and 1/2. */
export const HARD_SWISH_ALPHA = fround(1 / 6);
export const HARD_SWISH_BETA = 0.5;

function clip(x: number, lo: number, hi: number): number {
  return x < lo ? lo : x > hi ? hi : x;
}

function hardSigmoid(x: number, alpha: number, beta: number): number {
  return clip(fround(fround(fround(alpha) * x) + fround(beta)), 0, 1);
}

export function sigmoid(x: number): number {
  return fround(1 / fround(1 + exp(-x)));
}

/** The function as a closure from binary32 to binary32; null is the identity. */
export function pointFunction(fn: PointFunction | null): (x: number) => number {
  if (fn === null) return (x) => x;
  switch (fn.kind) {
    case 'relu':
      return (x) => (x > 0 ? x : 0);
    case 'clip': {
      const lo = fround(fn.lo);
      const hi = fround(fn.hi);
      return (x) => clip(x, lo, hi);
    }
    case 'hardSigmoid':
      return (x) => hardSigmoid(x, fn.alpha, fn.beta);
    case 'hardSwish':
      return (x) => fround(x * hardSigmoid(x, HARD_SWISH_ALPHA, HARD_SWISH_BETA));
    case 'sigmoid':
      return sigmoid;
    case 'swish':
      return (x) => fround(x * sigmoid(x));
    case 'negate':
      return (x) => -x;
  }
}

/** Clause 9.5, over a vector. */
export function softmax(input: Float32Array, output: Float32Array): void {
  let max = input[0]!;
  for (let i = 1; i < input.length; i++) if (input[i]! > max) max = input[i]!;
  let sum = 0;
  for (let i = 0; i < input.length; i++) {
    const e = exp(fround(input[i]! - max));
    output[i] = e;
    sum = fround(sum + e);
  }
  for (let i = 0; i < input.length; i++) output[i] = fround(output[i]! / sum);
}
