/**
 * The engine's units: their benches in C++ (hw/hls/test, each against plain loops), and single units against vectors that the contract
 * itself makes. Everything is compared bit for bit.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { PointFunction } from '../../src/bnn/bnn-graph.js';
import { toFixed } from '../../src/contract/fixed.js';
import { finishFixedPixel, type ResolvedFixedTail } from '../../src/contract/fixed-tail.js';
import { pointFunction } from '../../src/contract/functions.js';
import { createPackedMap, readBit } from '../../src/contract/packing.js';
import { fixedAveragePool } from '../../src/contract/pool.js';
import { newCounts, type PixelSink } from '../../src/contract/tail.js';
import { runProgram } from '../../src/host/run-program.js';
import { temporaryFolder } from '../../src/host/temporary-folder.js';
import { seededRandom } from '../support/random.js';
import { versionOf } from './sim-build.js';

const compiler = process.env.CXX ?? 'g++';
const found = await versionOf(compiler);
if (found === null) console.warn(`engine units: skipped, there is no ${compiler}`);
const BENCHES = fileURLToPath(new URL('../../hw/hls/test', import.meta.url));
const folder = temporaryFolder('hls-units');
afterAll(folder.remove);

const random = seededRandom(5);
const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
const oneOf = <T>(values: readonly T[]): T => values[between(0, values.length - 1)]!;
const bits = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0]!;
/** Mostly within `most`, sometimes at its ends. */
const within = (most: number): number => (random() < 0.1 ? oneOf([most, -most]) : between(-most, most));
const { fround } = Math;

async function make(target: string): Promise<string> {
  const ran = await runProgram('make', ['-C', BENCHES, target, `CXX=${compiler}`, `BUILD=${folder.path}`], {
    maxOutput: 1 << 26,
  });
  if (ran.kind !== 'done') throw new Error(ran.kind === 'failed' ? `${ran.stdout}\n${ran.stderr}` : 'there is no make');
  return ran.stdout;
}

/** One value through a tail of one channel: the descriptor's flags and numbers, then what the contract makes of it. */
function tailVector(): string {
  const flag = (bit: number, on: boolean): number => (on ? 2 ** bit : 0);
  const [scale, bias, shortcut, prelu, gamma, zeta, ge, gt] = Array.from({ length: 8 }, () => random() < 0.6);
  const flags = [scale, bias, shortcut, prelu, gamma, zeta, ge].reduce((sum, on, bit) => sum + flag(bit, on!), 0);
  const [entryShift, scaleShift, slopeShift] = [between(0, 15), between(0, 15), between(0, 15)];
  const pool = oneOf([1, 2] as const);
  const shortcutShift = between(0, 16);
  const v = within(2 ** oneOf([5, 12, 20]));
  const corners = Array.from({ length: 4 }, () => within(32767));
  const z = pool === 1 ? corners[0]! : corners.reduce((a, b) => a + b);
  const numbers = {
    scale: within(32767),
    offset: within(2 ** oneOf([4, 16, 30])),
    bias: within(32767),
    gamma: within(400),
    slope: within(32767),
    zeta: within(32767),
    alpha: within(300),
  };
  const map = createPackedMap({ channels: 1, height: 1, width: 1 }, { top: 0, bottom: 0, left: 0, right: 0 });
  const store = new Int16Array(1);
  const tail: ResolvedFixedTail = {
    shape: { channels: 1, height: 1, width: 1 },
    entryShift,
    scale: scale
      ? { multiplier: Int16Array.of(numbers.scale), offset: Int32Array.of(numbers.offset), shift: scaleShift }
      : null,
    bias: bias ? Int16Array.of(numbers.bias) : null,
    shortcut: shortcut
      ? { data: Int16Array.from(corners), channels: 1, pool, width: pool === 1 ? 1 : 2, shift: shortcutShift }
      : null,
    prelu: prelu
      ? {
          gamma: gamma ? Int16Array.of(numbers.gamma) : null,
          slope: Int16Array.of(numbers.slope),
          slopeShift,
          zeta: zeta ? Int16Array.of(numbers.zeta) : null,
          compare: ge ? 'ge' : 'gt',
        }
      : null,
    store,
    rowSums: null,
    bits: { map, threshold: Int16Array.of(numbers.alpha), compare: gt ? 'gt' : 'ge' },
  };
  finishFixedPixel(tail, Int32Array.of(v), 0, 0, newCounts());
  const shift = pool === 2 ? shortcutShift + 2 : shortcutShift;
  const settings = [flags + flag(10, gt!), entryShift, scaleShift, shift, slopeShift, v, z];
  return `tail ${[...settings, ...Object.values(numbers), store[0], readBit(map, 0, 0, 0)].join(' ')}`;
}

