/**
 * npm run bench: how fast the generated C is, against ONNX Runtime in the same run and against the processor's own bounds.
 *
 * Flows in: the networks of subjects.ts. Flows out: tables on the terminal, results/SET.json and results/SET.svg after a whole run
 * (bench-out/ after a partial one), SET being the kernels that this processor chose.
 * Keeps true: no time is shown for a program whose bits were not checked against the simulator's.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../src/host/package-root.js';
import { chartSvg } from './chart.js';
import { describeMachine, type Machine, measurePeaks } from './machine.js';
import { markdown } from './markdown.js';
import { measureNetwork } from './measure-network.js';
import { type Options, readOptions, USAGE } from './options.js';
import { loadPrepared, objectsIn, prepareNetwork } from './prepare-network.js';
import { type NetworkResult, type Results, resultsJson } from './results.js';
import { machineText, networkText, summaryText } from './terminal-report.js';

const WORK = join(PACKAGE_ROOT, 'bench-out');
const RESULTS = join(PACKAGE_ROOT, 'bench', 'results');
/** What this benchmark calls its results: the README shows those of several processors. */
const nameOf = ({ networks }: Results): string => networks[0]?.kernels ?? 'none';

async function main(): Promise<number> {
  let options: Options | null;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  return options.markdown ? printMarkdown() : bench(options);
}

function printMarkdown(): number {
  const files = readdirSync(RESULTS).filter((file) => file.endsWith('.json') && file !== 'accelerators.json');
  for (const file of files) {
    const results = JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as Results;
    process.stdout.write(`${markdown(results, `bench/results/${nameOf(results)}.svg`)}\n`);
  }
  return 0;
}

async function bench({ subjects, settings, prepared, whole }: Options): Promise<number> {
  mkdirSync(WORK, { recursive: true });
  if (!prepared) rmSync(objectsIn(WORK), { recursive: true, force: true });
  const machine = describeMachine();
  const peaks = measurePeaks(join(WORK, 'tools'));
  process.stdout.write(`${machineText({ machine, peaks })}\n`);

  const networks: NetworkResult[] = [];
  const outdated: string[] = [];
  for (const subject of subjects) {
    progress(`${subject.name}: compile and build`);
    const made = prepared
      ? loadPrepared(subject, WORK)
      : prepareNetwork(subject, isas(machine, settings.quick), WORK, machine.dybnnCompile);
    if (made.compiler !== machine.dybnnCompile) outdated.push(`${subject.name} by ${made.compiler}`);
    progress(`${subject.name}: ${settings.rounds} rounds`);
    const result = await measureNetwork(subject, made, settings, peaks);
    progress('');
    process.stdout.write(`${networkText(result)}\n`);
    networks.push(result);
  }
  const date = new Date().toISOString().slice(0, 10);
  const results: Results = { date, machine, peaks, rounds: settings.rounds, networks };
  process.stdout.write(summaryText(results));

  if (outdated.length > 0) {
    process.stdout.write(`\nbuilt by another version, so not for the repository's results: ${outdated.join(', ')}\n`);
  }
  const folder = whole && outdated.length === 0 ? RESULTS : WORK;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${nameOf(results)}.json`), resultsJson(results));
  writeFileSync(join(folder, `${nameOf(results)}.svg`), chartSvg(results));
  return 0;
}

/** Instruction sets to build for besides the one that the processor itself chooses. */
function isas({ features }: Machine, quick: boolean): readonly string[] {
  const wide = features.includes('avx512_vpopcntdq') ? ['avx512', 'avx2'] : [];
  return [...wide, ...(quick ? [] : ['scalar'])];
}

/** One line that is written over, on a terminal only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

process.exitCode = await main();
