/**
 * A BnnGraph as an ONNX file, in one of many spellings: what an exporter might have written for it. The seed chooses among them,
 * node by node. The opposite of the front end, and written without a look at it.
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
import { float, OnnxBuilder } from './onnx-builder.js';
import { seededRandom } from './random.js';

export function exportOnnx(graph: BnnGraph, seed: number): Uint8Array {
  return new Exporter(graph, seed).run();
}

class Exporter {
  private readonly m: OnnxBuilder;
  private readonly names = new Map<ValueId, string>();
  private readonly shapes: ReadonlyMap<ValueId, MapShape>;
  private readonly random: () => number;
  private readonly opset: number;
  private constants = 0;

  constructor(
    private readonly graph: BnnGraph,
    seed: number,
  ) {
    this.random = seededRandom(seed);
    this.opset = [11, 13, 14, 17, 18][Math.floor(this.random() * 5)]!;
    this.m = new OnnxBuilder({ opset: this.opset });
    this.shapes = new Map(graph.values.map((v) => [v.id, v.shape]));
  }

  run(): Uint8Array {
    for (const node of this.graph.nodes) this.names.set(node.output, this.node(node));
    const { channels, height, width } = this.shapes.get(this.graph.output)!;
    const vector = height * width === 1 && this.chance(0.5);
    const last = this.names.get(this.graph.output)!;
    // An output of its own, so that a graph may return what others read.
    this.m.output(
      this.m.node(vector ? 'Flatten' : 'Identity', [last]),
      vector ? [1, channels] : [1, channels, height, width],
    );
    return this.m.bytes();
  }

  private chance(p: number): boolean {
    return this.random() < p;
  }

  private pick<T>(...of: readonly T[]): T {
    return of[Math.floor(this.random() * of.length)]!;
  }

  private name(id: ValueId): string {
    return this.names.get(id)!;
  }

  private constant(values: ArrayLike<number>, shape: readonly number[]): string {
    return this.m.float(`c${this.constants++}`, shape, Array.from(values, Math.fround));
  }

  /** A parameter that broadcasts over a map. */
  private param(p: ChannelParam, negated = false): string {
    if (p.kind === 'dynamic') return negated ? this.m.node('Neg', [this.name(p.source)]) : this.name(p.source);
    const values = negated ? p.values.map((v) => -v) : p.values;
    return this.constant(values, this.pick([values.length, 1, 1], [1, values.length, 1, 1]));
  }

  private minus(x: string, p: ChannelParam): string {
    return this.chance(0.5)
      ? this.m.node('Sub', [x, this.param(p)])
      : this.m.node('Add', this.shuffled(x, this.param(p, true)));
  }

  private shuffled(a: string, b: string): string[] {
    return this.chance(0.5) ? [a, b] : [b, a];
  }

  private node(node: BnnNode): string {
    switch (node.kind) {
      case 'Input': {
        const { channels, height, width } = this.shapes.get(node.output)!;
        return this.m.input('input', [this.pick<number | string>(1, 'N'), channels, height, width]);
      }
      case 'RSign':
        return this.sign(node);
      case 'RPReLU':
        return this.prelu(node);
      case 'BinaryConv2d': {
        const { outputs, inputs, window: w } = node;
        const taps = w.kernelHeight * w.kernelWidth;
        const perOutput = inputs * taps;
        const within = this.chance(0.5);
        const weight = Array.from(
          node.signs,
          (s, i) => (s === 1 ? 1 : -1) * (within ? node.scale[Math.floor(i / perOutput)]! : 1),
        );
        const inputsOfNode = [
          this.name(node.x),
          this.constant(weight, [outputs, inputs, w.kernelHeight, w.kernelWidth]),
        ];
        if (within && node.bias && this.chance(0.5)) {
          inputsOfNode.push(this.constant(node.bias, [outputs]));
          return this.m.node('Conv', inputsOfNode, convAttributes(w));
        }
        const conv = this.m.node('Conv', inputsOfNode, convAttributes(w));
        return this.scaleBias(
          conv,
          outputs,
          within ? null : node.scale,
          node.bias && { kind: 'static', values: node.bias },
        );
      }
      case 'Conv2d': {
        const { outputs, inputs, group, window: w } = node;
        const vector =
          this.isVector(node.x) &&
          w.kernelHeight * w.kernelWidth === 1 &&
          w.padTop + w.padLeft + w.padBottom + w.padRight === 0;
        if (vector && group === 1 && this.isVector(node.output) && this.chance(0.5))
          return this.dense(node.x, node.weight, node.bias, outputs, inputs);
        const list = [
          this.name(node.x),
          this.constant(node.weight, [outputs, inputs / group, w.kernelHeight, w.kernelWidth]),
        ];
        if (node.bias) list.push(this.constant(node.bias, [outputs]));
        return this.m.node('Conv', list, { ...convAttributes(w), ...(group === 1 ? {} : { group }) });
      }
      case 'ScaleBias':
        return this.scaleBias(this.name(node.x), this.shapes.get(node.output)!.channels, node.scale, node.bias);
      case 'Add':
        return this.m.node('Add', [this.name(node.a), this.name(node.b)]);
      case 'MaxPool':
        return this.m.node('MaxPool', [this.name(node.x)], poolAttributes(node.window));
      case 'AveragePool': {
        const counts = node.countIncludePad ? { count_include_pad: 1 } : {};
        return this.m.node('AveragePool', [this.name(node.x)], { ...poolAttributes(node.window), ...counts });
      }
      case 'GlobalAveragePool':
        if (this.opset < 18 && this.chance(0.3))
          return this.m.node('ReduceMean', [this.name(node.x)], { axes: [2, 3], keepdims: 1 });
        return this.m.node('GlobalAveragePool', [this.name(node.x)]);
      case 'Concat':
        return this.m.node(
          'Concat',
          node.xs.map((x) => this.name(x)),
          { axis: 1 },
        );
      case 'Activation':
        return this.activation(this.name(node.x), node.fn);
      case 'Softmax':
        // Before opset 13 the axes from 1 on are one, which is the same for a vector.
        return this.m.node('Softmax', [this.name(node.x)], { axis: 1 });
    }
  }

  private isVector(id: ValueId): boolean {
    const { height, width } = this.shapes.get(id)!;
    return height * width === 1;
  }

  private dense(
    x: ValueId,
    weight: ArrayLike<number>,
    bias: ArrayLike<number> | null,
    outputs: number,
    inputs: number,
  ): string {
    const flat = this.m.node('Flatten', [this.name(x)]);
    const list = [flat, this.constant(weight, [outputs, inputs])];
    if (bias) list.push(this.constant(bias, [outputs]));
    const made = this.m.node('Gemm', list, { transB: 1 });
    return this.m.node('Reshape', [made, this.m.int64(`s${this.constants++}`, [-1, outputs, 1, 1])]);
  }

  private scaleBias(x: string, channels: number, scale: Float64Array | null, bias: ChannelParam | null): string {
    if (bias?.kind !== 'dynamic' && this.chance(0.5)) {
      // Variance 1 - 1/16 and epsilon 1/16: the root is 1, exactly.
      const ones = new Float64Array(channels).fill(1);
      const zeros = new Float64Array(channels);
      const list = [scale ?? ones, bias?.values ?? zeros, zeros, new Float64Array(channels).fill(0.9375)];
      return this.m.node('BatchNormalization', [x, ...list.map((v) => this.constant(v, [channels]))], {
        epsilon: float(0.0625),
      });
    }
    const scaled = scale ? this.m.node('Mul', this.shuffled(x, this.param({ kind: 'static', values: scale }))) : x;
    return bias ? this.m.node('Add', this.shuffled(scaled, this.param(bias))) : scaled;
  }

  private sign(node: Extract<BnnNode, { kind: 'RSign' }>): string {
    const x = this.name(node.x);
    const { threshold, compare } = node;
    if (compare === 'ge' && this.chance(0.5)) return this.m.node('Sign', [threshold ? this.minus(x, threshold) : x]);
    const zero = (): string => this.constant([0], this.pick([], [1]));
    const direct = threshold === null || this.chance(0.5);
    const left = direct ? x : this.minus(x, threshold);
    const right = direct && threshold ? this.param(threshold) : zero();
    const condition = this.condition(left, right, compare);
    if (this.chance(0.5)) return this.m.node('Where', [condition, this.constant([1], []), this.constant([-1], [])]);
    const cast = this.m.node('Cast', [condition], { to: 1 });
    return this.m.node('Sub', [this.m.node('Mul', [cast, this.constant([2], [])]), this.constant([1], [])]);
  }

  private condition(left: string, right: string, compare: 'ge' | 'gt'): string {
    if (compare === 'gt') return this.m.node('Greater', [left, right]);
    return this.opset >= 12 && this.chance(0.5)
      ? this.m.node('GreaterOrEqual', [left, right])
      : this.m.node('Not', [this.m.node('Less', [left, right])]);
  }

  private prelu(node: Extract<BnnNode, { kind: 'RPReLU' }>): string {
    const x = this.name(node.x);
    const d = node.gamma ? this.minus(x, node.gamma) : x;
    const { channels } = this.shapes.get(node.output)!;
    const slope = this.constant(node.slope, [channels, 1, 1]);
    const bent =
      this.chance(0.6) || node.compare === 'ge'
        ? this.m.node('PRelu', [d, slope])
        : this.m.node('Where', [
            this.m.node('Greater', [d, this.constant([0], [])]),
            d,
            this.m.node('Mul', [d, slope]),
          ]);
    return node.zeta ? this.m.node('Add', this.shuffled(bent, this.param(node.zeta))) : bent;
  }

  private activation(x: string, fn: PointFunction): string {
    switch (fn.kind) {
      case 'relu':
        return this.m.node('Relu', [x]);
      case 'clip':
        return this.m.node('Clip', [x, this.constant([fn.lo], []), this.constant([fn.hi], [])]);
      case 'hardSigmoid':
        return this.m.node('HardSigmoid', [x], { alpha: float(fn.alpha), beta: float(fn.beta) });
      case 'hardSwish':
        if (this.opset >= 14 && this.chance(0.5)) return this.m.node('HardSwish', [x]);
        return this.m.node('Mul', [x, this.m.node('HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) })]);
      case 'sigmoid':
        return this.m.node('Sigmoid', [x]);
      case 'swish':
        return this.m.node('Mul', [x, this.m.node('Sigmoid', [x])]);
      case 'negate':
        return this.m.node('Neg', [x]);
    }
  }
}

function convAttributes(w: Window) {
  return {
    kernel_shape: [w.kernelHeight, w.kernelWidth],
    strides: [w.strideHeight, w.strideWidth],
    dilations: [w.dilationHeight, w.dilationWidth],
    pads: [w.padTop, w.padLeft, w.padBottom, w.padRight],
  };
}

function poolAttributes(w: Window) {
  return {
    kernel_shape: [w.kernelHeight, w.kernelWidth],
    strides: [w.strideHeight, w.strideWidth],
    pads: [w.padTop, w.padLeft, w.padBottom, w.padRight],
  };
}
