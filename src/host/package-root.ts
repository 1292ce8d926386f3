/** Where the package lies: the folder above dist/ when installed, above src/ when run by the tests. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PACKAGE_ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where a build leaves the commit for those who install the package. */
export const COMMIT_FILE = join('dist', 'commit.txt');

/** The commit that this code is of, seven digits: of the checkout, or what the package was built from. */
export function packageCommit(root = PACKAGE_ROOT): string | undefined {
  return checkoutCommit(root) ?? recordedCommit(root);
}

function recordedCommit(root: string): string | undefined {
  try {
    return /^[0-9a-f]{7}$/m.exec(readFileSync(join(root, COMMIT_FILE), 'utf8'))?.[0];
  } catch {
    return undefined;
  }
}

/** Undefined in an installed package. */
export function checkoutCommit(root = PACKAGE_ROOT): string | undefined {
  const read = (...path: string[]): string => readFileSync(join(root, '.git', ...path), 'utf8');
  try {
    const head = read('HEAD').trim();
    const ref = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
    const hash = ref === undefined ? head : readRef(ref, read);
    return /^[0-9a-f]{40,64}$/.test(hash) ? hash.slice(0, 7) : undefined;
  } catch {
    return undefined;
  }
}

function readRef(ref: string, read: (...path: string[]) => string): string {
  try {
    return read(ref).trim();
  } catch {
    const line = read('packed-refs')
      .split('\n')
      .find((l) => l.endsWith(` ${ref}`));
    return line?.split(' ')[0] ?? '';
  }
}
