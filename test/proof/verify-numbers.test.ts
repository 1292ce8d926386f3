/** The verifier refuses what clauses 11 to 15 do not allow: each row breaks one bound of a Program that was right. */
import { expect, test } from 'vitest';
import { calibrate } from '../../src/fixed/calibrate.js';
import { lower } from '../../src/lower/lower.js';
import { optimize } from '../../src/optimize/optimize.js';
import type { Buffer, ConstantData, FixedTail, Program, Step, Tail } from '../../src/program/program.js';
import { verifyProgram } from '../../src/program/verify-program.js';
import { withIntegers } from './check-integers.js';
import { square, VectorGraph } from './vector-graph.js';

function network(): VectorGraph {
  const g = new VectorGraph(3);
  const x = g.input(16, 6, 6);
  const stem = g.conv(x, 16, square(3, 1, 1));
  const bent = g.prelu(
    g.plus(g.binary(g.sign(stem, g.fixed(stem)), 16, square(3, 1, 1)), stem),
    g.fixed(stem),
    g.generator(stem, null),
    'gt',
  );
  const biased = g.scaleBias(bent, null, g.fixed(bent));
  const pooled = g.pool('AveragePool', biased, square(3, 1, 1), false);
  const joined = g.concat(pooled, g.conv(biased, 5, square(1)));
  g.dense(g.mean(joined), 7);
  return g;
}

const { graph, inputs } = network().build('', '', () => Math.random() - 0.5);
const float = lower(optimize(graph));
const right = withIntegers(float, calibrate(float, inputs), 'fixed16');

const tailOf = (step: Step): Tail | null => ('tail' in step ? step.tail : null);

/** The first step for which `change` gives another. */
function withStep(change: (step: Step) => Step | null): Program {
  let changed = 0;
  const steps = right.steps.map((step) => {
    const other = changed === 0 ? change(step) : null;
    if (other) changed++;
    return other ?? step;
  });
  expect(changed).toBe(1);
  return { ...right, steps };
}

function withTail(fits: (tail: Tail, step: Step) => boolean, numbers: Partial<FixedTail>): Program {
  return withStep((step) => {
    const tail = tailOf(step);
    if (!tail?.fixed || !fits(tail, step)) return null;
    return { ...step, tail: { ...tail, fixed: { ...tail.fixed, ...numbers } } } as Step;
  });
}

/** The constant that `pick` finds in a step, changed. */
function withConstant(pick: (step: Step) => number | null | undefined, change: (value: ConstantData) => void): Program {
  const ref = right.steps.map(pick).find((r) => typeof r === 'number');
  const constants = right.constants.map((c, i) => {
    if (i !== ref) return c;
    const value = { ...c.value, data: c.value.data.slice() } as ConstantData;
    change(value);
    return { ...c, value };
  });
  expect(ref).toBeDefined();
  return { ...right, constants };
}

function withBuffer(pick: (step: Step) => number | null | undefined, layout: (b: Buffer) => Buffer['layout']): Program {
  const ref = right.steps.map(pick).find((r) => typeof r === 'number');
  expect(ref).toBeDefined();
  return { ...right, buffers: right.buffers.map((b, i) => (i === ref ? { ...b, layout: layout(b) } : b)) };
}

const refined = (by: number) => (b: Buffer) =>
  b.layout.kind === 'map' || b.layout.kind === 'rowSums'
    ? { ...b.layout, fraction: (b.layout.fraction ?? 0) + by }
    : b.layout;
const set = (at: number, v: number) => (value: ConstantData) => {
  value.data[at] = v;
};
const scaled = (tail: Tail): boolean => tail.scale !== undefined;

