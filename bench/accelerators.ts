/**
 * npm run accelerators: the networks of the benchmark on every board: what the hardware back end makes of them, and whether its C++ computes
 * the simulator's bits in the schedule's cycles.
 *
 * Flows in: subjects.ts, hw/boards. Flows out: a table on the terminal, results/accelerators.json after a whole run.
 * Keeps true: speeds and sizes are estimates and say so; only bits and cycles are simulated.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { speedText } from '../src/cli/render-design.js';
import { compile } from '../src/compile.js';
import { DiagnosticError } from '../src/diagnostics/diagnostic.js';
import { loadAssets } from '../src/host/load-assets.js';
import { PACKAGE_ROOT } from '../src/host/package-root.js';
import { writeProject } from '../src/host/write-project.js';
import type { Assets } from '../src/target/files.js';
import { readBoards } from '../src/target/hls/board.js';
import type { Board, Design, ResourceName } from '../src/target/hls/types.js';
import { tryRun } from './processes.js';
import { chosen, identifierOf, type Subject, subjects } from './subjects.js';

const WORK = join(PACKAGE_ROOT, 'bench-out', 'accelerators');
const RESULTS = join(PACKAGE_ROOT, 'bench', 'results', 'accelerators.json');
const USAGE = `usage: npm run accelerators -- [--network NAME]... [--board NAME]... [--no-csim]\n`;
const GOLDEN_SAMPLES = 2;

interface Row {
  readonly network: string;
  readonly board: string;
  readonly clockMhz: number;
  readonly estimated: {
    readonly picturesPerSecond: number;
    readonly runMs: number;
    readonly pictures: number;
    readonly shares: Readonly<Partial<Record<ResourceName, number>>>;
    readonly ddrBytes: number;
    readonly ddrMs: number;
    readonly cyclesMs: number;
  };
  readonly engine: Design['config'];
  /** What `make csim` counted; null: not run. */
  readonly simulated: { readonly passed: number; readonly failed: number; readonly cycles: number } | null;
  readonly seconds: { readonly compile: number; readonly csim: number };
}

interface Options {
  readonly networks: readonly Subject[];
  readonly boards: readonly Board[];
  readonly csim: boolean;
  /** Neither network nor board was named. */
  readonly whole: boolean;
}

/** Throws an Error with a sentence for the user; null where help is asked for. */
function readOptions(assets: Assets): Options | null {
  const { values } = parseArgs({
    options: {
      network: { type: 'string', multiple: true, default: [] },
      board: { type: 'string', multiple: true, default: [] },
      'no-csim': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  return {
    networks: chosen(subjects(), values.network, 'network'),
    boards: chosen(readBoards(assets), values.board, 'board'),
    csim: !values['no-csim'],
    whole: values.network.length === 0 && values.board.length === 0,
  };
}

function main(): number {
  const assets = loadAssets();
  let options: Options | null;
  try {
    options = readOptions(assets);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { networks, boards, csim, whole } = options;
  const rows: Row[] = [];
  process.stdout.write(HEAD);
  for (const subject of networks) {
    for (const board of boards) {
      try {
        const row = measure(subject, board, assets, csim);
        rows.push(row);
        process.stdout.write(lineOf(row));
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw error;
        const { title, found } = error.diagnostics[0]!;
        process.stdout.write(`| ${subject.name} | ${board.name} | ${title}: ${found ?? ''} |\n`);
      }
    }
  }
  if (whole && csim) {
    writeFileSync(RESULTS, `${JSON.stringify(rows, null, 1)}\n`);
  }
  return rows.every((r) => r.simulated === null || r.simulated.failed === 0) ? 0 : 1;
}

function measure(subject: Subject, board: Board, assets: Assets, csim: boolean): Row {
  const id = identifierOf(subject);
  const start = performance.now();
  const options = { modelName: `${id}.onnx`, target: 'hls', board: board.name, golden: GOLDEN_SAMPLES } as const;
  const { design, files } = compile(subject.model(), options, assets);
  const compiled = performance.now();
  const { schedule, resources, config, clockMhz } = design!;
  const folder = join(WORK, `${id}-${board.name}`);
  let simulated: Row['simulated'] = null;
  if (csim) {
    mkdirSync(WORK, { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    writeProject(folder, files);
    simulated = simulate(folder);
  }
  const names = (Object.keys(board.budget) as ResourceName[]).filter((name) => board.budget[name] > 0);
  return {
    network: subject.name,
    board: board.name,
    clockMhz,
    estimated: {
      picturesPerSecond: schedule.imagesPerSecond,
      runMs: 1000 * schedule.seconds,
      pictures: schedule.pictures,
      shares: Object.fromEntries(names.map((name) => [name, resources.total[name] / board.budget[name]])),
      ddrBytes: schedule.bytes / schedule.pictures,
      ddrMs: 1000 * schedule.roofline.ddrSeconds,
      cyclesMs: 1000 * schedule.roofline.cyclesSeconds,
    },
    engine: config,
    simulated,
    seconds: { compile: (compiled - start) / 1000, csim: (performance.now() - compiled) / 1000 },
  };
}

/** The test bench's own count; a run that ends without one has failed. */
function simulate(folder: string): NonNullable<Row['simulated']> {
  const out = tryRun('make', ['--silent', '-C', folder, 'csim']) ?? '';
  const counted = /(\d+) passed, (\d+) failed/.exec(out);
  const cycles = /(\d+) cycles a run/.exec(out);
  if (!counted || !cycles) return { passed: 0, failed: 1, cycles: 0 };
  return { passed: Number(counted[1]), failed: Number(counted[2]), cycles: Number(cycles[1]) };
}

const COLUMNS = [
  ...['network', 'board', 'MHz', 'pictures/s, estimated', 'a run', 'memory traffic a picture', 'cycles : memory'],
  ...['LUT', 'FF', 'BRAM', 'URAM', 'DSP', 'bits and cycles, simulated'],
];
const HEAD = `| ${COLUMNS.join(' | ')} |\n|${COLUMNS.map((_, i) => (i < 2 ? '---|' : '---:|')).join('')}\n`;

function lineOf({ network, board, clockMhz, estimated: e, simulated }: Row): string {
  const share = (name: ResourceName): string =>
    e.shares[name] === undefined ? '' : `${Math.round(100 * e.shares[name])} %`;
  const run = `${e.runMs.toPrecision(3)} ms${e.pictures > 1 ? `, ${e.pictures} pictures` : ''}`;
  const bits =
    simulated === null ? 'not run' : `${simulated.passed.toLocaleString('en-US')} equal, ${simulated.failed} not`;
  const cells = [
    ...[network, board, clockMhz, speedText(e.picturesPerSecond), run, `${(e.ddrBytes / 1e6).toPrecision(3)} MB`],
    ...[`${e.cyclesMs.toPrecision(3)} : ${e.ddrMs.toPrecision(3)} ms`],
    ...[share('lut'), share('ff'), share('bram36'), share('uram'), share('dsp'), bits],
  ];
  return `| ${cells.join(' | ')} |\n`;
}

process.exitCode = main();
