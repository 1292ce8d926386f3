/**
 * The canonical dialect by its mathematics, in binary64 and without a thought for speed: what a graph must still compute after
 * rules have rewritten it. Not the contract's arithmetic (that is the simulator's): results differ from it by rounding.
 */
import { type DialectNode, readDialect } from '../../src/canonicalize/dialect.js';
import type { OnnxGraph, Tensor } from '../../src/onnx/index.js';

export interface Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function evaluateDialect(graph: OnnxGraph, input: ArrayLike<number>): Value {
  const values = new Map<string, Value>();
  for (const [name, tensor] of graph.constants) values.set(name, fromTensor(tensor));
  const [first] = graph.inputs;
  values.set(first!.name, { shape: shapeOf(graph, first!.name), data: Float64Array.from(input) });
  for (const node of graph.nodes) {
    const read = readDialect(node, graph);
    if (read.kind === 'diagnostics') throw new Error(`${node.name} (${node.opType}) is not of the dialect`);
    const name = node.outputs[0]!;
    const shape = shapeOf(graph, name);
    const data = evaluate(read.node, (value) => values.get(value)!, shape);
    if (data.length !== size(shape)) throw new Error(`${node.name}: ${data.length} elements for [${shape.join(', ')}]`);
    values.set(name, { shape, data });
  }
  return values.get(graph.outputs[0]!.name)!;
}

function shapeOf(graph: OnnxGraph, name: string): readonly number[] {
  const shape = graph.types.get(name)?.shape;
  if (!shape?.every((d) => typeof d === 'number')) throw new Error(`${name} has no static shape`);
  return shape as readonly number[];
}

const size = (shape: readonly number[]): number => shape.reduce((product, d) => product * d, 1);
const fromTensor = (t: Tensor): Value => ({ shape: t.shape, data: Float64Array.from(t.data) });

/** The element of `value` that broadcasts to flat index `i` of `shape`. */
function broadcast(value: Value, shape: readonly number[], i: number): number {
  let index = 0;
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const at = i % shape[axis]!;
    i = Math.floor(i / shape[axis]!);
    const own = value.shape[axis - shape.length + value.shape.length] ?? 1;
    if (own !== 1) index += at * step;
    step *= own;
  }
  return value.data[index]!;
}

function evaluate(d: DialectNode, get: (name: string) => Value, shape: readonly number[]): Float64Array {
  const each = (fn: (i: number) => number): Float64Array => Float64Array.from({ length: size(shape) }, (_, i) => fn(i));
  const map = (name: string, fn: (x: number) => number): Float64Array => get(name).data.map(fn);
  const clip = (x: number, lo: number, hi: number): number => Math.min(Math.max(x, lo), hi);
  switch (d.kind) {
    case 'Conv':
      return convolve(d, get(d.x), shape);
    case 'Gemm': {
      const x = get(d.x).data;
      return each((o) => {
        let sum = d.bias?.data[o] ?? 0;
        for (let k = 0; k < x.length; k++) sum += x[k]! * d.weight.data[o * x.length + k]!;
        return sum;
      });
    }
    case 'BatchNormalization': {
      const x = get(d.x).data;
      const inner = size(shape.slice(2));
      return each((i) => {
        const c = Math.floor(i / inner) % shape[1]!;
        const scaled = (x[i]! - d.mean.data[c]!) / Math.sqrt(d.variance.data[c]! + d.epsilon);
        return scaled * d.scale.data[c]! + d.bias.data[c]!;
      });
    }
    case 'PRelu': {
      const x = get(d.x).data;
      const slope = fromTensor(d.slope);
      return each((i) => (x[i]! > 0 ? x[i]! : broadcast(slope, shape, i) * x[i]!));
    }
    case 'Sign':
      return map(d.x, (x) => ((d.compare === 'ge' ? x >= 0 : x > 0) !== d.negated ? 1 : -1));
    case 'Add':
      return each((i) => broadcast(get(d.a), shape, i) + broadcast(get(d.b), shape, i));
    case 'Sub':
      return each((i) => broadcast(get(d.a), shape, i) - broadcast(get(d.b), shape, i));
    case 'Mul':
      return each((i) => broadcast(get(d.a), shape, i) * broadcast(get(d.b), shape, i));
    case 'Neg':
      return map(d.x, (x) => -x);
    case 'Relu':
      return map(d.x, (x) => Math.max(x, 0));
    case 'Sigmoid':
      return map(d.x, (x) => 1 / (1 + Math.exp(-x)));
    case 'Swish':
      return map(d.x, (x) => x / (1 + Math.exp(-x)));
    case 'HardSwish':
      return map(d.x, (x) => x * clip(x / 6 + 0.5, 0, 1));
    case 'HardSigmoid':
      return map(d.x, (x) => clip(d.alpha * x + d.beta, 0, 1));
    case 'Clip':
      return map(d.x, (x) => clip(x, d.min, d.max));
    case 'Reshape':
      return get(d.x).data;
    case 'GlobalAveragePool': {
      const { shape: from, data } = get(d.x);
      const pixels = size(from.slice(2));
      return each((c) => data.subarray(c * pixels, (c + 1) * pixels).reduce((sum, x) => sum + x, 0) / pixels);
    }
    case 'AveragePool':
      return pool(
        d,
        get(d.x),
        shape,
        (window, area) => window.reduce((sum, x) => sum + x, 0) / (d.countIncludePad ? area : window.length),
      );
    case 'MaxPool':
      return pool(d, get(d.x), shape, (window) => Math.max(...window));
    case 'Softmax': {
      const x = get(d.x).data;
      const exps = x.map((v) => Math.exp(v - Math.max(...x)));
      const sum = exps.reduce((a, b) => a + b, 0);
      return exps.map((e) => e / sum);
    }
    case 'Concat': {
      const inner = size(shape.slice(d.axis));
      const parts = d.xs.map((x) => get(x)).map((v) => ({ data: v.data, run: size(v.shape.slice(d.axis)) }));
      const outer = size(shape) / inner;
      const rows = Array.from({ length: outer }, (_, o) =>
        parts.flatMap(({ data, run }) => Array.from(data.subarray(o * run, (o + 1) * run))),
      );
      return Float64Array.from(rows.flat());
    }
  }
}

