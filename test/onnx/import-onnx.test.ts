import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { importOnnx, type OnnxGraph, printOnnxGraph, type ReadExternal } from '../../src/onnx/index.js';
import { externalDataBeside } from '../../src/onnx/node-external-data.js';
import { encodeModel, float, OnnxBuilder, tensor } from '../support/onnx-builder.js';

const { onnx } = onnxProto;
type ITensor = onnxProto.onnx.ITensorProto;

function read(m: OnnxBuilder | Uint8Array, readExternal?: ReadExternal): OnnxGraph {
  const bytes = m instanceof Uint8Array ? m : m.bytes();
  return importOnnx(bytes, { modelName: 'm', ...(readExternal === undefined ? {} : { readExternal }) });
}

/** Diagnostics as lines, or the graph's text. */
function outcome(m: OnnxBuilder | Uint8Array, readExternal?: ReadExternal): string {
  try {
    return printOnnxGraph(read(m, readExternal));
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics
      .map((d) => [d.code, d.node ?? '', d.found ?? '', d.hint ?? ''].join(' | ').replace(/( \| )+$/, ''))
      .join('\n');
  }
}

test('a model becomes a graph: inputs, constants, nodes, outputs and their types', () => {
  const m = new OnnxBuilder();
  const x = m.input('x', ['batch', 2, 4, 4]);
  const w = m.float('w', [2, 2, 1, 1], [1, -2, 0.5, -0]);
  m.output(m.node('Conv', [x, w], { pads: [0, 0, 0, 0], group: 1 }, { output: 'y' }), ['batch', 2, 4, 4]);
  expect(outcome(m)).toMatchInlineSnapshot(`
    "input  x: float32 [batch, 2, 4, 4]
    const  w: float32 [2, 2, 1, 1] = 1 -2 0.5 -0
    y = Conv(x, w) {group: 1, pads: [0, 0, 0, 0]}: float32 [batch, 2, 4, 4]
    output y
    "
  `);
});

