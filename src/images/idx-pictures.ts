/**
 * The pictures of an IDX file (MNIST and its kin: one channel of 8 bits) as samples of a model.
 *
 * Flows in: the file's bytes and the model's input shape. Flows out: each picture as float32, channels first, made when asked for.
 */
import type { DeclaredArray } from '../program/program.js';
import { readIdx } from './idx.js';
import { loadSharp } from './load-sharp.js';
import { normalize, type Preprocessing } from './preprocessing.js';
import { checkSize, fitted, pictureShape } from './read-picture.js';

export interface IdxPictures {
  readonly count: number;
  readonly sample: (index: number) => Promise<Float32Array>;
}

export function idxPictures(
  bytes: Uint8Array,
  name: string,
  declared: DeclaredArray,
  preprocessing: Preprocessing,
): IdxPictures {
  const { channels, ...size } = pictureShape(declared, name);
  const { shape, data } = readIdx(bytes, name, 3);
  const [count = 0, height = 0, width = 0] = shape;
  const { resize } = preprocessing;
  checkSize(name, { width, height }, size, width * height === 0 ? null : resize);
  const area = width * height;
  return {
    count,
    sample: async (i) => {
      const pixels = data.subarray(i * area, (i + 1) * area);
      const sized = resize === null ? pixels : await resized(pixels);
      return normalize({ data: sized, ...size, channels: 1, maximum: 255 }, channels, preprocessing);
    },
  };

  async function resized(pixels: Uint8Array): Promise<Uint8Array> {
    const sharp = await loadSharp(name);
    const picture = sharp(pixels, { raw: { width, height, channels: 1 } });
    return fitted(picture, name, { width, height }, size, resize).toColourspace('b-w').raw().toBuffer();
  }
}
