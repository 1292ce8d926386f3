/**
 * Whole networks from small plans. A plan is plain data that fast-check can draw and shrink; every plan makes a valid network,
 * whatever is cut from it: a move that does not fit where it stands is read as one that does, or left out.
 *
 * Flows in: a Plan. Flows out: a BnnGraph as raise would make it, and samples for it.
 */
import {
  type BnnGraph,
  type BnnNode,
  type ChannelParam,
  type Compare,
  inputsOf,
  type MapShape,
  outputSize,
  type PointFunction,
  type Value,
  type ValueId,
  type Window,
} from '../../src/bnn/bnn-graph.js';
import { orderNodes } from '../../src/bnn/rewrite.js';
import { seededRandom } from '../support/random.js';
import type { IntegerMode } from './vector-graph.js';

/**
 * Where parameters and inputs come from. 'real': nothing special. 'ties': a handful of values, zeros of both signs among them,
 * so that thresholds are met exactly. 'tiny': subnormals among ordinary numbers. 'exact': small multiples of 1/4, on which most
 * networks never round.
 */
export const NUMBERS = ['real', 'ties', 'tiny', 'exact'] as const;
export type Numbers = (typeof NUMBERS)[number];

export const MOVES = [
  'sign',
  'binaryConv',
  'rprelu',
  'add',
  'block',
  'pair',
  'scaleBias',
  'conv',
  'gap',
  'averagePool',
  'maxPool',
  'concat',
  'activation',
  'biasedSign',
  'biasedPrelu',
  'softmax',
] as const;

export interface Move {
  readonly kind: (typeof MOVES)[number];
  /** Which value it reads: 0 the latest, 1 the one before ... */
  readonly x: number;
  readonly y: number;
  readonly channels: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  /** Taken apart by Choices; 0 is the plainest form of the move. */
  readonly options: number;
}

/** How large the numbers are taken to be from which fractions are chosen: as they are, all too small, all too large, at random. */
export const RANGES = ['calibrated', 'tight', 'wide', 'mixed'] as const;

export interface PlannedIntegers {
  readonly mode: 'float32' | IntegerMode;
  readonly ranges: (typeof RANGES)[number];
}

export interface Plan {
  readonly seed: number;
  readonly numbers: Numbers;
  readonly input: MapShape;
  readonly moves: readonly Move[];
  /** 'last': the latest value is the output, what it does not need is dropped. 'all': everything reaches the output. */
  readonly ending: 'last' | 'all' | 'softmax';
  readonly integers: PlannedIntegers;
  /** 0: plain. 1: names that collide or mean something in C. */
  readonly names: 0 | 1;
}

export interface PlannedNetwork {
  readonly graph: BnnGraph;
  /** Two samples. */
  readonly inputs: Float32Array;
}

/** Multiply-accumulates of one network, so that the simulator stays fast. */
const COST_LIMIT = 1_500_000;
const SAMPLES = 2;

/** Small decisions out of one number: 0 always gives the first of each. */
class Choices {
  constructor(private rest: number) {}
  take(count: number): number {
    const choice = this.rest % count;
    this.rest = Math.floor(this.rest / count);
    return choice;
  }
  of<T>(...values: readonly T[]): T {
    return values[this.take(values.length)]!;
  }
}

const TIES = [0, -0, 0.5, -0.5, 1, -1, 2, -2] as const;
const TINY = [0, -0, 2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -127), 1.5 * 2 ** -130, 2 ** -120, 1, -1] as const;

class NetworkBuilder {
  private readonly nodes: BnnNode[] = [];
  readonly values: Value[] = [];
  private readonly shared: ChannelParam[] = [];
  private readonly random: () => number;
  private cost = 0;

  constructor(private readonly plan: Plan) {
    this.random = seededRandom(plan.seed);
  }

  // ---- numbers

  private number(low: number, high: number): number {
    const u = this.random();
    switch (this.plan.numbers) {
      case 'real':
        return low + (high - low) * u;
      case 'ties':
        return TIES[Math.floor(u * TIES.length)]!;
      case 'tiny':
        return u < 0.5 ? TINY[Math.floor(2 * u * TINY.length)]! : low + (high - low) * this.random();
      case 'exact':
        return Math.round(4 * (low + (high - low) * u)) / 4;
    }
  }

  private numbers(count: number, low: number, high: number): Float64Array {
    return Float64Array.from({ length: count }, () => this.number(low, high));
  }

