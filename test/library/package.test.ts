/** The package as others get it: needs dist/, which `npm test` builds first. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/host/package-root.js';
import { SMALL_DYBNN, temporaryFolder } from '../cli/run-cli.js';

const isBuilt = existsSync(join(PACKAGE_ROOT, 'dist/node.js'));
const npmPath = process.env.npm_execpath;

test.skipIf(!isBuilt)('npm pack holds what it must and nothing else', () => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [command, ...rest] = npmPath?.endsWith('.js') ? [process.execPath, npmPath, ...args] : ['npm', ...args];
  const out = execFileSync(command!, rest, {
    cwd: PACKAGE_ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const files: string[] = JSON.parse(out)[0].files.map((f: { path: string }) => f.path);
  expect(files).toEqual(
    expect.arrayContaining([
      'package.json',
      'README.md',
      'LICENSE',
      'CONTRACT.md',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/node.js',
      'dist/cli/main.js',
      'templates/c/model.c.ejs',
      'hw/cpu/dybnn_kernels.h',
      'hw/runner/dybnn_runner.c',
    ]),
  );
  const allowed =
    /^(dist\/.*\.(js|d\.ts|js\.map)|dist\/commit\.txt|templates\/.*|hw\/[\w/.+-]+\.(c|h|S|cpp|hpp|tcl|md|json|py)|[A-Z]+\.md|LICENSE|package\.json)$/;
  expect(files.filter((f) => !allowed.test(f) || /(^|\/)tests?\//.test(f))).toEqual([]);
});

describe.skipIf(!isBuilt)("a consumer's project", () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(PACKAGE_ROOT, join(root, 'node_modules/dybnn-compile'));
  symlinkSync(join(PACKAGE_ROOT, 'node_modules/@types'), join(root, 'node_modules/@types'));
  writeFileSync(join(root, 'package.json'), '{ "name": "consumer", "private": true }');
  const source = `
import { compile, type Compiled, DiagnosticError, inspect, type InspectReport, simulate } from 'dybnn-compile';
import { loadAssets, readModel } from 'dybnn-compile/node';

const { bytes, ...model } = readModel(process.argv[2] ?? '');
const report: InspectReport = inspect(bytes, model).report;
const compiled: Compiled = compile(bytes, { ...model, name: 'net', golden: 1 }, loadAssets());
const { output }: { output: Float32Array } = simulate(bytes, { ...model, input: new Float32Array(768) });
try {
  inspect(new Uint8Array(0), model);
} catch (error) {
  if (!(error instanceof DiagnosticError)) throw error;
  console.log(report.layers.length > 0, compiled.files.has('net.c'), output.length, error.diagnostics[0]?.code);
}
`;
  test('the types hold under the strictest settings, in ESM and CommonJS, and both run', () => {
    writeFileSync(join(root, 'index.mts'), source);
    writeFileSync(join(root, 'index.cts'), source);
    const tsc = join(PACKAGE_ROOT, 'node_modules/typescript/bin/tsc');
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--isolatedModules'];
    const target = ['--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false'];
    run([tsc, ...target, ...strict, 'index.mts', 'index.cts']);
    expect(run(['index.mjs', SMALL_DYBNN])).toBe('true true 10 DYB101\n');
    expect(run(['index.cjs', SMALL_DYBNN])).toBe('true true 10 DYB101\n');
  });

  function run(args: readonly string[]): string {
    return execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  }
});
