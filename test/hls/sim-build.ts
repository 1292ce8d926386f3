/** Builds and runs sim-exercise.cpp against a folder of headers: ours, or AMD's. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../src/host/run-program.js';

const here = fileURLToPath(new URL('.', import.meta.url));
export const SIM_HEADERS = join(here, '..', '..', 'hw', 'hls', 'sim');

/** The parts of the exercise that `npm test` runs, and all of them; AMD's headers end part 8 by an assertion. */
export const QUICK_PARTS = [1, 2, 3] as const;
export const ALL_PARTS = [1, 2, 3, 4, 5, 6, 7, 8] as const;
export const OUR_PARTS: readonly number[] = [8];

/** gcc and clang do not know `#pragma HLS`; all else must be without a warning. */
export const STRICT_FLAGS: readonly string[] = [
  '-Wall',
  '-Wextra',
  '-Wpedantic',
  '-Wconversion',
  '-Wshadow',
  '-Werror',
  '-Wno-unknown-pragmas',
];

/** The first line of `COMPILER --version`, or null where there is none. */
export async function versionOf(compiler: string): Promise<string | null> {
  const ran = await runProgram(compiler, ['--version']);
  return ran.kind === 'done' ? (ran.stdout.split('\n')[0] ?? '') : null;
}

export async function exercise(
  part: number,
  options: {
    readonly compiler: string;
    readonly headers: string;
    readonly flags: readonly string[];
    readonly into: string;
  },
): Promise<string> {
  const program = join(options.into, `exercise-${part}`);
  const source = join(here, 'sim-exercise.cpp');
  const flags = ['-std=c++14', ...options.flags, `-DPART=${part}`, `-I${options.headers}`];
  const built = await runProgram(options.compiler, [...flags, '-o', program, source]);
  if (built.kind !== 'done') throw new Error(built.kind === 'failed' ? built.stderr : `${options.compiler} is gone`);
  const ran = await runProgram(program, [], { maxOutput: 1 << 26 });
  if (ran.kind !== 'done')
    throw new Error(ran.kind === 'failed' ? `${ran.status}\n${ran.stderr}` : `${program} is gone`);
  return ran.stdout;
}
