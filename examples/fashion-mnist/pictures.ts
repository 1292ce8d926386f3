/** The 1,000 test pictures and labels that come with the example. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const HERE = import.meta.dirname;
export const SIDE = 28;

/** What follows an IDX header of `header` bytes. */
function readIdx(name: string, header: number): Uint8Array {
  return gunzipSync(readFileSync(join(HERE, 'data', name))).subarray(header);
}

export interface Pictures {
  readonly count: number;
  /** [count][28][28] */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  /** The pixels scaled to 0..1, as the networks take them. */
  readonly inputs: Float32Array;
}

export function readPictures(): Pictures {
  const pixels = readIdx('test-1000-images.idx3-ubyte.gz', 16);
  const labels = readIdx('test-1000-labels.idx1-ubyte.gz', 8);
  return { count: labels.length, pixels, labels, inputs: Float32Array.from(pixels, (v) => v / 255) };
}
