import fc from 'fast-check';
import onnxProto from 'onnx-proto';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { MAX_DEPTH } from '../../src/onnx/guard-model.js';
import { importOnnx, type OnnxGraph, printOnnxGraph } from '../../src/onnx/index.js';
import { DECODED_FIELDS } from '../../src/onnx/model-fields.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

const { onnx } = onnxProto;

const read = (bytes: Uint8Array): OnnxGraph => importOnnx(bytes, { modelName: 'm' });

/** 'DYB102 what was found', or 'read'. Anything that is not a diagnostic is thrown on. */
function outcome(bytes: Uint8Array): string {
  try {
    read(bytes);
    return 'read';
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map((d) => `${d.code} ${d.found}`).join('\n');
  }
}

/** One length-delimited field. */
function field(number: number, ...parts: (Uint8Array | readonly number[] | string)[]): Uint8Array {
  const body = Buffer.concat(
    parts.map((part) => Buffer.from(typeof part === 'string' ? new TextEncoder().encode(part) : part)),
  );
  return protobuf.Writer.create()
    .uint32((number << 3) | 2)
    .bytes(body)
    .finish();
}

function varintField(number: number, ...bytes: number[]): Uint8Array {
  return Buffer.from([
    ...protobuf.Writer.create()
      .uint32(number << 3)
      .finish(),
    ...bytes,
  ]);
}

function repeated(part: Uint8Array, count: number): Uint8Array {
  return Buffer.alloc(part.length * count, part);
}

function small(): Uint8Array {
  const m = new OnnxBuilder();
  const x = m.input('x', ['batch', 2]);
  const w = m.float('w', [2], [1, -2]);
  m.output(m.node('Clip', [m.node('Add', [x, w]), ''], { name: 'text', list: [1, 2], f: { floats: [0.5] } }));
  return m.bytes();
}

/** The small model with `parts` at the end of its graph. */
function withGraphParts(...parts: Uint8Array[]): Uint8Array {
  const { graph, ...rest } = onnx.ModelProto.decode(small());
  return Buffer.concat([
    onnx.ModelProto.encode({ ...rest, graph: null }).finish(),
    field(7, onnx.GraphProto.encode(graph ?? {}).finish(), ...parts),
  ]);
}

const NODE = 1;
const INITIALIZER = 5;
const VALUE_INFO = 13;

test("the guard's table is what onnx-proto decodes", () => {
  const spaces: Record<string, unknown>[] = [onnx, onnx.TensorProto, onnx.TensorShapeProto, onnx.TypeProto].map(
    (s) => ({
      ...s,
    }),
  );
  const messages = Object.assign({}, ...spaces) as Record<string, { decode?: unknown }>;
  const decoded = Object.entries(messages).flatMap(([name, { decode }]) => {
    if (typeof decode !== 'function') return [];
    return [[name, fieldsOf(decode.toString())]];
  });
  expect(Object.fromEntries(decoded)).toEqual(DECODED_FIELDS);
});

/** `case 7: … message.graph = $root.onnx.GraphProto.decode(` and the like, of a decoder's source. */
function fieldsOf(source: string): Record<string, string> {
  const cases = [...source.matchAll(/case (\d+):([\s\S]*?)break;/g)];
  return Object.fromEntries(
    cases.map(([, number, body]) => {
      const type = /onnx\.(?:\w+\.)?(\w+)\.decode\(/.exec(body!)?.[1] ?? /reader\.(?!uint32\b)(\w+)\(/.exec(body!)![1]!;
      const list = body!.includes('.push(') ? '[]' : '';
      return [number, `${type === 'uint64' ? 'int64' : type}${list}`];
    }),
  );
}

test('a file that ends early is refused wherever it ends', () => {
  const whole = small();
  const seen = new Set<string>();
  for (let length = 0; length < whole.length; length++) {
    const said = outcome(whole.slice(0, length));
    // Cut between two fields it can still be a model, one without an output or an operator set.
    seen.add(said.slice(0, 6));
  }
  expect([...seen].sort()).toEqual(['DYB101', 'DYB102', 'DYB107']);
  expect(outcome(whole)).toBe('read');
});

test('whatever bytes change, the answer is a graph or a diagnostic', () => {
  const whole = small();
  const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255), drop: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      let bytes = Buffer.from(whole);
      for (const { at, byte, drop } of changes) {
        bytes[Math.min(at, bytes.length - 1)] = byte;
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + drop)]);
      }
      outcome(bytes);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test.each([
  ['an empty message', new Uint8Array([8, 8])],
  ['text', new TextEncoder().encode('just some words')],
  ['zeros', new Uint8Array(100)],
  ['bytes that are no fields', new Uint8Array(100).fill(255)],
  ['a group', new Uint8Array([0x1b, 0x1c])],
])('%s is no model', (_, bytes) => {
  expect(outcome(bytes)).toMatch(/^DYB101/);
});

