/** Some planted bugs in the compiler itself, each noticed by the check that is there for it (all: npm run proof:mutants). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/host/package-root.js';
import { killTypeScriptMutant } from './kill-mutants.js';
import { C_MUTANTS, TYPESCRIPT_MUTANTS } from './mutants.js';
import { patch } from './patch.js';

test('every planted bug finds the text that it changes', () => {
  const kernels = C_MUTANTS.map((m) => ({ ...m, file: join('hw/cpu', m.file) }));
  const stale = [...kernels, ...TYPESCRIPT_MUTANTS].filter(({ file, name, edits }) => {
    const text = readFileSync(join(PACKAGE_ROOT, file), 'utf8');
    try {
      return patch(text, edits, name) === text;
    } catch {
      return true;
    }
  });
  expect(stale.map((m) => m.name)).toEqual([]);
});

test.each(TYPESCRIPT_MUTANTS.filter((m) => m.quick))(
  'planted in $file: $name',
  async (mutant) => {
    expect(await killTypeScriptMutant(mutant)).toMatchObject({ kind: 'killed' });
  },
  300_000,
);
