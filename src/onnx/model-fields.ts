/**
 * The fields of ONNX's messages that reading a model depends on, as protobuf lays them out.
 *
 * Keeps true: DECODED_FIELDS is exactly what onnx-proto decodes (a test compares it with the decoders), so that nothing is
 * made an object of that guard-model.ts has not counted. Numbers and types are onnx.proto's.
 */

export type Scalar = 'int32' | 'int64' | 'float' | 'double' | 'string' | 'bytes';
export type MessageName =
  | 'AttributeProto'
  | 'Dimension'
  | 'FunctionProto'
  | 'GraphProto'
  | 'Map'
  | 'ModelProto'
  | 'NodeProto'
  | 'OperatorSetIdProto'
  | 'Optional'
  | 'Segment'
  | 'Sequence'
  | 'SparseTensor'
  | 'SparseTensorProto'
  | 'StringStringEntryProto'
  | 'Tensor'
  | 'TensorAnnotation'
  | 'TensorProto'
  | 'TensorShapeProto'
  | 'TrainingInfoProto'
  | 'TypeProto'
  | 'ValueInfoProto';
type FieldType = Scalar | MessageName | `${Scalar | MessageName}[]`;
type Schema = Readonly<Record<MessageName, Readonly<Record<number, FieldType>>>>;

/** What onnx-proto decodes; the rest it skips. Enumerations are int32 to it, and uint64 is int64 on the wire. */
export const DECODED_FIELDS: Schema = {
  ModelProto: {
    1: 'int64',
    2: 'string',
    3: 'string',
    4: 'string',
    5: 'int64',
    6: 'string',
    7: 'GraphProto',
    8: 'OperatorSetIdProto[]',
    14: 'StringStringEntryProto[]',
    20: 'TrainingInfoProto[]',
    25: 'FunctionProto[]',
  },
  GraphProto: {
    1: 'NodeProto[]',
    2: 'string',
    5: 'TensorProto[]',
    10: 'string',
    11: 'ValueInfoProto[]',
    12: 'ValueInfoProto[]',
    13: 'ValueInfoProto[]',
    14: 'TensorAnnotation[]',
    15: 'SparseTensorProto[]',
  },
  NodeProto: {
    1: 'string[]',
    2: 'string[]',
    3: 'string',
    4: 'string',
    5: 'AttributeProto[]',
    6: 'string',
    7: 'string',
  },
  AttributeProto: {
    1: 'string',
    2: 'float',
    3: 'int64',
    4: 'bytes',
    5: 'TensorProto',
    6: 'GraphProto',
    7: 'float[]',
    8: 'int64[]',
    9: 'bytes[]',
    10: 'TensorProto[]',
    11: 'GraphProto[]',
    13: 'string',
    14: 'TypeProto',
    15: 'TypeProto[]',
    20: 'int32',
    21: 'string',
    22: 'SparseTensorProto',
    23: 'SparseTensorProto[]',
  },
  TensorProto: {
    1: 'int64[]',
    2: 'int32',
    3: 'Segment',
    4: 'float[]',
    5: 'int32[]',
    6: 'bytes[]',
    7: 'int64[]',
    8: 'string',
    9: 'bytes',
    10: 'double[]',
    11: 'int64[]',
    12: 'string',
    13: 'StringStringEntryProto[]',
    14: 'int32',
  },
  Segment: { 1: 'int64', 2: 'int64' },
  SparseTensorProto: { 1: 'TensorProto', 2: 'TensorProto', 3: 'int64[]' },
  StringStringEntryProto: { 1: 'string', 2: 'string' },
  TensorAnnotation: { 1: 'string', 2: 'StringStringEntryProto[]' },
  ValueInfoProto: { 1: 'string', 2: 'TypeProto', 3: 'string' },
  TypeProto: { 1: 'Tensor', 4: 'Sequence', 5: 'Map', 6: 'string', 8: 'SparseTensor', 9: 'Optional' },
  Tensor: { 1: 'int32', 2: 'TensorShapeProto' },
  SparseTensor: { 1: 'int32', 2: 'TensorShapeProto' },
  Sequence: { 1: 'TypeProto' },
  Map: { 1: 'int32', 2: 'TypeProto' },
  Optional: { 1: 'TypeProto' },
  TensorShapeProto: { 1: 'Dimension[]' },
  Dimension: { 1: 'int64', 2: 'string', 3: 'string' },
  OperatorSetIdProto: { 1: 'string', 2: 'int64' },
  FunctionProto: {
    1: 'string',
    4: 'string[]',
    5: 'string[]',
    6: 'string[]',
    7: 'NodeProto[]',
    8: 'string',
    9: 'OperatorSetIdProto[]',
    10: 'string',
  },
  TrainingInfoProto: {
    1: 'GraphProto',
    2: 'GraphProto',
    3: 'StringStringEntryProto[]',
    4: 'StringStringEntryProto[]',
  },
};

/** Since ONNX 1.13 and 1.16: a function's attributes with defaults, and the overload that a call means. */
const NEWER_FIELDS: Readonly<Partial<Schema>> = {
  NodeProto: { 8: 'string' },
  FunctionProto: { 11: 'AttributeProto[]', 13: 'string' },
};

export interface Field {
  readonly scalar: Scalar | null;
  readonly message: MessageName | null;
  readonly repeated: boolean;
  readonly newer: boolean;
}

/** By field number. */
export const FIELDS: ReadonlyMap<MessageName, readonly (Field | undefined)[]> = new Map(
  (Object.keys(DECODED_FIELDS) as MessageName[]).map((name) => [
    name,
    [...parseFields(DECODED_FIELDS[name], false), ...parseFields(NEWER_FIELDS[name] ?? {}, true)].reduce<Field[]>(
      (fields, [number, field]) => {
        fields[number] = field;
        return fields;
      },
      [],
    ),
  ]),
);

function parseFields(fields: Readonly<Record<number, FieldType>>, newer: boolean): [number, Field][] {
  return Object.entries(fields).map(([number, type]) => {
    const repeated = type.endsWith('[]');
    const element = type.replace('[]', '');
    const isMessage = element in DECODED_FIELDS;
    const message = isMessage ? (element as MessageName) : null;
    return [Number(number), { scalar: isMessage ? null : (element as Scalar), message, repeated, newer }];
  });
}
