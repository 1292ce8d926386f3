/** Options about reading a model and about the numbers it is computed in, the same in every command. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { checkIntegerOptions, FIRST_LAST, type FirstLast } from '../fixed/with-integers.js';
import { type ModelFile, readModel } from '../host/read-model.js';
import { buildFloatProgram, chooseNumbers, type FrontEndOptions, type FrontEndResult } from '../pipeline.js';
import { NUMERIC_MODES, type NumericMode } from '../program/program.js';
import { nearest } from '../text/suggest.js';
import { wholeNumber } from './command-context.js';
import { UsageError } from './exit-status.js';
import { type InputOptions, readSpread } from './input-options.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

export interface ModelOptions extends InputOptions {
  readonly zeroWeights: 'refuse' | 'positive' | 'negative';
  readonly numeric?: NumericMode;
  readonly firstLast?: FirstLast;
  readonly calibrate?: string;
  readonly calibrateSamples?: number;
}

/** Enough that the largest values are seen, and soon done: the simulator runs each. */
const CALIBRATION_SAMPLES = 32;

export function addModelOptions(command: Command): Command {
  command.addOption(
    new Option('--zero-weights <what>', 'what a binary weight of exactly 0 becomes')
      .choices(['refuse', 'positive', 'negative'])
      .default('refuse'),
  );
  const numbers = [
    new Option('--numeric <mode>', 'arithmetic; fixed16 is 16-bit integers (default: float32)')
      .choices(NUMERIC_MODES)
      .argParser(choiceOf(NUMERIC_MODES)),
    new Option(
      '--first-last <type>',
      'weights of the first convolution and the last dense layer (default: float32; in fixed16 int8)',
    )
      .choices(FIRST_LAST)
      .argParser(choiceOf(FIRST_LAST)),
    new Option(
      '--calibrate <PATH>',
      'inputs to choose the ranges of integers by: arrays, pictures or a folder of them',
    ),
    new Option(
      '--calibrate-samples <N>',
      `how many of them, spread over all (default: ${CALIBRATION_SAMPLES})`,
    ).argParser(wholeNumber(1)),
  ];
  for (const option of numbers) command.addOption(option.helpGroup('Numbers'));
  return command;
}

function choiceOf<T extends string>(known: readonly T[]): (text: string) => T {
  return (text) => {
    const found = known.find((k) => k === text);
    if (found !== undefined) return found;
    const near = nearest(text, known);
    throw new InvalidArgumentError(
      near === undefined ? `Allowed choices are ${known.join(', ')}.` : `Did you mean ${near}?`,
    );
  };
}

export interface OpenedModel {
  readonly file: ModelFile;
  readonly front: FrontEndOptions;
}

/** Reads the file and checks the options, without building anything yet. */
export function openModel(path: string, options: ModelOptions): OpenedModel {
  const { zeroWeights, numeric, firstLast, calibrate } = options;
  if (options.calibrateSamples !== undefined && calibrate === undefined) {
    throw new UsageError('--calibrate-samples is about --calibrate', 'try: --calibrate PATH');
  }
  const numbers = { ...(numeric ? { numeric } : {}), ...(firstLast ? { firstLast } : {}) };
  checkIntegerOptions({ ...numbers, calibrated: calibrate !== undefined });
  const file = readModel(path);
  const { modelName, readExternal } = file;
  return { file, front: { modelName, readExternal, zeroWeights, ...numbers } };
}

export type BuiltModel = FrontEndResult & {
  /** What it was calibrated with. */
  readonly calibration: Float32Array | null;
};

/** The front end, and calibration where it is asked for. */
export async function buildModel(
  bytes: Uint8Array,
  front: FrontEndOptions,
  options: ModelOptions,
  terminal: Terminal,
): Promise<BuiltModel> {
  const built = buildFloatProgram(bytes, front);
  const { calibrate, calibrateSamples = CALIBRATION_SAMPLES } = options;
  if (calibrate === undefined) return { ...chooseNumbers(built, front), calibration: null };
  const { data, count, of } = await readSpread(calibrate, built.program.input, options, calibrateSamples);
  const status = new StatusLine(terminal);
  const progress = (done: number, total: number): void => status.show(`calibrating, ${done} of ${total}`);
  try {
    const chosen = chooseNumbers(built, { ...front, calibration: data, calibrationProgress: progress });
    return { ...chosen, calibration: data };
  } finally {
    status.end();
    if (count < of) terminal.say(`calibrated with ${count} of the ${of} samples in ${calibrate}`);
  }
}
