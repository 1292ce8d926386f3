/** What `verify` found wrong with a node, in words; '' where it found nothing. */
import { exact } from './draw/words.js';
import type { ReportData, ReportNode, VerifiedLayer } from './report-data.js';

export type VerifiedSteps = ReadonlyMap<number, VerifiedLayer>;

/** By index into `layers`. */
export function verifiedSteps({ verify }: ReportData): VerifiedSteps {
  return new Map((verify?.layers ?? []).map((l) => [l.layer, l]));
}

export function stepsOfNode(steps: VerifiedSteps, node: ReportNode): readonly VerifiedLayer[] {
  return node.layers.flatMap((l) => steps.get(l) ?? []);
}

export function problemOf(steps: readonly VerifiedLayer[]): string {
  const mismatches = steps.reduce((sum, l) => sum + (l.onnxRuntime?.mismatches ?? 0), 0);
  return [
    ...(mismatches === 0
      ? []
      : [`${exact(mismatches)} values differ from ONNX Runtime by more than rounding explains`]),
    ...steps.flatMap((l) => (l.cDifference === null ? [] : [`the generated C differs: ${l.cDifference}`])),
  ].join('; ');
}
