/** Operators that move elements or make them from shapes: no arithmetic on floats. */

import { dataTypeName, ELEMENT_TYPES } from '../../onnx/element-types.js';
import type { ElementType, Tensor } from '../../onnx/onnx-graph.js';
import { broadcastShapes, forEachRow } from './broadcast.js';
import {
  type Call,
  constantInput,
  constantIntegers,
  defineOperator,
  inputType,
  int,
  ints,
  isFloat,
  normalizeAxis,
  type Operator,
  OperatorProblem,
  optionalFloat,
  optionalInt,
  optionalTensor,
  type StaticType,
  sizeOf,
  string,
} from './operator.js';

/** The same elements under another shape. */
function reshaped(call: Call<unknown>, outputs: readonly StaticType[]): readonly Tensor[] {
  return [{ ...outputs[0]!, data: call.constants[0]!.data }];
}

/** Dimensions that may stand in a type; the contract's networks are far below. */
function checkDims(shape: readonly number[]): readonly number[] {
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0) || sizeOf(shape) > 2 ** 31) {
    throw new OperatorProblem(
      'DYB105',
      `the shape [${shape.join(', ')}]`,
      'dimensions of 0 or more, at most 2^31 elements',
    );
  }
  return shape;
}

const identity = (opType: string): Operator =>
  defineOperator({ opType, arity: [1, 1], attributes: {}, infer: (call) => [inputType(call, 0)], evaluate: reshaped });

const reshape = defineOperator({
  opType: 'Reshape',
  arity: [2, 2],
  attributes: { allowzero: int(0) },
  infer: (call) => {
    const x = inputType(call, 0);
    const target = constantIntegers(call, 1, 'shape');
    if (target === null) throw new OperatorProblem('DYB205', 'no shape');
    return [{ type: x.type, shape: resolveReshape(x.shape, target, call.attributes.allowzero !== 0) }];
  },
  evaluate: reshaped,
});

function resolveReshape(from: readonly number[], target: readonly number[], allowZero: boolean): readonly number[] {
  const problem = (): OperatorProblem =>
    new OperatorProblem('DYB205', `[${from.join(', ')}] reshaped to [${target.join(', ')}]`);
  const copied = target.map((d, axis) => {
    if (d !== 0 || allowZero) return d;
    const size = from[axis];
    if (size === undefined) throw problem();
    return size;
  });
  const open = copied.filter((d) => d === -1).length;
  const known = sizeOf(copied.filter((d) => d !== -1));
  const size = sizeOf(from);
  if (open > 1 || (open === 1 && (known === 0 || size % known !== 0))) throw problem();
  const shape = copied.map((d) => (d === -1 ? size / known : d));
  if (shape.some((d) => d < 0) || sizeOf(shape) !== size) throw problem();
  return checkDims(shape);
}

const flatten = defineOperator({
  opType: 'Flatten',
  arity: [1, 1],
  attributes: { axis: int(1) },
  infer: (call) => {
    const x = inputType(call, 0);
    const rank = x.shape.length;
    const axis = call.attributes.axis < 0 ? call.attributes.axis + rank : call.attributes.axis;
    if (axis < 0 || axis > rank) throw new OperatorProblem('DYB205', `axis ${axis} of ${rank} dimensions`);
    return [{ type: x.type, shape: [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))] }];
  },
  evaluate: reshaped,
});

/** Axes from the attribute (to opset 12) or the input. */
function axesOf(call: Call<{ readonly axes: readonly number[] | null }>): readonly number[] | null {
  return constantIntegers(call, 1, 'axes') ?? call.attributes.axes;
}

const squeeze = defineOperator({
  opType: 'Squeeze',
  arity: [1, 2],
  attributes: { axes: ints() },
  infer: (call) => {
    const x = inputType(call, 0);
    const axes = axesOf(call)?.map((axis) => normalizeAxis(axis, x.shape.length)) ?? null;
    const bad = axes?.find((axis) => x.shape[axis] !== 1);
    if (bad !== undefined)
      throw new OperatorProblem('DYB205', `axis ${bad} of [${x.shape.join(', ')}] squeezed`, 'an axis of size 1');
    const shape = x.shape.filter((d, axis) => (axes === null ? d !== 1 : !axes.includes(axis)));
    return [{ type: x.type, shape }];
  },
  evaluate: reshaped,
});

