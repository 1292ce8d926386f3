/**
 * A cursor over one protobuf message, for files that nobody vouches for.
 *
 * Flows in: bytes. Flows out: fields, one after the other; sub-messages and byte strings are views, never copies.
 * Keeps true: no read leaves the message; wire types are checked; the number of entries is bounded before memory is taken.
 * (Generated decoders check none of these, recurse as deep as the file says and make an object of every number.)
 */

/** The bytes are not what a protobuf writer makes. The importer turns it into a diagnostic. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Shared by all readers of one file: what may still be allocated. */
export interface WireBudget {
  entries: number;
}

const utf8 = new TextDecoder('utf-8');

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED32 = 5;

export class WireReader {
  field = 0;
  wireType = 0;
  private position: number;
  private readonly view: DataView;

  private constructor(
    private readonly bytes: Uint8Array,
    private readonly message: string,
    private readonly budget: WireBudget,
  ) {
    this.position = 0;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static over(bytes: Uint8Array, message: string, budget: WireBudget): WireReader {
    return new WireReader(bytes, message, budget);
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.position >= this.bytes.length) return false;
    const tag = this.varint();
    if (tag > 0xffffffff) this.damaged('a field number is out of range');
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field === 0) this.damaged('a field has number 0');
    return true;
  }

  /** An unsigned or two's-complement 64-bit varint as the nearest number. */
  int64(): number {
    this.expect(VARINT);
    return this.signedVarint();
  }

  int32(): number {
    return this.int64() | 0;
  }

  float(): number {
    this.expect(FIXED32);
    this.need(4);
    const value = this.view.getFloat32(this.position, true);
    this.position += 4;
    return value;
  }

  bytesField(): Uint8Array {
    this.expect(LENGTH_DELIMITED);
    return this.delimited();
  }

  string(): string {
    return utf8.decode(this.bytesField());
  }

  /** A reader over the sub-message that this field holds. */
  messageField(name: string): WireReader {
    this.spend();
    return new WireReader(this.bytesField(), name, this.budget);
  }

  /** One entry of a repeated string or bytes field. */
  entry(): void {
    this.spend();
  }

  /** A repeated number, packed or not: the bytes of one run, undecoded. */
  packedRun(elementType: typeof VARINT | typeof FIXED32 | typeof FIXED64): Uint8Array {
    if (this.wireType === LENGTH_DELIMITED) return this.delimited();
    this.expect(elementType);
    this.spend();
    const start = this.position;
    if (elementType === VARINT) this.varint();
    else this.advance(elementType === FIXED32 ? 4 : 8);
    return this.bytes.subarray(start, this.position);
  }

  /** Repeated int64 values of an attribute or a shape. */
  int64s(into: number[]): void {
    if (this.wireType !== LENGTH_DELIMITED) {
      this.spend();
      into.push(this.int64());
      return;
    }
    const inner = new WireReader(this.delimited(), this.message, this.budget);
    while (inner.position < inner.bytes.length) {
      this.spend();
      into.push(inner.signedVarint());
    }
  }

  floats(into: number[]): void {
    if (this.wireType !== LENGTH_DELIMITED) {
      this.spend();
      into.push(this.float());
      return;
    }
    const run = this.delimited();
    if (run.length % 4 !== 0) this.damaged('a list of floats ends inside one');
    const view = new DataView(run.buffer, run.byteOffset, run.byteLength);
    for (let at = 0; at < run.length; at += 4) {
      this.spend();
      into.push(view.getFloat32(at, true));
    }
  }

  skip(): void {
    switch (this.wireType) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.advance(8);
        return;
      case LENGTH_DELIMITED:
        this.delimited();
        return;
      case FIXED32:
        this.advance(4);
        return;
      default:
        this.damaged(`field ${this.field} has wire type ${this.wireType}, which ONNX does not use`);
    }
  }

  damaged(what: string): never {
    throw new WireError(`${this.message}: ${what}`);
  }

  private expect(wireType: number): void {
    if (this.wireType !== wireType) {
      this.damaged(`field ${this.field} has wire type ${this.wireType} where ${wireType} belongs`);
    }
  }

  private spend(): void {
    this.budget.entries -= 1;
    if (this.budget.entries < 0) this.damaged('the file holds more entries than any model needs');
  }

  private need(count: number): void {
    const left = this.bytes.length - this.position;
    if (count > left) this.damaged(`ends early: ${count} more bytes are declared, ${left} are left`);
  }

  private advance(count: number): void {
    this.need(count);
    this.position += count;
  }

  private delimited(): Uint8Array {
    const length = this.varint();
    this.need(length);
    const start = this.position;
    this.position += length;
    return this.bytes.subarray(start, this.position);
  }

  private varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.bytes[this.position];
      if (byte === undefined) this.damaged('ends early, inside a number');
      this.position += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    this.damaged('a number is longer than 64 bits');
  }

  private signedVarint(): number {
    const start = this.position;
    this.varint();
    return decodeVarint(this.bytes, start);
  }
}

/** The two's-complement 64-bit varint that starts at `at`, as the nearest number. The caller knows that it ends. */
export function decodeVarint(bytes: Uint8Array, at: number): number {
  let low = 0;
  let high = 0;
  for (let shift = 0, position = at; shift < 64; shift += 7, position++) {
    const byte = bytes[position] ?? 0;
    const bits = byte & 127;
    if (shift < 32) low |= bits << shift;
    if (shift > 25) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32);
    if (byte < 128) break;
  }
  return high * 0x1_0000_0000 + (low >>> 0);
}
