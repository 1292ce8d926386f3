/** Programs with numbers put where no compiler would: every fixed tail's constants and shifts, at the ends that clause 12 allows. */
import type { ConstantData, FixedTail, ParamRef, Program, Step, Tail } from '../../src/program/program.js';
import { verifyProgram } from '../../src/program/verify-program.js';

export type ChannelNumber = (channel: number) => number;

export interface TailNumbers {
  readonly scale?: ChannelNumber;
  readonly offset?: ChannelNumber;
  readonly bias?: ChannelNumber;
  readonly gamma?: ChannelNumber;
  readonly slope?: ChannelNumber;
  readonly zeta?: ChannelNumber;
  readonly threshold?: ChannelNumber;
  readonly entryShift?: number;
  readonly scaleShift?: number;
  readonly slopeShift?: number;
}

/** Parts that a tail does not have stay absent, and parameters from vectors what they are. */
export function editTails(program: Program, numbers: TailNumbers, of: (step: Step) => boolean = () => true): Program {
  const constants = [...program.constants];
  const add = (type: 'int16' | 'int32', channels: number, values: ChannelNumber): number => {
    const data = Array.from({ length: channels }, (_, c) => values(c));
    const value: ConstantData =
      type === 'int16' ? { type, data: Int16Array.from(data) } : { type, data: Int32Array.from(data) };
    return constants.push({ name: `edited_${constants.length}`, comment: '', value }) - 1;
  };
  const changed = (tail: Tail, fixed: FixedTail): Tail => {
    const { channels } = tail.shape;
    const constant = (old: number | undefined, type: 'int16' | 'int32', values: ChannelNumber | undefined) =>
      old === undefined || !values ? old : add(type, channels, values);
    const param = <P extends ParamRef | null | undefined>(old: P, values: ChannelNumber | undefined): P =>
      old?.kind === 'constant' && values ? ({ kind: 'constant', ref: add('int16', channels, values) } as P) : old;
    const { scale, bias, prelu, bits } = tail;
    const offset = constant(fixed.offset, 'int32', numbers.offset);
    const scaled = constant(scale, 'int16', numbers.scale);
    return {
      ...tail,
      fixed: {
        ...fixed,
        ...(offset === undefined ? {} : { offset }),
        entryShift: numbers.entryShift ?? fixed.entryShift,
        scaleShift: scale === undefined ? fixed.scaleShift : (numbers.scaleShift ?? fixed.scaleShift),
        slopeShift: prelu ? (numbers.slopeShift ?? fixed.slopeShift) : fixed.slopeShift,
      },
      ...(scaled === undefined ? {} : { scale: scaled }),
      ...(bias ? { bias: param(bias, numbers.bias) } : {}),
      ...(prelu
        ? {
            prelu: {
              ...prelu,
              gamma: param(prelu.gamma, numbers.gamma),
              slope: numbers.slope ? add('int16', channels, numbers.slope) : prelu.slope,
              zeta: param(prelu.zeta, numbers.zeta),
            },
          }
        : {}),
      ...(bits ? { bits: { ...bits, threshold: param(bits.threshold, numbers.threshold) } } : {}),
    };
  };
  const steps = program.steps.map(
    (step): Step =>
      'tail' in step && step.tail.fixed && of(step) ? { ...step, tail: changed(step.tail, step.tail.fixed) } : step,
  );
  return verifyProgram({ ...program, steps, constants });
}
