/**
 * A Program with integers held to the float32 Program that it was made from: each step, given what it really read, leaves what
 * the float32 step's constants make of it in real numbers, within what the clauses' roundings explain. The reference cannot see
 * a wrong constant, since constants are the Program's; this can.
 *
 * Steps in which something was clipped are left out, so it is for ranges that fit.
 */
import type { MapShape } from '../../src/bnn/bnn-graph.js';
import type { ConstantRef, Int8Conv2dStep, ParamRef, Program, Step, Tail } from '../../src/program/program.js';
import { type BufferContents, elementReader } from '../../src/simulate/buffer-contents.js';
import { simulate } from '../../src/simulate/simulate.js';

type TailStep = Extract<Step, { readonly tail: Tail }>;
type Reader = (y: number, x: number, c: number) => number;

/** Null, or the first value of one sample that is not where it should be. */
export function differenceFromFloat(float: Program, integers: Program, input: Float32Array): string | null {
  return wrongKinds(float, integers) ?? wrongWiring(float, integers) ?? compareSample(float, integers, input);
}

// ---- which is an integer step, and which reads what

/** 8, 14, 15: the float unit stays, all else that multiplies weights has them in 8 bits; or, with int8 ends, what ends do. */
function wrongKinds(float: Program, integers: Program): string | null {
  const kinds = new Map(integers.steps.map((s) => [s.name, s.kind]));
  const places = (ref: number): string => float.buffers[ref]!.placement.kind;
  const params = new Set(
    float.steps.flatMap((f) => {
      if (!('tail' in f)) return [];
      const { bias, prelu, bits } = f.tail;
      return [bias, prelu?.gamma, prelu?.zeta, bits?.threshold].flatMap((p) => (p?.kind === 'buffer' ? [p.ref] : []));
    }),
  );
  const isInput = (ref: number): boolean =>
    places(ref) === 'input' ||
    float.steps.some((f) => f.kind === 'toChannelsLast' && f.output === ref && places(f.input) === 'input');
  for (const f of float.steps) {
    const kind = kinds.get(f.name);
    const fixed = integers.numeric === 'fixed16';
    if (f.kind === 'dense' && params.has(f.output)) {
      if (kind !== 'dense') return `${f.name} makes parameters and is ${kind}`;
    } else if (f.kind === 'dense' && places(f.output) === 'output' && kind !== 'int8Conv2d') {
      return `${f.name} is the last layer and ${kind}`;
    } else if (f.kind === 'conv2d' && fixed && kind !== 'int8Conv2d') {
      return `${f.name} is ${kind}`;
    } else if (f.kind === 'conv2d' && !fixed) {
      const first = isInput(f.input) && f.tail.bias?.kind !== 'buffer';
      if (first && kind !== 'int8Conv2d') return `${f.name} is the first layer and ${kind}`;
      if (!isInput(f.input) && kind !== 'conv2d') return `${f.name} is not the first layer and ${kind}`;
    }
  }
  return null;
}

/** Every float32 step is there under its own name, over the same values; what was added converts one value. */
function wrongWiring(float: Program, integers: Program): string | null {
  const byName = new Map(integers.steps.map((s) => [s.name, s]));
  const valueIn = (program: Program, ref: number | undefined): number | null =>
    ref === undefined ? null : program.buffers[ref]!.value;
  const same = (a: number | undefined, b: number | undefined): boolean => valueIn(float, a) === valueIn(integers, b);
  for (const f of float.steps) {
    const s = byName.get(f.name);
    if (!s) return `${f.name} is gone`;
    if ('input' in f !== 'input' in s || ('input' in f && 'input' in s && !same(f.input, s.input)))
      return `${f.name} reads another value`;
    if (f.kind === 'globalAveragePool' && (s.kind !== f.kind || !same(f.rowSums, s.rowSums)))
      return `${f.name} reads other sums`;
    if ('output' in f && 'output' in s && !same(f.output, s.output)) return `${f.name} writes another value`;
    if ('tail' in f && 'tail' in s) {
      const refs = (t: Tail): readonly (number | undefined)[] => [
        t.shortcut?.buffer,
        t.store,
        t.rowSums,
        t.bits?.buffer,
        ...[t.prelu?.gamma, t.prelu?.zeta, t.bits?.threshold].map((p) => (p?.kind === 'buffer' ? p.ref : undefined)),
        t.bias?.kind === 'buffer' ? t.bias.ref : undefined,
      ];
      const [a, b] = [refs(f.tail), refs(s.tail)];
      if (a.some((ref, i) => !same(ref, b[i]))) return `${f.name}: its tail reads or writes another value`;
      const plain = (t: Tail): string =>
        JSON.stringify([t.prelu?.compare, t.bits?.compare, t.shortcut?.pool, t.shortcut?.channels, t.shape]);
      const integerCompare = f.kind === 'binaryConv2d' && f.tail.scale === undefined;
      if (!integerCompare && plain(f.tail) !== plain(s.tail)) return `${f.name}: its tail is another`;
    }
  }
  const known = new Set(float.steps.map((f) => f.name));
  for (const s of integers.steps) {
    if (known.has(s.name)) continue;
    const converts = s.kind === 'quantize' || s.kind === 'dequantize';
    const applies = s.kind === 'map' && s.fn !== null;
    if (!converts && !applies) return `${s.name} is new`;
    if (converts && valueIn(integers, s.input) !== valueIn(integers, s.output)) return `${s.name} makes another value`;
  }
  return null;
}

