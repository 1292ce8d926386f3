/**
 * The C compiler of this machine for verify: builds the generated model with its kernels and the replay, and runs it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { kernelFiles } from '../target/c/emit-c.js';
import type { Assets } from '../target/files.js';
import { parseReplay, type ReplayItem, replayFile, replaySources } from '../verify/replay.js';
import type { CCompilerEngine, Engine } from '../verify/verify-model.js';
import { type Compiler, ccOf, type Environment, findCompiler, refuseBuild } from './build-c.js';
import { runProgram } from './run-program.js';
import { temporaryFolder } from './temporary-folder.js';

export async function findCCompiler(assets: Assets, env: Environment): Promise<Engine<CCompilerEngine>> {
  const compiler = await findCompiler(env);
  if ('absent' in compiler) return { absent: `no C compiler: CC=${ccOf(env)}: ${compiler.absent}` };
  return {
    name: compiler.version,
    replay: async (item) => {
      const folder = temporaryFolder('verify');
      try {
        const executable = await build(compiler, flagsOf(env), folder.path, item, assets);
        const data = join(folder.path, 'data.bin');
        writeFileSync(data, replayFile([item]));
        return {
          dispose: folder.remove,
          parse: parseReplay,
          run: (extra) => replay(executable, [data, ...extra], folder.path),
        };
      } catch (error) {
        folder.remove();
        throw error;
      }
    },
  };
}

const flagsOf = (env: Environment): readonly string[] => (env.CFLAGS ?? '').split(/\s+/).filter((flag) => flag !== '');

async function build(
  { command, args }: Compiler,
  flags: readonly string[],
  folder: string,
  item: ReplayItem,
  assets: Assets,
): Promise<string> {
  const sources = replaySources([item], assets);
  const files = new Map<string, string | Uint8Array>([...sources.files, ...assets.hardware('replay')]);
  for (const [path, text] of kernelFiles(item.program, assets)) files.set(`kernels/${path}`, text);
  for (const [path, text] of assets.hardware('runner')) files.set(`runner/${path}`, text);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const kernels = [...files.keys()].filter((path) => path.startsWith('kernels/') && path.endsWith('.c'));
  const units = [...sources.units, ...assets.hardware('replay').keys(), ...kernels].filter((path) =>
    /\.[cS]$/.test(path),
  );
  const compile = async (node: string, ...more: string[]): Promise<void> => {
    const result = await runProgram(command, [...args, ...more], { cwd: folder });
    if (result.kind === 'missing') throw new Error(`${command} is gone`);
    if (result.kind === 'failed') refuseBuild(node, result);
  };
  const object = (path: string): string => `${path.replace(/\//g, '-')}.o`;
  const queue = [...units];
  const worker = async (): Promise<void> => {
    for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
      await compile(unit, '-std=c99', '-O2', ...flags, '-I.', '-c', '-o', object(unit), unit);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
  const executable = join(folder, 'replay');
  await compile('the replay', '-o', executable, ...units.map(object), '-pthread');
  return executable;
}

/** Standard output, however long; it ends with status 1 where something differs. */
async function replay(executable: string, args: readonly string[], cwd: string): Promise<string> {
  const result = await runProgram(executable, args, { cwd, maxOutput: 1 << 28 });
  if (result.kind === 'done' || (result.kind === 'failed' && result.status === 1)) return result.stdout;
  throw new Error(result.kind === 'missing' ? 'the compiled replay is gone' : `${result.status}\n${result.stderr}`);
}
