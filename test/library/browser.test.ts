/** The library in a real browser: the same bytes in, the same files out as under Node. Skipped where there is no Chromium. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/host/package-root.js';
import { compile, type GeneratedFiles } from '../../src/index.js';
import { loadAssets, readModel } from '../../src/node.js';
import { SMALL_DYBNN } from '../cli/run-cli.js';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** What the page is given: no function crosses over. */
interface Given {
  readonly model: string;
  readonly templates: Readonly<Record<string, string>>;
  readonly hardware: Readonly<Record<string, readonly (readonly [string, string])[]>>;
}

const RUN = `
async (given) => {
  const { compile, inspect, DiagnosticError } = window.dybnn;
  const bytes = Uint8Array.from(atob(given.model), (c) => c.charCodeAt(0));
  const assets = { template: (path) => given.templates[path], hardware: (folder) => new Map(given.hardware[folder]) };
  const { files } = compile(bytes, { modelName: 'net.onnx', name: 'net' }, assets);
  let code = '';
  try {
    inspect(new Uint8Array(4), { modelName: 'x' });
  } catch (error) {
    if (error instanceof DiagnosticError) code = error.diagnostics[0].code;
  }
  const text = (content) => (typeof content === 'string' ? content : [...content].join(' '));
  return { code, files: [...files].map(([path, content]) => [path, text(content)]) };
}`;

describe.skipIf(!existsSync(executablePath))('in a browser', () => {
  test('compile gives the same files', async () => {
    const bundle = await bundled();
    const assets = loadAssets();
    const given = assetsUsedBy(({ template, hardware }) =>
      compile(readModel(SMALL_DYBNN).bytes, { modelName: 'net.onnx', name: 'net' }, { template, hardware }),
    );
    const expected = compile(readModel(SMALL_DYBNN).bytes, { modelName: 'net.onnx', name: 'net' }, assets).files;
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.addScriptTag({ content: bundle });
      const found = await page.evaluate(`(${RUN})(${JSON.stringify(given)})`);
      expect(complaints).toEqual([]);
      expect(found).toEqual({ code: 'DYB101', files: asText(expected) });
    } finally {
      await browser.close();
    }
  });
});

async function bundled(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    root: PACKAGE_ROOT,
    build: {
      write: false,
      minify: false,
      lib: { entry: join(PACKAGE_ROOT, 'src/index.ts'), name: 'dybnn', formats: ['iife'] },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !('output' in output)) throw new Error('no bundle');
  return output.output[0].code;
}

/** The model and whatever templates and hardware files are asked for. */
function assetsUsedBy(run: (assets: ReturnType<typeof loadAssets>) => unknown): Given {
  const assets = loadAssets();
  const templates: Record<string, string> = {};
  const hardware: Record<string, (readonly [string, string])[]> = {};
  run({
    template: (path) => {
      templates[path] = assets.template(path);
      return templates[path];
    },
    hardware: (folder) => {
      hardware[folder] = [...assets.hardware(folder)];
      return assets.hardware(folder);
    },
  });
  return { model: readFileSync(SMALL_DYBNN).toString('base64'), templates, hardware };
}

function asText(files: GeneratedFiles): (readonly [string, string])[] {
  return [...files].map(([path, content]) => [path, typeof content === 'string' ? content : [...content].join(' ')]);
}
