/**
 * What a node names under its title: all that is fused into it but the sums for a later average, and but scale and bias where
 * there is more to say; the panel has them all.
 */
import type { FusedPart, ReportNode } from '../report-data.js';

const COMMON = new Set(['scale', 'bias', 'scale and bias']);

export function fusedParts(node: ReportNode): readonly FusedPart[] {
  const parts = node.parts.slice(1).filter((p) => p.name !== 'Row sums');
  const special = parts.filter((p) => !COMMON.has(p.name));
  return special.length > 0 ? special : parts;
}
