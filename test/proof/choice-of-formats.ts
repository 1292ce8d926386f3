/**
 * Whether a Program's formats are the best that its ranges allow: fractions hold the largest number with some room and no more,
 * factors and slopes have no leading zeros, accumulators lose no bit that would fit.
 */
import type { Ranges } from '../../src/fixed/ranges.js';
import type { Conv2dStep, DenseStep, Program, Step } from '../../src/program/program.js';

const MAX = 32767;
const FRACTIONS = { least: -14, most: 30 } as const;
/** Room above the largest number is less than this factor; a power of two more is wasted. */
const ROOM = 1.3;

/** Null, or what is wasted or too small. `ranges`: of the float32 program that was quantized. */
export function wasteOfBits(float: Program, integers: Program, ranges: Ranges): string | null {
  const byName = new Map(float.steps.map((step, index) => [step.name, { step, index }]));
  for (const s of integers.steps) {
    const f = byName.get(s.name);
    const text =
      s.kind === 'quantize' && f
        ? ofInput(float, ranges, f.step, s.fraction)
        : f
          ? ofTail(float, integers, ranges, s, f)
          : null;
    if (text) return `${s.name}: ${text}`;
  }
  return null;
}

/** Null where `fraction` is the finest that holds `largest`. */
function wrongFraction(largest: number, fraction: number): string | null {
  if (largest * 2 ** fraction > MAX && fraction > FRACTIONS.least)
    return `fraction ${fraction} does not hold ${largest}`;
  if (largest > 0 && 2 * ROOM * largest * 2 ** fraction < MAX && fraction < FRACTIONS.most)
    return `fraction ${fraction} is coarse for ${largest}`;
  return null;
}

function ofInput(float: Program, ranges: Ranges, step: Step, fraction: number): string | null {
  if (!('input' in step) || float.buffers[step.input]!.placement.kind !== 'input') return null;
  return wrongFraction(ranges.buffers.get(step.input) ?? 0, fraction);
}

/** Null where the numbers, shifted as far as `shift` says, have no leading zeros. */
function wrongShift(what: string, numbers: ArrayLike<number>, shift: number): string | null {
  const largest = Array.from(numbers).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return shift < 15 && largest > 0 && largest < 16383
    ? `${what} of at most ${largest} are shifted by ${shift} only`
    : null;
}

function ofTail(
  float: Program,
  integers: Program,
  ranges: Ranges,
  s: Step,
  { step: f, index }: { readonly step: Step; readonly index: number },
): string | null {
  if (!('tail' in s) || !s.tail.fixed) return null;
  const { fixed, scale, prelu, shortcut } = s.tail;
  const numbersOf = (ref: number): ArrayLike<number> => integers.constants[ref]!.value.data;
  const fractionOf = (ref: number): number | undefined => {
    const { layout } = integers.buffers[ref]!;
    return layout.kind === 'map' ? layout.fraction : undefined;
  };
  const limits = [
    shortcut && fractionOf(shortcut.buffer),
    scale === undefined && 'input' in s ? fractionOf(s.input) : undefined,
  ];
  const dots = s.kind === 'binaryConv2d' && scale === undefined;
  // One unit that enters may be more than all that was seen to leave: a finer fraction would not hold its factor.
  const widest = scale === undefined ? 0 : Math.max(0, ...Array.from(numbersOf(scale), Math.abs));
  const fullFactors = fixed.scaleShift === 0 && 2 * widest > MAX;
  const limited = dots ? fixed.fraction === 0 : fullFactors || limits.includes(fixed.fraction);
  const largest = ranges.tails.get(index)?.largest ?? 0;
  return (
    (limited ? null : wrongFraction(largest, fixed.fraction)) ??
    (limits.some((l) => l !== undefined && l < fixed.fraction) ? 'a fraction finer than what is added' : null) ??
    (scale === undefined ? null : wrongShift('factors', numbersOf(scale), fixed.scaleShift)) ??
    (prelu ? wrongShift('slopes', numbersOf(prelu.slope), fixed.slopeShift) : null) ??
    (s.kind === 'int8Conv2d' && (f.kind === 'conv2d' || f.kind === 'dense')
      ? wrongEntry(
          float,
          ranges.tails.get(index)?.entering ?? new Float64Array(0),
          f,
          fixed.entryShift,
          fractionOf(s.input) ?? 0,
        )
      : null)
  );
}

/** Accumulators in units of their weights, which are a tenth smaller or a third larger than what makes the largest 127. */
function wrongEntry(
  float: Program,
  entering: Float64Array,
  f: Conv2dStep | DenseStep,
  shift: number,
  fraction: number,
): string | null {
  const weights = float.constants[f.weights]!.value.data;
  const bias = float.constants[f.acc]!.value.data;
  const block = weights.length / Math.ceil(bias.length / 16);
  const size = (o: number): number => {
    let [largest, sum] = [0, 0];
    for (let i = 0; i < block / 16; i++) {
      const w = Math.abs(Number(weights[(o >> 4) * block + i * 16 + (o & 15)]!));
      largest = Math.max(largest, w);
      sum += w;
    }
    const unit = Math.max(largest / 127, sum / 65535);
    return unit === 0 ? 0 : (entering[o]! + Math.abs(Number(bias[o]!))) / (unit * 2 ** -fraction);
  };
  const largest = Array.from(entering, (_, o) => size(o)).reduce((m, v) => Math.max(m, v), 0);
  if (shift < 15 && 0.73 * largest > 2 ** shift * MAX) return `accumulators of ${largest} are shifted by ${shift} only`;
  if (shift > 0 && 1.15 * ROOM * largest < 2 ** (shift - 1) * MAX)
    return `accumulators of ${largest} are shifted by ${shift}`;
  return null;
}
