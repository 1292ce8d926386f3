import { expect, test } from 'vitest';
import { importOnnx, printOnnxGraph } from '../../src/onnx/index.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

test('a model becomes a graph: inputs, constants, nodes, outputs and their types', () => {
  const m = new OnnxBuilder();
  const x = m.input('x', ['batch', 2, 4, 4]);
  const w = m.float('w', [2, 2, 1, 1], [1, -2, 0.5, -0]);
  m.output(m.node('Conv', [x, w], { pads: [0, 0, 0, 0], group: 1 }, { output: 'y' }), ['batch', 2, 4, 4]);
  expect(printOnnxGraph(importOnnx(m.bytes(), { modelName: 'm' }))).toMatchInlineSnapshot(`
    "input  x: float32 [batch, 2, 4, 4]
    const  w: float32 [2, 2, 1, 1] = 1 -2 0.5 -0
    y = Conv(x, w) {group: 1, pads: [0, 0, 0, 0]}: float32 [batch, 2, 4, 4]
    output y
    "
  `);
});
