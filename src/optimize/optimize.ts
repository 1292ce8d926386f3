/**
 * BnnGraph -> BnnGraph: fewer operations, the same mathematics. The passes, in order; the list is run until nothing changes.
 */
import type { BnnGraph } from '../bnn/bnn-graph.js';
import { verifyBnnGraph } from '../bnn/verify-bnn-graph.js';
import { absorbBiasIntoRprelu } from './absorb-bias-into-rprelu.js';
import { absorbBiasIntoRsign } from './absorb-bias-into-rsign.js';
import { composeScaleBias } from './compose-scale-bias.js';
import { foldNegate } from './fold-negate.js';
import { foldScaleBiasIntoConvolution } from './fold-scale-bias-into-convolution.js';
import { mergeEqualNodes } from './merge-equal-nodes.js';
import { mergePairedConvolutions } from './merge-paired-convolutions.js';

export type OptimizePass = (graph: BnnGraph) => BnnGraph;

export const OPTIMIZE_PASSES: readonly OptimizePass[] = [
  composeScaleBias,
  foldScaleBiasIntoConvolution,
  absorbBiasIntoRsign,
  absorbBiasIntoRprelu,
  mergeEqualNodes,
  foldNegate,
  mergePairedConvolutions,
];

export function optimize(graph: BnnGraph, passes: readonly OptimizePass[] = OPTIMIZE_PASSES): BnnGraph {
  let current = graph;
  for (;;) {
    const before = current;
    for (const pass of passes) {
      const after = pass(current);
      if (after !== current) current = verifyBnnGraph(after, pass.name);
    }
    if (current === before) return current;
  }
}
