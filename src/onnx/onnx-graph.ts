/**
 * The imported model: what the protobuf said, decoded once. Static shapes, typed arrays, no protobuf past this point.
 *
 * Flows in: nothing. Flows out: the types that import produces and canonicalize rewrites.
 * Keeps true (see verify-onnx-graph.ts): nodes are in topological order, every input is a graph input, a constant, an
 * earlier output or '' (an omitted optional input); names of values are unique.
 */

/** ONNX element types that can appear in a supported graph. Named as in TensorProto.DataType. */
export type ElementType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool' | 'uint8' | 'int8';

/**
 * A constant. `data` is row-major with `shape.reduce(product)` elements (a scalar has shape []).
 * int64 is kept as number: import refuses values beyond +-2^53. bool is 0 or 1.
 */
export interface Tensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}
export type TensorData = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array;

/** A dimension: a known size, or the name of a symbolic one (a dynamic batch axis), or null where the model says nothing. */
export type Dimension = number | string | null;

export interface TensorType {
  readonly type: ElementType;
  readonly shape: readonly Dimension[] | null;
}

export interface ValueInfo extends TensorType {
  readonly name: string;
}

export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  /** Present in the file but of a kind no supported operator takes (a graph, a sparse tensor, a type). */
  | { readonly kind: 'unsupported'; readonly what: string };

export interface OnnxNode {
  /** The node's own name, or OPTYPE_INDEX where the file gives none. For messages only: never a path, never code. */
  readonly name: string;
  readonly opType: string;
  /** '' is ONNX's own domain; 'dybnn' is ours (the canonical dialect, see canonicalize/dialect.ts). */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Names of the nodes of the file that this node stands for: itself at import, more after rewriting. */
  readonly origin: readonly string[];
}

export interface OnnxGraph {
  /** Graph name; for messages and comments only. */
  readonly name: string;
  readonly irVersion: number;
  /** Version of ONNX's own operator set. */
  readonly opset: number;
  readonly producer: string;
  /** Inputs that are not also initializers. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly OnnxNode[];
  /** Initializers and folded constants by value name. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /**
   * Type of every value, by name, as far as known. After canonicalize it is total and static: every shape a list of
   * numbers, batch axis 1.
   */
  readonly types: ReadonlyMap<string, TensorType>;
}
