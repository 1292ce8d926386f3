/**
 * The exports of test/exports, as PyTorch wrote them: each becomes the dialect, and the dialect computes what the network computed
 * when it was exported. Differences are those of binary64 to binary32: no margin in the fixtures is small enough for a sign to flip.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readNpy } from '../../src/arrays/npy.js';
import { canonicalize } from '../../src/canonicalize/canonicalize.js';
import { importOnnx } from '../../src/onnx/index.js';
import { externalDataBeside } from '../../src/onnx/node-external-data.js';
import { evaluateDialect } from '../support/evaluate-dialect.js';

const FOLDER = fileURLToPath(new URL('../exports/fixtures/', import.meta.url));
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.onnx'))
  .map((name) => name.slice(0, -'.onnx'.length));

/** ONNX's Sign gives 0 at 0, and the input holds zeros: the contract says +1 (3.1). */
const OTHER_BY_CONTRACT = new Set(['zero-sign']);

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(`${FOLDER}${name}`));

test.each(NAMES)('%s', (name) => {
  const expected = JSON.parse(new TextDecoder().decode(read(`${name}.json`))) as { input: string; output: string };
  const readExternal = externalDataBeside(`${FOLDER}${name}.onnx`);
  const { graph } = canonicalize(importOnnx(read(`${name}.onnx`), { modelName: name, readExternal }));
  const x = readNpy(read(expected.input), expected.input);
  const y = readNpy(read(expected.output), expected.output);
  const samples = x.shape[0]!;
  const [inputs, outputs] = [x.data.length / samples, y.data.length / samples];
  const scale = Math.max(...y.data.map(Math.abs), 1e-3);
  for (let sample = 0; sample < samples; sample++) {
    const { data } = evaluateDialect(graph, x.data.subarray(sample * inputs, (sample + 1) * inputs));
    expect(data.length).toBe(outputs);
    if (OTHER_BY_CONTRACT.has(name)) continue;
    const worst = Math.max(...data.map((value, i) => Math.abs(value - y.data[sample * outputs + i]!)));
    expect(worst / scale).toBeLessThan(1e-5);
  }
});
