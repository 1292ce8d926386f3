/**
 * Finds out what kind of data set a path holds.
 *
 * Flows in: --images, --labels and the model's input. Flows out: a Dataset whose labels fit the model's classes.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../diagnostics/diagnostic.js';
import { describeFileError } from '../../host/file-errors.js';
import { isIdxName } from '../../images/idx.js';
import type { Preprocessing } from '../../images/preprocessing.js';
import { PICTURE_NAME } from '../../images/read-picture.js';
import type { DeclaredArray } from '../../program/program.js';
import type { Dataset } from '../dataset.js';
import { idxDataset, npyDataset } from './array-dataset.js';
import { pictureDataset, picturesByFolder, picturesByList } from './picture-dataset.js';

export interface DatasetRequest {
  readonly images: string;
  readonly labels?: string;
  readonly input: DeclaredArray;
  readonly classes: number;
  readonly preprocessing: Preprocessing;
}

const SUPPORTED = 'a folder per class, pictures with a labels file, an IDX pair, or .npy samples with labels';
const LABEL_FILES = ['labels.txt', 'labels.csv', 'labels.tsv'];

export function openDataset(request: DatasetRequest): Dataset {
  const dataset = findDataset(request);
  if (dataset.count === 0) fail('DYB503', { node: request.images, found: 'no samples', supported: SUPPORTED });
  for (let i = 0; i < dataset.count; i++) {
    const label = dataset.label(i);
    if (label >= request.classes) {
      fail('DYB503', {
        node: dataset.nameOf(i),
        found: `label ${label}`,
        supported: `0 to ${request.classes - 1}: the model has ${request.classes} outputs`,
        hint: 'labels count from 0',
      });
    }
  }
  return dataset;
}

function findDataset({ images, labels, input, preprocessing }: DatasetRequest): Dataset {
  const { isFolder } = kindOf(images);
  if (!isFolder) {
    const labelsFile = labels ?? (isIdxName(images) ? idxLabelsBeside(images) : undefined);
    if (labelsFile === undefined) {
      return fail('DYB503', {
        node: images,
        found: 'samples without labels',
        supported: SUPPORTED,
        hint: 'name the labels with --labels FILE',
      });
    }
    return /\.npy$/i.test(images)
      ? npyDataset(images, labelsFile, input)
      : idxDataset(images, labelsFile, input, preprocessing);
  }
  const pictures = (list: ReturnType<typeof picturesByList>): Dataset =>
    pictureDataset(list.pictures, list.classNames, input, preprocessing);
  const names = readdirSync(images);
  const arrays = arraysIn(images, names, labels);
  if (arrays?.kind === 'idx') return idxDataset(arrays.images, arrays.labels, input, preprocessing);
  if (arrays?.kind === 'npy') return npyDataset(arrays.images, arrays.labels, input);
  if (labels !== undefined) return pictures(picturesByList(images, labels));
  const byFolder = picturesByFolder(images);
  if (byFolder) return pictures(byFolder);
  const list = LABEL_FILES.find((name) => names.includes(name));
  if (list !== undefined) return pictures(picturesByList(images, join(images, list)));
  const count = names.filter((n) => PICTURE_NAME.test(n)).length;
  return fail('DYB503', {
    node: images,
    found: count > 0 ? `${count} pictures without labels` : 'no pictures and no arrays',
    supported: SUPPORTED,
    ...(count > 0 ? { hint: 'name the labels with --labels FILE' } : {}),
  });
}

function kindOf(path: string): { isFolder: boolean } {
  try {
    return { isFolder: statSync(path).isDirectory() };
  } catch (error) {
    const found = describeFileError(error);
    if (found === null) throw error;
    return fail('DYB001', { node: path, found });
  }
}

interface ArrayPair {
  readonly kind: 'idx' | 'npy';
  readonly images: string;
  readonly labels: string;
}

function arraysIn(folder: string, names: readonly string[], labels: string | undefined): ArrayPair | null {
  const idx = names.filter((n) => /idx3-ubyte(\.gz)?$/i.test(n)).sort();
  if (idx.length > 1) {
    fail('DYB503', {
      node: folder,
      found: `several IDX files of pictures: ${idx.slice(0, 4).join(', ')}`,
      supported: 'one of them',
      hint: `--images ${join(folder, idx.at(-1)!)}`,
    });
  }
  if (idx.length === 1) {
    const images = join(folder, idx[0]!);
    return { kind: 'idx', images, labels: labels ?? idxLabelsBeside(images) };
  }
  for (const [x, y] of [
    ['images.npy', 'labels.npy'],
    ['x.npy', 'y.npy'],
  ] as const) {
    if (names.includes(x) && (labels !== undefined || names.includes(y))) {
      return { kind: 'npy', images: join(folder, x), labels: labels ?? join(folder, y) };
    }
  }
  return null;
}

/** t10k-images-idx3-ubyte.gz -> t10k-labels-idx1-ubyte.gz, gzipped or not. */
function idxLabelsBeside(images: string): string {
  const plain = images
    .replace(/\.gz$/i, '')
    .replace(/images(?!.*images)/, 'labels')
    .replace(/idx3(?!.*idx3)/, 'idx1');
  const found = [plain, `${plain}.gz`].find((file) => file !== images && existsSync(file));
  if (found === undefined)
    return fail('DYB503', {
      node: images,
      found: `no labels beside it (${plain})`,
      hint: 'name them with --labels FILE',
    });
  return found;
}