  /** Scales of sums of `terms` products; negative ones and zeros among them. */
  private scales(count: number, terms: number): Float64Array {
    const size = this.plan.numbers === 'exact' ? 2 : 2 / Math.sqrt(terms);
    return this.numbers(count, -0.4 * size, size);
  }

  // ---- values

  private add(shape: MapShape, node: object, domain: Value['domain'] = 'real'): ValueId {
    const id = this.values.length;
    const { kind } = node as BnnNode;
    this.values.push({ id, name: `v${id}`, shape, domain });
    this.nodes.push({
      ...node,
      name: this.name(kind, id),
      origin: [`/${kind}_${id}`],
      output: id,
    } as unknown as BnnNode);
    return id;
  }

  private name(kind: string, id: number): string {
    if (this.plan.names === 0) return `${kind.toLowerCase()}_${id}`;
    // 2k and 2k + 1 are one identifier once cleaned.
    const pair = id >> 1;
    const even = ['A/*', 'int', 'run::', '\u00fc\u4e16??/', 'weights\\\n'][pair % 5]!;
    return id % 2 === 0 ? `${even}${pair === 1 ? '' : pair}` : `${even}_${pair}`;
  }

  shape(id: ValueId): MapShape {
    return this.values[id]!.shape;
  }

  isBinary(id: ValueId): boolean {
    return this.values[id]!.domain === 'binary';
  }

  isVector(id: ValueId): boolean {
    const { height, width } = this.shape(id);
    return height * width === 1;
  }

  /** Counted from the latest; null where nothing fits. */
  pick(index: number, fits: (id: ValueId) => boolean = () => true): ValueId | null {
    const fitting = this.values.map((v) => v.id).filter(fits);
    return fitting.length === 0 ? null : fitting[fitting.length - 1 - (index % fitting.length)]!;
  }

  private afford(macs: number): boolean {
    if (this.cost + macs > COST_LIMIT) return false;
    this.cost += macs;
    return true;
  }

  // ---- nodes

  input(): ValueId {
    return this.add(this.plan.input, { kind: 'Input' });
  }

  private staticParam(x: ValueId): ChannelParam {
    return { kind: 'static', values: this.numbers(this.shape(x).channels, -0.7, 0.7) };
  }

  /** none, static, a generator of its own, one shared with earlier readers, a negated one, any vector of as many channels. */
  param(x: ValueId, choices: Choices, first: 'none' | 'static' = 'static'): ChannelParam | null {
    const order = first === 'none' ? [0, 1, 2, 3, 4, 5] : [1, 0, 2, 3, 4, 5];
    const { channels } = this.shape(x);
    switch (order[choices.take(6)]) {
      case 0:
        return null;
      case 3: {
        const known = this.shared.filter((p) => p.kind === 'dynamic' && this.shape(p.source).channels === channels);
        return known[known.length - 1] ?? this.generator(x, choices);
      }
      case 4: {
        const made = this.generator(x, choices);
        if (made?.kind !== 'dynamic') return made;
        return { kind: 'dynamic', source: this.activation(made.source, { kind: 'negate' }) };
      }
      case 5: {
        const vector = this.pick(choices.take(3), (v) => this.isVector(v) && this.shape(v).channels === channels);
        return vector === null ? this.staticParam(x) : { kind: 'dynamic', source: vector };
      }
      case 2:
        return this.generator(x, choices);
      default:
        return this.staticParam(x);
    }
  }

  private generator(x: ValueId, choices: Choices): ChannelParam | null {
    const { channels } = this.shape(x);
    const mean = this.gap(x);
    const hidden = this.conv(mean, Math.max(1, channels >> 4), unitWindow(), 1, true);
    if (hidden === null) return this.staticParam(x);
    const between = choices.take(2) === 0 ? hidden : this.activation(hidden, pointFunction(choices));
    const last = this.conv(between, channels, unitWindow(), 1, choices.take(2) === 0);
    if (last === null) return this.staticParam(x);
    const source = choices.take(3) < 2 ? last : this.activation(last, pointFunction(choices));
    const param: ChannelParam = { kind: 'dynamic', source };
    this.shared.push(param);
    return param;
  }

  sign(x: ValueId, threshold: ChannelParam | null, compare: Compare): ValueId {
    return this.add(this.shape(x), { kind: 'RSign', x, threshold, compare }, 'binary');
  }

  rprelu(x: ValueId, gamma: ChannelParam | null, zeta: ChannelParam | null, compare: Compare): ValueId {
    const slope = this.numbers(this.shape(x).channels, -0.1, 0.6);
    return this.add(this.shape(x), { kind: 'RPReLU', x, gamma, slope, zeta, compare });
  }

