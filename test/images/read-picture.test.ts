/** Against what Pillow and torchvision read from the same files (fixtures/generate.py). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readNpy } from '../../src/arrays/npy.js';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { centreCrop, normalize, resizedSize } from '../../src/images/preprocessing.js';
import { readPicture } from '../../src/images/read-picture.js';

const bytesOf = (name: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url)));
const expected = (name: string): Float32Array => readNpy(bytesOf(name), name).data;
const model = (channels: number, side = 8) => ({ name: 'x', shape: [1, channels, side, side] });
const plain = (channels: number) => ({
  resize: null,
  mean: Array.from({ length: channels }, () => 0),
  std: Array.from({ length: channels }, () => 1),
});
const read = (name: string, channels: number): Promise<Float32Array> =>
  readPicture(bytesOf(name), name, model(channels), plain(channels));

async function fault(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof DiagnosticError) return `${error.diagnostics[0]!.code}: ${error.diagnostics[0]!.found}`;
    throw error;
  }
  return 'no error';
}

describe('the same bits as torchvision', () => {
  test.each(['rgb.png', 'grey.png', 'alpha.png', 'palette.png', 'one-bit.png', 'rgb.webp'])('%s', async (name) => {
    const stem = name.replace('.', '-');
    expect(await read(name, 3)).toEqual(expected(`${stem}.npy`));
    expect(await read(name, 1)).toEqual(expected(`${stem}.grey.npy`));
  });

  test('16 bits are kept', async () => {
    expect(await read('grey16.png', 1)).toEqual(expected('grey16-png.grey.npy'));
  });

  test('with --mean and --std', async () => {
    const preprocessing = { resize: null, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    expect(await readPicture(bytesOf('rgb.png'), 'rgb.png', model(3), preprocessing)).toEqual(
      expected('rgb-png.normalized.npy'),
    );
  });
});

describe('within a few levels: JPEG decoders and resamplers round in their own ways', () => {
  const far = (a: Float32Array, b: Float32Array): number =>
    a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);

  test.each(['rgb.jpg', 'grey.jpg', 'turned.jpg'])('%s', async (name) => {
    const stem = name.replace('.', '-');
    expect(far(await read(name, 3), expected(`${stem}.npy`))).toBeLessThan(3 / 255);
    expect(far(await read(name, 1), expected(`${stem}.grey.npy`))).toBeLessThan(3 / 255);
  });

  test('CMYK comes as colours of the same places (no two programs convert it alike)', async () => {
    const got = await read('cmyk.jpg', 3);
    const rgb = expected('rgb-jpg.npy');
    expect(got.reduce((sum, v, i) => sum + Math.abs(v - rgb[i]!), 0) / got.length).toBeLessThan(0.15);
  });

  test('resized and cropped as for ImageNet', async () => {
    const preprocessing = { resize: 12, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    const got = await readPicture(bytesOf('wide.png'), 'wide.png', model(3), preprocessing);
    expect(far(got, expected('wide-png.imagenet.npy'))).toBeLessThan(3 / 255 / 0.22);
  });
});

describe('what cannot be read is a diagnostic', () => {
  test('not a picture, or damaged', async () => {
    const png = bytesOf('rgb.png');
    const decode = (bytes: Uint8Array) => readPicture(bytes, 'x.png', model(3), plain(3));
    expect(await fault(decode(new TextEncoder().encode('<svg/>')))).toBe('DYB009: neither PNG, JPEG nor WebP');
    expect(await fault(decode(png.subarray(0, 60)))).toMatch(/^DYB009: /);
    const damaged = png.slice();
    damaged.fill(0, 40, 80);
    expect(await fault(decode(damaged))).toMatch(/^DYB009: /);
  });

  test('another size than the model takes', async () => {
    expect(await fault(readPicture(bytesOf('wide.png'), 'w', model(3), plain(3)))).toBe('DYB003: a picture of 36x24');
    const small = { ...plain(3), resize: 4 };
    expect(await fault(readPicture(bytesOf('wide.png'), 'w', model(3), small))).toBe('DYB003: --resize 4');
  });

  test('a model that takes no pictures', async () => {
    expect(await fault(readPicture(bytesOf('rgb.png'), 'r', { name: 'x', shape: [1, 16] }, plain(3)))).toMatch(
      /^DYB003/,
    );
    expect(await fault(readPicture(bytesOf('rgb.png'), 'r', model(4), plain(4)))).toMatch(/^DYB003/);
  });
});

test('the shorter side gets the size, the other rounds down', () => {
  expect(resizedSize(500, 375, 256)).toEqual({ width: 341, height: 256 });
  expect(resizedSize(375, 500, 256)).toEqual({ width: 256, height: 341 });
});

test('the crop takes the middle; a half pixel goes to the even side, as in Python', () => {
  const at = (width: number) => centreCrop(width, 8, { width: 8, height: 8 }).left;
  expect([8, 9, 10, 11, 12, 13].map(at)).toEqual([0, 0, 1, 2, 2, 2]);
});

test('one channel of pixels serves all of the model', () => {
  const pixels = { data: Uint8Array.of(0, 255), width: 2, height: 1, channels: 1, maximum: 255 as const };
  expect([...normalize(pixels, 3, { resize: null, mean: [0, 0.5, 0], std: [1, 0.5, 2] })]).toEqual([
    0, 1, -1, 1, 0, 0.5,
  ]);
});
