import { expect, test } from 'vitest';
import { renderInspect } from '../../src/cli/render-inspect.js';
import type { InspectReport, LayerReport } from '../../src/inspect/inspect-program.js';

const layer = (index: number, fields: Partial<LayerReport>): LayerReport => ({
  index,
  name: `layer_${index}`,
  kind: 'map',
  operation: 'pass',
  tail: '',
  input: [64, 56, 56],
  output: [64, 56, 56],
  binaryMacs: 0,
  floatMacs: 0,
  int8Macs: 0,
  numbers: null,
  weightBytes: 0,
  trafficBytes: 803_000,
  origin: [],
  ...fields,
});

const unit = { channels: 64, pooled: [64, 56, 56], functions: ['relu'] } as const;

const REPORT: InspectReport = {
  format: 'dybnn-compile report',
  formatVersion: 1,
  model: { file: 'net.onnx', name: 'main_graph', producer: 'pytorch 2.5.1', opset: 17, nodes: 321 },
  input: { name: 'input', shape: [1, 3, 224, 224] },
  output: { name: 'logits', shape: [1, 1000] },
  numeric: 'float32',
  ranges: null,
  totals: {
    layers: 6,
    binaryMacs: 4_820_000_000,
    floatMacs: 12_000_000,
    int8Macs: 0,
    dynamicMacs: 1024,
    parameters: { binary: 28_300_000, float: 1_500_000 },
    constantBytes: 4_300_000,
    floatModelBytes: 117_000_000,
    workspaceBytes: 3_211_264,
    workspaceLowerBound: 3_211_264,
  },
  layers: [
    layer(0, {
      name: 'stem',
      kind: 'conv2d',
      operation: 'float conv 3x3, stride 2x2, pads 1 1 1 1',
      floatMacs: 10_838_016,
      weightBytes: 4096,
      input: [3, 224, 224],
      output: [32, 112, 112],
      tail: 'scale and bias, row sums',
    }),
    layer(1, { name: 'gap', kind: 'globalAveragePool', operation: 'global average', output: [64] }),
    layer(2, {
      name: 'fc1',
      kind: 'dense',
      operation: 'dense, relu',
      floatMacs: 256,
      input: [64],
      output: [4],
      weightBytes: 4352,
    }),
    layer(3, {
      name: 'fc2',
      kind: 'dense',
      operation: 'dense',
      floatMacs: 256,
      input: [4],
      output: [64],
      weightBytes: 1280,
    }),
    layer(4, { name: 'blocks_0_activation_with_a_long_name', tail: 'DyPReLU, row sums, DySign' }),
    layer(5, {
      name: 'blocks_0_conv',
      kind: 'binaryConv2d',
      operation: 'binary conv 3x3, stride 2x2, dilation 2x2',
      binaryMacs: 115_605_504,
      weightBytes: 4608,
      tail: 'scale and bias, shortcut (2x2 average)',
    }),
  ],
  dynamicUnits: [
    {
      ...unit,
      node: 'act',
      kind: 'DyPReLU gamma',
      layers: [
        { name: 'fc1', inputs: 64, outputs: 4, macs: 256 },
        { name: 'fc2', inputs: 4, outputs: 64, macs: 256 },
      ],
    },
    {
      ...unit,
      node: 'act',
      kind: 'DyPReLU zeta',
      layers: [
        { name: 'fc1', inputs: 64, outputs: 4, macs: 256 },
        { name: 'fc2', inputs: 4, outputs: 64, macs: 256 },
      ],
    },
  ],
  floatLayers: [
    {
      name: 'stem',
      operation: 'float conv 3x3, stride 2x2, pads 1 1 1 1',
      macs: 10_838_016,
      reason: 'its input is real-valued',
    },
  ],
};

const view = { width: 80, color: false, everyStep: false, fileBytes: 118_000_000 };

test('80 columns', () => {
  const text = renderInspect(REPORT, view);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(text).toMatchSnapshot();
});

test('140 columns', () => {
  expect(renderInspect(REPORT, { ...view, width: 140 })).toMatchSnapshot();
});

test('every step has its row where asked for', () => {
  const text = renderInspect(REPORT, { ...view, everyStep: true });
  expect(text).toMatch(/\n2 +fc1 +dense, relu/);
  expect(text).not.toContain('--verbose');
});

test.each([80, 81, 100, 120, 200])('no line is wider than %d', (width) => {
  const text = renderInspect(REPORT, { ...view, width });
  expect(text.split('\n').filter((line) => line.length > width)).toEqual([]);
});

test('names from a hostile file stay text', () => {
  const evil = 'x\x1b[31m\n\u202e'.repeat(50);
  const text = renderInspect(
    {
      ...REPORT,
      model: { ...REPORT.model, file: evil, producer: evil },
      input: { name: evil, shape: [1] },
      layers: [layer(0, { name: evil })],
      dynamicUnits: [{ ...REPORT.dynamicUnits[0]!, node: evil }],
      floatLayers: [{ name: evil, operation: 'dense', macs: 1, reason: evil }],
    },
    view,
  );
  expect(text).not.toMatch(/[^\n\x20-\x7e…]/);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});
