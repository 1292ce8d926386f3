/** Plans of networks for fast-check: what is drawn often, what is drawn seldom, and what a failure shrinks to. */
import fc from 'fast-check';
import { MOVES, type Move, NUMBERS, type Plan, type PlannedIntegers, RANGES } from './network-plan.js';

/** Around words (32, 64), vectors (8, 16), groups of channels (256); the first is what shrinking ends at. */
const CHANNELS = [
  1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 48, 63, 64, 65, 80, 127, 128, 129, 255, 257,
] as const;

const channels = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 15 }).map((i) => CHANNELS[i]!) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: CHANNELS.length - 1 }).map((i) => CHANNELS[i]!) },
);

const mostly = (usual: number, max: number, weight = 3) =>
  fc.oneof(
    { weight, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.integer({ min: usual === 0 ? 0 : 1, max }) },
  );

const square = (one: fc.Arbitrary<number>) =>
  fc.oneof(
    { weight: 3, arbitrary: one.map((n): [number, number] => [n, n]) },
    { weight: 1, arbitrary: fc.tuple(one, one) },
  );

const pads = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 3).map((p): [number, number, number, number] => [p, p, p, p]) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)) },
);

/** Kinds that a network is mostly made of come several times. */
const kinds = [
  ...MOVES,
  'binaryConv',
  'binaryConv',
  'add',
  'rprelu',
  'sign',
  'block',
  'scaleBias',
  'activation',
] as const;

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom(...kinds),
  x: mostly(0, 9, 2),
  y: fc.nat(9),
  channels,
  kernel: square(fc.constantFrom(1, 3, 2, 5, 4)),
  stride: square(mostly(1, 3)),
  dilation: square(mostly(1, 3, 5)),
  pads,
  options: fc.nat(2 ** 31 - 1),
});

const side = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 11, 13, 16, 17) },
);

const inputShape = fc
  .record({
    channels,
    height: side,
    width: fc.oneof({ weight: 8, arbitrary: side }, { weight: 1, arbitrary: fc.constantFrom(31, 33, 40) }),
  })
  .map((s) => (s.height * s.width * s.channels > 6000 ? { ...s, channels: 3 } : s));

const integers: fc.Arbitrary<PlannedIntegers> = fc.record({
  mode: fc.constantFrom('float32', 'float32', 'fixed16', 'fixed16', 'fixed16', 'int8 ends'),
  ranges: fc.constantFrom('calibrated', ...RANGES),
});

export const networkPlans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(2 ** 30),
  numbers: fc.constantFrom(...NUMBERS),
  input: inputShape,
  moves: fc.array(move, { minLength: 1, maxLength: 14 }),
  ending: fc.constantFrom('last', 'all', 'all', 'softmax'),
  integers,
  names: fc.oneof({ weight: 4, arbitrary: fc.constant(0 as const) }, { weight: 1, arbitrary: fc.constant(1 as const) }),
});