  private windowed(x: ValueId, channels: number, w: Window): MapShape | null {
    const s = this.shape(x);
    const height = outputSize(s.height, w.kernelHeight, w.strideHeight, w.dilationHeight, w.padTop + w.padBottom);
    const width = outputSize(s.width, w.kernelWidth, w.strideWidth, w.dilationWidth, w.padLeft + w.padRight);
    return height < 1 || width < 1 || height * width > 400 ? null : { channels, height, width };
  }

  binaryConv(x: ValueId, outputs: number, w: Window, bias: boolean): ValueId | null {
    const inputs = this.shape(x).channels;
    const terms = inputs * w.kernelHeight * w.kernelWidth;
    const shape = this.windowed(x, outputs, w);
    if (!shape || !this.afford((terms * outputs * shape.height * shape.width) / 8)) return null;
    return this.add(shape, {
      kind: 'BinaryConv2d',
      x,
      signs: Uint8Array.from({ length: outputs * terms }, () => (this.random() < 0.5 ? 0 : 1)),
      outputs,
      inputs,
      window: w,
      scale: this.scales(outputs, terms),
      bias: bias ? this.numbers(outputs, -0.4, 0.4) : null,
    });
  }

  conv(x: ValueId, outputs: number, w: Window, group: number, bias: boolean): ValueId | null {
    const inputs = this.shape(x).channels;
    const terms = (inputs / group) * w.kernelHeight * w.kernelWidth;
    const shape = this.windowed(x, outputs, w);
    if (!shape || !this.afford(terms * outputs * shape.height * shape.width)) return null;
    return this.add(shape, {
      kind: 'Conv2d',
      x,
      weight: Float32Array.from(this.scales(outputs * terms, terms)),
      bias: bias ? this.numbers(outputs, -0.4, 0.4) : null,
      outputs,
      inputs,
      group,
      window: w,
      floatReason: null,
    });
  }

  scaleBias(x: ValueId, scale: boolean, bias: ChannelParam | null): ValueId {
    return this.add(this.shape(x), {
      kind: 'ScaleBias',
      x,
      scale: scale ? this.numbers(this.shape(x).channels, -0.3, 1.4) : null,
      bias,
    });
  }

  addMaps(a: ValueId, b: ValueId): ValueId {
    return this.add(this.shape(a), { kind: 'Add', a, b });
  }

  gap(x: ValueId): ValueId {
    return this.add({ channels: this.shape(x).channels, height: 1, width: 1 }, { kind: 'GlobalAveragePool', x });
  }

  pool(kind: 'MaxPool' | 'AveragePool', x: ValueId, w: Window, countIncludePad: boolean): ValueId | null {
    const shape = this.windowed(x, this.shape(x).channels, w);
    if (!shape) return null;
    return this.add(shape, kind === 'MaxPool' ? { kind, x, window: w } : { kind, x, window: w, countIncludePad });
  }

  concat(xs: readonly ValueId[]): ValueId {
    const channels = xs.reduce((sum, x) => sum + this.shape(x).channels, 0);
    return this.add({ ...this.shape(xs[0]!), channels }, { kind: 'Concat', xs });
  }

  activation(x: ValueId, fn: PointFunction): ValueId {
    return this.add(this.shape(x), { kind: 'Activation', x, fn });
  }

  softmax(x: ValueId): ValueId {
    return this.add(this.shape(x), { kind: 'Softmax', x });
  }

  // ---- the end

  finish(): PlannedNetwork {
    const output = this.ending();
    const nodes = orderNodes(this.nodes, output);
    const made = new Set(nodes.map((n) => n.output));
    const last = this.shape(output);
    const { channels, height, width } = this.plan.input;
    const graph: BnnGraph = {
      name: 'model',
      values: this.values.filter((v) => made.has(v.id)),
      nodes,
      output,
      declaredInput: { name: 'input', shape: [1, channels, height, width] },
      declaredOutput: { name: 'output', shape: [1, last.channels, last.height, last.width] },
    };
    const inputs = Float32Array.from(this.numbers(SAMPLES * channels * height * width, -1, 1));
    return { graph, inputs };
  }

  private ending(): ValueId {
    const latest = this.values.length - 1;
    if (this.plan.ending === 'last') return latest;
    const read = new Set(this.nodes.flatMap(inputsOf));
    const loose = this.values.filter((v) => !read.has(v.id)).map((v) => (this.isVector(v.id) ? v.id : this.gap(v.id)));
    const all = loose.length === 1 ? loose[0]! : this.concat(loose);
    const scores = this.conv(all, 5, unitWindow(), 1, true) ?? all;
    return this.plan.ending === 'softmax' ? this.softmax(scores) : scores;
  }
}