test.each<[string, Uint8Array, string]>([
  ['a length where a number belongs', field(INITIALIZER, field(2, 'abc')), 'TensorProto: field 2 has wire type 2'],
  ['a number where a string belongs', field(NODE, varintField(4, 1)), 'NodeProto: field 4 has wire type 0'],
  ['a number where a message belongs', varintField(NODE, 1), 'GraphProto: field 1 has wire type 0'],
  ['a double where a float belongs', field(NODE, field(5, [0x11, ...new Array(8).fill(0)])), 'field 2 has wire'],
  ['an unknown field that is a group', Buffer.from([0xa3, 6, 0xa4, 6]), 'field 100 has wire type 3'],
  ['a message past its parent', Buffer.from([0x0a, 0x7f]), 'ends early: 127 more bytes are declared, 0 are left'],
  [
    'a number past its message',
    Buffer.concat([field(NODE, field(5, [0x18, 0x80])), field(2, 'n')]),
    'AttributeProto: ends early',
  ],
  ['floats cut short', field(INITIALIZER, field(4, 'abcde')), 'a list of numbers ends inside one'],
  ['varints cut short', field(INITIALIZER, field(7, [0x80]), field(8, 'n')), 'a list of numbers ends inside'],
  ['a varint of 11 bytes', field(INITIALIZER, varintField(1, ...new Array(10).fill(0x80), 0)), 'longer than 64 bits'],
  [
    'a type number of 6 bytes',
    field(INITIALIZER, varintField(2, ...new Array(5).fill(0x81), 0)),
    'longer than 32 bits',
  ],
  ['field 0', Buffer.from([0, 0]), 'a field has number 0'],
  ['a type given twice', field(VALUE_INFO, field(2), field(2)), 'ValueInfoProto: holds TypeProto twice'],
])('%s: the model is damaged', (_, part, found) => {
  expect(outcome(withGraphParts(part))).toMatch(/^DYB102/);
  expect(outcome(withGraphParts(part))).toContain(found);
});

test('a second graph is refused', () => {
  expect(outcome(Buffer.concat([small(), field(7)]))).toBe('DYB102 ModelProto: holds GraphProto twice');
});

test('messages nest as deep as other readers allow, and no deeper', () => {
  const sequences = (count: number): Uint8Array => {
    let type: Uint8Array = new Uint8Array();
    for (let i = 0; i < count; i++) type = field(4, field(1, type));
    return field(VALUE_INFO, field(1, 'v'), field(2, type));
  };
  const graphs = (count: number): Uint8Array => {
    let graph: Uint8Array = new Uint8Array();
    for (let i = 0; i < count; i++) graph = field(NODE, field(5, field(6, graph)));
    return graph;
  };
  // ModelProto, GraphProto, ValueInfoProto and TypeProto come first.
  expect(outcome(withGraphParts(sequences((MAX_DEPTH - 4) / 2)))).toBe('read');
  const tooDeep = new RegExp(`^DYB102 .*messages nest deeper than ${MAX_DEPTH}$`);
  expect(outcome(withGraphParts(sequences((MAX_DEPTH - 4) / 2 + 1)))).toMatch(tooDeep);
  expect(outcome(withGraphParts(graphs(3000)))).toMatch(tooDeep);
  const groups = Buffer.concat([repeated(Buffer.from([0xa3, 6]), 50_000), repeated(Buffer.from([0xa4, 6]), 50_000)]);
  expect(outcome(withGraphParts(groups))).toContain('wire type 3');
});

test.each<[string, Uint8Array]>([
  ['nodes', repeated(field(NODE), 2_000_000)],
  ['names', field(NODE, repeated(field(1, 'a'), 20_000_000))],
  ['byte strings', field(NODE, field(5, repeated(field(9), 4_000_000)))],
  ['int64s', field(INITIALIZER, field(7, new Uint8Array(10_000_000)))],
  ['int32s', field(INITIALIZER, field(5, new Uint8Array(50_000_000)))],
  ['newer fields', field(NODE, repeated(field(8), 20_000_000))],
])('a file of very many %s is refused before they are made', (_, part) => {
  expect(outcome(withGraphParts(part))).toContain('more entries than any model needs');
});

test('what is newer than onnx-proto is skipped where it is documentation', () => {
  const entry = [field(1, 'key'), field(2, 'value')];
  const bytes = Buffer.concat([
    withGraphParts(
      field(16, ...entry),
      field(VALUE_INFO, field(1, 'v'), field(4, ...entry)),
      field(INITIALIZER, varintField(2, 1), varintField(1, 0), field(8, 'e'), field(16, ...entry)),
    ),
    varintField(1, 99),
    field(26, 'a device configuration'),
  ]);
  const graph = read(bytes);
  expect(graph.irVersion).toBe(99);
  expect(graph.constants.get('e')).toEqual({ type: 'float32', shape: [0], data: new Float32Array(0) });
});

test('element types that are newer than onnx-proto are named', () => {
  const int4 = field(INITIALIZER, varintField(2, 22), varintField(1, 0), field(8, 'e'));
  expect(outcome(withGraphParts(int4))).toMatch(/^DYB104 int4/);
});

