/**
 * TensorProto to Tensor.
 *
 * Flows in: a raw tensor (views of the file). Flows out: typed data, a view of the file where alignment allows.
 * Keeps true: dims, element type and the bytes present agree before any memory is taken; floats are finite.
 */
import type { DiagnosticBag } from '../diagnostics/diagnostic.js';
import { describeShape } from './describe.js';
import { dataTypeName, ELEMENT_TYPES, elementBytes, SUPPORTED_ELEMENT_TYPES } from './element-types.js';
import { externalRange, type ReadExternal } from './external-data.js';
import type { ElementType, Tensor, TensorData } from './onnx-graph.js';
import type { RawTensor } from './raw-model.js';
import type { UnreadableFiles } from './unreadable-files.js';

/** What one import may still take for tensor data that are copies (external files, packed lists, unaligned bytes). */
export interface TensorBudget {
  bytes: number;
}

export interface TensorContext {
  readonly bag: DiagnosticBag;
  readonly readExternal: ReadExternal | null;
  readonly budget: TensorBudget;
  readonly unreadable: UnreadableFiles;
}

export const MAX_RANK = 16;
const EXTERNAL = 1;

/** null: a diagnostic was added. `where` names the tensor's place for it. */
export function decodeTensor(raw: RawTensor, where: string, context: TensorContext): Tensor | null {
  const { bag } = context;
  const type = ELEMENT_TYPES.get(raw.dataType);
  if (type === undefined) {
    bag.error('DYB104', { node: where, found: dataTypeName(raw.dataType), supported: SUPPORTED_ELEMENT_TYPES });
    return null;
  }
  const count = elementCount(raw.dims);
  if (count === null) {
    const dims = raw.dims.length > MAX_RANK ? `${raw.dims.length} dimensions` : describeShape(raw.dims);
    bag.error('DYB105', {
      node: where,
      found: dims,
      supported: `at most ${MAX_RANK} dimensions, none negative, 2^40 elements`,
    });
    return null;
  }
  const data = decodeData(raw, type, count, where, context);
  if (data === null) return null;
  if (!checkValues(data, type, where, bag)) return null;
  return { type, shape: raw.dims, data };
}

/** null where a dimension is negative or the product is no size that a file could hold. */
export function elementCount(dims: readonly number[]): number | null {
  if (dims.length > MAX_RANK || dims.some((d) => !Number.isSafeInteger(d) || d < 0)) return null;
  if (dims.includes(0)) return 0;
  const count = dims.reduce((product, d) => product * d, 1);
  return count <= 2 ** 40 ? count : null;
}

function decodeData(
  raw: RawTensor,
  type: ElementType,
  count: number,
  where: string,
  context: TensorContext,
): TensorData | null {
  const { bag, budget } = context;
  if (raw.hasSegment || raw.hasStringData) {
    bag.error('DYB104', {
      node: where,
      found: raw.hasSegment ? 'a tensor in segments' : 'string data in a numeric tensor',
      supported: 'one whole tensor of numbers',
    });
    return null;
  }
  const need = count * elementBytes(type);
  const tooMuch = (): boolean => {
    budget.bytes -= need;
    if (budget.bytes >= 0) return false;
    bag.error('DYB105', {
      node: where,
      found: `${describeShape(raw.dims)}, ${need} bytes`,
      supported: 'models up to 1 GiB',
    });
    return true;
  };
  if (raw.dataLocation === EXTERNAL) {
    const bytes = readExternalBytes(raw, need, where, context, tooMuch);
    return bytes === null ? null : fromBytes(bytes, type, count);
  }
  const list = numberList(raw, type);
  const bytesPresent = (raw.rawData?.length ?? 0) > 0 || list.length === 0;
  const [found, wanted] = bytesPresent ? [raw.rawData?.length ?? 0, need] : [list.length, count];
  if (found !== wanted) {
    const unit = bytesPresent ? 'bytes' : 'elements';
    bag.error('DYB102', {
      node: where,
      found: `data of ${found} ${unit}`,
      supported: `the ${wanted} ${unit} that ${type} ${describeShape(raw.dims)} needs`,
    });
    return null;
  }
  if (bytesPresent) {
    const bytes = raw.rawData ?? new Uint8Array(0);
    return fromBytes(bytes, type, count);
  }
  return tooMuch() ? null : fromNumbers(list, type);
}

