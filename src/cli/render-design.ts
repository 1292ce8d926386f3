/** An accelerator in a few lines. Everything here is an estimate, and says so. */
import { byteSize } from '../inspect/quantity.js';
import type { Design, ResourceName } from '../target/hls/types.js';

const NAMES: readonly (readonly [ResourceName, string])[] = [
  ['lut', 'LUT'],
  ['ff', 'FF'],
  ['bram36', 'BRAM36'],
  ['uram', 'URAM'],
  ['dsp', 'DSP'],
];

export function designWords({ board, clockMhz, schedule, resources }: Design): readonly string[] {
  const fps = schedule.imagesPerSecond;
  const speed = `${fps >= 100 ? Math.round(fps).toLocaleString('en-US') : fps.toPrecision(3)} pictures a second`;
  const shares = NAMES.filter(([key]) => board.budget[key] > 0).map(
    ([key, name]) => `${name} ${Math.round((100 * resources.total[key]) / board.budget[key])} %`,
  );
  return [
    `${board.title} at ${clockMhz} MHz, estimated, never synthesised: ${speed}`,
    `${shares.join(', ')}; ${byteSize(schedule.bytes / schedule.pictures)} of memory traffic a picture`,
  ];
}

export function designSummary({ board, clockMhz, config, schedule, resources }: Design) {
  return {
    board: board.name,
    clockMhz,
    config,
    estimated: {
      picturesPerSecond: schedule.imagesPerSecond,
      secondsOfARun: schedule.seconds,
      picturesOfARun: schedule.pictures,
      resources: resources.total,
    },
  };
}
