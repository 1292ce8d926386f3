/**
 * Every small change to the contract's executable form, to lower and to optimize, one at a time, by rule: which of them neither
 * the vectors nor random networks tell from the original, with their line.
 *
 *   npx tsx test/proof/generated-mutants-typescript.ts [PATTERN]      files below src, default: src/contract
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/host/package-root.js';
import { generate } from './generate-mutants.js';
import { killChangedFile } from './kill-mutants.js';
import { inParallel } from './toolchain.js';

/** Files that only integers go through. */
const INTEGERS = /\/fixed\/|\/(fixed|int8)[^/]*$/;

const pattern = new RegExp(process.argv[2] ?? 'contract/');
const files = ['contract', 'fixed', 'lower', 'optimize', 'simulate']
  .flatMap((folder) => readdirSync(join(PACKAGE_ROOT, 'src', folder)).map((name) => `src/${folder}/${name}`))
  .filter((path) => path.endsWith('.ts') && pattern.test(path));
const mutants = files.flatMap((path) => generate(path, readFileSync(join(PACKAGE_ROOT, path), 'utf8')));
const tally = { killed: 0, survived: 0 };
process.stdout.write(`${mutants.length} changes in ${files.length} files\n`);
await inParallel(
  mutants.map((m) => async () => {
    const outcome = await killChangedFile(m.file, m.text, INTEGERS.test(m.file) ? 'integers' : 'reference').catch(
      (error: unknown) => ({ kind: 'killed', by: String(error) }) as const,
    );
    if (outcome.kind === 'survived')
      process.stdout.write(`survived  ${m.file}:${m.line}\n            ${m.before}\n            ${m.after}\n`);
    tally[outcome.kind === 'survived' ? 'survived' : 'killed']++;
  }),
);
process.stdout.write(`${tally.killed} of ${tally.killed + tally.survived} killed\n`);
