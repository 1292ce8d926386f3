/** Some planted bugs in the compiler itself, each noticed by the check that is there for it (all: npm run proof:mutants). */
import { expect, test } from 'vitest';
import { killTypeScriptMutant } from './kill-mutants.js';
import { TYPESCRIPT_MUTANTS } from './mutants.js';

test.each(TYPESCRIPT_MUTANTS.filter((m) => m.quick))(
  'planted in $file: $name',
  async (mutant) => {
    expect(await killTypeScriptMutant(mutant)).toMatchObject({ kind: 'killed' });
  },
  300_000,
);
