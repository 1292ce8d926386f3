/**
 * What canonicalize knows of one operator: its attributes, the type of its outputs and, where constants can be folded, its
 * value.
 *
 * Flows in: a node with the static types of its inputs (and their values where constant). Flows out: types, values, or an
 * OperatorProblem that the pass turns into a diagnostic naming the node.
 * Keeps true: every attribute of a known operator is declared here; an undeclared one is a diagnostic, never ignored.
 */
import type { DiagnosticCode } from '../../diagnostics/codes.js';
import type { ElementType, OnnxNode, Tensor, TensorData } from '../../onnx/onnx-graph.js';

/** A type whose every dimension is known. */
export interface StaticType {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** Thrown while one node is looked at; never leaves canonicalize. */
export class OperatorProblem extends Error {
  override readonly name = 'OperatorProblem';
  constructor(
    readonly code: DiagnosticCode,
    readonly found: string,
    readonly supported?: string,
    readonly hint?: string,
  ) {
    super(`${code}: ${found}`);
  }
}

/** How an attribute is declared: its kind and its value where the node leaves it out. */
export type AttributeSpec<T> = { readonly kind: AttributeKind; readonly fallback: T };
export type AttributeKind = 'int' | 'float' | 'string' | 'ints' | 'floats' | 'tensor';
export type AttributeSpecs = Readonly<Record<string, AttributeSpec<unknown>>>;
export type AttributeValues<S extends AttributeSpecs> = {
  readonly [K in keyof S]: S[K] extends AttributeSpec<infer T> ? T : never;
};

export const int = (fallback: number): AttributeSpec<number> => ({ kind: 'int', fallback });
export const optionalInt = (): AttributeSpec<number | null> => ({ kind: 'int', fallback: null });
/** A default of the specification is a float attribute like any other: binary32. */
export const float = (fallback: number): AttributeSpec<number> => ({ kind: 'float', fallback: Math.fround(fallback) });
export const optionalFloat = (): AttributeSpec<number | null> => ({ kind: 'float', fallback: null });
export const string = (fallback: string): AttributeSpec<string> => ({ kind: 'string', fallback });
export const ints = (fallback: readonly number[] | null = null): AttributeSpec<readonly number[] | null> => ({
  kind: 'ints',
  fallback,
});
export const optionalFloats = (): AttributeSpec<readonly number[] | null> => ({ kind: 'floats', fallback: null });
export const optionalTensor = (): AttributeSpec<Tensor | null> => ({ kind: 'tensor', fallback: null });

/** One node as its operator sees it. */
export interface Call<A> {
  readonly node: OnnxNode;
  readonly opset: number;
  readonly attributes: A;
  /** null for an omitted optional input. */
  readonly types: readonly (StaticType | null)[];
  /** The value of each input, where it is constant. */
  readonly constants: readonly (Tensor | null)[];
  /**
   * float32 and float64 may meet: once casts between them are dropped, and constants that were combined in binary64 stay so
   * until they are used. In the file itself they may not.
   */
  readonly mixedFloats: boolean;
}

export interface Operator<A = never> {
  readonly opType: string;
  readonly domain: '' | 'dybnn';
  /** Least and greatest number of inputs. */
  readonly arity: readonly [number, number];
  readonly attributes: AttributeSpecs;
  /** Types of the outputs that are supported, in order. */
  infer(call: Call<A>): readonly StaticType[];
  /** The outputs' values; only called when every input that it needs is constant. `out` allocates within the limits. */
  readonly evaluate?: (call: Call<A>, outputs: readonly StaticType[], out: Allocate) => readonly Tensor[];
  /** The value depends on the inputs' types alone (Shape, Size). */
  readonly typeOnly?: boolean;
}

export type Allocate = (type: StaticType) => TensorData;

/** Ties an operator's attribute types to its functions, then forgets them: the table holds operators of any attributes. */
export function defineOperator<S extends AttributeSpecs>(definition: {
  readonly opType: string;
  readonly domain?: 'dybnn';
  readonly arity: readonly [number, number];
  readonly attributes: S;
  readonly infer: (call: Call<AttributeValues<S>>) => readonly StaticType[];
  readonly evaluate?: (
    call: Call<AttributeValues<S>>,
    outputs: readonly StaticType[],
    out: Allocate,
  ) => readonly Tensor[];
  readonly typeOnly?: boolean;
}): Operator {
  return { domain: '', ...definition } as unknown as Operator;
}

/** The declared attributes of a node. Throws OperatorProblem for one that is not declared or of another kind. */
export function readAttributes<S extends AttributeSpecs>(node: OnnxNode, specs: S): AttributeValues<S> {
  for (const [name, attribute] of node.attributes) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) {
      throw new OperatorProblem('DYB202', `attribute ${name}`, listNames(Object.keys(specs)));
    }
    const empty = (attribute.kind === 'ints' || attribute.kind === 'floats') && attribute.value.length === 0;
    const listKind = spec.kind === 'ints' || spec.kind === 'floats';
    if (attribute.kind !== spec.kind && !(empty && listKind)) {
      const found = attribute.kind === 'unsupported' ? attribute.what : `${attribute.kind} attribute`;
      throw new OperatorProblem('DYB202', `${name} is ${found}`, `${name} as ${spec.kind}`);
    }
  }
  const values = Object.entries(specs).map(([name, spec]) => {
    const attribute = node.attributes.get(name);
    return [name, attribute === undefined || attribute.kind === 'unsupported' ? spec.fallback : attribute.value];
  });
  return Object.fromEntries(values) as AttributeValues<S>;
}

function listNames(names: readonly string[]): string {
  return names.length === 0 ? 'no attributes' : names.join(', ');
}

/** The type of an input that the operator cannot do without. */
export function inputType(call: Call<unknown>, index: number): StaticType {
  const type = call.types[index];
  if (type === null || type === undefined) throw new OperatorProblem('DYB205', `input ${index} is missing`);
  return type;
}

export function constantInput(call: Call<unknown>, index: number): Tensor | null {
  return call.constants[index] ?? null;
}

/** The integers of an input that decides a shape: it must be constant by now. */
export function constantIntegers(call: Call<unknown>, index: number, what: string): readonly number[] | null {
  const name = call.node.inputs[index];
  if (name === undefined || name === '') return null;
  const tensor = constantInput(call, index);
  if (tensor === null) throw new OperatorProblem('DYB204', `${what} computed from data`, `a constant ${what}`);
  if (tensor.type !== 'int64' && tensor.type !== 'int32') {
    throw new OperatorProblem('DYB205', `${what} of type ${tensor.type}`, 'int64');
  }
  if (tensor.data.length > 64) throw new OperatorProblem('DYB105', `${what} of ${tensor.data.length} numbers`);
  return Array.from(tensor.data);
}

export function normalizeAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(positive) || positive < 0 || positive >= Math.max(rank, 1)) {
    throw new OperatorProblem('DYB205', `axis ${axis} of a tensor of ${rank} dimensions`);
  }
  return positive;
}

export function isFloat(type: ElementType): boolean {
  return type === 'float32' || type === 'float64';
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, d) => product * d, 1);
}
