/**
 * The contract read a second time, naively: a BnnGraph node by node, channels first, one value after another. No packing, no
 * fusion, no layouts, no planned memory, and not a line shared with src/contract or src/lower. What lower and the simulator
 * make of a graph must have the same bits.
 *
 * It also says whether anything was rounded at all: where nothing was, every way of computing the network agrees.
 */
import type {
  BnnGraph,
  BnnNode,
  ChannelParam,
  MapShape,
  PointFunction,
  ValueId,
  Window,
} from '../../src/bnn/bnn-graph.js';

/** 'double' rounds nothing to binary32: the mathematics, for comparing two graphs of one network. */
export type Precision = 'binary32' | 'double';

export interface ReferenceResult<Data = Float32Array> {
  /** Channels first; binary values as -1 and +1. */
  readonly values: ReadonlyMap<ValueId, Data>;
  /** False where an operation's exact result was not a binary32, or where a function of clause 9 with exp was used. */
  readonly exact: boolean;
  /** A sign was taken of a value that lies next to its threshold, but not on it: rounding may have decided. */
  readonly narrow: boolean;
  /** False where a value left the finite numbers, which the contract leaves open (clause 1.2). */
  readonly finite: boolean;
}

export function evaluateReference(graph: BnnGraph, input: Float32Array): ReferenceResult {
  const { values, ...rest } = evaluate(graph, input, 'binary32');
  return { values: new Map([...values].map(([id, v]) => [id, Float32Array.from(v)])), ...rest };
}

export function evaluateInDouble(graph: BnnGraph, input: Float32Array): ReferenceResult<Float64Array> {
  return evaluate(graph, input, 'double');
}

function evaluate(graph: BnnGraph, input: Float32Array, precision: Precision): ReferenceResult<Float64Array> {
  const run = new Reference(graph, precision);
  for (const node of graph.nodes) run.values.set(node.output, run.evaluate(node, Float64Array.from(input)));
  const finite = [...run.values.values()].every((v) => v.every((x) => Number.isFinite(Math.fround(x))));
  return { values: run.values, exact: run.exact, narrow: run.narrow, finite };
}

class Reference {
  readonly values = new Map<ValueId, Float64Array>();
  exact = true;
  narrow = false;
  private readonly shapes: ReadonlyMap<ValueId, MapShape>;

  constructor(
    graph: Pick<BnnGraph, 'values'>,
    private readonly precision: Precision,
  ) {
    this.shapes = new Map(graph.values.map((v) => [v.id, v.shape]));
  }

  /** One rounding. The exact sum or product of two binary32 is a double, but for sums of very unlike sizes, which then round. */
  private round(x: number): number {
    const rounded = this.precision === 'double' ? x : Math.fround(x);
    if (rounded !== x) this.exact = false;
    return rounded;
  }

  private constant(x: number): number {
    return this.round(x);
  }

  private plus(a: number, b: number): number {
    const sum = a + b;
    if (sum - a !== b || sum - b !== a) this.exact = false;
    return this.round(sum);
  }

  private times(a: number, b: number): number {
    return this.round(a * b);
  }

  private of(id: ValueId): Float64Array {
    return this.values.get(id)!;
  }

  private shape(id: ValueId): MapShape {
    return this.shapes.get(id)!;
  }

  private param(p: ChannelParam, c: number): number {
    return p.kind === 'static' ? this.constant(p.values[c]!) : this.of(p.source)[c]!;
  }

