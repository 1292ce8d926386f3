/** Files that the user names. Whatever is wrong with them is DYB001. */
import { readFileSync } from 'node:fs';
import { fail } from '../diagnostics/diagnostic.js';
import { describeFileError } from './file-errors.js';

export function readUserFile(path: string): Uint8Array {
  try {
    const bytes = readFileSync(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    const found = describeFileError(error);
    if (found === null) throw error;
    return fail('DYB001', { node: path, found });
  }
}
