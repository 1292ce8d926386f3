/** Convolutions whose rows are done in order, so that what they read may be written over: those of one group. */
import type { BinaryConvOp, EngineNetwork } from './network.js';
import { convolutionOf, groupings } from './slots.js';
import type { EngineConfig } from './types.js';

export function oneGroup(network: EngineNetwork, config: EngineConfig): (op: BinaryConvOp) => boolean {
  return (op) => {
    const conv = convolutionOf(network, op);
    return conv !== null && groupings(config, conv)[0]?.groups === 1;
  };
}
