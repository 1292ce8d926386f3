/** Options about what goes into the model, the same wherever an input is taken. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Samples } from '../arrays/samples.js';
import { fail } from '../diagnostics/diagnostic.js';
import { readSamples } from '../host/arrays.js';
import { readUserFile } from '../host/read-file.js';
import { isIdxName } from '../images/idx.js';
import { type IdxPictures, idxPictures } from '../images/idx-pictures.js';
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

/** A picture, the pictures of an IDX file, or an array; of several samples the first `limit`. */
export async function readInput(
  path: string,
  declared: DeclaredArray,
  options: InputOptions,
  limit = Number.POSITIVE_INFINITY,
): Promise<Samples> {
  if (PICTURE_NAME.test(path)) {
    const preprocessing = preprocessingFor(pictureShape(declared, path).channels, options);
    return { data: await readPicture(readUserFile(path), path, declared, preprocessing), count: 1 };
  }
  if (isIdxName(path)) {
    const preprocessing = preprocessingFor(pictureShape(declared, path).channels, options);
    return firstPictures(idxPictures(readUserFile(path), path, declared, preprocessing), path, limit);
  }
  refusePictureOptions(options, path);
  const { data, count } = readSamples(path, declared);
  const kept = Math.min(count, limit);
  return { data: data.subarray(0, (data.length / count) * kept), count: kept };
}

async function firstPictures({ count, sample }: IdxPictures, path: string, limit: number): Promise<Samples> {
  const kept = Math.min(count, limit);
  if (kept === 0) fail('DYB003', { node: path, found: 'no pictures', supported: 'one picture or more' });
  const first = await sample(0);
  const data = new Float32Array(kept * first.length);
  for (let i = 0; i < kept; i++) data.set(i === 0 ? first : await sample(i), i * first.length);
  return { data, count: kept };
}

/** Nothing that was asked for is left out in silence. */
export function refusePictureOptions({ mean, std, resize }: InputOptions, path: string | null): void {
  if ((mean ?? std ?? resize) === undefined) return;
  throw new UsageError(
    '--mean, --std and --resize are for pictures',
    path === null ? 'no picture is given' : `${path} goes into the model as it is`,
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
