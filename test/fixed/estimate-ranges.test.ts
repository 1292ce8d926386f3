/** Ranges without samples: intervals hold for every input, batch normalization's statistics are used, and how near it comes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPictures } from '../../examples/fashion-mnist/pictures.js';
import { calibrate } from '../../src/fixed/calibrate.js';
import { estimateExtents, estimateRanges, INPUT_REACH } from '../../src/fixed/estimate-ranges.js';
import { SIGMAS } from '../../src/fixed/extent.js';
import { readModel } from '../../src/host/read-model.js';
import { lower } from '../../src/lower/lower.js';
import { optimize } from '../../src/optimize/optimize.js';
import { buildProgram } from '../../src/pipeline.js';
import { accessesOf, type Program } from '../../src/program/program.js';
import { elementReader } from '../../src/simulate/buffer-contents.js';
import { simulate } from '../../src/simulate/simulate.js';
import { networkPlans } from '../proof/network-arbitrary.js';
import { interpretPlan } from '../proof/network-plan.js';
import { BnnBuilder, dynamicBlock, window } from '../support/bnn-builder.js';
import { OnnxBuilder } from '../support/onnx-builder.js';
import { seededRandom } from '../support/random.js';

/** The first value outside its interval, or null. Intervals are made in binary64, values in binary32: hence the allowance. */
function firstOutside(program: Program, input: Float32Array): string | null {
  const { extents } = estimateExtents(program);
  let found: string | null = null;
  simulate(program, input, (step, _index, contents) => {
    const partial = step.kind === 'concat' && step.offset + step.shape.channels < step.outputChannels;
    for (const ref of partial ? [] : accessesOf(step).writes) {
      const { layout, name } = program.buffers[ref]!;
      if (layout.kind === 'rowSums' || layout.kind === 'external') continue;
      const at = elementReader(contents(ref), layout.shape);
      const { least, most } = extents.get(ref)!;
      const { channels, height, width } = layout.shape;
      for (let c = 0; c < channels; c++) {
        const allowance = 1e-4 * Math.max(1, Math.abs(least[c]!), Math.abs(most[c]!));
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const v = at(y, x, c);
            if (v < least[c]! - allowance || v > most[c]! + allowance)
              found ??= `${step.name} ${name}[${c}]: ${v} outside [${least[c]}, ${most[c]}]`;
          }
        }
      }
    }
  });
  return found;
}

function inputsFor(program: Program, seed: number): Float32Array {
  const random = seededRandom(seed);
  const size = program.input.shape.reduce((p, d) => p * d, 1);
  // At the ends half of the time: intervals are met there.
  return Float32Array.from({ length: size }, () =>
    random() < 0.5 ? INPUT_REACH * Math.sign(random() - 0.5) : INPUT_REACH * (2 * random() - 1),
  );
}

test('no value leaves its interval, in networks at random', () => {
  fc.assert(
    fc.property(networkPlans, (plan) => {
      const program = lower(optimize(interpretPlan(plan).graph));
      expect(firstOutside(program, inputsFor(program, plan.seed))).toBeNull();
    }),
    { numRuns: 60, seed: 7 },
  );
});

test('nor in a DyBNN', () => {
  const b = new BnnBuilder(3);
  const stem = b.conv(b.input(3, 12, 12), 16, window(3, 1, 1));
  const program = lower(
    optimize(b.build(b.dense(b.gap(dynamicBlock(b, dynamicBlock(b, stem, 2, true), 1, false)), 10))),
  );
  for (const seed of [1, 2, 3]) expect(firstOutside(program, inputsFor(program, seed))).toBeNull();
});

test('padding is 0, far from a map that was shifted away from it', () => {
  const m = new OnnxBuilder();
  const shifted = m.node('Add', [m.input('x', [1, 1, 4, 4]), m.float('c', [1, 1, 1], [10])]);
  const pool = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 };
  const conv = m.node('Conv', [shifted, m.float('w', [1, 1, 3, 3], new Array(9).fill(1))], { pads: [1, 1, 1, 1] });
  m.output(m.node('Add', [conv, m.node('AveragePool', [shifted], pool)]));
  const { program } = buildProgram(m.bytes(), { modelName: 'm' });
  expect(firstOutside(program, new Float32Array(16).fill(1))).toBeNull();
});

test('the input has room for twice what it is taken for, whichever buffer holds it', () => {
  const b = new BnnBuilder(5);
  const program = lower(b.build(b.conv(b.input(3, 4, 4), 2)));
  const { buffers } = estimateRanges(program);
  expect(program.buffers.map((_, ref) => buffers.get(ref)).slice(0, 2)).toEqual([2 * INPUT_REACH, 2 * INPUT_REACH]);
});

