/**
 * The semantics of ap_int and ap_fixed in BigInt, written from UG1399 and not from the headers: what each line of sim-exercise.cpp must say.
 *
 * In: a line `operation operands = result`. Out: the result that it must have, to be compared as text. A number is its value; a width
 * is met only when a result is cut to it.
 */

interface Integer {
  readonly signed: boolean;
  readonly width: number;
  readonly value: bigint;
}
interface Fixed extends Integer {
  readonly integerBits: number;
  readonly quantization: number;
  readonly overflow: number;
}

const QUANTIZATION = ['RND', 'RND_ZERO', 'RND_MIN_INF', 'RND_INF', 'RND_CONV', 'TRN', 'TRN_ZERO'] as const;
const OVERFLOW = ['SAT', 'SAT_ZERO', 'SAT_SYM', 'WRAP'] as const;
const [TRN, WRAP] = [QUANTIZATION.indexOf('TRN'), OVERFLOW.indexOf('WRAP')];

const cut = (value: bigint, width: number, signed: boolean): bigint =>
  signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
const integer = (signed: boolean, width: number, value: bigint): Integer => ({
  signed,
  width,
  value: cut(value, width, signed),
});
const int = (width: number, value: bigint): Integer => integer(true, width, value);
const uint = (width: number, value: bigint): Integer => integer(false, width, value);
const like = (type: Integer, value: bigint): Integer => integer(type.signed, type.width, value);

const hex = (x: Integer): string =>
  BigInt.asUintN(x.width, x.value)
    .toString(16)
    .padStart(Math.ceil(x.width / 4), '0');
const isFixed = (x: Integer): x is Fixed => 'integerBits' in x;
const show = (x: Integer | boolean): string => {
  if (typeof x === 'boolean') return `b1 ${x ? 1 : 0}`;
  if (!isFixed(x)) return `${x.signed ? 'i' : 'u'}${x.width} ${hex(x)}`;
  return `${x.signed ? 'f' : 'q'}${x.width},${x.integerBits},${x.quantization},${x.overflow} ${hex(x)}`;
};

function parseNumber(type: string, digits: string): Integer | Fixed {
  const signed = type[0] === 'i' || type[0] === 'f';
  const [width = 0, integerBits = 0, quantization = TRN, overflow = WRAP] = type.slice(1).split(',').map(Number);
  const number = integer(signed, width, BigInt(`0x${digits}`));
  return type[0] === 'f' || type[0] === 'q' ? { ...number, integerBits, quantization, overflow } : number;
}

// ---------------------------------------------------------------- integers

const max = (a: number, b: number): number => (a > b ? a : b);
const abs = (x: bigint): bigint => (x < 0n ? -x : x);

/** The width that holds either operand once both have one signedness. */
const common = (a: Integer, b: Integer): number =>
  max(a.width + (b.signed && !a.signed ? 1 : 0), b.width + (a.signed && !b.signed ? 1 : 0));
const sum = (a: Integer, b: Integer, v: bigint): Integer => integer(a.signed || b.signed, common(a, b) + 1, v);
const logic = (a: Integer, b: Integer, v: bigint): Integer => integer(a.signed || b.signed, common(a, b), v);

/** C's rule where the unsigned operand is 32 bits or more and not the narrower: a negative number is beyond all unsigned ones. */
function less(a: Integer, b: Integer): boolean {
  const mixed = a.signed !== b.signed && max(a.width, b.width) >= 32;
  const unsignedWins = mixed && (a.signed ? b.width >= a.width : a.width >= b.width);
  const beyond = 1n << 2000n;
  const rank = (x: Integer): bigint => (unsignedWins && x.value < 0n ? beyond : x.value);
  return rank(a) < rank(b);
}
/** The bits of the wider operand; two of one width, up to 64, as 64-bit numbers. */
function equal(a: Integer, b: Integer): boolean {
  const wider = max(a.width, b.width);
  const bits = wider > 64 ? wider : a.width === b.width ? 64 : max(wider, 32);
  return BigInt.asUintN(bits, a.value) === BigInt.asUintN(bits, b.value);
}

