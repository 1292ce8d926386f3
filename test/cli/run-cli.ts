/** The command line in this process, with its words caught. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';

/** For tests that compile C many times and are not about its SIMD kernels. */
export const SCALAR_CFLAGS = '-O1 -DDYBNN_ONLY_SCALAR';

export interface CliResult {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface CliWorld {
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export async function cli(args: readonly string[], world: CliWorld = {}): Promise<CliResult> {
  let out = '';
  let err = '';
  const status = await runCommandLine(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outIsTerminal: world.terminal ?? false,
    errIsTerminal: world.terminal ?? false,
    columns: world.columns,
    env: world.env ?? {},
  });
  return { status, out, err };
}

/** A folder of its own for a test file, gone afterwards. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dybnn-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../exports/fixtures/${name}`, import.meta.url));
}

export const SMALL_DYBNN = fixture('dybnn-a-clean.onnx');
export const SMALL_INPUT = fixture('inputs/1x3x16x16.npy');
