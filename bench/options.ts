/** The command line of the benchmark. */
import { parseArgs } from 'node:util';
import type { Settings } from './measure-network.js';
import { chosen, type Subject, subjects } from './subjects.js';

export interface Options {
  readonly markdown: boolean;
  /** Takes the projects that the last run left, without building them again. */
  readonly prepared: boolean;
  readonly settings: Settings;
  readonly subjects: readonly Subject[];
  /** All networks, not quick: what may replace the results in the repository. */
  readonly whole: boolean;
}

export const USAGE = `usage: npm run bench -- [--quick] [--network NAME]... [--runs N] [--prepared]
       npm run bench -- --markdown

  --quick           fewer and shorter rounds, no scalar build, no int8
  --network NAME    only this one; may be given again
  --runs N          rounds (15; quick: 3)
  --prepared        measure the projects that the last run left in bench-out/, build nothing
  --markdown        print the last whole runs as tables for a README, measure nothing
`;

/** Throws an Error with a sentence for the user; null where help is asked for. */
export function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      network: { type: 'string', multiple: true, default: [] },
      runs: { type: 'string' },
      prepared: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const networks = chosen(subjects(), values.network, 'network');
  const rounds = values.runs === undefined ? (values.quick ? 3 : 15) : Number(values.runs);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--runs takes a whole number of rounds, 1 or more');
  return {
    markdown: values.markdown,
    prepared: values.prepared,
    settings: { rounds, batchMs: values.quick ? 60 : 150, quick: values.quick },
    subjects: networks,
    whole: values.network.length === 0 && !values.quick,
  };
}
