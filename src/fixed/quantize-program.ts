/**
 * float32 Program -> a Program with integers (clauses 11 to 15): fixed16, or float32 with int8 weights at its ends.
 *
 * Flows in: what lower made, and how large its numbers are. Flows out: the same steps in the same order over int16 maps, with
 * conversions where a float32 value is read as a map or the other way around.
 * Keeps true: what a step computes is decided here once, as constants and shifts; simulate and the back ends only follow.
 */
import type { MapShape } from '../bnn/bnn-graph.js';
import { fixedReciprocal } from '../contract/pool.js';
import { fail } from '../diagnostics/diagnostic.js';
import { ConstantPool } from '../lower/constant-pool.js';
import { finishProgram } from '../lower/finish-program.js';
import type { DraftBuffer } from '../lower/lowering-context.js';
import {
  type Buffer,
  type BufferRef,
  type ConcatStep,
  type ConstantRef,
  type Conv2dStep,
  type DenseStep,
  type Fraction,
  type MapStep,
  type NumericMode,
  type ParamRef,
  type PoolStep,
  type Program,
  type Step,
  sizeOf,
  type Tail,
} from '../program/program.js';
import { type Entering, factorFraction, fixedScale, fixedSlopes, fixedValues, tailFraction } from './fixed-tail.js';
import { quantizeWeights } from './int8-weights.js';
import { entryShiftFor, fractionFor, type Ranges } from './ranges.js';
import { type IntegerSteps, integerSteps } from './which-steps.js';

/** Beyond these a 32-bit sum could overflow (12.1, 13.1). */
const MOST_PRODUCTS = 32767;
const MOST_POOLED_PIXELS = 65536;

export function quantizeProgram(
  program: Program,
  ranges: Ranges,
  options: { readonly numeric: NumericMode; readonly firstLast: 'float32' | 'int8' },
): Program {
  const which = integerSteps(program, options);
  const draft = new Draft(program, ranges, which, options.numeric);
  program.steps.forEach((step, index) => {
    draft.add(step, index);
  });
  return finishProgram({
    name: program.name,
    numeric: options.numeric,
    input: program.input,
    output: program.output,
    steps: draft.steps,
    buffers: draft.buffers,
    constants: draft.constants.constants,
  });
}

/** Where a buffer of the float32 program lives now: as it was, or as int16. Packed maps stay what they are. */
interface Home {
  readonly ref: BufferRef;
  readonly fraction: Fraction | null;
}

class Draft {
  readonly steps: Step[] = [];
  readonly buffers: DraftBuffer[] = [];
  readonly constants = new ConstantPool();
  private readonly homes = new Map<BufferRef, Home>();
  /** Conversions made so far, by the buffer and the fraction; null: float32. */
  private readonly converted = new Map<string, BufferRef>();
  private readonly kept = new Map<ConstantRef, ConstantRef>();
  private readonly names = new Set<string>();

  constructor(
    private readonly program: Program,
    private readonly ranges: Ranges,
    private readonly which: IntegerSteps,
    private readonly numeric: NumericMode,
  ) {
    program.buffers.forEach((b, ref) => {
      if (b.placement.kind === 'input') this.homes.set(ref, this.newHome(ref, null));
    });
  }

