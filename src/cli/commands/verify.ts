/** `dybnn-compile verify MODEL.onnx [--input X]` */
import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Samples } from '../../arrays/samples.js';
import { makeDiagnostic } from '../../diagnostics/diagnostic.js';
import { findCCompiler } from '../../host/c-compiler.js';
import { loadAssets } from '../../host/load-assets.js';
import { findOnnxRuntime } from '../../host/onnx-runtime.js';
import { buildProgram } from '../../pipeline.js';
import type { Program } from '../../program/program.js';
import { syntheticInputs } from '../../target/golden.js';
import { verifyModel } from '../../verify/verify-model.js';
import { addCommonOptions, type CommandContext, wholeNumber } from '../command-context.js';
import { EndedError, FAULT, INTERNAL } from '../exit-status.js';
import { withExamples } from '../help.js';
import { addInputOptions, type InputOptions, readInput, refusePictureOptions } from '../input-options.js';
import { addModelOptions, frontEndOptions, type ModelOptions } from '../model-options.js';
import { renderVerify } from '../render-verify.js';

const DEFAULT_SAMPLES = 2;

interface Options extends ModelOptions, InputOptions {
  readonly input?: string;
  readonly samples?: number;
  /** --no-c */
  readonly c: boolean;
  /** --no-onnx */
  readonly onnx: boolean;
}

export function addVerifyCommand(program: Command, { terminal }: CommandContext): void {
  const command = program
    .command('verify')
    .description('The simulator, the generated C and ONNX Runtime side by side, layer by layer.')
    .argument('<MODEL.onnx>', 'the trained network')
    .option('-i, --input <FILE>', 'samples: .npy, raw float32, a picture, or IDX pictures; left out: made-up ones')
    .addOption(
      new Option(
        '--samples <N>',
        `how many to make up (default: ${DEFAULT_SAMPLES}), or to take of --input (default: all)`,
      ).argParser(wholeNumber(1)),
    )
    .option('--no-c', 'leave the generated C out')
    .option('--no-onnx', 'leave ONNX Runtime out');
  addInputOptions(command);
  addModelOptions(command);
  addCommonOptions(command);
  withExamples(command, [
    ['dybnn-compile verify net.onnx', 'made-up samples'],
    ['dybnn-compile verify net.onnx -i x.npy', 'samples of yours'],
    ['dybnn-compile verify net.onnx -i cat.jpg --resize 256', 'a picture'],
    ['dybnn-compile verify net.onnx --json', 'for programs'],
  ]);
  command.action(async (path: string, options: Options) => {
    const { file, front } = frontEndOptions(path, options);
    const external = new Set<string>();
    const { readExternal } = file;
    const built = buildProgram(file.bytes, {
      ...front,
      readExternal: (location, offset, length) => {
        external.add(location);
        return readExternal(location, offset, length);
      },
    });
    terminal.warn(built.warnings);
    const given = await samplesFor(built.program, options);
    const report = await verifyModel({
      modelName: file.modelName,
      bytes: file.bytes,
      built,
      samples: { ...given, words: options.input ?? 'made up' },
      onnxRuntime: options.onnx
        ? await findOnnxRuntime({ folder: dirname(resolve(path)), externalFiles: [...external], onnx: built.onnx })
        : { absent: '--no-onnx' },
      compiler: options.c ? findCCompiler(loadAssets(), terminal.streams.env) : { absent: '--no-c' },
      progress: (words) => terminal.detail(words),
    });
    terminal.report(
      () => renderVerify(report, { width: terminal.width, color: terminal.outColor }),
      () => report,
    );
    const { onnxRuntime } = report;
    if (onnxRuntime.status === 'absent' && options.onnx) {
      terminal.warn([makeDiagnostic('DYB502', { title: 'not compared with ONNX Runtime', found: onnxRuntime.reason })]);
    }
    if (report.verdict === 'differ') {
      terminal.diagnostics([
        makeDiagnostic('DYB501', { node: file.modelName, hint: 'please report it with the model: this is our bug' }),
      ]);
      throw new EndedError(INTERNAL);
    }
    if (report.verdict === 'nothing compared') throw new EndedError(FAULT);
  });
}

async function samplesFor(program: Program, options: Options): Promise<Samples> {
  const { input, samples } = options;
  if (input !== undefined) return readInput(input, program.input, options, samples);
  refusePictureOptions(options, null);
  const count = samples ?? DEFAULT_SAMPLES;
  return { data: syntheticInputs(program, count), count };
}
