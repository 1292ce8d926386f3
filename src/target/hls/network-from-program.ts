/**
 * Program (fixed16) -> EngineNetwork: which unit takes each step, and what has to be said in the engine's own terms.
 *
 * Flows in: a Program and the lanes of the engine's words. Flows out: an EngineNetwork; or every step that the engine has no
 * unit for, at once, each with its node and the cure.
 * Rewritten on the way, exactly: a channel order that words of LANES cannot hold becomes an int8 convolution that picks
 * channels; a pass over a vector becomes a diagonal dense layer; an unpacked map is stored as signs by the step that has its
 * threshold; a vector that is read as a map of one pixel becomes a dynamic bias over nothing.
 */
import type { MapShape } from '../../bnn/bnn-graph.js';
import { fixedMeanFactor } from '../../contract/pool.js';
import { DiagnosticBag } from '../../diagnostics/diagnostic.js';
import { describeStep } from '../../program/describe-step.js';
import {
  type BufferRef,
  type ConcatStep,
  type Constant,
  type ConstantRef,
  type FixedTail,
  fractionOf,
  type Int8Conv2dStep,
  type MapStep,
  type ParamRef,
  type Program,
  type QuantizeStep,
  type Step,
  sizeOf,
  type Tail,
} from '../../program/program.js';
import { functionThresholds } from './function-threshold.js';
import { ENGINE_LIMITS, type EngineLimits } from './limits.js';
import {
  type DenseSource,
  type EngineNetwork,
  hasTail,
  type Int8Source,
  type MapId,
  type NetworkBits,
  type NetworkMap,
  type NetworkOp,
  type NetworkParam,
  type NetworkTail,
  type NetworkVector,
  type TailOp,
  type VectorId,
} from './network.js';
import { ONE_TAP } from './windows.js';

export function networkFromProgram(
  program: Program,
  lanes: number,
  limits: EngineLimits = ENGINE_LIMITS,
): EngineNetwork {
  const draft = new Draft(program, lanes, limits);
  program.steps.forEach((step, index) => {
    draft.add(step, index);
  });
  return draft.finish();
}

/** sign_unit is a power of two that is an int16. */
const MOST_SIGN_FRACTION = 14;

type VectorValue = { readonly vector: VectorId; readonly negative: boolean };

class Draft {
  private readonly maps: NetworkMap[] = [];
  private readonly bits: NetworkBits[] = [];
  private readonly vectors: NetworkVector[] = [];
  private readonly ops: NetworkOp[] = [];
  private readonly bag = new DiagnosticBag();
  private readonly mapOf = new Map<BufferRef, MapId>();
  private readonly bitsOf = new Map<BufferRef, number>();
  private readonly vectorOf = new Map<BufferRef, VectorValue>();
  /** int16 vectors that were float32 ones, and are converted where they are read. */
  private readonly quantized = new Map<BufferRef, { readonly value: VectorValue; readonly fraction: number }>();
  private readonly unpacked = new Map<BufferRef, BufferRef>();
  /** What could not be made: readers of it are not problems of their own. */
  private readonly missing = new Set<BufferRef>();
  private readonly meanOf = new Map<BufferRef, { readonly output: BufferRef; readonly shape: MapShape }>();
  /** int16 maps that a step reads as float32. */
  private readonly floatMaps = new Map<BufferRef, MapId>();
  private readonly softmaxInput = new Map<BufferRef, BufferRef>();
  private outputMap: MapId | null = null;
  private readonly constants: Constant[];

  constructor(
    private readonly program: Program,
    private readonly lanes: number,
    private readonly limits: EngineLimits,
  ) {
    this.constants = [...program.constants];
    for (const step of program.steps) {
      if (step.kind === 'globalAveragePool' && !this.meanOf.has(step.rowSums)) {
        this.meanOf.set(step.rowSums, { output: step.output, shape: step.shape });
      }
    }
  }