describe('tensors', () => {
  /** The elements that a TensorProto gives, or the diagnostic. */
  function elements(proto: ITensor): string {
    const m = new OnnxBuilder();
    const x = m.input('x', [1, 2]);
    m.output(m.node('Add', [x, m.initializer('c', proto)]));
    try {
      const { type, shape, data } = read(m).constants.get('c')!;
      return `${type} [${shape}] ${data.constructor.name} ${Array.from(data, (v) => (Object.is(v, -0) ? '-0' : v)).join(' ')}`;
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      return error.diagnostics.map((d) => `${d.code} ${d.found}`).join('; ');
    }
  }
  const { FLOAT, UINT8, INT8, INT32, INT64, BOOL, DOUBLE, FLOAT16, STRING, BFLOAT16 } = onnx.TensorProto.DataType;

  test.each<[string, ITensor, string]>([
    ['float32 as raw_data', tensor('float32', [3], [1, -0, 3.5]), 'float32 [3] Float32Array 1 -0 3.5'],
    [
      'float32 as float_data',
      { dims: [2, 1], dataType: FLOAT, floatData: [1, 2.5] },
      'float32 [2,1] Float32Array 1 2.5',
    ],
    ['a scalar', tensor('float32', [], [7]), 'float32 [] Float32Array 7'],
    ['no elements', tensor('float32', [0], [0]), 'float32 [0] Float32Array '],
    ['float64 as raw_data', tensor('float64', [2], [0.1, -2]), 'float64 [2] Float64Array 0.1 -2'],
    ['float64 as double_data', { dims: [1], dataType: DOUBLE, doubleData: [0.1] }, 'float64 [1] Float64Array 0.1'],
    [
      'int64 as raw_data',
      tensor('int64', [3], [-1, 2 ** 40, -(2 ** 53) + 1]),
      'int64 [3] Float64Array -1 1099511627776 -9007199254740991',
    ],
    [
      'int64 as int64_data',
      { dims: [2], dataType: INT64, int64Data: [-5, 2 ** 40] },
      'int64 [2] Float64Array -5 1099511627776',
    ],
    ['int32 as int32_data', { dims: [2], dataType: INT32, int32Data: [-5, 7] }, 'int32 [2] Int32Array -5 7'],
    ['int32 as raw_data', tensor('int32', [2], [-5, 7]), 'int32 [2] Int32Array -5 7'],
    ['int8 as int32_data', { dims: [2], dataType: INT8, int32Data: [-5, 7] }, 'int8 [2] Int8Array -5 7'],
    ['uint8 as raw_data', tensor('uint8', [2], [200, 7]), 'uint8 [2] Uint8Array 200 7'],
    ['uint8 as int32_data', { dims: [1], dataType: UINT8, int32Data: [200] }, 'uint8 [1] Uint8Array 200'],
    ['bool as int32_data', { dims: [2], dataType: BOOL, int32Data: [1, 0] }, 'bool [2] Uint8Array 1 0'],
    ['bool as raw_data', tensor('bool', [2], [1, 0]), 'bool [2] Uint8Array 1 0'],
    ['too few bytes', { dims: [3], dataType: FLOAT, rawData: new Uint8Array(8) }, 'DYB102 data of 8 bytes'],
    ['too many bytes', { dims: [1], dataType: FLOAT, rawData: new Uint8Array(8) }, 'DYB102 data of 8 bytes'],
    ['half an element', { dims: [1], dataType: FLOAT, rawData: new Uint8Array(3) }, 'DYB102 data of 3 bytes'],
    ['too few numbers', { dims: [3], dataType: FLOAT, floatData: [1] }, 'DYB102 data of 1 elements'],
    ['no data', { dims: [3], dataType: FLOAT }, 'DYB102 data of 0 bytes'],
    ['data of another type', { dims: [1], dataType: FLOAT, int32Data: [1] }, 'DYB102 data of 0 bytes'],
    ['float16', { dims: [1], dataType: FLOAT16, rawData: new Uint8Array(2) }, 'DYB104 float16'],
    ['bfloat16', { dims: [1], dataType: BFLOAT16, rawData: new Uint8Array(2) }, 'DYB104 bfloat16'],
    ['strings', { dims: [1], dataType: STRING, stringData: [new Uint8Array(1)] }, 'DYB104 string'],
    ['a negative dimension', { dims: [-1], dataType: FLOAT }, 'DYB105 [-1]'],
    ['more than any file holds', { dims: [2 ** 31, 2 ** 31], dataType: FLOAT }, 'DYB105 [2147483648, 2147483648]'],
    [
      'dimensions whose product wraps to 0',
      { dims: [2 ** 32, 2 ** 32], dataType: FLOAT },
      'DYB105 [4294967296, 4294967296]',
    ],
    ['too many dimensions', { dims: new Array(17).fill(1), dataType: FLOAT, floatData: [1] }, 'DYB105 17 dimensions'],
    [
      'NaN',
      { dims: [2], dataType: FLOAT, floatData: [1, Number.NaN] },
      'DYB108 NaN at element 1; 1 of 2 elements are not finite',
    ],
    ['a bool of 2', { dims: [1], dataType: BOOL, rawData: Uint8Array.of(2) }, 'DYB102 a bool that is neither 0 nor 1'],
  ])('%s', (_, proto, expected) => {
    expect(elements(proto)).toBe(expected);
  });

  test('the largest int64 stands for the end of an axis; other integers past 2^53 are refused', () => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, 2n ** 63n - 1n, true);
    expect(elements({ dims: [1], dataType: INT64, rawData: bytes })).toBe('int64 [1] Float64Array 9223372036854776000');
    new DataView(bytes.buffer).setBigInt64(0, 2n ** 60n, true);
    expect(elements({ dims: [1], dataType: INT64, rawData: bytes })).toContain('DYB105');
  });

  test('aligned weights are views of the file, not copies', () => {
    const m = new OnnxBuilder();
    const x = m.input('x', [1, 64]);
    m.output(m.node('Add', [x, m.float('c', [64], [1, 2, 3])]));
    const bytes = m.bytes();
    const found: boolean[] = [];
    for (let shift = 0; shift < 4; shift++) {
      const padded = new Uint8Array(bytes.length + shift);
      padded.set(bytes, shift);
      found.push(read(padded.subarray(shift)).constants.get('c')!.data.buffer === padded.buffer);
    }
    expect(found.filter(Boolean)).toHaveLength(1);
  });
});

