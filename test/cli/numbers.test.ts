/** --numeric, --first-last and --calibrate: where they are taken, what they refuse, and that nothing clipped is kept quiet. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../src/arrays/npy.js';
import { cli, fixture, SCALAR_CFLAGS, SMALL_DYBNN, SMALL_INPUT, temporaryFolder } from './run-cli.js';

const root = temporaryFolder();
const at = (name: string): string => join(root, name);
const picture = join(fixture('..'), '../images/fixtures/wide.png');
const input = readNpy(readFileSync(SMALL_INPUT), SMALL_INPUT).data;
const npy = (name: string, samples: number, factor: number): string => {
  const data = Float32Array.from({ length: samples * input.length }, (_, i) => factor * input[i % input.length]!);
  writeFileSync(at(name), writeNpy({ shape: [samples, 3, 16, 16], data }));
  return at(name);
};
const simulate = (...args: string[]) => cli(['simulate', SMALL_DYBNN, '-i', SMALL_INPUT, '--json', ...args]);
const inspect = async (...args: string[]) => {
  const { status, out, err } = await cli(['inspect', SMALL_DYBNN, '--json', ...args]);
  return { status, err, report: status === 0 ? JSON.parse(out) : null };
};

let likeInput: string;
let small: string;
beforeAll(() => {
  likeInput = npy('like.npy', 3, 1);
  small = npy('small.npy', 2, 0.001);
});

describe('options that do not go together: DYB411, exit status 2', () => {
  test.each([
    [['--calibrate', SMALL_INPUT], 'add --numeric fixed16 or --first-last int8'],
    [['--calibrate', SMALL_INPUT, '--numeric', 'float32', '--first-last', 'float32'], 'add --numeric fixed16'],
    [['--numeric', 'fixed16', '--first-last', 'float32'], 'leave out --first-last'],
  ])('%j', async (args, hint) => {
    for (const command of [['inspect'], ['simulate', '-i', SMALL_INPUT], ['verify'], ['evaluate', '--images', root]]) {
      const [name, ...more] = command;
      const { status, out, err } = await cli([name!, SMALL_DYBNN, ...more, ...args]);
      expect({ status, out }).toEqual({ status: 2, out: '' });
      expect(err).toMatch(/^error\[DYB411\]/);
      expect(err).toContain(hint);
    }
    const { status, err } = await cli([SMALL_DYBNN, '-o', at('never'), ...args]);
    expect(status).toBe(2);
    expect(err).toContain(hint);
  });
});

describe('calibration', () => {
  const ranges = async (...args: string[]) => {
    const { status, report, err } = await inspect('--numeric', 'fixed16', ...args);
    expect({ status, err }).toEqual({ status: 0, err: expect.not.stringContaining('error') });
    return report.ranges;
  };

  test('without it a warning says so, and ranges are estimated', async () => {
    const { err, report } = await inspect('--numeric', 'fixed16');
    expect(err).toMatch(/^warning\[DYB405\]: no calibration\n/);
    expect(err).toContain('inputs between -3 and 3');
    expect(report).toMatchObject({ numeric: 'fixed16', ranges: { source: 'estimated', samples: 0, ranOn: null } });
    expect(report.layers[1].numbers).toMatchObject({
      format: expect.stringMatching(/^int16 Q\d+\.\d+$/),
      saturated: null,
    });
  });

  test('arrays, a part of them spread over all', async () => {
    expect(await ranges('--calibrate', likeInput)).toMatchObject({ source: 'calibrated', samples: 3 });
    const { err, report } = await inspect('--numeric', 'fixed16', '--calibrate', likeInput, '--calibrate-samples', '2');
    expect(report.ranges.samples).toBe(2);
    expect(err).toContain(`calibrated with 2 of the 3 samples in ${likeInput}`);
  });

  test('raw floats, a picture, a folder of pictures and of folders, IDX', async () => {
    writeFileSync(at('x.bin'), new Uint8Array(input.slice().buffer));
    expect((await ranges('--calibrate', at('x.bin'))).samples).toBe(1);
    expect((await ranges('--calibrate', picture, '--resize', '16')).samples).toBe(1);
    for (const folder of ['train', 'train/cat', 'train/dog', 'train/.hidden'])
      mkdirSync(at(folder), { recursive: true });
    for (const to of ['a.png', 'cat/b.png', 'dog/c.png', '.hidden/d.png']) copyFileSync(picture, at(`train/${to}`));
    writeFileSync(at('train/notes.txt'), 'no picture');
    expect((await ranges('--calibrate', at('train'), '--resize', '16', '--mean', '0.5')).samples).toBe(3);
    const header = Buffer.alloc(16);
    [0x803, 5, 28, 28].forEach((v, i) => {
      header.writeUInt32BE(v, 4 * i);
    });
    writeFileSync(at('t-idx3-ubyte.gz'), gzipSync(Buffer.concat([header, Buffer.alloc(5 * 784, 99)])));
    expect((await ranges('--calibrate', at('t-idx3-ubyte.gz'), '--resize', '16')).samples).toBe(5);
  });

  test('an empty folder, a missing file, an array of another shape', async () => {
    mkdirSync(at('empty'));
    const wrong = async (path: string) => cli(['inspect', SMALL_DYBNN, '--numeric', 'fixed16', '--calibrate', path]);
    expect(await wrong(at('empty'))).toMatchObject({ status: 1, err: expect.stringContaining('without pictures') });
    expect(await wrong(at('none.npy'))).toMatchObject({ status: 1, err: expect.stringMatching(/^error\[DYB001\]/) });
    writeFileSync(at('flat.npy'), writeNpy({ shape: [4], data: new Float32Array(4) }));
    expect(await wrong(at('flat.npy'))).toMatchObject({ status: 1, err: expect.stringMatching(/^error\[DYB003\]/) });
  });

  test('the largest value decides the fraction', async () => {
    const fractions = async (path: string) => {
      const { report } = await inspect('--numeric', 'fixed16', '--calibrate', path);
      return report.layers.flatMap((l: { numbers: { fraction: number } | null }) => l.numbers?.fraction ?? []);
    };
    const [wide, narrow] = [await fractions(npy('wide.npy', 1, 16)), await fractions(likeInput)];
    expect(narrow[0] - wide[0]).toBe(4);
    expect(wide).toHaveLength(narrow.length);
  });
});

describe('what is clipped', () => {
  test('simulate warns for each step and lists it', async () => {
    const { status, out, err } = await simulate('--numeric', 'fixed16', '--calibrate', small);
    const { saturated } = JSON.parse(out);
    expect(status).toBe(0);
    expect(saturated.length).toBeGreaterThan(0);
    for (const { step, count } of saturated) {
      expect(err).toContain(`warning[DYB406]: values were clipped\n  node       ${step}\n  found      ${count} value`);
    }
    expect(err).toContain('over 1 sample\n');
  });

  test('nothing, where calibration has seen such inputs', async () => {
    const { out, err } = await simulate('--numeric', 'fixed16', '--calibrate', likeInput);
    expect({ saturated: JSON.parse(out).saturated, err }).toEqual({ saturated: [], err: '' });
  });

  test('inspect counts over what it was calibrated with, compile over the golden samples', async () => {
    const { report } = await inspect('--numeric', 'fixed16', '--calibrate', likeInput);
    expect(report.ranges.ranOn).toBe('3 samples of the calibration');
    expect(
      report.layers.every((l: { numbers: { saturated: number } | null }) => (l.numbers?.saturated ?? 0) === 0),
    ).toBe(true);
    const args = ['-o', at('project'), '--numeric', 'fixed16', '--calibrate', small, '--golden-input', SMALL_INPUT];
    const { status, err } = await cli([SMALL_DYBNN, ...args]);
    expect(status).toBe(0);
    expect(err).toContain('over 1 golden sample\n');
    const made = JSON.parse(readFileSync(at('project/report.json'), 'utf8'));
    expect(made).toMatchObject({
      numeric: 'fixed16',
      ranges: { source: 'calibrated', samples: 2, ranOn: '1 golden sample' },
    });
    expect(made.layers.some((l: { numbers: { saturated: number } | null }) => (l.numbers?.saturated ?? 0) > 0)).toBe(
      true,
    );
  });

  test('evaluate totals it, and says where no one counts', async () => {
    writeFileSync(at('labels.txt'), '0 0 0');
    const evaluate = (...args: string[]) =>
      cli([
        'evaluate',
        SMALL_DYBNN,
        '--images',
        likeInput,
        '--labels',
        at('labels.txt'),
        '--numeric',
        'fixed16',
        ...args,
      ]);
    const results = at('results.json');
    const first = ['--engine', 'simulator', '--calibrate', small, '--results', results];
    const { out, err } = await evaluate(...first);
    expect(out).toMatch(/^3 samples: dybnn-a-clean.onnx in fixed16 on /);
    expect(out).toMatch(/fixed16; \d+ values were clipped to 16 bits/);
    expect(err).toMatch(/warning\[DYB406\][\s\S]*over 3 samples/);
    const { saturated, numbers } = JSON.parse((await evaluate(...first, '--resume', '--json')).out);
    expect(numbers).toMatchObject({ numeric: 'fixed16', firstLast: 'int8' });
    const merged = JSON.parse((await cli(['merge', results, '--json'])).out);
    expect(merged.saturated).toEqual(saturated);
    const other = await evaluate('--engine', 'simulator', '--calibrate', likeInput, '--results', results, '--resume');
    expect(other).toMatchObject({
      status: 1,
      err: expect.stringContaining('other --numeric, --first-last or --calibrate'),
    });
    process.env.CFLAGS = SCALAR_CFLAGS;
    try {
      const both = await evaluate('--engine', 'c,simulator', '--calibrate', small, '--json');
      expect(JSON.parse(both.out).agreements).toEqual([{ engines: ['c', 'simulator'], sameClass: 3, sameBits: 3 }]);
    } finally {
      delete process.env.CFLAGS;
    }
  });
});

test('--first-last int8 leaves the rest in float32', async () => {
  const { report } = await inspect('--first-last', 'int8', '--calibrate', likeInput);
  expect(report).toMatchObject({ numeric: 'float32', ranges: { source: 'calibrated' } });
  expect(report.totals.int8Macs).toBeGreaterThan(0);
  const kinds = report.layers.map((l: { kind: string }) => l.kind);
  expect(kinds.filter((k: string) => k === 'int8Conv2d')).toHaveLength(2);
  expect(report.floatLayers).toEqual([]);
});