  add(step: Step, index: number): void {
    switch (step.kind) {
      case 'toChannelsLast':
        if (this.numeric === 'fixed16') return this.addInput(step.name, step.input, step.output, step.shape);
        return this.emit({ ...step, input: this.float(step.input), output: this.makeFloat(step.output) });
      case 'toChannelsFirst':
        return this.addOutput(step);
      case 'binaryConv2d':
        return this.addBinary(step, index);
      case 'conv2d':
        if (!this.which.int8.has(index)) return this.addFloatTail(step, { ...step, ...this.floatWeights(step) });
        return this.addInt8(step, step.tail, index, step.window, step.inputShape, step.group);
      case 'dense':
        return this.which.int8.has(index) ? this.addInt8Dense(step) : this.addDense(step);
      case 'map':
        return this.addMap(step, index);
      case 'maxPool':
      case 'averagePool':
        return this.addPool(step, index);
      case 'globalAveragePool': {
        const { height, width } = step.shape;
        const sums = this.homeOf(step.rowSums);
        if (sums.fraction !== null && height * width > MOST_POOLED_PIXELS) {
          fail('DYB404', {
            node: step.origin[0] ?? step.name,
            found: `a global average pool over ${height}x${width} pixels`,
            supported: `at most ${MOST_POOLED_PIXELS} pixels`,
          });
        }
        return this.emit({ ...step, rowSums: sums.ref, output: this.makeFloat(step.output) });
      }
      case 'concat':
        return this.addConcat(step);
      case 'unpack':
        return this.emit({ ...step, input: this.homeOf(step.input).ref, output: this.makeFloat(step.output) });
      case 'softmax':
        return this.emit({ ...step, input: this.float(step.input), output: this.makeFloat(step.output) });
      case 'int8Conv2d':
      case 'quantize':
      case 'dequantize':
        throw new Error(`${step.name} has integers already`);
    }
  }

  // ---- buffers

  private emit(step: Step): void {
    this.steps.push(step);
  }

  private unique(name: string): string {
    let candidate = name;
    for (let i = 2; this.names.has(candidate); i++) candidate = `${name}_${i}`;
    this.names.add(candidate);
    return candidate;
  }

  private old(ref: BufferRef): Buffer {
    return this.program.buffers[ref]!;
  }

  private newHome(ref: BufferRef, fraction: Fraction | null): Home {
    const { name, value, layout, placement } = this.old(ref);
    const integer = fraction !== null && (layout.kind === 'map' || layout.kind === 'rowSums');
    const external = placement.kind === 'workspace' || integer ? null : placement.kind;
    const draft = { name: this.unique(name), value, external, layout: integer ? { ...layout, fraction } : layout };
    const home = { ref: this.buffers.push(draft) - 1, fraction };
    this.homes.set(ref, home);
    return home;
  }

  private makeFloat(ref: BufferRef): BufferRef {
    return (this.homes.get(ref) ?? this.newHome(ref, null)).ref;
  }

  private homeOf(ref: BufferRef): Home {
    const home = this.homes.get(ref);
    if (!home) throw new Error(`${this.old(ref).name} has no place yet`);
    return home;
  }

  private float(ref: BufferRef): BufferRef {
    const home = this.homeOf(ref);
    if (home.fraction === null) return home.ref;
    return this.convert(ref, home, null);
  }

  /** As int16; where it is a float32 value, at `fraction` or one that its range asks for. */
  private fixed(ref: BufferRef, fraction?: Fraction): { readonly ref: BufferRef; readonly fraction: Fraction } {
    const home = this.homeOf(ref);
    if (home.fraction !== null && (fraction === undefined || fraction === home.fraction))
      return { ref: home.ref, fraction: home.fraction };
    const wanted = fraction ?? fractionFor(this.ranges.buffers.get(ref) ?? 0);
    if (home.fraction !== null) this.convert(ref, home, null);
    return { ref: this.convert(ref, home, wanted), fraction: wanted };
  }

  private convert(ref: BufferRef, home: Home, fraction: Fraction | null): BufferRef {
    const key = `${ref} ${fraction}`;
    const known = this.converted.get(key);
    if (known !== undefined) return known;
    const { name, value, layout } = this.old(ref);
    const { shape } = layout;
    const output =
      this.buffers.push({
        name: this.unique(`${name}_${fraction === null ? 'float32' : 'int16'}`),
        value,
        external: null,
        layout: { kind: 'map', shape, ...(fraction === null ? {} : { fraction }) },
      }) - 1;
    const step = this.unique(`${name} to ${fraction === null ? 'float32' : 'int16'}`);
    if (fraction === null) {
      this.emit({
        kind: 'dequantize',
        name: step,
        origin: [],
        input: home.ref,
        output,
        shape,
        fraction: home.fraction!,
      });
    } else {
      const input = home.fraction === null ? home.ref : this.converted.get(`${ref} null`)!;
      this.emit({ kind: 'quantize', name: step, origin: [], input, output, shape, fraction });
    }
    this.converted.set(key, output);
    return output;
  }

