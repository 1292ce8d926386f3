/** TensorProto.DataType: which numbers stand for the element types that we read, and the names of the others. */
import type { ElementType, TensorData } from './onnx-graph.js';

export const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map([
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [11, 'float64'],
]);

const OTHER_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'undefined'],
  [4, 'uint16'],
  [5, 'int16'],
  [8, 'string'],
  [10, 'float16'],
  [12, 'uint32'],
  [13, 'uint64'],
  [14, 'complex64'],
  [15, 'complex128'],
  [16, 'bfloat16'],
  [17, 'float8e4m3fn'],
  [18, 'float8e4m3fnuz'],
  [19, 'float8e5m2'],
  [20, 'float8e5m2fnuz'],
  [21, 'uint4'],
  [22, 'int4'],
  [23, 'float4e2m1'],
]);

export function dataTypeName(dataType: number): string {
  return ELEMENT_TYPES.get(dataType) ?? OTHER_NAMES.get(dataType) ?? `type ${dataType}`;
}

export const SUPPORTED_ELEMENT_TYPES = 'float32 (float64, int32, int64, uint8, int8 and bool in constants)';

/** Bytes an element takes in raw_data and in external data. */
export function elementBytes(type: ElementType): number {
  switch (type) {
    case 'float32':
    case 'int32':
      return 4;
    case 'float64':
    case 'int64':
      return 8;
    case 'bool':
    case 'uint8':
    case 'int8':
      return 1;
  }
}

/** Zeroed storage as Tensor keeps it: int64 as number, bool as byte. */
export function allocate(type: ElementType, length: number): TensorData {
  switch (type) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
    case 'int64':
      return new Float64Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'bool':
    case 'uint8':
      return new Uint8Array(length);
    case 'int8':
      return new Int8Array(length);
  }
}