// ---- one sample

/** A real number, how far the integers may be from it, and the sum of the sizes of what was added: binary32 rounds that. */
interface Near {
  readonly v: number;
  readonly e: number;
  readonly size: number;
}

function compareSample(float: Program, integers: Program, input: Float32Array): string | null {
  const floatSteps = new Map(float.steps.map((s) => [s.name, s]));
  const found: { name: string; text: string }[] = [];
  const { saturated } = simulate(integers, input, (s, _index, contents) => {
    const f = floatSteps.get(s.name);
    if (!f || !('tail' in s)) return;
    const tail = 'tail' in f ? f.tail : f.kind === 'dense' ? { shape: s.tail.shape, store: f.output } : null;
    if (!tail) return;
    const text = new StepComparison(float, integers, f, s, tail, contents).difference();
    if (text) found.push({ name: s.name, text: `${s.name}: ${text}` });
  });
  const clipped = new Set(saturated.map((s) => s.step));
  return found.find(({ name }) => !clipped.has(name))?.text ?? null;
}

class StepComparison {
  constructor(
    private readonly float: Program,
    private readonly integers: Program,
    private readonly f: Step,
    private readonly s: TailStep,
    private readonly tail: Tail,
    private readonly contents: (ref: number) => BufferContents,
  ) {}

  private floats(ref: ConstantRef | undefined): Float32Array | null {
    return ref === undefined ? null : (this.float.constants[ref]!.value.data as Float32Array);
  }

  private reader(ref: number): Reader {
    return elementReader(this.contents(ref), this.integers.buffers[ref]!.layout.shape);
  }

  /** The float32 program's constant, or the vector that was really read. */
  private param(f: ParamRef | null | undefined, s: ParamRef | null | undefined): ((c: number) => number) | null {
    if (!f || !s) return null;
    if (f.kind === 'constant') {
      const values = this.floats(f.ref)!;
      return (c) => values[c]!;
    }
    if (s.kind !== 'buffer') throw new Error(`${this.s.name}: a vector became a constant`);
    const read = this.reader(s.ref);
    return (c) => read(0, 0, c);
  }