describe('the graph', () => {
  test('nodes in any order are sorted, otherwise in the order of the file', () => {
    const m = new OnnxBuilder();
    m.input('x', [1, 2]);
    m.node('Relu', ['b'], {}, { output: 'c' });
    m.node('Neg', ['x'], {}, { output: 'a' });
    m.node('Add', ['a', 'x'], {}, { output: 'b' });
    m.output('c');
    expect(outcome(m)).toMatchInlineSnapshot(`
      "input  x: float32 [1, 2]
      a = Neg(x)
      b = Add(a, x)
      c = Relu(b): float32 unknown shape
      output c
      "
    `);
  });

  test('initializers that are listed as inputs too, as IR version 3 has them, are constants', () => {
    const m = new OnnxBuilder({ irVersion: 3 });
    const x = m.input('x', [1, 2]);
    m.input('c', [2]);
    m.output(m.node('Add', [x, m.float('c', [2], [1, 2])]));
    expect(read(m).inputs.map((input) => input.name)).toEqual(['x']);
  });

  test('IR versions newer than the decoder, omitted inputs and names of any kind are read', () => {
    const m = new OnnxBuilder({ irVersion: 999, opset: 21 });
    const x = m.input('__proto__', [1, 2]);
    m.output(
      m.node(
        'Clip',
        [x, '', m.float('constructor', [], [1])],
        {},
        { name: 'new\nline "quoted" \u202e', output: 'toString' },
      ),
    );
    const graph = read(m);
    expect(graph.irVersion).toBe(999);
    expect(printOnnxGraph(graph)).toMatchInlineSnapshot(`
      "input  __proto__: float32 [1, 2]
      const  constructor: float32 [] = 1
      toString = Clip(__proto__, _, constructor): float32 unknown shape
      output toString
      "
    `);
  });

  test('a name of a million characters is shortened in messages', () => {
    const m = new OnnxBuilder();
    m.input('x', [1, 2]);
    m.output(m.node('Relu', ['n'.repeat(1_000_000)], {}, { name: 'm'.repeat(1_000_000) }));
    const text = outcome(m);
    expect(text.length).toBeLessThan(500);
    expect(text).toContain('(1000000 characters)');
  });

  test.each<[string, (m: OnnxBuilder) => void]>([
    [
      'a cycle',
      (m) => {
        m.node('Add', ['x', 'b'], {}, { output: 'a', name: 'first' });
        m.node('Relu', ['a'], {}, { output: 'b', name: 'second' });
        m.output('b');
      },
    ],
    [
      'a value made twice',
      (m) => {
        m.node('Relu', ['x'], {}, { output: 'a' });
        m.node('Neg', ['x'], {}, { output: 'a' });
        m.output('a');
      },
    ],
    [
      'the input made again',
      (m) => {
        m.node('Relu', ['x'], {}, { output: 'x' });
        m.output('x');
      },
    ],
    [
      'values that nothing makes',
      (m) => {
        m.node('Add', ['nowhere', 'neither'], {}, { output: 'a' });
        m.output('a');
        m.output('b');
      },
    ],
    [
      'two initializers of one name',
      (m) => {
        m.float('c', [1], [1]);
        m.float('c', [1], [2]);
        m.output(m.node('Add', ['x', 'c']));
      },
    ],
    ['control flow', (m) => m.output(m.node('If', ['x'])) as never],
    ['a quantized operator', (m) => m.output(m.node('QLinearConv', ['x'])) as never],
    [
      'a sequence as input',
      (m) => {
        m.graph.input.push({ name: 's', type: { sequenceType: { elemType: { tensorType: { elemType: 1 } } } } });
        m.output(m.node('Relu', ['s']));
      },
    ],
    [
      'an attribute that is not finite',
      (m) => m.output(m.node('LeakyRelu', ['x'], { alpha: float(Number.NaN) })) as never,
    ],
    ['a node of a hundred thousand inputs', (m) => m.output(m.node('Sum', new Array(100_000).fill('x'))) as never],
    [
      'everything at once',
      (m) => {
        m.initializer('half', { dims: [1], dataType: 10, rawData: new Uint8Array(2) });
        m.initializer('short', { dims: [9], dataType: 1, rawData: new Uint8Array(4) });
        m.node('Loop', ['x'], {}, { output: 'l' });
        m.node('Add', ['half', 'missing'], {}, { output: 'a' });
        m.output(m.node('Add', ['a', 'short']));
      },
    ],
  ])('refused: %s', (_, write) => {
    const m = new OnnxBuilder();
    m.input('x', [1, 2]);
    write(m);
    expect(outcome(m)).toMatchSnapshot();
  });

  test.each([
    ['missing', []],
    ['too old', [{ domain: '', version: 8 }]],
    ['of the future', [{ domain: '', version: 99 }]],
    [
      'two at once',
      [
        { domain: '', version: 13 },
        { domain: 'ai.onnx', version: 17 },
      ],
    ],
  ])('refused: an opset that is %s', (_, opsetImport) => {
    const m = new OnnxBuilder();
    m.output(m.node('Relu', [m.input('x', [1, 2])]));
    expect(outcome(encodeModel({ ...m.proto(), opsetImport }))).toMatchSnapshot();
  });

  test.each([
    ['nothing', ''],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'],
    ['a zip archive', 'PK\x03\x04....'],
    ['a web page', '<!DOCTYPE html><html></html>'],
    ['JSON', '{"graph": {}}'],
    ['prose', 'this is no model at all'],
  ])('refused: a file that is %s', (_, text) => {
    expect(outcome(Buffer.from(text, 'latin1'))).toMatchSnapshot();
  });
});

