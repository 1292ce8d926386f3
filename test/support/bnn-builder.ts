/** Small BnnGraphs for tests, built by hand with seeded parameters. */
import {
  type BnnGraph,
  type BnnNode,
  type ChannelParam,
  type MapShape,
  outputSize,
  type PointFunction,
  type Value,
  type ValueId,
  type Window,
} from '../../src/bnn/bnn-graph.js';
import { seededRandom } from './random.js';

export class BnnBuilder {
  private readonly nodes: BnnNode[] = [];
  private readonly values: Value[] = [];
  readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  private add(shape: MapShape, node: object, domain: Value['domain'] = 'real'): ValueId {
    const id = this.values.length;
    const { kind } = node as BnnNode;
    this.values.push({ id, name: `v${id}`, shape, domain });
    const made = { ...node, name: `${kind.toLowerCase()}_${id}`, origin: [`/${kind}_${id}`], output: id };
    this.nodes.push(made as unknown as BnnNode);
    return id;
  }

  shape(id: ValueId): MapShape {
    return this.values[id]!.shape;
  }

  floats(count: number, low = -1, high = 1): Float64Array {
    return Float64Array.from({ length: count }, () => Math.fround(low + (high - low) * this.random()));
  }

  param(x: ValueId, low = -0.5, high = 0.5): ChannelParam {
    return { kind: 'static', values: this.floats(this.shape(x).channels, low, high) };
  }

  input(channels: number, height: number, width: number): ValueId {
    return this.add({ channels, height, width }, { kind: 'Input' });
  }

  rsign(x: ValueId, threshold: ChannelParam | null = this.param(x), compare: 'ge' | 'gt' = 'ge'): ValueId {
    return this.add(this.shape(x), { kind: 'RSign', x, threshold, compare }, 'binary');
  }

  rprelu(x: ValueId, gamma: ChannelParam | null = this.param(x), zeta: ChannelParam | null = this.param(x)): ValueId {
    const slope = this.floats(this.shape(x).channels, 0, 0.5);
    return this.add(this.shape(x), { kind: 'RPReLU', x, gamma, slope, zeta, compare: 'gt' });
  }

  private convolved(x: ValueId, outputs: number, w: Window): MapShape {
    const s = this.shape(x);
    return {
      channels: outputs,
      height: outputSize(s.height, w.kernelHeight, w.strideHeight, w.dilationHeight, w.padTop + w.padBottom),
      width: outputSize(s.width, w.kernelWidth, w.strideWidth, w.dilationWidth, w.padLeft + w.padRight),
    };
  }

  binaryConv(x: ValueId, outputs: number, w: Window = window(3, 1, 1)): ValueId {
    const inputs = this.shape(x).channels;
    const count = outputs * inputs * w.kernelHeight * w.kernelWidth;
    const k = inputs * w.kernelHeight * w.kernelWidth;
    return this.add(this.convolved(x, outputs, w), {
      kind: 'BinaryConv2d',
      x,
      signs: Uint8Array.from({ length: count }, () => (this.random() < 0.5 ? 0 : 1)),
      outputs,
      inputs,
      window: w,
      scale: this.floats(outputs, -1 / Math.sqrt(k), 2 / Math.sqrt(k)),
      bias: this.floats(outputs, -0.3, 0.3),
    });
  }

  conv(x: ValueId, outputs: number, w: Window = window(3, 1, 1), group = 1): ValueId {
    const inputs = this.shape(x).channels;
    const k = (inputs / group) * w.kernelHeight * w.kernelWidth;
    return this.add(this.convolved(x, outputs, w), {
      kind: 'Conv2d',
      x,
      weight: Float32Array.from(this.floats(outputs * k, -1 / Math.sqrt(k), 1 / Math.sqrt(k))),
      bias: this.floats(outputs, -0.2, 0.2),
      outputs,
      inputs,
      group,
      window: w,
      floatReason: null,
    });
  }

