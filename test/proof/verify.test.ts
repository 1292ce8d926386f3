/** verify finds what it is there for, names it, and calls a flip only what rounding explains. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findCCompiler } from '../../src/host/c-compiler.js';
import { loadAssets } from '../../src/host/load-assets.js';
import { findOnnxRuntime } from '../../src/host/onnx-runtime.js';
import { buildProgram, type FrontEndResult } from '../../src/pipeline.js';
import type { Constant, ConstantData, Program } from '../../src/program/program.js';
import { simulate } from '../../src/simulate/simulate.js';
import type { Assets } from '../../src/target/files.js';
import { syntheticInputs } from '../../src/target/golden.js';
import type { VerifyReport } from '../../src/verify/report.js';
import { verifyModel } from '../../src/verify/verify-model.js';
import { cli } from '../cli/run-cli.js';
import { float, OnnxBuilder } from '../support/onnx-builder.js';
import { seededRandom } from '../support/random.js';
import { C_MUTANTS } from './mutants.js';
import { patch } from './patch.js';

const fixture = (name: string): string => new URL(`../exports/fixtures/${name}.onnx`, import.meta.url).pathname;
const load = (name: string): { bytes: Uint8Array; built: FrontEndResult } => {
  const bytes = readFileSync(fixture(name));
  return { bytes, built: buildProgram(bytes, { modelName: name }) };
};

interface How {
  readonly onnx?: boolean;
  /** Compiles the portable kernels with these assets. */
  readonly c?: Assets;
  readonly data?: Float32Array;
}

async function verify({ bytes, built }: { bytes: Uint8Array; built: FrontEndResult }, how: How): Promise<VerifyReport> {
  const data = how.data ?? syntheticInputs(built.program, 2);
  const size = built.program.input.shape.reduce((p, d) => p * d, 1);
  return verifyModel({
    modelName: 'model.onnx',
    bytes,
    built,
    samples: { data, count: data.length / size, words: 'test' },
    onnxRuntime: how.onnx
      ? await findOnnxRuntime({ folder: '.', externalFiles: [], onnx: built.onnx })
      : { absent: 'left out' },
    compiler: how.c ? await findCCompiler(how.c, { CC: 'cc -DDYBNN_ONLY_SCALAR' }) : { absent: 'left out' },
  });
}

/** The program with one constant changed: a bug of the compiler, as far as the engines can tell. */
function withConstant(built: FrontEndResult, name: RegExp, change: (value: ConstantData) => void): FrontEndResult {
  let changed = 0;
  const constants = built.program.constants.map((c): Constant => {
    if (!name.test(c.name)) return c;
    changed++;
    const value = { ...c.value, data: c.value.data.slice() } as ConstantData;
    change(value);
    return { ...c, value };
  });
  expect(changed).toBe(1);
  const program: Program = { ...built.program, constants };
  return { ...built, program };
}

const onlyLayersWith = (report: VerifyReport): string[] =>
  report.layers.filter((l) => (l.teacherForced?.mismatches ?? 0) > 0).map((l) => l.name);

test('an exported DyBNN: layer by layer within rounding of ONNX Runtime', async () => {
  const report = await verify(load('dybnn-18-training'), { onnx: true });
  expect(report.verdict).toBe('agree');
  expect(report.firstMismatch).toBeNull();
  expect(report.top1).toEqual({ agree: 2, of: 2 });
  const compared = report.layers.filter((l) => l.teacherForced !== null);
  expect(compared.length).toBeGreaterThan(0.7 * report.layers.length);
  for (const { teacherForced } of compared) expect(teacherForced!.maxUlps).toBeLessThan(100);
});

