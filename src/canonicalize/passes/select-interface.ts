/**
 * The model's one input and one output, and their static shapes.
 *
 *     x: float32 [batch, 3, 224, 224]    becomes    x: float32 [1, 3, 224, 224]
 *
 * Exporter: every one that was given dynamic axes. A fixed batch is left for take-one-sample.ts: the graph may carry it in
 * constants.
 *
 * Flows in: an imported graph. Flows out: the same, its input static. Problems go to the bag.
 */
import type { DiagnosticBag } from '../../diagnostics/diagnostic.js';
import { describeNames, describeType, displayName } from '../../onnx/describe.js';
import type { OnnxGraph, ValueInfo } from '../../onnx/onnx-graph.js';

export interface InterfaceOptions {
  /** The input's shape, where the model leaves more than the batch axis open. */
  readonly inputShape?: readonly number[];
}

const SUPPORTED = 'one float32 input [batch, channels, height, width] (or [batch, features]) and one float32 output';

export function selectInterface(graph: OnnxGraph, options: InterfaceOptions, bag: DiagnosticBag): OnnxGraph {
  const [input] = graph.inputs;
  const [output] = graph.outputs;
  if (input === undefined || graph.inputs.length > 1) {
    bag.error('DYB109', { found: `${graph.inputs.length} inputs${listed(graph.inputs)}`, supported: SUPPORTED });
  }
  if (output === undefined || graph.outputs.length > 1) {
    bag.error('DYB109', { found: `${graph.outputs.length} outputs${listed(graph.outputs)}`, supported: SUPPORTED });
  }
  for (const value of [input, output]) {
    if (value === undefined || value.type === 'float32') continue;
    bag.error('DYB109', { node: displayName(value.name), found: describeType(value), supported: SUPPORTED });
  }
  if (bag.hasErrors || input === undefined) return graph;
  const shape = staticShape(input, options, bag);
  if (shape === null) return graph;
  const types = new Map(graph.types).set(input.name, { type: input.type, shape });
  return { ...graph, types };
}

function listed(values: readonly ValueInfo[]): string {
  return values.length === 0 ? '' : `: ${describeNames(values.map((value) => value.name))}`;
}

function staticShape(input: ValueInfo, options: InterfaceOptions, bag: DiagnosticBag): readonly number[] | null {
  const node = `input ${displayName(input.name)}`;
  const found = describeType(input);
  const declared = input.shape ?? options.inputShape ?? null;
  if (declared === null) {
    bag.error('DYB204', { node, found, supported: 'a static shape apart from the batch axis' });
    return null;
  }
  if (declared.length !== 4 && declared.length !== 2) {
    bag.error('DYB109', { node, found, supported: SUPPORTED });
    return null;
  }
  const given = options.inputShape;
  if (given !== undefined && (given.length !== declared.length || declared.some((d, i) => clashes(d, given[i], i)))) {
    bag.error('DYB204', { node, found, supported: `the shape that was given: [${given.join(', ')}]` });
    return null;
  }
  const shape = declared.map((d, axis) => (typeof d === 'number' ? d : axis === 0 ? 1 : (given?.[axis] ?? null)));
  if (shape.includes(null)) {
    bag.error('DYB204', { node, found, supported: 'a static shape apart from the batch axis' });
    return null;
  }
  return shape as number[];
}

function clashes(declared: number | string | null, given: number | undefined, axis: number): boolean {
  return typeof declared === 'number' && axis > 0 && declared !== given;
}
