/** Options about what goes into the model, the same wherever an input is taken. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Samples } from '../arrays/samples.js';
import { fail } from '../diagnostics/diagnostic.js';
import { limitIndices } from '../evaluate/shard.js';
import { readSamples } from '../host/arrays.js';
import { readUserFile } from '../host/read-file.js';
import { isIdxName } from '../images/idx.js';
import { idxPictures } from '../images/idx-pictures.js';
import type { Preprocessing } from '../images/preprocessing.js';
import { PICTURE_NAME, pictureShape, readPicture } from '../images/read-picture.js';
import type { DeclaredArray } from '../program/program.js';
import { wholeNumber } from './command-context.js';
import { UsageError } from './exit-status.js';

export interface InputOptions {
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly resize?: number;
}

export function addInputOptions(command: Command): Command {
  const options = [
    new Option('--mean <list>', 'subtracted from pixels of 0..1: one number, or one a channel')
      .default(undefined, '0')
      .argParser(numbers),
    new Option('--std <list>', 'then divided by').default(undefined, '1').argParser(deviations),
    new Option('--resize <N>', "scale a picture's shorter side to N and cut out the middle").argParser(wholeNumber(1)),
  ];
  for (const option of options) command.addOption(option.helpGroup('Pictures (PNG, JPEG, WebP, IDX)'));
  return command;
}

/** A picture, the pictures of an IDX file or of a folder, or an array; of several samples the first `limit`. */
export async function readInput(
  path: string,
  declared: DeclaredArray,
  options: InputOptions,
  limit = Number.POSITIVE_INFINITY,
): Promise<Samples> {
  const source = await inputSource(path, declared, options);
  return gather(
    source,
    Array.from({ length: Math.min(source.count, limit) }, (_, i) => i),
  );
}

/** The same, but `limit` samples spread over all: a folder may be sorted by class. */
export async function readSpread(
  path: string,
  declared: DeclaredArray,
  options: InputOptions,
  limit: number,
): Promise<Samples & { readonly of: number }> {
  const source = await inputSource(path, declared, options);
  return { ...(await gather(source, limitIndices(source.count, limit))), of: source.count };
}

interface InputSource {
  readonly count: number;
  readonly sample: (index: number) => Promise<Float32Array>;
}

async function inputSource(path: string, declared: DeclaredArray, options: InputOptions): Promise<InputSource> {
  const preprocessing = (): Preprocessing => preprocessingFor(pictureShape(declared, path).channels, options);
  const pictures = isFolder(path) ? picturesIn(path) : PICTURE_NAME.test(path) ? [path] : null;
  if (pictures !== null) {
    const how = preprocessing();
    return {
      count: pictures.length,
      sample: (i) => readPicture(readUserFile(pictures[i]!), pictures[i]!, declared, how),
    };
  }
  if (isIdxName(path)) {
    const idx = idxPictures(readUserFile(path), path, declared, preprocessing());
    if (idx.count === 0) fail('DYB003', { node: path, found: 'no pictures', supported: 'one picture or more' });
    return idx;
  }
  const { data, count } = readSamples(path, declared);
  const size = data.length / count;
  return { count, sample: async (i) => data.subarray(i * size, (i + 1) * size) };
}

async function gather({ sample }: InputSource, indices: readonly number[]): Promise<Samples> {
  const first = await sample(indices[0]!);
  const data = new Float32Array(indices.length * first.length);
  for (const [i, index] of indices.entries()) data.set(i === 0 ? first : await sample(index), i * first.length);
  return { data, count: indices.length };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Those in a folder and in its sub-folders, in the order of their names. */
function picturesIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => PICTURE_NAME.test(name) && !/(^|[\\/])\./.test(name),
  );
  if (names.length === 0) {
    fail('DYB003', { node: folder, found: 'a folder without pictures', supported: 'PNG, JPEG or WebP pictures in it' });
  }
  return names.sort().map((name) => join(folder, name));
}

/** Whether `--mean`, `--std` and `--resize` are for it. */
function holdsPictures(path: string): boolean {
  return PICTURE_NAME.test(path) || isIdxName(path) || isFolder(path);
}

/** Nothing that was asked for is left out in silence: of all that a command reads something must be pictures. */
export function checkPictureOptions({ mean, std, resize }: InputOptions, paths: readonly (string | undefined)[]): void {
  if ((mean ?? std ?? resize) === undefined) return;
  const given = paths.filter((p) => p !== undefined);
  if (given.some(holdsPictures)) return;
  throw new UsageError(
    '--mean, --std and --resize are for pictures',
    given.length === 0 ? 'no picture is given' : `${given.join(' and ')} goes into the model as it is`,
  );
}

export function preprocessingFor(channels: number, options: InputOptions): Preprocessing {
  const spread = (option: string, list: readonly number[]): readonly number[] => {
    if (list.length === 1) return Array.from({ length: channels }, () => list[0]!);
    if (list.length === channels) return list;
    throw new UsageError(
      `${option} has ${list.length} numbers`,
      `the model's input has ${channels} channel${channels === 1 ? '' : 's'}`,
    );
  };
  return {
    resize: options.resize ?? null,
    mean: spread('--mean', options.mean ?? [0]),
    std: spread('--std', options.std ?? [1]),
  };
}

function numbers(text: string): readonly number[] {
  const list = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!list.every(Number.isFinite))
    throw new InvalidArgumentError('It must be numbers with commas between, such as 0.485,0.456,0.406.');
  return list;
}

function deviations(text: string): readonly number[] {
  const list = numbers(text);
  if (!list.every((s) => Math.fround(s) > 0)) throw new InvalidArgumentError('It must be above 0.');
  return list;
}
