/** A file that appears whole: whoever reads it finds the old or the new. What is wrong is DYB008. */
import { accessSync, constants, existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fail } from '../diagnostics/diagnostic.js';
import { cleanUpOnExit } from './cleanup.js';
import { describeFileError } from './file-errors.js';

export function replaceFile(path: string, content: string | Uint8Array): void {
  onDisk(path, () => {
    const target = existsSync(path) ? realpathSync(path) : path;
    // A pipe or a device has no other to take its place.
    if (existsSync(target) && !statSync(target).isFile()) {
      writeFileSync(target, content);
      return;
    }
    const draft = `${target}.${process.pid}.tmp`;
    const remove = (): void => rmSync(draft, { force: true });
    const forget = cleanUpOnExit(remove);
    try {
      writeFileSync(draft, content);
      renameSync(draft, target);
    } finally {
      forget();
      remove();
    }
  });
}

/** Throws DYB008 where `replaceFile` would for want of a folder or of permission; call it before work that takes long. */
export function checkReplaceable(path: string): void {
  onDisk(path, () => {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) fail('DYB008', { node: path, found: 'it is a folder' });
    // A pipe or a device is written to as it is.
    if (there && !there.isFile()) return;
    const folder = dirname(resolve(path));
    if (!statSync(folder).isDirectory()) fail('DYB008', { node: path, found: `${dirname(path)} is not a folder` });
    accessSync(folder, constants.W_OK | constants.X_OK);
  });
}

/** The operating system's errors as DYB008. */
export function onDisk<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const found = describeFileError(error);
    if (found === null) throw error;
    return fail('DYB008', { node: path, found });
  }
}
