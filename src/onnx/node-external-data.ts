/**
 * External data from the model's own folder, for Node.
 *
 * Flows in: the model's path. Flows out: a ReadExternal.
 * Keeps true: only regular files whose real path (links followed) is inside the model's folder are opened; only the range
 * that a tensor needs is read.
 */
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { ExternalRead, ReadExternal } from './external-data.js';

export function externalDataBeside(modelPath: string): ReadExternal {
  const folder = realpathSync(dirname(resolve(modelPath)));
  return (location, offset, length) => {
    const path = insideFolder(folder, location);
    return path.kind === 'refused' ? path : readRange(path.path, offset, length);
  };
}

type Inside =
  | { readonly kind: 'inside'; readonly path: string }
  | { readonly kind: 'refused'; readonly reason: string };

function insideFolder(folder: string, location: string): Inside {
  let path: string;
  try {
    path = realpathSync(resolve(folder, location));
  } catch {
    return { kind: 'refused', reason: 'the file does not exist' };
  }
  const inside = relative(folder, path);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    return { kind: 'refused', reason: "its path leaves the model's folder" };
  }
  return { kind: 'inside', path };
}

function readRange(path: string, offset: number, length: number): ExternalRead {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return { kind: 'refused', reason: 'the file may not be read' };
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return { kind: 'refused', reason: 'it is not a regular file' };
    if (offset + length > stat.size) {
      return {
        kind: 'refused',
        reason: `the file is too short: ${offset + length} bytes are needed, it has ${stat.size}`,
      };
    }
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = readSync(file, bytes, done, length - done, offset + done);
      if (count === 0) return { kind: 'refused', reason: 'the file became shorter while it was read' };
      done += count;
    }
    return { kind: 'bytes', bytes };
  } catch {
    return { kind: 'refused', reason: 'the file cannot be read' };
  } finally {
    closeSync(file);
  }
}
