/** ReportData: its schema, its sums, the graph that it draws. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { readPictures } from '../../examples/fashion-mnist/pictures.js';
import { verifyResults } from '../../src/report/from-verify.js';
import { groupSteps } from '../../src/report/group-steps.js';
import { makeReport } from '../../src/report/make-report.js';
import type { ReportData } from '../../src/report/report-data.js';
import type { VerifyReport } from '../../src/verify/report.js';
import { BnnBuilder } from '../support/bnn-builder.js';
import {
  ACCELERATED,
  branchedNetwork,
  dynamicNetwork,
  NEAR,
  reportOfFile,
  SCHEMA,
  sourcesOf,
  staticNetwork,
  TIMED,
  VERIFIED,
  WRONG,
} from './report-fixtures.js';

const SMALL = 'examples/fashion-mnist/models/dybnn.onnx';

const REPORTS: readonly (readonly [string, ReportData])[] = [
  ['dynamic', makeReport({ ...sourcesOf(dynamicNetwork()), verify: VERIFIED, times: TIMED })],
  ['accelerated', makeReport({ ...sourcesOf(dynamicNetwork()), accelerator: ACCELERATED })],
  ['static', makeReport({ ...sourcesOf(staticNetwork()), verify: WRONG })],
  ['near', makeReport({ ...sourcesOf(staticNetwork()), verify: NEAR })],
  ['branched', makeReport(sourcesOf(branchedNetwork()))],
  ['from a file', reportOfFile(SMALL)],
  ['in fixed16', reportOfFile(SMALL, { numeric: 'fixed16', calibration: readPictures().inputs.slice(0, 784) })],
  ['with int8 ends', reportOfFile(SMALL, { firstLast: 'int8' })],
];

describe.each(REPORTS)('%s', (_, report) => {
  test('is what the published schema says', () => {
    const validate = new Ajv2020({ allErrors: true }).compile(SCHEMA);
    validate(JSON.parse(JSON.stringify(report)));
    expect(validate.errors).toBeNull();
  });

  test('each step is in one node, and an index is what it says', () => {
    expect(report.nodes.flatMap((n) => n.layers).sort((a, b) => a - b)).toEqual(report.layers.map((l) => l.index));
    expect(report.nodes.map((n) => n.id)).toEqual(report.nodes.map((_n, i) => i));
    for (const { from, to, buffers } of report.edges) {
      // Topological order: whoever reads comes after whoever writes.
      expect(from).toBeLessThan(to);
      for (const b of buffers) {
        expect(report.nodes[from]!.writes.map((w) => w.buffer)).toContain(b);
        expect(report.nodes[to]!.reads.map((r) => r.buffer)).toContain(b);
      }
    }
  });

  test('sums over nodes are the totals', () => {
    const sum = (f: (n: ReportData['nodes'][number]) => number): number => report.nodes.reduce((t, n) => t + f(n), 0);
    expect(sum((n) => n.counted.binaryMacs)).toBe(report.totals.binaryMacs);
    expect(sum((n) => n.counted.floatMacs)).toBe(report.totals.floatMacs);
    expect(report.layers.reduce((t, l) => t + l.int8Macs, 0)).toBe(report.totals.int8Macs);
    expect(sum((n) => n.counted.constantBytes)).toBe(report.totals.constantBytes);
    expect(report.constants.filter((c) => c.node === null)).toEqual([]);
  });

  test('live bytes fit the workspace and reach what no plan could do without', () => {
    expect(Math.max(...report.liveBytes)).toBeLessThanOrEqual(report.totals.workspaceBytes);
    for (const b of report.buffers) {
      if (b.offset !== null) expect(b.offset + b.bytes).toBeLessThanOrEqual(report.totals.workspaceBytes);
    }
  });

  test('every node but the input is reached, every node but the output is read', () => {
    const last = report.nodes.length - 1;
    expect(new Set(report.edges.map((e) => e.to)).size).toBe(last);
    expect(new Set(report.edges.map((e) => e.from)).size).toBe(last);
  });
});

describe('dynamic units', () => {
  const report = makeReport(sourcesOf(dynamicNetwork(1)));

  test('average and dense layers are one node, and say what they make', () => {
    const units = report.nodes.filter((n) => n.kind === 'dynamicUnit');
    expect(units.map((u) => u.title)).toEqual([
      'Makes threshold',
      'Makes gamma, zeta',
      'Makes threshold',
      'Makes gamma, zeta',
    ]);
    expect(units.map((u) => u.layers.length)).toEqual([3, 5, 3, 5]);
    const kinds = (id: number): string[] => report.edges.filter((e) => e.to === id || e.from === id).map((e) => e.kind);
    expect(kinds(units[0]!.id).sort()).toEqual(['params', 'sums']);
  });

  test("a classifier's average and dense layer are not", () => {
    expect(report.nodes.slice(-4).map((n) => n.kind)).toEqual(['pool', 'dense', 'activation', 'output']);
  });

  test('an average that a classifier shares stays by itself', () => {
    const b = new BnnBuilder(3);
    const x = b.conv(b.input(3, 8, 8), 16);
    const pooled = b.gap(x);
    const made = { kind: 'dynamic', source: b.dense(pooled, 16) } as const;
    const y = b.binaryConv(b.rsign(x, made), 16);
    const { program } = sourcesOf(b.build(b.addMaps(b.gap(y), b.dense(pooled, 16))));
    expect(groupSteps(program).map((g) => g.kind)).not.toContain('dynamicUnit');
  });
});

test('parts of one concatenation are one node, after all that it joins', () => {
  const report = makeReport(sourcesOf(branchedNetwork()));
  expect(report.nodes.filter((n) => n.title === 'Concat')).toHaveLength(1);
  expect(report.nodes.at(-2)!.title === 'Concat' || report.nodes.at(-3)!.title === 'Concat').toBe(true);
});

describe('what verify found', () => {
  const comparison = { compared: 10, maxError: 1e-6, maxUlps: 2, flips: 2 };
  const layer = { name: 'a', description: '', origin: [], freeRunning: null, nearness: null, c: null };
  const place = { sample: 0, channel: 1, y: 2, x: 3 };
  const found: VerifyReport = {
    model: 'net.onnx',
    numeric: 'float32',
    reference: null,
    samples: 4,
    inputs: 'made up',
    onnxRuntime: { status: 'compared', version: '1.2', comparedValues: 1 },
    c: { status: 'compared', compiler: 'cc 1', sets: ['scalar'], runs: 3, differences: ['bad'] },
    layers: [
      { ...layer, step: 0, teacherForced: null },
      {
        ...layer,
        step: 3,
        freeRunning: comparison,
        c: 'bad',
        teacherForced: {
          ...comparison,
          flipExamples: [
            { ...place, margin: 1e-8, bound: 2e-7 },
            { ...place, margin: 1e-7, bound: 2e-7 },
          ],
          mismatches: 0,
          smallestMargin: 0.5,
          firstMismatch: null,
        },
      },
    ],
    firstMismatch: null,
    top1: { agree: 3, of: 4 },
    verdict: 'differ',
  };

  test('is kept step by step, the widest flips first', () => {
    expect(verifyResults(found)).toStrictEqual({
      verdict: 'differ',
      samples: 4,
      inputs: 'made up',
      reference: null,
      onnxRuntime: '1.2',
      c: { compiler: 'cc 1', kernels: ['scalar'] },
      layers: [
        { layer: 0, onnxRuntime: null, freeRunning: null, nearness: null, cDifference: null },
        {
          layer: 3,
          onnxRuntime: { ...comparison, mismatches: 0, smallestMargin: 0.5 },
          freeRunning: comparison,
          nearness: null,
          cDifference: 'bad',
        },
      ],
      flips: [
        { layer: 3, ...place, margin: 1e-7, bound: 2e-7 },
        { layer: 3, ...place, margin: 1e-8, bound: 2e-7 },
      ],
      top1: { agree: 3, of: 4 },
    });
  });

  test('is nothing where nothing was compared, and lacks the engine that was not there', () => {
    const absent = { status: 'absent', reason: 'not asked' } as const;
    expect(verifyResults({ ...found, verdict: 'nothing compared', c: absent, onnxRuntime: absent })).toBeNull();
    expect(verifyResults({ ...found, c: absent })).toMatchObject({ c: null, onnxRuntime: '1.2' });
    expect(verifyResults({ ...found, onnxRuntime: absent })).toMatchObject({ onnxRuntime: null });
  });
});

describe('numbers', () => {
  const report = (name: string): ReportData => REPORTS.find(([n]) => n === name)![1];

  test('formats and ranges of each layer; buffers say theirs', () => {
    const { numeric, ranges, layers, buffers } = report('in fixed16');
    expect({ numeric, ranges }).toEqual({
      numeric: 'fixed16',
      ranges: { source: 'calibrated', samples: 1, ranOn: null },
    });
    const stem = layers.find((l) => l.kind === 'int8Conv2d')!;
    expect(stem.numbers?.format).toBe(`int16 Q${16 - stem.numbers!.fraction}.${stem.numbers!.fraction}`);
    expect(stem.numbers?.largest).toBeGreaterThan(1);
    expect(stem.numbers!.largest! * 2 ** stem.numbers!.fraction).toBeLessThan(32768);
    // Everything that is added in a step has room in its format.
    for (const { numbers } of layers) if (numbers) expect(numbers.largest).not.toBeNull();
    expect(new Set(buffers.map((b) => b.format.split(' ')[0]))).toEqual(new Set(['float32', '1', 'int16', 'int32']));
    expect(report('from a file')).toMatchObject({ numeric: 'float32', ranges: null });
    expect(report('from a file').layers.every((l) => l.numbers === null && l.int8Macs === 0)).toBe(true);
  });

  test('thresholds become int16 inside of the unit that makes them', () => {
    const { nodes, layers } = report('in fixed16');
    const units = nodes.filter((n) => n.kind === 'dynamicUnit');
    expect(units).toHaveLength(report('from a file').nodes.filter((n) => n.kind === 'dynamicUnit').length);
    for (const unit of units) {
      expect(unit.title).toMatch(/^Makes (threshold|gamma, zeta)$/);
      expect(layers[unit.layers.at(-1)!]!.kind).toBe('quantize');
    }
  });
});
