/**
 * A C compiler on this machine (CC, or cc), for verify: builds the generated model with its kernels and the replay, and runs it.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Assets } from '../target/files.js';
import { parseReplay, replayFile, replaySources } from '../verify/replay.js';
import type { CCompilerEngine, Engine } from '../verify/verify-model.js';

export function findCCompiler(
  assets: Assets,
  env: Readonly<Record<string, string | undefined>>,
): Engine<CCompilerEngine> {
  const [program = 'cc', ...args] = (env.CC ?? 'cc').split(' ').filter((word) => word !== '');
  const asked = spawnSync(program, [...args, '--version'], { encoding: 'utf8' });
  if (asked.error || asked.status !== 0) return { absent: `no C compiler: ${program} cannot be run (set CC)` };
  const name = asked.stdout.split('\n')[0]!.trim();
  return {
    name,
    replay: async (item) => {
      const folder = mkdtempSync(join(tmpdir(), 'dybnn-verify-'));
      const dispose = (): void => rmSync(folder, { recursive: true, force: true });
      try {
        const executable = await build([program, ...args], folder, replaySources([item], assets), assets);
        const data = join(folder, 'data.bin');
        writeFileSync(data, replayFile([item]));
        return {
          dispose,
          parse: parseReplay,
          run: (extra) => output([executable, data, ...extra], folder, true),
        };
      } catch (error) {
        dispose();
        throw error;
      }
    },
  };
}

async function build(
  cc: readonly string[],
  folder: string,
  sources: ReturnType<typeof replaySources>,
  assets: Assets,
): Promise<string> {
  const files = new Map<string, string | Uint8Array>([...sources.files, ...assets.hardware('replay')]);
  for (const [path, text] of assets.hardware('cpu')) files.set(`kernels/${path}`, text);
  for (const [path, text] of assets.hardware('runner')) files.set(`runner/${path}`, text);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const kernels = [...files.keys()].filter((path) => path.startsWith('kernels/') && path.endsWith('.c'));
  const units = [...sources.units, ...assets.hardware('replay').keys(), ...kernels].filter((path) =>
    /\.[cS]$/.test(path),
  );
  const object = (path: string): string => `${path.replace(/\//g, '-')}.o`;
  const queue = [...units];
  const worker = async (): Promise<void> => {
    for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
      await output([...cc, '-std=c99', '-O2', '-I.', '-c', '-o', object(unit), unit], folder, false);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
  const executable = join(folder, 'replay');
  await output([...cc, '-o', executable, ...units.map(object), '-pthread'], folder, false);
  return executable;
}

/** Standard output. `mayFail`: the replay ends with 1 where something differs. */
function output(command: readonly string[], cwd: string, mayFail: boolean): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    execFile(program!, args, { cwd, maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
      if (error && !(mayFail && error.code === 1))
        reject(new Error(`${program} ${args.slice(0, 8).join(' ')}\n${stderr || error.message}`));
      else resolve(stdout);
    });
  });
}
