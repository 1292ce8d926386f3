/** What `verify` found, as the report shows it. */
import type { Comparison, VerifyReport } from '../verify/report.js';
import type { ComparedStep, VerifiedFlip, VerifyResults } from './report-data.js';

/** The report shows the widest. */
const FLIPS_KEPT = 20;

/** Null where nothing was compared: there is nothing to show then. */
export function verifyResults(report: VerifyReport): VerifyResults | null {
  const { verdict, samples, inputs, reference, onnxRuntime, c, layers, top1 } = report;
  if (verdict === 'nothing compared') return null;
  return {
    verdict,
    samples,
    inputs,
    reference,
    onnxRuntime: onnxRuntime.status === 'compared' ? onnxRuntime.version : null,
    c: c.status === 'compared' ? { compiler: c.compiler, kernels: c.sets } : null,
    layers: layers.map((l) => ({
      layer: l.step,
      onnxRuntime: l.teacherForced && {
        ...comparedStep(l.teacherForced),
        mismatches: l.teacherForced.mismatches,
        smallestMargin: l.teacherForced.smallestMargin,
      },
      freeRunning: l.freeRunning && comparedStep(l.freeRunning),
      nearness: l.nearness,
      cDifference: l.c,
    })),
    flips: widestFlips(layers),
    top1,
  };
}

function comparedStep({ compared, maxError, maxUlps, flips }: Comparison): ComparedStep {
  return { compared, maxError, maxUlps, flips };
}

function widestFlips(layers: VerifyReport['layers']): readonly VerifiedFlip[] {
  return layers
    .flatMap(({ step, teacherForced }) => (teacherForced?.flipExamples ?? []).map((flip) => ({ layer: step, ...flip })))
    .sort((a, b) => b.margin - a.margin)
    .slice(0, FLIPS_KEPT);
}
