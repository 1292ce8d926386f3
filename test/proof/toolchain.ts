/**
 * A C compiler and, for other machines, an emulator. Kernels, runner and dybnn_replay.c are built once into an archive that is kept
 * under the temporary folder by the hash of all that went into it; each batch of networks then compiles its own few files.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadAssets } from '../../src/host/load-assets.js';

export interface Toolchain {
  /** The compiler and flags for every file, e.g. ["gcc"]. */
  readonly cc: readonly string[];
  readonly kernelFlags: readonly string[];
  readonly modelFlags: readonly string[];
  readonly linkFlags: readonly string[];
  /** What runs the program, e.g. ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]; empty: itself. */
  readonly emulator: readonly string[];
}

const words = (text: string | undefined): readonly string[] => (text ?? '').split(' ').filter((w) => w !== '');

/** The machine's own, or what PROOF_CC, PROOF_CFLAGS, PROOF_LDFLAGS and PROOF_EMULATOR say. */
export const defaultToolchain: Toolchain = {
  cc: words(process.env.PROOF_CC ?? process.env.CC ?? 'cc'),
  kernelFlags: words(process.env.PROOF_CFLAGS ?? '-O2'),
  modelFlags: words(process.env.PROOF_CFLAGS ?? '-O0'),
  linkFlags: words(process.env.PROOF_LDFLAGS),
  emulator: words(process.env.PROOF_EMULATOR),
};

export const ISO_FLAGS = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror'] as const;

export interface RunResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never throws for a status other than 0. */
export function run(
  command: readonly string[],
  options: { readonly cwd?: string; readonly timeout?: number; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<RunResult> {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    execFile(program!, args, { maxBuffer: 1 << 28, ...options }, (error, stdout, stderr) => {
      const code = error?.code;
      const status = error ? (typeof code === 'number' ? code : -1) : 0;
      resolve({ status, stdout, stderr: status === -1 ? `${stderr}${error?.message ?? ''}` : stderr });
    });
  });
}

export async function runOrThrow(command: readonly string[], options: { readonly cwd?: string } = {}): Promise<string> {
  const result = await run(command, options);
  if (result.status !== 0)
    throw new Error(`${command.join(' ').slice(0, 400)}\nstatus ${result.status}\n${result.stderr.slice(0, 4000)}`);
  return result.stdout;
}

/** Runs jobs, at most `width` at a time. */
export async function inParallel<T>(jobs: readonly (() => Promise<T>)[], width = 2): Promise<T[]> {
  const results: T[] = new Array(jobs.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      results[index] = await jobs[index]!();
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, worker));
  return results;
}

/** Where things are built; PROOF_TMP moves it. */
export const PROOF_FOLDER = process.env.PROOF_TMP ?? join(tmpdir(), 'dybnn-proof');

export type Sources = ReadonlyMap<string, string>;

/** kernels/*, runner/* and dybnn_replay.c as the repository has them. */
export function ownSources(): Sources {
  const assets = loadAssets();
  return new Map([
    ...[...assets.hardware('cpu')].map(([path, text]): [string, string] => [`kernels/${path}`, text]),
    ...[...assets.hardware('runner')].map(([path, text]): [string, string] => [`runner/${path}`, text]),
    ...[...assets.hardware('replay')],
  ]);
}

export interface BuiltKernels {
  /** Holds kernels/ and runner/, for -I. */
  readonly folder: string;
  readonly objects: readonly string[];
}

const hashOf = (parts: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 24);
};

/** The quoted includes of a file, and theirs. */
function withIncludes(path: string, sources: Sources, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, name] of (sources.get(path) ?? '').matchAll(/^\s*#\s*include "([^"]+)"/gm)) {
    for (const candidate of [name!, join(dirname(path), name!)])
      if (sources.has(candidate)) withIncludes(candidate, sources, seen);
  }
  return seen;
}

/** Each object is kept by the hash of its own file and of the headers it reads, so a changed kernel costs one compilation. */
export async function buildKernels(toolchain: Toolchain, sources: Sources): Promise<BuiltKernels> {
  // Without warnings an object is the same object.
  const settings = [...toolchain.cc, ...toolchain.kernelFlags].filter((flag) => flag !== '-w');
  const folder = join(PROOF_FOLDER, `sources-${hashOf([...sources].flat())}`);
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    for (const [path, text] of sources) {
      mkdirSync(dirname(join(draft, path)), { recursive: true });
      writeFileSync(join(draft, path), text);
    }
    try {
      renameSync(draft, folder);
    } catch {
      rmSync(draft, { recursive: true });
    }
  }
  mkdirSync(join(PROOF_FOLDER, 'objects'), { recursive: true });
  const files = [...sources.keys()].filter((path) => path.endsWith('.c'));
  const objects = await inParallel(
    files.map((path) => async () => {
      const read = [...withIncludes(path, sources)].sort().map((p) => `${p}\n${sources.get(p)}`);
      const object = join(PROOF_FOLDER, 'objects', `${hashOf([...settings, path, ...read])}.o`);
      if (existsSync(object)) return object;
      const draft = `${object}.${process.pid}.${Math.random().toString(36).slice(2)}`;
      await runOrThrow([
        ...toolchain.cc,
        ...ISO_FLAGS,
        ...toolchain.kernelFlags,
        '-I',
        folder,
        '-c',
        '-o',
        draft,
        join(folder, path),
      ]);
      renameSync(draft, object);
      return object;
    }),
  );
  return { folder, objects };
}
