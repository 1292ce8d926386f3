/** ReduceMean, ReduceSum, ReduceMax: over the axes of an attribute (to opset 17) or an input (from 18; ReduceSum 13). */
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

function reduction(opType: string, start: number, step: (sum: number, x: number) => number, mean: boolean): Operator {
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
      const sums = new Float64Array(data.length).fill(start);
      forEachReduced(x.shape, axes, (from, to) => {
        sums[to] = step(sums[to]!, x.data[from]!);
      });
      const count = mean ? sizeOf(x.shape.filter((_, axis) => axes.has(axis))) : 1;
      for (let i = 0; i < data.length; i++) data[i] = sums[i]! / count;
      return [{ ...type!, data }];
    },
  });
}

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

export const reduceOperators: readonly Operator[] = [
  reduction('ReduceMean', 0, (sum, x) => sum + x, true),
  reduction('ReduceSum', 0, (sum, x) => sum + x, false),
  reduction('ReduceMax', Number.NEGATIVE_INFINITY, Math.max, false),
  reduction('ReduceMin', Number.POSITIVE_INFINITY, Math.min, false),
  reduction('ReduceL1', 0, (sum, x) => sum + Math.abs(x), false),
];
