/** The constants that a step reads, by what they are. */
import type { ConstantRef, ParamRef, Step } from '../program/program.js';
import type { ConstantRole } from './report-data.js';

export interface UsedConstant {
  readonly ref: ConstantRef;
  readonly role: ConstantRole;
}

export function constantsOfStep(step: Step): readonly UsedConstant[] {
  const used: UsedConstant[] = [];
  const add = (role: ConstantRole, ref: ConstantRef | null | undefined): void => {
    if (ref !== undefined && ref !== null) used.push({ ref, role });
  };
  const addParam = (param: ParamRef | null | undefined): void => {
    if (param?.kind === 'constant') add('per-channel', param.ref);
  };
  switch (step.kind) {
    case 'binaryConv2d':
      add('binary weights', step.weights);
      add('tables', step.base);
      add('tables', step.rowClass);
      add('tables', step.colClass);
      break;
    case 'conv2d':
    case 'dense':
      add('float weights', step.weights);
      add('per-channel', step.acc);
      break;
    case 'int8Conv2d':
      add('int8 weights', step.weights);
      break;
    case 'maxPool':
    case 'averagePool':
      add('tables', step.reciprocal);
      break;
    default:
  }
  if ('tail' in step) {
    const { scale, bias, prelu, bits } = step.tail;
    add('per-channel', scale);
    add('per-channel', step.tail.fixed?.offset);
    addParam(bias);
    addParam(prelu?.gamma);
    add('per-channel', prelu?.slope);
    addParam(prelu?.zeta);
    addParam(bits?.threshold);
  }
  return used;
}
