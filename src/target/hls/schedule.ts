/**
 * How long the program takes, estimated: cycles in closed form, bytes over the board's realistic bandwidth, and which of the
 * two each step waits for. Weights come ahead of their step as far as the stream's memory reaches; maps do not.
 *
 * Flows in: descriptors, parameters, the board, the clock. Flows out: a Schedule.
 */
import { stepCycles } from './cycles.js';
import type { HardwareNames } from './hardware-names.js';
import { sizesOf } from './sizes.js';
import { type StepTraffic, stepTraffic } from './traffic.js';
import type { Board, EngineConfig, EngineStep, Schedule, StepEstimate } from './types.js';

export function schedule(
  steps: readonly EngineStep[],
  config: EngineConfig,
  pictures: number,
  board: Board,
  clockMhz: number,
  names: HardwareNames,
): Schedule {
  const hertz = clockMhz * 1e6;
  const { wordBytes } = sizesOf(config);
  const bandwidth = board.ddr.realisticGBps * 1e9;
  const traffics = steps.map((step) => stepTraffic(step.kind, step.fields, config, names));
  let toCome = traffics.reduce((total, t) => total + t.weightWords * wordBytes, 0);
  let ahead = 0;
  const estimates = steps.map((step, index): StepEstimate => {
    const { total: cycles, bound } = stepCycles(step.kind, step.fields, config, names);
    const traffic = traffics[index]!;
    const { readWords, writeWords, gapWords, otherBytes } = traffic;
    const weightBytes = traffic.weightWords * wordBytes;
    // What the stream of weights fetched while earlier steps left the DDR idle.
    const early = Math.min(ahead, weightBytes);
    const bytes = (readWords + writeWords + gapWords) * wordBytes + otherBytes + weightBytes - early;
    const ddr = Math.max(bytes / bandwidth, portSeconds(traffic, config, board, hertz));
    const busy = Math.max(cycles / hertz, ddr);
    toCome -= weightBytes;
    ahead = Math.min(ahead - early + busy * bandwidth - bytes, config.weightFifo * wordBytes, toCome);
    const waits = ((readWords > 0 ? 1 : 0) + (writeWords > 0 ? 1 : 0)) * board.ddr.latencyNs * 1e-9;
    return {
      step: index,
      name: step.name,
      kind: step.kind,
      cycles,
      readBytes: readWords * wordBytes,
      writeBytes: writeWords * wordBytes,
      weightBytes: weightBytes + otherBytes,
      seconds: busy + waits,
      bound: ddr > cycles / hertz ? 'DDR' : bound,
    };
  });
  const sum = (of: (e: StepEstimate) => number): number => estimates.reduce((total, e) => total + of(e), 0);
  const seconds = sum((e) => e.seconds);
  const bytes = sum((e) => e.readBytes + e.writeBytes + e.weightBytes);
  const cycles = sum((e) => e.cycles);
  return {
    clockMhz,
    pictures,
    steps: estimates,
    cycles,
    bytes,
    seconds,
    imagesPerSecond: pictures / seconds,
    roofline: { cyclesSeconds: cycles / hertz, ddrSeconds: bytes / (board.ddr.realisticGBps * 1e9) },
  };
}

/** Each kind of data has ports of its own, on which a wide word takes several beats. */
function portSeconds(traffic: StepTraffic, config: EngineConfig, board: Board, hertz: number): number {
  const beats = Math.max(1, config.portBits / board.ports.bits);
  return (beats * Math.max(traffic.readWords, traffic.writeWords, traffic.weightWords)) / hertz;
}
