/**
 * What the model declares of its output against what it computes: users read and write arrays by the declaration.
 *
 * Flows in: a graph with inferred types. Flows out: the same; problems go to the bag. The batch axis may differ: a dynamic one has
 * become 1.
 */
import type { DiagnosticBag } from '../../diagnostics/diagnostic.js';
import { describeType, displayName } from '../../onnx/describe.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { staticType } from '../graph-view.js';
import { isFloat } from '../operators/operator.js';

export function checkOutputs(graph: OnnxGraph, bag: DiagnosticBag): OnnxGraph {
  for (const output of graph.outputs) {
    const made = staticType(graph.types, output.name);
    if (made === undefined) continue;
    const declared = output.shape;
    const fits =
      declared === null ||
      (declared.length === made.shape.length &&
        declared.every((d, axis) => typeof d !== 'number' || axis === 0 || d === made.shape[axis]));
    if (fits && isFloat(made.type)) continue;
    bag.error(fits ? 'DYB109' : 'DYB205', {
      node: `output ${displayName(output.name)}`,
      found: `${describeType(output)} declared, ${describeType(made)} computed`,
      supported: fits ? 'a float32 output' : 'an output of the declared shape',
    });
  }
  return graph;
}