const unsqueeze = defineOperator({
  opType: 'Unsqueeze',
  arity: [1, 2],
  attributes: { axes: ints() },
  infer: (call) => {
    const x = inputType(call, 0);
    const axes = axesOf(call) ?? [];
    const rank = x.shape.length + axes.length;
    const places = new Set(axes.map((axis) => normalizeAxis(axis, rank)));
    if (places.size !== axes.length) throw new OperatorProblem('DYB205', 'an axis given twice');
    const rest = [...x.shape];
    return [{ type: x.type, shape: Array.from({ length: rank }, (_, axis) => (places.has(axis) ? 1 : rest.shift()!)) }];
  },
  evaluate: reshaped,
});

export const transposeAttributes = { perm: ints() };

const transpose = defineOperator({
  opType: 'Transpose',
  arity: [1, 1],
  attributes: transposeAttributes,
  infer: (call) => {
    const x = inputType(call, 0);
    const perm = permutationOf(call.attributes.perm, x.shape.length);
    return [{ type: x.type, shape: perm.map((axis) => x.shape[axis]!) }];
  },
  evaluate: (call, [type], out) => {
    const x = call.constants[0]!;
    const perm = permutationOf(call.attributes.perm, x.shape.length);
    const data = out(type!);
    const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
    const steps = perm.map((axis) => strides[axis]!);
    walk(type!.shape, steps, (to, from) => {
      data[to] = x.data[from]!;
    });
    return [{ ...type!, data }];
  },
});

/** The axes of x in the order of the output. */
export function permutationOf(perm: readonly number[] | null, rank: number): readonly number[] {
  const order = perm ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const seen = new Set(order.map((axis) => normalizeAxis(axis, rank)));
  if (order.length !== rank || seen.size !== rank) {
    throw new OperatorProblem('DYB205', `perm [${order.join(', ')}] of ${rank} dimensions`);
  }
  return order.map((axis) => normalizeAxis(axis, rank));
}