  evaluate(node: BnnNode, input: Float64Array): Float64Array {
    switch (node.kind) {
      case 'Input':
        return input;
      case 'RSign':
        return this.each(node.x, (x, c) => {
          const alpha = node.threshold ? this.param(node.threshold, c) : 0;
          if (x !== alpha && Math.abs(x - alpha) <= 1e-9 * (1 + Math.abs(x))) this.narrow = true;
          return (node.compare === 'ge' ? x >= alpha : x > alpha) ? 1 : -1;
        });
      case 'RPReLU':
        return this.each(node.x, (x, c) => {
          const gamma = node.gamma ? this.param(node.gamma, c) : null;
          const d = gamma === null ? x : this.plus(x, -gamma);
          const above = node.compare === 'ge' ? x >= (gamma ?? 0) : x > (gamma ?? 0);
          const bent = above ? d : this.times(this.constant(node.slope[c]!), d);
          return node.zeta ? this.plus(bent, this.param(node.zeta, c)) : bent;
        });
      case 'ScaleBias':
        return this.each(node.x, (x, c) => {
          const scaled = node.scale ? this.times(x, this.constant(node.scale[c]!)) : x;
          return node.bias ? this.plus(scaled, this.param(node.bias, c)) : scaled;
        });
      case 'Add': {
        const b = this.of(node.b);
        return this.of(node.a).map((a, i) => this.plus(a, b[i]!));
      }
      case 'Activation':
        return this.of(node.x).map((x) => this.apply(node.fn, x));
      case 'Concat': {
        const parts = node.xs.map((x) => this.of(x));
        const joined = new Float64Array(parts.reduce((sum, p) => sum + p.length, 0));
        let at = 0;
        for (const part of parts) {
          joined.set(part, at);
          at += part.length;
        }
        return joined;
      }
      case 'GlobalAveragePool': {
        const { height, width } = this.shape(node.x);
        const all = { ...noWindow, kernelHeight: height, kernelWidth: width };
        return this.windows(node.x, node.output, all, (pixels) => this.mean(pixels, height * width));
      }
      case 'AveragePool': {
        const area = node.window.kernelHeight * node.window.kernelWidth;
        return this.windows(node.x, node.output, node.window, (pixels) => {
          const inside = pixels.reduce((sum, row) => sum + row.length, 0);
          return this.mean(pixels, node.countIncludePad ? area : inside);
        });
      }
      case 'MaxPool':
        return this.windows(node.x, node.output, node.window, (pixels) => {
          const flat = pixels.flat();
          return flat.reduce((m, v) => (v > m ? v : m), flat[0]!);
        });
      case 'BinaryConv2d': {
        const { window: w } = node;
        const taps = w.kernelHeight * w.kernelWidth;
        return this.convolution(node.x, node.output, w, (o, inside) => {
          let dot = 0;
          for (const { tap, pixel } of inside) {
            for (let c = 0; c < node.inputs; c++) {
              dot += (node.signs[(o * node.inputs + c) * taps + tap] === 1 ? 1 : -1) * pixel(c);
            }
          }
          const scaled = this.times(dot, this.constant(node.scale[o]!));
          return node.bias ? this.plus(scaled, this.constant(node.bias[o]!)) : scaled;
        });
      }
      case 'Conv2d': {
        const { window: w } = node;
        const taps = w.kernelHeight * w.kernelWidth;
        const inputs = node.inputs / node.group;
        return this.convolution(node.x, node.output, w, (o, inside) => {
          const first = Math.floor(o / (node.outputs / node.group)) * inputs;
          const bias = node.bias ? this.constant(node.bias[o]!) : 0;
          let acc = bias === 0 ? 0 : bias;
          for (const { tap, pixel } of inside) {
            for (let c = 0; c < inputs; c++) {
              const weight = this.constant(node.weight[(o * inputs + c) * taps + tap]!);
              acc = this.plus(acc, this.times(pixel(first + c), weight));
            }
          }
          return acc;
        });
      }
      case 'Softmax':
        return this.softmax(this.of(node.x));
    }
  }

  softmax(x: Float64Array): Float64Array {
    const max = x.reduce((m, v) => (v > m ? v : m), x[0]!);
    const e = x.map((v) => this.exponential(this.plus(v, -max)));
    const sum = e.reduce((s, v) => this.plus(s, v), 0);
    return e.map((v) => this.round(v / sum));
  }

  private each(id: ValueId, f: (x: number, c: number) => number): Float64Array {
    const { height, width } = this.shape(id);
    return this.of(id).map((x, i) => f(x, Math.floor(i / (height * width))));
  }

  /** `f` gets the rows of pixels of each window that lie inside. */
  private windows(x: ValueId, out: ValueId, w: Window, f: (pixels: number[][]) => number): Float64Array {
    const s = this.shape(x);
    const { channels, height, width } = this.shape(out);
    const data = this.of(x);
    const result = new Float64Array(channels * height * width);
    let i = 0;
    for (let c = 0; c < channels; c++) {
      for (let oy = 0; oy < height; oy++) {
        for (let ox = 0; ox < width; ox++) {
          const rows: number[][] = [];
          for (let ky = 0; ky < w.kernelHeight; ky++) {
            const y = oy * w.strideHeight - w.padTop + ky;
            if (y < 0 || y >= s.height) continue;
            const row: number[] = [];
            for (let kx = 0; kx < w.kernelWidth; kx++) {
              const px = ox * w.strideWidth - w.padLeft + kx;
              if (px >= 0 && px < s.width) row.push(data[(c * s.height + y) * s.width + px]!);
            }
            rows.push(row);
          }
          result[i++] = f(rows);
        }
      }
    }
    return result;
  }

