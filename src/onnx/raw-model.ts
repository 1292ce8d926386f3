/**
 * ModelProto as read, before anything is believed: the fields that import needs, under ONNX's names.
 *
 * Flows in: the file's bytes. Flows out: RawModel; raw tensor data and byte strings are views of the file.
 * Keeps true: onnx-proto decodes only what guard-model.ts let through. What ONNX has gained since onnx-proto's version and what
 * changes a model's meaning comes from the guard; the rest is documentation. Sub-graphs of attributes are left behind here.
 */
import onnxProto, { type onnx as proto } from 'onnx-proto';
import { guardModel, ModelFileError, type NewerFields } from './guard-model.js';

export interface RawTensor {
  name: string;
  dims: number[];
  dataType: number;
  rawData: Uint8Array | null;
  floatData: number[];
  doubleData: number[];
  int32Data: number[];
  /** The nearest numbers; decode-tensor.ts refuses those that are not exact. */
  int64Data: number[];
  hasStringData: boolean;
  hasSegment: boolean;
  dataLocation: number;
  externalData: Map<string, string>;
}

export interface RawAttribute {
  name: string;
  refAttrName: string;
  type: number;
  f: number | null;
  i: number | null;
  s: Uint8Array | null;
  t: RawTensor | null;
  floats: number[];
  ints: number[];
  strings: Uint8Array[];
  /** What else it holds, none of which a supported operator takes. */
  other: string | null;
}

export interface RawNode {
  inputs: string[];
  outputs: string[];
  name: string;
  opType: string;
  domain: string;
  overload: string;
  attributes: RawAttribute[];
}

export interface RawType {
  /** TensorProto.DataType; null where it is not a tensor. */
  elemType: number | null;
  kind: 'tensor' | 'sequence' | 'map' | 'optional' | 'sparse tensor' | 'none';
  dims: (number | string | null)[] | null;
}

export interface RawValueInfo {
  name: string;
  type: RawType;
}

export interface RawGraph {
  name: string;
  nodes: RawNode[];
  initializers: RawTensor[];
  sparseInitializers: number;
  quantizationAnnotations: number;
  inputs: RawValueInfo[];
  outputs: RawValueInfo[];
  valueInfos: RawValueInfo[];
}

export interface RawFunction {
  name: string;
  domain: string;
  overload: string;
  inputs: string[];
  outputs: string[];
  attributes: string[];
  attributeDefaults: RawAttribute[];
  nodes: RawNode[];
  opsetImports: RawOpset[];
}

export interface RawOpset {
  domain: string;
  version: number;
}

export interface RawModel {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  opsetImports: RawOpset[];
  graph: RawGraph | null;
  functions: RawFunction[];
}

const { onnx } = onnxProto;

/** Throws ModelFileError. The bytes must not change afterwards. */
export function readModel(bytes: Uint8Array): RawModel {
  // Of a Buffer protobufjs takes slices, of strings as well, where it would copy and decode by hand. A browser has none.
  const buffer = typeof Buffer === 'undefined' ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const newer = guardModel(buffer);
  const model = decodeModel(buffer);
  return {
    irVersion: toNumber(model.irVersion),
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    opsetImports: model.opsetImport.map(readOpset),
    graph: model.graph ? readGraph(model.graph, newer) : null,
    functions: model.functions.map((fn, index) => readFunction(fn, `/25.${index}`, newer)),
  };
}

function decodeModel(buffer: Uint8Array): proto.ModelProto {
  try {
    return onnx.ModelProto.decode(buffer);
  } catch (error) {
    // Should the guard have let through what the decoder does not take, it is still the file that is odd.
    throw new ModelFileError(`ModelProto: ${error instanceof Error ? error.message : String(error)}`, 'DYB102');
  }
}

/** An int64 as the nearest number. */
function toNumber(value: number | { toNumber(): number } | null | undefined): number {
  if (typeof value === 'number') return value;
  return value?.toNumber() ?? 0;
}

/** A view of a Buffer's bytes without Buffer's ways: its `slice` does not copy. */
function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether the file holds the field: a message's defaults are its prototype's. */
function has(message: object, field: string): boolean {
  return Object.hasOwn(message, field);
}

function readGraph(graph: proto.IGraphProto, newer: NewerFields): RawGraph {
  return {
    name: graph.name ?? '',
    nodes: (graph.node ?? []).map((node, index) => readNode(node, `/7.0/1.${index}`, newer)),
    initializers: (graph.initializer ?? []).map(readTensor),
    sparseInitializers: graph.sparseInitializer?.length ?? 0,
    quantizationAnnotations: graph.quantizationAnnotation?.length ?? 0,
    inputs: (graph.input ?? []).map(readValueInfo),
    outputs: (graph.output ?? []).map(readValueInfo),
    valueInfos: (graph.valueInfo ?? []).map(readValueInfo),
  };
}

