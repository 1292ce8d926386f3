/** verify with integers: bits against C as ever, signal-to-noise against ONNX Runtime or, without it, the float32 simulator. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { LayerReport } from '../../src/verify/report.js';
import { cli, SMALL_DYBNN, SMALL_INPUT, temporaryFolder } from './run-cli.js';

const root = temporaryFolder();
const verify = (...args: string[]) => cli(['verify', SMALL_DYBNN, '-i', SMALL_INPUT, '--no-c', ...args]);
const FIXED = ['--numeric', 'fixed16', '--calibrate', SMALL_INPUT];

test('beside ONNX Runtime', async () => {
  const { status, out, err } = await verify(...FIXED, '--json');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const report = JSON.parse(out);
  expect(report).toMatchObject({ numeric: 'fixed16', reference: 'ONNX Runtime', verdict: 'agree', top1: { of: 1 } });
  expect(report.layers.every((l: LayerReport) => l.teacherForced === null && l.freeRunning === null)).toBe(true);
  const near = report.layers.flatMap((l: LayerReport) => l.nearness ?? []);
  expect(near.length).toBeGreaterThan(report.layers.length / 3);
  for (const { own } of near) if (own.snr !== null) expect(own.snr).toBeGreaterThan(30);
});

test('in words, with what they mean', async () => {
  const { status, out } = await verify(...FIXED);
  expect(status).toBe(0);
  expect(out).toMatch(/\nfixed16 +beside ONNX Runtime\n/);
  expect(out).toMatch(/# +layer +own dB +flips +dB +all flips/);
  expect(out).toMatch(/top-1, each running freely: simulator and ONNX Runtime agree on [01] of 1 samples/);
  expect(out).toContain('own dB and flips: each step fed its values');
  expect(out).not.toContain('agrees with it within rounding');
});

test('without ONNX Runtime the float32 simulator is what integers are beside of', async () => {
  const { status, out } = await verify(...FIXED, '--no-onnx', '--report', join(root, 'r.json'));
  expect(status).toBe(0);
  expect(out).toMatch(/ONNX Runtime +not compared: --no-onnx\nfixed16 +beside the float32 simulator\n/);
  const written = JSON.parse(readFileSync(join(root, 'r.json'), 'utf8'));
  const validate = new Ajv2020({ allErrors: true }).compile(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../templates/report/report.schema.json'), 'utf8')),
  );
  validate(written);
  expect(validate.errors).toBeNull();
  expect(written.verify).toMatchObject({ reference: 'the float32 simulator', onnxRuntime: null, verdict: 'agree' });
});

test('int8 ends: only the ends round', async () => {
  const { out } = await verify('--first-last', 'int8', '--calibrate', SMALL_INPUT, '--no-onnx', '--json');
  const report = JSON.parse(out);
  expect(report).toMatchObject({ numeric: 'float32', reference: 'the float32 simulator' });
  for (const { name, nearness, description } of report.layers as LayerReport[]) {
    if (nearness === null || nearness.own.reals === 0) continue;
    const integers = /int8|int16/.test(description);
    if (integers) expect(nearness.own.snr, name).toBeLessThan(110);
    else expect(nearness.own.snr ?? 200, name).toBeGreaterThan(110);
  }
});

test('float32 stays held to rounding', async () => {
  const report = JSON.parse((await verify('--json')).out);
  expect(report).toMatchObject({ numeric: 'float32', reference: null, verdict: 'agree' });
  expect(report.layers.some((l: LayerReport) => l.teacherForced !== null)).toBe(true);
  expect(report.layers.every((l: LayerReport) => l.nearness === null)).toBe(true);
});
