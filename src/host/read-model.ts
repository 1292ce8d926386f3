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