  add(step: Step, index: number): void {
    switch (step.kind) {
      case 'quantize':
        return this.addQuantize(step, index);
      case 'dequantize':
        return this.addDequantize(step, index);
      case 'unpack':
        this.unpacked.set(step.output, step.input);
        return;
      case 'binaryConv2d':
        return this.addBinary(step, index);
      case 'int8Conv2d':
        return step.tail.fixed ? this.addInt8Conv(step, index) : this.addInt8Dense(step, index);
      case 'map':
        return step.tail.fixed ? this.addPass(step, index) : this.addVectorPass(step, index);
      case 'maxPool':
      case 'averagePool':
        return this.addPool(step, index);
      case 'globalAveragePool': {
        const first = this.meanOf.get(step.rowSums)!;
        const known = this.vectorOf.get(first.output);
        if (known) this.vectorOf.set(step.output, known);
        else this.giveUp(step, [step.output], [step.rowSums], 'sums of float32 maps');
        return;
      }
      case 'dense':
        return this.addDense(step, index);
      case 'concat':
        return this.addConcat(step, index);
      case 'softmax':
        if (this.place(step.output) === 'output') this.softmaxInput.set(step.output, step.input);
        else this.giveUp(step, [step.output], [step.input], 'softmax before the output');
        return;
      case 'conv2d':
        return this.giveUp(step, [step.tail.store, step.tail.bits?.buffer], [step.input], 'a float convolution');
      case 'toChannelsLast':
      case 'toChannelsFirst':
        return this.giveUp(step, [step.output], [step.input], 'a float32 map');
    }
  }

  finish(): EngineNetwork {
    const { program } = this;
    const outputRef = program.buffers.findIndex((b) => b.placement.kind === 'output');
    const softmax = this.softmaxInput.get(outputRef);
    const value = this.vectorOf.get(softmax ?? outputRef);
    const input = this.maps.findIndex((m) => m.role === 'input');
    const outputShape = program.buffers[outputRef]!.layout.shape;
    if (value) {
      const length = sizeOf(program.buffers[softmax ?? outputRef]!.layout.shape);
      const source = program.steps.length - 1;
      const vector = this.settled(value, 'output', source);
      this.ops.push({ kind: 'output', name: 'output', source, input: vector, length });
    } else if (this.outputMap === null && !this.bag.hasErrors) {
      this.bag.error('DYB408', { node: 'output', found: 'an output that the engine does not make' });
    }
    if (input < 0 && !this.bag.hasErrors) {
      this.bag.error('DYB408', { node: program.input.name, found: 'an input that no step reads as a map' });
    }
    this.bag.throwIfAny();
    const last = this.ops.at(-1)!;
    return {
      maps: this.maps,
      bits: this.bits,
      vectors: this.vectors,
      ops: this.ops,
      constants: this.constants,
      input,
      output: last.kind === 'output' ? { kind: 'vector', vector: last.input } : { kind: 'map', map: this.outputMap! },
      outputShape,
      hostSteps: softmax === undefined ? [] : ['softmax'],
    };
  }

  // ---- problems

  private giveUp(
    step: Step,
    makes: readonly (BufferRef | undefined)[],
    reads: readonly BufferRef[],
    found: string,
    hint?: string,
  ): void {
    for (const ref of makes) if (ref !== undefined) this.missing.add(ref);
    if (reads.some((r) => this.missing.has(r))) return;
    this.bag.error('DYB408', {
      node: step.origin[0] ?? step.name,
      found: `${found} (${describeStep(step)})`,
      supported: 'binary and int8 convolutions, pools, passes over int16 maps, dense layers',
      hint: hint ?? 'use the C target for this network, or train it without this step',
    });
  }

