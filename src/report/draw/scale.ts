/** Round numbers for an axis: 0, step, 2 step, ... up to the first at or above the largest value. */
export interface Axis {
  readonly top: number;
  readonly ticks: readonly number[];
}

/** `base` 1000 for counts, 1024 for bytes: ticks are round in the unit that is printed. `least`: between two ticks. */
export function axisFor(largest: number, base: 1000 | 1024, wanted = 4, least = 0): Axis {
  if (largest <= 0) return { top: 1, ticks: [0] };
  let unit = 1;
  while (largest / unit >= base) unit *= base;
  const rough = largest / unit / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(least, unit * power * ([1, 2, 2.5, 5, 10].find((s) => s * power >= rough) ?? 10));
  const count = Math.max(1, Math.ceil(largest / step - 1e-9));
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, i) => i * step) };
}
