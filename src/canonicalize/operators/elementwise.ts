/**
 * Operators that work on each element alone, with numpy broadcasting.
 *
 * Float weights of millions of elements pass through here, so the operators that exporters put on them have a loop of their own
 * over Float32Array: one that a compiler can keep in registers, where the general one calls a function for each element.
 *
 * Keeps true: binary32 results are the exact value rounded once where the operation is + - * / or sqrt (binary64 holds more
 * than twice the digits, so rounding twice is rounding once); integers truncate toward zero where they divide.
 */
import type { ElementType, Tensor } from '../../onnx/onnx-graph.js';
import { broadcastShapes, forEachRow } from './broadcast.js';
import {
  type AttributeSpecs,
  type AttributeValues,
  type Call,
  defineOperator,
  float,
  inputType,
  int,
  isFloat,
  type Operator,
  OperatorProblem,
  optionalFloat,
  type StaticType,
  string,
} from './operator.js';

/** Bounds are attributes to opset 10, inputs from 11. */
export const clipAttributes = { min: optionalFloat(), max: optionalFloat() };
export const hardSigmoidAttributes = { alpha: float(0.2), beta: float(0.5) };
export const leakyReluAttributes = { alpha: float(0.01) };
export const swishAttributes = { alpha: float(1) };
export const ourSignAttributes = { compare: string('ge'), negated: int(0) };
export const ourPreluAttributes = { compare: string('gt') };

type Group = 'float' | 'integer' | 'bool';
const numbers: readonly Group[] = ['float', 'integer'];
const any: readonly Group[] = ['float', 'integer', 'bool'];
const bools: readonly Group[] = ['bool'];

function groupOf(type: ElementType): Group {
  if (isFloat(type)) return 'float';
  return type === 'bool' ? 'bool' : 'integer';
}

/** The type that operands have in common. */
function commonType(types: readonly StaticType[], { mixedFloats }: { readonly mixedFloats: boolean }): ElementType {
  const first = types[0]!;
  const alike = (t: StaticType): boolean =>
    t.type === first.type || (mixedFloats && isFloat(t.type) && isFloat(first.type));
  if (!types.every(alike)) {
    throw new OperatorProblem(
      'DYB205',
      `element types ${types.map((t) => t.type).join(' and ')} together`,
      'the same type',
    );
  }
  return types.find((t) => t.type === 'float32')?.type ?? first.type;
}

function need(types: readonly StaticType[], groups: readonly Group[]): void {
  const bad = types.find((t) => !groups.includes(groupOf(t.type)));
  if (bad !== undefined) throw new OperatorProblem('DYB104', `an input of type ${bad.type}`, groups.join(' or '));
}

interface Unary<S extends AttributeSpecs> {
  readonly attributes?: S;
  readonly groups?: readonly Group[];
  readonly result?: ElementType;
  readonly domain?: 'dybnn';
  readonly fn?: (x: number, attributes: AttributeValues<S>, type: ElementType) => number;
  /** The same as fn, over whole arrays. */
  readonly float32?: (x: Float32Array, out: Float32Array) => void;
}

function unary<S extends AttributeSpecs = Record<never, never>>(opType: string, definition: Unary<S>): Operator {
  const { fn, float32, result } = definition;
  return defineOperator({
    opType,
    ...(definition.domain === undefined ? {} : { domain: definition.domain }),
    arity: [1, 1],
    attributes: definition.attributes ?? ({} as S),
    infer: (call) => {
      const x = inputType(call, 0);
      need([x], definition.groups ?? ['float']);
      return [{ type: result ?? x.type, shape: x.shape }];
    },
    ...(fn === undefined
      ? {}
      : {
          evaluate: (call: Call<AttributeValues<S>>, [type]: readonly StaticType[], out) => {
            const x = call.constants[0]!;
            const data = out(type!);
            if (float32 !== undefined && x.data instanceof Float32Array && data instanceof Float32Array) {
              float32(x.data, data);
            } else {
              for (let i = 0; i < data.length; i++) data[i] = fn(x.data[i]!, call.attributes, x.type);
            }
            return [{ ...type!, data }];
          },
        }),
  });
}

