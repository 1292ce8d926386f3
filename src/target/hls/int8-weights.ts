/** Int8 weights as numbers, whatever their order in memory (clause 14.1); groups become zeros between them. */
import type { Constant } from '../../program/program.js';
import { runsOf } from '../../program/program.js';
import type { Int8Source } from './network.js';

/** weight(output, tap, input channel). */
export type Int8Weights = (output: number, tap: number, input: number) => number;

export function int8Weights(source: Int8Source, constants: readonly Constant[]): Int8Weights {
  if (source.kind === 'select') return (o, _tap, c) => (source.picks[o] === c ? 1 : 0);
  const { value } = constants[source.ref]!;
  if (value.type !== 'int8') throw new Error('int8 weights have another type');
  const { window, group, inputs, outputs } = source;
  const perGroup = inputs / group;
  const outputsPerGroup = outputs / group;
  const { runs, length } = runsOf(window, perGroup, group);
  const runSize = Math.ceil(length / 2) * 32;
  const rowSize = runs * runSize;
  return (o, tap, c) => {
    const inGroup = c - Math.floor(o / outputsPerGroup) * perGroup;
    if (inGroup < 0 || inGroup >= perGroup) return 0;
    const ky = Math.floor(tap / window.kernelWidth);
    const kx = tap % window.kernelWidth;
    const at = (runs === 1 ? kx * perGroup : 0) + inGroup;
    const run = ((o >>> 4) * window.kernelHeight + ky) * rowSize + (runs === 1 ? 0 : kx * runSize);
    return value.data[run + (at >>> 1) * 32 + 2 * (o & 15) + (at & 1)]!;
  };
}
