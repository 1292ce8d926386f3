import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeNpy } from '../../src/arrays/npy.js';
import { cli, fixture, SCALAR_CFLAGS, SMALL_DYBNN, temporaryFolder } from './run-cli.js';

const root = temporaryFolder();
const at = (name: string): string => join(root, name);

/** Samples from a fixed rule, and whatever the simulator says of each as its label. */
const SAMPLES = 12;
const data = Float32Array.from({ length: SAMPLES * 768 }, (_, i) =>
  Math.fround(Math.sin(i * 0.7) * Math.cos(Math.floor(i / 768) + i * 0.013)),
);
writeFileSync(at('x.npy'), writeNpy({ shape: [SAMPLES, 3, 16, 16], data }));
writeFileSync(at('y.txt'), Array.from({ length: SAMPLES }, () => 0).join(' '));

const evaluate = (...args: string[]) =>
  cli(['evaluate', SMALL_DYBNN, '--images', at('x.npy'), '--labels', at('y.txt'), ...args]);
const environment = { ...process.env };

beforeEach(() => {
  process.env.CFLAGS = SCALAR_CFLAGS;
});
afterEach(() => {
  process.env = { ...environment };
});

describe('engines', () => {
  test('C and simulator have the same bits; ONNX Runtime the same classes', async () => {
    const { status, out, err } = await evaluate('--engine', 'onnxruntime,simulator,c', '--json');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const report = JSON.parse(out);
    expect(report.engines.map((e: { engine: string }) => e.engine)).toEqual(['simulator', 'c', 'onnxruntime']);
    expect(report.agreements).toEqual([
      { engines: ['simulator', 'c'], sameClass: SAMPLES, sameBits: SAMPLES },
      { engines: ['simulator', 'onnxruntime'], sameClass: SAMPLES, sameBits: null },
    ]);
  });

  test('ONNX Runtime on a file that fixes a batch of 2', async () => {
    const model = fixture('batch-2.onnx');
    const { input } = JSON.parse((await cli(['inspect', model, '--json'])).out);
    const size = input.shape.slice(1).reduce((n: number, d: number) => n * d, 1);
    writeFileSync(at('b.npy'), writeNpy({ shape: [3, ...input.shape.slice(1)], data: data.slice(0, 3 * size) }));
    writeFileSync(at('b.txt'), '0 0 0');
    const { status, out } = await cli([
      'evaluate',
      model,
      '--images',
      at('b.npy'),
      '--labels',
      at('b.txt'),
      '--engine',
      'simulator,onnxruntime',
      '--json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(out).agreements[0].sameClass).toBe(3);
  });

  test('no compiler is DYB006, before any work', async () => {
    process.env.CC = 'no-such-compiler';
    const { status, err } = await evaluate();
    expect(status).toBe(1);
    expect(err).toMatch(/^error\[DYB006\]: no C compiler\n {2}node {7}CC=no-such-compiler\n/);
  });

  test('a compiler that refuses is DYB007 with its own words', async () => {
    process.env.CFLAGS = '-O0 -DDYBNN_NOTHING -include /no/such/header.h';
    const { status, err } = await evaluate();
    expect(status).toBe(1);
    expect(err).toMatch(/^error\[DYB007\]/);
    expect(err).toContain('/no/such/header.h');
  });
});

describe('the simulator', () => {
  const simulate = (...args: string[]) => evaluate('--engine', 'simulator', ...args);

  test('words for people', async () => {
    const { status, out } = await simulate();
    expect(status).toBe(0);
    expect(out).toMatch(
      /^12 samples: dybnn-a-clean.onnx on .*x\.npy\n\nengine +top-1 +right +top-5\nsimulator +[\d.]+ % /,
    );
  });

  test('--limit', async () => {
    expect((await simulate('--limit', '5')).out).toMatch(/^5 of 12 samples: /);
  });

  test('shards merge to the whole', async () => {
    const whole = await simulate('--json');
    for (const k of [1, 2, 3])
      expect((await simulate('--shard', `${k}/3`, '--results', at(`part-${k}.json`), '-q')).status).toBe(0);
    const merged = await cli([
      'merge',
      at('part-1.json'),
      at('part-2.json'),
      at('part-3.json'),
      '--json',
      '-o',
      at('all.json'),
    ]);
    expect(merged.err).toBe('');
    expect(JSON.parse(merged.out)).toEqual(JSON.parse(whole.out));
    const two = await cli(['merge', at('part-1.json'), at('part-3.json')]);
    expect(two.err).toBe('4 of 12 samples are missing\n');
    expect(two.out).toMatch(/^8 of 12 samples: /);
  });

  test('--resume goes on with what is missing', async () => {
    await simulate('--results', at('r.json'), '-q');
    const file = JSON.parse(readFileSync(at('r.json'), 'utf8'));
    // A first result that no run would give, to see that it was not made again.
    file.samples = [{ index: 0, label: 0, best: [[9, 8, 7, 6, 5]], sameBits: [true] }];
    writeFileSync(at('r.json'), JSON.stringify(file));
    const { status, out } = await simulate('--results', at('r.json'), '--resume', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out).samples).toBe(SAMPLES);
    expect(JSON.parse(readFileSync(at('r.json'), 'utf8')).samples[0].best).toEqual([[9, 8, 7, 6, 5]]);
  });

  test('a results file that cannot be written is found before any sample', async () => {
    const { status, out, err } = await simulate('--results', at('no/such/r.json'));
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/^error\[DYB008\]/);
  });

  test('--resume refuses results of something else', async () => {
    await simulate('--results', at('s.json'), '-q');
    writeFileSync(at('s.json'), readFileSync(at('s.json'), 'utf8').replace(/"sha256":"../, '"sha256":"zz'));
    const { status, err } = await simulate('--results', at('s.json'), '--resume');
    expect(status).toBe(1);
    expect(err).toMatch(/results of another evaluation[\s\S]*another model/);
  });

  test('pictures in a folder per class', async () => {
    mkdirSync(at('val/a'), { recursive: true });
    mkdirSync(at('val/b'));
    const picture = join(import.meta.dirname, '../images/fixtures/wide.png');
    copyFileSync(picture, at('val/a/1.png'));
    copyFileSync(picture, at('val/b/1.png'));
    const { status, out } = await cli([
      'evaluate',
      SMALL_DYBNN,
      '--images',
      at('val'),
      '--engine',
      'simulator',
      '--resize',
      '16',
      '--json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ samples: 2, classNames: ['a', 'b'] });
  });

  test('wrong usage', async () => {
    for (const args of [
      ['--engine', 'gpu'],
      ['--shard', '4/3'],
      ['--resume'],
      ['--mean', '0.5'],
      ['--limit', '0'],
      ['--shard', '1/2', '--limit', '3'],
    ]) {
      expect((await simulate(...args)).status, args.join(' ')).toBe(2);
    }
    expect((await cli(['evaluate', SMALL_DYBNN])).err).toContain("required option '--images <PATH>' not specified");
  });

  test('a results file that cannot be written is DYB008', async () => {
    const { status, err } = await simulate('--results', at('no/such/r.json'));
    expect(status).toBe(1);
    expect(err).toContain('DYB008');
    expect(existsSync(at('no'))).toBe(false);
  });
});

describe('progress', () => {
  test('on a terminal a line that goes away; nowhere with --quiet', async () => {
    const drawn = await cli(
      [
        'evaluate',
        SMALL_DYBNN,
        '--images',
        at('x.npy'),
        '--labels',
        at('y.txt'),
        '--engine',
        'simulator',
        '--threads',
        '4',
      ],
      { terminal: true, columns: 100, env: { NO_COLOR: '1' } },
    );
    expect(drawn.err).toMatch(/\r\[#+-*\] \d+\/12 samples {2}\d+ % {2}top-1 [\d.]+ %/);
    expect(drawn.err.endsWith('\r\x1b[K')).toBe(true);
    expect((await evaluate('--engine', 'simulator', '-q')).err).toBe('');
  });
});
