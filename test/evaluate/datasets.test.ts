import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { writeNpy } from '../../src/arrays/npy.js';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import type { Dataset } from '../../src/evaluate/dataset.js';
import { readLabels } from '../../src/evaluate/datasets/array-dataset.js';
import { type DatasetRequest, openDataset } from '../../src/evaluate/datasets/open-dataset.js';
import { temporaryFolder } from '../cli/run-cli.js';

const root = temporaryFolder();
const picture = (name: string): string => fileURLToPath(new URL(`../images/fixtures/${name}`, import.meta.url));
let number = 0;

/** A folder with files: text, bytes, or the name of a picture to copy. */
function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const dir = join(root, String(number++));
  for (const [name, content] of Object.entries(files)) {
    const path = join(dir, name);
    mkdirSync(join(path, '..'), { recursive: true });
    if (typeof content === 'string' && content.startsWith('picture:')) copyFileSync(picture(content.slice(8)), path);
    else writeFileSync(path, content);
  }
  return dir;
}

const open = (images: string, more: Partial<DatasetRequest> = {}): Dataset =>
  openDataset({
    images,
    input: { name: 'x', shape: [1, 1, 8, 8] },
    classes: 3,
    preprocessing: { resize: null, mean: [0], std: [1] },
    ...more,
  });

const labelsOf = (d: Dataset): number[] => Array.from({ length: d.count }, (_, i) => d.label(i));

function fault(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DiagnosticError) return `${error.diagnostics[0]!.code}: ${error.diagnostics[0]!.found}`;
    throw error;
  }
  return 'no error';
}

describe('a folder per class', () => {
  const dir = folder({
    'b/2.png': 'picture:grey.png',
    'b/10.png': 'picture:grey.png',
    'B/1.jpg': 'picture:grey.jpg',
    'a/1.png': 'picture:grey.png',
  });

  test('classes and files are numbered by name, as Python sorts', () => {
    const d = open(dir);
    expect(d.classNames).toEqual(['B', 'a', 'b']);
    expect(labelsOf(d)).toEqual([0, 1, 2, 2]);
    expect(d.nameOf(2)).toBe(join(dir, 'b/10.png'));
  });

  test('a sample has the shape of the model', async () => {
    const sample = await open(dir).sample(1);
    expect(sample).toHaveLength(64);
    expect(Math.max(...sample)).toBeLessThanOrEqual(1);
  });

  test('an empty class would shift all labels: refused', () => {
    const odd = folder({ 'a/1.png': 'picture:grey.png', 'b/readme.md': 'x' });
    expect(fault(() => open(odd))).toBe('DYB503: a sub-folder without pictures: b');
  });

  test('more classes than the model has', () => {
    expect(fault(() => open(dir, { classes: 2 }))).toBe('DYB503: label 2');
  });
});

describe('pictures with a labels file', () => {
  const pictures = { 'p1.png': 'picture:grey.png', 'p2.png': 'picture:rgb.png', 'p3.png': 'picture:grey.png' };

  test.each([
    ['names and numbers', 'p1.png 2\np2.png 0\n'],
    ['CSV with a heading', 'file,label\r\np1.png,2\r\np2.png,0\r\n'],
    ['paths before the names', 'val/p1.png 2\nval/p2.png 0\n'],
    ['comments and empty lines', '# labels\n\np1.png\t2\np2.png\t0\n'],
  ])('%s', (_title, text) => {
    const d = open(folder({ ...pictures, 'labels.txt': text }));
    expect(labelsOf(d)).toEqual([2, 0]);
    expect(d.nameOf(0)).toMatch(/p1\.png$/);
  });

  test('one number a line goes by the order of the names', () => {
    expect(labelsOf(open(folder({ ...pictures, 'labels.txt': '2\n0\n1\n' })))).toEqual([2, 0, 1]);
  });

  test('class names are numbered by name', () => {
    const d = open(folder({ ...pictures, 'labels.csv': 'p1.png,dog\np2.png,cat\np3.png,dog\n' }));
    expect(d.classNames).toEqual(['cat', 'dog']);
    expect(labelsOf(d)).toEqual([1, 0, 1]);
  });

  test('what does not fit is named', () => {
    expect(fault(() => open(folder({ ...pictures, 'labels.txt': 'p1.png 0\np9.png 1\n' })))).toMatch(
      /^DYB503: line 2: no picture p9.png/,
    );
    expect(fault(() => open(folder({ ...pictures, 'labels.txt': '0\n1\n' })))).toMatch(
      /^DYB503: 2 labels for 3 pictures/,
    );
    expect(fault(() => open(folder(pictures)))).toBe('DYB503: 3 pictures without labels');
    expect(fault(() => open(folder({ 'x.txt': '' })))).toBe('DYB503: no pictures and no arrays');
    expect(fault(() => open(join(root, 'none')))).toMatch(/^DYB001/);
  });
});

const idx = (type: number, shape: readonly number[], data: Uint8Array): Uint8Array => {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  const view = new DataView(header.buffer);
  for (const [i, d] of shape.entries()) view.setUint32(4 + 4 * i, d, false);
  return Uint8Array.from([...header, ...data]);
};

