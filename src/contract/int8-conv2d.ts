/** Clause 14: convolution of an int16 map with weights of 8 bits. The accumulators are exact, so their order is free. */
import type { MapShape, Window } from '../bnn/bnn-graph.js';
import { runsOf } from '../program/program.js';
import type { PixelSink } from './tail.js';

/** The largest sum of an output's weights, without their signs (14.1). */
export const INT8_WEIGHT_SUM_MAX = 65535;

export interface Int8Conv2dArguments {
  readonly input: Int16Array;
  readonly inputShape: MapShape;
  readonly window: Window;
  readonly group: number;
  /** [ceil(outputs/16)][kernelHeight][runs][ceil(length/2)][16][2]. */
  readonly weights: Int8Array;
  readonly sink: PixelSink;
}

export function int8Conv2d(args: Int8Conv2dArguments): void {
  const { input, inputShape, window, group, weights, sink } = args;
  const { height, width, channels: outputs } = sink.shape;
  const inputs = inputShape.channels / group;
  const outputsPerGroup = outputs / group;
  const { runs, length } = runsOf(window, inputs, group);
  const runSize = Math.ceil(length / 2) * 32;
  const rowSize = runs * runSize;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let o = 0; o < outputs; o++) {
        const lane = (o >>> 4) * window.kernelHeight * rowSize + 2 * (o & 15);
        const firstInput = Math.floor(o / outputsPerGroup) * inputs;
        let acc = 0;
        for (let ky = 0; ky < window.kernelHeight; ky++) {
          const iy = y * window.strideHeight - window.padTop + ky * window.dilationHeight;
          if (iy < 0 || iy >= inputShape.height) continue;
          for (let kx = 0; kx < window.kernelWidth; kx++) {
            const ix = x * window.strideWidth - window.padLeft + kx * window.dilationWidth;
            if (ix < 0 || ix >= inputShape.width) continue;
            const run = lane + ky * rowSize + (runs === 1 ? 0 : kx * runSize);
            const first = runs === 1 ? kx * inputs : 0;
            const pixel = (iy * inputShape.width + ix) * inputShape.channels + firstInput;
            for (let c = 0; c < inputs; c++) {
              const at = first + c;
              acc += weights[run + (at >>> 1) * 32 + (at & 1)]! * input[pixel + c]!;
            }
          }
        }
        sink.values[o] = acc;
      }
      sink.finish(y, x);
    }
  }
}
