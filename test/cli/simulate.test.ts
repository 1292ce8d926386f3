import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../src/arrays/npy.js';
import { cli, fixture, SMALL_DYBNN, SMALL_INPUT, temporaryFolder } from './run-cli.js';

const root = temporaryFolder();
const at = (name: string): string => join(root, name);
const npy = (path: string) => readNpy(readFileSync(path), path);

test('.npy in, .npy out, in the shapes that the model declares', async () => {
  const { status, out, err } = await cli(['simulate', SMALL_DYBNN, '-i', SMALL_INPUT, '-o', at('y.npy')]);
  expect({ status, out, err }).toEqual({ status: 0, out: '', err: `wrote ${at('y.npy')}: float32 [1, 10]\n` });
  const expected = npy(fixture('dybnn-a-clean.output.npy'));
  const got = npy(at('y.npy'));
  expect(got.shape).toEqual(expected.shape);
  // Another runtime adds in another order; the fixture's margins are wide enough that no sign flips.
  for (const [i, v] of got.data.entries()) expect(Math.abs(v - expected.data[i]!)).toBeLessThan(1e-4);
});

test('raw files hold the same numbers without a header', async () => {
  const input = npy(SMALL_INPUT).data;
  writeFileSync(at('x.bin'), new Uint8Array(input.buffer));
  await cli(['simulate', SMALL_DYBNN, '-i', SMALL_INPUT, '-o', at('y.npy')]);
  expect((await cli(['simulate', SMALL_DYBNN, '-i', at('x.bin'), '-o', at('y.bin')])).status).toBe(0);
  expect(readFileSync(at('y.bin')).equals(Buffer.from(npy(at('y.npy')).data.buffer))).toBe(true);
});

test('several samples at once give what each gives alone', async () => {
  const one = npy(SMALL_INPUT).data;
  const other = one.map((v) => v * 0.5);
  writeFileSync(at('two.npy'), writeNpy({ shape: [2, 3, 16, 16], data: Float32Array.from([...other, ...one]) }));
  await cli(['simulate', SMALL_DYBNN, '-i', SMALL_INPUT, '-o', at('one-y.npy')]);
  await cli(['simulate', SMALL_DYBNN, '-i', at('two.npy'), '-o', at('two-y.npy')]);
  expect(npy(at('two-y.npy')).shape).toEqual([2, 10]);
  expect(npy(at('two-y.npy')).data.slice(10)).toEqual(npy(at('one-y.npy')).data);
});

test('without an output file the largest outputs are printed', async () => {
  const { out } = await cli(['simulate', SMALL_DYBNN, '-i', SMALL_INPUT]);
  expect(out).toMatch(/^0: (\d \(-?[\d.]+\) {2}){4}\d \(-?[\d.]+\)\n$/);
});

test('--dump writes what every step leaves, in channels-first order', async () => {
  expect((await cli(['simulate', SMALL_DYBNN, '-i', SMALL_INPUT, '--dump', at('steps'), '-q'])).status).toBe(0);
  const files = readdirSync(at('steps/0000'));
  expect(npy(join(at('steps/0000'), files[0]!))).toEqual(npy(SMALL_INPUT));
  const bits = files.map((f) => npy(join(at('steps/0000'), f))).filter((a) => a.data.every((v) => Math.abs(v) === 1));
  expect(bits.length).toBeGreaterThan(0);
});

test('--json has outputs, ties and what left the finite numbers', async () => {
  const { out } = await cli(['simulate', SMALL_DYBNN, '-i', SMALL_INPUT, '--json']);
  const report = JSON.parse(out);
  expect(report).toMatchObject({ samples: 1, shape: [1, 10], ties: [], notFinite: [] });
  expect(report.output).toHaveLength(10);
});

