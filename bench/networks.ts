/**
 * The four networks at ImageNet's size, written as ONNX in the spelling of a clean PyTorch export: batch norm folded, binary
 * weights as +-s per output channel, thresholds and shifts by Add, Sub, PRelu, two-layer units by Gemm.
 *
 * Flows in: a name. Flows out: the model's bytes, the same in every run. Weights are seeded and random, scaled so that maps
 * neither vanish nor explode and signs are balanced: a network's time does not depend on what it has learned.
 */
import { encodeModel, OnnxBuilder } from '../test/support/onnx-builder.js';
import { seededRandom } from '../test/support/random.js';

export interface NetworkSpec {
  readonly name: string;
  readonly backbone: 'mobile' | 'resnet18';
  readonly dynamic: boolean;
}

export const IMAGENET_NETWORKS: readonly NetworkSpec[] = [
  { name: 'ReActNet-A', backbone: 'mobile', dynamic: false },
  { name: 'DyBNN-A', backbone: 'mobile', dynamic: true },
  { name: 'ReActNet-18', backbone: 'resnet18', dynamic: false },
  { name: 'DyBNN-18', backbone: 'resnet18', dynamic: true },
];

/** Multiply-accumulates by backbone; the compiled program must count the same. */
export const EXPECTED_MACS: Readonly<
  Record<NetworkSpec['backbone'], { readonly binary: number; readonly float: number }>
> = {
  mobile: { binary: 4_816_896_000, float: 11_862_016 },
  resnet18: { binary: 1_676_279_808, float: 137_793_536 },
};

const IMAGE = 224;
const CLASSES = 1000;
/** C/16 of DyBNN's units. */
const REDUCTION = 16;

export function buildNetwork(spec: NetworkSpec): Uint8Array {
  const net = new NetworkWriter(spec);
  return spec.backbone === 'mobile' ? mobile(net) : resnet18(net);
}

/** ReActNet-A: stem 32, then 13 blocks of (output channels, stride). */
function mobile(net: NetworkWriter): Uint8Array {
  const blocks: readonly (readonly [number, 1 | 2])[] = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [1024, 2],
    [1024, 1],
  ];
  let x = net.stem(32, 3, 2);
  blocks.forEach(([channels, stride], i) => {
    x = mobileBlock(net, x, channels, stride, `/blocks.${i}`);
  });
  return net.finish(x);
}

/**
 *   x -> sign -> 3x3 binary, stride -> + -> prelu -> y        y -> sign -+-> 1x1 binary -> + y -> prelu
 *    \_________ 2x2 average ________ /                                   +-> 1x1 binary -> + y -/  by Concat, if channels double
 */
function mobileBlock(net: NetworkWriter, x: Map2d, channels: number, stride: 1 | 2, at: string): Map2d {
  const spatial = net.binaryConv(net.sign(x, `${at}/sign1`), x.channels, 3, stride, `${at}/conv3`);
  const shortcut = stride === 2 ? net.halve(x, `${at}/pool`) : x;
  const y = net.prelu(net.add(spatial, shortcut, at), `${at}/prelu1`);
  const bits = net.sign(y, `${at}/sign2`);
  if (channels === y.channels) {
    return net.prelu(net.add(net.binaryConv(bits, channels, 1, 1, `${at}/conv1`), y, `${at}/1`), `${at}/prelu2`);
  }
  const pair = ['a', 'b'].map((s) =>
    net.add(net.binaryConv(bits, y.channels, 1, 1, `${at}/conv1${s}`), y, `${at}/1${s}`),
  );
  return net.prelu(net.concat(pair, at), `${at}/prelu2`);
}

/** ReActNet-18: ResNet-18 with a shortcut around every 3x3 convolution; halving by average pool and a float 1x1. */
function resnet18(net: NetworkWriter): Uint8Array {
  let x = net.maxPool(net.stem(64, 7, 2), '/stem/pool');
  for (const [stage, channels] of [64, 128, 256, 512].entries()) {
    for (let unit = 0; unit < 4; unit++) {
      const at = `/layers.${4 * stage + unit}`;
      const stride = stage > 0 && unit === 0 ? 2 : 1;
      const main = net.binaryConv(net.sign(x, `${at}/sign`), channels, 3, stride, `${at}/conv`);
      const shortcut = stride === 2 ? net.floatConv(net.halve(x, `${at}/pool`), channels, 1, 1, `${at}/downsample`) : x;
      x = net.prelu(net.add(main, shortcut, at), `${at}/prelu`);
    }
  }
  return net.finish(x);
}