/** Visits every element of `shape` in order, with the index that `steps` leads to. */
function walk(
  shape: readonly number[],
  steps: readonly number[],
  visit: (to: number, from: number) => void,
  start = 0,
): void {
  const count = sizeOf(shape);
  const index = shape.map(() => 0);
  let from = start;
  for (let to = 0; to < count; to++) {
    visit(to, from);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += steps[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

const shapeOf = defineOperator({
  opType: 'Shape',
  arity: [1, 1],
  attributes: { start: int(0), end: optionalInt() },
  typeOnly: true,
  infer: (call) => [{ type: 'int64', shape: [slicedShape(call).length] }],
  evaluate: (call, [type], out) => {
    const data = out(type!);
    slicedShape(call).forEach((d, i) => {
      data[i] = d;
    });
    return [{ ...type!, data }];
  },
});

function slicedShape(call: Call<{ readonly start: number; readonly end: number | null }>): readonly number[] {
  return inputType(call, 0).shape.slice(call.attributes.start, call.attributes.end ?? undefined);
}

const size = defineOperator({
  opType: 'Size',
  arity: [1, 1],
  attributes: {},
  typeOnly: true,
  infer: (call) => {
    inputType(call, 0);
    return [{ type: 'int64', shape: [] }];
  },
  evaluate: (call, [type], out) => {
    const data = out(type!);
    data[0] = sizeOf(inputType(call, 0).shape);
    return [{ ...type!, data }];
  },
});

export const gatherAttributes = { axis: int(0) };

const gather = defineOperator({
  opType: 'Gather',
  arity: [2, 2],
  attributes: gatherAttributes,
  infer: (call) => {
    const [x, indices] = [inputType(call, 0), inputType(call, 1)];
    if (isFloat(indices.type) || indices.type === 'bool')
      throw new OperatorProblem('DYB205', `indices of type ${indices.type}`);
    const axis = normalizeAxis(call.attributes.axis, x.shape.length);
    return [
      { type: x.type, shape: checkDims([...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]) },
    ];
  },
  evaluate: (call, [type], out) => {
    const [x, indices] = [call.constants[0]!, call.constants[1]!];
    const axis = normalizeAxis(call.attributes.axis, x.shape.length);
    const length = x.shape[axis] ?? 0;
    const inner = sizeOf(x.shape.slice(axis + 1));
    const data = out(type!);
    let to = 0;
    for (let outer = 0; outer < sizeOf(x.shape.slice(0, axis)); outer++) {
      for (const index of indices.data) {
        const at = index < 0 ? index + length : index;
        if (!(at >= 0 && at < length)) throw new OperatorProblem('DYB205', `index ${index} of ${length}`);
        const from = (outer * length + at) * inner;
        for (let i = 0; i < inner; i++) data[to++] = x.data[from + i]!;
      }
    }
    return [{ ...type!, data }];
  },
});

export const concatAttributes = { axis: optionalInt() };

const concat = defineOperator({
  opType: 'Concat',
  arity: [1, Number.POSITIVE_INFINITY],
  attributes: concatAttributes,
  infer: (call) => {
    const types = call.node.inputs.map((_, i) => inputType(call, i));
    const first = types[0]!;
    if (call.attributes.axis === null) throw new OperatorProblem('DYB202', 'no axis', 'an axis');
    const axis = normalizeAxis(call.attributes.axis, first.shape.length);
    for (const { type, shape } of types) {
      const fits = shape.length === first.shape.length && shape.every((d, i) => i === axis || d === first.shape[i]);
      if (!fits || (type !== first.type && !(isFloat(type) && isFloat(first.type)))) {
        throw new OperatorProblem(
          'DYB205',
          `${type} [${shape.join(', ')}] beside ${first.type} [${first.shape.join(', ')}]`,
        );
      }
    }
    const length = types.reduce((sum, t) => sum + t.shape[axis]!, 0);
    return [{ type: first.type, shape: checkDims(first.shape.map((d, i) => (i === axis ? length : d))) }];
  },
  evaluate: (call, [type], out) => {
    const axis = normalizeAxis(call.attributes.axis ?? 0, type!.shape.length);
    const data = out(type!);
    const parts = call.constants.map((c) => ({ data: c!.data, run: sizeOf(c!.shape.slice(axis)) }));
    let to = 0;
    for (let outer = 0; outer < sizeOf(type!.shape.slice(0, axis)); outer++) {
      for (const part of parts) {
        for (let i = 0; i < part.run; i++) data[to++] = part.data[outer * part.run + i]!;
      }
    }
    return [{ ...type!, data }];
  },
});

/** Attributes to opset 9, inputs from 10. */
export const sliceAttributes = { starts: ints(), ends: ints(), axes: ints() };

const slice = defineOperator({
  opType: 'Slice',
  arity: [1, 5],
  attributes: sliceAttributes,
  infer: (call) => {
    const x = inputType(call, 0);
    return [{ type: x.type, shape: slicePlan(call, x.shape).map((axis) => axis.length) }];
  },
  evaluate: (call, [type], out) => {
    const x = call.constants[0]!;
    const data = out(type!);
    const plan = slicePlan(call, x.shape);
    const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
    const start = plan.reduce((sum, { first }, axis) => sum + first * strides[axis]!, 0);
    const steps = plan.map(({ step }, axis) => step * strides[axis]!);
    walk(
      type!.shape,
      steps,
      (to, from) => {
        data[to] = x.data[from]!;
      },
      start,
    );
    return [{ ...type!, data }];
  },
});

interface SliceAttributes {
  readonly starts: readonly number[] | null;
  readonly ends: readonly number[] | null;
  readonly axes: readonly number[] | null;
}

/** Where each axis of the result starts, its step and its length. */
export function slicePlan(
  call: Call<SliceAttributes>,
  shape: readonly number[],
): { first: number; step: number; length: number }[] {
  const starts = constantIntegers(call, 1, 'starts') ?? call.attributes.starts;
  const ends = constantIntegers(call, 2, 'ends') ?? call.attributes.ends;
  if (starts === null || ends === null || starts.length !== ends.length)
    throw new OperatorProblem('DYB205', 'starts and ends of different lengths');
  const axes = constantIntegers(call, 3, 'axes') ?? call.attributes.axes ?? starts.map((_, i) => i);
  const steps = constantIntegers(call, 4, 'steps') ?? starts.map(() => 1);
  if (axes.length !== starts.length || steps.length !== starts.length)
    throw new OperatorProblem('DYB205', 'axes or steps of another length');
  const plan = shape.map((length) => ({ first: 0, step: 1, length }));
  axes.forEach((given, i) => {
    const axis = normalizeAxis(given, shape.length);
    const size = shape[axis]!;
    const step = steps[i]!;
    if (step === 0) throw new OperatorProblem('DYB205', 'a step of 0');
    const clamp = (v: number, lo: number, hi: number): number => Math.min(Math.max(v < 0 ? v + size : v, lo), hi);
    const first = step > 0 ? clamp(starts[i]!, 0, size) : clamp(starts[i]!, 0, size - 1);
    const end = step > 0 ? clamp(ends[i]!, 0, size) : clamp(ends[i]!, -1, size - 1);
    plan[axis] = { first, step, length: size === 0 ? 0 : Math.max(0, Math.ceil((end - first) / step)) };
  });
  return plan;
}

export const splitAttributes = { axis: int(0), split: ints(), num_outputs: optionalInt() };

/** Sizes from the attribute (to opset 12) or the input, or equal parts. split-to-slices.ts takes it apart. */
const split = defineOperator({
  opType: 'Split',
  arity: [1, 2],
  attributes: splitAttributes,
  infer: (call) => {
    const x = inputType(call, 0);
    const axis = normalizeAxis(call.attributes.axis, x.shape.length);
    const length = x.shape[axis] ?? 0;
    const outputs = call.node.outputs.length;
    const part = Math.ceil(length / outputs);
    const sizes =
      constantIntegers(call, 1, 'split') ??
      call.attributes.split ??
      Array.from({ length: outputs }, (_, i) => Math.min(part, length - i * part));
    const count = call.attributes.num_outputs ?? outputs;
    if (sizes.length !== outputs || count !== outputs || sizes.some((s) => s < 0) || sum(sizes) !== length) {
      throw new OperatorProblem('DYB205', `${length} split into [${sizes.join(', ')}]`, `${outputs} parts`);
    }
    return sizes.map((s) => ({ type: x.type, shape: x.shape.map((d, i) => (i === axis ? s : d)) }));
  },
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const expand = defineOperator({
  opType: 'Expand',
  arity: [2, 2],
  attributes: {},
  infer: (call) => {
    const x = inputType(call, 0);
    const target = constantIntegers(call, 1, 'shape');
    if (target === null) throw new OperatorProblem('DYB205', 'no shape');
    return [{ type: x.type, shape: checkDims(broadcastShapes([x.shape, checkDims(target)])) }];
  },
  evaluate: (call, [type], out) => {
    const x = call.constants[0]!;
    const data = out(type!);
    forEachRow(type!.shape, [x.shape], (start, length, starts, steps) => {
      for (let i = 0; i < length; i++) data[start + i] = x.data[starts[0]! + i * steps[0]!]!;
    });
    return [{ ...type!, data }];
  },
});

const tile = defineOperator({
  opType: 'Tile',
  arity: [2, 2],
  attributes: {},
  infer: (call) => {
    const x = inputType(call, 0);
    const repeats = constantIntegers(call, 1, 'repeats');
    if (repeats === null || repeats.length !== x.shape.length)
      throw new OperatorProblem('DYB205', 'repeats of another length');
    return [{ type: x.type, shape: checkDims(x.shape.map((d, i) => d * repeats[i]!)) }];
  },
  evaluate: (call, [type], out) => {
    const x = call.constants[0]!;
    const data = out(type!);
    const index = type!.shape.map(() => 0);
    const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
    for (let to = 0; to < data.length; to++) {
      let from = 0;
      for (let axis = 0; axis < index.length; axis++) from += (index[axis]! % x.shape[axis]!) * strides[axis]!;
      data[to] = x.data[from]!;
      for (let axis = index.length - 1; axis >= 0; axis--) {
        index[axis]! += 1;
        if (index[axis]! < type!.shape[axis]!) break;
        index[axis] = 0;
      }
    }
    return [{ ...type!, data }];
  },
});

const constantOfShape = defineOperator({
  opType: 'ConstantOfShape',
  arity: [1, 1],
  attributes: { value: optionalTensor() },
  infer: (call) => {
    const shape = constantIntegers(call, 0, 'shape');
    if (shape === null) throw new OperatorProblem('DYB205', 'no shape');
    return [{ type: call.attributes.value?.type ?? 'float32', shape: checkDims(shape) }];
  },
  evaluate: (call, [type], out) => [{ ...type!, data: out(type!).fill(call.attributes.value?.data[0] ?? 0) }],
});

const constant = defineOperator({
  opType: 'Constant',
  arity: [0, 0],
  attributes: {
    value: optionalTensor(),
    value_float: optionalFloat(),
    value_int: optionalInt(),
    value_floats: { kind: 'floats' as const, fallback: null as readonly number[] | null },
    value_ints: ints(),
  },
  infer: (call) => {
    const { type, shape } = constantValue(call.attributes);
    return [{ type, shape }];
  },
  evaluate: (call) => [constantValue(call.attributes)],
});

interface ConstantAttributes {
  readonly value: Tensor | null;
  readonly value_float: number | null;
  readonly value_int: number | null;
  readonly value_floats: readonly number[] | null;
  readonly value_ints: readonly number[] | null;
}

function constantValue(a: ConstantAttributes): Tensor {
  const given = Object.values(a).filter((value) => value !== null).length;
  if (given !== 1) throw new OperatorProblem('DYB202', `${given} values`, 'one of value, value_float(s), value_int(s)');
  if (a.value !== null) return a.value;
  if (a.value_float !== null) return { type: 'float32', shape: [], data: Float32Array.of(a.value_float) };
  if (a.value_int !== null) return { type: 'int64', shape: [], data: Float64Array.of(a.value_int) };
  if (a.value_floats !== null)
    return { type: 'float32', shape: [a.value_floats.length], data: Float32Array.from(a.value_floats) };
  const values = a.value_ints ?? [];
  return { type: 'int64', shape: [values.length], data: Float64Array.from(values) };
}

const cast = defineOperator({
  opType: 'Cast',
  arity: [1, 1],
  attributes: { to: int(0), saturate: int(1), round_mode: string('up') },
  infer: (call) => {
    const to = ELEMENT_TYPES.get(call.attributes.to);
    if (to === undefined)
      throw new OperatorProblem('DYB104', `a cast to ${dataTypeName(call.attributes.to)}`, 'float32');
    return [{ type: to, shape: inputType(call, 0).shape }];
  },
  evaluate: (call, [type], out) => [{ ...type!, data: castData(call.constants[0]!, type!, out(type!)) }],
});

const castLike = defineOperator({
  opType: 'CastLike',
  arity: [2, 2],
  attributes: { saturate: int(1), round_mode: string('up') },
  infer: (call) => [{ type: inputType(call, 1).type, shape: inputType(call, 0).shape }],
  evaluate: (call, [type], out) => [{ ...type!, data: castData(call.constants[0]!, type!, out(type!)) }],
});

function castData(x: Tensor, type: StaticType, data: Tensor['data']): Tensor['data'] {
  const convert = converter(x.type, type.type);
  for (let i = 0; i < data.length; i++) data[i] = convert(x.data[i]!);
  return data;
}

function converter(from: ElementType, to: ElementType): (x: number) => number {
  if (to === 'bool') return (x) => (x !== 0 ? 1 : 0);
  return isFloat(from) && !isFloat(to) ? Math.trunc : (x) => x;
}

const range = defineOperator({
  opType: 'Range',
  arity: [3, 3],
  attributes: { stash_type: int(1) },
  infer: (call) => {
    const { type, count } = rangePlan(call);
    return [{ type, shape: [count] }];
  },
  evaluate: (call, [type], out) => {
    const { start, delta } = rangePlan(call);
    const data = out(type!);
    for (let i = 0; i < data.length; i++) data[i] = start + i * delta;
    return [{ ...type!, data }];
  },
});

function rangePlan(call: Call<unknown>): { type: ElementType; start: number; delta: number; count: number } {
  const [start, limit, delta] = [0, 1, 2].map((i) => constantInput(call, i)?.data[0]);
  if (start === undefined || limit === undefined || delta === undefined) {
    throw new OperatorProblem('DYB204', 'a range computed from data', 'a constant range');
  }
  const count = Math.max(Math.ceil((limit - start) / delta), 0);
  if (!Number.isFinite(count)) throw new OperatorProblem('DYB105', `a range from ${start} to ${limit} by ${delta}`);
  checkDims([count]);
  return { type: inputType(call, 0).type, start, delta, count };
}

export const shapeOperators: readonly Operator[] = [
  identity('Identity'),
  reshape,
  flatten,
  squeeze,
  unsqueeze,
  transpose,
  shapeOf,
  size,
  gather,
  concat,
  slice,
  split,
  expand,
  tile,
  constantOfShape,
  constant,
  cast,
  castLike,
  range,
];
