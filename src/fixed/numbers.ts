/**
 * The numbers that each step works in, for reports.
 *
 * Flows in: a Program with int16 maps, the float32 one that it was made of, and the ranges. Flows out: Numbers.
 */
import { fractionOf, type Program, type Step } from '../program/program.js';
import type { Ranges } from './ranges.js';

export interface StepNumbers {
  /** Of an int16: it stands for so many 2^-fraction. */
  readonly fraction: number;
  /** The largest of what the step computes, without its sign: seen in calibration, or expected. */
  readonly largest: number | null;
}

export interface Numbers {
  readonly source: Ranges['source'];
  /** That were calibrated with. */
  readonly samples: number;
  /** By the step's index; null: float32. */
  readonly steps: readonly (StepNumbers | null)[];
}

export function numbersOf(program: Program, float: Program, ranges: Ranges, samples: number): Numbers {
  const tails = new Map(float.steps.map((s, index) => [s.name, ranges.tails.get(index)?.largest ?? null]));
  const values = new Map(float.buffers.map((b, ref) => [b.value, ranges.buffers.get(ref) ?? null]));
  const numbers = (step: Step): StepNumbers | null => {
    if ('tail' in step) {
      const { fixed } = step.tail;
      return fixed ? { fraction: fixed.fraction, largest: tails.get(step.name) ?? null } : null;
    }
    const { layout, value } = program.buffers[step.output]!;
    const fraction = fractionOf(layout);
    return fraction === null ? null : { fraction, largest: values.get(value) ?? null };
  };
  return { source: ranges.source, samples, steps: program.steps.map(numbers) };
}
