/**
 * Conv and Gemm: binary where the input is a sign's output and the weights are +-s per channel, float otherwise, with the
 * reason kept where it might have been binary.
 */
import type { MapShape, ValueId, Window } from '../bnn/bnn-graph.js';
import { outputSize } from '../bnn/bnn-graph.js';
import type { OnnxNode, Tensor } from '../onnx/onnx-graph.js';
import { findBinaryWeights, NOISE, type ZeroWeights } from './binary-weights.js';
import type { RaiseState } from './raise-state.js';

export interface ConvolutionParts {
  readonly node: OnnxNode;
  readonly x: ValueId;
  /** [outputs][inputs / group][kernelHeight][kernelWidth]. */
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly outputs: number;
  readonly group: number;
  readonly window: Window;
}

export const ONE_PIXEL: Window = {
  kernelHeight: 1,
  kernelWidth: 1,
  strideHeight: 1,
  strideWidth: 1,
  dilationHeight: 1,
  dilationWidth: 1,
  padTop: 0,
  padLeft: 0,
  padBottom: 0,
  padRight: 0,
};

/** The value made, or null after a diagnostic. */
export function raiseConvolution(state: RaiseState, parts: ConvolutionParts, zeros: ZeroWeights): ValueId | null {
  const { node, x, weight, bias, outputs, group, window } = parts;
  const input = state.valueOf(x);
  const inputs = input.shape.channels;
  const shape: MapShape = {
    channels: outputs,
    height: outputSize(
      input.shape.height,
      window.kernelHeight,
      window.strideHeight,
      window.dilationHeight,
      window.padTop + window.padBottom,
    ),
    width: outputSize(
      input.shape.width,
      window.kernelWidth,
      window.strideWidth,
      window.dilationWidth,
      window.padLeft + window.padRight,
    ),
  };
  const found = findBinaryWeights(weight.data, outputs, zeros);
  const biasValues = bias ? Float64Array.from(bias.data) : null;
  const binaryInput = input.domain === 'binary';
  if (binaryInput && found.kind !== 'real' && group !== 1) {
    state.report(node, 'DYB203', {
      found: `group = ${group}`,
      supported: 'group = 1',
      hint: 're-export with groups=1',
    });
    return null;
  }
  if (binaryInput && found.kind === 'zeros') {
    state.report(node, 'DYB303', {
      found: `${found.count} of ${found.total} binary weights are exactly 0`,
      supported: '+-s per output channel',
      hint: '--zero-weights positive (or negative) takes them as +s (or -s), which changes the network',
    });
    return null;
  }
  if (binaryInput && found.kind === 'binary') {
    return state.add(node, shape, {
      kind: 'BinaryConv2d',
      x,
      signs: found.signs,
      outputs,
      inputs,
      window,
      scale: found.scale,
      bias: biasValues,
    });
  }
  const floatReason = reasonForFloat(found, binaryInput, weight);
  if (binaryInput && floatReason) {
    state.report(node, 'DYB304', { found: floatReason, hint: 'it is computed in float from the binarized input' });
  }
  return state.add(node, shape, {
    kind: 'Conv2d',
    x,
    weight: weight.data instanceof Float64Array ? weight.data : Float32Array.from(weight.data),
    bias: biasValues,
    outputs,
    inputs,
    group,
    window,
    floatReason,
  });
}

function reasonForFloat(
  found: ReturnType<typeof findBinaryWeights>,
  binaryInput: boolean,
  weight: Tensor,
): string | null {
  if (found.kind === 'real') {
    const percent = (100 * found.fraction).toFixed(found.fraction < 0.1 ? 1 : 0);
    return binaryInput ? `${percent} % of its weights differ from +-s by more than ${NOISE}` : null;
  }
  // One weight a channel is +-s without meaning anything by it.
  const perOutput = weight.data.length / (weight.shape[0] ?? 1);
  return !binaryInput && perOutput > 1 ? 'its weights are binary but its input is not binarized' : null;
}