  private giveUpTail(step: Extract<Step, { tail: Tail }>, found: string, hint?: string): void {
    const { tail } = step;
    const params = [tail.bias, tail.prelu?.gamma, tail.prelu?.zeta, tail.bits?.threshold];
    const dynamic = params.flatMap((p) => (p?.kind === 'buffer' ? [p.ref] : []));
    const shortcut = tail.shortcut ? [tail.shortcut.buffer] : [];
    this.giveUp(
      step,
      [tail.store, tail.rowSums, tail.bits?.buffer],
      [step.input, ...shortcut, ...dynamic],
      found,
      hint,
    );
  }

  // ---- values

  private place(ref: BufferRef): 'input' | 'output' | 'workspace' {
    return this.program.buffers[ref]!.placement.kind;
  }

  private newMap(map: Omit<NetworkMap, 'role'>, role: NetworkMap['role'] = 'inner'): MapId {
    return this.maps.push({ ...map, role }) - 1;
  }

  private mapOfBuffer(ref: BufferRef, role: NetworkMap['role'] = 'inner'): MapId {
    const known = this.mapOf.get(ref);
    if (known !== undefined) return known;
    const { name, layout } = this.program.buffers[ref]!;
    const map = this.newMap({ name, shape: layout.shape, fraction: fractionOf(layout) ?? 0, buffer: ref }, role);
    this.mapOf.set(ref, map);
    return map;
  }

  private newVector(name: string, length: number, buffer: BufferRef | null): VectorId {
    const vector = this.vectors.push({ name, length, buffer }) - 1;
    if (buffer !== null) this.vectorOf.set(buffer, { vector, negative: false });
    return vector;
  }

  /** A map to read: one in memory, or a vector of int16 put there. */
  private readMap(ref: BufferRef, name: string, source: number): MapId | null {
    const known = this.mapOf.get(ref);
    if (known !== undefined) return known;
    const quantized = this.quantized.get(ref);
    return quantized ? this.vectorAsMap(ref, quantized, name, source) : null;
  }

  /** Zero times anything, plus the vector as a bias (12.1, 12.2): a map of one pixel. */
  private vectorAsMap(
    ref: BufferRef,
    { value, fraction }: { readonly value: VectorValue; readonly fraction: number },
    name: string,
    source: number,
  ): MapId | null {
    const { shape } = this.program.buffers[ref]!.layout;
    const nothing = this.newMap({ name: `${name}_nothing`, shape, fraction, buffer: null });
    const map = this.mapOfBuffer(ref);
    const bias: NetworkParam = {
      kind: 'vector',
      vector: this.settled(value, name, source),
      multiplier: 2 ** fraction,
      buffer: ref,
    };
    const tail: NetworkTail = { ...emptyTail(shape), entryShift: 16, bias, store: { map, channel: 0 } };
    this.ops.push({ kind: 'pass', name: `${name}_as_map`, source, input: nothing, tail });
    return map;
  }

  /** A vector to read; a map of one pixel is taken over its exact sums (13.1: the mean of one pixel). */
  private readVector(ref: BufferRef, name: string, source: number): VectorValue | null {
    const known = this.vectorOf.get(ref);
    if (known) return known;
    const map = this.mapOf.get(ref);
    const { layout } = this.program.buffers[ref]!;
    if (map === undefined || layout.shape.height * layout.shape.width !== 1) return null;
    const tail: NetworkTail = { ...emptyTail(layout.shape), sums: { buffer: null } };
    this.ops.push({ kind: 'pass', name: `${name}_sums`, source, input: map, tail });
    const vector = this.newVector(`${name}_as_vector`, layout.shape.channels, null);
    const factor = 2 ** -(fractionOf(layout) ?? 0);
    this.ops.push({
      kind: 'mean',
      name: `${name}_as_vector`,
      source,
      channels: layout.shape.channels,
      factor,
      output: vector,
    });
    this.vectorOf.set(ref, { vector, negative: false });
    return { vector, negative: false };
  }