const BROKEN: readonly (readonly [name: string, says: RegExp, program: () => Program])[] = [
  ['a fraction of 31', /fraction of 31 \(11\.1\)/, () => withTail(scaled, { fraction: 31 })],
  ['a fraction of half a bit', /fraction of 0\.5 \(11\.1\)/, () => withTail(scaled, { fraction: 0.5 })],
  [
    'a buffer of fraction -15',
    /fraction of -15 \(11\.1\)/,
    () =>
      withBuffer(
        (s) => tailOf(s)?.store,
        (b) => ({ kind: 'map', shape: b.layout.shape, fraction: -15 }),
      ),
  ],
  [
    'a conversion to another fraction',
    /another fraction than what it writes \(11\.3\)/,
    () => withStep((s) => (s.kind === 'quantize' ? { ...s, fraction: s.fraction - 1 } : null)),
  ],
  [
    'accumulators shifted by 16',
    /r = 16 \(12\.1\)/,
    () => withTail((_, s) => s.kind === 'int8Conv2d', { entryShift: 16 }),
  ],
  ['dots that are shifted', /r = 1 \(12\.1\)/, () => withTail((_, s) => s.kind === 'binaryConv2d', { entryShift: 1 })],
  [
    'a map shifted too far',
    /r = 3, from/,
    () => withTail((t, s) => s.kind === 'averagePool' && t.scale === undefined, { entryShift: 3 }),
  ],
  [
    '32768 products',
    /32768 products an output \(12\.1\)/,
    () =>
      withStep((s) =>
        s.kind === 'binaryConv2d'
          ? { ...s, inputShape: { ...s.inputShape, channels: 32768 }, window: square(1) }
          : null,
      ),
  ],
  ['m = -32768', /m = -32768 \(12\.2\)/, () => withConstant((s) => tailOf(s)?.scale, set(0, -32768))],
  ['c > 2^30', /\|c\| > 2\^30 \(12\.2\)/, () => withConstant((s) => tailOf(s)?.fixed?.offset, set(0, 2 ** 30 + 1))],
  ['c < -2^30', /\|c\| > 2\^30 \(12\.2\)/, () => withConstant((s) => tailOf(s)?.fixed?.offset, set(0, -(2 ** 30) - 1))],
  ['S = 16', /S = 16 \(12\.2\)/, () => withTail(scaled, { scaleShift: 16 })],
  [
    'a scale without an offset',
    /go together \(12\.2\)/,
    () =>
      withStep((s) => {
        const tail = tailOf(s);
        if (!tail?.fixed || tail.scale === undefined) return null;
        const { offset: _, ...fixed } = tail.fixed;
        return { ...s, tail: { ...tail, fixed } } as Step;
      }),
  ],
  [
    'a shortcut shifted upwards',
    /k = -1 \(12\.3\)/,
    () => withTail((t) => t.shortcut !== undefined, { shortcutShift: -1 }),
  ],
  [
    'a shortcut of another fraction',
    /k = \d+, from/,
    () => withTail((t) => t.shortcut !== undefined, { shortcutShift: 9 }),
  ],
  ['t = 16', /t = 16 \(12\.4\)/, () => withTail((t) => t.prelu !== undefined, { slopeShift: 16 })],
  [
    'a parameter of another fraction',
    /a parameter has another fraction/,
    () => {
      const zeta = right.steps.map((s) => tailOf(s)?.prelu?.zeta).find((p) => p?.kind === 'buffer')!.ref;
      const { steps } = withStep((s) =>
        s.kind === 'quantize' && s.output === zeta ? { ...s, fraction: s.fraction + 1 } : null,
      );
      return { ...withBuffer(() => zeta, refined(1)), steps };
    },
  ],
  [
    'slopes in binary32',
    /is float32, not int16/,
    () => {
      const ref = right.constants.findIndex((c) => c.value.type === 'float32');
      return withStep((s) =>
        tailOf(s)?.prelu
          ? ({ ...s, tail: { ...tailOf(s), prelu: { ...tailOf(s)!.prelu, slope: ref } } } as Step)
          : null,
      );
    },
  ],
  [
    'a map stored at another fraction',
    /stores another fraction/,
    () => withBuffer((s) => (s.kind === 'int8Conv2d' ? s.tail.store : null), refined(-1)),
  ],
  [
    '65537 pixels',
    /65537 pixels \(13\.1\)/,
    () =>
      withStep((s) =>
        s.kind === 'globalAveragePool' ? { ...s, shape: { ...s.shape, height: 1, width: 65537 } } : null,
      ),
  ],
  [
    'sums of rows at another fraction',
    /sums have another fraction \(13\.1\)/,
    () => withBuffer((s) => tailOf(s)?.rowSums, refined(1)),
  ],
  [
    'R one too large',
    /R = \d+ for 2 pixels \(13\.2\)/,
    () => withConstant((s) => (s.kind === 'averagePool' ? s.reciprocal : null), set(4, 65537)),
  ],
  [
    'P one too small',
    /P = 17 for 3 pixels \(13\.2\)/,
    () => withConstant((s) => (s.kind === 'averagePool' ? s.reciprocal : null), set(7, 17)),
  ],
  [
    'a concatenation that does not shift',
    /a shift of \d+, from/,
    () => withStep((s) => (s.kind === 'concat' ? { ...s, shift: (s.shift ?? 0) + 1 } : null)),
  ],
  [
    'a weight of -128',
    /a weight of -128 \(14\.1\)/,
    () => withConstant((s) => (s.kind === 'int8Conv2d' ? s.weights : null), set(0, -128)),
  ],
  [
    'weights where nothing is',
    /a weight of 1 \(14\.1\)/,
    () =>
      withConstant((s) => (s.kind === 'int8Conv2d' && s.tail.shape.channels === 5 ? s.weights : null), set(2 * 5, 1)),
  ],
  [
    'a convolution in binary32',
    /weights of binary32 in fixed16 \(14\)/,
    () =>
      withStep((s) => (s.kind === 'int8Conv2d' ? ({ ...s, kind: 'conv2d', acc: 0, floatReason: null } as Step) : null)),
  ],
  [
    'a function over integers',
    /a function over integers \(15\)/,
    () => withStep((s) => (s.kind === 'map' && s.tail.fixed ? { ...s, fn: { kind: 'relu' } } : null)),
  ],
  [
    'integers read as binary32',
    /is not binary32/,
    () =>
      withBuffer(
        (s) => (s.kind === 'dense' ? s.input : null),
        (b) => ({ kind: 'map', shape: b.layout.shape, fraction: 3 }),
      ),
  ],
];

test('the Program that the rows break is right', () => {
  expect(verifyProgram(right)).toBe(right);
});

test.each(BROKEN)('%s', (_, says, program) => {
  // Sizes in bytes follow layouts; they are not what is broken here.
  const broken = program();
  const sized = {
    ...broken,
    buffers: broken.buffers.map((b, i) => (b.layout === right.buffers[i]!.layout ? b : { ...b, bytes: sizeIn(b) })),
  };
  expect(() => verifyProgram(sized)).toThrow(says);
});

function sizeIn({ layout, bytes }: Buffer): number {
  const { channels, height, width } = layout.shape;
  return layout.kind === 'map' ? (layout.fraction === undefined ? 4 : 2) * channels * height * width : bytes;
}
