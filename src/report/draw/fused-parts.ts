/** What a node names under its title: all that is fused into it but the sums for a later average, which the panel has. */
import type { FusedPart, ReportNode } from '../report-data.js';

export function fusedParts(node: ReportNode): readonly FusedPart[] {
  return node.parts.slice(1).filter((p) => p.name !== 'Row sums');
}