  difference(): string | null {
    const { tail, s } = this;
    const { channels, height, width } = tail.shape;
    const enter = this.entering();
    if (!enter) return null;
    const finish = this.finisher();
    const stored = s.tail.store === undefined ? null : this.reader(s.tail.store);
    const bits = s.tail.bits && tail.bits ? this.reader(s.tail.bits.buffer) : null;
    const alpha = this.param(tail.bits?.threshold, s.tail.bits?.threshold);
    const sums = s.tail.rowSums === undefined ? null : this.rowSums(s.tail.rowSums);
    // A threshold of whole dots is whole itself.
    const whole = s.tail.fixed !== undefined && s.tail.scale === undefined && s.kind === 'binaryConv2d';
    const alphaError =
      s.tail.fixed && !whole && tail.bits?.threshold.kind === 'constant' ? 2 ** -s.tail.fixed.fraction / 2 : 0;
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        let [sum, sumError] = [0, 0];
        for (let x = 0; x < width; x++) {
          const { v, e, size } = finish(enter(y, x, c), y, x, c);
          const slack = s.tail.fixed ? e + 1e-9 * size : e + 1e-6 * size + 1e-44;
          sum += v;
          sumError += slack + 1e-6 * Math.abs(v);
          const where = `channel ${c}, y ${y}, x ${x}`;
          if (stored && !(Math.abs(stored(y, x, c) - v) <= slack))
            return `${where}: ${stored(y, x, c)}, in real numbers ${v} +- ${e}`;
          if (bits && alpha) {
            const margin = v - alpha(c);
            const expected = (tail.bits!.compare === 'gt' ? margin > 0 : margin >= 0) ? 1 : -1;
            const decided = whole || Math.abs(margin) > slack + alphaError;
            if (decided && bits(y, x, c) !== expected)
              return `${where}: bit ${bits(y, x, c)}, ${v} +- ${e} and ${alpha(c)}`;
          }
        }
        if (sums && !(Math.abs(sums(y, c) - sum) <= sumError))
          return `row ${y} of channel ${c}: ${sums(y, c)}, not ${sum}`;
      }
    }
    return null;
  }

  private rowSums(ref: number): (y: number, c: number) => number {
    const contents = this.contents(ref);
    if (contents.kind === 'packed') throw new Error('sums are packed');
    const unit = contents.kind === 'real' ? 1 : 2 ** -contents.fraction;
    return (y, c) => contents.data[y * this.tail.shape.channels + c]! * unit;
  }

  // ---- what enters

  private entering(): ((y: number, x: number, c: number) => Near) | null {
    const { f, s } = this;
    switch (f.kind) {
      case 'binaryConv2d': {
        const words = Math.ceil(f.inputShape.channels / 64);
        const weights = this.float.constants[f.weights]!.value.data;
        const taps = f.window.kernelHeight * f.window.kernelWidth;
        const weight = (o: number, tap: number, c: number): number => {
          const word = ((o >> 3) * taps * words + tap * words + (c >> 6)) * 8 + (o & 7);
          return (weights[2 * word + ((c >> 5) & 1)]! >>> (c & 31)) & 1 ? 1 : -1;
        };
        return (y, x, o) => exactly(this.convolve(f, 1, o, y, x, weight).sum);
      }
      case 'conv2d':
      case 'dense': {
        if (s.kind !== 'int8Conv2d') return null;
        const outputs = this.tail.shape.channels;
        const inputs = s.inputShape.channels / s.group;
        const taps = s.window.kernelHeight * s.window.kernelWidth;
        const weights = this.floats(f.weights)!;
        const bias = this.floats(f.acc)!;
        const weight = (o: number, tap: number, c: number): number =>
          weights[((o >> 4) * taps * inputs + tap * inputs + c) * 16 + (o & 15)]!;
        const units = Array.from({ length: outputs }, (_, o) => unitOf(o, taps, inputs, weight));
        const entry = s.tail.fixed && s.tail.fixed.entryShift > 0 ? 2 ** (s.tail.fixed.entryShift - 1) : 0;
        const step = 2 ** -fractionOf(this.integers, s.input);
        return (y, x, o) => {
          const { sum, size } = this.convolve(s, s.group, o, y, x, weight, (w) => weightError(w, units[o]!));
          const e = size + entry * units[o]!.unit * step;
          return { v: sum + bias[o]!, e, size: Math.abs(sum) + Math.abs(bias[o]!) };
        };
      }
      case 'map': {
        if (f.fn !== null) return null;
        const read = this.reader(s.input);
        return (y, x, c) => exactly(read(y, x, c));
      }
      case 'maxPool':
      case 'averagePool': {
        if (s.kind !== f.kind) return null;
        const read = this.reader(s.input);
        const area = f.window.kernelHeight * f.window.kernelWidth;
        const lsb = s.tail.fixed ? 2 ** -fractionOf(this.integers, s.input) : 0;
        return (y, x, c) => {
          const pixels = pixelsInside(f, y, x).map(([, iy, ix]) => read(iy, ix, c));
          if (f.kind === 'maxPool') return exactly(pixels.reduce((m, p) => Math.max(m, p), Number.NEGATIVE_INFINITY));
          const sum = pixels.reduce((total, p) => total + p, 0);
          const size = pixels.reduce((total, p) => total + Math.abs(p), 0);
          return { v: sum / (f.countIncludePad ? area : pixels.length), e: 0.75 * lsb, size };
        };
      }
      default:
        return null;
    }
  }

  /** The sum of products, and of the inputs' sizes times what their weights may be wrong by. */
  private convolve(
    step: Pick<Int8Conv2dStep, 'window' | 'inputShape'>,
    group: number,
    o: number,
    y: number,
    x: number,
    weight: (o: number, tap: number, c: number) => number,
    error: (w: number) => number = () => 0,
  ): { readonly sum: number; readonly size: number } {
    const input = 'input' in this.s ? this.reader(this.s.input) : () => 0;
    const inputs = step.inputShape.channels / group;
    const first = Math.floor(o / (this.tail.shape.channels / group)) * inputs;
    let [sum, size] = [0, 0];
    for (const [tap, iy, ix] of pixelsInside(step, y, x)) {
      for (let c = 0; c < inputs; c++) {
        const v = input(iy, ix, first + c);
        const w = weight(o, tap, c);
        sum += v * w;
        size += Math.abs(v) * error(w);
      }
    }
    return { sum, size };
  }

  // ---- the tail in real numbers

  private finisher(): (entering: Near, y: number, x: number, c: number) => Near {
    const { tail, s } = this;
    const { fixed } = s.tail;
    const lsb = fixed ? 2 ** -fixed.fraction : 0;
    const half = lsb / 2;
    const scale = this.floats(tail.scale);
    const bias = this.param(tail.bias, tail.bias?.kind === 'buffer' ? s.tail.bias : tail.bias);
    const scaled = fixed !== undefined && s.tail.scale !== undefined;
    const product = fixed ? 2 ** -(fixed.fraction + fixed.scaleShift) : 0;
    const { shortcut, prelu } = tail;
    const z = s.tail.shortcut ? this.reader(s.tail.shortcut.buffer) : null;
    const slope = this.floats(prelu?.slope);
    const gamma = this.param(prelu?.gamma, s.tail.prelu?.gamma);
    const zeta = this.param(prelu?.zeta, s.tail.prelu?.zeta);
    const of = (p: ParamRef | null | undefined): number => (p?.kind === 'constant' ? half : 0);
    return (entering, y, x, c) => {
      let { v, e, size } = entering;
      const add = (term: number): void => {
        v += term;
        size += Math.abs(term);
      };
      // 12.2: factor, offset and the shift round; a is at most as large as an int16, a dot as itself.
      const a = s.kind === 'binaryConv2d' ? Math.abs(v) : 32768;
      if (fixed && !scaled && fixed.entryShift > 0) e += half;
      if (scale) {
        v *= scale[c]!;
        e *= Math.abs(scale[c]!);
        size *= Math.abs(scale[c]!);
      }
      if (bias) add(bias(c));
      if (scaled) e += (a + 1) * (product / 2) + (fixed.scaleShift > 0 ? half : 0);
      else if (tail.bias) e += of(tail.bias);
      if (z && shortcut) {
        const sc = c % shortcut.channels;
        const p = shortcut.pool;
        const four = (): number =>
          z(2 * y, 2 * x, sc) + z(2 * y, 2 * x + 1, sc) + z(2 * y + 1, 2 * x, sc) + z(2 * y + 1, 2 * x + 1, sc);
        add(p === 1 ? z(y, x, sc) : four() / 4);
        if (fixed && (p === 2 || fixed.shortcutShift > 0)) e += half;
      }
      if (prelu && slope) {
        add(gamma ? -gamma(c) : 0);
        const d = v;
        const above = prelu.compare === 'gt' ? d > 0 : d >= 0;
        const beta = slope[c]!;
        e = (e + of(prelu.gamma)) * (1 + Math.abs(beta));
        if (fixed) e += (Math.abs(d) + e) * 2 ** -(fixed.slopeShift + 1) + (fixed.slopeShift > 0 ? half : 0);
        v = above ? d : beta * d;
        size *= 1 + Math.abs(beta);
        add(zeta ? zeta(c) : 0);
        e += of(prelu.zeta);
      }
      return { v, e, size };
    };
  }
}

