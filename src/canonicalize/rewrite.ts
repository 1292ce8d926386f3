/**
 * Rules over a graph, applied in sweeps until none fires.
 *
 * Flows in: a typed graph and a list of rules. Flows out: a graph that computes the same; dead nodes are gone.
 * Keeps true: a rule never changes nodes, it names a value that stands for the output of the node it looks at; nodes that
 * nothing reads any more disappear afterwards, whoever else read them is untouched.
 */
import type { Attribute, OnnxGraph, OnnxNode, Tensor, TensorType } from '../onnx/onnx-graph.js';
import { countUses, type GraphView, staticType } from './graph-view.js';
import { findOperator } from './operators/index.js';
import { isFloat, OperatorProblem, readAttributes, type StaticType } from './operators/operator.js';
import { removeDead } from './passes/remove-dead.js';

export interface Rule {
  /** What it does, as a verb: for traces and error messages. */
  readonly name: string;
  /** The operators (dybnn.X for ours) of the node that the rule looks at. */
  readonly roots: readonly string[];
  /** The value that stands for the node's output, or null where the rule does not apply. */
  apply(node: OnnxNode, view: GraphView, draft: Draft): string | null;
}

/** Where a rule writes the nodes and constants that it needs. */
export interface Draft {
  constant(tensor: Tensor): string;
  node(opType: string, inputs: readonly string[], attributes?: DraftAttributes, domain?: 'dybnn'): string;
  /** The new nodes also stand for the makers of these values. */
  absorb(...values: readonly (string | undefined)[]): void;
}
/** A whole number is an int attribute; { float } says otherwise. */
export type DraftAttributes = Readonly<
  Record<string, number | string | readonly number[] | { readonly float: number }>
>;

/** What all rules together may still look at: a graph that is made to need more is left as it is by then. */
export interface RewriteBudget {
  nodes: number;
}

/** The training code's export of the largest network needs about twenty thousand. */
export const REWRITE_BUDGET = 1_000_000;

export function applyRules(graph: OnnxGraph, rules: readonly Rule[], budget: RewriteBudget): OnnxGraph {
  const byRoot = new Map<string, Rule[]>();
  for (const rule of rules) {
    for (const root of rule.roots) byRoot.set(root, [...(byRoot.get(root) ?? []), rule]);
  }
  let current = graph;
  while (budget.nodes > 0) {
    budget.nodes -= 1;
    const next = sweep(current, byRoot, budget);
    if (next === null) return current;
    current = removeDead(next);
  }
  return current;
}

/** null: nothing changed. */
function sweep(
  graph: OnnxGraph,
  byRoot: ReadonlyMap<string, readonly Rule[]>,
  budget: RewriteBudget,
): OnnxGraph | null {
  const work = new Sweep(graph, budget);
  let changed = false;
  for (const node of graph.nodes) {
    const resolved = work.resolve(node);
    work.spend(1);
    const fired = budget.nodes <= 0 ? null : firstRewrite(resolved, byRoot, work);
    if (fired === null) work.place(resolved);
    else {
      changed = true;
      work.settle(resolved, fired.value, fired.draft);
    }
  }
  return changed ? work.finish() : null;
}

function firstRewrite(
  node: OnnxNode,
  byRoot: ReadonlyMap<string, readonly Rule[]>,
  work: Sweep,
): { value: string; draft: NodeDraft } | null {
  const key = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  for (const rule of byRoot.get(key) ?? []) {
    const draft = new NodeDraft(node, work);
    try {
      const value = rule.apply(node, work, draft);
      if (value !== null) return { value, draft };
    } catch (error) {
      // Shapes that do not go together once rewritten: the rule does not apply after all.
      if (!(error instanceof OperatorProblem)) throw error;
    }
  }
  return null;
}

class Sweep implements GraphView {
  readonly opset: number;
  private readonly nodes: OnnxNode[] = [];
  private readonly producers = new Map<string, OnnxNode>();
  private readonly constants: Map<string, Tensor>;
  private readonly types: Map<string, TensorType>;
  private readonly aliases = new Map<string, string>();
  private readonly useCounts: ReadonlyMap<string, number>;
  private readonly outputs: ReadonlySet<string>;
  private fresh = 0;

  constructor(
    private readonly graph: OnnxGraph,
    private readonly budget: RewriteBudget,
  ) {
    this.opset = graph.opset;
    this.constants = new Map(graph.constants);
    this.types = new Map(graph.types);
    this.useCounts = countUses(graph);
    this.outputs = new Set(graph.outputs.map((output) => output.name));
  }

  producer(value: string | undefined): OnnxNode | undefined {
    return value === undefined ? undefined : this.producers.get(value);
  }

