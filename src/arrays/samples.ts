/**
 * Arrays that a user hands in, held against the shape that the model declares.
 *
 * Flows in: an array and a declared shape, batch axis first. Flows out: whole samples, one after another.
 * Keeps true: what comes out has the model's shape and is finite (contract, clause 1.2).
 */
import { fail } from '../diagnostics/diagnostic.js';
import type { FloatArray } from './npy.js';

export interface Samples {
  readonly data: Float32Array;
  readonly count: number;
}

interface Declared {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Throws DYB003 or DYB005. `source` is for messages. */
export function samplesOfArray(array: FloatArray, declared: Declared, source: string): Samples {
  const [, ...rest] = declared.shape;
  const { shape, data } = array;
  const fits = shape.length === declared.shape.length && rest.every((d, i) => shape[i + 1] === d);
  if (!fits || shape[0] === 0) {
    const missesBatch = shape.length === rest.length && rest.every((d, i) => shape[i] === d);
    fail('DYB003', {
      node: source,
      found: shapeOf(shape),
      supported: batchShape(declared),
      hint: missesBatch
        ? 'the batch axis is missing: save x[None]'
        : 'give float32 data, batch first, channels before rows',
    });
  }
  checkFinite(data, declared, source);
  return { data, count: shape[0]! };
}

/** Raw little-endian float32 without a header: only the size can be checked. */
export function samplesOfRawBytes(bytes: Uint8Array, declared: Declared, source: string): Samples {
  const perSample = sampleSize(declared);
  const count = bytes.length / (4 * perSample);
  if (!Number.isInteger(count) || count === 0) {
    fail('DYB003', {
      node: source,
      found: `${bytes.length} bytes`,
      supported: `a multiple of ${4 * perSample} bytes: float32 ${batchShape(declared)}`,
      hint: 'arrays with a header end in .npy; other names are read as raw little-endian float32',
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const data = new Float32Array(count * perSample);
  for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(4 * i, true);
  checkFinite(data, declared, source);
  return { data, count };
}

export function sampleSize(declared: Pick<Declared, 'shape'>): number {
  return declared.shape.slice(1).reduce((product, d) => product * d, 1);
}

/** "[N, 3, 224, 224]" */
export function batchShape(declared: Pick<Declared, 'shape'>): string {
  return shapeOf(['N', ...declared.shape.slice(1)]);
}

function shapeOf(dims: readonly (number | string)[]): string {
  return `[${dims.join(', ')}]`;
}

/** Throws DYB005 with the first place. */
export function checkFinite(data: Float32Array, declared: Declared, source: string): void {
  const bad = data.findIndex((v) => !Number.isFinite(v));
  if (bad < 0) return;
  const size = sampleSize(declared);
  const place: number[] = [];
  let rest = bad % size;
  for (const d of declared.shape.slice(1).reverse()) {
    place.unshift(rest % d);
    rest = Math.floor(rest / d);
  }
  const others = data.reduce((n, v) => n + (Number.isFinite(v) ? 0 : 1), 0) - 1;
  fail('DYB005', {
    node: source,
    found: `${data[bad]} at ${shapeOf([Math.floor(bad / size), ...place])}${others > 0 ? ` and ${others} more` : ''}`,
    supported: 'finite numbers',
  });
}
