/**
 * In a checkout, `npx dybnn-compile` shall find this very package: npm links the commands of dependencies, not the package's
 * own. Run by the `prepare` script after the build; where a link cannot be made, npx still finds the package by itself, only
 * slower.
 */
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from './package-root.js';

const main = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');
const folder = join(PACKAGE_ROOT, 'node_modules', '.bin');
const link = join(folder, 'dybnn-compile');

if (process.platform !== 'win32' && existsSync(main)) {
  try {
    chmodSync(main, 0o755);
    mkdirSync(folder, { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(join('..', '..', 'dist', 'cli', 'main.js'), link);
  } catch {
    // A read-only checkout.
  }
}
