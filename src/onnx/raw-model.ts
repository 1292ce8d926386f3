/**
 * ModelProto as read, before anything is believed: the fields that import needs, under ONNX's names.
 *
 * Flows in: the file's bytes. Flows out: RawModel; tensor data stay undecoded views of the file.
 * Keeps true: every sub-message ended where it said; nothing was allocated that the bytes do not back. Sub-graphs of
 * attributes are skipped, so messages nest no deeper than this file's functions call one another.
 */
import { FIXED32, FIXED64, VARINT, type WireBudget, WireReader } from './wire-reader.js';

export interface RawTensor {
  name: string;
  dims: number[];
  dataType: number;
  rawData: Uint8Array | null;
  /** Runs of packed numbers: little-endian binary32. */
  floatData: Uint8Array[];
  /** Runs of packed numbers: little-endian binary64. */
  doubleData: Uint8Array[];
  /** Runs of varints. */
  int32Data: Uint8Array[];
  int64Data: Uint8Array[];
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

/** Messages and list entries in one file: a network of ten thousand nodes has about half a million. */
const MAX_ENTRIES = 8_000_000;

/** Throws WireError. `model` is filled as far as reading came, so that the caller can say what kind of file it was. */
export function readModel(bytes: Uint8Array, model: RawModel): void {
  const budget: WireBudget = { entries: MAX_ENTRIES };
  const reader = WireReader.over(bytes, 'ModelProto', budget);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        model.irVersion = reader.int64();
        break;
      case 2:
        model.producerName = reader.string();
        break;
      case 3:
        model.producerVersion = reader.string();
        break;
      case 7:
        if (model.graph !== null) reader.damaged('holds two graphs');
        model.graph = emptyGraph();
        readGraph(reader.messageField('GraphProto'), model.graph);
        break;
      case 8:
        model.opsetImports.push(readOpset(reader.messageField('OperatorSetIdProto')));
        break;
      case 25:
        model.functions.push(readFunction(reader.messageField('FunctionProto')));
        break;
      default:
        reader.skip();
    }
  }
}

export function emptyModel(): RawModel {
  return { irVersion: 0, producerName: '', producerVersion: '', opsetImports: [], graph: null, functions: [] };
}

function emptyGraph(): RawGraph {
  return {
    name: '',
    nodes: [],
    initializers: [],
    sparseInitializers: 0,
    quantizationAnnotations: 0,
    inputs: [],
    outputs: [],
    valueInfos: [],
  };
}

function readGraph(reader: WireReader, graph: RawGraph): void {
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        graph.nodes.push(readNode(reader.messageField('NodeProto')));
        break;
      case 2:
        graph.name = reader.string();
        break;
      case 5:
        graph.initializers.push(readTensor(reader.messageField('TensorProto')));
        break;
      case 11:
        graph.inputs.push(readValueInfo(reader.messageField('ValueInfoProto')));
        break;
      case 12:
        graph.outputs.push(readValueInfo(reader.messageField('ValueInfoProto')));
        break;
      case 13:
        graph.valueInfos.push(readValueInfo(reader.messageField('ValueInfoProto')));
        break;
      case 14:
        graph.quantizationAnnotations += 1;
        reader.skip();
        break;
      case 15:
        graph.sparseInitializers += 1;
        reader.skip();
        break;
      default:
        reader.skip();
    }
  }
}

function readNode(reader: WireReader): RawNode {
  const node: RawNode = { inputs: [], outputs: [], name: '', opType: '', domain: '', overload: '', attributes: [] };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.entry();
        node.inputs.push(reader.string());
        break;
      case 2:
        reader.entry();
        node.outputs.push(reader.string());
        break;
      case 3:
        node.name = reader.string();
        break;
      case 4:
        node.opType = reader.string();
        break;
      case 5:
        node.attributes.push(readAttribute(reader.messageField('AttributeProto')));
        break;
      case 7:
        node.domain = reader.string();
        break;
      case 8:
        node.overload = reader.string();
        break;
      default:
        reader.skip();
    }
  }
  return node;
}

function readAttribute(reader: WireReader): RawAttribute {
  const attribute: RawAttribute = {
    name: '',
    refAttrName: '',
    type: 0,
    f: null,
    i: null,
    s: null,
    t: null,
    floats: [],
    ints: [],
    strings: [],
    other: null,
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        attribute.name = reader.string();
        break;
      case 2:
        attribute.f = reader.float();
        break;
      case 3:
        attribute.i = reader.int64();
        break;
      case 4:
        attribute.s = reader.bytesField();
        break;
      case 5:
        attribute.t = readTensor(reader.messageField('TensorProto'));
        break;
      case 6:
      case 11:
        attribute.other = 'a graph';
        reader.skip();
        break;
      case 7:
        reader.floats(attribute.floats);
        break;
      case 8:
        reader.int64s(attribute.ints);
        break;
      case 9:
        reader.entry();
        attribute.strings.push(reader.bytesField());
        break;
      case 10:
        attribute.other = 'a list of tensors';
        reader.skip();
        break;
      case 14:
      case 15:
        attribute.other = 'a type';
        reader.skip();
        break;
      case 20:
        attribute.type = reader.int32();
        break;
      case 21:
        attribute.refAttrName = reader.string();
        break;
      case 22:
      case 23:
        attribute.other = 'a sparse tensor';
        reader.skip();
        break;
      default:
        reader.skip();
    }
  }
  return attribute;
}