function readNode(node: proto.INodeProto, place: string, newer: NewerFields): RawNode {
  return {
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    name: node.name ?? '',
    opType: node.opType ?? '',
    domain: node.domain ?? '',
    overload: newerString(newer.get(`${place}:8`)),
    attributes: (node.attribute ?? []).map(readAttribute),
  };
}

function newerString(values: readonly Uint8Array[] | undefined): string {
  const value = values?.[0];
  return value === undefined ? '' : new TextDecoder().decode(value);
}

function readAttribute(attribute: proto.IAttributeProto): RawAttribute {
  return {
    name: attribute.name ?? '',
    refAttrName: attribute.refAttrName ?? '',
    type: attribute.type ?? 0,
    f: has(attribute, 'f') ? (attribute.f ?? null) : null,
    i: has(attribute, 'i') ? toNumber(attribute.i) : null,
    s: has(attribute, 's') && attribute.s ? plainView(attribute.s) : null,
    t: attribute.t ? readTensor(attribute.t) : null,
    floats: attribute.floats ?? [],
    ints: (attribute.ints ?? []).map(toNumber),
    strings: (attribute.strings ?? []).map(plainView),
    other: otherValue(attribute),
  };
}

function otherValue(attribute: proto.IAttributeProto): string | null {
  if (attribute.g || attribute.graphs?.length) return 'a graph';
  if (attribute.tensors?.length) return 'a list of tensors';
  if (attribute.tp || attribute.typeProtos?.length) return 'a type';
  return attribute.sparseTensor || attribute.sparseTensors?.length ? 'a sparse tensor' : null;
}

function readTensor(tensor: proto.ITensorProto): RawTensor {
  return {
    name: tensor.name ?? '',
    dims: (tensor.dims ?? []).map(toNumber),
    dataType: tensor.dataType ?? 0,
    rawData: has(tensor, 'rawData') && tensor.rawData ? plainView(tensor.rawData) : null,
    floatData: tensor.floatData ?? [],
    doubleData: tensor.doubleData ?? [],
    int32Data: tensor.int32Data ?? [],
    int64Data: (tensor.int64Data ?? []).map(toNumber),
    hasStringData: (tensor.stringData ?? []).length > 0,
    hasSegment: Boolean(tensor.segment),
    dataLocation: tensor.dataLocation ?? 0,
    externalData: new Map((tensor.externalData ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
  };
}

function readValueInfo(info: proto.IValueInfoProto): RawValueInfo {
  return { name: info.name ?? '', type: readType(info.type ?? {}) };
}

/** A file that gives a value two types at once is taken to give the one that we do not support. */
function readType(type: proto.ITypeProto): RawType {
  const other = (kind: RawType['kind']): RawType => ({ elemType: null, kind, dims: null });
  if (type.sequenceType) return other('sequence');
  if (type.mapType) return other('map');
  if (type.sparseTensorType) return other('sparse tensor');
  if (type.optionalType) return other('optional');
  const tensor = type.tensorType;
  if (!tensor) return other('none');
  return {
    elemType: has(tensor, 'elemType') ? (tensor.elemType ?? null) : null,
    kind: 'tensor',
    dims: tensor.shape ? (tensor.shape.dim ?? []).map(readDimension) : null,
  };
}

/** null: unknown, and so is one that is given as a number and as a name. */
function readDimension(dimension: proto.TensorShapeProto.IDimension): number | string | null {
  if (!has(dimension, 'dimValue')) return dimension.dimParam || null;
  return dimension.dimParam ? null : toNumber(dimension.dimValue);
}

function readOpset(opset: proto.IOperatorSetIdProto): RawOpset {
  return { domain: opset.domain ?? '', version: toNumber(opset.version) };
}

function readFunction(fn: proto.IFunctionProto, place: string, newer: NewerFields): RawFunction {
  return {
    name: fn.name ?? '',
    domain: fn.domain ?? '',
    overload: newerString(newer.get(`${place}:13`)),
    inputs: fn.input ?? [],
    outputs: fn.output ?? [],
    attributes: fn.attribute ?? [],
    attributeDefaults: (newer.get(`${place}:11`) ?? []).map((value) =>
      readAttribute(onnx.AttributeProto.decode(value)),
    ),
    nodes: (fn.node ?? []).map((node, index) => readNode(node, `${place}/7.${index}`, newer)),
    opsetImports: (fn.opsetImport ?? []).map(readOpset),
  };
}
