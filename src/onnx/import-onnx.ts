/**
 * Bytes to OnnxGraph: the only file that sees both.
 *
 * Flows in: a .onnx file's bytes and a way to read external data. Flows out: a verified OnnxGraph; large tensors are views of
 * the bytes, which must not change afterwards.
 * Keeps true: whatever the bytes are, the result is a graph that verify-onnx-graph.ts accepts or a DiagnosticError with
 * all problems found.
 */
import { DiagnosticBag, fail } from '../diagnostics/diagnostic.js';
import { decodeAttributes } from './decode-attribute.js';
import { decodeTensor, elementCount, MAX_RANK, type TensorContext } from './decode-tensor.js';
import { describeNames, describeNode, describeShape, displayName } from './describe.js';
import { dataTypeName, ELEMENT_TYPES, SUPPORTED_ELEMENT_TYPES } from './element-types.js';
import type { ReadExternal } from './external-data.js';
import { ModelFileError } from './guard-model.js';
import { inlineFunctions } from './inline-functions.js';
import type { OnnxGraph, OnnxNode, Tensor, TensorType, ValueInfo } from './onnx-graph.js';
import { type RawGraph, type RawModel, type RawNode, type RawValueInfo, readModel } from './raw-model.js';
import { sortNodes } from './sort-nodes.js';
import { UnreadableFiles } from './unreadable-files.js';
import { verifyOnnxGraph } from './verify-onnx-graph.js';

export interface ImportOptions {
  /** Absent: a model with external data is refused. */
  readonly readExternal?: ReadExternal;
  /** Stands in for a graph without a name. */
  readonly modelName: string;
}

/**
 * From 9 on the operators that we read keep their meaning, except where canonicalize asks for the version (Softmax). This was
 * read from the operator changelog up to the newest; what a later version would change cannot be known, so it is refused.
 */
export const OLDEST_OPSET = 9;
export const NEWEST_OPSET = 28;

/** The networks have up to some thousand; rules look at each of them many times. */
const MAX_NODES = 50_000;
/** Of one node: Concat has the most, one for each part. */
const MAX_OPERANDS = 4096;

const MAX_COPIED_BYTES = 2 ** 30;

export function importOnnx(bytes: Uint8Array, options: ImportOptions): OnnxGraph {
  const { model, graph } = readFile(bytes, options.modelName);
  const bag = new DiagnosticBag();
  const context: TensorContext = {
    bag,
    readExternal: options.readExternal ?? null,
    budget: { bytes: MAX_COPIED_BYTES },
    unreadable: new UnreadableFiles(),
  };
  const opset = readOpset(model, bag);
  bag.throwIfAny();
  const rawNodes = inlineFunctions(graph, model.functions, opset, bag);
  if (!bag.hasErrors && rawNodes.length > MAX_NODES) {
    bag.error('DYB105', { found: `${rawNodes.length} nodes`, supported: `up to ${MAX_NODES}` });
  }
  // What was not inlined would be called missing.
  bag.throwIfAny();
  refuseControlFlow(rawNodes, opset, bag);
  refuseOtherStorage(graph, bag);
  const constants = readConstants(graph, context);
  const inputs = readValueInfos(graph.inputs, 'input', bag).filter((input) => !constants.has(input.name));
  const outputs = readValueInfos(graph.outputs, 'output', bag);
  const unsorted = rawNodes.map((raw, index) => readNode(raw, index, opset, context));
  context.unreadable.report(bag);
  const types = readTypes([...graph.valueInfos, ...graph.outputs, ...graph.inputs], constants);
  // An input that was refused still defines its name, or everything that reads it would be called dangling.
  const given = new Set<string>([...graph.inputs.map((input) => input.name), ...constants.keys()]);
  const duplicates = findDuplicates(given, unsorted, opset, bag);
  findDangling(given, unsorted, outputs, opset, bag);
  const sorted = sortNodes(unsorted);
  if (sorted.kind === 'cycle' && !duplicates) {
    bag.error('DYB106', {
      title: 'nodes form a cycle',
      node: describeNode(sorted.nodes[0]!, opset),
      found: `a cycle of ${sorted.nodes.length} nodes: ${describeNames(sorted.nodes.map((n) => n.name))}`,
    });
  }
  bag.throwIfAny();
  const result: OnnxGraph = {
    name: graph.name !== '' ? graph.name : options.modelName,
    irVersion: model.irVersion,
    opset,
    producer: `${model.producerName} ${model.producerVersion}`.trim(),
    inputs,
    outputs,
    nodes: sorted.nodes,
    constants,
    types,
  };
  verifyOnnxGraph(result);
  return result;
}