const exactly = (v: number): Near => ({ v, e: 0, size: Math.abs(v) });

interface Unit {
  readonly largest: number;
  readonly unit: number;
}

/**
 * The coarsest unit that int8-weights.ts may choose: a third more than what makes the largest weight 127, or the sum of all at
 * most 65535 with each rounded away from zero.
 */
function unitOf(o: number, taps: number, inputs: number, weight: (o: number, tap: number, c: number) => number): Unit {
  let [largest, sum] = [0, 0];
  for (let tap = 0; tap < taps; tap++) {
    for (let c = 0; c < inputs; c++) {
      const size = Math.abs(weight(o, tap, c));
      largest = Math.max(largest, size);
      sum += size;
    }
  }
  const room = 65535 - taps * inputs;
  return { largest, unit: 1.36 * Math.max(largest / 127, room > 0 ? sum / room : Number.POSITIVE_INFINITY) };
}

/** Weights are rounded together: each up or down, the largest ones clipped by a tenth. */
function weightError(w: number, { largest, unit }: Unit): number {
  return unit + Math.max(0, Math.abs(w) - 0.88 * largest);
}

function fractionOf(program: Program, ref: number): number {
  const { layout } = program.buffers[ref]!;
  return layout.kind === 'map' ? (layout.fraction ?? 0) : 0;
}

/** [tap, y, x] of the pixels of a window inside the input, in row-major order. */
function pixelsInside(
  { window: w, inputShape }: { readonly window: Int8Conv2dStep['window']; readonly inputShape: MapShape },
  y: number,
  x: number,
): (readonly [number, number, number])[] {
  const found: (readonly [number, number, number])[] = [];
  for (let tap = 0; tap < w.kernelHeight * w.kernelWidth; tap++) {
    const iy = y * w.strideHeight - w.padTop + Math.floor(tap / w.kernelWidth) * w.dilationHeight;
    const ix = x * w.strideWidth - w.padLeft + (tap % w.kernelWidth) * w.dilationWidth;
    if (iy >= 0 && iy < inputShape.height && ix >= 0 && ix < inputShape.width) found.push([tap, iy, ix]);
  }
  return found;
}
