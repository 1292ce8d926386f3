/**
 * Canonicalizes a built model and compares what is left with ONNX Runtime on the model itself, so that every case that shows
 * a rewriting also shows that it computes the same.
 */
import { canonicalize } from '../../src/canonicalize/canonicalize.js';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { importOnnx, type OnnxGraph } from '../../src/onnx/index.js';
import { evaluateDialect } from './evaluate-dialect.js';
import type { OnnxBuilder } from './onnx-builder.js';
import { runOnnx } from './onnx-runtime.js';
import { seededRandom } from './random.js';
import { sketch } from './sketch.js';

export interface CheckOptions {
  /**
   * Inputs hold exact zeros, where sides of a comparison show. Off for ONNX's Sign: its 0 at 0 is +1 by the contract, and
   * that is the one difference that is meant.
   */
  readonly zeros?: boolean;
  /** The batch that ONNX Runtime is given. */
  readonly batch?: number;
}

export function canonicalGraph(m: OnnxBuilder): OnnxGraph {
  return canonicalize(importOnnx(m.bytes(), { modelName: 'm' })).graph;
}

/** The sketch of the canonical graph, once it was seen to compute what the model computes. */
export async function checked(m: OnnxBuilder, options: CheckOptions = {}): Promise<string> {
  const graph = canonicalGraph(m);
  const shape = (graph.types.get(graph.inputs[0]!.name)?.shape ?? []) as readonly number[];
  const batch = options.batch ?? 1;
  const perSample = shape.reduce((product, d) => product * d, 1);
  const random = seededRandom(7);
  const zeros = options.zeros ?? true;
  const input = Float32Array.from({ length: batch * perSample }, (_, i) =>
    zeros && i % 5 === 0 ? 0 : Math.fround(8 * random() - 4),
  );
  const expected = await runOnnx(m.bytes(), [batch, ...shape.slice(1)], input);
  const perOutput = expected.data.length / batch;
  for (let sample = 0; sample < batch; sample++) {
    const { data } = evaluateDialect(graph, input.subarray(sample * perSample, (sample + 1) * perSample));
    if (data.length !== perOutput) throw new Error(`${data.length} elements, ONNX Runtime has ${perOutput}`);
    data.forEach((value, i) => {
      const other = expected.data[sample * perOutput + i]!;
      // Binary64 here, binary32 there: rounding of a few operations.
      if (Math.abs(value - other) > 1e-5 * Math.max(1, Math.abs(other))) {
        throw new Error(`sample ${sample}, element ${i}: ${value}, ONNX Runtime says ${other}\n${sketch(graph)}`);
      }
    });
  }
  return sketch(graph);
}

/** The diagnostics of import or canonicalize as lines: code, node, found, supported. */
export function refusal(m: OnnxBuilder | Uint8Array): string {
  try {
    const bytes = m instanceof Uint8Array ? m : m.bytes();
    const graph = canonicalize(importOnnx(bytes, { modelName: 'm' })).graph;
    return `accepted:\n${sketch(graph)}`;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics
      .map((d) => [d.code, d.node ?? '', d.found ?? '', d.supported ?? ''].join(' | ').replace(/( \| )+$/, ''))
      .join('\n');
  }
}
