/**
 * What a step costs, counted from its sizes: operations and bytes. Nothing here is measured.
 */
import { accessesOf, type Program, type Step, sizeOf } from './program.js';

export interface StepCost {
  /** Multiply-accumulates of one bit. */
  readonly binaryMacs: number;
  /** Multiply-accumulates in float (convolutions and dense layers). */
  readonly floatMacs: number;
  /** Everything, in rough scalar operations of one processor: binary ones 64 at a time. */
  readonly operations: number;
  readonly constantBytes: number;
}

export function stepCost(program: Program, step: Step): StepCost {
  const { binaryMacs, floatMacs, elements } = counts(step);
  return {
    binaryMacs,
    floatMacs,
    operations: binaryMacs / 64 + floatMacs + 4 * elements,
    constantBytes: constantBytesOf(program, step),
  };
}

function counts(step: Step): { binaryMacs: number; floatMacs: number; elements: number } {
  switch (step.kind) {
    case 'binaryConv2d': {
      const taps = step.window.kernelHeight * step.window.kernelWidth;
      const elements = sizeOf(step.tail.shape);
      return { binaryMacs: elements * taps * step.inputShape.channels, floatMacs: 0, elements };
    }
    case 'conv2d':
    case 'int8Conv2d': {
      const taps = step.window.kernelHeight * step.window.kernelWidth;
      const elements = sizeOf(step.tail.shape);
      return { binaryMacs: 0, floatMacs: (elements * taps * step.inputShape.channels) / step.group, elements };
    }
    case 'dense':
      return { binaryMacs: 0, floatMacs: step.inputs * step.outputs, elements: step.outputs };
    case 'maxPool':
    case 'averagePool':
      return {
        binaryMacs: 0,
        floatMacs: 0,
        elements: sizeOf(step.tail.shape) * step.window.kernelHeight * step.window.kernelWidth,
      };
    case 'map':
      return { binaryMacs: 0, floatMacs: 0, elements: sizeOf(step.tail.shape) };
    case 'globalAveragePool':
      return { binaryMacs: 0, floatMacs: 0, elements: step.shape.height * step.shape.channels };
    case 'softmax':
      return { binaryMacs: 0, floatMacs: 0, elements: 20 * step.count };
    default:
      return { binaryMacs: 0, floatMacs: 0, elements: sizeOf(step.shape) };
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
