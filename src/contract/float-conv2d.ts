/** Clause 7: float convolution and dense layers. One accumulator an output, taps and channels in ascending order. */
import type { MapShape, PointFunction, Window } from '../bnn/bnn-graph.js';
import { pointFunction } from './functions.js';
import type { PixelSink } from './tail.js';

const { fround } = Math;

export interface Conv2dArguments {
  readonly input: Float32Array;
  readonly inputShape: MapShape;
  readonly window: Window;
  readonly group: number;
  /** [ceil(outputs/16)][kernelHeight][kernelWidth][inputs/group][16]. */
  readonly weights: Float32Array;
  readonly acc: Float32Array;
  readonly sink: PixelSink;
}

export function conv2d(args: Conv2dArguments): void {
  const { input, inputShape, window, group, weights, acc: start, sink } = args;
  const { height, width, channels: outputs } = sink.shape;
  const { values } = sink;
  const inputs = inputShape.channels / group;
  const outputsPerGroup = outputs / group;
  const blockSize = window.kernelHeight * window.kernelWidth * inputs * 16;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let o = 0; o < outputs; o++) {
        const lane = (o >>> 4) * blockSize + (o & 15);
        const firstInput = Math.floor(o / outputsPerGroup) * inputs;
        let acc = start[o]!;
        for (let ky = 0; ky < window.kernelHeight; ky++) {
          const iy = y * window.strideHeight - window.padTop + ky * window.dilationHeight;
          if (iy < 0 || iy >= inputShape.height) continue;
          for (let kx = 0; kx < window.kernelWidth; kx++) {
            const ix = x * window.strideWidth - window.padLeft + kx * window.dilationWidth;
            if (ix < 0 || ix >= inputShape.width) continue;
            let w = lane + (ky * window.kernelWidth + kx) * inputs * 16;
            let a = (iy * inputShape.width + ix) * inputShape.channels + firstInput;
            for (let c = 0; c < inputs; c++) {
              acc = fround(acc + fround(input[a]! * weights[w]!));
              w += 16;
              a += 1;
            }
          }
        }
        values[o] = acc;
      }
      sink.finish(y, x);
    }
  }
}

export interface DenseArguments {
  readonly input: Float32Array;
  /** [ceil(outputs/16)][inputs][16]. */
  readonly weights: Float32Array;
  readonly acc: Float32Array;
  readonly output: Float32Array;
  readonly fn: PointFunction | null;
}

export function dense(args: DenseArguments): void {
  const { input, weights, acc: start, output, fn } = args;
  const f = pointFunction(fn);
  const inputs = input.length;
  for (let o = 0; o < output.length; o++) {
    let acc = start[o]!;
    let w = (o >>> 4) * inputs * 16 + (o & 15);
    for (let k = 0; k < inputs; k++) {
      acc = fround(acc + fround(input[k]! * weights[w]!));
      w += 16;
    }
    output[o] = f(acc);
  }
}