describe('local functions', () => {
  function call(fn: onnxProto.onnx.IFunctionProto, attributes: Parameters<OnnxBuilder['node']>[2] = {}): OnnxBuilder {
    const m = new OnnxBuilder();
    const x = m.input('x', [1, 2]);
    m.functions.push({ domain: 'pkg', opsetImport: [{ domain: '', version: 17 }], ...fn });
    m.output(m.node(fn.name!, [x], attributes, { domain: 'pkg', name: 'call', output: 'y' }));
    return m;
  }

  test('are inlined with their attributes, under names of their own', () => {
    const attribute = [{ name: 'alpha', refAttrName: 'slope', type: 1 }];
    const m = call(
      {
        name: 'Leaky',
        input: ['a'],
        output: ['b'],
        attribute: ['slope'],
        node: [
          { opType: 'Neg', input: ['a'], output: ['t'] },
          { opType: 'LeakyRelu', input: ['t'], output: ['b'], attribute },
        ],
      },
      { slope: 0.25 },
    );
    m.node('Leaky', ['y'], {}, { domain: 'pkg', name: 'again', output: 'z' });
    m.output('z');
    expect(outcome(m)).toMatchInlineSnapshot(`
      "input  x: float32 [1, 2]
      call/t = Neg(x)
      y = LeakyRelu(call/t) {alpha: 0.25}: float32 unknown shape
      again/t = Neg(y)
      z = LeakyRelu(again/t): float32 unknown shape
      output y
      output z
      "
    `);
  });

  test('that pass an input through', () => {
    expect(outcome(call({ name: 'Same', input: ['a'], output: ['a'], node: [] }))).toMatchInlineSnapshot(`
      "input  x: float32 [1, 2]
      y = Identity(x): float32 unknown shape
      output y
      "
    `);
  });

  test('that call one another, to the end', () => {
    const m = call({
      name: 'Outer',
      input: ['a'],
      output: ['b'],
      node: [{ opType: 'Inner', domain: 'pkg', input: ['a'], output: ['b'] }],
    });
    m.functions.push({
      domain: 'pkg',
      name: 'Inner',
      input: ['p'],
      output: ['q'],
      node: [{ opType: 'Relu', input: ['p'], output: ['q'] }],
    });
    expect(outcome(m)).toMatchInlineSnapshot(`
      "input  x: float32 [1, 2]
      y = Relu(x): float32 unknown shape
      output y
      "
    `);
  });

  test.each<[string, onnxProto.onnx.IFunctionProto]>([
    [
      'calls itself',
      { name: 'F', input: ['a'], output: ['b'], node: [{ opType: 'F', domain: 'pkg', input: ['a'], output: ['b'] }] },
    ],
    ['takes fewer inputs', { name: 'F', input: [], output: ['b'], node: [] }],
    ['never makes its output', { name: 'F', input: ['a'], output: ['b'], node: [] }],
    [
      'is of an opset that means something else',
      { name: 'F', input: ['a'], output: ['b'], opsetImport: [{ domain: '', version: 11 }], node: [] },
    ],
    [
      'holds control flow',
      { name: 'F', input: ['a'], output: ['b'], node: [{ opType: 'If', input: ['a'], output: ['b'] }] },
    ],
  ])('refused: one that %s', (_, fn) => {
    expect(outcome(call(fn))).toMatchSnapshot();
  });

  test('doubling at every level is refused before it has happened', () => {
    const m = call({ name: 'F0', input: ['a'], output: ['b'], node: twice('F1') });
    for (let i = 1; i < 30; i++)
      m.functions.push({ domain: 'pkg', name: `F${i}`, input: ['a'], output: ['b'], node: twice(`F${i + 1}`) });
    expect(outcome(m)).toMatchInlineSnapshot(`"DYB206 |  | more than 200000 nodes once local functions are inlined"`);
  });

  function twice(name: string): onnxProto.onnx.INodeProto[] {
    return [
      { opType: name, domain: 'pkg', input: ['a'], output: ['t'] },
      { opType: name, domain: 'pkg', input: ['t'], output: ['b'] },
    ];
  }
});

