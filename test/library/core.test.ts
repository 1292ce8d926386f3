import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { readNpy } from '../../src/arrays/npy.js';
import { PACKAGE_ROOT } from '../../src/host/package-root.js';
import * as library from '../../src/index.js';
import { loadAssets, readModel } from '../../src/node.js';
import { SMALL_DYBNN, SMALL_INPUT } from '../cli/run-cli.js';

const { compile, DiagnosticError, inspect, simulate } = library;
const { bytes, ...model } = readModel(SMALL_DYBNN);
const input = readNpy(readFileSync(SMALL_INPUT), SMALL_INPUT).data;

test('what the library offers changes only on purpose', () => {
  expect(Object.keys(library).sort()).toMatchInlineSnapshot(`
    [
      "CODES",
      "DiagnosticError",
      "FIRST_LAST",
      "NUMERIC_MODES",
      "STAGES",
      "TARGETS",
      "VERSION",
      "compile",
      "inspect",
      "readNpy",
      "renderDiagnostics",
      "simulate",
      "writeNpy",
    ]
  `);
});

test('compile: bytes in, files out', () => {
  const { files, name, warnings } = compile(bytes, { ...model, name: 'net', golden: input }, loadAssets());
  expect(name).toBe('net');
  expect(warnings).toEqual([]);
  expect([...files.keys()]).toEqual(
    expect.arrayContaining(['net.c', 'net.h', 'net_weights.c', 'Makefile', 'golden/input.npy']),
  );
});

test('inspect and simulate', () => {
  expect(inspect(bytes, model).report.totals.binaryMacs).toBeGreaterThan(0);
  const { output, shape } = simulate(bytes, { ...model, input });
  expect(shape).toEqual([1, 10]);
  expect(output).toHaveLength(10);
});

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics.map((d) => d.code).join(' ');
    throw error;
  }
  return 'no error';
};

test('what is wrong is a DiagnosticError, for callers without types too', () => {
  expect(codeOf(() => inspect(new Uint8Array(3), model))).toMatch(/^DYB10[12]$/);
  expect(codeOf(() => compile(bytes, { ...model, name: '9' }, loadAssets()))).toBe('DYB402');
  expect(codeOf(() => compile(bytes, { ...model, target: 'vhdl' as 'c' }, loadAssets()))).toBe('DYB403');
  expect(codeOf(() => compile(bytes, { ...model, golden: input.subarray(1) }, loadAssets()))).toBe('DYB003');
  expect(codeOf(() => simulate(bytes, { ...model, input: new Float32Array(0) }))).toBe('DYB003');
  expect(codeOf(() => simulate(bytes, { ...model, input: input.map(() => Number.NaN) }))).toBe('DYB005');
});

test('numbers: the same options as the command', () => {
  const fixed = { ...model, numeric: 'fixed16', calibration: input } as const;
  const { output, warnings, saturated } = simulate(bytes, { ...fixed, input });
  expect({ warnings, saturated }).toEqual({ warnings: [], saturated: new Map() });
  expect(output).not.toEqual(simulate(bytes, { ...model, input }).output);
  const clipped = simulate(bytes, { ...fixed, calibration: () => input.map((v) => v / 1000), input });
  expect(clipped.warnings.map((w) => w.code)).toContain('DYB406');
  expect(inspect(bytes, { ...model, numeric: 'fixed16' }).warnings.map((w) => w.code)).toEqual(['DYB405']);
  const compiled = compile(bytes, { ...fixed, golden: input }, loadAssets());
  expect(compiled.program.numeric).toBe('fixed16');
  expect(compiled.report.ranges).toMatchObject({ source: 'calibrated', samples: 1, ranOn: '1 golden sample' });
  expect(codeOf(() => compile(bytes, { ...model, firstLast: 'int4' as 'int8' }, loadAssets()))).toBe('DYB403');
  expect(codeOf(() => inspect(bytes, { ...fixed, firstLast: 'float32' }))).toBe('DYB411');
  expect(codeOf(() => inspect(bytes, { ...model, calibration: input }))).toBe('DYB411');
  expect(codeOf(() => inspect(bytes, { ...fixed, calibration: input.subarray(1) }))).toBe('DYB003');
});

test('the core has no file system: nothing that index.ts reaches imports a module of Node', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, type, from] of text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)';/gms)) {
      if (type) continue;
      if (from!.startsWith('.')) visit(join(dirname(file), from!.replace(/\.js$/, '.ts')));
      else packages.add(from!.startsWith('node:') ? `${from} in ${relative(PACKAGE_ROOT, file)}` : from!);
    }
  };
  visit(join(PACKAGE_ROOT, 'src/index.ts'));
  expect(seen.size).toBeGreaterThan(50);
  expect([...packages].filter((p) => p.startsWith('node:'))).toEqual([]);
  const declared = createRequire(import.meta.url)(join(PACKAGE_ROOT, 'package.json')).dependencies;
  const nameOf = (specifier: string): string => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0];
  expect([...packages].filter((p) => !(nameOf(p) in declared))).toEqual([]);
});
