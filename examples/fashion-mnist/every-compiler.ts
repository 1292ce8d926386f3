/**
 * npm run proof:pictures: both trained networks, all 1,000 pictures, every layer's checksum, with each C compiler that is
 * installed, at several optimization levels and for each instruction set: the simulator's bits each time.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAssets } from '../../src/host/load-assets.js';
import { OutputFolder } from '../../src/host/output-folder.js';
import { compile } from '../../src/index.js';
import { HERE, readPictures } from './pictures.js';

const COMPILERS = ['gcc', 'clang', 'clang-14'];
const LEVELS = ['-O0', '-O2', '-O3 -march=native'];
const SETS = ['scalar', 'native'];

const run = (command: string, args: readonly string[]) =>
  spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const installed = COMPILERS.filter((cc) => run(cc, ['--version']).status === 0);
for (const cc of COMPILERS) if (!installed.includes(cc)) console.log(`skipped: ${cc} is not installed`);

const { inputs } = readPictures();
let bad = 0;
for (const model of ['dybnn', 'reactnet']) {
  const bytes = readFileSync(join(HERE, 'models', `${model}.onnx`));
  const { files } = compile(
    bytes,
    { modelName: model, name: model === 'dybnn' ? 'net' : model, golden: inputs },
    loadAssets(),
  );
  const folder = mkdtempSync(join(tmpdir(), 'dybnn-pictures-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const project = new OutputFolder(join(folder, 'project'));
  for (const [path, content] of files) project.write(path, content);
  project.commit();
  for (const cc of installed) {
    for (const level of LEVELS) {
      for (const set of SETS) {
        const made = run('make', [
          '-s',
          '-j2',
          '-C',
          join(folder, 'project'),
          `CC=${cc}`,
          `CFLAGS=${level}`,
          `ISA=${set}`,
          'test',
        ]);
        const result = /\d+ passed, \d+ failed/.exec(made.stdout)?.[0] ?? 'did not build';
        const kernels = /kernels (\S+)/.exec(made.stdout)?.[1] ?? set;
        if (made.status !== 0) bad++;
        console.log(`${model.padEnd(9)} ${cc.padEnd(9)} ${level.padEnd(18)} ${kernels.padEnd(10)} ${result}`);
        if (made.status !== 0) console.log(made.stderr.split('\n').slice(0, 20).join('\n'));
      }
    }
  }
}
process.exitCode = bad === 0 ? 0 : 1;