interface Binary {
  readonly groups?: readonly Group[];
  readonly result?: ElementType;
  readonly fn: (a: number, b: number, type: ElementType) => number;
  /** The same as fn, over a row: a from ia in steps of sa, b likewise. */
  readonly float32?: RowLoop;
}

type RowLoop = (
  out: Float32Array,
  start: number,
  length: number,
  a: Float32Array,
  ia: number,
  sa: number,
  b: Float32Array,
  ib: number,
  sb: number,
) => void;

function binary(opType: string, { fn, float32, groups, result }: Binary): Operator {
  return defineOperator({
    opType,
    arity: [2, 2],
    attributes: {},
    infer: (call) => {
      const types = [inputType(call, 0), inputType(call, 1)];
      need(types, groups ?? ['float', 'integer']);
      const common = commonType(types, call);
      return [{ type: result ?? common, shape: broadcastShapes(types.map((t) => t.shape)) }];
    },
    evaluate: (call, [type], out) => {
      const a = call.constants[0]!;
      const b = call.constants[1]!;
      if (float32 !== undefined && a.data instanceof Float32Array && b.data instanceof Float32Array) {
        const data = out(type!);
        if (data instanceof Float32Array) {
          const [x, y] = [a.data, b.data];
          forEachRow(type!.shape, [a.shape, b.shape], (start, length, starts, steps) => {
            float32(data, start, length, x, starts[0]!, steps[0]!, y, starts[1]!, steps[1]!);
          });
          return [{ ...type!, data }];
        }
      }
      return [{ ...type!, data: combine(a, b, type!, out, (x, y) => fn(x, y, a.type)) }];
    },
  });
}

function combine(
  a: Tensor,
  b: Tensor,
  type: StaticType,
  out: (type: StaticType) => Tensor['data'],
  fn: (x: number, y: number) => number,
): Tensor['data'] {
  const data = out(type);
  forEachRow(type.shape, [a.shape, b.shape], (start, length, starts, steps) => {
    const stepA = steps[0]!;
    const stepB = steps[1]!;
    for (let i = 0, ia = starts[0]!, ib = starts[1]!; i < length; i++, ia += stepA, ib += stepB) {
      data[start + i] = fn(a.data[ia]!, b.data[ib]!);
    }
  });
  return data;
}

/** Any number of inputs, taken two at a time. */
function variadic(opType: string, fn: (a: number, b: number) => number): Operator {
  return defineOperator({
    opType,
    arity: [1, Number.POSITIVE_INFINITY],
    attributes: {},
    infer: (call) => {
      const types = call.node.inputs.map((_, i) => inputType(call, i));
      need(types, ['float', 'integer']);
      return [{ type: commonType(types, call), shape: broadcastShapes(types.map((t) => t.shape)) }];
    },
    evaluate: (call, [type], out) => {
      const [first, ...rest] = call.constants.map((c) => c!);
      const data = rest.reduce((sum, next): Tensor => {
        const shape = broadcastShapes([sum.shape, next.shape]);
        return { type: type!.type, shape, data: combine(sum, next, { type: type!.type, shape }, out, fn) };
      }, first!);
      return [{ ...data, type: type!.type }];
    },
  });
}

const abs32 = (x: Float32Array, out: Float32Array): void => {
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(x[i]!);
};
const sign32 = (x: Float32Array, out: Float32Array): void => {
  for (let i = 0; i < out.length; i++) out[i] = x[i]! > 0 ? 1 : x[i]! < 0 ? -1 : x[i]!;
};
const neg32 = (x: Float32Array, out: Float32Array): void => {
  for (let i = 0; i < out.length; i++) out[i] = -x[i]!;
};
const add32: RowLoop = (out, start, length, a, ia, sa, b, ib, sb) => {
  for (let i = 0; i < length; i++) out[start + i] = a[ia + i * sa]! + b[ib + i * sb]!;
};
const sub32: RowLoop = (out, start, length, a, ia, sa, b, ib, sb) => {
  for (let i = 0; i < length; i++) out[start + i] = a[ia + i * sa]! - b[ib + i * sb]!;
};
const mul32: RowLoop = (out, start, length, a, ia, sa, b, ib, sb) => {
  for (let i = 0; i < length; i++) out[start + i] = a[ia + i * sa]! * b[ib + i * sb]!;
};
const div32: RowLoop = (out, start, length, a, ia, sa, b, ib, sb) => {
  for (let i = 0; i < length; i++) out[start + i] = a[ia + i * sa]! / b[ib + i * sb]!;
};

