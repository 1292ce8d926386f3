/**
 * Everything that is left is of the dialect, or a diagnostic says why not.
 *
 * Flows in: a graph behind all rules. Flows out: the same; problems go to the bag. A comparison or a mask is only spoken of
 * where no operator that reads it is: the reason is said once, at the operator that the mask was for.
 */
import type { DiagnosticBag } from '../../diagnostics/diagnostic.js';
import type { OnnxGraph, OnnxNode } from '../../onnx/onnx-graph.js';
import { isDialectOperator, readDialect } from '../dialect.js';
import { staticType } from '../graph-view.js';

/** Explanations take time, and nobody reads more. */
const MAX_SAID = 500;

export function checkDialect(graph: OnnxGraph, bag: DiagnosticBag): OnnxGraph {
  const problems = graph.nodes.filter((node) => !isDialectOperator(node) || readDialect(node, graph).kind !== 'node');
  /** Values that a node with a problem reads. */
  const spokenOf = new Set(problems.flatMap((node) => node.inputs));
  const toSay = problems.filter((node) => !isMask(node, graph) || !node.outputs.some((output) => spokenOf.has(output)));
  for (const node of toSay.slice(0, MAX_SAID)) {
    const read = readDialect(node, graph);
    if (read.kind === 'diagnostics') for (const diagnostic of read.diagnostics) bag.add(diagnostic);
  }
  if (toSay.length > MAX_SAID) bag.error('DYB301', { found: `${toSay.length - MAX_SAID} more nodes like these` });
  return graph;
}

/** A condition, or a condition as a number. */
function isMask(node: OnnxNode, graph: OnnxGraph): boolean {
  const bool = (value: string | undefined): boolean =>
    value !== undefined && staticType(graph.types, value)?.type === 'bool';
  return bool(node.outputs[0]) || (node.opType === 'Cast' && bool(node.inputs[0]));
}