function shift(a: Integer, count: bigint): Integer {
  return like(a, count >= 0n ? a.value << count : a.value >> -count);
}
const join = (a: Integer, b: Integer): bigint =>
  (BigInt.asUintN(a.width, a.value) << BigInt(b.width)) | BigInt.asUintN(b.width, b.value);
const bitsOf = (x: Integer): string => BigInt.asUintN(x.width, x.value).toString(2).padStart(x.width, '0');

const real = (bits: bigint): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
};

type Result = Integer | boolean;
const onTwo: Readonly<Record<string, (a: Integer, b: Integer) => Result>> = {
  add: (a, b) => sum(a, b, a.value + b.value),
  sub: (a, b) => int(common(a, b) + 1, a.value - b.value),
  mul: (a, b) => integer(a.signed || b.signed, a.width + b.width, a.value * b.value),
  and: (a, b) => logic(a, b, a.value & b.value),
  or: (a, b) => logic(a, b, a.value | b.value),
  xor: (a, b) => logic(a, b, a.value ^ b.value),
  div: (a, b) => integer(a.signed || b.signed, a.width + (b.signed ? 1 : 0), a.value / b.value),
  mod: (a, b) => integer(a.signed, Math.min(a.width, b.width), a.value % b.value),
  lt: (a, b) => less(a, b),
  le: (a, b) => !less(b, a),
  gt: (a, b) => less(b, a),
  ge: (a, b) => !less(a, b),
  eq: (a, b) => equal(a, b),
  ne: (a, b) => !equal(a, b),
  cat: (a, b) => uint(a.width + b.width, join(a, b)),
  // The pair is written with (b, a) and read again.
  'cat<': (a, b) => uint(a.width + b.width, join(b, a)),
  set: (a, b) => like(a, b.value),
  'add=': (a, b) => like(a, a.value + b.value),
  'sub=': (a, b) => like(a, a.value - b.value),
  'mul=': (a, b) => like(a, a.value * b.value),
  'xor=': (a, b) => like(a, a.value ^ b.value),
  shl: (a, b) => shift(a, b.value),
  shr: (a, b) => shift(a, -b.value),
};
const onOne: Readonly<Record<string, (a: Integer, result: Integer) => Result>> = {
  neg: (a) => int(max(a.width, a.signed ? 2 : 1) + 1, -a.value),
  not: (a) => like(a, ~a.value),
  zero: (a) => a.value === 0n,
  to_int: (a) => int(64, BigInt.asIntN(32, a.value)),
  to_int64: (a) => int(64, a.value),
  any: (a) => a.value !== 0n,
  all: (a) => !bitsOf(a).includes('0'),
  parity: (a) => [...bitsOf(a)].filter((b) => b === '1').length % 2 === 1,
  length: (a) => int(64, BigInt(2 * a.width)),
  zeros: (a) => int(64, BigInt(bitsOf(a).indexOf('1') < 0 ? a.width : bitsOf(a).indexOf('1'))),
  inc: (a) => like(a, a.value + 1n),
  dec: (a) => like(a, a.value - 1n),
  real: (a, result) => like(result, BigInt(Math.trunc(real(a.value)))),
};

// ---------------------------------------------------------------- fixed point

/** A rational number numerator * 2^-fraction. */
interface Real {
  readonly numerator: bigint;
  readonly fraction: number;
}
const realValue = (x: Integer): Real => ({ numerator: x.value, fraction: isFixed(x) ? x.width - x.integerBits : 0 });

function rounded({ numerator, fraction }: Real, to: number, quantization: number): bigint {
  if (fraction <= to) return numerator << BigInt(to - fraction);
  const unit = 1n << BigInt(fraction - to);
  const floor = numerator >> BigInt(fraction - to);
  const twice = 2n * (numerator - floor * unit);
  const tie = twice === unit;
  const up = (): boolean => {
    switch (QUANTIZATION[quantization]) {
      case 'TRN':
        return false;
      case 'TRN_ZERO':
        return twice !== 0n && numerator < 0n;
      case 'RND':
        return twice >= unit;
      case 'RND_ZERO':
        return tie ? numerator < 0n : twice > unit;
      case 'RND_MIN_INF':
        return !tie && twice > unit;
      case 'RND_INF':
        return tie ? numerator > 0n : twice > unit;
      case 'RND_CONV':
        return tie ? floor % 2n !== 0n : twice > unit;
      default:
        throw new Error(`quantization ${quantization}`);
    }
  };
  return up() ? floor + 1n : floor;
}

