/**
 * IDX, the format of MNIST and its kin (two zero bytes, a type, a rank, big-endian dimensions, data), as it is or gzipped.
 */
import { gunzipSync } from 'node:zlib';
import { fail } from '../diagnostics/diagnostic.js';

export interface IdxBytes {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
/** Unpacked bytes at most; a small gzip file can unpack to anything. */
const MAX_BYTES = 2 ** 31 - 1;

export function isIdxName(name: string): boolean {
  return /idx[134]-ubyte(\.gz)?$/i.test(name) || /\.idx(\.gz)?$/i.test(name);
}

/** Throws DYB503. */
export function readIdx(bytes: Uint8Array, name: string, rank: number): IdxBytes {
  const broken = (found: string): never =>
    fail('DYB503', {
      node: name,
      title: 'IDX file cannot be read',
      found,
      supported: `IDX of unsigned bytes with ${rank} dimension${rank === 1 ? '' : 's'}, or the same gzipped`,
    });
  let plain = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      plain = gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
    } catch (error) {
      return broken(`gzip data that cannot be unpacked (${error instanceof Error ? error.message : 'damaged'})`);
    }
  }
  if (plain.length < 4 || plain[0] !== 0 || plain[1] !== 0) return broken('no IDX header');
  if (plain[2] !== UNSIGNED_BYTE) return broken(`element type 0x${plain[2]!.toString(16).padStart(2, '0')}`);
  if (plain[3] !== rank) return broken(`${plain[3]} dimensions`);
  const start = 4 + 4 * rank;
  if (plain.length < start) return broken('a header that ends past the file');
  const view = new DataView(plain.buffer, plain.byteOffset, plain.length);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i, false));
  const count = shape.reduce((product, d) => product * d, 1);
  if (plain.length - start !== count)
    return broken(`${plain.length - start} bytes of data for shape (${shape.join(', ')})`);
  return { shape, data: plain.subarray(start) };
}
