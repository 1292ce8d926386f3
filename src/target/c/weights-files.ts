/**
 * How constants reach the binary. Small models: a C file of literals, which every compiler takes. Large ones: a binary file
 * that the assembler includes (.incbin), because a compiler needs minutes and gigabytes for millions of literals. The header
 * is the same.
 */
import type { Constant, ConstantData } from '../../program/program.js';
import { commentText, floatLiteral, wrapLiterals } from './c-text.js';

export type WeightsForm = 'c' | 'incbin';

/** Bytes of constants above which `auto` takes .incbin. */
export const INCBIN_FROM = 1 << 20;
const ALIGNMENT = 64;

export interface WeightView {
  readonly type: string;
  readonly symbol: string;
  readonly count: number;
  readonly comment: string;
}

export const C_TYPES: Readonly<Record<ConstantData['type'], string>> = {
  float32: 'float',
  int32: 'int32_t',
  int16: 'int16_t',
  int8: 'int8_t',
  uint8: 'uint8_t',
  uint64: 'uint64_t',
};

export function constantCount(value: ConstantData): number {
  return value.type === 'uint64' ? value.data.length / 2 : value.data.length;
}

export function constantBytes(constants: readonly Constant[]): number {
  return constants.reduce((sum, c) => sum + c.value.data.byteLength, 0);
}

export function weightViews(constants: readonly Constant[], prefix: string): readonly WeightView[] {
  return constants.map((c) => ({
    type: C_TYPES[c.value.type],
    symbol: `${prefix}_${c.name}`,
    count: constantCount(c.value),
    comment: commentText(c.comment),
  }));
}

function* literals(value: ConstantData): Iterable<string> {
  if (value.type === 'uint64') {
    for (let i = 0; i < value.data.length; i += 2) {
      const hex = (n: number) => n.toString(16).padStart(8, '0');
      yield `0x${hex(value.data[i + 1]!)}${hex(value.data[i]!)}u`;
    }
    return;
  }
  for (const n of value.data) yield value.type === 'float32' ? floatLiteral(n) : String(n);
}

export function literalArrays(constants: readonly Constant[]): readonly string[] {
  return constants.map((c) => wrapLiterals(literals(c.value)));
}

/** All constants in one little-endian file, each aligned to a cache line. */
export function weightsBlob(constants: readonly Constant[]): {
  readonly bytes: Uint8Array;
  readonly ranges: readonly { readonly offset: number; readonly size: number }[];
} {
  const ranges: { offset: number; size: number }[] = [];
  let end = 0;
  for (const { value } of constants) {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    ranges.push({ offset, size: value.data.byteLength });
    end = offset + value.data.byteLength;
  }
  const bytes = new Uint8Array(end);
  constants.forEach(({ value }, i) => {
    bytes.set(littleEndianBytes(value), ranges[i]!.offset);
  });
  return { bytes, ranges };
}

function littleEndianBytes(value: ConstantData): Uint8Array {
  const { data } = value;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  const hostIsBig = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;
  const size = data.BYTES_PER_ELEMENT;
  for (let i = 0; hostIsBig && i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
  return bytes;
}
