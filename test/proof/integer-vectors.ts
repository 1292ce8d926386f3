/**
 * Vectors of clauses 11 to 15: the shapes of the float32 vectors in integers, and numbers at the ends of what each clause
 * allows. Formats come from ranges made up for the purpose; constants that no compiler would choose are put in afterwards, as
 * far as verifyProgram takes them.
 */
import type { ChannelParam, Compare, PointFunction, ValueId } from '../../src/bnn/bnn-graph.js';
import { calibrate } from '../../src/fixed/calibrate.js';
import type { Ranges } from '../../src/fixed/ranges.js';
import type { Program } from '../../src/program/program.js';
import { contractVectors } from './contract-vectors.js';
import { type ChannelNumber, editTails, type TailNumbers } from './edit-program.js';
import {
  type ContractVector,
  type Draw,
  type IntegerMode,
  type Integers,
  rectangle,
  square,
  VectorGraph,
} from './vector-graph.js';

// ---- numbers

/** Of int16: ends, halves of ends, around zero. */
const ENDS = [
  -32768, -32767, -32766, -16385, -16384, -16383, -129, -3, -2, -1, 0, 1, 2, 3, 127, 16383, 16384, 16385, 32766, 32767,
] as const;
const FACTORS = [-32767, -32766, -16384, -2, -1, 0, 1, 2, 3, 16383, 16384, 32767] as const;
const OFFSETS = [-(2 ** 30), 1 - 2 ** 30, -16385, -16384, -1, 0, 1, 16383, 16384, 2 ** 30 - 1, 2 ** 30] as const;

type Numbers = VectorGraph & { readonly ends: Draw; readonly factors: Draw; readonly offsets: Draw };

function newGraph(seed: number): Numbers {
  const g = new VectorGraph(seed);
  const from =
    (list: readonly number[]): Draw =>
    () =>
      list[Math.floor(g.random() * list.length)]!;
  return Object.assign(g, { ends: from(ENDS), factors: from(FACTORS), offsets: from(OFFSETS) });
}

/** Everything at its ends. */
function allEnds(g: Numbers): TailNumbers {
  const of =
    (draw: Draw): ChannelNumber =>
    (c) =>
      draw(c);
  return {
    scale: of(g.factors),
    offset: of(g.offsets),
    bias: of(g.ends),
    gamma: of(g.ends),
    slope: of(g.ends),
    zeta: of(g.ends),
    threshold: of(g.ends),
  };
}

// ---- ranges

interface Fractions {
  /** Of the model's input; 0: integers. */
  readonly input?: number;
  /** Of tails, by their step's index; what is read without a multiplication may lower it. */
  readonly tail?: number | ((index: number) => number);
  /** Of vectors that are read as maps. */
  readonly vector?: number;
}

/** So large that `fraction` is the finest that holds it. */
const largestOf = (fraction: number): number => 2 ** (14 - fraction);

function forced({ input = 0, tail = 0, vector = 0 }: Fractions): (program: Program, inputs: Float32Array) => Ranges {
  return (program, inputs) => {
    const found = calibrate(program, inputs);
    const fractionOf = typeof tail === 'number' ? () => tail : tail;
    return {
      source: found.source,
      tails: new Map([...found.tails].map(([i, r]) => [i, { ...r, largest: largestOf(fractionOf(i)) }])),
      buffers: new Map(
        program.buffers.map((b, ref) => [ref, largestOf(b.placement.kind === 'input' ? input : vector)] as const),
      ),
    };
  };
}

// ---- the table

const COMPARES: readonly Compare[] = ['ge', 'gt'];

