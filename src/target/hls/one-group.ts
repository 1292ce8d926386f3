/** Convolutions whose rows are done in order, so that what they read may be written over: those of one group. */
import type { BinaryConvOp, EngineNetwork, NetworkOp } from './network.js';
import { type Convolution, groupings } from './slots.js';
import type { EngineConfig } from './types.js';

export function convolutionOf(network: EngineNetwork, op: NetworkOp): Convolution | null {
  if (op.kind !== 'binaryConv' && op.kind !== 'int8Conv') return null;
  const shape = op.kind === 'binaryConv' ? network.bits[op.input]!.shape : network.maps[op.input]!.shape;
  return {
    kind: op.kind,
    inputChannels: shape.channels,
    window: op.window,
    output: op.tail.shape,
    pooled: op.tail.shortcut?.pool === 2,
  };
}

export function oneGroup(network: EngineNetwork, config: EngineConfig): (op: BinaryConvOp) => boolean {
  return (op) => {
    const conv = convolutionOf(network, op);
    return conv !== null && groupings(config, conv)[0]?.groups === 1;
  };
}
