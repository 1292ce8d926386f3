/** Ranges without a calibration: made-up inputs, with room for what real ones may do. */
import type { BnnGraph } from '../bnn/bnn-graph.js';
import type { Program } from '../program/program.js';
import { syntheticInputs } from '../target/golden.js';
import { calibrate } from './calibrate.js';
import type { Ranges } from './ranges.js';

export function estimateRanges(_graph: BnnGraph, program: Program): Ranges {
  const found = calibrate(program, syntheticInputs(program, 4));
  const twice = (v: number): number => 2 * v;
  return {
    tails: new Map([...found.tails].map(([i, r]) => [i, { largest: 2 * r.largest, entering: r.entering.map(twice) }])),
    buffers: new Map([...found.buffers].map(([i, v]) => [i, 2 * v])),
    source: 'estimated',
  };
}