export function integerVectors(): readonly ContractVector[] {
  const vectors: ContractVector[] = [...inFixed16(), ...withInt8Ends()];
  let seed = 1;
  interface More extends Fractions {
    readonly draw?: (g: Numbers) => Draw;
    readonly edit?: (g: Numbers) => TailNumbers;
    readonly mode?: IntegerMode;
    readonly calibrated?: true;
    readonly plain?: true;
  }
  const vector = (clause: string, title: string, make: (g: Numbers) => void, more: More = {}): void => {
    const g = newGraph(seed++);
    make(g);
    const unit = 2 ** -(more.input ?? 0);
    const draw = more.draw?.(g) ?? ((i: number) => unit * g.ends(i));
    const integers: Integers = {
      mode: more.mode ?? 'fixed16',
      ...(more.calibrated ? {} : { ranges: forced(more) }),
      ...(more.plain ? { plain: true } : {}),
      ...(more.edit ? { edit: (program) => editTails(program, more.edit!(g)) } : {}),
    };
    vectors.push({ ...g.build(clause, title, draw), integers });
  };
  const zeros = (g: VectorGraph, x: ValueId): ChannelParam => g.fixed(x, () => 0);

  // 11.3 conversions: halves, next to halves, ends, zeros of both signs, subnormals, numbers far outside.
  for (const fraction of [-14, -1, 0, 1, 15, 30]) {
    for (const [c, h, w] of [
      [3, 3, 5],
      [1, 4, 4],
      [17, 1, 3],
    ] as const) {
      vector(
        '11.3',
        `to fraction ${fraction}, ${c}x${h}x${w}`,
        (g) => void g.prelu(g.input(c, h, w), null, null, 'gt'),
        {
          input: fraction,
          tail: fraction,
          draw: (g) => quantizeDraw(g, fraction),
        },
      );
    }
    vector(
      '11.3',
      `a dynamic vector to fraction ${fraction}`,
      (g) => {
        const x = g.input(20, 3, 3);
        g.scaleBias(x, null, { kind: 'dynamic', source: g.dense(g.mean(x), 20) });
      },
      { input: fraction, tail: fraction },
    );
  }
  for (const fraction of [-14, 30]) {
    vector('11.3', `a vector as a map of fraction ${fraction}`, (g) => void g.prelu(g.input(33), null, null, 'gt'), {
      input: fraction,
      draw: (g) => quantizeDraw(g, fraction),
    });
    vector('11.3 15', `a dense layer in int8 of a vector, fraction ${fraction}`, (g) => void g.dense(g.input(33), 20), {
      input: fraction,
      draw: (g) => quantizeDraw(g, fraction),
    });
  }

  // 12.1 entry: rounding of halves of both signs, shifts to the last.
  for (const r of [0, 1, 2, 7, 15, 16, 20]) {
    for (const c of [1, 17, 64]) {
      vector(
        '12.1',
        `a map shifted by ${r}, ${c} channels`,
        (g) => {
          const x = g.input(c, 3, 5);
          g.scaleBias(x, null, zeros(g, x));
        },
        { input: 6, tail: 6 - r },
      );
    }
  }
  for (const r of [0, 1, 14, 15]) {
    for (const value of [-32768, 32767, null]) {
      const inputs = value === null ? 'inputs at their ends' : `all inputs ${value}`;
      vector(
        '12.1 14.1',
        `the largest accumulators shifted by ${r}, ${inputs}`,
        (g) => {
          // 516 weights of 127 and one of 3 add up to 65535, with the sign of their output.
          const weight: Draw = (i) => (i % 517 === 516 ? 3 : 127) * (Math.floor(i / 517) % 2 === 0 ? 1 : -1);
          g.conv(g.input(517, 1, 2), 19, square(1), 1, weight, () => 0);
        },
        {
          edit: (g) => ({ scale: g.factors, offset: g.offsets, entryShift: r, scaleShift: 15 - r }),
          ...(value === null ? {} : { draw: () => () => value }),
        },
      );
    }
  }
  vector(
    '14.1',
    'weights that would add up to 65536, over inputs of -32768',
    (g) => {
      const weight: Draw = (i) => (i % 517 === 516 ? 4 : 127) * (Math.floor(i / 517) % 2 === 0 ? 1 : -1);
      g.conv(g.input(517, 1, 2), 18, square(1), 1, weight, () => 0);
    },
    { draw: () => () => -32768, edit: () => ({ entryShift: 15, scaleShift: 1 }) },
  );
  for (const agree of [0, 1]) {
    const all = agree === 1 ? 'equal' : 'different';
    vector(
      '12.1 12.2 4.3',
      `dots of 32767 products, all ${all}`,
      (g) => {
        const ones: ChannelParam = { kind: 'static', values: new Float64Array(32767).fill(-1e30) };
        g.binary(g.sign(g.input(32767), ones), 10, square(1), { sign: () => agree });
      },
      { draw: (g) => g.smooth, edit: (g) => ({ scale: g.factors, offset: g.offsets, scaleShift: 1 }) },
    );
    vector(
      '12.1 12.5',
      `thresholds at the ends of 32767 products, all ${all}`,
      (g) => {
        const ones: ChannelParam = { kind: 'static', values: new Float64Array(32767).fill(-1e30) };
        g.sign(g.binary(g.sign(g.input(32767), ones), 20, square(1), { sign: () => agree }));
      },
      { draw: (g) => g.smooth, edit: (g) => ({ threshold: g.ends }) },
    );
  }

  for (const shift of [1, 15]) {
    vector(
      '12.2 4.2',
      `windows of 32760 products of which most lie outside, S = ${shift}`,
      (g) => {
        const ones: ChannelParam = { kind: 'static', values: new Float64Array(3640).fill(-1e30) };
        g.binary(g.sign(g.input(3640, 1, 2), ones), 18, square(3, 1, 1), { sign: (i) => Math.floor(i / 32760) % 2 });
      },
      { draw: (g) => g.smooth, edit: (g) => ({ scale: g.factors, offset: g.offsets, scaleShift: shift }) },
    );
  }
  vector(
    '12.1 12.5',
    'channels that are always or never positive, 32767 equal products',
    (g) => {
      const ones: ChannelParam = { kind: 'static', values: new Float64Array(32767).fill(-1e30) };
      const bias: Draw = (i) => (i % 2 === 0 ? 1e9 : -1e9);
      g.sign(g.binary(g.sign(g.input(32767), ones), 20, square(1), { sign: () => 1, scale: () => 1, bias }));
    },
    { draw: (g) => g.smooth, calibrated: true },
  );

  // 12.2 scale and bias: factors, offsets and values at their ends, each shift; a bias alone.
  for (const shift of [0, 1, 14, 15]) {
    for (const c of [15, 16, 33, 64]) {
      const edit = (g: Numbers): TailNumbers => ({ scale: g.factors, offset: g.offsets, scaleShift: shift });
      const more = { input: 0, tail: 0, edit };
      vector(
        '12.2',
        `scale and bias of a map, S = ${shift}, ${c} channels`,
        (g) => {
          const x = g.input(c, 4, 5);
          g.scaleBias(x, g.smooth, g.fixed(x));
        },
        more,
      );
      vector(
        '12.2',
        `scale and bias of dots, S = ${shift}, ${c} channels`,
        (g) => void g.binary(g.sign(g.input(c, 3, 4)), c + 1, square(3, 1, 1)),
        more,
      );
      vector(
        '12.2 14.2',
        `scale and bias of int8 accumulators, S = ${shift}, ${c} channels`,
        (g) => void g.conv(g.input(c, 3, 4), c + 1, square(3, 1, 1)),
        { ...more, edit: (g) => ({ ...edit(g), entryShift: 12 }) },
      );
    }
  }
  for (const c of [5, 16, 65]) {
    vector(
      '12.2',
      `a bias alone, ${c} channels`,
      (g) => {
        const x = g.input(c, 3, 5);
        g.scaleBias(x, null, g.fixed(x));
      },
      { edit: (g) => ({ bias: g.ends }) },
    );
    for (const fraction of [14, 24]) {
      vector(
        '12.2 11.3',
        `a dynamic bias of fraction ${fraction}, ${c} channels`,
        (g) => {
          const x = g.input(c, 3, 5);
          const biased = g.scaleBias(x, null, g.generator(x, null));
          g.concat(biased, g.scaleBias(x, g.smooth, g.generator(x, { kind: 'relu' })));
        },
        { input: fraction, tail: fraction },
      );
    }
  }

  // 12.3 shortcuts: every distance between fractions, halves, four values at once.
  for (const k of [0, 1, 2, 13, 15, 16, 20]) {
    for (const c of [3, 16, 33]) {
      const fractions = { input: 6, tail: 6 - k };
      vector(
        '12.3',
        `shortcut, k = ${k}, ${c} channels`,
        (g) => {
          const x = g.input(c, 3, 5);
          g.plus(g.binary(g.sign(x), c, square(3, 1, 1)), x);
        },
        { ...fractions, edit: (g) => ({ scale: g.factors, offset: g.offsets }) },
      );
      vector(
        '12.3',
        `pooled shortcut, k = ${k}, ${c} channels, odd map`,
        (g) => {
          const x = g.input(c, 5, 7);
          const pooled = g.pool('AveragePool', x, square(2, 2));
          g.plus(g.binary(g.sign(x), c, rectangle([3, 3], [2, 2], [0, 0, 0, 0], [1, 1])), pooled);
        },
        { ...fractions, edit: (g) => ({ scale: g.factors, offset: g.offsets, scaleShift: 7 }) },
      );
    }
  }
  for (const value of [-32768, 32767]) {
    vector(
      '12.3',
      `four times ${value} is no more than that`,
      (g) => {
        const x = g.input(17, 4, 4);
        g.plus(g.binary(g.sign(x), 17, square(3, 2, 1)), g.pool('AveragePool', x, square(2, 2)));
      },
      { edit: (g) => ({ scale: () => 0, offset: g.offsets, scaleShift: 15 }), draw: () => () => value },
    );
  }
  for (const c of [3, 16, 65]) {
    vector(
      '12.3',
      `shortcut of ${c} channels read twice`,
      (g) => {
        const x = g.input(c, 3, 4);
        g.plus(g.binary(g.sign(x), 2 * c, square(1)), g.concat(x, x));
      },
      { input: 1, tail: 0, edit: (g) => ({ scale: g.factors, offset: g.offsets, scaleShift: 12 }) },
    );
    vector(
      '12.3',
      `a map of ${c} channels added to itself`,
      (g) => {
        const x = g.input(c, 3, 4);
        g.plus(x, x);
      },
      { input: 3, tail: 2 },
    );
  }

  // 12.4 RPReLU: all of its parameters absent, at their ends, dynamic; values that meet gamma; every kind of shift.
  for (const compare of COMPARES) {
    for (const gamma of [0, 1, 2]) {
      for (const zeta of [0, 1, 2]) {
        const words = ['absent', 'fixed', 'dynamic'];
        const shift = [0, 1, 8, 14, 15][(gamma + 2 * zeta) % 5]!;
        vector(
          '12.4',
          `RPReLU ${compare}, gamma ${words[gamma]}, zeta ${words[zeta]}, t = ${shift}`,
          (g) => {
            const x = g.input(gamma === zeta ? 33 : 16, 3, 5);
            const param = (kind: number): ChannelParam | null =>
              kind === 0 ? null : kind === 1 ? g.fixed(x) : g.generator(x, null);
            g.prelu(x, param(gamma), param(zeta), compare);
          },
          {
            input: 15,
            tail: 15,
            edit: (g) => ({ gamma: g.ends, zeta: g.ends, slope: g.ends, slopeShift: shift }),
          },
        );
      }
    }
    for (const shift of [0, 1, 7, 14, 15]) {
      vector(
        '12.4',
        `slopes at their ends ${compare}, t = ${shift}`,
        (g) => {
          const x = g.input(65, 4, 5);
          g.prelu(x, g.fixed(x), g.fixed(x), compare);
        },
        { edit: (g) => ({ gamma: g.ends, zeta: g.ends, slope: g.ends, slopeShift: shift }) },
      );
    }
    // Slopes whose products fit a rounding multiplication of 16 bits, up to the last that does.
    for (const [shift, least] of [
      [15, -32767],
      [14, -16383],
    ] as const) {
      vector(
        '12.4',
        `slopes from ${least} on, ${compare}, t = ${shift}`,
        (g) => {
          const x = g.input(65, 4, 5);
          g.prelu(x, g.fixed(x), g.fixed(x), compare);
        },
        {
          edit: (g) => ({
            gamma: (c) => (c % 3 === 0 ? g.ends(c) : 0),
            zeta: (c) => (c % 3 === 1 ? g.ends(c) : 0),
            slope: (c) => Math.max(least, c % 2 === 0 ? g.ends(c) : Math.floor(65536 * g.random()) - 32768),
            slopeShift: shift,
          }),
        },
      );
    }
    // Around the bend, one unit apart.
    vector(
      '12.4',
      `values next to gamma, ${compare}`,
      (g) => {
        const x = g.input(40, 5, 5);
        g.prelu(x, g.fixed(x), g.fixed(x), compare);
      },
      {
        draw: (g) => () => Math.floor(5 * g.random()) - 2,
        edit: (g) => ({
          gamma: () => Math.floor(5 * g.random()) - 2,
          zeta: () => 0,
          slope: g.ends,
          slopeShift: 0,
        }),
      },
    );
  }

  // 12.5 thresholds at equality and one off, behind everything that makes a map.
  for (const compare of COMPARES) {
    for (const c of [1, 31, 64, 65, 130]) {
      vector(
        '12.5',
        `sign of a map, ${compare}, ${c} channels`,
        (g) => {
          const x = g.input(c, 3, 5);
          g.sign(x, g.fixed(x), compare);
        },
        { edit: (g) => ({ threshold: g.ends }) },
      );
      vector(
        '12.5',
        `sign behind an RPReLU, ${compare}, ${c} channels`,
        (g) => {
          const x = g.input(c, 3, 5);
          const bent = g.prelu(x, g.fixed(x), null, 'gt');
          g.binary(g.sign(bent, g.fixed(bent), compare), 9, square(3, 1, 1));
        },
        {
          draw: (g) => () => Math.floor(7 * g.random()) - 3,
          edit: (g) => ({
            gamma: () => Math.floor(3 * g.random()) - 1,
            slope: () => 1,
            slopeShift: 0,
            threshold: () => Math.floor(5 * g.random()) - 2,
          }),
        },
      );
    }
    vector(
      '12.5 8.1',
      `a dynamic threshold, ${compare}`,
      (g) => {
        const x = g.input(33, 4, 4);
        g.binary(g.sign(x, g.generator(x, null), compare), 9, square(1));
      },
      { input: 15, tail: 15 },
    );
  }

  // Whole tails with every number at its ends, behind everything that makes a map.
  for (const c of [17, 64, 65]) {
    for (const source of ['binary', 'float', 'max', 'average', 'pass'] as const) {
      for (const compare of COMPARES) {
        vector(
          '12.1 12.2 12.3 12.4 12.5 13.1',
          `a whole tail at its ends behind ${source}, ${compare}, ${c} channels`,
          (g) => {
            const x = g.input(c, 3, 5);
            const window = square(3, 1, 1);
            const made = {
              binary: () => g.binary(g.sign(x), c, window),
              float: () => g.conv(x, c, window),
              max: () => g.pool('MaxPool', x, window),
              average: () => g.pool('AveragePool', x, window, false),
              pass: () => g.scaleBias(x, g.smooth, g.fixed(x)),
            }[source]();
            const biased = source === 'binary' ? made : g.scaleBias(made, g.smooth, g.fixed(made));
            const bent = g.prelu(g.plus(biased, x), g.fixed(x), g.fixed(x), compare);
            const read = g.binary(g.sign(bent, g.fixed(bent), compare), 9, square(3, 1, 1));
            g.concat(g.mean(bent), g.mean(read), g.mean(g.plus(bent, x)));
          },
          {
            input: 2,
            tail: 1,
            edit: (g) => ({ ...allEnds(g), scaleShift: 15, slopeShift: compare === 'ge' ? 15 : 3 }),
          },
        );
      }
    }
  }

  // 13.1 exact sums: the largest there are, sums that binary32 rounds, every fraction.
  for (const value of [-32768, 32767]) {
    for (const [h, w] of [
      [256, 256],
      [1, 65536],
      [65536, 1],
    ] as const) {
      vector('13.1', `65536 pixels of ${value}, ${h}x${w}`, (g) => void g.mean(g.input(1, h, w)), {
        draw: () => () => value,
      });
    }
  }
  for (const fraction of [-14, 0, 30]) {
    for (const [c, h, w] of [
      [17, 20, 31],
      [64, 7, 7],
      [3, 1, 3],
    ] as const) {
      vector('13.1', `global average of ${c}x${h}x${w}, fraction ${fraction}`, (g) => void g.mean(g.input(c, h, w)), {
        input: fraction,
        tail: fraction,
        draw: (g) => () => 2 ** -fraction * (Math.floor(65536 * g.random()) - 32768),
      });
    }
  }

  for (const sign of [1, -1]) {
    vector(
      '13.1',
      `sums beyond 2^24 that are no multiples, ${sign > 0 ? 'positive' : 'negative'}`,
      (g) => void g.mean(g.input(33, 40, 51)),
      {
        draw: (g) => () => sign * (20000 + Math.floor(12000 * g.random())),
      },
    );
  }

  // 13.2 average pools: counts that do not divide, windows of up to 2^15 pixels, ends.
  for (const [title, w, height, width] of [
    ['2x2', square(2, 2), 4, 6],
    ['3x3 pad 1', square(3, 1, 1), 4, 5],
    ['3x2 stride 1x3, asymmetric pads', rectangle([3, 2], [1, 3], [2, 0, 1, 1], [1, 1]), 4, 8],
    ['5x7', rectangle([5, 7], [1, 1], [4, 6, 4, 6], [1, 1]), 6, 8],
    ['128x256', rectangle([128, 256], [1, 1], [0, 0, 0, 0], [1, 1]), 128, 256],
    ['181x181', square(181, 1, 0), 181, 181],
  ] as const) {
    for (const counts of [true, false]) {
      for (const draw of ['ends', -32768, 32767] as const) {
        const c = height > 10 ? 1 : 17;
        vector(
          '13.2',
          `average pool ${title}, padding ${counts ? 'counts' : 'does not count'}, ${draw}`,
          (g) => void g.pool('AveragePool', g.input(c, height, width), w, counts),
          draw === 'ends' ? {} : { draw: () => () => draw },
        );
      }
    }
  }
  vector(
    '13.2 12.1',
    'an average that is shifted after it',
    (g) => void g.pool('AveragePool', g.input(17, 6, 6), square(3)),
    {
      input: 3,
      tail: 1,
    },
  );
  for (const c of [1, 16, 33]) {
    vector(
      '13.3',
      `max pool of ends, ${c} channels`,
      (g) => void g.pool('MaxPool', g.input(c, 5, 6), square(3, 2, 1)),
      {},
    );
    vector(
      '13.3 12.1',
      `max pool, shifted, ${c} channels`,
      (g) => void g.pool('MaxPool', g.input(c, 5, 6), square(2)),
      {
        input: 3,
        tail: 2,
      },
    );
  }

  // 13.4 parts of different fractions, from none to all of their bits lost.
  for (const fractions of [
    [4, 4, 4],
    [5, 4, 3],
    [15, 0, 14],
    [4, -12, 5],
    [-14, 30, 30],
  ] as const) {
    for (const sizes of [
      [3, 5, 2],
      [16, 17, 33],
    ] as const) {
      vector(
        '13.4',
        `concat of fractions ${fractions.join(', ')}, ${sizes.join('+')} channels`,
        (g) => {
          const x = g.input(7, 3, 4);
          g.concat(...sizes.map((n) => g.conv(x, n, square(1))));
        },
        {
          tail: (index) => fractions[(index - 1) % 3]!,
          edit: (g) => ({ scale: g.factors, offset: g.offsets, entryShift: 5, scaleShift: 15 }),
        },
      );
    }
  }

  // 14.3 accumulators that binary32 rounds, halves among them.
  for (const c of [33, 517]) {
    vector(
      '14.3',
      `accumulators beyond 2^24 as binary32, ${c} channels`,
      (g) => {
        const weight: Draw = () => Math.floor(255 * g.random()) - 127;
        g.dense(g.mean(g.conv(g.input(c, 3, 5), 40, square(1), 1, weight, g.smooth)), 10);
      },
      { mode: 'int8 ends' },
    );
    vector(
      '14.3',
      `the last layer in int8, accumulators beyond 2^24, ${c} channels`,
      (g) => {
        const x = g.input(c);
        g.conv(x, 40, square(1), 1, () => Math.floor(255 * g.random()) - 127, g.smooth);
      },
      { mode: 'int8 ends' },
    );
  }
  vector(
    '14.3',
    'a whole float tail behind an int8 convolution',
    (g) => {
      const x = g.input(3, 5, 5);
      const made = g.scaleBias(g.conv(x, 33, square(3, 1, 1)), g.smooth, null);
      const bent = g.prelu(made, g.fixed(made), g.fixed(made), 'ge');
      const read = g.binary(g.sign(bent, g.fixed(bent)), 9, square(3, 1, 1));
      g.dense(g.concat(g.mean(bent), g.mean(read), g.mean(g.plus(bent, made))), 7);
    },
    { mode: 'int8 ends' },
  );

  // 14.2, 14.3: a convolution's own bias meets the scale and bias of what follows.
  for (const mode of ['fixed16', 'int8 ends'] as const) {
    for (const bias of ['none', 'static', 'dynamic'] as const) {
      vector(
        mode === 'fixed16' ? '14.2 12.2' : '14.3',
        `a convolution with a bias, then scale and ${bias} bias, ${mode}`,
        (g) => {
          const x = g.input(5, 4, 4);
          const own = bias === 'dynamic' && mode === 'int8 ends' ? null : g.smooth;
          const made = g.conv(x, 20, square(3, 1, 1), 1, g.smooth, own);
          const param = { none: () => null, static: () => g.fixed(made), dynamic: () => g.generator(made, null) }[
            bias
          ]();
          g.prelu(
            g.scaleBias(made, () => 3 * g.smooth(0), param),
            g.fixed(made),
            null,
            'gt',
          );
        },
        { mode, calibrated: true, plain: true, draw: (g) => g.smooth },
      );
    }
  }

  // 15 what stays binary32 among integers.
  const functions: readonly PointFunction[] = [
    { kind: 'clip', lo: -1, hi: 6 },
    { kind: 'hardSigmoid', alpha: 1 / 6, beta: 0.5 },
    { kind: 'hardSwish' },
    { kind: 'sigmoid' },
    { kind: 'swish' },
    { kind: 'negate' },
    { kind: 'relu' },
  ];
  for (const fn of functions) {
    vector(
      '15',
      `${fn.kind} between integers`,
      (g) => {
        const x = g.input(17, 3, 4);
        const made = g.conv(x, 16, square(3, 1, 1));
        g.conv(g.apply(made, fn), 20, square(1));
      },
      { calibrated: true, draw: (g) => g.smooth },
    );
    vector(
      '15',
      `${fn.kind} behind an int8 dense layer`,
      (g) => void g.apply(g.dense(g.mean(g.input(17, 3, 4)), 20), fn),
      { calibrated: true, draw: (g) => g.smooth },
    );
  }
  return vectors;
}