  /** The vector to read: a negated one is made by negated weights where a plain dense layer makes it. */
  private settled(value: VectorValue, name: string, source: number): VectorId {
    if (!value.negative) return value.vector;
    const known = this.negatives.get(value.vector);
    if (known !== undefined) return known;
    const { length } = this.vectors[value.vector]!;
    const at = this.ops.findIndex((op) => op.kind === 'dense' && op.parts.some((p) => p.output === value.vector));
    const op = this.ops[at];
    const part = op?.kind === 'dense' ? op.parts.find((p) => p.output === value.vector) : undefined;
    let negative: VectorId;
    if (op?.kind === 'dense' && op.fn === null && part?.source.kind === 'constant') {
      negative = this.newVector(`${name}_negated`, length, null);
      const negated = { ...part, output: negative, source: { ...part.source, negate: !part.source.negate } };
      this.ops[at] = { ...op, parts: [...op.parts, negated] };
    } else {
      const factors = new Float32Array(length).fill(-1);
      negative = this.diagonal(value.vector, factors, new Float32Array(length), `${name}_negated`, source, null, null);
    }
    this.negatives.set(value.vector, negative);
    return negative;
  }
  private readonly negatives = new Map<VectorId, VectorId>();

  private diagonal(
    input: VectorId,
    factors: Float32Array,
    summands: Float32Array,
    name: string,
    source: number,
    fn: Extract<Step, { kind: 'dense' }>['fn'],
    buffer: BufferRef | null,
  ): VectorId {
    const length = factors.length;
    const output = this.newVector(name, length, buffer);
    const part = { output, outputs: length, source: { kind: 'diagonal', factors, summands } as DenseSource };
    this.ops.push({ kind: 'dense', name, source, input, inputs: length, fn, parts: [part] });
    return output;
  }

  private param(param: ParamRef, fraction: number, name: string, source: number): NetworkParam | null {
    if (param.kind === 'constant') return { kind: 'constant', ref: param.ref };
    const quantized = this.quantized.get(param.ref);
    const value = quantized?.value ?? this.readVector(param.ref, name, source);
    if (!value) return null;
    const multiplier = 2 ** (quantized?.fraction ?? fraction);
    const vector = this.settled(value, name, source);
    return { kind: 'vector', vector, multiplier, buffer: quantized ? param.ref : null };
  }

  // ---- ends and conversions

  private addQuantize(step: QuantizeStep, index: number): void {
    const { input, output, shape, fraction } = step;
    if (this.place(input) === 'input') {
      this.mapOfBuffer(output, 'input');
      return;
    }
    const packed = this.unpacked.get(input);
    if (packed !== undefined) return this.addSigns(step, packed, index);
    const value = this.vectorOf.get(input);
    if (value) {
      this.quantized.set(output, { value, fraction });
      return;
    }
    const found = shape.height * shape.width === 1 ? 'a vector' : 'a float32 map';
    this.giveUp(step, [output], [input], found);
  }

  /** +-1 as int16: whichever step has the threshold stores signs instead of values. */
  private addSigns(step: QuantizeStep, packed: BufferRef, index: number): void {
    const bits = this.bitsOf.get(packed);
    const at = this.ops.findIndex((op) => hasTail(op) && op.tail.bits === bits && bits !== undefined);
    const maker = this.ops[at];
    const isVector = sizeOf(step.shape) === step.shape.channels;
    const tooFine = !isVector && step.fraction > MOST_SIGN_FRACTION;
    if (!maker || !hasTail(maker) || (maker.tail.store === null && maker.tail.sums !== null) || tooFine) {
      return this.giveUp(step, [step.output], [packed], 'a binary map that is read as numbers');
    }
    const signs = 2 ** Math.min(MOST_SIGN_FRACTION, step.fraction);
    const store = isVector ? null : { map: this.mapOfBuffer(step.output), channel: 0 };
    const sums = isVector ? { buffer: null } : null;
    const made: NetworkOp[] = [];
    if (maker.tail.store === null) {
      this.ops[at] = { ...maker, tail: { ...maker.tail, signs, store, sums } } as TailOp;
    } else {
      const { shape, alpha } = maker.tail;
      const tail: NetworkTail = { ...emptyTail(shape), alpha, signs, store, sums };
      const input = maker.tail.store.map;
      made.push({ kind: 'pass', name: `${step.name}_signs`, source: index, input, tail });
    }
    if (isVector) {
      const { channels } = step.shape;
      const output = this.newVector(`${step.name}_vector`, channels, null);
      made.push({ kind: 'mean', name: `${step.name}_mean`, source: index, channels, factor: 1 / signs, output });
      this.quantized.set(step.output, { value: { vector: output, negative: false }, fraction: step.fraction });
    }
    // Right behind their maker: its map and its sums are still there.
    this.ops.splice(at + 1, 0, ...made);
  }