  // ---- constants

  private keep(ref: ConstantRef): ConstantRef {
    const known = this.kept.get(ref);
    if (known !== undefined) return known;
    const { name, comment, value } = this.program.constants[ref]!;
    const made = this.constants.add(name, comment, value);
    this.kept.set(ref, made);
    return made;
  }

  private floats(ref: ConstantRef): Float32Array {
    const { value } = this.program.constants[ref]!;
    if (value.type !== 'float32') throw new Error('a constant is not float32');
    return value.data;
  }

  private floatWeights(step: Conv2dStep | DenseStep): { readonly weights: ConstantRef; readonly acc: ConstantRef } {
    return { weights: this.keep(step.weights), acc: this.keep(step.acc) };
  }

  private addInt16(name: string, comment: string, data: Int16Array): ConstantRef {
    return this.constants.add(name, comment, { type: 'int16', data });
  }

  // ---- ends

  private addInput(name: string, input: BufferRef, output: BufferRef, shape: MapShape): void {
    const fraction = fractionFor(this.ranges.buffers.get(input) ?? 0);
    const home = this.newHome(output, fraction);
    this.emit({ kind: 'quantize', name, origin: [], input: this.homeOf(input).ref, output: home.ref, shape, fraction });
  }

  private addOutput(step: Extract<Step, { kind: 'toChannelsFirst' }>): void {
    const home = this.homeOf(step.input);
    const output = this.makeFloat(step.output);
    if (home.fraction === null) return this.emit({ ...step, input: home.ref, output });
    this.emit({ ...step, kind: 'dequantize', input: home.ref, output, fraction: home.fraction });
  }

  /** Where the caller's own output was to be written and the step makes int16. */
  private deliver(ref: BufferRef | undefined): void {
    if (ref === undefined || this.old(ref).placement.kind !== 'output') return;
    const home = this.homeOf(ref);
    if (home.fraction === null) return;
    const { name, value, layout } = this.old(ref);
    const output = this.buffers.push({ name: this.unique(`${name}_float32`), value, external: 'output', layout }) - 1;
    const step = this.unique(`${name} to float32`);
    this.emit({
      kind: 'dequantize',
      name: step,
      origin: [],
      input: home.ref,
      output,
      shape: layout.shape,
      fraction: home.fraction,
    });
  }

  // ---- tails

  private addFloatTail(step: Conv2dStep | MapStep | PoolStep, changed: Conv2dStep | MapStep | PoolStep): void {
    const input = this.float(step.input);
    const tail = this.floatTail(step.tail);
    this.emit({ ...changed, input, tail });
  }

  private floatTail(tail: Tail): Tail {
    const param = (p: ParamRef): ParamRef =>
      p.kind === 'constant' ? { kind: 'constant', ref: this.keep(p.ref) } : { kind: 'buffer', ref: this.float(p.ref) };
    const { shape, scale, bias, shortcut, prelu, bits } = tail;
    return {
      shape,
      ...(scale === undefined ? {} : { scale: this.keep(scale) }),
      ...(bias === undefined ? {} : { bias: param(bias) }),
      ...(shortcut === undefined ? {} : { shortcut: { ...shortcut, buffer: this.float(shortcut.buffer) } }),
      ...(prelu === undefined
        ? {}
        : {
            prelu: {
              ...prelu,
              gamma: prelu.gamma && param(prelu.gamma),
              slope: this.keep(prelu.slope),
              zeta: prelu.zeta && param(prelu.zeta),
            },
          }),
      ...(bits === undefined
        ? {}
        : { bits: { ...bits, threshold: param(bits.threshold), buffer: this.makeFloat(bits.buffer) } }),
      ...(tail.store === undefined ? {} : { store: this.makeFloat(tail.store) }),
      ...(tail.rowSums === undefined ? {} : { rowSums: this.makeFloat(tail.rowSums) }),
    };
  }