const divide = (a: number, b: number, type: ElementType): number => {
  if (isFloat(type)) return a / b;
  if (b === 0) throw new OperatorProblem('DYB205', 'an integer divided by zero');
  return Math.trunc(a / b);
};

/** The result has the base's type, whatever the exponent's. */
const pow = defineOperator({
  opType: 'Pow',
  arity: [2, 2],
  attributes: {},
  infer: (call) => {
    const types = [inputType(call, 0), inputType(call, 1)];
    need(types, numbers);
    return [{ type: types[0]!.type, shape: broadcastShapes(types.map((t) => t.shape)) }];
  },
  evaluate: (call, [type], out) => [
    { ...type!, data: combine(call.constants[0]!, call.constants[1]!, type!, out, (a, b) => a ** b) },
  ],
});

const roundHalfEven = (x: number): number => {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
};

/** The sign is the divisor's, or with fmod the dividend's. */
const mod = defineOperator({
  opType: 'Mod',
  arity: [2, 2],
  attributes: { fmod: int(0) },
  infer: (call) => {
    const types = [inputType(call, 0), inputType(call, 1)];
    need(types, numbers);
    return [{ type: commonType(types, call), shape: broadcastShapes(types.map((t) => t.shape)) }];
  },
  evaluate: (call, [type], out) => {
    const [a, b] = [call.constants[0]!, call.constants[1]!];
    const modulo = (x: number, y: number): number => {
      if (y === 0 && !isFloat(type!.type)) throw new OperatorProblem('DYB205', 'an integer divided by zero');
      const rest = x % y;
      return call.attributes.fmod === 0 && rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
    };
    return [{ ...type!, data: combine(a, b, type!, out, modulo) }];
  },
});

const clip32 = (x: Float32Array, lo: number, hi: number, out: Float32Array): void => {
  for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.max(x[i]!, lo), hi);
};

const clip = defineOperator({
  opType: 'Clip',
  arity: [1, 3],
  attributes: clipAttributes,
  infer: (call) => {
    const x = inputType(call, 0);
    need([x], numbers);
    for (const bound of call.types.slice(1)) {
      if (bound?.shape.some((d) => d !== 1)) {
        throw new OperatorProblem('DYB202', `a bound of shape [${bound.shape.join(', ')}]`, 'scalar bounds');
      }
    }
    return [x];
  },
  evaluate: (call, [type], out) => {
    const x = call.constants[0]!;
    const lo = call.constants[1]?.data[0] ?? call.attributes.min ?? Number.NEGATIVE_INFINITY;
    const hi = call.constants[2]?.data[0] ?? call.attributes.max ?? Number.POSITIVE_INFINITY;
    const data = out(type!);
    if (x.data instanceof Float32Array && data instanceof Float32Array) clip32(x.data, lo, hi, data);
    else for (let i = 0; i < data.length; i++) data[i] = Math.min(Math.max(x.data[i]!, lo), hi);
    return [{ ...type!, data }];
  },
});

const where = defineOperator({
  opType: 'Where',
  arity: [3, 3],
  attributes: {},
  infer: (call) => {
    const [condition, a, b] = [inputType(call, 0), inputType(call, 1), inputType(call, 2)];
    need([condition], bools);
    return [{ type: commonType([a, b], call), shape: broadcastShapes([condition.shape, a.shape, b.shape]) }];
  },
  evaluate: (call, [type], out) => {
    const [condition, a, b] = [call.constants[0]!, call.constants[1]!, call.constants[2]!];
    const data = out(type!);
    forEachRow(type!.shape, [condition.shape, a.shape, b.shape], (start, length, starts, steps) => {
      for (let i = 0; i < length; i++) {
        const chosen = condition.data[starts[0]! + i * steps[0]!] !== 0;
        data[start + i] = chosen ? a.data[starts[1]! + i * steps[1]!]! : b.data[starts[2]! + i * steps[2]!]!;
      }
    });
    return [{ ...type!, data }];
  },
});

