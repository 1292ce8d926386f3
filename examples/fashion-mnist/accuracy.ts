/**
 * npm run accuracy: what numbers cost. Both trained networks in float32, with int8 ends and in fixed16, over the 10,000 test
 * pictures in generated C; then the noise of each layer, from the simulator. As Markdown.
 *
 *     npm run accuracy -- --data DIR --limit N --calibrate-samples N --noise-samples N
 *
 * DIR holds Fashion-MNIST's four IDX files, as Debian's package dataset-fashion-mnist installs them. Ranges are calibrated with
 * pictures of the training set.
 */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { compileBuilt } from '../../src/compile.js';
import { openCEngine } from '../../src/evaluate/engines/c-engine.js';
import { limitIndices } from '../../src/evaluate/shard.js';
import type { IntegerOptions } from '../../src/fixed/with-integers.js';
import { loadAssets } from '../../src/host/load-assets.js';
import { buildFloatProgram, chooseNumbers, type FrontEndResult } from '../../src/pipeline.js';
import { simulateSamples } from '../../src/simulate/simulate-samples.js';
import { FloatReference, NearnessComparison } from '../../src/verify/nearness.js';
import { HERE, SIDE } from './pictures.js';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: '/usr/share/datasets/fashion-mnist' },
    limit: { type: 'string', default: '10000' },
    'calibrate-samples': { type: 'string', default: '32' },
    'noise-samples': { type: 'string', default: '200' },
  },
});
if (!existsSync(options.data)) {
  console.error(`${options.data}: no such folder; --data DIR names the one with Fashion-MNIST's four IDX files`);
  process.exit(2);
}

const CLASSES = 10;
const PIXELS = SIDE * SIDE;
const idx = (name: string, header: number): Uint8Array =>
  gunzipSync(readFileSync(join(options.data, `${name}.gz`))).subarray(header);

/** So many pictures, spread over all, with their labels. */
function pictures(
  part: 't10k' | 'train',
  count: number,
): { readonly inputs: Float32Array; readonly labels: Uint8Array } {
  const pixels = idx(`${part}-images-idx3-ubyte`, 16);
  const labels = idx(`${part}-labels-idx1-ubyte`, 8);
  const indices = limitIndices(labels.length, count);
  const inputs = new Float32Array(indices.length * PIXELS);
  indices.forEach((index, i) => {
    for (let p = 0; p < PIXELS; p++) inputs[i * PIXELS + p] = pixels[index * PIXELS + p]! / 255;
  });
  return { inputs, labels: Uint8Array.from(indices, (i) => labels[i]!) };
}

const test = pictures('t10k', Number(options.limit));
const count = test.labels.length;
const calibration = pictures('train', Number(options['calibrate-samples'])).inputs;
const noise = pictures('t10k', Number(options['noise-samples'])).inputs;

const VARIANTS: readonly (readonly [name: string, options: IntegerOptions])[] = [
  ['float32', {}],
  ['float32, int8 ends', { firstLast: 'int8', calibration }],
  ['fixed16', { numeric: 'fixed16', calibration }],
  ['float32, int8 ends, not calibrated', { firstLast: 'int8' }],
  ['fixed16, not calibrated', { numeric: 'fixed16' }],
];

// Every kernel has the simulator's bits; the portable ones compile fastest.
process.env.CC ??= 'cc -DDYBNN_ONLY_SCALAR';

async function classes(front: FrontEndResult, modelName: string): Promise<readonly number[]> {
  const compiled = compileBuilt(front, { modelName, golden: 1 }, loadAssets());
  const engine = await openCEngine(compiled, availableParallelism());
  try {
    const { outputs } = await engine.run(test.inputs, count);
    return Array.from({ length: count }, (_, i) => {
      const scores = outputs.subarray(i * CLASSES, (i + 1) * CLASSES);
      return scores.indexOf(Math.max(...scores));
    });
  } finally {
    await engine.close();
  }
}

const percent = (part: number): string => `${((100 * part) / count).toFixed(2)} %`;

/** Signal-to-noise and flipped signs of each step, run freely and by itself, over the noise samples. */
function layerTable(front: FrontEndResult): readonly string[] {
  const { program, floatProgram, bnn } = front;
  const reference = new FloatReference(floatProgram, bnn);
  const comparison = new NearnessComparison(program, bnn);
  for (let at = 0; at < noise.length; at += PIXELS) {
    const input = noise.subarray(at, at + PIXELS);
    comparison.add(input, reference.values(input).values);
  }
  const rows = program.steps.flatMap((step, index) => {
    const near = comparison.layer(index);
    if (near === null || step.kind === 'dense' || step.kind === 'globalAveragePool' || step.kind === 'quantize')
      return [];
    const dB = ({ reals, snr }: typeof near.own): string =>
      reals === 0 ? '' : snr === null ? 'equal' : snr.toFixed(1);
    const flips = ({ signs, flips: f }: typeof near.own): string => (signs === 0 ? '' : ((100 * f) / signs).toFixed(3));
    return [`| ${step.name} | ${dB(near.own)} | ${flips(near.own)} | ${dB(near.free)} | ${flips(near.free)} |`];
  });
  return ['| step | own dB | own flips, % | dB | flips, % |', '|---|---:|---:|---:|---:|', ...rows];
}

const summary = [
  '| network | numbers | correct | difference | same class as float32 | clipped |',
  '|---|---|---:|---:|---:|---:|',
];
const layers: string[] = [];
for (const name of ['dybnn', 'reactnet']) {
  const built = buildFloatProgram(readFileSync(join(HERE, 'models', `${name}.onnx`)), { modelName: name });
  let float: readonly number[] = [];
  for (const [numbers, how] of VARIANTS) {
    const front = chooseNumbers(built, { modelName: name, ...how });
    const found = await classes(front, name);
    if (float.length === 0) float = found;
    const right = (list: readonly number[]): number => list.filter((c, i) => c === test.labels[i]).length;
    const points = (100 * (right(found) - right(float))) / count;
    const same = found.filter((c, i) => c === float[i]).length;
    const clipped = [...simulateSamples(front.program, noise).saturated.values()].reduce((sum, n) => sum + n, 0);
    const cells = [
      percent(right(found)),
      `${points < 0 ? '' : '+'}${points.toFixed(2)}`,
      percent(same),
      String(clipped),
    ];
    summary.push(`| ${name} | ${numbers} | ${cells.join(' | ')} |`);
    console.error(summary.at(-1));
    if (how.numeric === 'fixed16') layers.push('', `### ${name}, ${numbers}`, '', ...layerTable(front));
  }
}
console.log(
  [
    ...summary,
    '',
    `${count} test pictures in generated C; clipped values and noise over ${noise.length / PIXELS} of them in the simulator.`,
    ...layers,
  ].join('\n'),
);