/** A sign, then a binary 1x1 convolution with batch normalization behind it, then `more`. */
function normalized(more: (m: OnnxBuilder, x: string) => string): Program {
  const m = new OnnxBuilder();
  const x = m.node('Sign', [m.input('x', [1, 2, 3, 3])]);
  const w = m.float('w', [3, 2, 1, 1], [1, -1, 1, 1, -1, -1]);
  const bn = m.node('BatchNormalization', [
    m.node('Conv', [x, w]),
    m.float('scale', [3], [2, -3, 0.5]),
    m.float('bias', [3], [10, 20, -5]),
    m.float('mean', [3], [1, 2, 3]),
    m.float('var', [3], [4, 4, 4]),
  ]);
  m.output(more(m, bn));
  return buildProgram(m.bytes(), { modelName: 'm' }).program;
}

const statisticsOf = (program: Program) =>
  program.steps.flatMap((s) => ('tail' in s && s.tail.statistics ? [s.tail.statistics] : []));
const arrays = (program: Program) => statisticsOf(program).map((s) => [[...s.mean], [...s.deviation]]);

test('batch normalization leaves mean and deviation on the step that it is folded into', () => {
  expect(arrays(normalized((_, x) => x))).toEqual([
    [
      [10, 20, -5],
      [2, 3, 0.5],
    ],
  ]);
});

test('constants behind it move them', () => {
  const scaled = (m: OnnxBuilder, x: string): string => {
    const twice = m.node('Mul', [x, m.float('f', [3, 1, 1], [-2, 1, 0])]);
    return m.node('Sub', [m.float('c', [3, 1, 1], [1, 1, 1]), twice]);
  };
  expect(arrays(normalized(scaled)).at(-1)).toEqual([
    [21, -19, 1],
    [4, 3, 0],
  ]);
});

test('two convolutions that become one join them', () => {
  const pair = (m: OnnxBuilder, x: string): string => {
    const sign = m.node('Sign', [x]);
    const half = (name: string, bias: number, w: number): string => {
      const conv = m.node('Conv', [sign, m.float(`${name}_w`, [3, 3, 1, 1], [1, w, -1, 1, -1, 1, 1, 1, 1])]);
      const of = (what: string, v: number): string => m.float(`${name}_${what}`, [3], [v, v, v]);
      const bn = m.node('BatchNormalization', [conv, of('s', bias / 2), of('b', bias), of('m', 0), of('v', 1)]);
      return m.node('Add', [bn, x]);
    };
    return m.node('Concat', [half('left', 4, 1), half('right', 6, -1)], { axis: 1 });
  };
  expect(arrays(normalized(pair)).at(-1)).toEqual([
    [4, 4, 4, 6, 6, 6],
    [2, 2, 2, 3, 3, 3],
  ]);
});

test('a bias made anew for every input takes them away', () => {
  const b = new BnnBuilder(4);
  const x = b.input(4, 5, 5);
  const made = b.generator(x);
  const conv = b.conv(b.rprelu(x, made), 4, window(1, 1, 0));
  const shifted = b.scaleBias(conv, false);
  const graph = b.build(shifted);
  const known = { mean: new Float64Array(4), deviation: new Float64Array(4).fill(1) };
  const values = graph.values.map((v) => (v.id === conv ? { ...v, statistics: known } : v));
  const dynamic = graph.nodes.map((n) => (n.kind === 'ScaleBias' && n.output === shifted ? { ...n, bias: made } : n));
  expect(statisticsOf(lower({ ...graph, values, output: conv }))).toEqual([known]);
  expect(statisticsOf(lower({ ...graph, values, nodes: dynamic }))).toEqual([]);
});

test('they are what the estimate is made of', () => {
  const program = normalized((_, x) => x);
  // Channel 1: 20 and six deviations of 3; but dots of two products stay within 2, so 2 * -1.5 + 23 is the most.
  const tail = estimateRanges(program).tails.get(program.steps.findIndex((s) => s.kind === 'binaryConv2d'));
  expect(SIGMAS).toBeGreaterThan(4);
  expect(tail?.largest).toBeCloseTo(26, 3);
});

test.each(['dybnn', 'reactnet'])('the %s of Fashion-MNIST: at least what is seen, at most 20 times as much', (name) => {
  const { bytes, ...model } = readModel(`examples/fashion-mnist/models/${name}.onnx`);
  const { floatProgram } = buildProgram(bytes, model);
  const seen = calibrate(floatProgram, readPictures().inputs.subarray(0, 16 * 784));
  const estimated = estimateRanges(floatProgram);
  for (const [index, { largest }] of seen.tails) {
    const ratio = estimated.tails.get(index)!.largest / largest;
    expect(ratio, floatProgram.steps[index]!.name).toBeGreaterThan(1);
    expect(ratio, floatProgram.steps[index]!.name).toBeLessThan(20);
  }
});
