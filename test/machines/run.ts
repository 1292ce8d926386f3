/**
 * The same bits on other processors, from other compilers, at every level of optimization; refusals where the bits would be
 * others; sanitizers, valgrind and static checks. One command:
 *
 *   npx tsx test/machines/run.ts [--install] [--list] [PATTERN]
 *
 * --install fetches what is missing from Debian (apt-get, needs root). Without it, what a missing tool keeps from running is
 * skipped, and says which tool. PATTERN picks by name. Ends with 1 where something failed.
 */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import type { BatchItem } from '../proof/c-batch.js';
import { checkPlan } from '../proof/check-networks.js';
import { networkPlans } from '../proof/network-arbitrary.js';
import { allVectors, checkVector } from '../proof/vectors.js';
import { CHECKS, type Check } from './checks.js';

const args = process.argv.slice(2);
const pattern = new RegExp(args.find((a) => !a.startsWith('--')) ?? '', 'i');
const chosen = CHECKS.filter((check) => pattern.test(check.name));

/** Everything once: the contract's vectors, what once went wrong, and random networks. */
function allItems(): readonly BatchItem[] {
  const checked = [
    ...allVectors().map(checkVector),
    ...fc.sample(networkPlans, { seed: 77, numRuns: 60 }).map(checkPlan),
  ];
  return checked.flatMap((c) => {
    if (c.kind === 'wrong') throw new Error(c.text);
    return c.kind === 'ready' ? [c.item] : [];
  });
}

function missingTool(check: Check): string | null {
  return check.tools.find((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) ?? null;
}

if (args.includes('--list')) {
  for (const check of chosen) process.stdout.write(`${check.name}\n`);
  process.exit(0);
}
if (args.includes('--install')) {
  const packages = [...new Set(chosen.filter((c) => missingTool(c) !== null).flatMap((c) => c.packages))];
  if (packages.length > 0) {
    const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
    process.stdout.write(`${command.join(' ')}\n`);
    if (spawnSync(command[0]!, command.slice(1), { stdio: 'inherit' }).status !== 0)
      process.stdout.write('not installed\n');
  }
}

const items = allItems();
const tally = { passed: 0, FAILED: 0, skipped: 0 };
for (const check of chosen) {
  const tool = missingTool(check);
  const started = Date.now();
  const [outcome, words] = await (tool === null
    ? check.run(items).then(
        (said): readonly ['passed', string] => ['passed', said],
        (error: unknown): readonly ['FAILED', string] => [
          'FAILED',
          error instanceof Error ? error.message : String(error),
        ],
      )
    : Promise.resolve(['skipped', `${tool} is not installed (apt-get install ${check.packages.join(' ')})`] as const));
  tally[outcome]++;
  process.stdout.write(
    `${outcome.padEnd(8)} ${check.name}: ${words.slice(0, 1500)} (${Math.round((Date.now() - started) / 1000)} s)\n`,
  );
}
process.stdout.write(`${tally.passed} passed, ${tally.FAILED} failed, ${tally.skipped} skipped\n`);
process.exitCode = tally.FAILED > 0 ? 1 : 0;
