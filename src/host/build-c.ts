/**
 * Builds a generated C project with the system's compiler.
 *
 * Flows in: a project's folder; CC, CFLAGS and ISA from the environment, as `make` in it would take them.
 * Flows out: the path of its `run`. A compiler that is missing is DYB006, one that fails DYB007.
 */
import { join } from 'node:path';
import { fail } from '../diagnostics/diagnostic.js';
import { runProgram } from './run-program.js';

/** The compiler's own first words: "gcc (Debian 12.2.0-14) 12.2.0". */
export async function compilerVersion(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const cc = env.CC?.trim() || 'cc';
  const [command = 'cc', ...args] = cc.split(/\s+/);
  const result = await runProgram(command, [...args, '--version'], { env });
  if (result.kind === 'missing') fail('DYB006', { node: `CC=${cc}`, found: 'no such command' });
  if (result.kind === 'failed') fail('DYB006', { node: `CC=${cc}`, found: `it failed: ${lastLines(result.stderr)}` });
  return result.stdout.split('\n')[0]!.trim();
}

export async function buildProject(
  folder: string,
  jobs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const make = env.MAKE?.trim() || 'make';
  const result = await runProgram(make, ['-s', `-j${jobs}`, '-C', folder, 'run'], { env });
  if (result.kind === 'missing')
    fail('DYB006', { node: make, title: 'no make', found: 'no such command', hint: 'install make' });
  if (result.kind === 'failed') fail('DYB007', { node: folder, found: lastLines(result.stderr) });
  return join(folder, 'run');
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-30).join('\n') || 'it said nothing';
}
