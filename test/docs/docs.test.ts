/** The documentation says what the software does: pages made from tables are current, and its examples run. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCALAR_CFLAGS } from '../cli/run-cli.js';
import { DIAGNOSTICS_PAGE, diagnosticsPage } from './diagnostics-page.js';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCS = join(ROOT, 'docs');
const CLI = join(ROOT, 'dist', 'cli', 'main.js');
/** A small DyBNN of the fixtures stands for the reader's model. */
const MODEL = join(ROOT, 'test', 'exports', 'fixtures', 'dybnn-a-clean.onnx');
const SAMPLE = join(ROOT, 'test', 'exports', 'fixtures', 'inputs', '1x3x16x16.npy');

const read = (path: string): string => readFileSync(join(DOCS, path), 'utf8');
/** The n-th fenced block of a language. */
const block = (page: string, language: string, n = 0): string =>
  [...read(page).matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))][n]![1]!;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dybnn-docs-'));
  writeFileSync(join(folder, 'net.onnx'), readFileSync(MODEL));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the page of diagnostics is made from the table of codes (npx tsx test/docs/diagnostics-page.ts)', () => {
  expect(readFileSync(DIAGNOSTICS_PAGE, 'utf8')).toBe(diagnosticsPage());
});

test('every option that a command has is on the page of commands or of evaluate', () => {
  const text = read('guide/commands.md') + read('guide/evaluate.md');
  for (const command of [[], ['inspect'], ['simulate'], ['verify'], ['evaluate'], ['merge']]) {
    const help = execFileSync('node', [join(ROOT, 'dist', 'cli', 'main.js'), ...command, '--help'], {
      encoding: 'utf8',
    });
    for (const [option] of help.matchAll(/--[a-z][a-z-]+/g)) {
      if (option === '--help' || option === '--version') continue;
      expect(text, `${command.join(' ')} ${option}`).toContain(option);
    }
  }
});

/** A block of shell as a reader would run it, with this checkout's command. */
const sh = (script: string): string =>
  execFileSync(
    'sh',
    ['-ec', script.replaceAll(/(npx )?dybnn-compile /g, `node ${CLI} `).replaceAll('cc -O3 ', `cc ${SCALAR_CFLAGS} `)],
    {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, CFLAGS: SCALAR_CFLAGS },
    },
  );
/** On a busy machine. */
const LONG = { timeout: 600_000 } as const;

test('getting started: every command from the model on, and the C program', LONG, () => {
  const page = 'guide/getting-started.md';
  const scripts = [...read(page).matchAll(/```sh\n(.*?)```/gs)].map((m) => m[1]!);
  const fromModel = scripts.slice(scripts.findIndex((s) => s.includes('inspect net.onnx')));
  expect(fromModel).toHaveLength(5);
  writeFileSync(join(folder, 'my.c'), block(page, 'c'));
  for (const name of ['cat', 'dog']) {
    mkdirSync(join(folder, 'val', name), { recursive: true });
    copyFileSync(join(ROOT, 'test', 'images', 'fixtures', 'wide.png'), join(folder, 'val', name, '1.png'));
  }
  const said = fromModel.map(sh);
  expect(said[0]).toContain('binary MACs');
  expect(said[1]).toMatch(/\d+ passed, 0 failed/);
  expect(said[2]).toMatch(/median_ms: /);
  sh('./my');
  expect(said[4]).toMatch(/top-1[\s\S]*C equals the simulator in every bit/);
});

test('the report: what verify fills in, and times from another machine', LONG, () => {
  writeFileSync(join(folder, 'x.npy'), readFileSync(SAMPLE));
  const report = () => JSON.parse(readFileSync(join(folder, 'net', 'report.json'), 'utf8'));
  sh(block('guide/report.md', 'sh'));
  expect(report()).toMatchObject({ verify: { samples: 1, inputs: 'x.npy' } });
  expect(report().times.machine).not.toBe('profile.txt');
  sh(block('guide/report.md', 'sh', 1));
  expect(report().times).toMatchObject({ machine: 'profile.txt', runs: 100 });
});

test('the library example', () => {
  const example = block('guide/library.md', 'ts')
    .replaceAll("'dybnn-compile'", `'${join(ROOT, 'dist', 'index.js')}'`)
    .replaceAll("'dybnn-compile/node'", `'${join(ROOT, 'dist', 'node.js')}'`);
  writeFileSync(join(folder, 'example.mjs'), example);
  const output = execFileSync('node', ['example.mjs'], { cwd: folder, encoding: 'utf8' });
  expect(output).toContain('binary MACs');
  expect(output).toContain('net.h');
});

test('links between pages lead somewhere', () => {
  const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter(
    (p) => p.endsWith('.md') && !p.includes('node_modules'),
  );
  const known = new Set(pages.map((p) => `/${p.replaceAll('\\', '/').replace(/(index)?\.md$/, '')}`));
  for (const page of pages) {
    for (const [, link] of read(page).matchAll(/\]\((\/[^)#]*)/g)) expect(known, `${page}: ${link}`).toContain(link);
  }
});

test('every line of a diff is in the file that it names', () => {
  for (const page of ['contribute/add-an-operator.md']) {
    for (const [, diff] of read(page).matchAll(/```diff\n(.*?)```/gs)) {
      let file = '';
      for (const line of diff!.trimEnd().split('\n')) {
        if (line.startsWith('--- ')) file = readFileSync(join(ROOT, line.slice(4)), 'utf8');
        else expect(file, line).toContain(line.slice(1));
      }
    }
  }
});
