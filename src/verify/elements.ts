/** Walking over maps that lie in our order and in ONNX's. */
import type { MapShape } from '../bnn/bnn-graph.js';
import { type Step, sizeOf } from '../program/program.js';

/** f(index here, index in ONNX's order, c, y, x) for every element. */
export function forElements(
  shape: MapShape,
  channelsFirst: boolean,
  f: (here: number, there: number, c: number, y: number, x: number) => void,
): void {
  const { channels, height, width } = shape;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const there = (c * height + y) * width + x;
        f(channelsFirst ? there : (y * width + x) * channels + c, there, c, y, x);
      }
    }
  }
}

export function channelsLast(data: Float32Array, shape: MapShape): Float32Array {
  const result = new Float32Array(sizeOf(shape));
  forElements(shape, false, (here, there) => {
    result[here] = data[there]!;
  });
  return result;
}

/** Its output is whole only after a later step. */
export function isPartOfConcat(step: Step): boolean {
  return step.kind === 'concat' && step.offset + step.shape.channels < step.outputChannels;
}
