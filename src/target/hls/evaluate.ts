/** One candidate: a network on an engine, sized, laid out, timed. */
import type { Folding } from './folding.js';
import type { HardwareNames } from './hardware-names.js';
import type { EngineNetwork } from './network.js';
import type { OrderOptions } from './order-instances.js';
import { type LaidOut, layOut } from './plan-engine.js';
import { TooSmall } from './plan-steps.js';
import { recompute } from './recompute.js';
import { estimateResources, RESOURCE_NAMES } from './resources.js';
import { schedule } from './schedule.js';
import { type EngineChoice, type Short, sizeEngine } from './size-engine.js';
import type { Board, EngineConfig, ResourceCounts, ResourceName, Resources, Schedule } from './types.js';

export interface Situation {
  readonly network: EngineNetwork;
  readonly board: Board;
  readonly clockMhz: number;
  /** What a design may take. */
  readonly budget: ResourceCounts;
  readonly folding: Folding;
  readonly names: HardwareNames;
}

export interface Candidate {
  readonly choice: EngineChoice;
  readonly order: OrderOptions;
  /** Convolutions that are run again. */
  readonly again: readonly number[];
}

/** A candidate whose memories are sized: what it takes is known, not yet what it does. */
export interface Sized extends Candidate {
  readonly network: EngineNetwork;
  readonly config: EngineConfig;
  readonly resources: Resources;
  /** Resources of which it takes too much. */
  readonly over: readonly ResourceName[];
  /** Fixed parameters that are too small. */
  readonly short: readonly Short[];
}

export interface Evaluated extends Sized {
  readonly laidOut: LaidOut;
  readonly schedule: Schedule;
}

/** Null where the engine cannot hold a tile of some layer. */
export function sizeUp(situation: Situation, candidate: Candidate): Sized | null {
  const { board, budget, folding, names } = situation;
  const network = recompute(situation.network, candidate.again, names);
  const sized = sizeEngine(network, candidate.choice, candidate.order, board, budget, folding, names);
  if (!sized) return null;
  const resources = estimateResources(sized.config, board, names);
  const over = RESOURCE_NAMES.filter((name) => resources.total[name] > budget[name]);
  return { ...candidate, network, ...sized, resources, over };
}

/** Null where it does not fit, or cannot run the network. */
export function evaluate(situation: Situation, candidate: Candidate): Evaluated | null {
  const sized = sizeUp(situation, candidate);
  return sized && fits(sized) ? run(situation, sized) : null;
}

export const fits = ({ over, short }: Sized): boolean => over.length === 0 && short.length === 0;

/** The same of one that is known to fit. */
export function run(situation: Situation, sized: Sized): Evaluated | null {
  const { board, clockMhz, names } = situation;
  const { network, config, order } = sized;
  try {
    const laidOut = layOut(network, config, order, names);
    return { ...sized, laidOut, schedule: schedule(laidOut.steps, config, order.pictures, board, clockMhz, names) };
  } catch (error) {
    if (error instanceof TooSmall) return null;
    throw error;
  }
}
