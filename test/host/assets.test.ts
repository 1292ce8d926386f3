import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadAssets } from '../../src/host/load-assets.js';
import { checkoutCommit, PACKAGE_ROOT } from '../../src/host/package-root.js';
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

test('an installed package has no commit', () => {
  expect(checkoutCommit(temporaryFolder())).toBeUndefined();
});
