/**
 * Everything that is left is of the dialect, or a diagnostic says why not.
 *
 * Flows in: a graph behind all rules. Flows out: the same; problems go to the bag. A comparison or a mask is only spoken of
 * where no operator that reads it is: the reason is said once, at the operator that the mask was for.
 */
import type { Diagnostic, DiagnosticBag } from '../../diagnostics/diagnostic.js';
import type { OnnxGraph, OnnxNode } from '../../onnx/onnx-graph.js';
import { readDialect } from '../dialect.js';
import { staticType } from '../graph-view.js';

export function checkDialect(graph: OnnxGraph, bag: DiagnosticBag): OnnxGraph {
  const problems: (readonly Diagnostic[])[] = [];
  /** Values that a node with a problem reads. */
  const spokenOf = new Set<string>();
  for (const node of [...graph.nodes].reverse()) {
    const read = readDialect(node, graph);
    if (read.kind === 'node') continue;
    if (!isMask(node, graph) || !node.outputs.some((output) => spokenOf.has(output))) problems.push(read.diagnostics);
    for (const input of node.inputs) spokenOf.add(input);
  }
  for (const diagnostics of problems.reverse()) for (const diagnostic of diagnostics) bag.add(diagnostic);
  return graph;
}

/** A condition, or a condition as a number. */
function isMask(node: OnnxNode, graph: OnnxGraph): boolean {
  const bool = (value: string | undefined): boolean =>
    value !== undefined && staticType(graph.types, value)?.type === 'bool';
  return bool(node.outputs[0]) || (node.opType === 'Cast' && bool(node.inputs[0]));
}
