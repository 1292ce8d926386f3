/** The numbers that a network has learned, by what they become: one bit, or a float. */
import type { BnnGraph, ChannelParam } from '../bnn/bnn-graph.js';

export interface Parameters {
  readonly binary: number;
  readonly float: number;
}

export function countParameters(graph: BnnGraph): Parameters {
  let binary = 0;
  let float = 0;
  for (const node of graph.nodes) {
    switch (node.kind) {
      case 'BinaryConv2d':
        binary += node.signs.length;
        float += node.scale.length + (node.bias?.length ?? 0);
        break;
      case 'Conv2d':
        float += node.weight.length + (node.bias?.length ?? 0);
        break;
      case 'RSign':
        float += own(node.threshold);
        break;
      case 'RPReLU':
        float += own(node.gamma) + node.slope.length + own(node.zeta);
        break;
      case 'ScaleBias':
        float += (node.scale?.length ?? 0) + own(node.bias);
        break;
      default:
    }
  }
  return { binary, float };
}

function own(param: ChannelParam | null): number {
  return param?.kind === 'static' ? param.values.length : 0;
}
