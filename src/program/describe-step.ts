/** Steps in one line, for comments in generated code, dumps and reports. */
import type { MapShape, Window } from '../bnn/bnn-graph.js';
import type { Step, Tail } from './program.js';

export function describeWindow(w: Window): string {
  const stride = w.strideHeight === 1 && w.strideWidth === 1 ? '' : `, stride ${w.strideHeight}x${w.strideWidth}`;
  const dilation =
    w.dilationHeight === 1 && w.dilationWidth === 1 ? '' : `, dilation ${w.dilationHeight}x${w.dilationWidth}`;
  const pads = [w.padTop, w.padLeft, w.padBottom, w.padRight];
  const pad = pads.every((p) => p === 0) ? '' : `, pads ${pads.join(' ')}`;
  return `${w.kernelHeight}x${w.kernelWidth}${stride}${dilation}${pad}`;
}

export const shapeText = (s: MapShape): string => `${s.channels}x${s.height}x${s.width}`;

/** One line for people: what the step does. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'binaryConv2d':
      return `binary conv ${describeWindow(step.window)}, ${shapeText(step.inputShape)} -> ${shapeText(step.tail.shape)}${describeTail(step.tail)}`;
    case 'conv2d':
      return `float conv ${describeWindow(step.window)}, ${shapeText(step.inputShape)} -> ${shapeText(step.tail.shape)}${describeTail(step.tail)}`;
    case 'int8Conv2d':
      return `int8 conv ${describeWindow(step.window)}, ${shapeText(step.inputShape)} -> ${shapeText(step.tail.shape)}${describeTail(step.tail)}`;
    case 'quantize':
      return `float32 -> int16 with ${step.fraction} bits after the point, ${shapeText(step.shape)}`;
    case 'dequantize':
      return `int16 with ${step.fraction} bits after the point -> float32, ${shapeText(step.shape)}`;
    case 'dense':
      return `dense ${step.inputs} -> ${step.outputs}${step.fn ? `, ${step.fn.kind}` : ''}`;
    case 'map':
      return `pass over ${shapeText(step.tail.shape)}${step.fn ? `, ${step.fn.kind}` : ''}${describeTail(step.tail)}`;
    case 'maxPool':
    case 'averagePool':
      return `${step.kind === 'maxPool' ? 'max' : 'average'} pool ${describeWindow(step.window)}, ${shapeText(step.inputShape)} -> ${shapeText(step.tail.shape)}${describeTail(step.tail)}`;
    case 'globalAveragePool':
      return `global average pool of ${shapeText(step.shape)}`;
    case 'concat':
      return `concat of ${shapeText(step.shape)} at channel ${step.offset} of ${step.outputChannels}`;
    case 'unpack':
      return `unpack ${shapeText(step.shape)}`;
    case 'toChannelsLast':
      return `channels first -> channels last, ${shapeText(step.shape)}`;
    case 'toChannelsFirst':
      return `channels last -> channels first, ${shapeText(step.shape)}`;
    case 'softmax':
      return `softmax of ${step.count}`;
  }
}

export function describeTail(tail: Tail): string {
  const parts: string[] = [];
  if (tail.scale !== undefined || tail.bias !== undefined) parts.push('scale and bias');
  if (tail.shortcut) parts.push(tail.shortcut.pool === 2 ? 'shortcut (2x2 average)' : 'shortcut');
  if (tail.prelu) {
    const dynamic = tail.prelu.gamma?.kind === 'buffer' || tail.prelu.zeta?.kind === 'buffer';
    parts.push(dynamic ? 'DyPReLU' : 'RPReLU');
  }
  if (tail.rowSums !== undefined) parts.push('row sums');
  if (tail.bits) parts.push(tail.bits.threshold.kind === 'buffer' ? 'DySign' : 'RSign');
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}