test('a batch normalization folded 0.1 % wrong is a mismatch of that layer alone', async () => {
  const { bytes, built } = load('reactnet-18-training');
  const conv = built.program.steps.find((s) => s.kind === 'binaryConv2d')!;
  const scale = new RegExp(`^${built.program.constants[(conv as { tail: { scale: number } }).tail.scale]!.name}$`);
  const wrong = withConstant(built, scale, ({ data }) => {
    data[3] = data[3]! * 1.001;
  });
  const report = await verify({ bytes, built: wrong }, { onnx: true });
  expect(report.verdict).toBe('differ');
  expect(onlyLayersWith(report)).toEqual([conv.name]);
  expect(report.firstMismatch).toMatchObject({ stepName: conv.name, channel: 3 });
  expect(report.firstMismatch!.origin.join()).toMatch(/BatchNormalization/);
});

test('weights packed from the other end are a mismatch of that layer alone', async () => {
  const { bytes, built } = load('reactnet-18-training');
  const conv = built.program.steps.find((s) => s.kind === 'binaryConv2d')!;
  const weights = new RegExp(`^${built.program.constants[(conv as { weights: number }).weights]!.name}$`);
  const wrong = withConstant(built, weights, ({ data }) => {
    const channels = (conv as { inputShape: { channels: number } }).inputShape.channels;
    for (let i = 0; i < data.length; i++) {
      let reversed = 0;
      for (let b = 0; b < Math.min(channels, 32); b++)
        if ((data[i]! >>> b) & 1) reversed |= 1 << (Math.min(channels, 32) - 1 - b);
      data[i] = reversed >>> 0;
    }
  });
  const report = await verify({ bytes, built: wrong }, { onnx: true });
  expect(onlyLayersWith(report)).toEqual([conv.name]);
});

test('a wrong correction for padding is a difference of C, named with its first element', async () => {
  const { bytes, built } = load('reactnet-18-training');
  const conv = built.program.steps.find((s) => s.kind === 'binaryConv2d')!;
  const base = new RegExp(`^${built.program.constants[(conv as { base: number }).base]!.name}$`);
  const wrong = withConstant(built, base, ({ data }) => {
    data[0] = data[0]! - 2;
  });
  const report = await verify({ bytes, built: wrong }, { c: loadAssets() });
  expect(report.verdict).toBe('differ');
  expect(report.layers.filter((l) => l.c !== null).map((l) => l.name)).toEqual([conv.name]);
  expect(report.layers.find((l) => l.c !== null)!.c).toMatch(
    /first at channel 0, y 0, x 0: C .*, simulator .*kernels scalar/,
  );
});

test('a bug in a kernel is named by the step that shows it first', async () => {
  const assets = loadAssets();
  const mutant = C_MUTANTS.find((m) => m.name === 'PReLU sides swapped')!;
  const hardware = (folder: string): ReadonlyMap<string, string> => {
    const files = new Map(assets.hardware(folder));
    if (folder === 'cpu') files.set(mutant.file, patch(files.get(mutant.file)!, mutant.edits, mutant.name));
    return files;
  };
  const model = load('reactnet-18-training');
  const report = await verify(model, { c: { ...assets, hardware } });
  expect(report.verdict).toBe('differ');
  const first = model.built.program.steps.find((s) => 'tail' in s && s.tail.prelu)!;
  expect(report.layers.filter((l) => l.c !== null).map((l) => l.name)).toEqual([first.name]);
});