interface Map2d {
  readonly value: string;
  readonly channels: number;
  readonly size: number;
}

class NetworkWriter {
  private readonly onnx: OnnxBuilder;
  private readonly uniform: () => number;
  private count = 0;

  constructor(private readonly spec: NetworkSpec) {
    this.onnx = new OnnxBuilder({ opset: 17, name: spec.name });
    this.uniform = seededRandom(spec.backbone === 'mobile' ? 0xa : 0x18);
  }

  stem(channels: number, kernel: number, stride: number): Map2d {
    const value = this.onnx.input('input', [1, 3, IMAGE, IMAGE]);
    // Pixels lie between 0 and 1, around 0.5 by about 0.28, and neighbours are alike.
    const taps = 3 * kernel * kernel;
    const weights = this.normals(channels * taps, 1 / (0.28 * Math.sqrt(taps)));
    const bias = new Float32Array(channels);
    for (let o = 0; o < channels; o++) {
      bias[o] = -0.5 * weights.subarray(o * taps, (o + 1) * taps).reduce((sum, w) => sum + w, 0);
    }
    return this.conv({ value, channels: 3, size: IMAGE }, channels, kernel, stride, '/stem/conv', weights, bias);
  }

  /** The head; returns the whole model. */
  finish(x: Map2d): Uint8Array {
    const pooled = this.node('GlobalAveragePool', [x.value], '/head/pool');
    const flat = this.node('Flatten', [pooled], '/head/flatten', { axis: 1 });
    const logits = this.gemm(flat, x.channels, CLASSES, 1, '/head/fc');
    this.onnx.output(logits, [1, CLASSES]);
    return encodeModel(this.onnx.proto());
  }

  sign(x: Map2d, at: string): Map2d {
    const shifted = this.spec.dynamic
      ? this.node('Sub', [x.value, this.dynamicParameter(this.pool(x, at), x.channels, `${at}/alpha`, 0)], at)
      : this.node('Add', [x.value, this.perChannel(x.channels, 0, 0.1, `${at}/alpha`)], at);
    return { ...x, value: this.node('Sign', [shifted], `${at}/sign`) };
  }

  /** Slopes around 0.25 take the negative side's spread and leave a mean above 0; zeta takes it back. */
  prelu(x: Map2d, at: string): Map2d {
    const { channels } = x;
    const slope = Float32Array.from({ length: channels }, () => 0.1 + 0.3 * this.uniform());
    const pooled = this.spec.dynamic ? this.pool(x, at) : null;
    const shift = (mean: number, part: string): string =>
      pooled === null
        ? this.perChannel(channels, mean, 0.1, `${at}/${part}`)
        : this.dynamicParameter(pooled, channels, `${at}/${part}`, mean);
    const moved = this.node(this.spec.dynamic ? 'Sub' : 'Add', [x.value, shift(0, 'gamma')], `${at}/in`);
    const bent = this.node('PRelu', [moved, this.floats(`${at}/slope`, [channels, 1, 1], slope)], `${at}/act`);
    return { ...x, value: this.node('Add', [bent, shift(-0.24, 'zeta')], `${at}/out`) };
  }

  binaryConv(x: Map2d, channels: number, kernel: number, stride: number, at: string): Map2d {
    const taps = x.channels * kernel * kernel;
    const weights = new Float32Array(channels * taps);
    for (let o = 0; o < channels; o++) {
      const scale = Math.fround((0.75 * (0.75 + 0.5 * this.uniform())) / Math.sqrt(taps));
      const last = (o + 1) * taps;
      for (let i = o * taps; i < last; i += 32) {
        const bits = (this.uniform() * 2 ** 32) | 0;
        const end = Math.min(last - i, 32);
        for (let b = 0; b < end; b++) weights[i + b] = (bits >>> b) & 1 ? scale : -scale;
      }
    }
    return this.conv(x, channels, kernel, stride, at, weights, this.normals(channels, 0.1));
  }

