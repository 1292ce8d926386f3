/** A file that appears whole: whoever reads it finds the old or the new. What is wrong is DYB008. */
import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