  constant(value: string | undefined): Tensor | undefined {
    return value === undefined ? undefined : this.constants.get(value);
  }

  type(value: string | undefined): StaticType | undefined {
    return value === undefined ? undefined : staticType(this.types, value);
  }

  uses(value: string): number {
    return this.useCounts.get(value) ?? 0;
  }

  spend(nodes: number): void {
    this.budget.nodes -= nodes;
  }

  isOutput(value: string): boolean {
    return this.outputs.has(value);
  }

  freshName(base: string): string {
    for (;;) {
      const name = `${base.slice(0, 100)}~${this.fresh++}`;
      if (!this.types.has(name) && !this.producers.has(name) && !this.constants.has(name)) return name;
    }
  }

  setType(value: string, type: StaticType): void {
    this.types.set(value, type);
  }

  resolve(node: OnnxNode): OnnxNode {
    if (!node.inputs.some((input) => this.aliases.has(input))) return node;
    return { ...node, inputs: node.inputs.map((input) => this.aliases.get(input) ?? input) };
  }

  place(node: OnnxNode): void {
    this.nodes.push(node);
    for (const output of node.outputs) if (output !== '') this.producers.set(output, node);
  }

  /** Puts a draft's nodes in place of `node`, whose output is now `value`. */
  settle(node: OnnxNode, value: string, draft: NodeDraft): void {
    const output = node.outputs[0]!;
    for (const [name, tensor] of draft.constants) this.constants.set(name, tensor);
    const makesResult = draft.nodes.some((made) => made.outputs[0] === value);
    for (const made of draft.nodes) {
      const inputs = makesResult ? made.inputs.map((input) => (input === value ? output : input)) : made.inputs;
      const outputs = makesResult && made.outputs[0] === value ? [output] : made.outputs;
      this.place({ ...made, inputs, outputs, origin: [...draft.origin] });
    }
    if (makesResult) this.types.set(output, this.types.get(value)!);
    else if (this.outputs.has(output)) {
      // settle-outputs.ts gives the value the output's name at the end.
      this.place({
        ...node,
        opType: 'Identity',
        domain: '',
        inputs: [value],
        outputs: [output],
        attributes: new Map(),
      });
    } else this.aliases.set(output, value);
  }

  finish(): OnnxGraph {
    return { ...this.graph, nodes: this.nodes, constants: this.constants, types: this.types };
  }
}

/** A pattern has some dozen nodes; a chain of a thousand that becomes one need not name them all. */
const MAX_ORIGIN = 64;

class NodeDraft implements Draft {
  readonly nodes: OnnxNode[] = [];
  readonly constants = new Map<string, Tensor>();
  readonly origin: Set<string>;

  constructor(
    private readonly root: OnnxNode,
    private readonly work: Sweep,
  ) {
    this.origin = new Set(root.origin);
  }

  constant(tensor: Tensor): string {
    if (isFloat(tensor.type) && !tensor.data.every((v) => Number.isFinite(Math.fround(v)))) {
      throw new OperatorProblem('DYB108', 'constants that combine to infinity');
    }
    const name = this.work.freshName(`${this.root.outputs[0]}/constant`);
    this.constants.set(name, tensor);
    this.work.setType(name, { type: tensor.type, shape: tensor.shape });
    return name;
  }

  node(opType: string, inputs: readonly string[], attributes: DraftAttributes = {}, domain: '' | 'dybnn' = ''): string {
    const output = this.work.freshName(this.root.outputs[0]!);
    const node: OnnxNode = {
      name: this.root.name,
      opType,
      domain,
      inputs,
      outputs: [output],
      attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, draftAttribute(value)])),
      origin: this.root.origin,
    };
    const operator = findOperator(node);
    if (operator === undefined) throw new Error(`internal: a rule made the unknown operator ${domain}.${opType}`);
    const [type] = operator.infer({
      node,
      opset: this.work.opset,
      attributes: readAttributes(node, operator.attributes) as never,
      types: inputs.map((input) => this.work.type(input) ?? null),
      constants: inputs.map((input) => this.constants.get(input) ?? this.work.constant(input) ?? null),
      mixedFloats: true,
    });
    this.work.setType(output, type!);
    this.nodes.push(node);
    return output;
  }

  absorb(...values: readonly (string | undefined)[]): void {
    for (const value of values) {
      for (const name of this.work.producer(value)?.origin ?? [])
        if (this.origin.size < MAX_ORIGIN) this.origin.add(name);
    }
  }
}

function draftAttribute(value: DraftAttributes[string]): Attribute {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value !== 'number')
    return 'float' in value ? { kind: 'float', value: value.float } : { kind: 'ints', value };
  return Number.isInteger(value) ? { kind: 'int', value } : { kind: 'float', value };
}
