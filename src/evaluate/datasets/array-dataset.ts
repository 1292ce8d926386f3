/** Data sets that are two arrays: IDX pictures with IDX labels, or .npy samples with .npy (or IDX, or text) labels. */
import { readNpy, readNpyHeader } from '../../arrays/npy.js';
import { samplesOfArray } from '../../arrays/samples.js';
import { fail } from '../../diagnostics/diagnostic.js';
import { isNpy } from '../../host/arrays.js';
import { readUserFile } from '../../host/read-file.js';
import { isIdxName, readIdx } from '../../images/idx.js';
import { idxPictures } from '../../images/idx-pictures.js';
import type { Preprocessing } from '../../images/preprocessing.js';
import type { DeclaredArray } from '../../program/program.js';
import type { Dataset } from '../dataset.js';

export function idxDataset(
  imagesFile: string,
  labelsFile: string,
  declared: DeclaredArray,
  preprocessing: Preprocessing,
): Dataset {
  const { count, sample } = idxPictures(readUserFile(imagesFile), imagesFile, declared, preprocessing);
  const labels = readLabels(labelsFile);
  sameCount(labels.length, count, labelsFile, imagesFile);
  return {
    count,
    unit: 'pictures',
    classNames: [],
    label: (i) => labels[i]!,
    nameOf: (i) => `${imagesFile}, picture ${i}`,
    sample,
  };
}

export function npyDataset(imagesFile: string, labelsFile: string, declared: DeclaredArray): Dataset {
  const samples = samplesOfArray(readNpy(readUserFile(imagesFile), imagesFile), declared, imagesFile);
  const labels = readLabels(labelsFile);
  sameCount(labels.length, samples.count, labelsFile, imagesFile);
  const size = samples.data.length / samples.count;
  return {
    count: samples.count,
    unit: 'samples',
    classNames: [],
    label: (i) => labels[i]!,
    nameOf: (i) => `${imagesFile}, sample ${i}`,
    sample: async (i) => samples.data.subarray(i * size, (i + 1) * size),
  };
}

function sameCount(labels: number, samples: number, labelsFile: string, imagesFile: string): void {
  if (labels !== samples)
    fail('DYB503', { node: labelsFile, found: `${labels} labels for the ${samples} samples of ${imagesFile}` });
}

/** One label a sample. */
export function readLabels(file: string): readonly number[] {
  const bytes = readUserFile(file);
  if (isNpy(file)) return readNpyLabels(bytes, file);
  if (isIdxName(file)) return Array.from(readIdx(bytes, file, 1).data);
  const words = new TextDecoder()
    .decode(bytes)
    .split(/[\s,;]+/)
    .filter((w) => w !== '');
  const wrong = words.find((w) => !/^\d{1,9}$/.test(w));
  if (wrong !== undefined) {
    fail('DYB503', {
      node: file,
      found: `the label "${wrong}"`,
      supported: 'whole numbers from 0 on, as .npy, IDX or text',
    });
  }
  return words.map(Number);
}

type ReadNumber = (view: DataView, at: number) => number;

const NUMBERS: Readonly<Record<string, { readonly bytes: number; readonly read: ReadNumber }>> = {
  u1: { bytes: 1, read: (v, at) => v.getUint8(at) },
  i1: { bytes: 1, read: (v, at) => v.getInt8(at) },
  u2: { bytes: 2, read: (v, at) => v.getUint16(at, true) },
  i2: { bytes: 2, read: (v, at) => v.getInt16(at, true) },
  u4: { bytes: 4, read: (v, at) => v.getUint32(at, true) },
  i4: { bytes: 4, read: (v, at) => v.getInt32(at, true) },
  u8: { bytes: 8, read: (v, at) => Number(v.getBigUint64(at, true)) },
  i8: { bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)) },
  f4: { bytes: 4, read: (v, at) => v.getFloat32(at, true) },
  f8: { bytes: 8, read: (v, at) => v.getFloat64(at, true) },
};

function readNpyLabels(bytes: Uint8Array, file: string): readonly number[] {
  const { descr, shape, start } = readNpyHeader(bytes, file);
  const broken = (found: string): never =>
    fail('DYB503', { node: file, found, supported: 'one whole number from 0 on for each sample: shape (N,)' });
  const type = /^[<|]/.test(descr) ? NUMBERS[descr.slice(1)] : undefined;
  if (!type) return broken(`labels of type ${descr.slice(0, 20)}`);
  const count = shape[0] ?? 0;
  if (shape.slice(1).some((d) => d !== 1) || shape.length === 0) return broken(`shape (${shape.join(', ')})`);
  if (bytes.length - start !== count * type.bytes)
    return broken(`${bytes.length - start} bytes for shape (${shape.join(', ')})`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const labels = Array.from({ length: count }, (_, i) => type.read(view, start + i * type.bytes));
  const wrong = labels.find((l) => !Number.isInteger(l) || l < 0);
  return wrong === undefined ? labels : broken(`the label ${wrong}`);
}
