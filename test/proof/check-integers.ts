/**
 * What must hold for a Program with integers (clauses 11 to 15), however its ranges were chosen: the verifier takes it, and the
 * simulator leaves what the reference leaves, each tensor, each bit, and counts as many clipped values.
 */
import { calibrate } from '../../src/fixed/calibrate.js';
import { quantizeProgram } from '../../src/fixed/quantize-program.js';
import type { Ranges } from '../../src/fixed/ranges.js';
import type { NumericMode, Program } from '../../src/program/program.js';
import { verifyProgram } from '../../src/program/verify-program.js';
import { type BufferContents, elementReader } from '../../src/simulate/buffer-contents.js';
import { simulate } from '../../src/simulate/simulate.js';
import { tracedBuffers } from '../../src/target/c/plan-c.js';
import { seededRandom } from '../support/random.js';
import type { Checked } from './check-networks.js';
import { wasteOfBits } from './choice-of-formats.js';
import { differenceFromFloat } from './close-to-float.js';
import type { Plan } from './network-plan.js';
import { evaluateProgram, type Tensor } from './program-reference.js';
import { samplesOf } from './samples-of.js';
import type { IntegerMode, Integers } from './vector-graph.js';

function quantizeOptions(mode: IntegerMode): { numeric: NumericMode; firstLast: 'float32' | 'int8' } {
  return mode === 'fixed16' ? { numeric: 'fixed16', firstLast: 'int8' } : { numeric: 'float32', firstLast: 'int8' };
}

/** What calibration finds, each times a factor: far below 1 much saturates, far above little is left. */
export function scaledRanges(program: Program, inputs: Float32Array, factorOf: () => number): Ranges {
  const { tails, buffers, source } = calibrate(program, inputs);
  return {
    tails: new Map(
      [...tails].map(([i, r]) => {
        const factor = factorOf();
        return [i, { ...r, largest: factor * r.largest, entering: r.entering.map((v) => factor * v) }];
      }),
    ),
    buffers: new Map([...buffers].map(([ref, v]) => [ref, factorOf() * v])),
    source,
  };
}

/** The ranges that a plan asks for. */
export function plannedRanges(plan: Plan, program: Program, inputs: Float32Array): Ranges {
  const random = seededRandom(plan.seed);
  const powers = {
    calibrated: [0],
    tight: [-1, -2, -3, -6],
    wide: [3, 6, 9, 14],
    mixed: [-9, -4, -1, 0, 0, 1, 2, 5, 9],
  };
  const some = powers[plan.integers.ranges];
  const draw = (): number => 2 ** some[Math.floor(random() * some.length)]!;
  if (plan.integers.ranges === 'mixed') return scaledRanges(program, inputs, draw);
  const factor = draw();
  return scaledRanges(program, inputs, () => factor);
}

export function withIntegers(program: Program, ranges: Ranges, mode: IntegerMode): Program {
  return verifyProgram(quantizeProgram(program, ranges, quantizeOptions(mode)));
}

export interface IntegerCheck extends Pick<Integers, 'mode' | 'edit'> {
  readonly ranges: Ranges;
  /** Ranges that hold everything, over numbers of like size: then the float32 program says what must come out, nearly. */
  readonly fits: boolean;
}

/** `program`: float32, and finite over the inputs. */
export function checkIntegers(program: Program, inputs: Float32Array, how: IntegerCheck): Checked {
  const made = withIntegers(program, how.ranges, how.mode);
  const edited = how.edit ? how.edit(made) : made;
  const [first] = samplesOf(program, inputs);
  const text =
    differenceOfReference(edited, inputs) ??
    (how.fits ? (wasteOfBits(program, made, how.ranges) ?? differenceFromFloat(program, made, first!)) : null);
  return text ? { kind: 'wrong', text } : { kind: 'ready', rounded: true, item: { program: edited, inputs } };
}

/** Null, or the first place where simulator and reference part. */
export function differenceOfReference(program: Program, inputs: Float32Array): string | null {
  const traced = new Map(tracedBuffers(program).map(({ step, ref }) => [`${step} ${ref}`, ref]));
  for (const [sample, input] of samplesOf(program, inputs).entries()) {
    const expected = new Map<string, Tensor>();
    const clipped = evaluateProgram(program, input, (index, ref, tensor) => expected.set(`${index} ${ref}`, tensor));
    let text: string | null = null;
    const { saturated } = simulate(program, input, (step, index, contents) => {
      for (const [key, ref] of text === null ? traced : []) {
        if (key !== `${index} ${ref}`) continue;
        const difference = differenceOfTensor(program, ref, contents(ref), expected.get(key)!);
        if (difference) text = `sample ${sample}: simulator: step ${index} ${step.kind} ${step.name}, ${difference}`;
      }
    });
    if (text) return text;
    for (const [index, { name }] of program.steps.entries()) {
      const counted = saturated.filter((s) => s.step === name).reduce((sum, s) => sum + s.saturated, 0);
      if (counted !== clipped[index])
        return `sample ${sample}: ${name}: ${counted} clipped, reference ${clipped[index]}`;
    }
  }
  return null;
}

function differenceOfTensor(program: Program, ref: number, found: BufferContents, expected: Tensor): string | null {
  const { name, layout } = program.buffers[ref]!;
  const { channels, height, width } = layout.shape;
  const sums = layout.kind === 'rowSums';
  const show = (v: number): string => (Object.is(v, -0) ? '-0' : String(v));
  const at = reader(found, layout.kind, layout.shape);
  for (let c = 0, i = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < (sums ? 1 : width); x++, i++) {
        const [f, e] = [at(y, x, c), expected.data[i]!];
        if (!Object.is(f, e)) return `${name}, channel ${c}, y ${y}, x ${x}: ${show(f)}, reference ${show(e)}`;
      }
    }
  }
  return null;
}

/** Integers as they are. */
function reader(
  found: BufferContents,
  kind: Program['buffers'][number]['layout']['kind'],
  shape: Tensor['shape'],
): (y: number, x: number, c: number) => number {
  const { channels, height, width } = shape;
  if (found.kind === 'packed') return elementReader(found, shape);
  const { data } = found;
  switch (kind) {
    case 'rowSums':
      return (y, _x, c) => data[y * channels + c]!;
    case 'external':
      return (y, x, c) => data[(c * height + y) * width + x]!;
    default:
      return (y, x, c) => data[(y * width + x) * channels + c]!;
  }
}
