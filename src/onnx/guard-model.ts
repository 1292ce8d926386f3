/**
 * A walk over a ModelProto's bytes before onnx-proto makes objects of them.
 *
 *     ModelProto ─ GraphProto ─ NodeProto ─ AttributeProto ─ GraphProto ─ …      no deeper than MAX_DEPTH
 *
 * Flows in: the file's bytes. Flows out: the fields that change what a model means and that onnx-proto, which knows
 * ONNX 1.10, skips; or a ModelFileError.
 * Keeps true: what passes decodes without an exception, into objects of about MAX_OBJECT_BYTES at most. (A generated
 * decoder checks neither wire types nor the ends of messages, recurses as deep as the file says and makes some hundred
 * bytes of objects from two bytes of file.) Numbers are read by protobufjs' own Reader, so that both agree on where they end.
 */
import protobuf from 'protobufjs/minimal.js';
import { FIELDS, type MessageName, type Scalar } from './model-fields.js';

/** The bytes are not what a protobuf writer makes of a model. The importer turns it into a diagnostic. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError';

  constructor(
    message: string,
    /** Nothing up to the fault says that the file is a model at all, or a model is there and damaged. */
    readonly code: 'DYB101' | 'DYB102',
  ) {
    super(message);
  }
}

/** By `PLACE:FIELD`, where a place is the way from the root: '/25.3/7.0' is the first node of the fourth function. */
export type NewerFields = ReadonlyMap<string, readonly Uint8Array[]>;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const WIRE_TYPES: Readonly<Record<Scalar, number>> = {
  int32: VARINT,
  int64: VARINT,
  double: FIXED64,
  float: FIXED32,
  string: LENGTH_DELIMITED,
  bytes: LENGTH_DELIMITED,
};

/** As deep as protobuf's own readers go by default. */
export const MAX_DEPTH = 100;
/** A training export of 1592 nodes takes 3 MB of it; lists of numbers instead of raw bytes fit up to 44 million elements. */
export const MAX_OBJECT_BYTES = 2 ** 29;

/** What V8 takes for the objects that decoding makes, from measurements on 64 bits, rounded up. */
const MESSAGE_COST = 400;
const LIST_COST = 160;
const ELEMENT_COST: Readonly<Record<Scalar, number>> = {
  int32: 12,
  float: 12,
  double: 12,
  /** A Long and its place in the list. */
  int64: 64,
  /** Twice the length comes on top: a byte that is no UTF-8 becomes a 16-bit character. */
  string: 32,
  /** A view and the view that we make of it; the bytes themselves stay in the file. */
  bytes: 300,
};

/** Throws ModelFileError. */
export function guardModel(bytes: Uint8Array): NewerFields {
  const guard = new Guard(bytes);
  guard.run();
  return guard.newer;
}

class Guard {
  readonly newer = new Map<string, Uint8Array[]>();
  private readonly reader: protobuf.Reader;
  private left = MAX_OBJECT_BYTES;
  /** The message that is being read, for the error. */
  private inside: MessageName = 'ModelProto';
  private graphBegun = false;

  constructor(private readonly bytes: Uint8Array) {
    this.reader = protobuf.Reader.create(bytes);
  }

  run(): void {
    try {
      this.walkMessage('ModelProto', this.bytes.length, 1, '');
    } catch (error) {
      // The reader throws a RangeError where the file ends inside a number.
      if (error instanceof RangeError) this.damaged('ends early');
      throw error;
    }
  }

  /** `place` is null where no newer field matters: nodes of sub-graphs are refused whatever they say. */
  private walkMessage(name: MessageName, end: number, depth: number, place: string | null): void {
    const { reader } = this;
    if (depth > MAX_DEPTH) this.damaged(`messages nest deeper than ${MAX_DEPTH}`);
    this.spend(MESSAGE_COST);
    const fields = FIELDS.get(name)!;
    // Field numbers that we know are below 32.
    let seen = 0;
    // None of the messages that have a place holds two lists of messages that have one, so one count will do.
    let siblings = 0;
    while (reader.pos < end) {
      this.inside = name;
      const tag = this.uint32();
      const number = tag >>> 3;
      const wireType = tag & 7;
      const field = fields[number];
      if (number === 0) this.damaged('a field has number 0');
      if (field === undefined) {
        this.skipUnknown(number, wireType);
      } else {
        const first = (seen & (1 << number)) === 0;
        seen |= 1 << number;
        if (field.repeated && first) this.spend(LIST_COST);
        const start = reader.pos;
        if (field.message !== null) {
          if (name === 'ModelProto' && field.message === 'GraphProto') this.graphBegun = true;
          this.expect(number, wireType, LENGTH_DELIMITED);
          // Protobuf merges the two, protobufjs takes the second: two readers would see two models.
          if (!field.repeated && !first) this.damaged(`holds ${field.message} twice`);
          const child = this.length(end) + reader.pos;
          const has = place !== null && hasPlace(field.message);
          const childPlace = has ? `${place}/${number}.${field.repeated ? siblings++ : 0}` : null;
          this.walkMessage(field.message, child, depth + 1, childPlace);
          this.inside = name;
        } else if (field.repeated && wireType === LENGTH_DELIMITED) {
          this.walkList(field.scalar!, end);
        } else {
          this.expect(number, wireType, WIRE_TYPES[field.scalar!]);
          this.walkScalar(field.scalar!, end);
        }
        if (field.newer && place !== null) this.keep(`${place}:${number}`, start, field.repeated);
      }
      if (reader.pos > end) this.damaged('ends early');
    }
  }