function intoFixed(x: Real, type: Fixed): Fixed {
  const value = rounded(x, type.width - type.integerBits, type.quantization);
  const top = (1n << BigInt(type.width - (type.signed ? 1 : 0))) - 1n;
  const mode = OVERFLOW[type.overflow];
  const bottom = !type.signed ? 0n : mode === 'SAT_SYM' && type.width > 1 ? -top : -top - 1n;
  const outside = value > top || value < bottom;
  if (mode === 'WRAP' || !outside) return { ...type, value: cut(value, type.width, type.signed) };
  return { ...type, value: mode === 'SAT_ZERO' ? 0n : value > top ? top : bottom };
}

const integerBitsOf = (x: Integer): number => (isFixed(x) ? x.integerBits : x.width);
function arithmetic(a: Integer, b: Integer, signed: boolean, exact: Real): Fixed {
  const integerBits =
    max(integerBitsOf(a) + (b.signed && !a.signed ? 1 : 0), integerBitsOf(b) + (a.signed && !b.signed ? 1 : 0)) + 1;
  const width = integerBits + max(realValue(a).fraction, realValue(b).fraction);
  return intoFixed(exact, { signed, width, integerBits, quantization: TRN, overflow: WRAP, value: 0n });
}
function plus(a: Real, b: Real, sign: bigint): Real {
  const fraction = max(a.fraction, b.fraction);
  const at = (x: Real): bigint => x.numerator << BigInt(fraction - x.fraction);
  return { numerator: at(a) + sign * at(b), fraction };
}
const times = (a: Real, b: Real): Real => ({
  numerator: a.numerator * b.numerator,
  fraction: a.fraction + b.fraction,
});
const order = (a: Integer, b: Integer): bigint => plus(realValue(a), realValue(b), -1n).numerator;

/** A double as a rational number, exactly. */
function realOf(bits: bigint): Real {
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const mantissa = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n);
  const numerator = bits >> 63n === 1n ? -mantissa : mantissa;
  const fraction = 1075 - max(exponent, 1);
  return fraction >= 0 ? { numerator, fraction } : { numerator: numerator << BigInt(-fraction), fraction: 0 };
}

/** The bits of the IEEE number nearest to x, ties to even; x is in the normal range or 0. */
function nearestFloat({ numerator, fraction }: Real, mantissaBits: number, bias: number): bigint {
  if (numerator === 0n) return 0n;
  const magnitude = abs(numerator);
  const places = magnitude.toString(2).length;
  let exponent = places - 1 - fraction;
  let mantissa = rounded(
    { numerator: magnitude, fraction: max(0, places - 1) },
    mantissaBits,
    QUANTIZATION.indexOf('RND_CONV'),
  );
  if (mantissa >> BigInt(mantissaBits + 1) !== 0n) {
    mantissa >>= 1n;
    exponent += 1;
  }
  const sign = numerator < 0n ? 1n : 0n;
  const fields = (BigInt(exponent + bias) << BigInt(mantissaBits)) | (mantissa - (1n << BigInt(mantissaBits)));
  return (sign << BigInt(mantissaBits === 52 ? 63 : 31)) | fields;
}

const towardsZero = (x: Integer): bigint => rounded(realValue(x), 0, QUANTIZATION.indexOf('TRN_ZERO'));

