/** `dybnn-compile MODEL.onnx -o DIR`: the command without a name. */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type CompileOptions,
  checkOptions,
  compileBuilt,
  DEFAULT_GOLDEN_SAMPLES,
  DEFAULT_NUMERIC,
  TARGETS,
  type Target,
} from '../../compile.js';
import { loadAssets } from '../../host/load-assets.js';
import { checkOutputFolder } from '../../host/output-folder.js';
import { readUserFile } from '../../host/read-file.js';
import { writeProject } from '../../host/write-project.js';
import { networkTitle } from '../../inspect/network-title.js';
import { byteSize } from '../../inspect/quantity.js';
import { symbolProblem } from '../../model-symbol.js';
import { STAGES, type Stage } from '../../pipeline.js';
import type { DeclaredArray } from '../../program/program.js';
import { nearest } from '../../text/suggest.js';
import { addCommonOptions, type CommandContext, wholeNumber } from '../command-context.js';
import { UsageError } from '../exit-status.js';
import { withExamples } from '../help.js';
import { addInputOptions, checkPictureOptions, readInput } from '../input-options.js';
import { addModelOptions, buildModel, type ModelOptions, openModel } from '../model-options.js';
import { designSummary, designWords } from '../render-design.js';
import { shellWord } from '../shell-word.js';

interface Options extends ModelOptions {
  readonly output?: string;
  readonly name?: string;
  readonly target: string;
  readonly board?: string;
  readonly clock?: number;
  readonly targetFps?: number;
  readonly folding?: string;
  readonly weights?: 'auto' | 'c' | 'incbin';
  readonly golden?: number;
  readonly goldenInput?: string;
  readonly dumpAfter?: Stage;
}

export function addCompileCommand(program: Command, context: CommandContext): void {
  program
    .description('Compiles dynamic binary neural networks (DyBNN, ReActNet) from ONNX to standalone C or Vitis HLS.')
    .usage(
      '[options] MODEL.onnx -o DIR\n  dybnn-compile --target hls --board NAME [options] MODEL.onnx -o DIR\n  dybnn-compile COMMAND [options] MODEL.onnx',
    )
    .argument('[MODEL.onnx]', 'the trained network')
    .allowExcessArguments(true);
  program
    .addOption(new Option('-o, --output <DIR>', 'where the project goes; made whole or not at all'))
    .addOption(
      new Option('--name <name>', "prefix of its symbols and files (default: from the model's file name)").argParser(
        cName,
      ),
    )
    .addOption(new Option('--target <target>', 'what to make: c, or hls (an accelerator)').default('c'))
    .addOption(
      new Option('--weights <form>', 'weights as C literals, or as a binary that the assembler includes; auto, by size')
        .choices(['auto', 'c', 'incbin'])
        .default(undefined, 'auto'),
    )
    .addOption(
      new Option(
        '--golden <N>',
        `golden samples to make up (default: ${DEFAULT_GOLDEN_SAMPLES}), or to take of yours (default: all)`,
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--golden-input <FILE>', 'your own golden samples: arrays, a picture, IDX or a folder of pictures'),
    )
    .addOption(
      new Option('--dump-after <stage>', 'print what a stage made; without -o, stop there').choices([...STAGES]),
    );
  addHlsOptions(program);
  addInputOptions(program);
  addModelOptions(program);
  addCommonOptions(program);
  withExamples(program, [
    ['dybnn-compile net.onnx -o out', 'a C project in out/'],
    ['make -C out test', 'build it, compare every bit'],
    ['dybnn-compile inspect net.onnx', 'what it is, what it costs'],
    ['dybnn-compile simulate net.onnx -i x.npy -o y.npy', 'the bit-exact simulator'],
    ['dybnn-compile evaluate net.onnx --images val/', 'accuracy on your pictures'],
  ]);
  program.action((model: string | undefined, options: Options) => compileModel(program, model, options, context));
}

function addHlsOptions(program: Command): void {
  const options = [
    new Option('--board <name>', 'the board it is for: ultra96v2, kv260, zcu104, zcu102, pynq-z2'),
    new Option('--clock <MHz>', "of the engine (default: the board's)").argParser(positiveNumber),
    new Option(
      '--target-fps <N>',
      'the smallest engine for N pictures a second, estimated (default: the fastest)',
    ).argParser(positiveNumber),
    new Option('--folding <FILE>', "parameters of the engine as JSON, or an earlier project's report.json"),
  ];
  for (const option of options) program.addOption(option.helpGroup('Accelerator (--target hls)'));
}

function positiveNumber(text: string): number {
  const value = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

async function compileModel(
  program: Command,
  model: string | undefined,
  options: Options,
  { terminal }: CommandContext,
): Promise<void> {
  checkOperands(program, model);
  const path = model!;
  const target = targetOf(options.target);
  const assets = loadAssets();
  if (options.output === undefined && options.dumpAfter === undefined) {
    throw new UsageError('the output folder is missing', `try: dybnn-compile ${shellWord(path)} -o out`);
  }
  if (options.dumpAfter !== undefined && terminal.options.json) {
    throw new UsageError('--dump-after and --json both want standard output');
  }
  if (options.output !== undefined) checkOutputFolder(options.output);

  checkPictureOptions(options, [options.goldenInput, options.calibrate]);
  const numeric = options.numeric ?? DEFAULT_NUMERIC[target];
  const wanted = {
    target,
    ...wantedOf(options),
    ...(options.folding === undefined ? {} : readFolding(options.folding)),
  };
  checkOptions({ modelName: path, numeric, ...wanted }, assets);
  const { file, front } = openModel(path, { ...options, numeric });
  let since = performance.now();
  const dump: CompileOptions['dump'] = (stage, text) => {
    terminal.detail(`${stage.padEnd(14)}${(performance.now() - since).toFixed(0).padStart(6)} ms`);
    if (stage === options.dumpAfter) terminal.streams.out(text());
    if (stage === options.dumpAfter && options.output === undefined) throw new StopHere();
    since = performance.now();
  };
  if (options.output === undefined) {
    await stopEarly(() => buildModel(file.bytes, { ...front, dump }, options, terminal));
    return;
  }

  const compileOptions: CompileOptions = {
    ...front,
    dump,
    ...wanted,
  };
  const built = await buildModel(file.bytes, compileOptions, options, terminal);
  const golden = await goldenOf(options, built.program.input);
  const compiled = compileBuilt(built, { ...compileOptions, ...golden }, assets);
  terminal.detail(`${'simulate, emit'.padEnd(14)}${(performance.now() - since).toFixed(0).padStart(6)} ms`);
  terminal.warn(compiled.warnings);
  writeProject(options.output, compiled.files);

  const { report, name, goldenSamples, design } = compiled;
  if (terminal.options.json) {
    terminal.report(
      () => '',
      () => ({
        folder: options.output,
        name,
        target,
        numeric: compiled.program.numeric,
        goldenSamples,
        files: [...compiled.files.keys()],
        totals: report.totals,
        ...(design === null ? {} : { accelerator: designSummary(design) }),
        warnings: compiled.warnings,
      }),
    );
  }
  const folder = shellWord(options.output);
  terminal.say(`${name}: ${networkTitle(report)}`);
  if (design === null) {
    const { constantBytes, workspaceBytes } = report.totals;
    terminal.say(`wrote ${folder}: ${byteSize(constantBytes)} of weights, ${byteSize(workspaceBytes)} of workspace`);
    terminal.say(`next: make -C ${folder} test`);
  } else {
    for (const line of designWords(design)) terminal.say(line);
    terminal.say(`wrote ${folder}`);
    terminal.say(`next: make -C ${folder} csim`);
  }
}

/** What of the options goes on as it is. */
function wantedOf({ name, weights, board, clock, targetFps }: Options) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(weights === undefined ? {} : { weights }),
    ...(board === undefined ? {} : { board }),
    ...(clock === undefined ? {} : { clockMhz: clock }),
    ...(targetFps === undefined ? {} : { targetFps }),
  };
}

