/** `dybnn-compile verify MODEL.onnx [--input X] [--report PATH]` */
import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Samples } from '../../arrays/samples.js';
import { DiagnosticError, makeDiagnostic } from '../../diagnostics/diagnostic.js';
import { findCCompiler } from '../../host/c-compiler.js';
import { loadAssets } from '../../host/load-assets.js';
import { findOnnxRuntime } from '../../host/onnx-runtime.js';
import { profileC, readProfile } from '../../host/profile-c.js';
import { type ReportTarget, reportBefore, reportTarget, writeReport } from '../../host/write-report.js';
import { inspectProgram } from '../../inspect/inspect-program.js';
import type { ReadExternal } from '../../onnx/index.js';
import type { FrontEndResult } from '../../pipeline.js';
import type { Program } from '../../program/program.js';
import { verifyResults } from '../../report/from-verify.js';
import { makeReport, type ReportSources } from '../../report/make-report.js';
import type { MeasuredTimes } from '../../report/report-data.js';
import { reportFiles } from '../../report/report-files.js';
import { syntheticInputs } from '../../target/golden.js';
import type { VerifyReport } from '../../verify/report.js';
import { verifyModel } from '../../verify/verify-model.js';
import { VERSION } from '../../version.js';
import { addCommonOptions, type CommandContext, wholeNumber } from '../command-context.js';
import { EndedError, FAULT, INTERNAL, UsageError } from '../exit-status.js';
import { withExamples } from '../help.js';
import { addInputOptions, checkPictureOptions, readInput } from '../input-options.js';
import { addModelOptions, buildModel, type ModelOptions, openModel } from '../model-options.js';
import { renderVerify } from '../render-verify.js';
import { StatusLine } from '../status-line.js';
import type { Terminal } from '../terminal.js';

const DEFAULT_SAMPLES = 2;

interface Options extends ModelOptions {
  readonly input?: string;
  readonly samples?: number;
  /** --no-c */
  readonly c: boolean;
  /** --no-onnx */
  readonly onnx: boolean;
  readonly report?: string;
  readonly profile?: string;
  /** --no-times */
  readonly times: boolean;
}

export function addVerifyCommand(program: Command, { terminal }: CommandContext): void {
  const command = program
    .command('verify')
    .description('The simulator, the generated C and ONNX Runtime side by side, layer by layer.')
    .argument('<MODEL.onnx>', 'the trained network')
    .option('-i, --input <FILE>', 'samples: arrays, a picture, IDX or a folder of pictures; left out: made-up ones')
    .addOption(
      new Option(
        '--samples <N>',
        `how many to make up (default: ${DEFAULT_SAMPLES}), or to take of --input (default: all)`,
      ).argParser(wholeNumber(1)),
    )
    .option('--no-c', 'leave the generated C out')
    .option('--no-onnx', 'leave ONNX Runtime out')
    .option(
      '--report <PATH>',
      'the report with margins, flips and times: FILE.html, FILE.json, or a folder, such as the project made of the model',
    )
    .option('--profile <FILE>', 'its times: what `run --profile N INPUT` printed on your device, not measured here')
    .addOption(new Option('--no-times', 'no times in it').conflicts('profile'));
  addInputOptions(command);
  addModelOptions(command);
  addCommonOptions(command);
  withExamples(command, [
    ['dybnn-compile verify net.onnx', 'made-up samples'],
    ['dybnn-compile verify net.onnx -i x.npy', 'samples of yours'],
    ['dybnn-compile verify net.onnx -i cat.jpg --resize 256', 'a picture'],
    [
      'dybnn-compile verify net.onnx -i x.npy --numeric fixed16 --calibrate x.npy',
      'what integers cost, layer by layer',
    ],
    ['dybnn-compile verify net.onnx --report out', 'into the report in out/'],
    ['dybnn-compile verify net.onnx --json', 'for programs'],
  ]);
  command.action((path: string, options: Options) => verify(path, options, terminal));
}

