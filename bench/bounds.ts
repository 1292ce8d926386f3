/**
 * A layer's bound: the least time that this machine needs for what the layer must do, one thread.
 *
 *   arithmetic   binary MACs at the register peak of xor, popcount, add; of the matrix unit or of tables where the kernels use these
 *                + float MACs at the peak of separate multiplication and addition
 *                + what the tail does to each value, one vector operation each, at the rate of those
 *   memory       bytes read, written and both, each at the measured bandwidth of the working set that holds them
 *   bound        the larger of the two: arithmetic and memory overlap at best
 *
 * A step's maps count at the bandwidth of the step's own working set (the step before has just written them), weights and the
 * picture at that of everything a whole run touches: between two uses all of that passes through the caches.
 */
import { stepCost } from '../src/program/cost.js';
import { accessesOf, type BufferRef, type Program, type Step, sizeOf, type Tail } from '../src/program/program.js';
import type { Bandwidth, Peaks } from './machine.js';

export interface Bound {
  readonly binaryMacs: number;
  readonly floatMacs: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Microseconds. `popcountTime`: the binary MACs alone, at the register peak of xor, popcount, add. */
  readonly popcountTime: number;
  readonly arithmetic: number;
  readonly memory: number;
  readonly bound: number;
  readonly by: 'binary' | 'float' | 'memory';
}

export function boundOf(program: Program, step: Step, peaks: Peaks, kernels: string): Bound {
  const { binaryMacs, floatMacs, constantBytes } = stepCost(program, step);
  const own = { amx: peaks.matrixMacsPerSecond, avx2: peaks.tableMacsPerSecond }[kernels];
  const binary = binaryMacs / (own ?? peaks.binaryMacsPerSecond);
  const float = floatMacs / peaks.floatMacsPerSecond + valueOperations(step) / (2 * peaks.floatMacsPerSecond);
  const { reads, writes } = accessesOf(step);
  const size = (refs: readonly BufferRef[]): number => refs.reduce((sum, ref) => sum + program.buffers[ref]!.bytes, 0);
  const mapsRead = size(reads);
  const mapsWritten = size(writes);
  const picture = size(reads.filter((ref) => program.buffers[ref]!.placement.kind === 'input'));
  const maps = mapsSeconds(peaks, touchedBytes(program, [...reads, ...writes]), mapsRead - picture, mapsWritten);
  const fromAfar = (constantBytes + picture) / bandwidthAt(peaks, everythingTouched(program)).read;
  const arithmetic = 1e6 * (binary + float);
  const memory = 1e6 * (maps + fromAfar);
  return {
    binaryMacs,
    floatMacs,
    readBytes: mapsRead + constantBytes,
    writtenBytes: mapsWritten,
    popcountTime: (1e6 * binaryMacs) / peaks.binaryMacsPerSecond,
    arithmetic,
    memory,
    bound: Math.max(arithmetic, memory),
    by: memory > arithmetic ? 'memory' : binary > float ? 'binary' : 'float',
  };
}

function mapsSeconds(peaks: Peaks, workingSet: number, read: number, written: number): number {
  const at = bandwidthAt(peaks, workingSet);
  return Math.max(read / at.read, written / at.write, (read + written) / Math.max(at.copy, at.read, at.write));
}

/** Vector operations on values beyond the multiply-accumulates, in single values. */
function valueOperations(step: Step): number {
  switch (step.kind) {
    case 'binaryConv2d':
      // base - 2 * mismatches, and the conversion to float.
      return sizeOf(step.tail.shape) * (3 + tailOperations(step.tail));
    case 'conv2d':
      return sizeOf(step.tail.shape) * tailOperations(step.tail);
    case 'map':
      return sizeOf(step.tail.shape) * ((step.fn ? 2 : 0) + tailOperations(step.tail));
    case 'maxPool':
    case 'averagePool':
      return sizeOf(step.tail.shape) * (step.window.kernelHeight * step.window.kernelWidth + tailOperations(step.tail));
    case 'globalAveragePool':
      return step.shape.height * step.shape.channels;
    default:
      return 0;
  }
}

function tailOperations(tail: Tail): number {
  const { prelu } = tail;
  return (
    (tail.scale === undefined ? 0 : 1) +
    (tail.bias === undefined ? 0 : 1) +
    (tail.shortcut === undefined ? 0 : tail.shortcut.pool === 2 ? 5 : 1) +
    (prelu === undefined ? 0 : 2 + (prelu.gamma ? 1 : 0) + (prelu.zeta ? 1 : 0)) +
    (tail.rowSums === undefined ? 0 : 1) +
    (tail.bits === undefined ? 0 : 1)
  );
}

/** Distinct bytes of the workspace, input and output: buffers may lie in one place. */
function touchedBytes(program: Program, refs: readonly BufferRef[]): number {
  const spans = refs.map((ref) => {
    const { placement, bytes } = program.buffers[ref]!;
    const start = placement.kind === 'workspace' ? placement.offset : placement.kind === 'input' ? 2 ** 40 : 2 ** 41;
    return { start, end: start + bytes };
  });
  spans.sort((a, b) => a.start - b.start);
  let total = 0;
  let reached = 0;
  for (const { start, end } of spans) {
    total += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return total;
}

function everythingTouched(program: Program): number {
  return program.workspaceBytes + program.constants.reduce((sum, c) => sum + c.value.data.byteLength, 0);
}

/** Between two measured sizes by the logarithm of the size. */
function bandwidthAt(peaks: Peaks, workingSet: number): Bandwidth {
  const measured = peaks.bandwidth;
  const above = measured.findIndex((b) => b.workingSet >= workingSet);
  if (above === 0) return measured[0]!;
  if (above < 0) return measured.at(-1)!;
  const low = measured[above - 1]!;
  const high = measured[above]!;
  const t = Math.log(workingSet / low.workingSet) / Math.log(high.workingSet / low.workingSet);
  const mix = (a: number, b: number): number => a * (b / a) ** t;
  return {
    workingSet,
    read: mix(low.read, high.read),
    write: mix(low.write, high.write),
    copy: mix(low.copy, high.copy),
  };
}