test('signs that differ within rounding of their threshold are flips, and no mismatch', async () => {
  const outputs = 96;
  const inputs = 40;
  const random = seededRandom(5);
  const weights = Array.from({ length: outputs * inputs * 9 }, () => Math.fround(2 * random() - 1));
  const sample = Float32Array.from({ length: inputs * 9 }, () => 2 * random() - 1);
  const model = (thresholds: readonly number[]): Uint8Array => {
    const m = new OnnxBuilder();
    const x = m.input('x', [1, inputs, 3, 3]);
    const y = m.node('Conv', [x, m.float('w', [outputs, inputs, 3, 3], weights)], {}, { output: 'y' });
    const plus = m.node('GreaterOrEqual', [y, m.float('alpha', [1, outputs, 1, 1], thresholds)]);
    const sign = m.node('Where', [plus, m.float('one', [], [1]), m.float('minus', [], [-1])], {}, { output: 'sign' });
    m.output(m.node('LeakyRelu', [sign], { alpha: float(0.5) }, { output: 'z' }), [1, outputs, 1, 1]);
    return m.bytes();
  };
  // Thresholds that the contract's own sums meet exactly: a sum in another order lies to either side.
  const first = buildProgram(model(new Array<number>(outputs).fill(0)), { modelName: 'first' }).program;
  const sums: number[] = [];
  const conv = first.steps.find((s) => s.kind === 'conv2d' || s.kind === 'dense')!;
  const observed: Program = {
    ...first,
    buffers: [
      ...first.buffers,
      {
        ...first.buffers[0]!,
        layout: { kind: 'map', shape: { channels: outputs, height: 1, width: 1 } },
        placement: { kind: 'workspace', offset: 0 },
      },
    ],
    steps: first.steps.map((s) =>
      s === conv && 'tail' in s ? { ...s, tail: { ...s.tail, store: first.buffers.length } } : s,
    ),
  };
  simulate(observed, sample, (step, _index, contents) => {
    if (step.name !== conv.name) return;
    const found = contents(first.buffers.length);
    if (found.kind === 'real') sums.push(...found.data);
  });
  const bytes = model(sums);
  const built = buildProgram(bytes, { modelName: 'flips' });
  const report = await verify({ bytes, built }, { onnx: true, data: sample });
  expect(report.verdict).toBe('agree');
  const layer = report.layers.find((l) => l.name === conv.name)!.teacherForced!;
  expect(layer.flips).toBeGreaterThan(0);
  expect(layer.flipExamples[0]!.margin).toBeLessThanOrEqual(layer.flipExamples[0]!.bound);
  expect(layer.flipExamples[0]!.bound).toBeLessThan(2e-4);
  // The same model with a threshold that is off by more than rounding is no flip.
  const shifted = withConstant(built, /threshold/, ({ data }) => {
    for (let i = 0; i < data.length; i++) data[i] = data[i]! + 1e-3;
  });
  const wrong = await verify({ bytes, built: shifted }, { onnx: true, data: sample });
  expect(wrong.verdict).toBe('differ');
});

test('an engine that is not there is said, and does not count as agreement', async () => {
  const model = load('bn-kept');
  const report = await verify(model, {});
  expect(report.verdict).toBe('nothing compared');
  expect(report.onnxRuntime).toEqual({ status: 'absent', reason: 'left out' });
  const missing = await findCCompiler(loadAssets(), { CC: 'no-such-compiler' });
  expect(missing).toEqual({ absent: 'no C compiler: CC=no-such-compiler: no such command' });
});

test('the command: a table for people, JSON for programs, status 0 where all agree', async () => {
  const text = await cli(['verify', fixture('dybnn-a-training'), '--no-c', '--samples', '1'], { columns: 120 });
  expect(text.status).toBe(0);
  expect(text.out).toMatch(/ONNX Runtime {2}\d+\.\d+\.\d+, \d+ of \d+ steps compared/);
  expect(text.out).toMatch(/generated C {3}not compared: --no-c/);
  expect(text.out).toMatch(/ONNX Runtime agrees with it within rounding/);
  const json = await cli(['verify', fixture('bn-kept'), '--no-c', '--samples', '1', '--json']);
  expect(json.status).toBe(0);
  expect(JSON.parse(json.out)).toMatchObject({ verdict: 'agree', samples: 1, c: { status: 'absent' } });
  const nothing = await cli(['verify', fixture('bn-kept'), '--no-c', '--no-onnx']);
  expect(nothing.status).toBe(1);
  expect(nothing.out).toMatch(/nothing was compared/);
});