function readExternalBytes(
  raw: RawTensor,
  need: number,
  where: string,
  context: TensorContext,
  tooMuch: () => boolean,
): Uint8Array | null {
  const range = externalRange(raw.externalData, need);
  const refuse = (reason: string): null => {
    context.unreadable.refuse(where, raw.externalData.get('location') ?? '', reason);
    return null;
  };
  if (range.kind === 'refused') return refuse(range.reason);
  if (context.readExternal === null) return refuse('there is no folder to read it from');
  if (tooMuch()) return null;
  const read = context.readExternal(range.location, range.offset, range.length);
  if (read.kind === 'refused') return refuse(read.reason);
  if (read.bytes.length !== need) return refuse(`${read.bytes.length} bytes were read where ${need} are needed`);
  return read.bytes;
}

/** The list that ONNX keeps a type's elements in where they are not raw bytes. */
function numberList(raw: RawTensor, type: ElementType): readonly number[] {
  switch (type) {
    case 'float32':
      return raw.floatData;
    case 'float64':
      return raw.doubleData;
    case 'int64':
      return raw.int64Data;
    default:
      return raw.int32Data;
  }
}

function fromNumbers(list: readonly number[], type: ElementType): TensorData {
  switch (type) {
    case 'float32':
      return new Float32Array(list);
    case 'float64':
    case 'int64':
      return new Float64Array(list);
    case 'int32':
      return new Int32Array(list);
    case 'int8':
      return new Int8Array(list);
    case 'bool':
    case 'uint8':
      return new Uint8Array(list);
  }
}

/** ONNX's bytes are little-endian; so are typed arrays on every machine that Node runs on but a few. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function fromBytes(bytes: Uint8Array, type: ElementType, count: number): TensorData {
  const width = elementBytes(type);
  if (width > 1 && type !== 'int64' && !LITTLE_ENDIAN) return swapped(bytes, type, count);
  // Not slice(): a Buffer's makes another view.
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  switch (type) {
    case 'float32':
      return new Float32Array(aligned.buffer, aligned.byteOffset, count);
    case 'float64':
      return new Float64Array(aligned.buffer, aligned.byteOffset, count);
    case 'int32':
      return new Int32Array(aligned.buffer, aligned.byteOffset, count);
    case 'int8':
      return new Int8Array(aligned.buffer, aligned.byteOffset, count);
    case 'int64':
      return int64sFromBytes(bytes, count);
    case 'bool':
    case 'uint8':
      return bytes;
  }
}

function int64sFromBytes(bytes: Uint8Array, count: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    data[i] = view.getInt32(8 * i + 4, true) * 0x1_0000_0000 + view.getUint32(8 * i, true);
  }
  return data;
}

function swapped(bytes: Uint8Array, type: ElementType, count: number): TensorData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 'float32') return Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
  if (type === 'float64') return Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true));
  return Int32Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true));
}

/** Exporters write "to the end" as the largest or smallest int64; nothing else that large is a size. */
function isEndMark(value: number): boolean {
  return Math.abs(value) >= 2 ** 63 - 2 ** 32;
}

function checkValues(data: TensorData, type: ElementType, where: string, bag: DiagnosticBag): boolean {
  if (type === 'int64') {
    const bad = data.findIndex((v) => !Number.isSafeInteger(v) && !isEndMark(v));
    if (bad === -1) return true;
    bag.error('DYB105', { node: where, found: `the integer ${data[bad]}`, supported: 'integers up to 2^53' });
    return false;
  }
  if (type === 'bool') {
    if (data.every((v) => v === 0 || v === 1)) return true;
    bag.error('DYB102', { node: where, found: 'a bool that is neither 0 nor 1' });
    return false;
  }
  if (type !== 'float32' && type !== 'float64') return true;
  const count = countNonFinite(data);
  if (count === 0) return true;
  const first = data.findIndex((v) => !Number.isFinite(v));
  bag.error('DYB108', {
    node: where,
    found: `${data[first]} at element ${first}; ${count} of ${data.length} elements are not finite`,
    supported: 'finite numbers',
  });
  return false;
}

function countNonFinite(data: TensorData): number {
  let count = 0;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) count += 1;
  return count;
}
