/** What integers cost, as verify says it: nothing where nothing differs, each step's own share where something does. */
import { expect, test } from 'vitest';
import { calibrate } from '../../src/fixed/calibrate.js';
import { quantizeProgram } from '../../src/fixed/quantize-program.js';
import type { Ranges } from '../../src/fixed/ranges.js';
import { lower } from '../../src/lower/lower.js';
import { optimize } from '../../src/optimize/optimize.js';
import type { Program } from '../../src/program/program.js';
import { simulate } from '../../src/simulate/simulate.js';
import { FloatReference, hasIntegers, NearnessComparison } from '../../src/verify/nearness.js';
import { BnnBuilder, dynamicBlock, window } from '../support/bnn-builder.js';

const b = new BnnBuilder(21);
const stem = b.conv(b.input(3, 12, 12), 16, window(3, 1, 1));
const bnn = optimize(b.build(b.dense(b.gap(dynamicBlock(b, dynamicBlock(b, stem, 2, true), 1, false)), 10)));
const float = lower(bnn);
const samples = [1, 2].map((k) => Float32Array.from({ length: 432 }, (_, i) => Math.sin(0.3 * k * i) + 0.1 * k));
const ranges = calibrate(float, Float32Array.from(samples.flatMap((s) => [...s])));
const fixed = (of: Ranges = ranges): Program => quantizeProgram(float, of, { numeric: 'fixed16', firstLast: 'int8' });

function compare(program: Program): NearnessComparison {
  const comparison = new NearnessComparison(program, bnn);
  const reference = new FloatReference(float, bnn);
  for (const input of samples) {
    const { values, output } = reference.values(input);
    expect(output).toEqual(simulate(float, input).output);
    expect(comparison.add(input, values)).toEqual(simulate(program, input).output);
  }
  return comparison;
}

test('float32 beside itself: every real number equal, no sign flipped', () => {
  expect(hasIntegers(float)).toBe(false);
  const comparison = compare(float);
  const layers = float.steps.map((_, i) => comparison.layer(i));
  expect(layers.filter((l) => l !== null).length).toBeGreaterThan(float.steps.length / 2);
  for (const layer of layers) {
    if (layer === null) continue;
    expect(layer.own).toEqual(layer.free);
    expect(layer.own).toMatchObject({ snr: null, flips: 0 });
  }
});

test('fixed16: own rounding is far below the signal at each step, and what comes together is no less', () => {
  const program = fixed();
  expect(hasIntegers(program)).toBe(true);
  const comparison = compare(program);
  const layers = program.steps.flatMap((step, i) => {
    const near = comparison.layer(i);
    return near === null ? [] : [{ step, near }];
  });
  expect(new Set(layers.map((l) => l.step.kind))).toEqual(
    new Set(['quantize', 'int8Conv2d', 'globalAveragePool', 'dense', 'map', 'binaryConv2d']),
  );
  let [own, free] = [0, 0];
  for (const { step, near } of layers) {
    if (near.own.reals > 0)
      expect(near.own.snr ?? 200, step.name).toBeGreaterThan(step.kind === 'int8Conv2d' ? 35 : 50);
    own += near.own.flips;
    free += near.free.flips;
  }
  expect(layers.reduce((sum, l) => sum + l.near.own.signs, 0)).toBeGreaterThan(5000);
  expect(own).toBeLessThan(free);
});

test('one step with too few bits shows at that step alone', () => {
  const at = float.steps.findIndex((s) => s.kind === 'binaryConv2d');
  const tails = new Map(ranges.tails);
  tails.set(at, { ...tails.get(at)!, largest: 4000 * tails.get(at)!.largest });
  const program = fixed({ ...ranges, tails });
  const [before, after] = [compare(fixed()), compare(program)];
  const index = program.steps.findIndex((s) => s.name === float.steps[at]!.name);
  expect(before.layer(index)!.own.snr! - after.layer(index)!.own.snr!).toBeGreaterThan(30);
  const stemAt = program.steps.findIndex((s) => s.kind === 'int8Conv2d');
  expect(after.layer(stemAt)).toEqual(before.layer(stemAt));
});
