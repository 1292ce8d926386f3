/** What `verify` found, as the report shows it: steps fed ONNX Runtime's own values. */
import type { VerifyReport } from '../verify/report.js';
import type { VerifyResults } from './report-data.js';

/** Null where ONNX Runtime did not run: there is nothing to show then. */
export function verifyResults({ samples, onnxRuntime, layers }: VerifyReport): VerifyResults | null {
  if (onnxRuntime.status !== 'compared') return null;
  return {
    samples,
    compared: `simulator and ONNX Runtime ${onnxRuntime.version}`,
    layers: layers.flatMap(({ step, teacherForced }) => {
      if (teacherForced === null) return [];
      const { compared, flips, mismatches, maxError, smallestMargin } = teacherForced;
      return [{ layer: step, compared, flips, mismatches, largestDifference: maxError, smallestMargin }];
    }),
  };
}
