/**
 * Exact zero padding by correction (clause 4.2): pixels whose windows lose the same taps to the border are a class, and each
 * class has its own n = taps inside * C + 2 * popcount(w over the taps outside) per output channel.
 */
import type { BinaryConv2dNode, MapShape } from '../bnn/bnn-graph.js';
import { BINARY_LANES } from './pack-weights.js';

export interface BorderClasses {
  /** Class of each output row and column. */
  readonly rowClass: Uint8Array;
  readonly colClass: Uint8Array;
  readonly colClasses: number;
  /** [rowClasses * colClasses][8 * ceil(outputs/8)]. */
  readonly base: Int32Array;
}

interface AxisClasses {
  readonly of: Uint8Array;
  /** For each class, which taps of the axis lie inside. */
  readonly inside: readonly (readonly boolean[])[];
}

function classifyAxis(
  outputSize: number,
  inputSize: number,
  kernel: number,
  stride: number,
  dilation: number,
  padBefore: number,
): AxisClasses {
  const of = new Uint8Array(outputSize);
  const inside: boolean[][] = [];
  const known = new Map<string, number>();
  for (let p = 0; p < outputSize; p++) {
    const taps = Array.from({ length: kernel }, (_, k) => {
      const at = p * stride - padBefore + k * dilation;
      return at >= 0 && at < inputSize;
    });
    const key = taps.join();
    let index = known.get(key);
    if (index === undefined) {
      index = inside.push(taps) - 1;
      known.set(key, index);
    }
    of[p] = index;
  }
  return { of, inside };
}

export function borderClasses(node: BinaryConv2dNode, input: MapShape, output: MapShape): BorderClasses {
  const { window: w, outputs, inputs, signs } = node;
  const rows = classifyAxis(output.height, input.height, w.kernelHeight, w.strideHeight, w.dilationHeight, w.padTop);
  const cols = classifyAxis(output.width, input.width, w.kernelWidth, w.strideWidth, w.dilationWidth, w.padLeft);
  const taps = w.kernelHeight * w.kernelWidth;
  const ones = countOnes(signs, outputs, inputs, taps);
  const lanes = BINARY_LANES * Math.ceil(outputs / BINARY_LANES);
  const base = new Int32Array(rows.inside.length * cols.inside.length * lanes);
  rows.inside.forEach((rowInside, r) => {
    cols.inside.forEach((colInside, c) => {
      const at = (r * cols.inside.length + c) * lanes;
      for (let o = 0; o < outputs; o++) {
        let n = 0;
        for (let t = 0; t < taps; t++) {
          const inside = rowInside[Math.floor(t / w.kernelWidth)]! && colInside[t % w.kernelWidth]!;
          n += inside ? inputs : 2 * ones[o * taps + t]!;
        }
        base[at + o] = n;
      }
    });
  });
  return { rowClass: rows.of, colClass: cols.of, colClasses: cols.inside.length, base };
}

/** [outputs][taps]: how many of a tap's weights are +1. */
function countOnes(signs: Uint8Array, outputs: number, inputs: number, taps: number): Int32Array {
  const ones = new Int32Array(outputs * taps);
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < inputs; c++) {
      const from = (o * inputs + c) * taps;
      for (let t = 0; t < taps; t++) ones[o * taps + t] = ones[o * taps + t]! + signs[from + t]!;
    }
  }
  return ones;
}
