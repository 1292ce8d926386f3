/** Flows in: a Design of the hardware back end. Flows out: what the report says of it. Everything is an estimate. */
import { RESOURCE_NAMES, RESOURCE_TITLES } from '../target/hls/resources.js';
import type { Design } from '../target/hls/types.js';
import type { ReportAccelerator } from './report-data.js';

export function reportAccelerator(design: Design): ReportAccelerator {
  const { board, clockMhz, config, plan, schedule, resources } = design;
  const wordBytes = config.portBits / 4;
  return {
    board: { name: board.name, title: board.title, part: board.part },
    clockMhz,
    pictures: plan.pictures,
    config: { ...config },
    resources: RESOURCE_NAMES.filter((key) => board.budget[key] > 0 || resources.total[key] > 0).map((key) => ({
      name: RESOURCE_TITLES[key],
      budget: board.budget[key],
      used: resources.total[key],
      items: resources.items.flatMap(({ what, counts }) => (counts[key] > 0 ? [{ what, count: counts[key] }] : [])),
    })),
    ddr: {
      type: board.ddr.type,
      peakGBps: board.ddr.peakGBps,
      realisticGBps: board.ddr.realisticGBps,
      source: board.ddr.source,
      mapsBytes: plan.ddrWords * wordBytes,
      weightsBytes: plan.weights[0].length + plan.weights[1].length,
    },
    cycles: schedule.cycles,
    bytes: schedule.bytes,
    seconds: schedule.seconds,
    picturesPerSecond: schedule.imagesPerSecond,
    roofline: { ...schedule.roofline },
    steps: schedule.steps.map(({ step, name, kind, bound, ...numbers }) => ({
      name,
      kind,
      layer: plan.steps[step]!.source,
      picture: plan.steps[step]!.picture,
      ...numbers,
      bound,
    })),
  };
}
