/** Arrays in files: `.npy`, or raw little-endian float32 under any other name. */
import { writeFileSync } from 'node:fs';
import { readNpy, writeNpy } from '../arrays/npy.js';
import { type Samples, samplesOfArray, samplesOfRawBytes } from '../arrays/samples.js';
import type { DeclaredArray } from '../program/program.js';
import { readUserFile } from './read-file.js';
import { onDisk } from './write-file.js';

export function readSamples(path: string, declared: DeclaredArray): Samples {
  const bytes = readUserFile(path);
  if (isNpy(path)) return samplesOfArray(readNpy(bytes, path), declared, path);
  return samplesOfRawBytes(bytes, declared, path);
}

export function writeArray(path: string, shape: readonly number[], data: Float32Array): void {
  writeUserFile(path, isNpy(path) ? writeNpy({ shape, data }) : rawBytes(data));
}

export function writeUserFile(path: string, bytes: Uint8Array | string): void {
  onDisk(path, () => writeFileSync(path, bytes));
}

/** Little-endian float32, whatever the machine. */
export function rawBytes(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * data.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) view.setFloat32(4 * i, data[i]!, true);
  return bytes;
}

export function isNpy(path: string): boolean {
  return /\.npy$/i.test(path);
}
