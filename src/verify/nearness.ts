/**
 * How near a Program with integers comes to float32, step by step: signal-to-noise of real values, signs that differ.
 *
 * Integers round on purpose, so there is no bound to hold them to; what they cost is said in numbers. `own`: each step is given
 * the reference's values, rounded to its integers, so what differs is that step's alone. `free`: each runs by itself from the
 * input on; a sign that flips early changes what follows.
 *
 * Flows in: the Program, and for each sample the reference's values in ONNX's order (ONNX Runtime's, or the float32
 * simulator's). Flows out: Nearness for each step.
 */
import type { BnnGraph, ValueId } from '../bnn/bnn-graph.js';
import { toFixed } from '../contract/fixed.js';
import { type PackedMap, pixelOffset, readBit } from '../contract/packing.js';
import { accessesOf, type BufferRef, type Program, type Step } from '../program/program.js';
import type { BufferContents } from '../simulate/buffer-contents.js';
import { simulate } from '../simulate/simulate.js';
import { forElements, isPartOfConcat } from './elements.js';
import { observedProgram } from './observed-program.js';
import type { Nearness, StepNearness } from './report.js';

export type ReferenceValues = ReadonlyMap<ValueId, Float32Array>;

/** Whether its numbers differ from float32 by more than rounding. */
export function hasIntegers(program: Program): boolean {
  return program.numeric === 'fixed16' || program.steps.some((s) => s.kind === 'int8Conv2d');
}

class Tally {
  private reals = 0;
  private signal = 0;
  private noise = 0;
  private signs = 0;
  private flips = 0;

  real(found: number, expected: number): void {
    this.reals++;
    this.signal += expected * expected;
    this.noise += (found - expected) ** 2;
  }

  sign(found: number, expected: number): void {
    this.signs++;
    if (found !== expected) this.flips++;
  }

  nearness(): Nearness | null {
    const { reals, signal, noise, signs, flips } = this;
    if (reals + signs === 0) return null;
    return { reals, snr: noise === 0 ? null : 10 * Math.log10(signal / noise), signs, flips };
  }
}

export class NearnessComparison {
  private readonly observed: Program;
  private readonly own: readonly Tally[];
  private readonly free: readonly Tally[];

  constructor(program: Program, graph: BnnGraph) {
    this.observed = observedProgram(program, graph);
    this.own = program.steps.map(() => new Tally());
    this.free = program.steps.map(() => new Tally());
  }

  /** Null where the reference has none of its values. */
  layer(step: number): StepNearness | null {
    const own = this.own[step]!.nearness();
    const free = this.free[step]!.nearness();
    return own && free && { own, free };
  }

  /** One sample; the output of the free run is returned. */
  add(input: Float32Array, reference: ReferenceValues): Float32Array {
    simulate(this.observed, input, (step, index, contents) => {
      if (isPartOfConcat(step)) return;
      for (const ref of accessesOf(step).writes) {
        this.compare(ref, contents(ref), reference, this.own[index]!);
        this.replace(ref, contents(ref), reference);
      }
    });
    return simulate(this.observed, input, (step, index, contents) => {
      if (isPartOfConcat(step)) return;
      for (const ref of accessesOf(step).writes) this.compare(ref, contents(ref), reference, this.free[index]!);
    }).output;
  }

  private compare(ref: BufferRef, contents: BufferContents, reference: ReferenceValues, tally: Tally): void {
    const { layout, value } = this.observed.buffers[ref]!;
    const expected = reference.get(value);
    if (!expected || layout.kind === 'rowSums') return;
    const unit = contents.kind === 'fixed' ? 2 ** -contents.fraction : 1;
    forElements(layout.shape, layout.kind === 'external', (here, there, c, y, x) => {
      const e = expected[there]!;
      if (contents.kind !== 'packed') tally.real(contents.data[here]! * unit, e);
      // sign(0), which a bit cannot hold, is no flip.
      else if (e !== 0) tally.sign(readBit(contents.map, y, x, c), e > 0 ? 1 : 0);
    });
  }

  /** Puts the reference's values in the place of ours, for the steps to come. */
  private replace(ref: BufferRef, contents: BufferContents, reference: ReferenceValues): void {
    const { layout, value } = this.observed.buffers[ref]!;
    const expected = reference.get(value);
    if (!expected) return;
    const counts = { saturated: 0 };
    const { channels } = layout.shape;
    if (layout.kind === 'rowSums' && contents.kind !== 'packed') {
      contents.data.fill(0);
      forElements(layout.shape, false, (_here, there, c, y) => {
        const e = expected[there]!;
        const at = y * channels + c;
        contents.data[at] = contents.data[at]! + (contents.kind === 'real' ? e : toFixed(e, contents.fraction, counts));
      });
      return;
    }
    forElements(layout.shape, layout.kind === 'external', (here, there, c, y, x) => {
      const e = expected[there]!;
      if (contents.kind === 'packed') {
        if (e !== 0) writeBit(contents.map, y, x, c, e > 0 ? 1 : 0);
      } else if (contents.kind === 'real') contents.data[here] = e;
      else contents.data[here] = toFixed(e, contents.fraction, counts);
    });
  }
}

function writeBit(map: PackedMap, y: number, x: number, c: number, bit: 0 | 1): void {
  const at = pixelOffset(map, y, x) + (c >>> 5);
  const mask = 1 << (c & 31);
  map.data[at] = (bit === 1 ? map.data[at]! | mask : map.data[at]! & ~mask) >>> 0;
}

/** What the float32 simulator makes of a sample, in ONNX's order: the reference where ONNX Runtime is not at hand. */
export class FloatReference {
  private readonly observed: Program;

  constructor(floatProgram: Program, graph: BnnGraph) {
    this.observed = observedProgram(floatProgram, graph);
  }

  values(input: Float32Array): { readonly values: ReferenceValues; readonly output: Float32Array } {
    const values = new Map<ValueId, Float32Array>();
    const note = (step: Step, ref: BufferRef, contents: BufferContents): void => {
      const { layout, value } = this.observed.buffers[ref]!;
      if (layout.kind === 'rowSums' || isPartOfConcat(step) || values.has(value)) return;
      const { channels, height, width } = layout.shape;
      const data = new Float32Array(channels * height * width);
      forElements(layout.shape, layout.kind === 'external', (here, there, c, y, x) => {
        data[there] = contents.kind === 'packed' ? 2 * readBit(contents.map, y, x, c) - 1 : contents.data[here]!;
      });
      values.set(value, data);
    };
    const { output } = simulate(this.observed, input, (step, _index, contents) => {
      for (const ref of accessesOf(step).writes) note(step, ref, contents(ref));
    });
    return { values, output };
  }
}