function convolve(d: Extract<DialectNode, { kind: 'Conv' }>, x: Value, shape: readonly number[]): Float64Array {
  const [, channels, height, width] = x.shape as [number, number, number, number];
  const [outputs, perGroup, kernelHeight, kernelWidth] = d.weight.shape as [number, number, number, number];
  const [, , outHeight, outWidth] = shape as [number, number, number, number];
  const result = new Float64Array(size(shape));
  let at = 0;
  for (let o = 0; o < outputs; o++) {
    const firstChannel = Math.floor(o / (outputs / d.group)) * (channels / d.group);
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        let sum = d.bias?.data[o] ?? 0;
        for (let ky = 0; ky < kernelHeight; ky++) {
          const y = oy * d.strides[0] + ky * d.dilations[0] - d.pads[0];
          if (y < 0 || y >= height) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const px = ox * d.strides[1] + kx * d.dilations[1] - d.pads[1];
            if (px < 0 || px >= width) continue;
            for (let c = 0; c < perGroup; c++) {
              const weight = d.weight.data[((o * perGroup + c) * kernelHeight + ky) * kernelWidth + kx]!;
              sum += weight * x.data[((firstChannel + c) * height + y) * width + px]!;
            }
          }
        }
        result[at++] = sum;
      }
    }
  }
  return result;
}

/** `reduce` gets the pixels of a window that are inside the input, and how many the window has with padding. */
function pool(
  d: Extract<DialectNode, { kind: 'AveragePool' | 'MaxPool' }>,
  x: Value,
  shape: readonly number[],
  reduce: (window: readonly number[], area: number) => number,
): Float64Array {
  const [, , height, width] = x.shape as [number, number, number, number];
  const [, channels, outHeight, outWidth] = shape as [number, number, number, number];
  const result = new Float64Array(size(shape));
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const window: number[] = [];
        for (let y = oy * d.strides[0] - d.pads[0], ky = 0; ky < d.kernel[0]; ky++, y++) {
          for (let px = ox * d.strides[1] - d.pads[1], kx = 0; kx < d.kernel[1]; kx++, px++) {
            if (y >= 0 && y < height && px >= 0 && px < width) window.push(x.data[(c * height + y) * width + px]!);
          }
        }
        result[at++] = reduce(window, d.kernel[0] * d.kernel[1]);
      }
    }
  }
  return result;
}
