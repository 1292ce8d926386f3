/** Operators of the network itself: convolution, dense layers, normalization, pooling. They are typed here, never folded. */

import { broadcastShapes } from './broadcast.js';
import {
  type Call,
  constantInput,
  constantIntegers,
  defineOperator,
  float,
  inputType,
  int,
  ints,
  isFloat,
  normalizeAxis,
  type Operator,
  OperatorProblem,
  optionalFloat,
  optionalInt,
  type StaticType,
  string,
} from './operator.js';
import { type PoolAttributes, poolGeometry, resolvePads } from './window.js';

function floatInput(call: Call<unknown>, index: number): StaticType {
  const type = inputType(call, index);
  if (!isFloat(type.type)) throw new OperatorProblem('DYB104', `input ${index} of type ${type.type}`, 'float32');
  return type;
}

/** [N, C, H, W] */
function imageInput(call: Call<unknown>): StaticType {
  const x = floatInput(call, 0);
  if (x.shape.length !== 4) {
    throw new OperatorProblem(
      'DYB205',
      `an input of shape [${x.shape.join(', ')}]`,
      'a map of four dimensions: batch, channels, height, width',
    );
  }
  return x;
}

export const convAttributes = {
  auto_pad: string('NOTSET'),
  dilations: ints(),
  group: int(1),
  kernel_shape: ints(),
  pads: ints(),
  strides: ints(),
};

const conv = defineOperator({
  opType: 'Conv',
  arity: [2, 3],
  attributes: convAttributes,
  infer: (call) => {
    const x = imageInput(call);
    const w = floatInput(call, 1);
    if (w.shape.length !== 4)
      throw new OperatorProblem('DYB205', `weights of shape [${w.shape.join(', ')}]`, 'four dimensions');
    const [outputs, inputs, kernelHeight, kernelWidth] = w.shape as [number, number, number, number];
    const { group, kernel_shape: kernel } = call.attributes;
    if (group < 1 || inputs * group !== x.shape[1] || outputs % group !== 0) {
      throw new OperatorProblem(
        'DYB205',
        `group = ${group}, weights [${w.shape.join(', ')}] on ${x.shape[1]} channels`,
      );
    }
    if (kernel !== null && (kernel.length !== 2 || kernel[0] !== kernelHeight || kernel[1] !== kernelWidth)) {
      throw new OperatorProblem('DYB205', `kernel_shape [${kernel.join(', ')}] with weights [${w.shape.join(', ')}]`);
    }
    const bias = call.types[2] ?? null;
    if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== outputs)) {
      throw new OperatorProblem('DYB205', `a bias of shape [${bias.shape.join(', ')}]`, `[${outputs}]`);
    }
    const window = resolvePads({ ...call.attributes, kernel_shape: [kernelHeight, kernelWidth] }, x.shape);
    return [{ type: x.type, shape: [x.shape[0]!, outputs, window.outputHeight, window.outputWidth] }];
  },
});

export const gemmAttributes = { alpha: float(1), beta: float(1), transA: int(0), transB: int(0) };

const gemm = defineOperator({
  opType: 'Gemm',
  arity: [2, 3],
  attributes: gemmAttributes,
  infer: (call) => {
    const [a, b] = [floatInput(call, 0), floatInput(call, 1)];
    if (a.shape.length !== 2 || b.shape.length !== 2) {
      throw new OperatorProblem('DYB205', `[${a.shape.join(', ')}] times [${b.shape.join(', ')}]`, 'two matrices');
    }
    const { transA, transB } = call.attributes;
    const [rows, inner] = transA !== 0 ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
    const [other, columns] = transB !== 0 ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
    if (inner !== other) throw new OperatorProblem('DYB205', `[${rows}, ${inner}] times [${other}, ${columns}]`);
    const shape = [rows, columns];
    const c = call.types[2] ?? null;
    if (c !== null) {
      const sum = broadcastShapes([c.shape, shape]);
      if (sum.length !== 2 || sum[0] !== rows || sum[1] !== columns) {
        throw new OperatorProblem(
          'DYB205',
          `a bias of shape [${c.shape.join(', ')}]`,
          `one that fits [${rows}, ${columns}]`,
        );
      }
    }
    return [{ type: a.type, shape }];
  },
});

const matMul = defineOperator({
  opType: 'MatMul',
  arity: [2, 2],
  attributes: {},
  infer: (call) => {
    const [a, b] = [floatInput(call, 0), floatInput(call, 1)];
    if (a.shape.length < 2 || b.shape.length < 2 || a.shape.at(-1) !== b.shape.at(-2)) {
      throw new OperatorProblem('DYB205', `[${a.shape.join(', ')}] times [${b.shape.join(', ')}]`, 'matrices that fit');
    }
    const outer = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
    return [{ type: a.type, shape: [...outer, a.shape.at(-2)!, b.shape.at(-1)!] }];
  },
});

/** momentum only matters in training. */
export const batchNormalizationAttributes = {
  epsilon: float(1e-5),
  momentum: float(0.9),
  training_mode: int(0),
  spatial: int(1),
};

