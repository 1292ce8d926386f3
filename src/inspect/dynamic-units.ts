/**
 * The units that make thresholds and shifts anew for every input:
 *
 *     x -> GlobalAveragePool -> Conv2d 1x1 (FC) -> [Activation] -> Conv2d 1x1 (FC) -> RSign's threshold, RPReLU's gamma or zeta
 *
 * Flows in: a BnnGraph. Flows out: one entry for each dynamic parameter, found by walking back from it to the pool.
 */
import type { BnnGraph, BnnNode, ChannelParam } from '../bnn/bnn-graph.js';
import { inputsOf } from '../bnn/bnn-graph.js';
import { indexGraph } from '../bnn/users.js';

export interface DynamicUnit {
  /** The node whose parameter is made. */
  readonly node: string;
  readonly kind: 'DySign threshold' | 'DyPReLU gamma' | 'DyPReLU zeta' | 'bias';
  readonly channels: number;
  /** The map that is averaged, channels x height x width; null where something else than a global average begins the unit. */
  readonly pooled: readonly number[] | null;
  /** Its dense layers, in order. */
  readonly layers: readonly {
    readonly name: string;
    readonly inputs: number;
    readonly outputs: number;
    readonly macs: number;
  }[];
  /** Functions between and after the dense layers. */
  readonly functions: readonly string[];
}

export function findDynamicUnits(graph: BnnGraph): readonly DynamicUnit[] {
  const index = indexGraph(graph);

  const unit = (node: BnnNode, kind: DynamicUnit['kind'], param: ChannelParam | null): DynamicUnit[] => {
    if (param?.kind !== 'dynamic') return [];
    const layers: DynamicUnit['layers'][number][] = [];
    const functions: string[] = [];
    let pooled: readonly number[] | null = null;
    for (let id: number | undefined = param.source; id !== undefined; ) {
      const maker: BnnNode | undefined = index.producer.get(id);
      if (!maker) break;
      if (maker.kind === 'Conv2d') {
        const inputs = maker.weight.length / maker.outputs;
        layers.unshift({ name: maker.name, inputs, outputs: maker.outputs, macs: maker.weight.length });
      } else if (maker.kind === 'Activation') {
        functions.unshift(maker.fn.kind);
      } else if (maker.kind === 'GlobalAveragePool') {
        const { channels, height, width } = index.value(maker.x).shape;
        pooled = [channels, height, width];
        break;
      } else if (maker.kind !== 'ScaleBias') {
        break;
      }
      id = inputsOf(maker)[0];
    }
    const { channels } = index.value(param.source).shape;
    return [{ node: node.name, kind, channels, pooled, layers, functions }];
  };

  return graph.nodes.flatMap((node) => {
    switch (node.kind) {
      case 'RSign':
        return unit(node, 'DySign threshold', node.threshold);
      case 'RPReLU':
        return [...unit(node, 'DyPReLU gamma', node.gamma), ...unit(node, 'DyPReLU zeta', node.zeta)];
      case 'ScaleBias':
        return unit(node, 'bias', node.bias);
      default:
        return [];
    }
  });
}
