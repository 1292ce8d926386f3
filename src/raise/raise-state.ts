/**
 * What raise knows while it walks the canonical graph: which map each ONNX value is, and the nodes made so far.
 *
 * A Raised value is a map together with the shape that ONNX sees. Reshapes that keep the order of elements (channels first)
 * only change that shape: [1,C,1,1] and [1,C] are one vector, [1,C*H*W] is a map laid out flat.
 */
import type { BnnNode, MapShape, Statistics, Value, ValueId } from '../bnn/bnn-graph.js';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { type DiagnosticBag, makeDiagnostic } from '../diagnostics/diagnostic.js';
import { describeNode, type OnnxGraph, type OnnxNode } from '../onnx/index.js';
import { readableName } from './readable-name.js';

export interface Raised {
  readonly id: ValueId;
  /** As ONNX sees it, batch axis 1. */
  readonly shape: readonly number[];
}

/** A BnnNode without what the state fills in. */
type NewNode = BnnNode extends infer N ? (N extends BnnNode ? Omit<N, 'name' | 'origin' | 'output'> : never) : never;

export class RaiseState {
  readonly nodes: BnnNode[] = [];
  readonly values: Value[] = [];
  private readonly raised = new Map<string, Raised>();
  /** Values that stand on something refused. */
  private readonly tainted = new Set<string>();
  private mute = false;
  private readonly names = new Set<string>();
  /** The value that stands for an ONNX value, as far as one does. */
  private readonly byOnnxName = new Map<string, ValueId>();

  constructor(
    readonly graph: OnnxGraph,
    readonly bag: DiagnosticBag,
  ) {}

  bind(name: string, raised: Raised): void {
    this.raised.set(name, raised);
  }

  /**
   * Raises one node so that all problems of the graph are found at once: what a refused node would have made is stood in for
   * by a value of the shape that ONNX says it has, and readers of such a value are checked too. Of these only what is wrong
   * with the node itself is reported (its weights, attributes), not how it fits its inputs (DYB301).
   */
  attempt(node: OnnxNode, raiseIt: () => void): void {
    this.mute = node.inputs.some((i) => this.tainted.has(i));
    const errorsBefore = this.bag.errorCount;
    raiseIt();
    const failed = this.bag.errorCount > errorsBefore || node.outputs.some((o) => o !== '' && !this.raised.has(o));
    for (const output of node.outputs) {
      if (failed || this.mute) this.tainted.add(output);
      if (!this.raised.has(output)) this.standIn(output);
    }
    this.mute = false;
  }

  private standIn(name: string): void {
    const known = this.graph.types.get(name)?.shape ?? [];
    const shape = known.map((d) => (typeof d === 'number' ? d : 1));
    const [, channels = 1, height = 1, width = 1] = shape;
    this.bind(name, { id: this.addInput(name, { channels, height, width }), shape });
  }

  find(name: string): Raised | undefined {
    return this.raised.get(name);
  }

  valueOf(id: ValueId): Value {
    return this.values[id]!;
  }

  /** Nodes and values are made in pairs. */
  producerOf(id: ValueId): BnnNode {
    return this.nodes[id]!;
  }

  /** Adds a node that stands for `onnxNode`, and the value it makes. */
  add(onnxNode: OnnxNode, shape: MapShape, node: NewNode, domain: Value['domain'] = 'real'): ValueId {
    const id = this.values.length;
    const name = this.uniqueName(readableName(onnxNode));
    const onnxName = onnxNode.outputs[0] ?? name;
    // Of several nodes made for one of ONNX's the last makes its output; those before are on the way to it.
    const before = this.byOnnxName.get(onnxName);
    if (before !== undefined) this.values[before] = { ...this.values[before]!, name: `${onnxName} (on the way)` };
    this.byOnnxName.set(onnxName, id);
    this.values.push({ id, name: onnxName, shape, domain });
    this.nodes.push({ ...node, name, origin: onnxNode.origin, output: id } as BnnNode);
    return id;
  }

  /** Keeps what is known of a value. */
  setStatistics(id: ValueId, statistics: Statistics | undefined): ValueId {
    if (statistics) this.values[id] = { ...this.values[id]!, statistics };
    return id;
  }

  addInput(valueName: string, shape: MapShape): ValueId {
    const id = this.values.length;
    this.values.push({ id, name: valueName, shape, domain: 'real' });
    this.nodes.push({ kind: 'Input', name: this.uniqueName('input'), origin: [], output: id });
    return id;
  }

  report(
    node: OnnxNode,
    code: DiagnosticCode,
    details: { readonly title?: string; readonly found?: string; readonly supported?: string; readonly hint?: string },
  ): void {
    if (this.mute && code === 'DYB301') return;
    this.bag.add(makeDiagnostic(code, { node: describeNode(node, this.graph.opset), ...details }));
  }

  private uniqueName(name: string): string {
    let unique = name;
    for (let i = 2; this.names.has(unique); i++) unique = `${name}_${i}`;
    this.names.add(unique);
    return unique;
  }
}

export const sizeOfShape = (shape: readonly number[]): number => shape.reduce((p, d) => p * d, 1);
