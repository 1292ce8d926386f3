import { describe, expect, test } from 'vitest';
import { renderScore } from '../../src/cli/render-evaluation.js';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import type { Evaluation, SampleResult } from '../../src/evaluate/evaluation.js';
import { mergeEvaluations } from '../../src/evaluate/merge-evaluations.js';
import { parseEvaluation } from '../../src/evaluate/parse-evaluation.js';
import { score } from '../../src/evaluate/score.js';
import { limitIndices, shardIndices } from '../../src/evaluate/shard.js';
import { topIndices } from '../../src/evaluate/top-indices.js';

const sample = (index: number, label: number, c: number[], ort = c): SampleResult => ({
  index,
  label,
  best: [c, c, ort],
  sameBits: [true, index !== 3, false],
});

const EVALUATION: Evaluation = {
  format: 'dybnn-compile evaluation',
  formatVersion: 1,
  model: { name: 'net.onnx', sha256: 'ab' },
  images: 'val',
  preprocessing: { resize: null, mean: [0], std: [1] },
  classes: 10,
  classNames: ['cat', 'dog', 'owl'],
  engines: ['c', 'simulator', 'onnxruntime'],
  total: 6,
  samples: [
    sample(0, 0, [0, 1, 2, 3, 4]),
    sample(1, 0, [1, 0, 2, 3, 4], [0, 1, 2, 3, 4]),
    sample(2, 1, [1, 0, 2, 3, 4]),
    sample(3, 1, [2, 3, 4, 5, 6]),
    sample(4, 1, [2, 1, 3, 4, 5]),
  ],
};

test('top-1, top-5, agreement and the worst classes are counted', () => {
  expect(score(EVALUATION)).toEqual({
    samples: 5,
    total: 6,
    saturated: {},
    engines: [
      { engine: 'c', top1: 2, top5: 4 },
      { engine: 'simulator', top1: 2, top5: 4 },
      { engine: 'onnxruntime', top1: 3, top5: 4 },
    ],
    agreements: [
      { engines: ['c', 'simulator'], sameClass: 5, sameBits: 4 },
      { engines: ['c', 'onnxruntime'], sameClass: 4, sameBits: null },
    ],
    classes: [
      { label: 1, count: 3, right: 1, takenFor: [{ label: 2, count: 2 }] },
      { label: 0, count: 2, right: 1, takenFor: [{ label: 1, count: 1 }] },
    ],
  });
});

test('and read like this', () => {
  expect(renderScore(EVALUATION, score(EVALUATION), { width: 80, color: false })).toMatchInlineSnapshot(`
    "5 of 6 samples: net.onnx on val

    engine         top-1  right    top-5
    c            40.00 %      2  80.00 %
    simulator    40.00 %      2  80.00 %
    onnxruntime  60.00 %      3  80.00 %

    c and simulator: same class 5 of 5, same bits 4 of 5
    c and onnxruntime: same class 4 of 5

    worst classes
      class    right  of  taken for
      1 dog  33.33 %   3  2 owl (2)
      0 cat  50.00 %   2  1 dog (1)
    "
  `);
});

test('equal outputs: the first class is the best, as argmax says', () => {
  expect(topIndices(Float32Array.of(1, 3, 3, -0, 0, 2), 5)).toEqual([1, 2, 5, 0, 3]);
});

describe('shards', () => {
  test('cover every sample once, each with all parts of the data set', () => {
    const parts = [1, 2, 3].map((part) => shardIndices(10, { part, count: 3 }));
    expect(parts).toEqual([
      [0, 3, 6, 9],
      [1, 4, 7],
      [2, 5, 8],
    ]);
    expect(shardIndices(3, null)).toEqual([0, 1, 2]);
  });

  test('a limit is spread over the data set', () => {
    expect(limitIndices(10, 4)).toEqual([0, 2, 5, 7]);
    expect(limitIndices(3, 9)).toEqual([0, 1, 2]);
  });
});

describe('merge', () => {
  const part = (name: string, evaluation: Evaluation) => ({ name, evaluation });
  const fault = (action: () => unknown): string => {
    try {
      action();
    } catch (error) {
      if (error instanceof DiagnosticError) return String(error.diagnostics[0]!.found);
      throw error;
    }
    return 'no error';
  };

  test('puts parts together in order, and takes a sample that is in two of them once', () => {
    const a = { ...EVALUATION, samples: [EVALUATION.samples[4]!, EVALUATION.samples[1]!] };
    const b = { ...EVALUATION, samples: [EVALUATION.samples[0]!, EVALUATION.samples[1]!] };
    expect(mergeEvaluations([part('a', a), part('b', b)]).samples.map((s) => s.index)).toEqual([0, 1, 4]);
  });

  test('refuses what does not belong together', () => {
    const against = (other: Partial<Evaluation>) =>
      fault(() => mergeEvaluations([part('a', EVALUATION), part('b', { ...EVALUATION, ...other })]));
    expect(against({ model: { name: 'net.onnx', sha256: 'cd' } })).toBe('another model');
    expect(against({ engines: ['c'] })).toBe('engines c instead of c, simulator, onnxruntime');
    expect(against({ total: 7 })).toBe('a data set of 7 instead of 6');
    expect(against({ preprocessing: { resize: 256, mean: [0], std: [1] } })).toBe('other --resize, --mean or --std');
    expect(against({ samples: [sample(0, 0, [1, 0])] })).toBe('sample 0 with another result');
  });

  test('a file is read back whole, and anything else is refused', () => {
    const text = JSON.stringify(EVALUATION);
    expect(parseEvaluation(text, 'f')).toEqual(EVALUATION);
    const broken = (t: string) => fault(() => parseEvaluation(t, 'f'));
    expect(broken(text.slice(0, 100))).toBe('no JSON');
    expect(broken('null')).toBe('JSON of another kind');
    expect(broken('{"format": "x"}')).toBe('JSON of another kind');
    expect(broken(text.replace('"formatVersion":1', '"formatVersion":2'))).toBe('format version 2');
    expect(broken(text.replace('"total":6', '"total":-6'))).toBe('missing fields');
    expect(broken(text.replace('"best":[[0,1,2,3,4],', '"best":['))).toBe('a sample that is not whole, number 0');
    expect(broken(text.replace('[0,1,2,3,4]', '[10,1,2,3,4]'))).toBe('a sample that is not whole, number 0');
  });
});

test('what was clipped: counted over samples, or said that no one counted', () => {
  const numbers = { numeric: 'fixed16', firstLast: 'int8', fractions: 'ab' } as const;
  const clipped = EVALUATION.samples.map((s) => (s.index < 2 ? { ...s, saturated: { conv: 2, act: s.index } } : s));
  const fixed = { ...EVALUATION, numbers, samples: clipped };
  expect(score(fixed).saturated).toEqual({ conv: 4, act: 1 });
  const view = { width: 80, color: false };
  expect(renderScore(fixed, score(fixed), view)).toContain('fixed16; 5 values were clipped to 16 bits');
  const alone = { ...fixed, engines: ['c', 'onnxruntime'] as const };
  expect(score(alone).saturated).toBeNull();
  expect(renderScore(alone, score(alone), view)).toContain('counted by the simulator: --engine c,simulator');
});
