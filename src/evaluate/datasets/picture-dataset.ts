/** Pictures in files, each with a label: a folder per class, or a list of names with labels. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fail } from '../../diagnostics/diagnostic.js';
import { readUserFile } from '../../host/read-file.js';
import type { Preprocessing } from '../../images/preprocessing.js';
import { PICTURE_NAME, readPicture } from '../../images/read-picture.js';
import type { DeclaredArray } from '../../program/program.js';
import type { Dataset } from '../dataset.js';

export interface LabelledPicture {
  readonly path: string;
  readonly label: number;
}

export function pictureDataset(
  pictures: readonly LabelledPicture[],
  classNames: readonly string[],
  declared: DeclaredArray,
  preprocessing: Preprocessing,
): Dataset {
  return {
    count: pictures.length,
    unit: 'pictures',
    classNames,
    label: (i) => pictures[i]!.label,
    nameOf: (i) => pictures[i]!.path,
    sample: (i) => {
      const { path } = pictures[i]!;
      return readPicture(readUserFile(path), path, declared, preprocessing);
    },
  };
}

/** Sorted by name, as PyTorch's ImageFolder numbers them; null where a folder holds no sub-folders with pictures. */
export function picturesByFolder(folder: string): { pictures: LabelledPicture[]; classNames: string[] } | null {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((e) => (e.isDirectory() || e.isSymbolicLink()) && !e.name.startsWith('.'))
    .map((e) => e.name)
    .sort(byCodeUnit);
  const classes = names.map((name) => ({ name, files: listPictures(join(folder, name)) }));
  if (!classes.some((c) => c.files.length > 0)) return null;
  const empty = classes.find((c) => c.files.length === 0);
  if (empty) {
    fail('DYB503', {
      node: folder,
      found: `a sub-folder without pictures: ${empty.name}`,
      supported: 'a folder of pictures per class, and no other folders: they are numbered by name',
    });
  }
  return {
    classNames: classes.map((c) => c.name),
    pictures: classes.flatMap((c, label) => c.files.map((file) => ({ path: join(folder, c.name, file), label }))),
  };
}

/** Labels from a text file: "NAME LABEL" or "NAME,LABEL" a line, or one LABEL a line for the pictures in order of their names. */
export function picturesByList(
  folder: string,
  listFile: string,
): { pictures: LabelledPicture[]; classNames: string[] } {
  const lines = new TextDecoder()
    .decode(readUserFile(listFile))
    .split(/\r?\n/)
    .map((l) => l.trim())
    .filter((l) => l !== '' && !l.startsWith('#'));
  const files = listPictures(folder);
  if (lines.every((line) => /^\d+$/.test(line))) {
    if (lines.length !== files.length) {
      fail('DYB503', { node: listFile, found: `${lines.length} labels for ${files.length} pictures in ${folder}` });
    }
    const numbers = lines.map(Number);
    return { classNames: [], pictures: files.map((file, i) => ({ path: join(folder, file), label: numbers[i]! })) };
  }
  const known = new Set(files);
  const rows = lines.map((line, i) => {
    const match = /^"?(.+?)"?[,;\t ]\s*"?([^,;\t]+?)"?$/.exec(line);
    const name = match?.[1] ?? line;
    return { name: known.has(name) ? name : basename(name), label: match?.[2] ?? '', line: i + 1 };
  });
  // A heading such as "filename,label".
  if (rows.length > 1 && !known.has(rows[0]!.name) && !PICTURE_NAME.test(rows[0]!.name)) rows.shift();
  const missing = rows.filter((row) => !known.has(row.name));
  if (missing.length > 0) {
    fail('DYB503', {
      node: listFile,
      found: `line ${missing[0]!.line}: no picture ${missing[0]!.name} in ${folder}${missing.length > 1 ? ` (and ${missing.length - 1} more)` : ''}`,
      supported: 'lines of NAME LABEL, or of LABEL alone',
    });
  }
  const numeric = rows.every((row) => /^\d+$/.test(row.label));
  const classNames = numeric ? [] : [...new Set(rows.map((row) => row.label))].sort(byCodeUnit);
  const labelOf = (text: string): number => (numeric ? Number(text) : classNames.indexOf(text));
  return {
    classNames,
    pictures: rows.map((row) => ({ path: join(folder, row.name), label: labelOf(row.label) })),
  };
}

function listPictures(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => PICTURE_NAME.test(name) && !name.startsWith('.'))
    .sort(byCodeUnit);
}

/** As Python sorts strings, not as a language does. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
