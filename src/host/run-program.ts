/** Runs a program to its end and says how it went; never through a shell. */
import { spawn } from 'node:child_process';

export type Ran =
  | { readonly kind: 'done'; readonly stdout: string; readonly stderr: string }
  /** `status`: the exit status, or the signal's name. */
  | { readonly kind: 'failed'; readonly status: number | string; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'missing' };

const MAX_OUTPUT = 1 << 20;

export function runProgram(
  command: string,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly cwd?: string;
    /** Of standard output, in characters; what is more is left out. */
    readonly maxOutput?: number;
    /** Out of the terminal's group: Ctrl-C does not reach it, so that it ends what it has begun. */
    readonly detached?: boolean;
  } = {},
): Promise<Ran> {
  const { maxOutput = MAX_OUTPUT, ...how } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...how, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < maxOutput) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_OUTPUT);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve({ kind: 'missing' });
      else reject(error);
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ kind: 'done', stdout, stderr });
      else resolve({ kind: 'failed', status: code ?? signal ?? 'unknown', stdout, stderr });
    });
  });
}
