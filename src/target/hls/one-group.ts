/** Whether packed maps may be written over one another, and by which convolutions. */
import type { HardwareNames } from './hardware-names.js';
import type { EngineNetwork, NetworkOp } from './network.js';
import type { RingOptions } from './place-bits.js';
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

export function ringOptions(network: EngineNetwork, config: EngineConfig, names: HardwareNames): RingOptions {
  return {
    ring: names.has('PACKED_RING'),
    oneGroup: (op) => {
      const conv = convolutionOf(network, op);
      return conv !== null && groupings(config, conv)[0]?.groups === 1;
    },
  };
}
