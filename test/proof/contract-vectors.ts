/**
 * Vectors from the contract: for each clause, small networks on the shapes and numbers where implementations go wrong. The
 * clause's executable form (src/contract, through the simulator) writes what must come out; every kernel of every set replays.
 *
 * A kernel that is added to a set is held to all of them with no change here.
 */
import type { ChannelParam, Compare, PointFunction, Window } from '../../src/bnn/bnn-graph.js';
import { bits, type ContractVector, rectangle, square, VectorGraph } from './vector-graph.js';

export type { ContractVector } from './vector-graph.js';

// ---- the table

const CHANNELS = [1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 257] as const;
const COMPARES: readonly Compare[] = ['ge', 'gt'];

export function contractVectors(): readonly ContractVector[] {
  const vectors: ContractVector[] = [];
  let seed = 1;
  const vector = (
    clause: string,
    title: string,
    make: (g: VectorGraph) => void,
    input: 'smooth' | 'special' | 'ties' | 'minusZero' | 'whole' = 'smooth',
  ) => {
    const g = new VectorGraph(seed++);
    make(g);
    vectors.push(g.build(clause, title, g[input]));
  };

  // 2.1 layouts: channels first, last, first again.
  for (const [c, h, w] of [
    [2, 1, 5],
    [3, 4, 1],
    [17, 3, 3],
    [64, 2, 5],
    [1, 3, 3],
    [5, 1, 1],
  ] as const) {
    vector('2.1', `layouts ${c}x${h}x${w}`, (g) => void g.apply(g.input(c, h, w), { kind: 'negate' }), 'special');
  }
  for (const parts of [
    [1, 1],
    [3, 5, 2],
    [16, 1],
    [33, 64],
  ] as const) {
    vector('2.1', `concat ${parts.join('+')}`, (g) => {
      const x = g.input(2, 3, 4);
      g.concat(...parts.map((n) => g.conv(x, n, square(1))));
    });
  }

  // 2.2 packing, 3.1 binarization: every channel count, both comparisons, ties and zeros of both signs; back through unpack.
  for (const c of CHANNELS) {
    for (const compare of COMPARES) {
      vector(
        '2.2 3.1',
        `sign ${compare} of ${c} channels`,
        (g) => {
          const x = g.input(c, 2, 3);
          g.sign(x, c % 2 === 0 ? null : g.fixed(x, g.ties), compare);
        },
        'ties',
      );
    }
  }
  vector(
    '3.1',
    'sign of subnormals at subnormal thresholds',
    (g) => void g.sign(g.input(65, 3, 3), { kind: 'static', values: g.floats(65, g.special) }, 'gt'),
    'special',
  );
  vector(
    '3.2',
    'sign(x + b) with subnormals',
    (g) => {
      const x = g.input(40, 3, 3);
      g.sign(g.scaleBias(x, null, g.fixed(x, g.special)), null, 'ge');
    },
    'special',
  );

  // 4 binary convolution: words and lanes.
  for (const c of CHANNELS) {
    vector(
      '4.1 4.2',
      `binary 3x3, ${c} -> ${c} channels`,
      (g) => void g.binary(g.sign(g.input(c, 3, 5)), c, square(3, 1, 1)),
      'ties',
    );
  }
  for (const c of [1, 31, 33, 64, 65, 255, 257]) {
    vector('4.1 4.2', `binary 1x1, ${c} -> 9 channels`, (g) => void g.binary(g.sign(g.input(c, 1, 19)), 9, square(1)));
    vector('4.1 4.2', `binary dense, ${c} -> 33`, (g) => void g.binary(g.sign(g.input(c)), 33, square(1)));
  }
  const windows: readonly (readonly [string, Window, number, number])[] = [
    ['3x3 stride 2', square(3, 2, 1), 7, 8],
    ['3x3 stride 3 without pads', square(3, 3, 0), 8, 7],
    ['5x5 pad 2', square(5, 1, 2), 4, 4],
    ['5x5 pad 4, windows with one corner inside', square(5, 1, 4), 3, 3],
    ['2x2 even kernel, pads after', rectangle([2, 2], [1, 1], [0, 0, 1, 1], [1, 1]), 4, 3],
    ['3x3 dilation 2', square(3, 1, 2, 2), 6, 6],
    ['3x1 dilation 3x1', rectangle([3, 1], [1, 1], [3, 0, 3, 0], [3, 1]), 5, 4],
    ['1x7 asymmetric pads', rectangle([1, 7], [1, 2], [0, 1, 0, 5], [1, 1]), 3, 9],
    ['kernel larger than the map', square(7, 1, 3), 1, 1],
    ['pad beyond the kernel: windows wholly outside', square(1, 1, 1), 2, 2],
    ['stride beyond the map', square(3, 5, 1), 4, 4],
    ['40 pixels in a row', square(3, 1, 1), 1, 40],
  ];
  for (const [title, w, height, width] of windows) {
    vector('4.1 4.2', `binary ${title}`, (g) => void g.binary(g.sign(g.input(33, height, width)), 17, w));
    // So few channels that kernels put several taps into a word.
    vector('4.1 4.2', `binary ${title}, 12 channels`, (g) => void g.binary(g.sign(g.input(12, height, width)), 17, w));
  }
  // Large enough for the matrix unit's four outputs at a time: rows of 4 n + 1, 2 and 0 outputs, one and two bands; and rows wider
  // than the tables for AVX2 hold.
  for (const [channels, height, width, outputs, kernelHeight, dilation] of [
    [130, 26, 17, 24, 3, 1],
    [150, 16, 9, 70, 2, 2],
    [600, 14, 8, 9, 3, 1],
    [512, 3, 90, 9, 3, 1],
  ] as const) {
    const w = rectangle([kernelHeight, 3], [1, 1], [1, 1, 1, 1], [dilation, 1]);
    vector('4.1 4.2', `binary ${kernelHeight}x3, ${channels}x${height}x${width} -> ${outputs} channels`, (g) => {
      g.binary(g.sign(g.input(channels, height, width)), outputs, w);
    });
  }
  for (const agree of [0, 1]) {
    vector('4.3', `largest sums: 9 x 1024 products, all ${agree === 1 ? 'equal' : 'different'}`, (g) => {
      // -1e30 is below every value: all bits are 1.
      const all: ChannelParam = { kind: 'static', values: new Float64Array(1024).fill(-1e30) };
      g.binary(g.sign(g.input(1024, 3, 3), all), 9, square(3, 1, 1), { sign: () => agree, scale: g.smooth });
    });
  }
  vector(
    '4.4',
    'scales and biases of every size',
    (g) => void g.binary(g.sign(g.input(64, 3, 3)), 65, square(3, 1, 1), { scale: g.special, bias: g.special }),
  );
  vector(
    '4.4',
    'no bias: negative scale times zero is -0',
    (g) => void g.binary(g.sign(g.input(64, 3, 3)), 65, square(3, 1, 1), { scale: g.ties, bias: null }),
    'ties',
  );
  for (const compare of COMPARES) {
    vector(
      '4.4 3.1',
      `integer thresholds, ${compare}, scales of both signs and zero`,
      (g) => {
        const y = g.binary(g.sign(g.input(33, 4, 4)), 130, square(3, 1, 1), { scale: g.ties, bias: g.ties });
        g.sign(y, g.fixed(y, g.ties), compare);
      },
      'ties',
    );
  }

  for (const [a, b] of [
    [0, 2],
    [1, 3],
    [2, 1],
  ] as const) {
    vector('4.2', `binary maps read with pads ${a} and ${b}`, (g) => {
      const bits = g.sign(g.input(33, 5, 6));
      g.concat(g.mean(g.binary(bits, 9, square(3, 1, a))), g.mean(g.binary(bits, 7, square(5, 1, b))));
    });
  }

  // 5 point operations.
  for (const c of [1, 8, 15, 16, 33, 64, 65, 130]) {
    vector(
      '5.1',
      `shortcut of ${c} channels`,
      (g) => {
        const x = g.input(c, 3, 4);
        g.plus(g.binary(g.sign(x), c, square(3, 1, 1)), x);
      },
      'special',
    );
    vector('5.1', `shortcut of ${c} channels read twice`, (g) => {
      const x = g.input(c, 3, 4);
      g.plus(g.binary(g.sign(x), 2 * c, square(1)), g.concat(x, x));
    });
    vector(
      '5.1 6.1',
      `pooled shortcut of ${c} channels, odd map`,
      (g) => {
        const x = g.input(c, 5, 7);
        g.plus(
          g.binary(g.sign(x), c, rectangle([3, 3], [2, 2], [0, 0, 0, 0], [1, 1])),
          g.pool('AveragePool', x, square(2, 2)),
        );
      },
      'special',
    );
    vector(
      '5.1 6.1',
      `pooled shortcut of ${c} channels, zeros of both signs`,
      (g) => {
        const x = g.input(c, 4, 4);
        g.plus(
          g.binary(g.sign(x), c, square(3, 2, 1), { scale: g.ties, bias: null }),
          g.pool('AveragePool', x, square(2, 2)),
        );
      },
      'ties',
    );
  }
  for (const c of [2, 16, 66]) {
    vector(
      '5.1 6.1',
      `pooled shortcut of ${c} channels: four -0 are +0`,
      (g) => {
        const x = g.input(c, 2, 4);
        const y = g.binary(g.sign(x), c, square(2, 2), { scale: () => -1, bias: null, sign: (i) => i % 2 });
        g.plus(y, g.pool('AveragePool', x, square(2, 2)));
      },
      'minusZero',
    );
  }
  vector(
    '5.1',
    'a map added to itself',
    (g) => {
      const x = g.input(17, 3, 3);
      g.plus(x, x);
    },
    'special',
  );
  for (const compare of COMPARES) {
    for (const gamma of [0, 1, 2]) {
      for (const zeta of [0, 1, 2]) {
        vector(
          '5.2',
          `RPReLU ${compare}, gamma ${['absent', 'fixed', 'dynamic'][gamma]}, zeta ${['absent', 'fixed', 'dynamic'][zeta]}`,
          (g) => {
            const x = g.input(gamma === zeta ? 33 : 16, 3, 3);
            const param = (kind: number): ChannelParam | null =>
              kind === 0 ? null : kind === 1 ? g.fixed(x, g.ties) : g.generator(x, null);
            g.prelu(x, param(gamma), param(zeta), compare, g.ties);
          },
          'ties',
        );
      }
    }
  }
  vector(
    '5.2',
    'RPReLU of numbers of every size',
    (g) => {
      const x = g.input(65, 4, 4);
      g.prelu(x, g.fixed(x, g.special), g.fixed(x, g.special), 'gt', g.smooth);
    },
    'special',
  );
  for (const [scale, bias] of [
    [true, true],
    [true, false],
    [false, true],
  ] as const) {
    vector(
      '5.3',
      `${scale ? 'scale' : ''}${bias ? ' bias' : ''}`,
      (g) => {
        const x = g.input(33, 3, 3);
        g.scaleBias(x, scale ? g.special : null, bias ? g.fixed(x, g.special) : null);
      },
      'special',
    );
  }
  vector('5.3', 'dynamic bias', (g) => {
    const x = g.input(33, 3, 3);
    g.scaleBias(x, g.smooth, g.generator(x, null));
  });

  // Whole tails: bias, shortcut, PReLU, map, row sums and bits, behind everything that makes a map.
  for (const c of [64, 65, 17]) {
    for (const kernel of [1, 3]) {
      for (const source of ['binary', 'float', 'max', 'average', 'pass'] as const) {
        vector('5.1 5.2 6.1 3.1', `a whole tail behind ${source}, ${c} channels, read by ${kernel}x${kernel}`, (g) => {
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
          const bent = g.prelu(g.plus(biased, x), g.fixed(x), g.fixed(x), 'gt');
          const read = g.binary(g.sign(bent, g.fixed(bent)), 9, square(kernel, 1, kernel >> 1));
          g.concat(g.mean(bent), g.mean(read), g.mean(g.plus(bent, x)));
        });
      }
    }
  }
  vector('4.2', 'the border of a packed map of 300 channels, made in two groups', (g) => {
    const wide = g.binary(g.sign(g.input(8, 3, 3)), 300, square(1));
    g.binary(g.sign(g.prelu(wide, g.fixed(wide), null, 'gt')), 5, square(3, 1, 1));
  });

  // 6 sums and maxima.
  const pools: readonly (readonly [string, Window, number, number])[] = [
    ['2x2', square(2, 2), 4, 6],
    ['3x3 stride 2 pad 1', square(3, 2, 1), 7, 7],
    ['3x3 stride 1 pad 1', square(3, 1, 1), 5, 4],
    ['3x2 stride 1x3, asymmetric pads', rectangle([3, 2], [1, 3], [2, 0, 1, 1], [1, 1]), 4, 8],
    ['the whole map', square(5), 5, 5],
    ['20 windows in a row', square(2, 1, 0), 2, 21],
  ];
  for (const [title, w, height, width] of pools) {
    for (const c of [1, 16, 33, 65]) {
      vector(
        '6.1 6.2',
        `average pool ${title}, padding counts, ${c} channels`,
        (g) => void g.pool('AveragePool', g.input(c, height, width), w),
        'special',
      );
      vector(
        '6.1 6.2',
        `average pool ${title}, padding does not count, ${c} channels`,
        (g) => void g.pool('AveragePool', g.input(c, height, width), w, false),
      );
      vector(
        '6.3',
        `max pool ${title}, ${c} channels`,
        (g) => void g.pool('MaxPool', g.input(c, height, width), w),
        c === 16 ? 'ties' : 'special',
      );
    }
  }
  for (const [c, h, w] of [
    [1, 1, 1],
    [16, 7, 7],
    [17, 1, 40],
    [33, 13, 1],
    [65, 3, 5],
    [130, 2, 2],
    [3, 17, 17],
  ] as const) {
    vector('6.1 6.2', `global average of ${c}x${h}x${w}`, (g) => void g.mean(g.input(c, h, w)), 'special');
    vector('6.1 6.2', `global average after a pass, ${c}x${h}x${w}`, (g) => {
      const x = g.input(c, h, w);
      g.mean(g.prelu(x, g.fixed(x), g.fixed(x), 'gt'));
    });
  }

  // 7 float convolutions and dense layers.
  for (const [title, w, height, width] of [
    ...windows.filter(([t]) => !t.includes('wholly')),
    ['3x3 stride 2 on an odd map', square(3, 2, 1), 9, 9] as const,
  ]) {
    vector('7.1', `float ${title}`, (g) => void g.conv(g.input(3, height, width), 20, w));
  }
  for (const [inputs, outputs, group] of [
    [6, 6, 6],
    [16, 16, 16],
    [33, 33, 33],
    [64, 64, 64],
    [4, 8, 4],
    [6, 9, 3],
    [64, 64, 2],
    [32, 96, 2],
    [130, 130, 130],
  ] as const) {
    vector(
      '7.1',
      `float 3x3, ${inputs} -> ${outputs} in ${group} groups`,
      (g) => void g.conv(g.input(inputs, 4, 5), outputs, square(3, 1, 1), group),
    );
  }
  for (const [inputs, outputs, group] of [
    [17, 17, 17],
    [64, 64, 64],
    [4, 8, 4],
    [6, 32, 2],
  ] as const) {
    vector(
      '7.1',
      `float 3x3 stride 2x1 dilation 2x3, ${inputs} -> ${outputs} in ${group} groups`,
      (g) => void g.conv(g.input(inputs, 6, 9), outputs, rectangle([3, 3], [2, 1], [2, 3, 2, 3], [2, 3]), group),
    );
  }
  // Large enough for the matrix unit where weights have 8 bits: windows cut by every border, rows of the kernel in every order, more
  // outputs than there is room for at once.
  for (const [channels, height, width, outputs, w] of [
    [3, 20, 29, 64, square(7, 2, 3)],
    [2, 6, 21, 70, square(7, 2, 3)],
    [6, 9, 17, 40, square(3, 1, 1)],
    [40, 9, 25, 150, square(3, 2, 1)],
    [64, 7, 7, 70, square(1)],
  ] as const) {
    vector('7.1', `float ${w.kernelHeight}x${w.kernelWidth}, ${channels}x${height}x${width} -> ${outputs}`, (g) => {
      g.conv(g.input(channels, height, width), outputs, w);
    });
  }

  for (const outputs of [1, 15, 16, 17, 63, 64, 65, 129]) {
    vector('7.1', `float 3x3, 5 -> ${outputs}`, (g) => void g.conv(g.input(5, 3, 14), outputs, square(3, 1, 1)));
    vector('7.1', `dense 33 -> ${outputs}`, (g) => void g.dense(g.input(33), outputs), 'special');
  }
  vector(
    '7.1 1.3',
    'biases of -0, weights and inputs of zero',
    (g) => void g.conv(g.input(3, 4, 4), 20, square(3, 1, 1), 1, g.ties, () => -0),
    'ties',
  );
  vector('7.2', 'no bias', (g) => void g.conv(g.input(3, 4, 4), 20, square(3, 1, 1), 1, g.smooth, null));
  vector(
    '7.1',
    'subnormal products and sums that cancel',
    (g) => void g.conv(g.input(9, 3, 3), 17, square(3, 1, 1), 1, () => g.special(0) * 1e-15),
    'special',
  );
  vector(
    '7.1 2.2',
    'float convolution of a binary map',
    (g) => void g.conv(g.sign(g.input(65, 3, 3)), 17, square(3, 1, 1)),
  );

  // 8 the dynamic unit.
  for (const fn of [null, { kind: 'relu' }, { kind: 'hardSwish' }, { kind: 'sigmoid' }, { kind: 'swish' }] as const) {
    for (const c of [1, 16, 33, 80]) {
      vector('8.1', `DySign, ${fn?.kind ?? 'no function'}, ${c} channels`, (g) => {
        const x = g.input(c, 4, 4);
        g.binary(g.sign(x, g.generator(x, fn), c === 16 ? 'gt' : 'ge'), c, square(3, 1, 1));
      });
    }
  }
  vector('8.1', 'a negated generator', (g) => {
    const x = g.input(33, 3, 3);
    const made = g.generator(x, null);
    if (made.kind === 'dynamic') g.sign(x, { kind: 'dynamic', source: g.apply(made.source, { kind: 'negate' }) }, 'ge');
  });
  vector('8.1', 'one vector as alpha, gamma and zeta', (g) => {
    const x = g.input(33, 3, 3);
    const shared = g.generator(x, { kind: 'hardSigmoid', alpha: 0.2, beta: 0.5 });
    g.binary(g.sign(g.prelu(x, shared, shared, 'gt'), shared), 9, square(1));
  });

  // 9 functions, over maps and at the end of dense layers.
  const functions: readonly PointFunction[] = [
    { kind: 'relu' },
    { kind: 'clip', lo: 0, hi: 6 },
    { kind: 'clip', lo: -0.1, hi: 0.1 },
    { kind: 'hardSigmoid', alpha: 1 / 6, beta: 0.5 },
    { kind: 'hardSigmoid', alpha: 0.2, beta: 0.5 },
    { kind: 'hardSwish' },
    { kind: 'sigmoid' },
    { kind: 'swish' },
    { kind: 'negate' },
  ];
  for (const fn of functions) {
    const title =
      fn.kind === 'clip' ? `clip ${fn.lo} ${fn.hi}` : fn.kind === 'hardSigmoid' ? `hardSigmoid ${fn.alpha}` : fn.kind;
    const clause = {
      relu: '9.1',
      clip: '9.1',
      hardSigmoid: '9.2',
      hardSwish: '9.2',
      sigmoid: '9.3 9.4',
      swish: '9.3 9.4',
      negate: '8.1',
    }[fn.kind];
    vector(clause, `${title} of special values`, (g) => void g.apply(g.input(65, 4, 4), fn), 'special');
    const sweep = new VectorGraph(seed++);
    sweep.apply(sweep.input(61, 16, 16), fn);
    // Every exponent, both signs, and the range of exp densely.
    vectors.push(
      sweep.build(clause, `${title} over its range`, (i) =>
        i % 2 === 0
          ? Math.fround(180 * sweep.random() - 90)
          : Math.fround((sweep.random() < 0.5 ? -1 : 1) * 2 ** (36 * sweep.random() - 24)),
      ),
    );
    vector(clause, `${title} after a dense layer`, (g) => void g.apply(g.dense(g.input(20), 35), fn));
  }
  for (const fn of ['sigmoid', 'swish'] as const) {
    vector(
      '9.3',
      `${fn} where exp turns from one power of two to the next`,
      (g) => void g.apply(g.input(67, 3, 3), { kind: fn }),
      'whole',
    );
  }
  vector('9.1', 'clip of -0 at 0', (g) => void g.apply(g.input(19, 3, 3), { kind: 'clip', lo: -1, hi: 0 }), 'ties');
  for (const n of [1, 2, 15, 16, 17, 64, 1000]) {
    vector('9.5', `softmax of ${n}`, (g) => void g.softmax(g.input(n)));
  }
  vector('9.5', 'softmax of far apart values', (g) => void g.softmax(g.scaleBias(g.input(40), () => 100, null)));

  // 10 constants: rounded once, printed so that C reads the same bits.
  vector('10.1', 'constants of every exponent survive the C source', (g) => {
    const x = g.input(508);
    const ofExponent = (i: number): number =>
      (i % 2 === 0 ? 1 : -1) * bits(((i >> 1) << 23) | Math.floor(g.random() * 2 ** 23));
    g.scaleBias(x, null, { kind: 'static', values: g.floats(508, ofExponent) });
  });
  vector(
    '10.1',
    'biases of 0 and of -0 are two constants',
    (g) => {
      const x = g.input(3, 2, 2);
      const bias = (zero: number): ChannelParam => ({ kind: 'static', values: new Float64Array(3).fill(zero) });
      g.concat(g.scaleBias(x, null, bias(0)), g.scaleBias(x, null, bias(-0)));
    },
    'minusZero',
  );
  vector(
    '10.1',
    'two scales and biases in a row, on numbers that do not round',
    (g) => {
      const x = g.input(40, 2, 2);
      const inner = g.scaleBias(x, g.ties, g.fixed(x, g.ties));
      g.scaleBias(inner, g.ties, g.fixed(inner, g.ties));
    },
    'ties',
  );
  vector('10.1', 'a fold of constants that are not binary32', (g) => {
    const y = g.binary(g.sign(g.input(33, 3, 3)), 33, square(3, 1, 1), {
      scale: () => g.random() / 3,
      bias: () => g.random() / 7,
    });
    g.scaleBias(y, () => g.random() / 11, { kind: 'static', values: g.floats(33, () => g.random() / 13) });
  });
  return vectors;
}