/** x where x >= 0 (plain) or by `compare`, slope * x elsewhere. The slope broadcasts to x, never x to the slope. */
function prelu(domain: 'dybnn' | undefined): Operator {
  return defineOperator({
    opType: 'PRelu',
    ...(domain === undefined ? {} : { domain }),
    arity: [2, 2],
    attributes: domain === undefined ? {} : ourPreluAttributes,
    infer: (call) => {
      const [x, slope] = [inputType(call, 0), inputType(call, 1)];
      need([x, slope], ['float']);
      const shape = broadcastShapes([x.shape, slope.shape]);
      if (shape.length !== x.shape.length || shape.some((d, i) => d !== x.shape[i])) {
        throw new OperatorProblem(
          'DYB205',
          `a slope of shape [${slope.shape.join(', ')}]`,
          `one that fits [${x.shape.join(', ')}]`,
        );
      }
      return [x];
    },
    evaluate: (call, [type], out) => [
      { ...type!, data: combine(call.constants[0]!, call.constants[1]!, type!, out, (x, a) => (x >= 0 ? x : a * x)) },
    ],
  });
}

export const elementwiseOperators: readonly Operator[] = [
  unary('Abs', { groups: numbers, fn: Math.abs, float32: abs32 }),
  unary('Neg', { groups: numbers, fn: (x) => -x, float32: neg32 }),
  unary('Sign', { groups: numbers, fn: Math.sign, float32: sign32 }),
  unary('Sqrt', { fn: Math.sqrt }),
  unary('Reciprocal', { fn: (x) => 1 / x }),
  unary('Exp', { fn: Math.exp }),
  unary('Log', { fn: Math.log }),
  unary('Tanh', { fn: Math.tanh }),
  unary('Floor', { fn: Math.floor }),
  unary('Ceil', { fn: Math.ceil }),
  unary('Round', { fn: roundHalfEven }),
  unary('Relu', { groups: numbers, fn: (x) => Math.max(x, 0) }),
  unary('Sigmoid', { fn: (x) => 1 / (1 + Math.exp(-x)) }),
  unary('HardSwish', { fn: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1) }),
  unary('HardSigmoid', {
    attributes: hardSigmoidAttributes,
    fn: (x, { alpha, beta }) => Math.min(Math.max(alpha * x + beta, 0), 1),
  }),
  unary('LeakyRelu', { attributes: leakyReluAttributes, fn: (x, { alpha }) => (x >= 0 ? x : alpha * x) }),
  unary('Swish', { attributes: swishAttributes, fn: (x, { alpha }) => x / (1 + Math.exp(-alpha * x)) }),
  unary('Not', { groups: bools, fn: (x) => 1 - x }),
  // Weights may be binarized by one of the patterns too.
  unary('Sign', {
    domain: 'dybnn',
    attributes: ourSignAttributes,
    fn: (x, { compare, negated }) => ((compare === 'ge' ? x >= 0 : x > 0) === (negated === 0) ? 1 : -1),
  }),
  unary('Swish', { domain: 'dybnn', fn: (x) => x / (1 + Math.exp(-x)) }),
  binary('Add', { fn: (a, b) => a + b, float32: add32 }),
  binary('Sub', { fn: (a, b) => a - b, float32: sub32 }),
  binary('Mul', { fn: (a, b) => a * b, float32: mul32 }),
  binary('Div', { fn: divide, float32: div32 }),
  binary('Greater', { result: 'bool', fn: (a, b) => (a > b ? 1 : 0) }),
  binary('GreaterOrEqual', { result: 'bool', fn: (a, b) => (a >= b ? 1 : 0) }),
  binary('Less', { result: 'bool', fn: (a, b) => (a < b ? 1 : 0) }),
  binary('LessOrEqual', { result: 'bool', fn: (a, b) => (a <= b ? 1 : 0) }),
  binary('Equal', { groups: any, result: 'bool', fn: (a, b) => (a === b ? 1 : 0) }),
  binary('And', { groups: bools, fn: (a, b) => a & b }),
  binary('Or', { groups: bools, fn: (a, b) => a | b }),
  binary('Xor', { groups: bools, fn: (a, b) => a ^ b }),
  variadic('Sum', (a, b) => a + b),
  variadic('Max', Math.max),
  variadic('Min', Math.min),
  pow,
  mod,
  clip,
  where,
  prelu(undefined),
  prelu('dybnn'),
];