  private fixedTail(name: string, tail: Tail, index: number, entering: Entering): Tail {
    const { shape, shortcut, prelu, bits, bias } = tail;
    const { channels } = shape;
    const rawDots = entering.kind === 'dots' && tail.scale === undefined;
    const z = shortcut && this.fixed(shortcut.buffer);
    const scaled = entering.kind !== 'map' || tail.scale !== undefined;
    const range = this.ranges.tails.get(index);
    const factors = scaled && !rawDots ? this.tailFactors(tail, entering, channels) : null;
    const limits = [z?.fraction, scaled ? undefined : entering.fraction, factors ? factorFraction(factors) : undefined];
    const fraction = rawDots ? 0 : tailFraction(range?.largest ?? 0, limits);
    const param = (p: ParamRef, what: string): ParamRef =>
      p.kind === 'buffer'
        ? { kind: 'buffer', ref: this.fixed(p.ref, fraction).ref }
        : {
            kind: 'constant',
            ref: this.addInt16(`${name}_${what}`, what, fixedValues(this.floats(p.ref), fraction)),
          };
    const scale = factors ? this.tailScale(tail, entering, fraction, factors) : null;
    const slopes = prelu && fixedSlopes(this.floats(prelu.slope));
    const addsBias = bias !== undefined && (scale === null || bias.kind === 'buffer');
    return {
      shape,
      fixed: {
        fraction,
        entryShift: scaled ? entering.shift : Math.min(16, entering.fraction! - fraction),
        scaleShift: scale?.shift ?? 0,
        shortcutShift: z ? Math.min(16, z.fraction - fraction) : 0,
        slopeShift: slopes?.shift ?? 0,
        ...(scale
          ? {
              offset: this.constants.add(`${name}_offset`, 'bias in units of the product', {
                type: 'int32',
                data: scale.offset,
              }),
            }
          : {}),
      },
      ...(scale
        ? { scale: this.addInt16(`${name}_scale`, `scale * 2^${fraction + scale.shift}`, scale.multiplier) }
        : {}),
      ...(addsBias ? { bias: param(bias, 'bias') } : {}),
      ...(z ? { shortcut: { ...shortcut!, buffer: z.ref } } : {}),
      ...(prelu
        ? {
            prelu: {
              gamma: prelu.gamma && param(prelu.gamma, 'gamma'),
              slope: this.addInt16(`${name}_slope`, `slope (beta) * 2^${slopes!.shift}`, slopes!.data),
              zeta: prelu.zeta && param(prelu.zeta, 'zeta'),
              compare: prelu.compare,
            },
          }
        : {}),
      ...(bits
        ? {
            bits: {
              ...(rawDots ? this.aboveDots(name, bits) : { ...bits, threshold: param(bits.threshold, 'threshold') }),
              buffer: this.makeFloat(bits.buffer),
            },
          }
        : {}),
      ...(tail.store === undefined ? {} : { store: this.newHome(tail.store, fraction).ref }),
      ...(tail.rowSums === undefined ? {} : { rowSums: this.newHome(tail.rowSums, fraction).ref }),
    };
  }

  /** dot >= t as dot > t - 1: what no dot reaches is one more than the largest of them, which may be the largest int16. */
  private aboveDots(name: string, bits: NonNullable<Tail['bits']>): NonNullable<Tail['bits']> {
    if (bits.threshold.kind !== 'constant' || bits.compare !== 'ge') throw new Error(`${name} has no whole thresholds`);
    const below = Int16Array.from(this.floats(bits.threshold.ref), (t) => t - 1);
    return {
      ...bits,
      compare: 'gt',
      threshold: { kind: 'constant', ref: this.addInt16(`${name}_threshold`, 'threshold', below) },
    };
  }

  /** Scale and static bias of a tail, with those of the convolution before it. */
  private tailFactors(tail: Tail, entering: Entering, channels: number): Float64Array {
    const scale = tail.scale === undefined ? null : this.floats(tail.scale);
    return Float64Array.from(
      { length: channels },
      (_, c) => (scale?.[c] ?? 1) * entering.unit(c) * 2 ** entering.shift,
    );
  }

