/**
 * NumPy's .npy format, version 1.0 (numpy.lib.format), float32 in C order: the one form in which arrays come and go.
 * A reader of fifty lines, because the packages on npm that read the format neither write it nor check sizes.
 */
import { fail } from '../diagnostics/diagnostic.js';

export interface FloatArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export interface NpyHeader {
  /** NumPy's type string: '<f4', '|u1'. */
  readonly descr: string;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly start: number;
}

/** `name` is for messages. Throws DYB004. */
export function readNpy(bytes: Uint8Array, name: string): FloatArray {
  const { descr, shape, start } = readNpyHeader(bytes, name);
  if (descr !== '<f4' && descr !== '>f4') return broken(name, `element type ${descr.slice(0, 20)}`);
  const count = shape.reduce((product, d) => product * d, 1);
  if (!Number.isSafeInteger(count) || bytes.length - start !== 4 * count) {
    return broken(name, `${bytes.length - start} bytes of data for shape (${shape.join(', ')})`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = view.getFloat32(start + 4 * i, descr === '<f4');
  return { shape, data };
}

/** Of an array in C order. Throws DYB004. */
export function readNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  if (bytes.length < 12 || MAGIC.some((b, i) => bytes[i] !== b)) return broken(name, 'no .npy header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const long = bytes[6]! >= 2;
  const headerBytes = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (long ? 12 : 10) + headerBytes;
  if (start > bytes.length) return broken(name, 'a header that ends past the file');
  const header = new TextDecoder('latin1').decode(bytes.subarray(long ? 12 : 10, start));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (descr === undefined || shapeText === undefined) return broken(name, 'a header that is not understood');
  if (!/'fortran_order':\s*False/.test(header)) return broken(name, 'Fortran order');
  const shape = shapeText.split(',').flatMap((d) => (d.trim() === '' ? [] : [Number.parseInt(d, 10)]));
  return { descr, shape, start };
}

function broken(name: string, found: string): never {
  return fail('DYB004', {
    node: name,
    found,
    supported: 'float32, C order',
    hint: 'numpy.save(path, x.astype(numpy.float32))',
  });
}

export function writeNpy(array: FloatArray): Uint8Array {
  const { shape, data } = array;
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + header.length + 4 * data.length);
  bytes.set([...MAGIC, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) view.setFloat32(10 + header.length + 4 * i, data[i]!, true);
  return bytes;
}
