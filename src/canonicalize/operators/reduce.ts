/** ReduceMean and its relatives: over the axes of an attribute (to opset 17) or an input (from 18; ReduceSum 13). */
import {
  type Call,
  constantIntegers,
  defineOperator,
  inputType,
  int,
  ints,
  isFloat,
  normalizeAxis,
  type Operator,
  OperatorProblem,
  sizeOf,
} from './operator.js';

/** A sum is carried in binary64 and rounded once at the end. */
export const reduceAttributes = { axes: ints(), keepdims: int(1), noop_with_empty_axes: int(0) };

export interface ReduceAttributes {
  readonly axes: readonly number[] | null;
  readonly keepdims: number;
  readonly noop_with_empty_axes: number;
}

/** The axes that a reduction runs over, ascending; all of them where none are given. */
export function reducedAxes(call: Call<ReduceAttributes>): readonly number[] {
  const { rank, given } = { rank: inputType(call, 0).shape.length, given: constantIntegers(call, 1, 'axes') };
  if (given !== null && call.attributes.axes !== null) throw new OperatorProblem('DYB205', 'axes given twice');
  const axes = given ?? call.attributes.axes ?? [];
  if (axes.length === 0) {
    return call.attributes.noop_with_empty_axes !== 0 ? [] : Array.from({ length: rank }, (_, axis) => axis);
  }
  const normal = axes.map((axis) => normalizeAxis(axis, rank));
  if (new Set(normal).size !== normal.length) throw new OperatorProblem('DYB205', 'an axis given twice');
  return normal.sort((a, b) => a - b);
}

interface Reduction {
  readonly start: number;
  readonly step: (sum: number, x: number) => number;
  /** What becomes of the sum over `count` elements. */
  readonly finish?: (sum: number, count: number) => number;
  /** The same as step over a run of floats. */
  readonly float32?: (sum: number, x: Float32Array, from: number, to: number) => number;
}

function reduction(opType: string, { start, step, finish, float32 }: Reduction): Operator {
  return defineOperator({
    opType,
    arity: [1, 2],
    attributes: reduceAttributes,
    infer: (call) => {
      const x = inputType(call, 0);
      if (!isFloat(x.type) && x.type !== 'int64' && x.type !== 'int32') {
        throw new OperatorProblem('DYB104', `an input of type ${x.type}`, 'float32');
      }
      const axes = new Set(reducedAxes(call));
      const kept = call.attributes.keepdims !== 0;
      const shape = x.shape.flatMap((d, axis) => (axes.has(axis) ? (kept ? [1] : []) : [d]));
      return [{ type: x.type, shape }];
    },
    evaluate: (call, [type], out) => {
      const x = call.constants[0]!;
      const axes = new Set(reducedAxes(call));
      const data = out(type!);
      const count = sizeOf(x.shape.filter((_, axis) => axes.has(axis)));
      if (count === 0) throw new OperatorProblem('DYB205', `${opType} over no elements`);
      const sums = new Float64Array(data.length).fill(start);
      const first = Math.min(...axes, x.shape.length);
      const innermost = x.shape.every((d, axis) => axis < first || axes.has(axis) || d === 1);
      if (innermost && float32 !== undefined && x.data instanceof Float32Array) {
        for (let i = 0; i < sums.length; i++) sums[i] = float32(start, x.data, i * count, (i + 1) * count);
      } else {
        forEachReduced(x.shape, axes, (from, to) => {
          sums[to] = step(sums[to]!, x.data[from]!);
        });
      }
      for (let i = 0; i < data.length; i++) data[i] = finish === undefined ? sums[i]! : finish(sums[i]!, count);
      return [{ ...type!, data }];
    },
  });
}

const sum32 = (sum: number, x: Float32Array, from: number, to: number): number => {
  for (let i = from; i < to; i++) sum += x[i]!;
  return sum;
};

/** Every element's index with the index of the result that it belongs to. */
function forEachReduced(
  shape: readonly number[],
  axes: ReadonlySet<number>,
  visit: (from: number, to: number) => void,
): void {
  const steps = new Array<number>(shape.length).fill(0);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (axes.has(axis)) continue;
    steps[axis] = step;
    step *= shape[axis]!;
  }
  const index = shape.map(() => 0);
  const count = sizeOf(shape);
  let to = 0;
  for (let from = 0; from < count; from++) {
    visit(from, to);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      to += steps[axis]!;
      if (index[axis]! < shape[axis]!) break;
      to -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

const sum = (total: number, x: number): number => total + x;
const sumOfSquares = (total: number, x: number): number => total + x * x;

export const reduceOperators: readonly Operator[] = [
  reduction('ReduceMean', { start: 0, step: sum, float32: sum32, finish: (total, count) => total / count }),
  reduction('ReduceSum', { start: 0, step: sum, float32: sum32 }),
  reduction('ReduceProd', { start: 1, step: (product, x) => product * x }),
  reduction('ReduceMax', { start: Number.NEGATIVE_INFINITY, step: Math.max }),
  reduction('ReduceMin', { start: Number.POSITIVE_INFINITY, step: Math.min }),
  reduction('ReduceL1', { start: 0, step: (total, x) => total + Math.abs(x) }),
  reduction('ReduceL2', { start: 0, step: sumOfSquares, finish: Math.sqrt }),
  reduction('ReduceSumSquare', { start: 0, step: sumOfSquares }),
];
