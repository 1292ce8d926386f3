/**
 * A checksum of what a step left in a buffer: two 32-bit lanes over 32-bit words, the same as hw/runner/dybnn_runner.c.
 * Real buffers: the bits of each float in memory order; int16 and int32 ones: each value with its sign in 32 bits. Packed maps: low, then high half of each word, borders left out.
 */
import { pixelOffset } from '../contract/packing.js';
import type { BufferContents } from '../simulate/simulate.js';
import { wordsOf } from './program.js';

class Checksum {
  private a = 0x811c9dc5;
  private b = 0x9747b28c | 0;

  add(words: Uint32Array): void {
    let { a, b } = this;
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      a = Math.imul(a ^ word, 0x01000193);
      b = Math.imul(((b << 5) | (b >>> 27)) ^ word, 0x9e3779b1);
    }
    this.a = a;
    this.b = b;
  }

  get hex(): string {
    return [this.a, this.b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/** Sixteen hexadecimal digits. */
export function checksum(contents: BufferContents): string {
  const sum = new Checksum();
  if (contents.kind === 'real') {
    const { data } = contents;
    sum.add(new Uint32Array(data.buffer, data.byteOffset, data.length));
    return sum.hex;
  }
  if (contents.kind !== 'packed') {
    sum.add(Uint32Array.from(contents.data));
    return sum.hex;
  }
  const { map } = contents;
  const rowHalfWords = 2 * wordsOf(map.shape.channels) * map.shape.width;
  for (let y = 0; y < map.shape.height; y++) {
    const start = pixelOffset(map, y, 0);
    sum.add(map.data.subarray(start, start + rowHalfWords));
  }
  return sum.hex;
}
