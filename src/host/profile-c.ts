/**
 * Times of each step: the generated C built by its own Makefile, as its user would, and run on this machine; or what
 * `run --profile` printed on another.
 *
 * Flows in: a Program and samples; or a file. Flows out: MeasuredTimes.
 */
import { writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus } from 'node:os';
import { basename, join } from 'node:path';
import { fail } from '../diagnostics/diagnostic.js';
import type { Program } from '../program/program.js';
import type { MeasuredTimes } from '../report/report-data.js';
import { emitC } from '../target/c/emit-c.js';
import type { Assets } from '../target/files.js';
import { type Profile, parseProfile } from '../verify/parse-profile.js';
import { rawBytes } from './arrays.js';
import { buildProject, compilerVersion } from './build-c.js';
import { readUserFile } from './read-file.js';
import { runProgram } from './run-program.js';
import { temporaryFolder } from './temporary-folder.js';
import { writeProject } from './write-project.js';

/** How long the timed runs may take together, and how many they are at least and at most. */
const MEASURE_MS = 2000;
const LEAST_RUNS = 5;
const MOST_RUNS = 1000;

export async function profileC(program: Program, inputs: Float32Array, assets: Assets): Promise<MeasuredTimes> {
  const version = await compilerVersion();
  const folder = temporaryFolder('profile');
  try {
    const options = { name: 'model', source: '', version: '', title: '', weights: 'auto' } as const;
    const project = join(folder.path, 'project');
    writeProject(project, emitC(program, { files: new Map(), samples: 0 }, assets, options));
    const executable = await buildProject(project, availableParallelism());
    const input = join(folder.path, 'input');
    writeFileSync(input, rawBytes(inputs));
    const profile = async (runs: number): Promise<Profile> => {
      const result = await runProgram(executable, ['--profile', String(runs), input]);
      const said = result.kind === 'done' ? parseProfile(result.stdout, program) : { wrong: 'it failed' };
      if ('wrong' in said) throw new Error(`the compiled program: ${said.wrong}`);
      return said;
    };
    const { totalMs } = await profile(1);
    const runs = Math.max(LEAST_RUNS, Math.min(MOST_RUNS, Math.round(MEASURE_MS / Math.max(totalMs, 1e-3))));
    const flags = process.env.CFLAGS?.trim() || '-O3';
    return measured(await profile(runs), processor(), `${version}, ${flags}`);
  } finally {
    folder.remove();
  }
}

export function readProfile(path: string, program: Program): MeasuredTimes {
  const profile = parseProfile(new TextDecoder().decode(readUserFile(path)), program);
  if ('wrong' in profile) {
    return fail('DYB003', {
      node: path,
      title: 'not a profile of this model',
      found: profile.wrong,
      supported: 'what `run --profile N INPUT` of a project made of this model prints',
    });
  }
  return measured(profile, basename(path), null);
}

function measured(profile: Profile, machine: string, compiler: string | null): MeasuredTimes {
  const { kernels, threads, runs, totalMs, stepMs } = profile;
  return { machine, kernels, compiler, threads, runs, totalMs, layers: stepMs.map((ms, layer) => ({ layer, ms })) };
}

const processor = (): string => cpus()[0]?.model.trim() || arch();