test('a picture, with the options for pictures', async () => {
  const picture = join(fixture('..'), '../images/fixtures/wide.png');
  const small = ['simulate', SMALL_DYBNN, '-i', picture];
  const wrong = await cli(small);
  expect(wrong.status).toBe(1);
  expect(wrong.err).toContain('found      a picture of 36x24');
  expect(wrong.err).toContain('hint       --resize 16 ');
  const right = await cli([...small, '--resize', '16', '--mean', '0.5', '--std', '0.2,0.2,0.2']);
  expect(right).toMatchObject({ status: 0, err: '' });
  const channels = await cli([...small, '--mean', '1,2']);
  expect(channels.status).toBe(2);
  expect(channels.err).toContain('--mean has 2 numbers');
  expect((await cli([...small, '--std', '0'])).status).toBe(2);
  expect((await cli([...small, '--mean', 'a'])).status).toBe(2);
});

test('pictures of an IDX file are what the same pictures are as PNG', async () => {
  // One grey channel of 28x28 into three of 16x16.
  const side = 28;
  const grey = Uint8Array.from({ length: 2 * side * side }, (_, i) => (i * 31 + (i >> 5) * 7) % 256);
  const header = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, side, 0, 0, 0, side);
  writeFileSync(at('a-images-idx3-ubyte.gz'), gzipSync(new Uint8Array([...header, ...grey])));
  const raw = { width: side, height: side, channels: 1 } as const;
  await sharp(grey.subarray(side * side), { raw })
    .png()
    .toFile(at('second.png'));
  const how = ['--resize', '20', '--mean', '0.3', '--std', '0.5'];
  const idx = await cli(['simulate', SMALL_DYBNN, '-i', at('a-images-idx3-ubyte.gz'), ...how, '-o', at('idx.npy')]);
  const png = await cli(['simulate', SMALL_DYBNN, '-i', at('second.png'), ...how, '-o', at('png.npy')]);
  expect([idx.err, png.err]).toEqual([
    `wrote ${at('idx.npy')}: float32 [2, 10]\n`,
    `wrote ${at('png.npy')}: float32 [1, 10]\n`,
  ]);
  expect(npy(at('idx.npy')).data.slice(10)).toEqual(npy(at('png.npy')).data);
  const first = await cli([
    'simulate',
    SMALL_DYBNN,
    '-i',
    at('a-images-idx3-ubyte.gz'),
    ...how,
    '--samples',
    '1',
    '--json',
  ]);
  expect(JSON.parse(first.out).output).toEqual([...npy(at('idx.npy')).data.slice(0, 10)]);
  const unresized = await cli(['simulate', SMALL_DYBNN, '-i', at('a-images-idx3-ubyte.gz')]);
  expect(unresized.err).toContain('found      a picture of 28x28');
});

test('a resize below the size of the model says which is enough', async () => {
  const picture = join(fixture('..'), '../images/fixtures/wide.png');
  const { status, err } = await cli(['simulate', SMALL_DYBNN, '-i', picture, '--resize', '8']);
  expect(status).toBe(1);
  expect(err).toContain('hint       --resize 16\n');
});

test('what is wrong with the data is said, and nothing is written', async () => {
  const bad = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    writeFileSync(at(name), bytes);
    const { status, err } = await cli(['simulate', SMALL_DYBNN, '-i', at(name), '-o', at('never.npy')]);
    expect(status).toBe(1);
    expect(readdirSync(root)).not.toContain('never.npy');
    return err;
  };
  expect(await bad('short.bin', new Uint8Array(100))).toMatch(/DYB003.*\n.*\n {2}found {6}100 bytes/);
  expect(await bad('empty.bin', '')).toContain('DYB003');
  expect(await bad('text.npy', 'hello')).toContain('DYB004');
  expect(await bad('flat.npy', writeNpy({ shape: [3, 16, 16], data: new Float32Array(768) }))).toContain(
    'hint       the batch axis is missing',
  );
  expect(await bad('inf.bin', new Uint8Array(new Float32Array(768).fill(1 / 0).buffer))).toContain(
    'Infinity at [0, 0, 0, 0] and 767 more',
  );
});

test('an output file that cannot be written is DYB008', async () => {
  const { status, err } = await cli(['simulate', SMALL_DYBNN, '-i', SMALL_INPUT, '-o', at('no/such/y.npy')]);
  expect(status).toBe(1);
  expect(err).toContain('DYB008');
});
