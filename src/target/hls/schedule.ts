/**
 * How long the program takes, estimated: cycles in closed form, bytes over the board's realistic bandwidth, and which of the
 * two each step waits for.
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
  const estimates = steps.map((step, index): StepEstimate => {
    const { total: cycles, bound } = stepCycles(step.kind, step.fields, config, names);
    const traffic = stepTraffic(step.kind, step.fields, config, names.value);
    const ddr = ddrSeconds(traffic, config, board, hertz);
    const waits = ((traffic.readWords > 0 ? 1 : 0) + (traffic.writeWords > 0 ? 1 : 0)) * board.ddr.latencyNs * 1e-9;
    const { wordBytes } = sizesOf(config);
    return {
      step: index,
      name: step.name,
      kind: step.kind,
      cycles,
      readBytes: traffic.readWords * wordBytes,
      writeBytes: traffic.writeWords * wordBytes,
      weightBytes: traffic.weightWords * wordBytes + traffic.otherBytes,
      seconds: Math.max(cycles / hertz, ddr) + waits,
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

/** All bytes share the DDR; each kind has ports of its own, of which a wide one takes several beats. */
function ddrSeconds(traffic: StepTraffic, config: EngineConfig, board: Board, hertz: number): number {
  const { wordBytes } = sizesOf(config);
  const { readWords, writeWords, weightWords, gapWords, otherBytes } = traffic;
  const bytes = (readWords + writeWords + weightWords + gapWords) * wordBytes + otherBytes;
  const beats = Math.max(1, config.portBits / board.ports.bits);
  const portCycles = beats * Math.max(readWords, writeWords, weightWords);
  return Math.max(bytes / (board.ddr.realisticGBps * 1e9), portCycles / hertz);
}
