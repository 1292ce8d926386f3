/**
 * Templates and hardware sources from the package's own folders, for back ends that see no file system.
 *
 * Flows in: the package's root. Flows out: Assets, read when asked for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assets } from '../target/files.js';
import { PACKAGE_ROOT } from './package-root.js';

/** What a generated project is made of; tests, notes and what a build left behind stay here. */
const SOURCE = /\.(c|h|S|cpp|hpp|tcl|py|md|json)$/;
const NOT_COPIED = new Set(['test', 'tests', 'build']);

export function loadAssets(root = PACKAGE_ROOT): Assets {
  const folders = new Map<string, ReadonlyMap<string, string>>();
  return {
    template: (path) => readFileSync(join(root, 'templates', path), 'utf8'),
    hardware: (folder) => {
      const known = folders.get(folder);
      if (known) return known;
      const files = new Map<string, string>();
      collect(join(root, 'hw', folder), '', files);
      folders.set(folder, files);
      return files;
    },
  };
}

function collect(folder: string, prefix: string, files: Map<string, string>): void {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) {
      if (!NOT_COPIED.has(entry.name)) collect(join(folder, entry.name), `${path}/`, files);
    } else if (SOURCE.test(entry.name)) {
      files.set(path, readFileSync(join(folder, entry.name), 'utf8'));
    }
  }
}
