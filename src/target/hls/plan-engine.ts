/**
 * EngineNetwork + EngineConfig -> EnginePlan: the program, its weights, and where everything lies.
 *
 * Flows in: a network in the engine's terms, parameters, how many pictures go side by side. Flows out: what the host loads and
 * the test bench compares. `layOut` alone (no bytes) is what the search asks many times.
 */
import { type HardwareNames, packDescriptor } from './hardware-names.js';
import type { EngineNetwork } from './network.js';
import { oneGroup } from './one-group.js';
import { type OrderOptions, orderInstances } from './order-instances.js';
import { layoutStreams, packStreams, type Streams } from './pack-streams.js';
import { placeBits } from './place-bits.js';
import { placeMaps } from './place-maps.js';
import { placeVectors } from './place-vectors.js';
import { type Placement, type PlannedStep, planSteps } from './plan-steps.js';
import { sizesOf } from './sizes.js';
import { tracesOf } from './traces.js';
import type { EngineConfig, EnginePlan, InputPlace, OutputPlace } from './types.js';

export interface LaidOut {
  readonly network: EngineNetwork;
  readonly config: EngineConfig;
  readonly order: OrderOptions;
  readonly placement: Placement;
  readonly steps: readonly PlannedStep[];
  readonly streams: Streams;
}

export function layOut(
  network: EngineNetwork,
  config: EngineConfig,
  order: OrderOptions,
  names: HardwareNames,
): LaidOut {
  const { lanes, banks, floatLanes } = sizesOf(config);
  const instances = orderInstances(network.ops, order);
  const placement: Placement = {
    maps: placeMaps(network, instances, { lanes, int8Simd: config.int8Simd, mapWords: config.mapWords }),
    bits: placeBits(network, instances, banks, oneGroup(network, config)),
    vectors: placeVectors(network, order, floatLanes),
    pictures: order.pictures,
  };
  const planned = planSteps(network, instances, placement, config, names);
  const streams = layoutStreams(network, planned, config);
  const steps = planned.map((s) =>
    s.stream ? { ...s, fields: { ...s.fields, stream_address: streams.addressOf(s) } } : s,
  );
  return { network, config, order, placement, steps, streams };
}

export function packPlan(laidOut: LaidOut, names: HardwareNames): EnginePlan {
  const { network, config, order, placement, steps, streams } = laidOut;
  const { pictures } = order;
  const { maps } = placement;
  const program = new Int32Array(steps.length * names.descriptorWords);
  steps.forEach((step, i) => {
    program.set(packDescriptor(names, step.fields), i * names.descriptorWords);
  });
  const { shape, fraction } = network.maps[network.input]!;
  const each = Array.from({ length: pictures }, (_, picture) => picture);
  const inputs = each.map(
    (picture): InputPlace => ({
      picture,
      shape,
      fraction,
      address: maps.place(network.input, picture).address,
      rowWords: maps.inputRowWords,
      pixelLanes: maps.inputPixelLanes,
    }),
  );
  const inputWords = pictures * maps.inputWords;
  return {
    config,
    pictures,
    steps: steps.map(({ kind, name, source, picture, fields }) => ({ kind, name, source, picture, fields })),
    program,
    weights: packStreams(network, streams, config),
    inputs,
    outputs: each.map((picture) => outputPlace(laidOut, picture)),
    hostSteps: network.hostSteps,
    ddrWords: maps.ddrWords + inputWords,
    inputWords,
    outputFloats: outputFloats(network, pictures),
    traces: tracesOf(laidOut, names),
  };
}

function outputFloats(network: EngineNetwork, pictures: number): number {
  const last = network.ops.at(-1)!;
  return last.kind === 'output' ? pictures * last.length : 0;
}

function outputPlace({ network, config, placement }: LaidOut, picture: number): OutputPlace {
  const { output, outputShape: shape } = network;
  if (output.kind === 'vector') {
    const last = network.ops.at(-1)!;
    return { kind: 'vector', picture, shape, address: picture * (last.kind === 'output' ? last.length : 0) };
  }
  const { fraction, shape: stored } = network.maps[output.map]!;
  const pixelWords = Math.ceil(stored.channels / sizesOf(config).lanes);
  return {
    kind: 'map',
    picture,
    shape,
    address: placement.maps.place(output.map, picture).address,
    pixelWords,
    fraction,
  };
}