  floatConv(x: Map2d, channels: number, kernel: number, stride: number, at: string): Map2d {
    const taps = x.channels * kernel * kernel;
    return this.conv(
      x,
      channels,
      kernel,
      stride,
      at,
      this.normals(channels * taps, 1 / Math.sqrt(taps)),
      this.normals(channels, 0.1),
    );
  }

  private conv(
    x: Map2d,
    channels: number,
    kernel: number,
    stride: number,
    at: string,
    weights: Float32Array,
    bias: Float32Array,
  ): Map2d {
    const pad = (kernel - 1) / 2;
    const value = this.node(
      'Conv',
      [
        x.value,
        this.floats(`${at}/weight`, [channels, x.channels, kernel, kernel], weights),
        this.floats(`${at}/bias`, [channels], bias),
      ],
      at,
      {
        dilations: [1, 1],
        group: 1,
        kernel_shape: [kernel, kernel],
        pads: [pad, pad, pad, pad],
        strides: [stride, stride],
      },
    );
    return { value, channels, size: Math.floor((x.size + 2 * pad - kernel) / stride) + 1 };
  }

  halve(x: Map2d, at: string): Map2d {
    const attributes = {
      kernel_shape: [2, 2],
      strides: [2, 2],
      pads: [0, 0, 0, 0],
      ceil_mode: 0,
      count_include_pad: 1,
    };
    return { ...x, value: this.node('AveragePool', [x.value], at, attributes), size: x.size / 2 };
  }

  maxPool(x: Map2d, at: string): Map2d {
    const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 0 };
    return { ...x, value: this.node('MaxPool', [x.value], at, attributes), size: x.size / 2 };
  }

  add(a: Map2d, b: Map2d, at: string): Map2d {
    return { ...a, value: this.node('Add', [a.value, b.value], `${at}/add`) };
  }

  concat(maps: readonly Map2d[], at: string): Map2d {
    const channels = maps.reduce((sum, m) => sum + m.channels, 0);
    const value = this.node(
      'Concat',
      maps.map((m) => m.value),
      `${at}/concat`,
      { axis: 1 },
    );
    return { value, channels, size: maps[0]!.size };
  }

  /** GAP as a vector; a DyPReLU's gamma and zeta share one. */
  private pool(x: Map2d, at: string): string {
    const mean = this.node('GlobalAveragePool', [x.value], `${at}/gap`);
    return this.node('Flatten', [mean], `${at}/flatten`, { axis: 1 });
  }

  /** FC[C/16 -> C](FC[C -> C/16](GAP)) as 1 x C x 1 x 1. */
  private dynamicParameter(pooled: string, channels: number, at: string, mean: number): string {
    const hidden = channels / REDUCTION;
    const squeezed = this.gemm(pooled, channels, hidden, 0.5, `${at}/squeeze`);
    const expanded = this.gemm(squeezed, hidden, channels, 0.5, `${at}/expand`, mean);
    const shape = `${at}/shape`;
    this.onnx.int64(shape, [1, channels, 1, 1]);
    return this.node('Reshape', [expanded, shape], `${at}/reshape`);
  }

  private gemm(x: string, inputs: number, outputs: number, gain: number, at: string, mean = 0): string {
    const weight = this.floats(
      `${at}/weight`,
      [outputs, inputs],
      this.normals(inputs * outputs, gain / Math.sqrt(inputs)),
    );
    const bias = this.normals(outputs, 0.1).map((b) => b + mean);
    return this.node('Gemm', [x, weight, this.floats(`${at}/bias`, [outputs], bias)], at, { transB: 1 });
  }

  private perChannel(channels: number, mean: number, deviation: number, at: string): string {
    return this.floats(
      `${at}/value`,
      [1, channels, 1, 1],
      this.normals(channels, deviation).map((v) => v + mean),
    );
  }

  private node(
    opType: string,
    inputs: readonly string[],
    name: string,
    attributes: Parameters<OnnxBuilder['node']>[2] = {},
  ): string {
    const output = `${name}/${opType}_output_${this.count++}`;
    return this.onnx.node(opType, inputs, attributes, { name: `${name}/${opType}`, output });
  }

  private floats(name: string, shape: readonly number[], data: Float32Array): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return this.onnx.initializer(name, { dims: [...shape], dataType: 1, rawData });
  }

  private normals(count: number, deviation: number): Float32Array {
    return Float32Array.from({ length: count }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      return deviation * radius * Math.cos(2 * Math.PI * this.uniform());
    });
  }
}