  private addDequantize(step: Extract<Step, { kind: 'dequantize' }>, index: number): void {
    const map = this.mapOf.get(step.input);
    if (map !== undefined && this.place(step.output) === 'output') {
      this.maps[map] = { ...this.maps[map]!, role: 'output' };
      this.outputMap = map;
      return;
    }
    // A map as float32: its reader says what it would do with it.
    const { height, width } = step.shape;
    if (map !== undefined && height * width > 1) {
      this.floatMaps.set(step.output, map);
      return;
    }
    const value = this.readVector(step.input, step.name, index);
    if (value) this.vectorOf.set(step.output, value);
    else this.giveUp(step, [step.output], [step.input], 'a float32 map');
  }

  // ---- tails

  private tail(step: Extract<Step, { tail: Tail }>, fixed: FixedTail, index: number): NetworkTail | null {
    const { tail, name } = step;
    const { shape, scale, shortcut, prelu, bits, store, rowSums } = tail;
    const problems: string[] = [];
    const param = (p: ParamRef | null | undefined): NetworkParam | null => {
      if (!p) return null;
      const made = this.param(p, fixed.fraction, name, index);
      if (!made) problems.push('a parameter that is not a vector');
      return made;
    };
    const bias = param(tail.bias);
    const gamma = param(prelu?.gamma);
    const zeta = param(prelu?.zeta);
    const threshold = param(bits?.threshold);
    const source = shortcut ? this.readShortcut(shortcut.buffer, shape.channels, name, index) : null;
    if (shortcut && source === null) problems.push('a shortcut that is not an int16 map');
    if (problems.length > 0) {
      this.giveUpTail(step, problems[0]!);
      return null;
    }
    return {
      shape,
      entryShift: fixed.entryShift,
      scale:
        scale === undefined || fixed.offset === undefined
          ? null
          : { multiplier: scale, offset: fixed.offset, shift: fixed.scaleShift },
      bias,
      shortcut:
        shortcut && source !== null
          ? {
              map: source,
              channels: this.maps[source]!.shape.channels,
              pool: shortcut.pool,
              shift: fixed.shortcutShift + (shortcut.pool === 2 ? 2 : 0),
            }
          : null,
      prelu: prelu
        ? { gamma, slope: prelu.slope, slopeShift: fixed.slopeShift, zeta, ge: prelu.compare === 'ge' }
        : null,
      store: store === undefined ? null : { map: this.mapOfBuffer(store), channel: 0 },
      sums: rowSums === undefined ? null : { buffer: rowSums },
      alpha: bits && threshold ? { threshold, gt: bits.compare === 'gt' } : null,
      bits: bits ? this.bitsOfBuffer(bits.buffer) : null,
      signs: null,
    };
  }

  private bitsOfBuffer(ref: BufferRef): number {
    const { name, layout } = this.program.buffers[ref]!;
    const bits = this.bits.push({ name, shape: layout.shape, buffer: ref }) - 1;
    this.bitsOf.set(ref, bits);
    return bits;
  }

