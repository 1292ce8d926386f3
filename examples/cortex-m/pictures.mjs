// node pictures.mjs N OUT.npy [FIRST] - N pictures of the Fashion-MNIST test set, scaled to 0..1, as the model takes them.
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { writeNpy } from '../../dist/index.js';

const [count, out, first] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4] ?? 0)];
const file = new URL('../fashion-mnist/data/test-1000-images.idx3-ubyte.gz', import.meta.url);
const pixels = gunzipSync(readFileSync(file)).subarray(16 + first * 784, 16 + (first + count) * 784);
writeFileSync(out, writeNpy({ shape: [count, 1, 28, 28], data: Float32Array.from(pixels, (v) => v / 255) }));