  dense(x: ValueId, outputs: number): ValueId {
    return this.conv(x, outputs, window(1, 1, 0));
  }

  scaleBias(x: ValueId, scale = true): ValueId {
    return this.add(this.shape(x), {
      kind: 'ScaleBias',
      x,
      scale: scale ? this.floats(this.shape(x).channels, 0.2, 1.5) : null,
      bias: this.param(x),
    });
  }

  dynamicBias(x: ValueId, source: ValueId): ValueId {
    return this.add(this.shape(x), { kind: 'ScaleBias', x, scale: null, bias: { kind: 'dynamic', source } });
  }

  addMaps(a: ValueId, b: ValueId): ValueId {
    return this.add(this.shape(a), { kind: 'Add', a, b });
  }

  gap(x: ValueId): ValueId {
    return this.add({ channels: this.shape(x).channels, height: 1, width: 1 }, { kind: 'GlobalAveragePool', x });
  }

  averagePool(x: ValueId, w: Window = window(2, 2, 0), countIncludePad = true): ValueId {
    return this.add(this.convolved(x, this.shape(x).channels, w), {
      kind: 'AveragePool',
      x,
      window: w,
      countIncludePad,
    });
  }

  maxPool(x: ValueId, w: Window = window(3, 2, 1)): ValueId {
    return this.add(this.convolved(x, this.shape(x).channels, w), { kind: 'MaxPool', x, window: w });
  }

  concat(...xs: ValueId[]): ValueId {
    const channels = xs.reduce((sum, x) => sum + this.shape(x).channels, 0);
    return this.add({ ...this.shape(xs[0]!), channels }, { kind: 'Concat', xs });
  }

  activation(x: ValueId, fn: PointFunction): ValueId {
    return this.add(this.shape(x), { kind: 'Activation', x, fn });
  }

  softmax(x: ValueId): ValueId {
    return this.add(this.shape(x), { kind: 'Softmax', x });
  }

  /** GAP, FC, function, FC: one value per channel. */
  generator(x: ValueId, fn: PointFunction | null = null): ChannelParam {
    const { channels } = this.shape(x);
    const hidden = this.dense(this.gap(x), Math.max(1, channels >> 4));
    return { kind: 'dynamic', source: this.dense(fn ? this.activation(hidden, fn) : hidden, channels) };
  }

  build(output: ValueId): BnnGraph {
    const first = this.values[0]!.shape;
    const last = this.values[output]!.shape;
    return {
      name: 'model',
      values: this.values,
      nodes: this.nodes,
      output,
      declaredInput: { name: 'input', shape: [1, first.channels, first.height, first.width] },
      declaredOutput: { name: 'output', shape: [1, last.channels, last.height, last.width] },
    };
  }
}

export function window(kernel: number, stride: number, pad: number, dilation = 1): Window {
  return {
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: dilation,
    dilationWidth: dilation,
    padTop: pad,
    padLeft: pad,
    padBottom: pad,
    padRight: pad,
  };
}

/** One block of a DyBNN with a MobileNet-like backbone: 3x3 with stride, then 1x1 (a pair where channels double). */
export function dynamicBlock(b: BnnBuilder, x: ValueId, stride: 1 | 2, double: boolean): ValueId {
  const { channels } = b.shape(x);
  const conv3 = b.binaryConv(b.rsign(x, b.generator(x)), channels, window(3, stride, 1));
  const sum3 = b.addMaps(conv3, stride === 2 ? b.averagePool(x) : x);
  const act3 = b.rprelu(sum3, b.generator(sum3), b.generator(sum3));
  const bits = b.rsign(act3, b.generator(act3));
  const half = () => b.addMaps(b.binaryConv(bits, channels, window(1, 1, 0)), act3);
  const sum1 = double ? b.concat(half(), half()) : half();
  return b.rprelu(sum1, b.generator(sum1), b.generator(sum1));
}