  /** The shortcut's map, with its channels repeated where words of LANES cannot do that. */
  private readShortcut(ref: BufferRef, channels: number, name: string, source: number): MapId | null {
    const map = this.readMap(ref, name, source);
    if (map === null) return null;
    const { shape, fraction } = this.maps[map]!;
    if (shape.channels === channels || shape.channels % this.lanes === 0) return map;
    const picks = Array.from({ length: channels }, (_, c) => c % shape.channels);
    return this.picked(map, picks, fraction, 0, null, `${name}_shortcut`, source);
  }

  /** A map whose channels are picked from another's: weights of 1, exact (14.1). */
  private picked(
    input: MapId,
    picks: readonly (number | null)[],
    fraction: number,
    entryShift: number,
    onto: MapId | null,
    name: string,
    source: number,
    store?: MapId,
  ): MapId {
    const { height, width, channels: inputs } = this.maps[input]!.shape;
    const shape = { channels: picks.length, height, width };
    const map = store ?? this.newMap({ name, shape, fraction, buffer: null });
    const shortcut = onto === null ? null : { map: onto, channels: picks.length, pool: 1 as const, shift: 0 };
    const tail: NetworkTail = { ...emptyTail(shape), entryShift, shortcut, store: { map, channel: 0 } };
    const weights: Int8Source = { kind: 'select', inputs, picks };
    this.ops.push({ kind: 'int8Conv', name, source, input, window: ONE_TAP, weights, tail });
    return map;
  }

  /** After a step with sums: their mean, where the network wants it. */
  private emit(op: TailOp): void {
    this.ops.push(op);
    const buffer = op.tail.sums?.buffer;
    if (buffer === null || buffer === undefined) return;
    const mean = this.meanOf.get(buffer);
    if (!mean) return;
    const { channels, height, width } = mean.shape;
    const fraction = fractionOf(this.program.buffers[buffer]!.layout) ?? 0;
    const { name } = this.program.buffers[mean.output]!;
    const output = this.newVector(name, channels, mean.output);
    const factor = fixedMeanFactor(height * width, fraction);
    this.ops.push({ kind: 'mean', name, source: op.source, channels, factor, output });
  }

  // ---- steps

  private addBinary(step: Extract<Step, { kind: 'binaryConv2d' }>, index: number): void {
    const input = this.bitsOf.get(step.input);
    if (input === undefined || !step.tail.fixed) return this.giveUpTail(step, 'a packed map that the engine lacks');
    const tail = this.tail(step, step.tail.fixed, index);
    if (!tail) return;
    const { name, window, weights } = step;
    this.emit({ kind: 'binaryConv', name, source: index, input, window, weights, tail });
  }

  private addInt8Conv(step: Int8Conv2dStep, index: number): void {
    const input = this.readMap(step.input, step.name, index);
    if (input === null || !step.tail.fixed) return this.giveUpTail(step, 'an input that is not an int16 map');
    const tail = this.tail(step, step.tail.fixed, index);
    if (!tail) return;
    this.emit({
      kind: 'int8Conv',
      name: step.name,
      source: index,
      input,
      window: step.window,
      weights: int8Source(step),
      tail,
    });
  }

  /** 14.3: the classifier. */
  private addInt8Dense(step: Int8Conv2dStep, index: number): void {
    const { tail, name, inputShape } = step;
    const { scale, bias, store } = tail;
    const onlyScale =
      tail.shortcut === undefined && tail.prelu === undefined && tail.rowSums === undefined && !tail.bits;
    const fits = sizeOf(inputShape) === inputShape.channels && sizeOf(tail.shape) === tail.shape.channels;
    const quantized = this.quantized.get(step.input);
    const own = quantized ? null : this.readVector(step.input, name, index);
    const value = quantized?.value ?? own;
    const fraction = quantized?.fraction ?? fractionOf(this.program.buffers[step.input]!.layout);
    if (!value || fraction === null || !fits || !onlyScale || bias?.kind !== 'constant' || scale === undefined) {
      return this.giveUpTail(step, 'an int8 layer with a float32 result that is not a plain dense layer');
    }
    const output = this.newVector(name, tail.shape.channels, store ?? null);
    this.ops.push({
      kind: 'int8Dense',
      name,
      source: index,
      input: this.settled(value, name, index),
      inputs: inputShape.channels,
      outputs: tail.shape.channels,
      multiplier: 2 ** fraction,
      weights: int8Source(step),
      scale,
      bias: bias.ref,
      output,
    });
  }