/** q, q + 1/2, next to q + 1/2 on both sides in units of the fraction; zeros, subnormals, the largest binary32. */
function quantizeDraw(g: Numbers, fraction: number): Draw {
  const unit = 2 ** -fraction;
  const next = (x: number, steps: number): number => {
    if (x === 0) return steps * 2 ** -149;
    const word = new Float32Array([x]);
    const bits = new Int32Array(word.buffer);
    bits[0] = bits[0]! + steps;
    return word[0]!;
  };
  const special = [
    0,
    -0,
    2 ** -149,
    -(2 ** -149),
    2 ** -126,
    -(2 ** -126),
    3.4028234663852886e38,
    -3.4028234663852886e38,
  ];
  return (i) => {
    if (i % 9 === 0) return special[Math.floor(g.random() * special.length)]!;
    const half = Math.fround(unit * (g.ends(i) + [0.5, -0.5, 0][i % 3]!));
    return next(half, [0, 1, -1][Math.floor(3 * g.random())]!);
  };
}

/** The float32 vectors with their own ranges: all shapes, none of what stays binary32 as it is. */
function inFixed16(): readonly ContractVector[] {
  return contractVectors()
    .filter(({ clause }) => !/^(9|10)/.test(clause))
    .map((v) => ({
      ...v,
      clause: `${fixedClause(v.clause)}`,
      title: `${v.title}, in fixed16`,
      integers: { mode: 'fixed16' },
    }));
}

/** Those that begin or end with what has weights of 8 bits then. */
function withInt8Ends(): readonly ContractVector[] {
  return contractVectors()
    .filter(({ clause, title }) => /^7/.test(clause) || /tail behind float|softmax/.test(title))
    .map((v) => ({ ...v, clause: '14.1 14.3', title: `${v.title}, with int8 ends`, integers: { mode: 'int8 ends' } }));
}

/** What stands in fixed16 for a clause of float32. */
function fixedClause(clause: string): string {
  const words = clause.split(' ').map((c) => {
    if (c === '4.4' || c === '5.3') return '12.2';
    if (c === '3.1') return '12.5';
    if (c === '5.1') return '12.3';
    if (c === '5.2') return '12.4';
    if (c === '6.1' || c === '6.2') return '13.1 13.2';
    if (c === '6.3') return '13.3';
    return c.startsWith('7') ? '14.1 14.2' : c;
  });
  return [...new Set(words)].join(' ');
}