test('overloads and defaults of function attributes are read from the newer fields', () => {
  const attribute = (name: string, parts: onnxProto.onnx.IAttributeProto): Uint8Array =>
    onnx.AttributeProto.encode({ name, type: onnx.AttributeProto.AttributeType.FLOAT, ...parts }).finish();
  const leaky = (name: string, overload: string, alpha: number): Uint8Array =>
    field(
      25,
      onnx.FunctionProto.encode({ name, domain: 'pkg', input: ['a'], output: ['b'] }).finish(),
      field(
        7,
        onnx.NodeProto.encode({ opType: 'LeakyRelu', input: ['a'], output: ['b'] }).finish(),
        field(5, attribute('alpha', { refAttrName: 'alpha' })),
      ),
      field(11, attribute('alpha', { f: alpha })),
      field(13, overload),
    );
  const call = (output: string, overload: string): Uint8Array =>
    field(
      NODE,
      onnx.NodeProto.encode({ name: output, opType: 'leaky', domain: 'pkg', input: ['x'], output: [output] }).finish(),
      field(8, overload),
    );
  const bytes = Buffer.concat([
    withGraphParts(call('p', 'first'), call('q', 'second')),
    leaky('leaky', 'first', 0.25),
    leaky('leaky', 'second', 0.5),
  ]);
  const printed = printOnnxGraph(read(bytes)).split('\n');
  expect(printed.filter((line) => line.includes('LeakyRelu'))).toEqual([
    expect.stringMatching(/^p = LeakyRelu\(x\) \{alpha: 0\.25\}/),
    expect.stringMatching(/^q = LeakyRelu\(x\) \{alpha: 0\.5\}/),
  ]);
});

test('raw data are views of the file, of an Uint8Array and of a Buffer', () => {
  const raw = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const model = withGraphParts(
    field(INITIALIZER, varintField(2, 2), varintField(1, 8), field(8, 'bytes'), field(9, raw)),
  );
  for (const bytes of [new Uint8Array(model), Buffer.from(model)]) {
    const data = read(bytes).constants.get('bytes')?.data;
    expect(data).toEqual(new Uint8Array(raw));
    expect(data?.buffer).toBe(bytes.buffer);
  }
});

test('raw data at any offset, of an Uint8Array and of a Buffer', () => {
  for (let offset = 0; offset < 8; offset++) {
    const memory = Buffer.alloc(4096 + offset);
    const model = small();
    memory.set(model, offset);
    for (const bytes of [
      new Uint8Array(memory.buffer, memory.byteOffset + offset, model.length),
      memory.subarray(offset, offset + model.length),
    ]) {
      expect(read(bytes).constants.get('w')?.data).toEqual(new Float32Array([1, -2]));
    }
  }
});

test('elements in lists: packed and one by one, to their largest values', () => {
  const m = new OnnxBuilder();
  m.output(m.node('Relu', [m.input('x', [1])]));
  m.initializer('f', { dims: [3], dataType: 1, floatData: [0.1, -0, 3e38] });
  m.initializer('d', { dims: [2], dataType: 11, doubleData: [0.1, -1e300] });
  m.initializer('i', { dims: [2], dataType: 6, int32Data: [-(2 ** 31), 2 ** 31 - 1] });
  m.initializer('s', { dims: [2], dataType: 3, int32Data: [-128, 127] });
  m.initializer('b', { dims: [2], dataType: 9, int32Data: [0, 1] });
  m.initializer('l', { dims: [3], dataType: 7, int64Data: [-1, 2 ** 53 - 1, -(2 ** 53 - 1)] });
  const { constants } = read(m.bytes());
  expect(constants.get('f')?.data).toEqual(new Float32Array([0.1, -0, 3e38]));
  expect(constants.get('d')?.data).toEqual(new Float64Array([0.1, -1e300]));
  expect(constants.get('i')?.data).toEqual(new Int32Array([-(2 ** 31), 2 ** 31 - 1]));
  expect(constants.get('s')?.data).toEqual(new Int8Array([-128, 127]));
  expect(constants.get('b')?.data).toEqual(new Uint8Array([0, 1]));
  expect(constants.get('l')?.data).toEqual(new Float64Array([-1, 2 ** 53 - 1, -(2 ** 53 - 1)]));
  const unpacked = field(
    INITIALIZER,
    varintField(2, 7),
    varintField(1, 2),
    field(8, 'u'),
    varintField(7, 5),
    varintField(7, 6),
  );
  expect(read(withGraphParts(unpacked)).constants.get('u')?.data).toEqual(new Float64Array([5, 6]));
});

test('an integer that no number holds exactly is refused', () => {
  // 2^53 + 2^1: the nearest number is itself, but it is past what can be told from its neighbours.
  const large = [0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
  const part = field(INITIALIZER, varintField(2, 7), varintField(1, 1), field(8, 'l'), varintField(7, ...large));
  expect(outcome(withGraphParts(part))).toBe(`DYB105 the integer ${2 ** 53 + 2}`);
});