describe('IDX', () => {
  const images = idx(
    8,
    [3, 8, 8],
    Uint8Array.from({ length: 192 }, (_, i) => i),
  );
  const labels = idx(8, [3], Uint8Array.of(2, 0, 1));

  test('a pair in a folder, gzipped or not', async () => {
    const d = open(folder({ 't10k-images-idx3-ubyte.gz': gzipSync(images), 't10k-labels-idx1-ubyte': labels }));
    expect(labelsOf(d)).toEqual([2, 0, 1]);
    expect((await d.sample(1))[3]).toBe(Math.fround(67 / 255));
  });

  test('the file itself; one channel serves a model of three', async () => {
    const dir = folder({ 'a-images.idx3-ubyte': images, 'a-labels.idx1-ubyte': labels });
    const three = {
      input: { name: 'x', shape: [1, 3, 8, 8] },
      preprocessing: { resize: null, mean: [0, 0, 0], std: [1, 1, 1] },
    };
    expect(await open(join(dir, 'a-images.idx3-ubyte'), three).sample(0)).toHaveLength(192);
  });

  test('damage is named', () => {
    const pair = (x: Uint8Array, y: Uint8Array): string =>
      folder({ 'x-images-idx3-ubyte': x, 'x-labels-idx1-ubyte': y });
    expect(fault(() => open(pair(images.subarray(0, 100), labels)))).toMatch(/^DYB503: 84 bytes of data/);
    expect(fault(() => open(pair(idx(13, [3, 8, 8], images), labels)))).toBe('DYB503: element type 0x0d');
    expect(fault(() => open(pair(labels, labels)))).toBe('DYB503: 1 dimensions');
    expect(fault(() => open(pair(images, idx(8, [2], Uint8Array.of(1, 1)))))).toMatch(
      /^DYB503: 2 labels for the 3 samples/,
    );
    expect(fault(() => open(pair(idx(8, [1, 9, 9], new Uint8Array(81)), labels)))).toBe('DYB003: a picture of 9x9');
    expect(fault(() => open(folder({ 'x-images-idx3-ubyte': images })))).toMatch(/^DYB503: no labels beside it/);
    const bomb = Uint8Array.from([...gzipSync(images)].slice(0, 30));
    expect(fault(() => open(pair(bomb, labels)))).toMatch(/^DYB503: gzip data/);
  });

  test('several pairs in one folder are ambiguous', () => {
    const names = ['t10k', 'train'].flatMap((n) => [
      [`${n}-images-idx3-ubyte`, images] as const,
      [`${n}-labels-idx1-ubyte`, labels] as const,
    ]);
    expect(fault(() => open(folder(Object.fromEntries(names))))).toMatch(/^DYB503: several IDX files/);
  });
});

describe('.npy', () => {
  const npy = (descr: string, shape: string, data: Uint8Array): Uint8Array => {
    const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }\n`;
    return Uint8Array.from([
      0x93,
      ...new TextEncoder().encode('NUMPY'),
      1,
      0,
      header.length,
      0,
      ...new TextEncoder().encode(header),
      ...data,
    ]);
  };
  const x = writeNpy({ shape: [2, 1, 8, 8], data: new Float32Array(128).fill(0.25) });

  test('images.npy with labels.npy in a folder; the numbers go in as they are', async () => {
    const y = npy('<i8', '(2,)', new Uint8Array(BigInt64Array.of(1n, 2n).buffer));
    const d = open(folder({ 'images.npy': x, 'labels.npy': y }));
    expect(labelsOf(d)).toEqual([1, 2]);
    expect((await d.sample(1))[0]).toBe(0.25);
  });

  test('labels of every type that NumPy gives them', () => {
    const dir = folder({
      'u1.npy': npy('|u1', '(2,)', Uint8Array.of(1, 2)),
      'i4.npy': npy('<i4', '(2, 1)', new Uint8Array(Int32Array.of(1, 2).buffer)),
      'f4.npy': npy('<f4', '(2,)', new Uint8Array(Float32Array.of(1, 2).buffer)),
      'f8.npy': npy('<f8', '(2,)', new Uint8Array(Float64Array.of(1, 2).buffer)),
      'y.txt': '1, 2\n',
    });
    for (const name of ['u1.npy', 'i4.npy', 'f4.npy', 'f8.npy', 'y.txt'])
      expect(readLabels(join(dir, name))).toEqual([1, 2]);
  });

  test('labels that are not labels', () => {
    const dir = folder({
      'half.npy': npy('<f4', '(1,)', new Uint8Array(Float32Array.of(0.5).buffer)),
      'minus.npy': npy('|i1', '(1,)', Uint8Array.of(255)),
      'hot.npy': npy('|u1', '(1, 2)', Uint8Array.of(0, 1)),
      'words.txt': 'cat dog',
    });
    expect(fault(() => readLabels(join(dir, 'half.npy')))).toBe('DYB503: the label 0.5');
    expect(fault(() => readLabels(join(dir, 'minus.npy')))).toBe('DYB503: the label -1');
    expect(fault(() => readLabels(join(dir, 'hot.npy')))).toBe('DYB503: shape (1, 2)');
    expect(fault(() => readLabels(join(dir, 'words.txt')))).toBe('DYB503: the label "cat"');
  });

  test('samples without labels, or of another shape', () => {
    const dir = folder({ 'x.npy': x });
    expect(fault(() => open(join(dir, 'x.npy')))).toBe('DYB503: samples without labels');
    const other = { input: { name: 'x', shape: [1, 1, 4, 4] }, labels: join(dir, 'x.npy') };
    expect(fault(() => open(join(dir, 'x.npy'), other))).toBe('DYB003: [2, 1, 8, 8]');
  });
});
