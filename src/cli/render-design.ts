/** An accelerator in a few lines. Everything here is an estimate, and says so. */
import { byteSize } from '../inspect/quantity.js';
import { RESOURCE_NAMES, RESOURCE_TITLES } from '../target/hls/resources.js';
import type { Design } from '../target/hls/types.js';

/** Whole numbers, where they say enough. */
export function speedText(picturesPerSecond: number): string {
  return picturesPerSecond >= 100
    ? Math.round(picturesPerSecond).toLocaleString('en-US')
    : picturesPerSecond.toPrecision(3);
}

export function designWords({ board, clockMhz, schedule, resources }: Design): readonly string[] {
  const speed = `${speedText(schedule.imagesPerSecond)} pictures a second`;
  const shares = RESOURCE_NAMES.filter((key) => board.budget[key] > 0).map(
    (key) => `${RESOURCE_TITLES[key]} ${Math.round((100 * resources.total[key]) / board.budget[key])} %`,
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