function unitWindow(): Window {
  return windowOf([1, 1], [1, 1], [1, 1], [0, 0, 0, 0]);
}

function windowOf(
  kernel: Move['kernel'],
  stride: Move['stride'],
  dilation: Move['dilation'],
  pads: Move['pads'],
): Window {
  return {
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: stride[0],
    strideWidth: stride[1],
    dilationHeight: dilation[0],
    dilationWidth: dilation[1],
    padTop: pads[0],
    padLeft: pads[1],
    padBottom: pads[2],
    padRight: pads[3],
  };
}

function pointFunction(choices: Choices): PointFunction {
  return choices.of<PointFunction>(
    { kind: 'relu' },
    { kind: 'hardSigmoid', alpha: Math.fround(1 / 6), beta: 0.5 },
    { kind: 'hardSwish' },
    { kind: 'sigmoid' },
    { kind: 'swish' },
    { kind: 'clip', lo: -0.25, hi: 0.5 },
    { kind: 'negate' },
    { kind: 'clip', lo: 0, hi: 6 },
    { kind: 'hardSigmoid', alpha: Math.fround(0.2), beta: 0.5 },
  );
}

const compareOf = (choices: Choices): Compare => choices.of<Compare>('ge', 'gt');

export function interpretPlan(plan: Plan): PlannedNetwork {
  const b = new NetworkBuilder(plan);
  b.input();
  for (const move of plan.moves) play(b, move);
  return b.finish();
}

function play(b: NetworkBuilder, move: Move): void {
  const choices = new Choices(move.options);
  const x = b.pick(move.x)!;
  const w = windowOf(move.kernel, move.stride, move.dilation, move.pads);
  switch (move.kind) {
    case 'sign':
      b.sign(x, b.param(x, choices, 'none'), compareOf(choices));
      return;
    case 'biasedSign': {
      const bias = b.param(x, choices) ?? { kind: 'static', values: new Float64Array(b.shape(x).channels) };
      b.sign(b.scaleBias(x, choices.take(4) === 3, bias), null, compareOf(choices));
      return;
    }
    case 'biasedPrelu': {
      // ReActNet's own spelling: a bias, PReLU, a bias.
      const none: ChannelParam = { kind: 'static', values: new Float64Array(b.shape(x).channels) };
      const bent = b.rprelu(
        b.scaleBias(x, choices.take(4) === 3, b.param(x, choices) ?? none),
        null,
        null,
        compareOf(choices),
      );
      b.scaleBias(bent, choices.take(4) === 3, b.param(bent, choices) ?? none);
      return;
    }
    case 'binaryConv': {
      const bits = b.pick(move.x, (id) => b.isBinary(id)) ?? b.sign(x, b.param(x, choices, 'none'), compareOf(choices));
      b.binaryConv(bits, move.channels, w, choices.take(2) === 0);
      return;
    }
    case 'rprelu': {
      const compare = compareOf(choices);
      const gamma = b.param(x, choices);
      b.rprelu(x, gamma, b.param(x, choices), compare);
      return;
    }
    case 'add': {
      const s = b.shape(x);
      const same = (id: number) => {
        const t = b.shape(id);
        return t.channels === s.channels && t.height === s.height && t.width === s.width;
      };
      b.addMaps(x, b.pick(move.y, same)!);
      return;
    }
    case 'scaleBias': {
      const scale = choices.take(2) === 0;
      const bias = b.param(x, choices);
      b.scaleBias(x, scale || bias === null, bias);
      return;
    }
    case 'conv': {
      const { channels } = b.shape(x);
      const group = choices.of(1, channels, 2, 3);
      const possible = channels % group === 0 ? group : 1;
      const outputs =
        possible === channels && choices.take(2) === 0 ? channels : Math.ceil(move.channels / possible) * possible;
      b.conv(x, outputs, b.isVector(x) && choices.take(4) < 3 ? unitWindow() : w, possible, choices.take(2) === 0);
      return;
    }
    case 'gap':
      b.gap(x);
      return;
    case 'averagePool':
    case 'maxPool': {
      // Every window holds a pixel: pads are smaller than the kernel.
      const pads = move.pads.map((p, i) => Math.min(p, move.kernel[i % 2]! - 1)) as unknown as Move['pads'];
      const pool = windowOf(move.kernel, move.stride, [1, 1], pads);
      const kind = move.kind === 'maxPool' ? 'MaxPool' : 'AveragePool';
      const halving = windowOf([2, 2], [2, 2], [1, 1], [0, 0, 0, 0]);
      b.pool(kind, x, choices.take(2) === 0 ? halving : pool, choices.take(2) === 0);
      return;
    }
    case 'concat': {
      const s = b.shape(x);
      const near = (id: number) => b.shape(id).height === s.height && b.shape(id).width === s.width;
      const xs = [x, b.pick(move.y, near)!, ...(choices.take(3) === 2 ? [b.pick(move.y + 1, near)!] : [])];
      if (xs.reduce((sum, id) => sum + b.shape(id).channels, 0) <= 300) b.concat(xs);
      return;
    }
    case 'activation':
      b.activation(x, pointFunction(choices));
      return;
    case 'softmax':
      b.softmax(b.isVector(x) ? x : b.gap(x));
      return;
    case 'pair':
      playPair(b, move, choices, x);
      return;
    case 'block':
      // Mostly with pads, as everywhere; without, a pool of 3x3 has the convolution's shape.
      playBlock(b, choices, x, windowOf([3, 3], [1, 1], [1, 1], move.y % 3 === 2 ? [0, 0, 0, 0] : [1, 1, 1, 1]));
      return;
  }
}

