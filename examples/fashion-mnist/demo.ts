/**
 * npm run demo: compiles the trained DyBNN to C, builds it with the system's compiler, classifies 1,000 pictures, and holds
 * every bit of every layer against the simulator.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { readNpy, writeNpy } from '../../src/arrays/npy.js';
import { loadAssets } from '../../src/host/load-assets.js';
import { OutputFolder } from '../../src/host/output-folder.js';
import { compile } from '../../src/index.js';
import { HERE, readPictures, SIDE } from './pictures.js';

const CLASSES = ['T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle boot'];

function run(command: string, args: readonly string[], what: string): string {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status === 0) return result.stdout;
  const reason = result.error
    ? `${command} could not be started (${result.error.message})`
    : result.stderr || result.stdout;
  console.error(`${what} failed: ${reason}`);
  if (result.error)
    console.error('The demo needs a C compiler and make: on Debian and Ubuntu, apt-get install gcc make.');
  process.exit(1);
}

const milliseconds = (from: bigint): number => Number(process.hrtime.bigint() - from) / 1e6;

/** Pictures side by side, two rows of pixels a line of text. */
function show(pixels: Uint8Array, picks: readonly number[], captions: readonly string[]): void {
  const grey = (v: number): number => 232 + Math.round((v * 23) / 255);
  const lines: string[] = [];
  for (let y = 0; y < SIDE; y += 2) {
    lines.push(
      picks
        .map((p) => {
          let line = '';
          for (let x = 0; x < SIDE; x++) {
            const at = p * SIDE * SIDE + y * SIDE + x;
            const [top, bottom] = [pixels[at]!, pixels[at + SIDE]!];
            line += pc.isColorSupported
              ? `\x1b[38;5;${grey(top)};48;5;${grey(bottom)}m▀\x1b[0m`
              : ' .:-=+*#%@'[Math.floor(((top + bottom) / 2) * (9.99 / 255))]!;
          }
          return line;
        })
        .join('  '),
    );
  }
  lines.push(captions.map((c) => c.padEnd(SIDE + 2)).join(''));
  console.log(lines.join('\n'));
}

const { count, pixels, labels, inputs } = readPictures();

console.log(
  pc.bold('\n1  Compile') +
    '   examples/fashion-mnist/models/dybnn.onnx, a network that makes its thresholds anew for every picture',
);
const model = readFileSync(join(HERE, 'models', 'dybnn.onnx'));
const started = process.hrtime.bigint();
const quick = compile(model, { modelName: 'dybnn', golden: 1 }, loadAssets());
const compileMs = milliseconds(started);
const simulated = process.hrtime.bigint();
const compiled = compile(model, { modelName: 'dybnn', golden: inputs }, loadAssets());
const simulateMs = (milliseconds(simulated) - compileMs) / count;
const folder = mkdtempSync(join(tmpdir(), 'dybnn-demo-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const project = join(folder, 'dybnn');
const output = new OutputFolder(project);
for (const [path, content] of compiled.files) output.write(path, content);
output.commit();
console.log(
  `   ${compileMs.toFixed(0)} ms to C; the simulator then ran ${count} pictures, ${simulateMs.toFixed(1)} ms each`,
);

console.log(`${pc.bold('\n2  Build')}     make, with the system compiler`);
const building = process.hrtime.bigint();
run('make', ['-s', '-j2', '-C', project], 'the build');
console.log(`   ${(milliseconds(building) / 1000).toFixed(1)} s`);

console.log(`${pc.bold('\n3  Classify')}  ${count} pictures of the test set in C\n`);
writeFileSync(join(folder, 'in.npy'), writeNpy({ shape: [count, 1, SIDE, SIDE], data: inputs }));
run(join(project, 'run'), [join(folder, 'in.npy'), join(folder, 'out.npy')], 'the run');
const outputs = readNpy(readFileSync(join(folder, 'out.npy')), 'out.npy').data;
const classes = outputs.length / count;
const predicted = Array.from({ length: count }, (_, i) => {
  const scores = outputs.subarray(i * classes, (i + 1) * classes);
  return scores.indexOf(Math.max(...scores));
});
const right = predicted.filter((p, i) => p === labels[i]).length;
const columns = Math.max(1, Math.min(4, Math.floor((process.stdout.columns ?? 80) / (SIDE + 2))));
const picks = Array.from({ length: columns }, (_, i) => i * 7 + 1);
const wrong = predicted.findIndex((p, i) => p !== labels[i]);
if (wrong >= 0) picks[picks.length - 1] = wrong;
show(
  pixels,
  picks,
  picks.map((p) => `${CLASSES[predicted[p]!]}${predicted[p] === labels[p] ? '' : ` (is: ${CLASSES[labels[p]!]})`}`),
);

const golden = run(join(project, 'run'), ['--golden', join(project, 'golden')], 'the comparison with the simulator');
const checks = /(\d+) passed, 0 failed/.exec(golden)?.[1];
const bench = run(join(project, 'run'), ['--bench', '2000', join(folder, 'in.npy')], 'timing');
const median = Number(/median_ms: ([\d.]+)/.exec(bench)?.[1]);
const isa = /kernels: (\S+)/.exec(bench)?.[1];

const row = (label: string, value: string): void => console.log(`   ${label.padEnd(20)}${value}`);
console.log(pc.bold('\n4  Result'));
row('accuracy', `${((100 * right) / count).toFixed(1)} % of ${count} (measured)`);
row('time a picture', `${(1000 * median).toFixed(0)} us, median, one thread, ${isa} kernels (measured)`);
row(
  'model',
  `${quick.report.totals.constantBytes.toLocaleString('en')} bytes of constants; the float model has ${model.length.toLocaleString('en')}`,
);
row('workspace', `${compiled.program.workspaceBytes.toLocaleString('en')} bytes, no heap`);
row(
  'same bits',
  `${Number(checks).toLocaleString('en')} checks (every layer and output of every picture), C = simulator`,
);
console.log(
  `\nTo keep the C:  npx dybnn-compile examples/fashion-mnist/models/dybnn.onnx -o my-dybnn && make -C my-dybnn test\n`,
);
