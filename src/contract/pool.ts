/** Clause 6: window sums, means and maxima. */
import type { MapShape, Window } from '../bnn/bnn-graph.js';
import { roundShift, type Saturations, saturate } from './fixed.js';
import type { PixelSink } from './tail.js';

const { fround } = Math;

/** 1/count in double, rounded once (6.2). */
export function reciprocal(count: number): number {
  return fround(1 / count);
}

export interface PoolArguments {
  readonly input: Float32Array | Int16Array;
  readonly inputShape: MapShape;
  readonly window: Window;
  readonly countIncludePad: boolean;
  readonly sink: PixelSink;
}

type PixelPool = (args: PoolArguments, y0: number, y1: number, x0: number, x1: number, c: number) => number;

function pool(args: PoolArguments, one: PixelPool): void {
  const { inputShape, window, sink } = args;
  const { height, width, channels } = sink.shape;
  for (let y = 0; y < height; y++) {
    const top = y * window.strideHeight - window.padTop;
    const y0 = Math.max(top, 0);
    const y1 = Math.min(top + window.kernelHeight, inputShape.height);
    for (let x = 0; x < width; x++) {
      const left = x * window.strideWidth - window.padLeft;
      const x0 = Math.max(left, 0);
      const x1 = Math.min(left + window.kernelWidth, inputShape.width);
      for (let c = 0; c < channels; c++) sink.values[c] = one(args, y0, y1, x0, x1, c);
      sink.finish(y, x);
    }
  }
}

export function averagePool(args: PoolArguments): void {
  pool(args, ({ input, inputShape, window, countIncludePad }, y0, y1, x0, x1, c) => {
    let sum = 0;
    for (let y = y0; y < y1; y++) {
      let row = 0;
      for (let x = x0; x < x1; x++) row = fround(row + input[(y * inputShape.width + x) * inputShape.channels + c]!);
      sum = fround(sum + row);
    }
    const count = countIncludePad ? window.kernelHeight * window.kernelWidth : (y1 - y0) * (x1 - x0);
    return fround(sum * reciprocal(count));
  });
}

/** R and P of 13.2 for n counted pixels. */
export function fixedReciprocal(n: number): { readonly multiplier: number; readonly shift: number } {
  const shift = 16 + Math.ceil(Math.log2(n));
  return { multiplier: Math.floor(2 ** shift / n + 0.5), shift };
}

/** 13.2. */
export function fixedAveragePool(args: PoolArguments, counts: Saturations): void {
  pool(args, ({ input, inputShape, window, countIncludePad }, y0, y1, x0, x1, c) => {
    let sum = 0;
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) sum += input[(y * inputShape.width + x) * inputShape.channels + c]!;
    }
    const n = countIncludePad ? window.kernelHeight * window.kernelWidth : (y1 - y0) * (x1 - x0);
    const { multiplier, shift } = fixedReciprocal(n);
    return saturate(roundShift(sum * multiplier, shift), counts);
  });
}

export function maxPool(args: PoolArguments): void {
  pool(args, ({ input, inputShape }, y0, y1, x0, x1, c) => {
    let max = input[(y0 * inputShape.width + x0) * inputShape.channels + c]!;
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        const v = input[(y * inputShape.width + x) * inputShape.channels + c]!;
        if (v > max) max = v;
      }
    }
    return max;
  });
}

/** The end of a global average pool: row sums [height][channels] to means. */
export function globalAverage(rowSums: Float32Array, shape: MapShape, output: Float32Array): void {
  const k = reciprocal(shape.height * shape.width);
  for (let c = 0; c < shape.channels; c++) {
    let sum = 0;
    for (let y = 0; y < shape.height; y++) sum = fround(sum + rowSums[y * shape.channels + c]!);
    output[c] = fround(sum * k);
  }
}

/** k of 13.1. */
export function fixedMeanFactor(pixels: number, fraction: number): number {
  return fround(2 ** -fraction / pixels);
}

/** 13.1: exact row sums [height][channels] of an int16 map to binary32 means. */
export function fixedGlobalAverage(rowSums: Int32Array, shape: MapShape, fraction: number, output: Float32Array): void {
  const k = fixedMeanFactor(shape.height * shape.width, fraction);
  for (let c = 0; c < shape.channels; c++) {
    let sum = 0;
    for (let y = 0; y < shape.height; y++) sum += rowSums[y * shape.channels + c]!;
    output[c] = fround(fround(sum) * k);
  }
}