function readFile(bytes: Uint8Array, modelName: string): { model: RawModel; graph: RawGraph } {
  const node = displayName(modelName);
  const hint = fileHint(bytes);
  if (hint !== null) fail('DYB101', { node, ...hint });
  const model = readModelOrFail(bytes, node);
  const { graph } = model;
  if (graph === null) fail('DYB101', { node, found: 'a file without a graph', supported: 'an ONNX ModelProto' });
  if (graph.outputs.length === 0 && graph.nodes.length === 0) {
    fail('DYB101', { node, found: 'an empty graph', supported: 'a graph with nodes and outputs' });
  }
  return { model, graph };
}

function readModelOrFail(bytes: Uint8Array, node: string): RawModel {
  try {
    return readModel(bytes);
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    fail(error.code, { node, found: error.message });
  }
}

/** Files that are often taken for the model. */
function fileHint(bytes: Uint8Array): { found: string; hint?: string } | null {
  if (bytes.length === 0) return { found: 'an empty file' };
  const head = String.fromCharCode(...bytes.subarray(0, 48));
  if (head.startsWith('version https://git-lfs')) {
    return { found: 'a Git LFS pointer', hint: 'fetch the file itself with: git lfs pull' };
  }
  if (head.startsWith('PK\x03\x04'))
    return { found: 'a zip archive (a PyTorch checkpoint is one)', hint: 'export the model with torch.onnx.export' };
  if (/^\s*(<!doctype|<html|<\?xml)/i.test(head)) return { found: 'a web page', hint: 'download the raw file' };
  if (/^\s*[{[]/.test(head) && !head.includes('\0')) return { found: 'text' };
  return null;
}

function readOpset(model: RawModel, bag: DiagnosticBag): number {
  const imports = model.opsetImports.filter((o) => o.domain === '' || o.domain === 'ai.onnx');
  const version = imports[0]?.version;
  const supported = `${OLDEST_OPSET} to ${NEWEST_OPSET}`;
  if (version === undefined) {
    bag.error('DYB107', { found: "no version of ONNX's own operators", supported });
    return 0;
  }
  const clash = imports.find((o) => o.version !== version);
  if (clash !== undefined)
    bag.error('DYB107', { found: `versions ${version} and ${clash.version} at once`, supported });
  else if (version < OLDEST_OPSET || version > NEWEST_OPSET)
    bag.error('DYB107', { found: `opset ${version}`, supported });
  return version;
}

const CONTROL_FLOW = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);
const QUANTIZED = /^(QuantizeLinear|DequantizeLinear|DynamicQuantizeLinear|QLinear.*|.*Integer)$/;

function refuseControlFlow(nodes: readonly RawNode[], opset: number, bag: DiagnosticBag): void {
  nodes.forEach((raw, index) => {
    const node = describeNode({ name: nodeName(raw, index), opType: raw.opType, domain: ownDomain(raw.domain) }, opset);
    if (CONTROL_FLOW.has(raw.opType)) bag.error('DYB206', { node, found: raw.opType });
    else if (QUANTIZED.test(raw.opType)) bag.error('DYB207', { node, found: displayName(raw.opType) });
  });
}

function refuseOtherStorage(graph: RawGraph, bag: DiagnosticBag): void {
  if (graph.sparseInitializers > 0) {
    bag.error('DYB104', { found: `${graph.sparseInitializers} sparse initializers`, supported: 'dense initializers' });
  }
  if (graph.quantizationAnnotations > 0) {
    bag.error('DYB207', { found: `quantization annotations of ${graph.quantizationAnnotations} tensors` });
  }
}

function readConstants(graph: RawGraph, context: TensorContext): Map<string, Tensor> {
  const constants = new Map<string, Tensor>();
  for (const raw of graph.initializers) {
    const node = `initializer ${displayName(raw.name)}`;
    if (raw.name === '') context.bag.error('DYB106', { node: 'an initializer', found: 'no name' });
    else if (constants.has(raw.name)) context.bag.error('DYB106', { node, found: 'a name that is given twice' });
    const tensor = decodeTensor(raw, node, context);
    // A tensor that was refused still defines its name, or everything that reads it would be called dangling.
    constants.set(raw.name, tensor ?? { type: 'float32', shape: [0], data: new Float32Array(0) });
  }
  return constants;
}

function readValueInfos(infos: readonly RawValueInfo[], what: string, bag: DiagnosticBag): ValueInfo[] {
  const seen = new Set<string>();
  return infos.flatMap(({ name, type }) => {
    const node = `${what} ${displayName(name)}`;
    if (name === '' || seen.has(name)) {
      bag.error('DYB106', { node, found: name === '' ? `an ${what} without a name` : 'a name that is given twice' });
      return [];
    }
    seen.add(name);
    if (type.kind !== 'tensor' && type.kind !== 'none') {
      bag.error('DYB104', { node, found: `a ${type.kind}`, supported: 'a tensor' });
      return [];
    }
    const elementType = ELEMENT_TYPES.get(type.elemType ?? 0);
    if (elementType === undefined) {
      const found = type.elemType === null ? 'no element type' : dataTypeName(type.elemType);
      bag.error('DYB104', { node, found, supported: SUPPORTED_ELEMENT_TYPES });
      return [];
    }
    if (type.dims !== null && !plausibleDims(type.dims)) {
      const found = type.dims.length > MAX_RANK ? `${type.dims.length} dimensions` : describeShape(type.dims);
      bag.error('DYB105', { node, found, supported: `at most ${MAX_RANK} dimensions of 1 or more, 2^32 elements` });
      return [];
    }
    return [{ name, type: elementType, shape: type.dims }];
  });
}

function plausibleDims(dims: readonly (number | string | null)[]): boolean {
  const known = dims.filter((d): d is number => typeof d === 'number');
  return dims.length <= MAX_RANK && !known.includes(0) && (elementCount(known) ?? 2 ** 40) < 2 ** 32;
}

/** What the file says of its values, where it says something that can be right; the rest is inferred later anyway. */
function readTypes(infos: readonly RawValueInfo[], constants: ReadonlyMap<string, Tensor>): Map<string, TensorType> {
  const types = new Map<string, TensorType>();
  for (const { name, type } of infos) {
    const elementType = ELEMENT_TYPES.get(type.elemType ?? 0);
    if (name === '' || elementType === undefined) continue;
    types.set(name, { type: elementType, shape: type.dims !== null && plausibleDims(type.dims) ? type.dims : null });
  }
  for (const [name, { type, shape }] of constants) types.set(name, { type, shape });
  return types;
}

function readNode(raw: RawNode, index: number, opset: number, context: TensorContext): OnnxNode {
  const name = nodeName(raw, index);
  const domain = ownDomain(raw.domain);
  const operands = Math.max(raw.inputs.length, raw.outputs.length);
  if (operands > MAX_OPERANDS) {
    context.bag.error('DYB105', {
      node: describeNode({ name, opType: raw.opType, domain }, opset),
      found: `${operands} inputs or outputs`,
      supported: `up to ${MAX_OPERANDS}`,
    });
  }
  const attributes = decodeAttributes({ name, opType: raw.opType, domain, attributes: raw.attributes }, opset, context);
  return { name, opType: raw.opType, domain, inputs: raw.inputs, outputs: raw.outputs, attributes, origin: [name] };
}

function nodeName(raw: RawNode, index: number): string {
  return raw.name !== '' ? raw.name : `${raw.opType}_${index}`;
}

/** 'dybnn' in a file would claim to be canonicalize's own output. */
function ownDomain(domain: string): string {
  if (domain === 'ai.onnx') return '';
  return domain === 'dybnn' ? 'file:dybnn' : domain;
}

function findDuplicates(
  given: ReadonlySet<string>,
  nodes: readonly OnnxNode[],
  opset: number,
  bag: DiagnosticBag,
): boolean {
  const made = new Set<string>(given);
  let found = false;
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (made.has(output)) {
        found = true;
        bag.error('DYB106', {
          node: describeNode(node, opset),
          found: `value ${displayName(output)} made a second time`,
        });
      }
      made.add(output);
    }
  }
  return found;
}

function findDangling(
  given: ReadonlySet<string>,
  nodes: readonly OnnxNode[],
  outputs: readonly ValueInfo[],
  opset: number,
  bag: DiagnosticBag,
): void {
  const made = new Set<string>(['', ...given]);
  for (const node of nodes) for (const output of node.outputs) made.add(output);
  for (const node of nodes) {
    const missing = node.inputs.filter((input) => !made.has(input));
    if (missing.length > 0) {
      bag.error('DYB106', {
        node: describeNode(node, opset),
        found: `reads ${describeNames(missing)}, which nothing makes`,
      });
    }
  }
  for (const output of outputs) {
    if (!made.has(output.name)) {
      bag.error('DYB106', { node: `output ${displayName(output.name)}`, found: 'an output that nothing makes' });
    }
  }
}