const fixedOnTwo: Readonly<Record<string, (a: Integer, b: Integer) => Result>> = {
  fadd: (a, b) => arithmetic(a, b, a.signed || b.signed, plus(realValue(a), realValue(b), 1n)),
  fsub: (a, b) => arithmetic(a, b, true, plus(realValue(a), realValue(b), -1n)),
  fmul: (a, b) =>
    intoFixed(times(realValue(a), realValue(b)), {
      signed: a.signed || b.signed,
      width: a.width + b.width,
      integerBits: integerBitsOf(a) + integerBitsOf(b),
      quantization: TRN,
      overflow: WRAP,
      value: 0n,
    }),
  flt: (a, b) => order(a, b) < 0n,
  fle: (a, b) => order(a, b) <= 0n,
  fgt: (a, b) => order(a, b) > 0n,
  fge: (a, b) => order(a, b) >= 0n,
  feq: (a, b) => order(a, b) === 0n,
  fne: (a, b) => order(a, b) !== 0n,
  'fadd=': (a, b) => intoFixed(plus(realValue(a), realValue(b), 1n), a as Fixed),
  'fmul=': (a, b) => intoFixed(times(realValue(a), realValue(b)), a as Fixed),
  fshl: (a, b) => ({ ...a, value: cut(a.value << b.value, a.width, a.signed) }),
  fshr: (a, b) => ({ ...a, value: a.value >> b.value }),
};
const fixedOnOne: Readonly<Record<string, (a: Integer, result: Integer) => Result>> = {
  fixed: (a, result) => intoFixed(realValue(a), result as Fixed),
  fint: (a, result) => intoFixed(realValue(a), result as Fixed),
  freal: (a, result) => intoFixed(realOf(a.value), result as Fixed),
  fint_of: (a) => int(64, towardsZero(a)),
  fto: (a) => int(12, towardsZero(a)),
  fdouble: (a) => uint(64, nearestFloat(realValue(a), 52, 1023)),
  ffloat: (a) => uint(32, nearestFloat(realValue(a), 23, 127)),
};

// ---------------------------------------------------------------- ranges

const slice = (x: Integer, high: number, low: number): bigint => BigInt.asUintN(high - low + 1, x.value >> BigInt(low));
const withSlice = (x: Integer, high: number, low: number, bits: bigint): Integer => {
  const mask = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
  const rest = BigInt.asUintN(x.width, x.value) & ~mask;
  return like(x, rest | (BigInt.asUintN(high - low + 1, bits) << BigInt(low)));
};

/** 20,000 values go through a queue of which 490 of 500 are taken each round. */
const STREAM = `stream${Array.from({ length: 40 }, (_, round) => ` ${round * 490}`).join('')} left 400 400 19999 0 order 18000 1`;

/** What the line should have been. */
export function expectedLine(line: string): string {
  if (line.startsWith('stream')) return STREAM;
  const [left = '', right = ''] = line.split(' = ');
  const [operation = '', ...words] = left.split(' ');
  const result = parseNumber(...(right.split(' ') as [string, string]));
  const number = (at: number): Integer => parseNumber(words[at] ?? '', words[at + 1] ?? '');
  const plain = (at: number): number => Number(words[at]);
  const answer = (): Result => {
    switch (operation) {
      case 'range':
        return like(result, slice(number(0), plain(2), plain(3)));
      case 'range=':
        return withSlice(number(2), plain(0), plain(1), number(4).value);
      case 'sides': {
        const high = slice(number(4), plain(0), plain(1));
        const low = slice(number(6), plain(2), plain(3));
        return uint(result.width, (high << BigInt(plain(2) - plain(3) + 1)) | low);
      }
      case 'flip':
        return like(number(1), number(1).value ^ (1n << BigInt(plain(0))));
    }
    const two = onTwo[operation] ?? fixedOnTwo[operation];
    if (two !== undefined) return two(number(0), number(2));
    const one = onOne[operation] ?? fixedOnOne[operation];
    if (one === undefined) throw new Error(`unknown operation in: ${line}`);
    return one(number(0), result);
  };
  return `${left} = ${show(answer())}`;
}

export const OPERATIONS: readonly string[] = [onTwo, onOne, fixedOnTwo, fixedOnOne]
  .flatMap((table) => Object.keys(table))
  .concat('range', 'range=', 'sides', 'flip', 'stream');
