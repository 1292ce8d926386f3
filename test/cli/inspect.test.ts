import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cli, fixture, SMALL_DYBNN } from './run-cli.js';

describe('inspect', () => {
  test('fits 80 columns', async () => {
    const { status, out } = await cli(['inspect', SMALL_DYBNN]);
    expect(status).toBe(0);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(out).toMatch(/binary conv[\s\S]*totals[\s\S]*made anew for every input[\s\S]*stayed float/);
  });

  test('gets better with more', async () => {
    const { out } = await cli(['inspect', SMALL_DYBNN], { terminal: true, columns: 160, env: { NO_COLOR: '1' } });
    expect(out).toMatch(/# +layer +operation +input +output .* traffic +then/);
  });

  test('--json: the totals are the sums of the layers', async () => {
    const { out } = await cli(['inspect', SMALL_DYBNN, '--json']);
    const report = JSON.parse(out);
    const expected = JSON.parse(readFileSync(fixture('dybnn-a-clean.json'), 'utf8'));
    expect(report.totals.binaryMacs).toBe(expected.binaryMacs);
    expect(report.totals.floatMacs).toBeGreaterThanOrEqual(expected.floatMacs);
    expect(report.layers.reduce((n: number, l: { binaryMacs: number }) => n + l.binaryMacs, 0)).toBe(
      report.totals.binaryMacs,
    );
    expect(report.dynamicUnits).toHaveLength(expected.counts.dynamicUnits);
  });

  test('a plain network has no dynamic units and says why its layers are float', async () => {
    const { out } = await cli(['inspect', fixture('plain-cnn.onnx')]);
    expect(out).not.toContain('made anew');
    expect(out).toContain('stayed float');
  });
});

test('a terminal that says it has no columns is taken for one of 80', async () => {
  const { out } = await cli(['inspect', SMALL_DYBNN], { terminal: true, columns: 0, env: { NO_COLOR: '1' } });
  expect(out).toBe((await cli(['inspect', SMALL_DYBNN], { columns: 80 })).out);
});
