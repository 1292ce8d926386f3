/**
 * Many Programs, one executable (src/verify/replay.ts), compiled without optimization and linked with the kernels.
 *
 * Flows in: Programs with inputs. Flows out: for each, nothing, or the first place where C and the simulator part.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssets } from '../../src/host/load-assets.js';
import {
  describeFailure,
  dumpArguments,
  parseReplay,
  type ReplayItem,
  replayFile,
  replaySources,
} from '../../src/verify/replay.js';
import {
  type BuiltKernels,
  buildKernels,
  defaultToolchain,
  ISO_FLAGS,
  inParallel,
  ownSources,
  PROOF_FOLDER,
  run,
  runOrThrow,
  type Toolchain,
} from './toolchain.js';

export type BatchItem = ReplayItem;

export interface BatchResult {
  /** By the item's index, one sentence; -1 where the executable itself failed. */
  readonly differences: ReadonlyMap<number, string>;
  readonly runs: number;
  readonly sets: readonly string[];
}

export interface BatchOptions {
  readonly toolchain?: Toolchain;
  readonly kernels?: BuiltKernels;
  readonly width?: number;
  /** Milliseconds for all runs. */
  readonly timeout?: number;
  /** Differences to tell of, each of which costs a run; all where absent. */
  readonly most?: number;
}

export interface BuiltBatch {
  readonly items: readonly BatchItem[];
  readonly folder: string;
  readonly objects: readonly string[];
}

const assets = loadAssets();

/** Compiles the models; runBatch joins them with kernels, of which mutants want many. */
export async function compileBatch(items: readonly BatchItem[], options: BatchOptions = {}): Promise<BuiltBatch> {
  const toolchain = options.toolchain ?? defaultToolchain;
  const kernels = options.kernels ?? (await buildKernels(toolchain, ownSources()));
  mkdirSync(PROOF_FOLDER, { recursive: true });
  const folder = mkdtempSync(join(PROOF_FOLDER, 'batch-'));
  const { files, units } = replaySources(items, assets);
  for (const [path, content] of files) writeFileSync(join(folder, path), content);
  writeFileSync(join(folder, 'data.bin'), replayFile(items));
  const flags = [...ISO_FLAGS, ...toolchain.modelFlags, '-I', kernels.folder, '-c'];
  const width = options.width ?? 2;
  const share = Math.ceil(units.length / width);
  const shares = Array.from({ length: width }, (_, i) => units.slice(i * share, (i + 1) * share)).filter(
    (s) => s.length > 0,
  );
  try {
    await inParallel(
      shares.map((s) => () => runOrThrow([...toolchain.cc, ...flags, ...s], { cwd: folder })),
      width,
    );
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { items, folder, objects: units.map((path) => join(folder, path.replace(/\.[cS]$/, '.o'))) };
}

export async function runBatch(
  batch: BuiltBatch,
  kernels: BuiltKernels,
  options: BatchOptions = {},
): Promise<BatchResult> {
  const toolchain = options.toolchain ?? defaultToolchain;
  const program = join(batch.folder, `replay-${Math.random().toString(36).slice(2)}`);
  await runOrThrow([
    ...toolchain.cc,
    ...toolchain.linkFlags,
    '-o',
    program,
    ...batch.objects,
    ...kernels.objects,
    '-pthread',
  ]);
  const command = [...toolchain.emulator, program, join(batch.folder, 'data.bin')];
  const result = await run(command, { timeout: options.timeout ?? 600_000 });
  const output = parseReplay(result.stdout);
  const differences = new Map<number, string>();
  for (const failure of (output?.failures ?? []).slice(0, options.most)) {
    const dump =
      failure.what === 'tensor'
        ? (await run([...command, ...dumpArguments(failure)], { timeout: options.timeout ?? 600_000 })).stdout
        : '';
    differences.set(failure.model, describeFailure(batch.items[failure.model]!, failure, dump));
  }
  rmSync(program, { force: true });
  if (output === null || (result.status !== 0 && differences.size === 0)) {
    differences.set(
      -1,
      `the executable ended with ${result.status}: ${result.stdout.slice(0, 500)} ${result.stderr.slice(0, 3000)}`,
    );
  }
  return { differences, runs: output?.runs ?? 0, sets: output?.sets ?? [] };
}

export function removeBatch(batch: BuiltBatch): void {
  rmSync(batch.folder, { recursive: true, force: true });
}

/** Compile, run, clean up. */
export async function proveInC(items: readonly BatchItem[], options: BatchOptions = {}): Promise<BatchResult> {
  const toolchain = options.toolchain ?? defaultToolchain;
  const kernels = options.kernels ?? (await buildKernels(toolchain, ownSources()));
  const batch = await compileBatch(items, { ...options, kernels });
  try {
    return await runBatch(batch, kernels, options);
  } finally {
    removeBatch(batch);
  }
}