function readFolding(file: string) {
  return { folding: { file, text: new TextDecoder().decode(readUserFile(file)) } };
}

async function goldenOf(options: Options, input: DeclaredArray): Promise<Pick<CompileOptions, 'golden'>> {
  const { golden, goldenInput } = options;
  if (goldenInput === undefined) {
    return golden === undefined ? {} : { golden };
  }
  return { golden: (await readInput(goldenInput, input, options, golden)).data };
}

/** `dybnn-compile inspct net.onnx` is a slip, not a model named inspct. */
function checkOperands(program: Command, model: string | undefined): void {
  const commands = program.commands.map((c) => c.name());
  if (model === undefined) throw new UsageError('the model is missing', 'try: dybnn-compile MODEL.onnx -o out');
  if (program.args.length > 1 || (!/[./\\]/.test(model) && !existsSync(model))) {
    const near = nearest(model, commands);
    if (near !== undefined && !existsSync(model))
      throw new UsageError(`no command '${model}'`, `did you mean: dybnn-compile ${near}`);
    if (program.args.length > 1)
      throw new UsageError(`one model at a time: '${program.args[1]}' is one argument too many`);
  }
}

function targetOf(value: string): Target {
  const found = TARGETS.find((t) => t === value);
  if (found !== undefined) return found;
  const near = nearest(value, TARGETS);
  throw new UsageError(
    `no such choice: --target ${value}`,
    near === undefined ? `supported: ${TARGETS.join(', ')}` : `did you mean: ${near}`,
  );
}

function cName(text: string): string {
  const problem = symbolProblem(text);
  if (problem !== null) throw new InvalidArgumentError(`It is ${problem}.`);
  return text;
}

class StopHere extends Error {}

async function stopEarly(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof StopHere)) throw error;
  }
}