  private tailScale(tail: Tail, entering: Entering, fraction: Fraction, factors: Float64Array) {
    const scale = tail.scale === undefined ? null : this.floats(tail.scale);
    const bias = tail.bias?.kind === 'constant' ? this.floats(tail.bias.ref) : null;
    const own = entering.bias;
    const biases = factors.map((_, c) => (own?.[c] ?? 0) * (scale?.[c] ?? 1) + (bias?.[c] ?? 0));
    return fixedScale(factors, biases, fraction);
  }

  // ---- steps

  private addBinary(step: Extract<Step, { kind: 'binaryConv2d' }>, index: number): void {
    const { weights, base, rowClass, colClass } = step;
    const kept = {
      ...step,
      input: this.homeOf(step.input).ref,
      weights: this.keep(weights),
      base: this.keep(base),
      rowClass: this.keep(rowClass),
      colClass: this.keep(colClass),
    };
    if (this.numeric === 'float32') return this.emit({ ...kept, tail: this.floatTail(step.tail) });
    const products = step.inputShape.channels * step.window.kernelHeight * step.window.kernelWidth;
    if (products > MOST_PRODUCTS) {
      fail('DYB404', {
        node: step.origin[0] ?? step.name,
        found: `${products} products an output`,
        supported: `at most ${MOST_PRODUCTS}`,
      });
    }
    const tail = this.fixedTail(step.name, step.tail, index, { kind: 'dots', unit: () => 1, shift: 0 });
    this.emit({ ...kept, tail });
    this.deliver(step.tail.store);
  }

  /** A float convolution in int8 weights, its tail fixed or (float32 mode) not. */
  private addInt8(
    step: Conv2dStep | DenseStep,
    tail: Tail,
    index: number | null,
    window: Conv2dStep['window'],
    inputShape: MapShape,
    group: number,
  ): void {
    const { channels } = tail.shape;
    const inputs = inputShape.channels / group;
    const input = this.fixed(step.input);
    const ofPicture = this.which.readsInput(step) && inputShape.channels <= 4;
    const weights = { data: this.floats(step.weights), outputs: channels, inputs, window, group, ofPicture };
    const { data, scale } = quantizeWeights(weights);
    const unit = scale.map((s) => s * 2 ** -input.fraction);
    const bias = Float64Array.from(this.floats(step.acc).subarray(0, channels));
    const made = {
      kind: 'int8Conv2d',
      name: step.name,
      origin: step.origin,
      input: input.ref,
      inputShape,
      window,
      group,
      weights: this.constants.add(
        `${step.name}_weights`,
        `int8 weights of [${channels}][${inputs}][${window.kernelHeight}][${window.kernelWidth}], sixteen outputs by pairs of inputs`,
        { type: 'int8', data },
      ),
    } as const;
    if (index === null || this.numeric === 'float32') {
      this.emit({ ...made, tail: this.unitsToFloat(step.name, tail, unit, bias) });
      return;
    }
    const range = this.ranges.tails.get(index);
    const largest = unit.reduce((m, u, o) => Math.max(m, ((range?.entering[o] ?? 0) + Math.abs(bias[o]!)) / u), 0);
    const entering: Entering = { kind: 'accumulators', unit: (c) => unit[c]!, shift: entryShiftFor(largest), bias };
    this.emit({ ...made, tail: this.fixedTail(step.name, tail, index, entering) });
    this.deliver(tail.store);
  }

  /** 14.3: the scale of the weights and the convolution's bias become the tail's. */
  private unitsToFloat(name: string, tail: Tail, unit: Float64Array, bias: Float64Array): Tail {
    const made = this.floatTail(tail);
    const scale = tail.scale === undefined ? null : this.floats(tail.scale);
    const after = tail.bias?.kind === 'constant' ? this.floats(tail.bias.ref) : null;
    const scales = unit.map((u, o) => u * (scale?.[o] ?? 1));
    const biases = bias.map((b, o) => b * (scale?.[o] ?? 1) + (after?.[o] ?? 0));
    return {
      ...made,
      scale: this.constants.addFloats(`${name}_scale`, 'scale of the weights and the input', scales),
      ...(made.bias?.kind === 'buffer'
        ? {}
        : { bias: { kind: 'constant', ref: this.constants.addFloats(`${name}_bias`, 'bias', biases) } }),
    };
  }