async function verify(path: string, options: Options, terminal: Terminal): Promise<void> {
  if (options.report === undefined && (options.profile !== undefined || !options.times)) {
    throw new UsageError('--profile and --no-times are about a report', 'try: --report report.html');
  }
  const target = options.report === undefined ? null : reportTarget(options.report);
  checkPictureOptions(options, [options.input, options.calibrate]);
  const { file, front } = openModel(path, options);
  const external = new Set<string>();
  const { readExternal } = file;
  const recording: ReadExternal = (location, offset, length) => {
    external.add(location);
    return readExternal(location, offset, length);
  };
  const built = await buildModel(file.bytes, { ...front, readExternal: recording }, options, terminal);
  terminal.warn(built.warnings);
  const { program, bnn } = built;
  const inspect = inspectProgram({ modelName: file.modelName, ...built });
  const sources: ReportSources = { program, bnn, inspect, version: VERSION };
  const before = target === null ? null : reportBefore(target, makeReport(sources));
  const given = await samplesFor(program, options);
  const fromFile = options.profile === undefined ? null : readProfile(options.profile, program);
  const status = new StatusLine(terminal);
  let report: VerifyReport;
  let times: MeasuredTimes | null;
  try {
    report = await verifyModel({
      modelName: file.modelName,
      bytes: file.bytes,
      built,
      samples: { ...given, words: options.input ?? 'made up' },
      onnxRuntime: options.onnx
        ? await findOnnxRuntime({ folder: dirname(resolve(path)), externalFiles: [...external], onnx: built.onnx })
        : { absent: '--no-onnx' },
      compiler: options.c ? await findCCompiler(loadAssets(), terminal.streams.env) : { absent: '--no-c' },
      progress: (words) => status.show(words),
    });
    times = fromFile ?? (target === null ? null : await measure(report, built, given, options, status, terminal));
  } finally {
    status.end();
  }
  if (target !== null) {
    // What the project's report says of its golden samples and of a board stays.
    const kept = before === null ? {} : { inspect: before, accelerator: before.accelerator };
    const files = reportFiles({ ...sources, ...kept, verify: verifyResults(report), times }, loadAssets());
    writeReport(target, files);
  }
  terminal.report(
    () => renderVerify(report, { width: terminal.width, color: terminal.outColor }),
    () => report,
  );
  if (target !== null) sayWritten(target, terminal);
  conclude(report, options, terminal);
}

/** Null where the C did not run, or cannot be built as a user would build it. */
async function measure(
  { c }: VerifyReport,
  { program }: FrontEndResult,
  { data }: Samples,
  { times }: Options,
  status: StatusLine,
  terminal: Terminal,
): Promise<MeasuredTimes | null> {
  if (!times || c.status === 'absent') return null;
  status.show('building the C as its Makefile does, and timing each step');
  try {
    return await profileC(program, data, loadAssets());
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    status.end();
    terminal.warn(
      error.diagnostics.map((d) => ({ ...d, severity: 'warning', title: `no times: ${d.title}` }) as const),
    );
    return null;
  }
}

function sayWritten({ path, kind }: ReportTarget, terminal: Terminal): void {
  terminal.say(kind === 'html' || kind === 'json' ? `wrote ${path}` : `wrote ${path}/report.html, ${path}/report.json`);
}

/** What is wrong, and the exit status. */
function conclude({ model, onnxRuntime, verdict }: VerifyReport, options: Options, terminal: Terminal): void {
  if (onnxRuntime.status === 'absent' && options.onnx) {
    terminal.warn([makeDiagnostic('DYB502', { title: 'not compared with ONNX Runtime', found: onnxRuntime.reason })]);
  }
  if (verdict === 'differ') {
    terminal.diagnostics([
      makeDiagnostic('DYB501', { node: model, hint: 'please report it with the model: this is our bug' }),
    ]);
    throw new EndedError(INTERNAL);
  }
  if (verdict === 'nothing compared') throw new EndedError(FAULT);
}

async function samplesFor(program: Program, options: Options): Promise<Samples> {
  const { input, samples } = options;
  if (input !== undefined) return readInput(input, program.input, options, samples);
  const count = samples ?? DEFAULT_SAMPLES;
  return { data: syntheticInputs(program, count), count };
}
