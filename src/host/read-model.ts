/** A model file with its external data, ready for the core. */
import { basename } from 'node:path';
import type { ReadExternal } from '../onnx/index.js';
import { externalDataBeside } from '../onnx/node-external-data.js';
import { readUserFile } from './read-file.js';

export interface ModelFile {
  readonly bytes: Uint8Array;
  /** The file's name without its folder: what messages and comments call the model. */
  readonly modelName: string;
  readonly readExternal: ReadExternal;
}

export function readModel(path: string): ModelFile {
  const bytes = readUserFile(path);
  return { bytes, modelName: basename(path), readExternal: externalDataBeside(path) };
}

/** Counts the bytes that `readExternal` hands out. */
export function countExternal(file: ModelFile): { readonly file: ModelFile; readonly bytes: () => number } {
  let total = 0;
  const readExternal: ReadExternal = (location, offset, length) => {
    const read = file.readExternal(location, offset, length);
    if (read.kind === 'bytes') total += read.bytes.length;
    return read;
  };
  return { file: { ...file, readExternal }, bytes: () => total };
}
