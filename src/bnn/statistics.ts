/**
 * What batch normalization says of the values that it makes: it took away their mean, divided by their deviation, then
 * multiplied by `scale` and added `bias`. So over the training set they have the mean `bias` and the deviation |scale|.
 *
 * Flows out: Statistics for a BatchNormalization's value, and for what constants per channel and concatenations make of it.
 * A batch normalization that an exporter folded into other constants left no trace.
 */
import type { Statistics } from './bnn-graph.js';

export function normalizedStatistics(scale: ArrayLike<number>, bias: ArrayLike<number>): Statistics {
  return { mean: Float64Array.from(bias), deviation: Float64Array.from(scale, Math.abs) };
}

/** Of x * scale + bias. */
export function scaledStatistics(
  of: Statistics | undefined,
  scale: Float64Array | null,
  bias: Float64Array | null,
): Statistics | undefined {
  if (of === undefined) return undefined;
  return {
    mean: of.mean.map((m, c) => m * (scale?.[c] ?? 1) + (bias?.[c] ?? 0)),
    deviation: of.deviation.map((d, c) => d * Math.abs(scale?.[c] ?? 1)),
  };
}

export function joinedStatistics(parts: readonly (Statistics | undefined)[]): Statistics | undefined {
  if (!parts.every((p) => p !== undefined)) return undefined;
  return {
    mean: Float64Array.from(parts.flatMap((p) => [...p.mean])),
    deviation: Float64Array.from(parts.flatMap((p) => [...p.deviation])),
  };
}
