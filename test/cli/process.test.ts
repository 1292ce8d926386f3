/** What only a real process shows: closed pipes, Ctrl-C, exit statuses. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SMALL_DYBNN, SMALL_INPUT, temporaryFolder } from './run-cli.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const root = temporaryFolder();
const at = (name: string): string => join(root, name);

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[]): { child: ReturnType<typeof spawn>; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, out, err }));
  });
  return { child, ended };
}

test('the status and the streams are the process’s own', async () => {
  const good = await start([SMALL_DYBNN, '-o', at('out')]).ended;
  expect(good).toMatchObject({ status: 0, out: '' });
  expect(good.err).toContain('next: make -C');
  const bad = await start([at('none.onnx'), '-o', at('out2')]).ended;
  expect(bad).toMatchObject({ status: 1, out: '' });
  expect(bad.err).toMatch(/^error\[DYB001\]/);
});

test('a reader that goes away ends it without a word', async () => {
  const { child, ended } = start(['simulate', SMALL_DYBNN, '-i', SMALL_INPUT, '--json']);
  child.stdout!.destroy();
  const { status, err } = await ended;
  expect(err).toBe('');
  expect(status).toBe(141);
});

test('Ctrl-C keeps what evaluate has done, cleans up, and --resume goes on', async () => {
  const count = 1000;
  const example = join(import.meta.dirname, '..', '..', 'examples', 'fashion-mnist');
  const images = join(example, 'data', 'test-1000-images.idx3-ubyte.gz');
  const labels = join(example, 'data', 'test-1000-labels.idx1-ubyte.gz');
  const args = ['evaluate', join(example, 'models', 'dybnn.onnx'), '--images', images, '--labels', labels];
  const { child, ended } = start([...args, '--engine', 'simulator', '--threads', '1', '--results', at('r.json'), '-v']);
  // "simulator: …" is said when the engine is ready; the batch under way then is finished, and is a quarter of all.
  child.stderr!.once('data', () => setTimeout(() => child.kill('SIGINT'), 100));
  const { status, err } = await ended;
  expect(status).toBe(130);
  expect(err).toMatch(/stopped after \d+ of 1000; --resume goes on\n$/);
  const done = JSON.parse(readFileSync(at('r.json'), 'utf8')).samples.length;
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(count);
});

test('Ctrl-C while the C is built leaves no temporary folder', async () => {
  writeFileSync(at('one.npy'), readFileSync(SMALL_INPUT));
  writeFileSync(at('one.txt'), '0');
  const before = new Set(readdirSync(tmpdir()).filter((name) => name.startsWith('dybnn-evaluate-')));
  const { child, ended } = start(['evaluate', SMALL_DYBNN, '--images', at('one.npy'), '--labels', at('one.txt')]);
  const mine = (): string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`dybnn-evaluate-${child.pid}-`) && !before.has(name));
  while (mine().length === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  expect((await ended).status).toBe(130);
  expect(mine()).toEqual([]);
});
