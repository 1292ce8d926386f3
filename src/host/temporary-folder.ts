/** A folder that is gone when it is no longer needed, or when the process ends early. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanUpOnExit } from './cleanup.js';

export interface TemporaryFolder {
  readonly path: string;
  readonly remove: () => void;
}

export function temporaryFolder(purpose: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `dybnn-${purpose}-${process.pid}-`));
  const erase = (): void => rmSync(path, { recursive: true, force: true });
  const forget = cleanUpOnExit(erase);
  return {
    path,
    remove: () => {
      forget();
      erase();
    },
  };
}
