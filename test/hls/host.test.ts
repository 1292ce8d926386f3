/**
 * What hosts do around the engine: the C of the test bench and the bare-metal driver, and the Python of the PYNQ driver, put the same
 * pictures into the same bytes, read the same results, and both do what the layout says.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { scaledInteger } from '../../src/contract/fixed.js';
import { softmax } from '../../src/contract/functions.js';
import { loadAssets } from '../../src/host/load-assets.js';
import { REGISTERS } from '../../src/target/hls/axi.js';
import { emitHls } from '../../src/target/hls/emit-hls.js';
import type { InputPlace, OutputPlace } from '../../src/target/hls/types.js';
import { fakeDesign, fakeProgram } from './fake-design.js';
import { CC, hasCxx, missing, numpy } from './tools.js';

const folder = mkdtempSync(join(tmpdir(), 'dybnn-host-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Case {
  readonly title: string;
  readonly portBits: 64 | 128 | 256;
  readonly runs: number;
  readonly inputs: readonly InputPlace[];
  readonly outputs: readonly OutputPlace[];
  readonly softmax: boolean;
}

/** Of a run. */
const OUTPUT_FLOATS = 48;

const at = (channels: number, height: number, width: number) => ({ channels, height, width });

/** Rows of whole words where a pixel has fewer lanes than a word; else pixels of whole words. */
const CASES: readonly Case[] = [
  {
    title: 'three channels packed four lanes a pixel, rows padded, two pictures, three runs',
    portBits: 64,
    runs: 3,
    inputs: [0, 1].map((picture) => ({
      picture,
      shape: at(3, 5, 7),
      fraction: 13,
      address: 40 + 20 * picture,
      rowWords: 4,
      pixelLanes: 4,
    })),
    outputs: [0, 1].map((picture) => ({ picture, shape: at(10, 1, 1), kind: 'vector', address: 12 * picture })),
    softmax: false,
  },
  {
    title: 'one channel, one lane a pixel, softmax',
    portBits: 128,
    runs: 2,
    inputs: [{ picture: 0, shape: at(1, 6, 9), fraction: 7, address: 3, rowWords: 1, pixelLanes: 1 }],
    outputs: [{ picture: 0, shape: at(40, 1, 1), kind: 'vector', address: 1 }],
    softmax: true,
  },
  {
    title: 'more channels than a word has, a negative fraction, a map as the result',
    portBits: 256,
    runs: 1,
    inputs: [{ picture: 0, shape: at(40, 2, 3), fraction: -2, address: 16, rowWords: 6, pixelLanes: 64 }],
    outputs: [{ picture: 0, shape: at(5, 2, 2), kind: 'map', address: 2, pixelWords: 2, fraction: 9 }],
    softmax: false,
  },
];

function write(name: string, { portBits, inputs, outputs, softmax: soft }: Case): string {
  const size = ({ shape, rowWords }: InputPlace): number => shape.height * rowWords;
  const inputWords = inputs.reduce((sum, i) => sum + size(i), 0);
  const design = fakeDesign({
    portBits,
    inputs,
    outputs,
    inputWords,
    ddrWords: Math.max(...inputs.map((i) => i.address + size(i))),
    outputFloats: OUTPUT_FLOATS,
    hostSteps: soft ? ['softmax'] : [],
  });
  const program = fakeProgram(inputs[0]!.shape, outputs[0]!.shape);
  const options = { name: 'net', source: 'net.onnx', version: '1', title: 'a network', goldenSamples: 1 };
  const target = join(folder, name);
  for (const [path, content] of emitHls(program, design, new Map(), loadAssets(), options)) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), content);
  }
  return target;
}

/** Values around every rounding and both ends. */
function pictures({ runs, inputs }: Case): Float32Array {
  const [{ shape, fraction }] = inputs as [InputPlace];
  const data = new Float32Array(runs * inputs.length * shape.channels * shape.height * shape.width);
  const special = [
    0, -0, 0.5, -0.5, 1.5, -1.5, 0.49999997, -0.50000006, 32766.5, 32767.5, -32768.5, 1e30, -1e30, 1e-40,
  ];
  data.forEach((_, i) => {
    data[i] = (i < special.length ? special[i]! : 40000 * Math.sin(i * i + 0.3)) * 2 ** -fraction;
  });
  return data;
}

