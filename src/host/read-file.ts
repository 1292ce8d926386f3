/** Files that the user names. Whatever is wrong with them is DYB001. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail } from '../diagnostics/diagnostic.js';
import { nearest } from '../text/suggest.js';
import { describeFileError, errorCode } from './file-errors.js';

export function readUserFile(path: string): Uint8Array {
  try {
    const bytes = readFileSync(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    const found = describeFileError(error);
    if (found === null) throw error;
    const near = errorCode(error) === 'ENOENT' ? nearFile(path) : undefined;
    return fail('DYB001', { node: path, found, ...(near === undefined ? {} : { hint: `did you mean ${near}?` }) });
  }
}

/** A file of its folder whose name differs by a slip. */
function nearFile(path: string): string | undefined {
  try {
    const folder = dirname(path);
    const name = nearest(basename(path), readdirSync(folder), Math.max(1, Math.floor(basename(path).length / 5)));
    return name === undefined ? undefined : folder === '.' ? name : join(folder, name);
  } catch {
    return undefined;
  }
}
