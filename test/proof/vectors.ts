/** Every vector there is, and what must hold for one. */
import { verifyBnnGraph } from '../../src/bnn/verify-bnn-graph.js';
import { calibrate } from '../../src/fixed/calibrate.js';
import { lower } from '../../src/lower/lower.js';
import { optimize } from '../../src/optimize/optimize.js';
import { checkIntegers } from './check-integers.js';
import { type Checked, checkGraph } from './check-networks.js';
import { contractVectors } from './contract-vectors.js';
import { integerVectors } from './integer-vectors.js';
import { regressionNetworks } from './regression-networks.js';
import type { ContractVector } from './vector-graph.js';

export function allVectors(): readonly ContractVector[] {
  return [...contractVectors(), ...integerVectors(), ...regressionNetworks()];
}

export function checkVector({ title, graph, inputs, integers }: ContractVector): Checked {
  verifyBnnGraph(graph, title);
  if (!integers) return checkGraph(graph, inputs);
  const { mode, ranges, edit, plain } = integers;
  const program = lower(plain ? graph : optimize(graph));
  return checkIntegers(program, inputs, {
    mode,
    ranges: (ranges ?? calibrate)(program, inputs),
    fits: ranges === undefined && edit === undefined,
    ...(edit ? { edit } : {}),
  });
}
