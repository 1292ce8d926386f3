/** Collects a program's constants under unique C identifiers; equal parameters are stored once. */

import type { Constant, ConstantData, ConstantRef } from '../program/program.js';
import { identifier } from '../text/identifier.js';

export class ConstantPool {
  private readonly list: Constant[] = [];
  private readonly names = new Set<string>();
  private readonly byContent = new Map<string, ConstantRef>();

  add(name: string, comment: string, value: ConstantData): ConstantRef {
    const key = value.data.length <= 4096 ? `${value.type}:${Array.from(bitsOf(value)).join(',')}` : null;
    const known = key === null ? undefined : this.byContent.get(key);
    if (known !== undefined) return known;
    const plain = identifier(name, 'constant');
    let unique = plain;
    for (let i = 2; this.names.has(unique); i++) unique = `${plain}_${i}`;
    this.names.add(unique);
    this.list.push({ name: unique, comment, value });
    const ref = this.list.length - 1;
    if (key !== null) this.byContent.set(key, ref);
    return ref;
  }

  /** Rounded once to binary32; -0 becomes +0 where `positiveZero` (clause 1.3). */
  addFloats(name: string, comment: string, values: ArrayLike<number>, positiveZero = false): ConstantRef {
    const data = Float32Array.from(values);
    if (positiveZero) for (let i = 0; i < data.length; i++) if (data[i] === 0) data[i] = 0;
    return this.add(name, comment, { type: 'float32', data });
  }

  get constants(): readonly Constant[] {
    return this.list;
  }
}

/** -0 and +0 must not be taken for one another. */
function bitsOf(value: ConstantData): ArrayLike<number> {
  const { data } = value;
  return value.type === 'float32' ? new Uint32Array(data.buffer, data.byteOffset, data.length) : data;
}