/** Concat(Add(BinaryConv2d(b), s), Add(BinaryConv2d'(b), t)), or without the additions, or with unlike halves. */
function playPair(b: NetworkBuilder, move: Move, choices: Choices, x: ValueId): void {
  const w = windowOf([1, 1], [1, 1], [1, 1], [0, 0, 0, 0]);
  const bits = b.sign(x, b.param(x, choices), compareOf(choices));
  const withAdds = choices.take(3) < 2;
  const outputs = withAdds ? b.shape(x).channels : move.channels;
  const half = (count: number, bias: boolean, shortcut: ValueId): ValueId | null => {
    const conv = b.binaryConv(bits, count, w, bias);
    if (conv === null || !withAdds) return conv;
    return choices.take(2) === 0 ? b.addMaps(conv, shortcut) : b.addMaps(shortcut, conv);
  };
  const first = half(outputs, choices.take(2) === 0, x);
  const other = choices.take(3) === 2 ? b.scaleBias(x, true, null) : x;
  const second = half(withAdds ? outputs : 1 + choices.take(9), choices.take(2) === 0, other);
  if (first !== null && second !== null) b.concat(choices.take(4) === 3 ? [first, second, first] : [first, second]);
}

/** A block of ReActNet or DyBNN: sign, 3x3 with stride, shortcut, RPReLU, sign, 1x1 (a pair where channels double), RPReLU. */
function playBlock(b: NetworkBuilder, choices: Choices, x: ValueId, window3: Window): void {
  const { channels } = b.shape(x);
  const stride = 1 + choices.take(2);
  const strided = { ...window3, strideHeight: stride, strideWidth: stride };
  const conv3 = b.binaryConv(b.sign(x, b.param(x, choices), compareOf(choices)), channels, strided, true);
  if (conv3 === null) return;
  const halving = windowOf([2, 2], [2, 2], [1, 1], [0, 0, 0, 0]);
  // Odd sizes: the 3x3 convolution rounds up, a pool of 2x2 without ceil_mode down; then there is no shortcut.
  const shortcut = stride === 1 ? x : b.pool('AveragePool', x, choices.take(3) < 2 ? halving : strided, true);
  const fits =
    shortcut !== null &&
    b.shape(shortcut).height === b.shape(conv3).height &&
    b.shape(shortcut).width === b.shape(conv3).width;
  const sum3 = fits ? b.addMaps(conv3, shortcut) : conv3;
  const act3 = b.rprelu(sum3, b.param(sum3, choices), b.param(sum3, choices), 'gt');
  const bits = b.sign(act3, b.param(act3, choices), compareOf(choices));
  const halves: ValueId[] = [];
  for (let i = 0; i <= choices.take(2); i++) {
    const conv1 = b.binaryConv(bits, channels, unitWindow(), true);
    if (conv1 !== null) halves.push(b.addMaps(conv1, act3));
  }
  if (halves.length === 0) return;
  const sum1 = halves.length === 1 ? halves[0]! : b.concat(halves);
  b.rprelu(sum1, b.param(sum1, choices), b.param(sum1, choices), 'gt');
}