  private addPass(step: MapStep, index: number): void {
    const { fixed } = step.tail;
    const input = this.readMap(step.input, step.name, index);
    if (input === null || !fixed) return this.giveUpTail(step, 'an input that is not an int16 map');
    const tail = this.tail(step, fixed, index);
    if (tail) this.emit({ kind: 'pass', name: step.name, source: index, input, tail });
  }

  /** Passes over float32 vectors are diagonal dense layers: a factor, a summand, a function. */
  private addVectorPass(step: MapStep, index: number): void {
    const { tail, fn, name } = step;
    const { scale, bias, store } = tail;
    if (this.addFunctionThreshold(step, index)) return;
    const value = this.vectorOf.get(step.input);
    const plain = tail.shortcut === undefined && tail.prelu === undefined && tail.rowSums === undefined && !tail.bits;
    const length = tail.shape.channels;
    if (!value || !plain || store === undefined || bias?.kind === 'buffer' || sizeOf(tail.shape) !== length) {
      const what = step.fn ? `the function ${step.fn.kind} over a map` : 'a float32 pass that is not scale and bias';
      return this.giveUpTail(step, what);
    }
    let current = value;
    if (fn?.kind === 'negate') current = { ...current, negative: !current.negative };
    else if (fn) {
      const factors = new Float32Array(length).fill(current.negative ? -1 : 1);
      const output = this.diagonal(
        current.vector,
        factors,
        new Float32Array(length),
        `${name}_${fn.kind}`,
        index,
        fn,
        null,
      );
      current = { vector: output, negative: false };
    }
    if (scale !== undefined || bias) {
      const factors = (scale === undefined ? new Float32Array(length).fill(1) : this.floats(scale)).slice(0, length);
      if (current.negative)
        factors.forEach((f, i) => {
          factors[i] = -f;
        });
      const summands = bias ? this.floats(bias.ref).slice(0, length) : new Float32Array(length);
      summands.forEach((s, i) => {
        summands[i] = s === 0 ? 0 : s;
      });
      const output = this.diagonal(current.vector, factors, summands, name, index, null, store);
      current = { vector: output, negative: false };
    }
    this.vectorOf.set(store, current);
  }

  /** A function of a map of which only signs are left. */
  private addFunctionThreshold(step: MapStep, index: number): boolean {
    const { tail, fn, name } = step;
    const input = this.floatMaps.get(step.input);
    const { shape, bits } = tail;
    const onlyBits =
      tail.scale === undefined &&
      tail.bias === undefined &&
      tail.shortcut === undefined &&
      tail.prelu === undefined &&
      tail.store === undefined &&
      tail.rowSums === undefined;
    if (input === undefined || !fn || !onlyBits || bits?.threshold.kind !== 'constant') return false;
    const alphas = this.floats(bits.threshold.ref);
    const data = functionThresholds(fn, alphas, bits.compare, this.maps[input]!.fraction);
    if (!data) return false;
    const comment = `threshold before ${fn.kind}`;
    const ref = this.constants.push({ name: `${name}_${fn.kind}`, comment, value: { type: 'int16', data } }) - 1;
    const alpha = { threshold: { kind: 'constant', ref } as const, gt: false };
    const tailMade: NetworkTail = { ...emptyTail(shape), alpha, bits: this.bitsOfBuffer(bits.buffer) };
    this.ops.push({ kind: 'pass', name, source: index, input, tail: tailMade });
    return true;
  }

