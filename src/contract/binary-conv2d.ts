/**
 * Clause 4: exact integer convolution of +-1 maps. Taps outside the input are skipped, which is clause 4.1 to the letter;
 * kernels that store a border and correct for it (4.2) must come to the same integers.
 */
import type { MapShape, Window } from '../bnn/bnn-graph.js';
import { wordsOf } from '../program/program.js';
import { type PackedMap, pixelOffset, popcount32 } from './packing.js';
import type { PixelSink } from './tail.js';

export interface BinaryConv2dArguments {
  readonly input: PackedMap;
  /** [ceil(outputs/8)][taps * words][8][2]: eight outputs interleave. */
  readonly weights: Uint32Array;
  readonly window: Window;
  readonly sink: PixelSink;
}

export function binaryConv2d(args: BinaryConv2dArguments): void {
  const { input, weights, window, sink } = args;
  const { height, width, channels: outputs } = sink.shape;
  const dots = sink.values;
  const words = wordsOf(input.shape.channels);
  const taps = window.kernelHeight * window.kernelWidth;
  const blockHalfWords = taps * words * 16;
  const insideTaps = new Int32Array(taps);
  const insideOffsets = new Int32Array(taps);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = collectTaps(input, window, y, x, insideTaps, insideOffsets);
      const n = inside * input.shape.channels;
      for (let o = 0; o < outputs; o++) {
        const lane = (o >>> 3) * blockHalfWords + 2 * (o & 7);
        let mismatches = 0;
        for (let t = 0; t < inside; t++) {
          let w = lane + insideTaps[t]! * words * 16;
          let a = insideOffsets[t]!;
          for (let k = 0; k < words; k++) {
            mismatches += popcount32(weights[w]! ^ input.data[a]!) + popcount32(weights[w + 1]! ^ input.data[a + 1]!);
            w += 16;
            a += 2;
          }
        }
        dots[o] = n - 2 * mismatches;
      }
      sink.finish(y, x);
    }
  }
}

/** The taps of the window at (y, x) that lie inside the input: their numbers, and where their pixels' words start. */
function collectTaps(
  input: PackedMap,
  window: Window,
  y: number,
  x: number,
  taps: Int32Array,
  offsets: Int32Array,
): number {
  const { height, width } = input.shape satisfies MapShape;
  let count = 0;
  for (let ky = 0; ky < window.kernelHeight; ky++) {
    const iy = y * window.strideHeight - window.padTop + ky * window.dilationHeight;
    if (iy < 0 || iy >= height) continue;
    for (let kx = 0; kx < window.kernelWidth; kx++) {
      const ix = x * window.strideWidth - window.padLeft + kx * window.dilationWidth;
      if (ix < 0 || ix >= width) continue;
      taps[count] = ky * window.kernelWidth + kx;
      offsets[count] = pixelOffset(input, iy, ix);
      count++;
    }
  }
  return count;
}