/** The layout's own words: two ports of bytes. */
function placed({ portBits, runs, inputs }: Case, data: Float32Array, mapsBytes: number): readonly [Buffer, Buffer] {
  const portBytes = portBits / 8;
  const lanes = portBytes;
  const ports = [7, 11].map((factor, p) =>
    Buffer.from(Array.from({ length: mapsBytes }, (_, i) => factor * i + 3 + 2 * p)),
  );
  const pictureWords = inputs.reduce((sum, { shape, rowWords }) => sum + shape.height * rowWords, 0);
  const put = (lane: number, value: number): void => {
    const [word, within] = [Math.floor(lane / lanes), lane % lanes];
    ports[within < lanes / 2 ? 0 : 1]!.writeInt16LE(value, word * portBytes + 2 * (within % (lanes / 2)));
  };
  let i = 0;
  for (let run = 0; run < runs; run++) {
    for (const { shape, fraction, address, rowWords, pixelLanes } of inputs) {
      const first = (address + run * pictureWords) * lanes;
      for (let lane = 0; lane < shape.height * rowWords * lanes; lane++) put(first + lane, 0);
      for (let c = 0; c < shape.channels; c++) {
        for (let y = 0; y < shape.height; y++) {
          for (let x = 0; x < shape.width; x++) {
            const value = Math.min(32767, Math.max(-32768, scaledInteger(data[i++]!, fraction)));
            put((address + run * pictureWords + y * rowWords) * lanes + x * pixelLanes + c, value);
          }
        }
      }
    }
  }
  return [ports[0]!, ports[1]!];
}

function results(
  { portBits, runs, outputs, softmax: soft }: Case,
  [port0, port1]: readonly [Buffer, Buffer],
): Float32Array {
  const lanes = portBits / 8;
  const output = Buffer.from(
    Array.from({ length: 4 * runs * OUTPUT_FLOATS }, (_, i) =>
      i % 4 === 3 ? [0x3e, 0x40, 0xc0, 0x41][(i >> 2) % 4]! : 13 * i + 1,
    ),
  );
  const all: number[] = [];
  for (let run = 0; run < runs; run++) {
    for (const place of outputs) {
      const { channels, height, width } = place.shape;
      const values: number[] = [];
      for (let c = 0; c < channels; c++) {
        for (let p = 0; p < height * width; p++) {
          if (place.kind === 'vector') {
            values.push(output.readFloatLE(4 * (OUTPUT_FLOATS * run + place.address + c * height * width + p)));
          } else {
            const word = place.address + p * place.pixelWords + Math.floor(c / lanes);
            const within = c % lanes;
            const port = within < lanes / 2 ? port0 : port1;
            values.push(port.readInt16LE(word * lanes + 2 * (within % (lanes / 2))) * 2 ** -place.fraction);
          }
        }
      }
      const vector = Float32Array.from(values);
      if (soft) softmax(vector, vector);
      all.push(...vector);
    }
  }
  return Float32Array.from(all);
}

describe.each(CASES.map((c, i) => [c.title, c, i] as const))('%s', (_, c, index) => {
  const project = write(`case-${index}`, c);
  const data = pictures(c);
  const input = Buffer.from(data.buffer);
  const words = (runs: number): number =>
    Math.max(...c.inputs.map((i) => i.address + i.shape.height * i.rowWords)) +
    (runs - 1) * c.inputs.reduce((sum, i) => sum + i.shape.height * i.rowWords, 0);
  const maps = placed(c, data, (words(c.runs) * c.portBits) / 8);
  const expected = Buffer.concat([...maps, Buffer.from(results(c, maps).buffer)]);

  test.skipIf(missing('C compiler', hasCxx))('C', () => {
    const program = join(project, 'place');
    const host = join(project, 'host', 'c');
    execFileSync(CC, [
      ...['-std=c99', '-O1', '-Wall', '-Wextra', '-Werror', '-ffp-contract=off', `-I${host}`, `-I${project}`],
      ...[join(import.meta.dirname, 'host-place.c'), join(host, 'dybnn_host.c'), join(host, 'dybnn_softmax_scalar.c')],
      ...['-lm', '-o', program],
    ]);
    expect(execFileSync(program, [String(c.runs)], { input }).equals(expected)).toBe(true);
  });

  test.skipIf(missing('Python with numpy', numpy))('Python', () => {
    const script = join(import.meta.dirname, 'host-place.py');
    const args = [script, join(project, 'net.json'), join(project, 'host', 'pynq'), String(c.runs)];
    expect(execFileSync(numpy!, args, { input }).equals(expected)).toBe(true);
  });
});

test('registers are where the tool puts them: 64 bits and a reserved word, 32 bits and a reserved word', () => {
  expect(REGISTERS.map(({ name, offset }) => `${name} 0x${offset.toString(16)}`)).toEqual([
    'weights0 0x10',
    'weights1 0x1c',
    'in0 0x28',
    'in1 0x34',
    'out0 0x40',
    'out1 0x4c',
    'program 0x58',
    'output 0x64',
    'first_step 0x70',
    'last_step 0x78',
    'runs 0x80',
    'input_words 0x88',
    'output_words 0x90',
  ]);
});
