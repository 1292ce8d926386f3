/**
 * What a step costs, counted from its sizes: operations and bytes. Nothing here is measured.
 */
import { accessesOf, type Program, type Step, sizeOf } from './program.js';

export interface StepCost {
  /** Multiply-accumulates of one bit. */
  readonly binaryMacs: number;
  /** Multiply-accumulates in float (convolutions and dense layers). */
  readonly floatMacs: number;
  /** Of 8 bits with 16 (clause 14). */
  readonly int8Macs: number;
  /** Everything, in rough scalar operations of one processor: binary ones 64 at a time. */
  readonly operations: number;
  readonly constantBytes: number;
}

export function stepCost(program: Program, step: Step): StepCost {
  const { binaryMacs = 0, floatMacs = 0, int8Macs = 0, elements } = counts(step);
  return {
    binaryMacs,
    floatMacs,
    int8Macs,
    operations: binaryMacs / 64 + floatMacs + int8Macs + 4 * elements,
    constantBytes: constantBytesOf(program, step),
  };
}

function counts(step: Step): Partial<Pick<StepCost, 'binaryMacs' | 'floatMacs' | 'int8Macs'>> & { elements: number } {
  switch (step.kind) {
    case 'binaryConv2d': {
      const taps = step.window.kernelHeight * step.window.kernelWidth;
      const elements = sizeOf(step.tail.shape);
      return { binaryMacs: elements * taps * step.inputShape.channels, elements };
    }
    case 'conv2d':
    case 'int8Conv2d': {
      const taps = step.window.kernelHeight * step.window.kernelWidth;
      const elements = sizeOf(step.tail.shape);
      const macs = (elements * taps * step.inputShape.channels) / step.group;
      return { ...(step.kind === 'conv2d' ? { floatMacs: macs } : { int8Macs: macs }), elements };
    }
    case 'dense':
      return { floatMacs: step.inputs * step.outputs, elements: step.outputs };
    case 'maxPool':
    case 'averagePool':
      return {
        elements: sizeOf(step.tail.shape) * step.window.kernelHeight * step.window.kernelWidth,
      };
    case 'map':
      return { elements: sizeOf(step.tail.shape) };
    case 'globalAveragePool':
      return { elements: step.shape.height * step.shape.channels };
    case 'softmax':
      return { elements: 20 * step.count };
    default:
      return { elements: sizeOf(step.shape) };
  }
}

function constantBytesOf(program: Program, step: Step): number {
  const refs: number[] = [];
  switch (step.kind) {
    case 'binaryConv2d':
      refs.push(step.weights, step.base);
      break;
    case 'int8Conv2d':
      refs.push(step.weights);
      break;
    case 'conv2d':
    case 'dense':
      refs.push(step.weights, step.acc);
      break;
    default:
  }
  return refs.reduce((sum, ref) => sum + program.constants[ref]!.value.data.byteLength, 0);
}

/** Bytes of the workspace, input and output that a step reads and writes. */
export function trafficOf(program: Program, step: Step): number {
  const { reads, writes } = accessesOf(step);
  return [...reads, ...writes].reduce((sum, ref) => sum + program.buffers[ref]!.bytes, 0);
}
