/**
 * Small ONNX models for tests, written as real ModelProto bytes by onnx-proto: an encoder that is not our decoder.
 *
 *     const m = new OnnxBuilder();
 *     const x = m.input('x', [1, 3, 8, 8]);
 *     const w = m.float('w', [8, 3, 3, 3], values);
 *     m.output(m.node('Conv', [x, w], { pads: [1, 1, 1, 1] }), [1, 8, 8, 8]);
 *     const bytes = m.bytes();
 */
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

export type Dim = number | string;
/** Integers become ints, other numbers floats; use `float(1)` where a whole number is a float. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: onnxProto.onnx.ITensorProto };

export const float = (value: number): AttributeValue => ({ float: value });

export interface BuilderOptions {
  readonly opset?: number;
  readonly irVersion?: number;
  readonly name?: string;
}

const DATA_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const;
export type BuilderType = keyof typeof DATA_TYPES;

export class OnnxBuilder {
  readonly graph: onnxProto.onnx.IGraphProto & {
    node: onnxProto.onnx.INodeProto[];
    initializer: onnxProto.onnx.ITensorProto[];
    input: onnxProto.onnx.IValueInfoProto[];
    output: onnxProto.onnx.IValueInfoProto[];
    valueInfo: onnxProto.onnx.IValueInfoProto[];
  };
  readonly functions: onnxProto.onnx.IFunctionProto[] = [];
  readonly opsets: { domain: string; version: number }[];
  private readonly irVersion: number;
  private count = 0;

  constructor(options: BuilderOptions = {}) {
    this.opsets = [{ domain: '', version: options.opset ?? 17 }];
    this.irVersion = options.irVersion ?? 8;
    this.graph = { name: options.name ?? 'test', node: [], initializer: [], input: [], output: [], valueInfo: [] };
  }

  input(name: string, shape: readonly Dim[] | null, type: BuilderType = 'float32'): string {
    this.graph.input.push(valueInfo(name, shape, type));
    return name;
  }

  output(name: string, shape: readonly Dim[] | null = null, type: BuilderType = 'float32'): string {
    this.graph.output.push(valueInfo(name, shape, type));
    return name;
  }

  /** A float32 initializer; `values` shorter than the shape are repeated. */
  float(name: string, shape: readonly number[], values: readonly number[]): string {
    return this.initializer(name, tensor('float32', shape, values));
  }

  int64(name: string, values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.initializer(name, tensor('int64', shape, values));
  }

  initializer(name: string, proto: onnxProto.onnx.ITensorProto): string {
    this.graph.initializer.push({ ...proto, name });
    return name;
  }

  /** A node with one output, whose name is returned. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: { readonly name?: string; readonly output?: string; readonly domain?: string } = {},
  ): string {
    const output = options.output ?? `${opType.toLowerCase()}_${this.count}`;
    this.nodeWithOutputs(opType, inputs, [output], attributes, options);
    return output;
  }

  nodeWithOutputs(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: { readonly name?: string; readonly domain?: string } = {},
  ): void {
    this.graph.node.push({
      opType,
      name: options.name ?? `/${opType}_${this.count}`,
      domain: options.domain ?? '',
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    this.count += 1;
  }

  proto(): onnxProto.onnx.IModelProto {
    return {
      irVersion: this.irVersion,
      producerName: 'builder',
      producerVersion: '1',
      opsetImport: this.opsets,
      graph: this.graph,
      functions: this.functions,
    };
  }

  bytes(): Uint8Array {
    return encodeModel(this.proto());
  }
}

export function encodeModel(model: onnxProto.onnx.IModelProto): Uint8Array {
  return new Uint8Array(onnx.ModelProto.encode(onnx.ModelProto.create(model)).finish());
}

/** Element data as raw_data, repeated to fill the shape. */
export function tensor(
  type: BuilderType,
  shape: readonly number[],
  values: readonly number[],
): onnxProto.onnx.ITensorProto {
  const count = shape.reduce((product, d) => product * d, 1);
  const at = (i: number): number => values[i % values.length]!;
  return { dims: [...shape], dataType: DATA_TYPES[type], rawData: rawBytes(type, count, at) };
}

function rawBytes(type: BuilderType, count: number, at: (i: number) => number): Uint8Array {
  const width = { float32: 4, uint8: 1, int8: 1, int32: 4, int64: 8, bool: 1, float16: 2, float64: 8 }[type];
  const bytes = new Uint8Array(count * width);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) {
    if (type === 'float32') view.setFloat32(i * 4, at(i), true);
    else if (type === 'float64') view.setFloat64(i * 8, at(i), true);
    else if (type === 'int32') view.setInt32(i * 4, at(i), true);
    else if (type === 'int64') view.setBigInt64(i * 8, BigInt(at(i)), true);
    else if (width === 1) bytes[i] = at(i);
  }
  return bytes;
}

function valueInfo(name: string, shape: readonly Dim[] | null, type: BuilderType): onnxProto.onnx.IValueInfoProto {
  const dim = shape?.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return {
    name,
    type: { tensorType: { elemType: DATA_TYPES[type], ...(dim === undefined ? {} : { shape: { dim } }) } },
  };
}

const { FLOAT, INT, STRING, TENSOR, FLOATS, INTS } = onnx.AttributeProto.AttributeType;

function attribute(name: string, value: AttributeValue): onnxProto.onnx.IAttributeProto {
  if (typeof value === 'string') return { name, type: STRING, s: new TextEncoder().encode(value) };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { name, type: INT, i: value } : { name, type: FLOAT, f: value };
  }
  if ('float' in value) return { name, type: FLOAT, f: value.float };
  if ('floats' in value) return { name, type: FLOATS, floats: [...value.floats] };
  if ('tensor' in value) return { name, type: TENSOR, t: value.tensor };
  return { name, type: INTS, ints: [...value] };
}
