import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadAssets } from '../../src/host/load-assets.js';
import { PACKAGE_ROOT, packageCommit } from '../../src/host/package-root.js';
import { VERSION } from '../../src/version.js';
import { temporaryFolder } from '../cli/run-cli.js';

test('the version in the code is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(`${PACKAGE_ROOT}/package.json`, 'utf8')).version);
});

test('templates are text; hardware folders hold sources only', () => {
  const assets = loadAssets();
  expect(assets.template('c/model.c.ejs')).toContain('#include');
  const kernels = [...assets.hardware('cpu').keys()];
  expect(kernels).toContain('dybnn_kernels.h');
  expect(kernels.filter((k) => !/^[\w/.-]+\.(c|h|S)$/.test(k) || /(^|\/)test\//.test(k))).toEqual([]);
});

test('an installed package has the commit that its build left, or none', () => {
  const root = temporaryFolder();
  expect(packageCommit(root)).toBeUndefined();
  mkdirSync(join(root, 'dist'));
  writeFileSync(join(root, 'dist/commit.txt'), 'abcdef0\n');
  expect(packageCommit(root)).toBe('abcdef0');
  mkdirSync(join(root, '.git'));
  writeFileSync(join(root, '.git/HEAD'), `${'0123456789'.repeat(4)}\n`);
  expect(packageCommit(root)).toBe('0123456');
});