function averageVector(): string {
  const [height, width] = [between(1, 8), between(1, 8)];
  const data = Int16Array.from({ length: height * width }, () => within(32767));
  let value = 0;
  const values = new Int32Array(1);
  const sink: PixelSink = {
    shape: { channels: 1, height: 1, width: 1 },
    values,
    finish: () => {
      value = values[0]!;
    },
  };
  const window = {
    kernelHeight: height,
    kernelWidth: width,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: 0,
    padLeft: 0,
    padBottom: 0,
    padRight: 0,
  };
  const inputShape = { channels: 1, height, width };
  fixedAveragePool({ input: data, inputShape, window, countIncludePad: true, sink }, newCounts());
  return `average ${data.reduce((a, b) => a + b, 0)} ${height * width} ${value}`;
}

/** Numbers of `enum function` (dybnn_float.hpp). */
const FUNCTIONS: readonly PointFunction[] = [
  { kind: 'relu' },
  { kind: 'clip', lo: -1.5, hi: 6 },
  { kind: 'hardSigmoid', alpha: fround(0.2), beta: 0.5 },
  { kind: 'hardSwish' },
  { kind: 'sigmoid' },
  { kind: 'swish' },
  { kind: 'negate' },
];

/** Numbers around which the exponential changes its power of two: (n - 1/2) ln 2, and those beside it. */
function nearPower(): number {
  const near = Float32Array.of((between(-125, 127) - 0.5) * Math.LN2);
  const view = new Int32Array(near.buffer);
  view[0]! += between(-2, 2);
  return -near[0]!;
}

function functionVector(): string {
  const index = between(0, FUNCTIONS.length - 1);
  const fn = FUNCTIONS[index]!;
  const x = random() < 0.5 ? nearPower() : fround(within(100) * oneOf([1, 0.3, 0.01, 1e-20]) * random());
  const alpha = fn.kind === 'clip' ? fn.lo : fn.kind === 'hardSigmoid' ? fn.alpha : 0;
  const beta = fn.kind === 'clip' ? fn.hi : fn.kind === 'hardSigmoid' ? fn.beta : 0;
  return `function ${index + 1} ${bits(alpha)} ${bits(beta)} ${bits(x)} ${bits(pointFunction(fn)(x))}`;
}

function fixedVector(): string {
  const fraction = between(-14, 30);
  const x = fround((within(140000) + oneOf([0, 0.25, 0.5])) * 2 ** -(fraction + between(0, 18)));
  return `fixed ${bits(x)} ${fraction} ${toFixed(x, fraction, newCounts())}`;
}

describe.skipIf(found === null)("the engine's units", () => {
  test('benches in C++', async () => {
    const text = await make('test');
    const lines = [...text.matchAll(/^(.+): (\d+) passed, (\d+) failed$/gm)];
    expect(lines.map((l) => l[1])).toEqual(['units', 'limits', 'steps', 'float steps']);
    for (const [, name, passed, failed] of lines) {
      expect(Number(failed), name).toBe(0);
      expect(Number(passed), name).toBeGreaterThan(name === 'limits' ? 10 : 1000);
    }
  }, 900_000);

  test('vectors of the contract', async () => {
    await make(`${folder.path}/test_vectors`);
    const makers = [tailVector, averageVector, functionVector, fixedVector];
    const lines = makers.flatMap((maker) => Array.from({ length: 4000 }, maker));
    const input = join(folder.path, 'vectors.txt');
    writeFileSync(input, `${lines.join('\n')}\n`);
    const ran = await runProgram('sh', ['-c', `'${folder.path}/test_vectors' < '${input}'`]);
    // A tail compares its value and its bit.
    expect(ran).toMatchObject({ kind: 'done', stdout: `vectors: ${lines.length + 4000} passed, 0 failed\n` });
  }, 900_000);
});
