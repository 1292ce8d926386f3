/**
 * OnnxGraph to OnnxGraph: static shapes, batch 1, constants folded, dead code gone, and only the dialect left (dialect.ts).
 *
 * Flows in: an imported graph. Flows out: a canonical one that computes the same but for rounding noise.
 * Keeps true: each pass is a pure function with the verifier behind it; a stage that finds problems throws all of them.
 */
import { type Diagnostic, DiagnosticBag } from '../diagnostics/diagnostic.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import { verifyOnnxGraph } from '../onnx/verify-onnx-graph.js';
import { checkDialect } from './passes/check-dialect.js';
import { checkOutputs } from './passes/check-outputs.js';
import { inferAndFold } from './passes/infer-and-fold.js';
import { mergeEqualValues } from './passes/merge-equal-values.js';
import { removeDead } from './passes/remove-dead.js';
import { type InterfaceOptions, selectInterface } from './passes/select-interface.js';
import { settleOutputs } from './passes/settle-outputs.js';
import { splitToSlices } from './passes/split-to-slices.js';
import { takeOneSample } from './passes/take-one-sample.js';
import { BEFORE_FOLDING, TO_DIALECT } from './patterns/index.js';
import { applyRules, REWRITE_BUDGET, type RewriteBudget } from './rewrite.js';

export interface CanonicalizeOptions extends InterfaceOptions {
  /** Sees the graph behind each pass. */
  readonly trace?: (pass: string, graph: OnnxGraph) => void;
}

export interface CanonicalizeResult {
  readonly graph: OnnxGraph;
  readonly warnings: readonly Diagnostic[];
}

interface Context {
  readonly options: CanonicalizeOptions;
  readonly bag: DiagnosticBag;
  readonly budget: RewriteBudget;
}

type Pass = readonly [name: string, run: (graph: OnnxGraph, context: Context) => OnnxGraph];

const PASSES: readonly Pass[] = [
  ['select interface', (graph, { options, bag }) => selectInterface(graph, options, bag)],
  ['remove dead', removeDead],
  ['infer types', (graph, { bag }) => inferAndFold(graph, { fold: 'shapes', asImported: true }, bag)],
  ['check outputs', (graph, { bag }) => checkOutputs(graph, bag)],
  ['split to slices', splitToSlices],
  ['merge equal values', mergeEqualValues],
  [
    'rules before folding',
    (graph, { budget }) => toFixedPoint(graph, (g) => mergeEqualValues(applyRules(g, BEFORE_FOLDING, budget))),
  ],
  ['fold', (graph, { bag }) => inferAndFold(graph, { fold: 'all' }, bag)],
  ['take one sample', (graph, { bag }) => takeOneSample(graph, bag)],
  [
    'rules to dialect',
    (graph, { bag, budget }) =>
      toFixedPoint(graph, (g) =>
        mergeEqualValues(inferAndFold(applyRules(g, TO_DIALECT, budget), { fold: 'all' }, bag)),
      ),
  ],
  ['settle outputs', settleOutputs],
  ['check dialect', (graph, { bag }) => checkDialect(graph, bag)],
];

export function canonicalize(graph: OnnxGraph, options: CanonicalizeOptions = {}): CanonicalizeResult {
  const context: Context = { options, bag: new DiagnosticBag(), budget: { nodes: REWRITE_BUDGET } };
  const { bag } = context;
  let current = graph;
  for (const [name, run] of PASSES) {
    current = run(current, context);
    bag.throwIfAny();
    verifyOnnxGraph(current);
    options.trace?.(name, current);
  }
  return { graph: current, warnings: bag.warnings };
}

/** More than any network needs. */
const MAX_ROUNDS = 16;

function toFixedPoint(graph: OnnxGraph, run: (graph: OnnxGraph) => OnnxGraph): OnnxGraph {
  let current = graph;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = run(current);
    if (next.nodes.length === current.nodes.length && next.nodes.every((node, i) => node === current.nodes[i]))
      return next;
    current = next;
  }
  return current;
}