  private walkScalar(scalar: Scalar, end: number): void {
    const { reader } = this;
    this.spend(ELEMENT_COST[scalar]);
    switch (scalar) {
      case 'int32':
      case 'int64':
        this.varint(scalar);
        return;
      case 'float':
        reader.skip(4);
        return;
      case 'double':
        reader.skip(8);
        return;
      case 'string': {
        const length = this.length(end);
        this.spend(2 * length);
        reader.skip(length);
        return;
      }
      case 'bytes':
        reader.skip(this.length(end));
    }
  }

  /** A packed list of numbers, or one entry of a list of strings. */
  private walkList(scalar: Scalar, end: number): void {
    const { reader } = this;
    if (scalar === 'string' || scalar === 'bytes') {
      this.walkScalar(scalar, end);
      return;
    }
    const length = this.length(end);
    const listEnd = reader.pos + length;
    if (scalar === 'float' || scalar === 'double') {
      const count = length / (scalar === 'float' ? 4 : 8);
      if (!Number.isInteger(count)) this.damaged('a list of numbers ends inside one');
      this.spend(count * ELEMENT_COST[scalar]);
      reader.skip(length);
      return;
    }
    while (reader.pos < listEnd) {
      this.spend(ELEMENT_COST[scalar]);
      this.varint(scalar);
    }
    if (reader.pos !== listEnd) this.damaged('a list of numbers ends inside one');
  }

  private skipUnknown(number: number, wireType: number): void {
    // skipType would follow groups into groups by recursion.
    if (wireType !== VARINT && wireType !== FIXED64 && wireType !== LENGTH_DELIMITED && wireType !== FIXED32) {
      this.damaged(`field ${number} has wire type ${wireType}, which ONNX does not use`);
    }
    this.reader.skipType(wireType);
  }

  /** The bytes of the field whose length stands at `start`. */
  private keep(key: string, start: number, repeated: boolean): void {
    this.spend(ELEMENT_COST.bytes);
    const { reader } = this;
    const end = reader.pos;
    reader.pos = start;
    this.uint32();
    const value = this.bytes.subarray(reader.pos, end);
    reader.pos = end;
    const values = this.newer.get(key);
    if (repeated && values !== undefined) values.push(value);
    else this.newer.set(key, [value]);
  }

  private varint(scalar: 'int32' | 'int64'): void {
    const start = this.reader.pos;
    this.reader.skip();
    const length = this.reader.pos - start;
    if (length > 10) this.damaged('a number is longer than 64 bits');
    // From the sixth byte on the reader takes an int32 to be a negative one, which writers extend to ten.
    if (scalar === 'int32' && length > 5 && length < 10) this.damaged('a number is longer than 32 bits');
  }

  private uint32(): number {
    const start = this.reader.pos;
    const value = this.reader.uint32();
    if (this.reader.pos - start > 5) this.damaged('a number is longer than 32 bits');
    return value;
  }

  /** The length of what follows, which lies before `end`. */
  private length(end: number): number {
    const length = this.uint32();
    const left = Math.max(0, end - this.reader.pos);
    if (length > left) this.damaged(`ends early: ${length} more bytes are declared, ${left} are left`);
    return length;
  }

  private expect(number: number, found: number, wanted: number): void {
    if (found !== wanted) this.damaged(`field ${number} has wire type ${found} where ${wanted} belongs`);
  }

  private spend(cost: number): void {
    this.left -= cost;
    if (this.left < 0) this.damaged('the file holds more entries than any model needs');
  }

  private damaged(what: string): never {
    throw new ModelFileError(`${this.inside}: ${what}`, this.graphBegun ? 'DYB102' : 'DYB101');
  }
}

function hasPlace(message: MessageName): boolean {
  return message === 'GraphProto' || message === 'NodeProto' || message === 'FunctionProto';
}
