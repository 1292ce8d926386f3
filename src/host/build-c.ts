/**
 * The system's C compiler, and a generated project built with it.
 *
 * Flows in: a project's folder; CC, CFLAGS and ISA from the environment, as `make` in it would take them.
 * Flows out: the path of its `run`. A compiler that is missing is DYB006, one that fails DYB007.
 */
import { join } from 'node:path';
import { fail } from '../diagnostics/diagnostic.js';
import { type Ran, runProgram } from './run-program.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Compiler {
  readonly command: string;
  readonly args: readonly string[];
  /** Its own first words: "gcc (Debian 12.2.0-14) 12.2.0". */
  readonly version: string;
}

/** CC, or cc; `absent` says why it cannot be used. */
export async function findCompiler(env: Environment = process.env): Promise<Compiler | { readonly absent: string }> {
  const [command = 'cc', ...args] = ccOf(env).split(/\s+/);
  const result = await runProgram(command, [...args, '--version']);
  if (result.kind === 'missing') return { absent: 'no such command' };
  if (result.kind === 'failed') return { absent: `it failed: ${lastLines(result.stderr)}` };
  return { command, args, version: result.stdout.split('\n')[0]!.trim() };
}

export const ccOf = (env: Environment): string => env.CC?.trim() || 'cc';

export async function compilerVersion(env: Environment = process.env): Promise<string> {
  const compiler = await findCompiler(env);
  if ('absent' in compiler) return fail('DYB006', { node: `CC=${ccOf(env)}`, found: compiler.absent });
  return compiler.version;
}

export async function buildProject(folder: string, jobs: number, env: Environment = process.env): Promise<string> {
  const make = env.MAKE?.trim() || 'make';
  const result = await runProgram(make, ['-s', `-j${jobs}`, '-C', folder, 'run'], { env });
  if (result.kind === 'missing')
    fail('DYB006', { node: make, title: 'no make', found: 'no such command', hint: 'install make' });
  if (result.kind === 'failed') refuseBuild(folder, result);
  return join(folder, 'run');
}

/** DYB007 with the compiler's own words. */
export function refuseBuild(node: string, result: Extract<Ran, { readonly kind: 'failed' }>): never {
  return fail('DYB007', { node, found: lastLines(result.stderr) });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-30).join('\n') || 'it said nothing';
}
