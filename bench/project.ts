/**
 * A generated project: compiled by the command that users type, built by make, its bits checked before its time counts.
 *
 * Flows in: a model file. Flows out: programs to time (`run` for each instruction set), and what making them took.
 */
import { cpSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PACKAGE_ROOT } from '../src/host/package-root.js';
import { type Meter, run, tryRun, type Usage } from './processes.js';

export interface Project {
  readonly folder: string;
  readonly compile: Usage;
  readonly build: Usage;
  readonly programBytes: number;
  /** "686 passed, 0 failed" */
  readonly bits: string;
  readonly inputFile: string;
}

/**
 * `options`: further ones of the command line. `objects`: where projects whose build is not of interest keep the kernels that the first
 * of them compiled, which are the same files for all.
 */
export function makeProject(
  model: string,
  folder: string,
  meter: Meter,
  options: readonly string[] = [],
  objects?: string,
): Project {
  rmSync(folder, { recursive: true, force: true });
  const command = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');
  if (!existsSync(command)) throw new Error('dist/ is missing: npm run build');
  const compile = meter.measure(process.execPath, [command, model, '-o', folder, '--quiet', ...options]);
  const shared = objects !== undefined && existsSync(objects);
  if (shared) cpSync(objects, join(folder, 'build', 'kernels'), { recursive: true });
  // Settings that make would write now, and take for newer than the objects.
  const build = meter.measure('make', ['-s', '-C', folder, ...(shared ? ['-o', 'build/settings'] : [])]);
  if (objects !== undefined) cpSync(join(folder, 'build', 'kernels'), objects, { recursive: true });
  return {
    folder,
    compile,
    build,
    programBytes: statSync(join(folder, 'run')).size,
    bits: checkBits(folder),
    inputFile: join(folder, 'golden', 'input.npy'),
  };
}

/** Throws where a bit differs: the time of a wrong program says nothing. */
function checkBits(folder: string): string {
  const said = run(join(folder, 'run'), ['--golden', join(folder, 'golden')])
    .trim()
    .split('\n')
    .at(-1)!;
  if (!/^[1-9]\d* passed, 0 failed$/.test(said)) throw new Error(`${folder}: ${said}`);
  return said;
}

/**
 * The same project with ISA=... set; null where this processor, or the kernels, lack it. Only the model's own file reads that
 * setting, so make is told that the kernels' objects are up to date.
 */
export function buildFor(isa: string, project: Project): string | null {
  const folder = `${project.folder}-${isa}`;
  rmSync(folder, { recursive: true, force: true });
  cpSync(project.folder, folder, { recursive: true, preserveTimestamps: true });
  rmSync(join(folder, 'build', `${basename(project.folder)}.o`));
  run('make', ['-s', '-C', folder, '-o', 'build/settings', `ISA=${isa}`]);
  const program = join(folder, 'run');
  if (tryRun(program, ['--bench', '1', project.inputFile]) === null) return null;
  checkBits(folder);
  return program;
}

export interface ProgramTime {
  readonly kernels: string;
  readonly medianMs: number;
}

/** One batch of runs, in a process of its own. Throws where `threads` needs an OpenMP that the build lacks. */
export function timeProgram(program: string, input: string, runs: number, threads: number): ProgramTime {
  const said = run(program, ['--bench', String(runs), '--threads', String(threads), input]);
  return { kernels: field(said, 'kernels'), medianMs: Number(field(said, 'median_ms')) };
}

/** False where the build has no OpenMP. */
export function canRunThreads(program: string, input: string): boolean {
  return tryRun(program, ['--bench', '1', '--threads', '2', input]) !== null;
}

/** Median microseconds of each step, in the order of the program's steps. */
export function profileProgram(program: string, input: string, runs: number): readonly number[] {
  const said = run(program, ['--profile', String(runs), input]);
  return [...said.matchAll(/^\s*([\d.]+) us {2}\S+$/gm)].map((m) => Number(m[1]));
}

function field(text: string, name: string): string {
  const found = new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`no "${name}:" in ${JSON.stringify(text)}`);
  return found;
}

export function readBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}