  private addInt8Dense(step: DenseStep): void {
    const shape = { channels: step.outputs, height: 1, width: 1 };
    const window = ONE_TAP;
    if (step.fn === null) {
      const tail = { shape, store: step.output };
      return this.addInt8(step, tail, null, window, { ...shape, channels: step.inputs }, 1);
    }
    // The function in a pass of its own, over the same vector.
    const tail = { shape, store: step.output };
    this.addInt8(step, tail, null, window, { ...shape, channels: step.inputs }, 1);
    const output = this.homeOf(step.output).ref;
    const name = this.unique(`${step.name}_${step.fn.kind}`);
    this.emit({ kind: 'map', name, origin: [], input: output, fn: step.fn, tail: { shape, store: output } });
  }

  private addDense(step: DenseStep): void {
    const input = this.float(step.input);
    this.emit({ ...step, ...this.floatWeights(step), input, output: this.makeFloat(step.output) });
  }

  private addMap(step: MapStep, index: number): void {
    const { tail } = step;
    const home = this.homeOf(step.input);
    const onlyBits = tail.store === undefined && tail.rowSums === undefined && tail.shortcut === undefined;
    const float = home.fraction === null && (sizeOf(tail.shape) === tail.shape.channels || onlyBits);
    if (this.numeric === 'float32' || step.fn !== null || float) return this.addFloatTail(step, step);
    const input = this.fixed(step.input);
    const unit = 2 ** -input.fraction;
    const entering: Entering = { kind: 'map', unit: () => unit, fraction: input.fraction, shift: 0 };
    this.emit({ ...step, input: input.ref, tail: this.fixedTail(step.name, tail, index, entering) });
    this.deliver(tail.store);
  }

  private addPool(step: PoolStep, index: number): void {
    if (this.numeric === 'float32') {
      const reciprocal = step.reciprocal === null ? null : this.keep(step.reciprocal);
      return this.addFloatTail(step, { ...step, reciprocal });
    }
    const input = this.fixed(step.input);
    const unit = 2 ** -input.fraction;
    const entering: Entering = { kind: 'map', unit: () => unit, fraction: input.fraction, shift: 0 };
    const taps = step.window.kernelHeight * step.window.kernelWidth;
    const table = Int32Array.from({ length: 2 * (taps + 1) }, (_, i) => {
      if (i < 2) return 0;
      const { multiplier, shift } = fixedReciprocal(i >> 1);
      return i % 2 === 0 ? multiplier : shift;
    });
    const reciprocal =
      step.kind === 'maxPool'
        ? null
        : this.constants.add(`${step.name}_reciprocal`, '1/count as a factor and a shift', {
            type: 'int32',
            data: table,
          });
    this.emit({ ...step, input: input.ref, reciprocal, tail: this.fixedTail(step.name, step.tail, index, entering) });
    this.deliver(step.tail.store);
  }

  private addConcat(step: ConcatStep): void {
    const parts = this.which.partsOf(step.output);
    if (this.numeric === 'float32' || parts.every((p) => this.homeOf(p).fraction === null)) {
      return this.emit({ ...step, input: this.float(step.input), output: this.makeFloat(step.output) });
    }
    const fractions = parts.map((p) => this.homeOf(p).fraction ?? fractionFor(this.ranges.buffers.get(p) ?? 0));
    const fraction = Math.min(...fractions);
    const input = this.fixed(step.input);
    const home = this.homes.get(step.output) ?? this.newHome(step.output, fraction);
    this.emit({ ...step, input: input.ref, output: home.ref, shift: Math.min(16, input.fraction - fraction) });
    if (step.offset + step.shape.channels === step.outputChannels) this.deliver(step.output);
  }
}

const ONE_TAP = {
  kernelHeight: 1,
  kernelWidth: 1,
  strideHeight: 1,
  strideWidth: 1,
  dilationHeight: 1,
  dilationWidth: 1,
  padTop: 0,
  padLeft: 0,
  padBottom: 0,
  padRight: 0,
};