const batchNormalization = defineOperator({
  opType: 'BatchNormalization',
  arity: [5, 5],
  attributes: batchNormalizationAttributes,
  infer: (call) => {
    const x = floatInput(call, 0);
    if (call.attributes.training_mode !== 0) {
      throw new OperatorProblem('DYB202', 'training_mode = 1', 'training_mode = 0', 'export after model.eval()');
    }
    if (call.attributes.spatial !== 1) throw new OperatorProblem('DYB202', 'spatial = 0', 'spatial = 1');
    const channels = x.shape[1];
    for (let i = 1; i < 5; i++) {
      const { shape } = floatInput(call, i);
      if (shape.length !== 1 || shape[0] !== channels) {
        throw new OperatorProblem(
          'DYB205',
          `input ${i} of shape [${shape.join(', ')}]`,
          `one number for each of ${channels} channels`,
        );
      }
    }
    return [x];
  },
});

const dropout = defineOperator({
  opType: 'Dropout',
  arity: [1, 3],
  attributes: { ratio: float(0.5), seed: optionalInt() },
  infer: (call) => {
    const x = inputType(call, 0);
    const mode = call.node.inputs[2];
    if (mode !== undefined && mode !== '') {
      const training = constantInput(call, 2);
      if (training === null || training.data[0] !== 0) {
        throw new OperatorProblem(
          'DYB202',
          'training_mode that is not a constant false',
          'training_mode = false',
          'export after model.eval()',
        );
      }
    }
    return [x];
  },
});

const globalPool = (opType: string): Operator =>
  defineOperator({
    opType,
    arity: [1, 1],
    attributes: {},
    infer: (call) => {
      const x = floatInput(call, 0);
      if (x.shape.length < 3) throw new OperatorProblem('DYB205', `an input of shape [${x.shape.join(', ')}]`, 'a map');
      return [{ type: x.type, shape: x.shape.map((d, axis) => (axis < 2 ? d : 1)) }];
    },
  });

const poolAttributes = {
  auto_pad: string('NOTSET'),
  ceil_mode: int(0),
  dilations: ints(),
  kernel_shape: ints(),
  pads: ints(),
  strides: ints(),
};

function inferPool(call: Call<PoolAttributes>): readonly StaticType[] {
  const x = imageInput(call);
  const window = poolGeometry(call.attributes, x.shape);
  return [{ type: x.type, shape: [x.shape[0]!, x.shape[1]!, window.outputHeight, window.outputWidth] }];
}

export const averagePoolAttributes = { ...poolAttributes, count_include_pad: int(0) };
export const maxPoolAttributes = { ...poolAttributes, storage_order: int(0) };

const averagePool = defineOperator({
  opType: 'AveragePool',
  arity: [1, 1],
  attributes: averagePoolAttributes,
  infer: inferPool,
});

const maxPool = defineOperator({
  opType: 'MaxPool',
  arity: [1, 1],
  attributes: maxPoolAttributes,
  infer: (call) => {
    if (call.attributes.storage_order !== 0)
      throw new OperatorProblem('DYB202', 'storage_order = 1', 'storage_order = 0');
    return inferPool(call);
  },
});

export const padAttributes = { mode: string('constant'), pads: ints(), value: optionalFloat() };

const pad = defineOperator({
  opType: 'Pad',
  arity: [1, 4],
  attributes: padAttributes,
  infer: (call) => {
    const x = inputType(call, 0);
    const amounts = padAmounts(call, x.shape.length);
    const rank = x.shape.length;
    return [{ type: x.type, shape: x.shape.map((d, axis) => d + amounts[axis]! + amounts[axis + rank]!) }];
  },
});

/** How much each axis grows: all beginnings, then all ends. */
export function padAmounts(call: Call<{ readonly pads: readonly number[] | null }>, rank: number): readonly number[] {
  const pads = constantIntegers(call, 1, 'pads') ?? call.attributes.pads;
  const axes = constantIntegers(call, 3, 'axes')?.map((axis) => normalizeAxis(axis, rank)) ?? null;
  const count = axes?.length ?? rank;
  if (pads === null || pads.length !== 2 * count)
    throw new OperatorProblem('DYB205', `${pads?.length ?? 0} pads`, String(2 * count));
  if (pads.some((p) => p < 0 || p > 2 ** 20))
    throw new OperatorProblem('DYB202', `pads [${pads.join(', ')}]`, 'pads of 0 or more');
  const amounts = new Array<number>(2 * rank).fill(0);
  for (let i = 0; i < count; i++) {
    const axis = axes?.[i] ?? i;
    amounts[axis] = pads[i]!;
    amounts[axis + rank] = pads[i + count]!;
  }
  return amounts;
}

export const softmaxAttributes = { axis: optionalInt() };

const softmax = defineOperator({
  opType: 'Softmax',
  arity: [1, 1],
  attributes: softmaxAttributes,
  infer: (call) => [floatInput(call, 0)],
});

export const networkOperators: readonly Operator[] = [
  conv,
  gemm,
  matMul,
  batchNormalization,
  dropout,
  globalPool('GlobalAveragePool'),
  averagePool,
  maxPool,
  pad,
  softmax,
];
