/**
 * AttributeProto to Attribute.
 *
 * Flows in: a raw attribute. Flows out: one of the kinds that OnnxGraph knows, or 'unsupported' with what it is.
 * Keeps true: the kind is the file's `type` field where there is one; files of IR version 1 leave it out and it is what is present.
 */

import { decodeTensor, type TensorContext } from './decode-tensor.js';
import { describeNode, displayName } from './describe.js';
import type { Attribute } from './onnx-graph.js';
import type { RawAttribute, RawNode } from './raw-model.js';

const utf8 = new TextDecoder('utf-8');

/** AttributeProto.AttributeType */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const TENSOR = 4;
const FLOATS = 6;
const INTS = 7;
const STRINGS = 8;
const OTHER_KINDS: ReadonlyMap<number, string> = new Map([
  [5, 'a graph'],
  [9, 'a list of tensors'],
  [10, 'a list of graphs'],
  [11, 'a sparse tensor'],
  [12, 'a list of sparse tensors'],
  [13, 'a type'],
  [14, 'a list of types'],
]);

/** Attributes of one node by name. Problems are added to the context's bag. */
export function decodeAttributes(
  raw: Pick<RawNode, 'name' | 'opType' | 'domain' | 'attributes'>,
  opset: number,
  context: TensorContext,
): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  const where = describeNode(raw, opset);
  for (const attribute of raw.attributes) {
    if (attributes.has(attribute.name)) {
      context.bag.error('DYB106', { node: where, found: `attribute ${displayName(attribute.name)} given twice` });
      continue;
    }
    const decoded = decodeAttribute(attribute, where, context);
    if (decoded === null) continue;
    if (!finite(decoded) && !(raw.opType === 'Clip' && raw.domain === '')) {
      context.bag.error('DYB108', { node: where, found: `attribute ${displayName(attribute.name)} is not finite` });
    }
    attributes.set(attribute.name, decoded);
  }
  return attributes;
}

function finite(attribute: Attribute): boolean {
  if (attribute.kind === 'float') return Number.isFinite(attribute.value);
  if (attribute.kind === 'floats') return attribute.value.every(Number.isFinite);
  return true;
}

function decodeAttribute(raw: RawAttribute, where: string, context: TensorContext): Attribute | null {
  if (raw.refAttrName !== '') {
    context.bag.error('DYB106', {
      node: where,
      found: `attribute ${displayName(raw.name)} refers to ${displayName(raw.refAttrName)} outside a function`,
    });
    return null;
  }
  switch (raw.type === 0 ? presentType(raw) : raw.type) {
    case FLOAT:
      return { kind: 'float', value: raw.f ?? 0 };
    case INT:
      return { kind: 'int', value: raw.i ?? 0 };
    case STRING:
      return { kind: 'string', value: raw.s === null ? '' : utf8.decode(raw.s) };
    case FLOATS:
      return { kind: 'floats', value: raw.floats };
    case INTS:
      return { kind: 'ints', value: raw.ints };
    case STRINGS:
      return { kind: 'strings', value: raw.strings.map((s) => utf8.decode(s)) };
    case TENSOR: {
      if (raw.t === null) {
        context.bag.error('DYB102', {
          node: where,
          found: `attribute ${displayName(raw.name)} is a tensor without a value`,
        });
        return null;
      }
      const value = decodeTensor(raw.t, `attribute ${displayName(raw.name)} of ${where}`, context);
      return value === null ? null : { kind: 'tensor', value };
    }
    default:
      return { kind: 'unsupported', what: raw.other ?? OTHER_KINDS.get(raw.type) ?? 'an unknown kind of attribute' };
  }
}

function presentType(raw: RawAttribute): number {
  if (raw.t !== null) return TENSOR;
  if (raw.f !== null) return FLOAT;
  if (raw.i !== null) return INT;
  if (raw.s !== null) return STRING;
  if (raw.floats.length > 0) return FLOATS;
  if (raw.ints.length > 0) return INTS;
  if (raw.strings.length > 0) return STRINGS;
  return 0;
}