describe('external data', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'dybnn-external-'));
    mkdirSync(join(root, 'model', 'sub'), { recursive: true });
    writeFileSync(join(root, 'model', 'w.data'), Buffer.from(new Float32Array([1, 2, 3, 4]).buffer));
    writeFileSync(join(root, 'model', 'sub', 'w.data'), Buffer.from(new Float32Array([5, 6, 7, 8]).buffer));
    writeFileSync(join(root, 'secret'), Buffer.alloc(64));
    symlinkSync(join(root, 'secret'), join(root, 'model', 'link'));
    symlinkSync(root, join(root, 'model', 'up'));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  function withExternal(entries: Record<string, string>): string {
    const m = new OnnxBuilder();
    const x = m.input('x', [1, 2]);
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    m.output(m.node('Add', [x, m.initializer('w', { dims: [2], dataType: 1, dataLocation: 1, externalData })]));
    const text = outcome(m, externalDataBeside(join(root, 'model', 'm.onnx')));
    return text.startsWith('DYB') ? text : text.split('\n')[1]!;
  }

  test.each<[string, Record<string, string>]>([
    ['a file beside the model', { location: 'w.data', length: '8' }],
    ['a part of it', { location: 'w.data', offset: '8', length: '8' }],
    ['no length: what the shape needs', { location: 'w.data', offset: '4' }],
    ['a file in a folder below', { location: 'sub/w.data', length: '8' }],
    ['a file that is not there', { location: 'x.data', length: '8' }],
    ['a file that is too short', { location: 'w.data', offset: '12', length: '8' }],
    ["a length that is not the shape's", { location: 'w.data', length: '12' }],
    ['an offset that is no number', { location: 'w.data', offset: '-4', length: '8' }],
    ['no location', { length: '8' }],
    ['a path upwards', { location: '../secret', length: '8' }],
    ['a path down and upwards', { location: 'sub/../../secret', length: '8' }],
    ['a path upwards with backslashes', { location: '..\\secret', length: '8' }],
    ['an absolute path', { location: '/etc/hostname', length: '8' }],
    ['a drive', { location: 'C:\\secret', length: '8' }],
    ['a link out of the folder', { location: 'link', length: '8' }],
    ['a folder that is a link out', { location: 'up/secret', length: '8' }],
    ['a folder', { location: 'sub', length: '8' }],
    ['a zero byte', { location: 'w.data\0', length: '8' }],
  ])('%s', (_, entries) => {
    expect(withExternal(entries)).toMatchSnapshot();
  });

  test('is refused where there is no folder to read from', () => {
    const m = new OnnxBuilder();
    const x = m.input('x', [1, 2]);
    const externalData = [{ key: 'location', value: 'w.data' }];
    m.output(m.node('Add', [x, m.initializer('w', { dims: [2], dataType: 1, dataLocation: 1, externalData })]));
    expect(outcome(m)).toMatchInlineSnapshot(`"DYB103 | initializer w | w.data: there is no folder to read it from"`);
  });

  test('a file that is missing or too short is said once, with how many tensors it fails', () => {
    const m = new OnnxBuilder();
    const x = m.input('x', [1, 2]);
    const inFile = (name: string, location: string, offset: number): string => {
      const entries = { location, offset: String(offset) };
      const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
      return m.initializer(name, { dims: [2], dataType: 1, dataLocation: 1, externalData });
    };
    const weights = [0, 8, 16, 24].map((offset) => inFile(`short${offset}`, 'w.data', offset));
    for (const offset of [0, 8, 16]) weights.push(inFile(`gone${offset}`, 'x.data', offset));
    m.output(weights.reduce((sum, w) => m.node('Add', [sum, w]), x));
    expect(outcome(m, externalDataBeside(join(root, 'model', 'm.onnx')))).toMatchInlineSnapshot(`
      "DYB103 | initializer short16 and 1 more | w.data: the file is too short: 32 bytes are needed, it has 16
      DYB103 | initializer gone0 and 2 more | x.data: the file does not exist"
    `);
  });

  test('one file named by many tensors does not add up to more than memory', () => {
    const m = new OnnxBuilder();
    const x = m.input('x', [1, 2]);
    const dims = [2 ** 28];
    for (let i = 0; i < 3; i++) {
      m.initializer(`w${i}`, { dims, dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: 'w' }] });
    }
    m.output(m.node('Relu', [x]));
    const asked: number[] = [];
    const text = outcome(m, (_location, _offset, length) => {
      asked.push(length);
      return { kind: 'refused', reason: 'this is a test' };
    });
    expect(asked).toEqual([2 ** 30]);
    expect(text).toMatchInlineSnapshot(`
      "DYB105 | initializer w1 | [268435456], 1073741824 bytes
      DYB105 | initializer w2 | [268435456], 1073741824 bytes
      DYB103 | initializer w0 | w: this is a test"
    `);
  });
});