  /** Clauses 6.1 and 6.2. */
  private mean(rows: number[][], count: number): number {
    let sum = 0;
    for (const row of rows) {
      let rowSum = 0;
      for (const v of row) rowSum = this.plus(rowSum, v);
      sum = this.plus(sum, rowSum);
    }
    return this.times(sum, this.constant(1 / count));
  }

  private convolution(
    x: ValueId,
    out: ValueId,
    w: Window,
    f: (o: number, inside: readonly { readonly tap: number; readonly pixel: (c: number) => number }[]) => number,
  ): Float64Array {
    const s = this.shape(x);
    const { channels, height, width } = this.shape(out);
    const data = this.of(x);
    const result = new Float64Array(channels * height * width);
    for (let oy = 0; oy < height; oy++) {
      for (let ox = 0; ox < width; ox++) {
        const inside: { tap: number; pixel: (c: number) => number }[] = [];
        for (let tap = 0; tap < w.kernelHeight * w.kernelWidth; tap++) {
          const y = oy * w.strideHeight - w.padTop + Math.floor(tap / w.kernelWidth) * w.dilationHeight;
          const px = ox * w.strideWidth - w.padLeft + (tap % w.kernelWidth) * w.dilationWidth;
          if (y < 0 || y >= s.height || px < 0 || px >= s.width) continue;
          const at = y * s.width + px;
          inside.push({ tap, pixel: (c) => data[c * s.height * s.width + at]! });
        }
        for (let o = 0; o < channels; o++) result[(o * height + oy) * width + ox] = f(o, inside);
      }
    }
    return result;
  }

  apply(fn: PointFunction, x: number): number {
    const hardSigmoid = (alpha: number, beta: number): number => {
      const v = this.plus(this.times(this.constant(alpha), x), this.constant(beta));
      return v < 0 ? 0 : v > 1 ? 1 : v;
    };
    switch (fn.kind) {
      case 'relu':
        return x > 0 ? x : 0;
      case 'clip': {
        const [lo, hi] = [this.constant(fn.lo), this.constant(fn.hi)];
        return x < lo ? lo : x > hi ? hi : x;
      }
      case 'hardSigmoid':
        return hardSigmoid(fn.alpha, fn.beta);
      case 'hardSwish':
        return this.times(x, hardSigmoid(1 / 6, 0.5));
      case 'sigmoid':
        return this.sigmoid(x);
      case 'swish':
        return this.times(x, this.sigmoid(x));
      case 'negate':
        return -x;
    }
  }

  private sigmoid(x: number): number {
    return this.round(1 / this.plus(1, this.exponential(-x)));
  }

  /** Clause 9.3. */
  exponential(x: number): number {
    this.exact = false;
    if (this.precision === 'double') return Math.exp(x);
    const r32 = Math.fround;
    const t = Math.min(88, Math.max(-87, x));
    const k = Math.floor(r32(r32(t * r32(Math.LOG2E)) + 0.5));
    const r = r32(r32(t - r32(k * 0.693359375)) - r32(k * r32(-2.1219444e-4)));
    let p = r32(1.98756915e-4);
    for (const a of [1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]) {
      p = r32(r32(p * r) + r32(a));
    }
    const z = r32(r32(r32(p * r32(r * r)) + r) + 1);
    return z * 2 ** k;
  }
}

/** Clause 9 alone, for whatever else is computed naively. */
const alone = new Reference({ values: [] }, 'binary32');
export const applyInBinary32 = (fn: PointFunction, x: number): number => alone.apply(fn, x);
export const softmaxInBinary32 = (x: Float64Array): Float64Array => alone.softmax(x);

const noWindow = {
  strideHeight: 1,
  strideWidth: 1,
  dilationHeight: 1,
  dilationWidth: 1,
  padTop: 0,
  padLeft: 0,
  padBottom: 0,
  padRight: 0,
};
