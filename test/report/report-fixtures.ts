/** Reports of small networks, built without a file. */
import { readFileSync } from 'node:fs';
import type { BnnGraph } from '../../src/bnn/bnn-graph.js';
import type { IntegerOptions } from '../../src/fixed/with-integers.js';
import { loadAssets } from '../../src/host/load-assets.js';
import { inspectProgram } from '../../src/inspect/inspect-program.js';
import { lower } from '../../src/lower/lower.js';
import type { OnnxGraph } from '../../src/onnx/index.js';
import { optimize } from '../../src/optimize/optimize.js';
import { buildProgram } from '../../src/pipeline.js';
import { makeReport, type ReportSources } from '../../src/report/make-report.js';
import { renderReport } from '../../src/report/render-report.js';
import type { MeasuredTimes, ReportAccelerator, ReportData, VerifyResults } from '../../src/report/report-data.js';
import { BnnBuilder, dynamicBlock, window } from '../support/bnn-builder.js';

const { template } = loadAssets();
export const TEMPLATES = {
  page: template('report/report.html.ejs'),
  style: template('report/report.css'),
  script: template('report/report.js'),
};
export const SCHEMA: object = JSON.parse(template('report/report.schema.json'));

export const html = (report: ReportData): string => renderReport(report, TEMPLATES);

export interface Words {
  readonly file?: string;
  readonly graph?: string;
  readonly producer?: string;
}

export function sourcesOf(graph: BnnGraph, words: Words = {}): ReportSources {
  const bnn = optimize(graph);
  const program = lower(bnn);
  const onnx: OnnxGraph = {
    name: words.graph ?? 'main_graph',
    irVersion: 8,
    opset: 17,
    producer: words.producer ?? 'pytorch',
    inputs: [],
    outputs: [],
    nodes: [],
    constants: new Map(),
    types: new Map(),
  };
  const inspect = inspectProgram({ modelName: words.file ?? 'net.onnx', onnx, bnn, program });
  return { program, bnn, inspect, version: '1.2.3' };
}

/** Stem, dynamic blocks, classifier. */
export function dynamicNetwork(blocks = 3): BnnGraph {
  const b = new BnnBuilder(7);
  let x = b.conv(b.input(3, 32, 32), 16, window(3, 2, 1));
  for (let i = 0; i < blocks; i++) x = dynamicBlock(b, x, i % 2 === 1 && i < 5 ? 2 : 1, i === 0);
  return b.build(b.softmax(b.dense(b.gap(x), 10)));
}

/** Learned, fixed activations; a shortcut around each convolution. */
export function staticNetwork(): BnnGraph {
  const b = new BnnBuilder(8);
  let x = b.maxPool(b.conv(b.input(3, 24, 24), 64, window(3, 1, 1)));
  for (let i = 0; i < 4; i++) x = b.rprelu(b.addMaps(b.binaryConv(b.rsign(x), 64), x));
  return b.build(b.dense(b.gap(x), 10));
}

/** Four branches from the input to one concatenation: no node that everything passes through. */
export function branchedNetwork(): BnnGraph {
  const b = new BnnBuilder(9);
  const x = b.input(4, 16, 12);
  const branch = (): number => b.binaryConv(b.rsign(b.scaleBias(x)), 8);
  return b.build(b.concat(branch(), branch(), branch(), branch()));
}

/** Each layer adds the result of one far before it: more crossings than can be sorted out in a second. */
export function tangledNetwork(): BnnGraph {
  const b = new BnnBuilder(10);
  const made = [b.conv(b.input(3, 4, 4), 4)];
  for (let i = 0; i < 90; i++) made.push(b.addMaps(b.conv(made.at(-1)!, 4), made[(i * 7919) % made.length]!));
  return b.build(b.addMaps(made.at(-1)!, made[0]!));
}

export function reportOfFile(path: string, options: IntegerOptions = {}): ReportData {
  const built = buildProgram(readFileSync(path), { modelName: 'net.onnx', ...options });
  const inspect = inspectProgram({ modelName: 'net.onnx', ...built });
  return makeReport({ ...built, inspect, version: '1.2.3' });
}

const step = { compared: 16, maxError: 0, maxUlps: 0, flips: 0 };

