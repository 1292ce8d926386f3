/** Child processes: run to the end, with their time and peak memory where asked. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Usage {
  readonly seconds: number;
  /** Of the largest process among the child and its children. */
  readonly peakBytes: number;
}

/** The compiler that builds generated projects and the small programs here. */
export const CC = process.env.CC ?? 'cc';

/** Standard output, or an Error that holds what the child said. */
export function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
    env: { ...process.env, ...env },
  });
}

/** The same, or null where it fails. */
export function tryRun(command: string, args: readonly string[]): string | null {
  try {
    return run(command, args);
  } catch {
    return null;
  }
}

/** Builds one of the C programs of machine/ and returns its path. */
export function buildTool(name: string, folder: string, flags: readonly string[] = []): string {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, name);
  run(CC, ['-std=c99', '-O2', ...flags, '-o', program, join(import.meta.dirname, 'machine', `${name}.c`)]);
  return program;
}

export class Meter {
  private readonly program: string;

  constructor(private readonly folder: string) {
    this.program = buildTool('measure', folder);
  }

  measure(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Usage {
    const result = join(this.folder, 'usage.json');
    run(this.program, [result, command, ...args], env);
    return JSON.parse(readFileSync(result, 'utf8')) as Usage;
  }
}