  private floats(ref: ConstantRef): Float32Array {
    const { value } = this.constants[ref]!;
    if (value.type !== 'float32') throw new Error('a constant is not float32');
    return value.data;
  }

  private addPool(step: Extract<Step, { kind: 'maxPool' | 'averagePool' }>, index: number): void {
    const input = this.readMap(step.input, step.name, index);
    if (input === null || !step.tail.fixed) return this.giveUpTail(step, 'an input that is not an int16 map');
    const excludePad = step.kind === 'averagePool' && !step.countIncludePad;
    const pixels = step.window.kernelHeight * step.window.kernelWidth;
    const most = excludePad ? this.limits.poolPixelsExcludingPad : this.limits.poolPixels;
    if (step.kind === 'averagePool' && pixels > most) {
      return this.giveUpTail(step, `an average over ${pixels} pixels`, `at most ${most} pixels are supported`);
    }
    const tail = this.tail(step, step.tail.fixed, index);
    if (!tail) return;
    this.emit({ kind: step.kind, name: step.name, source: index, input, window: step.window, excludePad, tail });
  }

  private addDense(step: Extract<Step, { kind: 'dense' }>, index: number): void {
    const { name, inputs, outputs, weights, acc } = step;
    const value = this.readVector(step.input, name, index);
    if (!value) return this.giveUp(step, [step.output], [step.input], 'an input that is not a vector');
    const input = this.settled(value, name, index);
    const negates = step.fn?.kind === 'negate';
    const output = this.newVector(name, outputs, step.output);
    if (negates) this.vectorOf.set(step.output, { vector: output, negative: true });
    const fn = negates ? null : step.fn;
    const part = { output, outputs, source: { kind: 'constant', weights, acc, negate: false } as DenseSource };
    this.ops.push({ kind: 'dense', name, source: index, input, inputs, fn, parts: [part] });
  }

  /** Parts at whole words are passes into the output map; others are picked and added up. */
  private addConcat(step: ConcatStep, index: number): void {
    const { name, output, offset, shape, outputChannels, shift = 0 } = step;
    const input = this.readMap(step.input, name, index);
    if (input === null) return this.giveUp(step, [output], [step.input], 'a part that is not an int16 map');
    const parts = this.program.steps.filter((s): s is ConcatStep => s.kind === 'concat' && s.output === output);
    const last = offset + shape.channels === outputChannels;
    const whole = parts.every((p) => p.offset % this.lanes === 0);
    const map = this.mapOfBuffer(output);
    if (whole) {
      const tail: NetworkTail = { ...emptyTail(shape), entryShift: shift, store: { map, channel: offset } };
      this.ops.push({ kind: 'pass', name, source: index, input, tail });
      return;
    }
    const picks = Array.from({ length: outputChannels }, (_, c) =>
      c >= offset && c < offset + shape.channels ? c - offset : null,
    );
    const fraction = this.maps[map]!.fraction;
    const before = this.partial.get(output) ?? null;
    const store = last ? map : undefined;
    this.partial.set(output, this.picked(input, picks, fraction, shift, before, name, index, store));
  }

  /** Concatenations of which some parts are added up. */
  private readonly partial = new Map<BufferRef, MapId>();
}

function int8Source(step: Int8Conv2dStep): Int8Source {
  const { weights: ref, window, group, inputShape, tail } = step;
  return { kind: 'constant', ref, window, group, inputs: inputShape.channels, outputs: tail.shape.channels };
}

export function emptyTail(shape: MapShape): NetworkTail {
  return {
    shape,
    entryShift: 0,
    scale: null,
    bias: null,
    shortcut: null,
    prelu: null,
    store: null,
    sums: null,
    alpha: null,
    bits: null,
    signs: null,
  };
}