export const VERIFIED: VerifyResults = {
  verdict: 'agree',
  samples: 2,
  inputs: 'made up',
  reference: null,
  onnxRuntime: '1.30.0',
  c: { compiler: 'cc 12', kernels: ['avx2', 'scalar'] },
  layers: [
    { layer: 0, onnxRuntime: null, freeRunning: null, nearness: null, cDifference: null },
    {
      layer: 1,
      onnxRuntime: { compared: 5000, maxError: 1.5e-6, maxUlps: 4.5, flips: 3, mismatches: 0, smallestMargin: 2e-7 },
      freeRunning: { ...step, maxUlps: 6, flips: 4 },
      nearness: null,
      cDifference: null,
    },
    {
      layer: 2,
      onnxRuntime: { ...step, mismatches: 0, smallestMargin: null },
      freeRunning: step,
      nearness: null,
      cDifference: null,
    },
  ],
  flips: [{ layer: 1, sample: 0, channel: 3, y: 1, x: 2, margin: 2e-7, bound: 3e-7 }],
  top1: { agree: 2, of: 2 },
};

/** What a bug of ours would look like. */
export const WRONG: VerifyResults = {
  ...VERIFIED,
  verdict: 'differ',
  layers: [
    {
      layer: 1,
      onnxRuntime: { ...step, maxError: 1, maxUlps: 1e7, mismatches: 7, smallestMargin: 0.5 },
      freeRunning: null,
      nearness: null,
      cDifference: 'step 1 </script>: 1 of 2 values differ',
    },
  ],
};

/** What `verify` finds of a network with integers. */
export const NEAR: VerifyResults = {
  ...VERIFIED,
  reference: 'the float32 simulator',
  onnxRuntime: null,
  layers: [
    {
      layer: 1,
      onnxRuntime: null,
      freeRunning: null,
      nearness: {
        own: { reals: 512, snr: 72.34, signs: 3136, flips: 12 },
        free: { reals: 512, snr: 31.2, signs: 3136, flips: 90 },
      },
      cDifference: null,
    },
    {
      layer: 2,
      onnxRuntime: null,
      freeRunning: null,
      nearness: {
        own: { reals: 10, snr: null, signs: 0, flips: 0 },
        free: { reals: 10, snr: 20.5, signs: 0, flips: 0 },
      },
      cDifference: null,
    },
  ],
  flips: [],
};

export const TIMED: MeasuredTimes = {
  machine: 'a processor',
  kernels: 'avx2',
  compiler: 'cc 12, -O3',
  threads: 1,
  runs: 50,
  totalMs: 2,
  layers: [
    { layer: 0, ms: 0.05 },
    { layer: 1, ms: 1.5 },
  ],
};

/** An accelerator as the hardware back end describes one, for a network of two steps or more. */
export const ACCELERATED: ReportAccelerator = {
  board: { name: 'ultra96v2', title: 'Avnet Ultra96-V2', part: 'xczu3eg-sbva484-1-e' },
  clockMhz: 250,
  pictures: 2,
  config: { portBits: 128, pe: 32 },
  resources: [
    {
      name: 'LUT',
      budget: 70560,
      used: 41000,
      items: [
        { what: 'binary array', count: 30000 },
        { what: 'tail', count: 11000 },
      ],
    },
    { name: 'DSP', budget: 360, used: 64, items: [{ what: 'int8 array', count: 64 }] },
  ],
  ddr: {
    type: 'LPDDR4',
    peakGBps: 4.26,
    realisticGBps: 3.94,
    source: 'a table',
    mapsBytes: 1 << 20,
    weightsBytes: 1 << 19,
  },
  cycles: 300000,
  bytes: 3 << 20,
  seconds: 0.0014,
  picturesPerSecond: 1428.5,
  roofline: { cyclesSeconds: 0.0012, ddrSeconds: 0.0008 },
  steps: [
    engineStep('stem, picture 0', 'INT8_CONV', 1, 0, 200000, 0.0008, 'int8 array'),
    engineStep('fc', 'DENSE', 2, null, 100000, 0.0006, 'DDR'),
  ],
};

function engineStep(
  name: string,
  kind: string,
  layer: number,
  picture: number | null,
  cycles: number,
  seconds: number,
  bound: string,
): ReportAccelerator['steps'][number] {
  return { name, kind, layer, picture, cycles, readBytes: 1000, writeBytes: 500, weightBytes: 2000, seconds, bound };
}
