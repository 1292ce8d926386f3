/**
 * Every planted bug, in C and in TypeScript: a line each, and how many were noticed. Ends with 1 where one was not.
 *
 *   npx tsx test/proof/run-mutants.ts [PATTERN]      only those whose name or file matches
 */
import { compileBatch, removeBatch, runBatch } from './c-batch.js';
import { killCMutant, killTypeScriptMutant, type Outcome } from './kill-mutants.js';
import { C_MUTANTS, TYPESCRIPT_MUTANTS } from './mutants.js';
import { buildKernels, defaultToolchain, ownSources } from './toolchain.js';
import { allVectors, checkVector } from './vectors.js';

const pattern = new RegExp(process.argv[2] ?? '', 'i');
const cMutants = C_MUTANTS.filter((m) => pattern.test(m.name) || pattern.test(m.file));
const tsMutants = TYPESCRIPT_MUTANTS.filter((m) => pattern.test(m.name) || pattern.test(m.file));
const tally = { killed: 0, survived: 0, skipped: 0 };

function report(clause: string, name: string, outcome: Outcome): void {
  tally[outcome.kind]++;
  const what = outcome.kind === 'killed' ? outcome.by : outcome.kind === 'skipped' ? outcome.why : '';
  process.stdout.write(
    `${outcome.kind.padEnd(8)}  [${clause}] ${name}${what === '' ? '' : `\n            ${what.slice(0, 240).replace(/\n/g, ' ')}`}\n`,
  );
}

if (cMutants.length > 0) {
  const items = allVectors().flatMap((vector) => {
    const checked = checkVector(vector);
    return checked.kind === 'ready' ? [checked.item] : [];
  });
  const batch = await compileBatch(items);
  try {
    const { differences, sets } = await runBatch(batch, await buildKernels(defaultToolchain, ownSources()));
    if (differences.size > 0) throw new Error(`without any change: ${[...differences.values()][0]}`);
    for (const mutant of cMutants)
      report(mutant.clause, `${mutant.file}: ${mutant.name}`, await killCMutant(mutant, batch, sets));
  } finally {
    removeBatch(batch);
  }
}
for (const mutant of tsMutants)
  report(mutant.clause, `${mutant.file}: ${mutant.name}`, await killTypeScriptMutant(mutant));
const run = tally.killed + tally.survived;
process.stdout.write(`${tally.killed} of ${run} killed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''}\n`);
process.exitCode = tally.survived > 0 ? 1 : 0;