function readTensor(reader: WireReader): RawTensor {
  const tensor: RawTensor = {
    name: '',
    dims: [],
    dataType: 0,
    rawData: null,
    floatData: [],
    doubleData: [],
    int32Data: [],
    int64Data: [],
    hasStringData: false,
    hasSegment: false,
    dataLocation: 0,
    externalData: new Map(),
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.int64s(tensor.dims);
        break;
      case 2:
        tensor.dataType = reader.int32();
        break;
      case 3:
        tensor.hasSegment = true;
        reader.skip();
        break;
      case 4:
        tensor.floatData.push(reader.packedRun(FIXED32));
        break;
      case 5:
        tensor.int32Data.push(reader.packedRun(VARINT));
        break;
      case 6:
        tensor.hasStringData = true;
        reader.skip();
        break;
      case 7:
        tensor.int64Data.push(reader.packedRun(VARINT));
        break;
      case 8:
        tensor.name = reader.string();
        break;
      case 9:
        tensor.rawData = reader.bytesField();
        break;
      case 10:
        tensor.doubleData.push(reader.packedRun(FIXED64));
        break;
      case 13: {
        const [key, value] = readEntry(reader.messageField('StringStringEntryProto'));
        tensor.externalData.set(key, value);
        break;
      }
      case 14:
        tensor.dataLocation = reader.int32();
        break;
      default:
        reader.skip();
    }
  }
  return tensor;
}

function readEntry(reader: WireReader): [string, string] {
  let key = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = reader.string();
    else reader.skip();
  }
  return [key, value];
}

function readValueInfo(reader: WireReader): RawValueInfo {
  const info: RawValueInfo = { name: '', type: { elemType: null, kind: 'none', dims: null } };
  while (reader.next()) {
    if (reader.field === 1) info.name = reader.string();
    else if (reader.field === 2) info.type = readType(reader.messageField('TypeProto'));
    else reader.skip();
  }
  return info;
}

const OTHER_TYPES: ReadonlyMap<number, RawType['kind']> = new Map([
  [4, 'sequence'],
  [5, 'map'],
  [8, 'sparse tensor'],
  [9, 'optional'],
]);

function readType(reader: WireReader): RawType {
  const type: RawType = { elemType: null, kind: 'none', dims: null };
  while (reader.next()) {
    const other = OTHER_TYPES.get(reader.field);
    if (reader.field === 1) {
      type.kind = 'tensor';
      readTensorType(reader.messageField('TypeProto.Tensor'), type);
    } else {
      if (other !== undefined) type.kind = other;
      reader.skip();
    }
  }
  return type;
}

function readTensorType(reader: WireReader, type: RawType): void {
  while (reader.next()) {
    if (reader.field === 1) type.elemType = reader.int32();
    else if (reader.field === 2) type.dims = readShape(reader.messageField('TensorShapeProto'));
    else reader.skip();
  }
}

function readShape(reader: WireReader): (number | string | null)[] {
  const dims: (number | string | null)[] = [];
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const dimension = reader.messageField('TensorShapeProto.Dimension');
    let value: number | string | null = null;
    while (dimension.next()) {
      if (dimension.field === 1) value = dimension.int64();
      else if (dimension.field === 2) value = dimension.string();
      else dimension.skip();
    }
    dims.push(value === '' ? null : value);
  }
  return dims;
}

function readOpset(reader: WireReader): RawOpset {
  const opset: RawOpset = { domain: '', version: 0 };
  while (reader.next()) {
    if (reader.field === 1) opset.domain = reader.string();
    else if (reader.field === 2) opset.version = reader.int64();
    else reader.skip();
  }
  return opset;
}

function readFunction(reader: WireReader): RawFunction {
  const fn: RawFunction = {
    name: '',
    domain: '',
    overload: '',
    inputs: [],
    outputs: [],
    attributes: [],
    attributeDefaults: [],
    nodes: [],
    opsetImports: [],
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        fn.name = reader.string();
        break;
      case 4:
        reader.entry();
        fn.inputs.push(reader.string());
        break;
      case 5:
        reader.entry();
        fn.outputs.push(reader.string());
        break;
      case 6:
        reader.entry();
        fn.attributes.push(reader.string());
        break;
      case 7:
        fn.nodes.push(readNode(reader.messageField('NodeProto')));
        break;
      case 9:
        fn.opsetImports.push(readOpset(reader.messageField('OperatorSetIdProto')));
        break;
      case 10:
        fn.domain = reader.string();
        break;
      case 11:
        fn.attributeDefaults.push(readAttribute(reader.messageField('AttributeProto')));
        break;
      case 13:
        fn.overload = reader.string();
        break;
      default:
        reader.skip();
    }
  }
  return fn;
}
