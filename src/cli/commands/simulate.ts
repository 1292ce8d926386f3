/** `dybnn-compile simulate MODEL.onnx --input X --output Y` */
import { type Command, Option } from 'commander';
import { sampleSize } from '../../arrays/samples.js';
import { topIndices } from '../../evaluate/top-indices.js';
import { writeArray } from '../../host/arrays.js';
import { OutputFolder } from '../../host/output-folder.js';
import { samplesWord, saturationWarnings } from '../../simulate/saturation-warnings.js';
import { simulateSamples } from '../../simulate/simulate-samples.js';
import { traceFiles } from '../../simulate/trace-files.js';
import { addCommonOptions, type CommandContext, wholeNumber } from '../command-context.js';
import { withExamples } from '../help.js';
import { addInputOptions, checkPictureOptions, readInput } from '../input-options.js';
import { addModelOptions, buildModel, type ModelOptions, openModel } from '../model-options.js';

interface Options extends ModelOptions {
  readonly input: string;
  readonly samples?: number;
  readonly output?: string;
  readonly dump?: string;
}

export function addSimulateCommand(program: Command, { terminal }: CommandContext): void {
  const command = program
    .command('simulate')
    .description('The bit-exact simulator: what it computes is what the generated code computes.')
    .argument('<MODEL.onnx>', 'the trained network')
    .requiredOption('-i, --input <FILE>', '.npy, raw little-endian float32, a picture, IDX or a folder of pictures')
    .addOption(new Option('--samples <N>', 'only the first N (default: all)').argParser(wholeNumber(1)))
    .option('-o, --output <FILE>', '.npy or raw; left out: the five largest outputs are printed')
    .option('--dump <DIR>', 'what every step leaves behind, as .npy files in channels-first order');
  addInputOptions(command);
  addModelOptions(command);
  addCommonOptions(command);
  withExamples(command, [
    ['dybnn-compile simulate net.onnx -i x.npy -o y.npy', ''],
    ['dybnn-compile simulate net.onnx -i cat.jpg --resize 256 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225', ''],
    ['dybnn-compile simulate net.onnx -i x.npy --dump steps', ''],
    ['dybnn-compile simulate net.onnx -i x.npy --numeric fixed16 --calibrate val/ --resize 256', ''],
  ]);
  command.action(async (path: string, options: Options) => {
    checkPictureOptions(options, [options.input, options.calibrate]);
    const { file, front } = openModel(path, options);
    const { program: network, warnings } = await buildModel(file.bytes, front, options, terminal);
    terminal.warn(warnings);
    const input = await readInput(options.input, network.input, options, options.samples);
    const folder = options.dump === undefined ? null : new OutputFolder(options.dump);
    try {
      const result = simulateSamples(network, input.data, (sample) =>
        folder === null ? undefined : traceFiles(network, sample, (name, bytes) => folder.write(name, bytes)),
      );
      folder?.commit();
      if (options.output !== undefined) writeArray(options.output, result.shape, result.output);
      const ties = [...result.ties].map(([step, count]) => ({ step, count }));
      const size = sampleSize(network.output);
      terminal.report(
        () => (options.output === undefined ? topText(result.output, size) : ''),
        () => ({
          samples: input.count,
          shape: result.shape,
          output: options.output ?? [...result.output],
          ties,
          notFinite: result.notFinite,
          saturated: [...result.saturated].map(([step, count]) => ({ step, count })),
        }),
      );
      if (result.notFinite.length > 0) {
        terminal.warn([
          {
            severity: 'warning',
            code: 'DYB005',
            title: 'a step left the finite numbers',
            node: result.notFinite[0]!,
            found: `${result.notFinite.length} steps with an overflow`,
            supported: 'values that float32 can hold',
            hint: 'look at the scale of the input: results from here on are outside the contract',
          },
        ]);
      }
      terminal.warn(saturationWarnings(result.saturated, samplesWord(input.count)));
      const total = ties.reduce((sum, t) => sum + t.count, 0);
      terminal.detail(`${input.count} samples; a value met its threshold exactly ${total} times`);
      for (const t of ties) terminal.detail(`  ${t.step}: ${t.count}`);
      if (network.numeric === 'fixed16' && result.saturated.size === 0)
        terminal.detail('nothing was clipped to 16 bits');
      if (options.output !== undefined) terminal.say(`wrote ${options.output}: float32 [${result.shape.join(', ')}]`);
      if (options.dump !== undefined) terminal.say(`wrote ${options.dump}`);
    } finally {
      folder?.discard();
    }
  });
}

/** "0: class 3 (9.1), …": one line a sample. */
function topText(output: Float32Array, size: number): string {
  const lines: string[] = [];
  for (let s = 0; s * size < output.length; s++) {
    const one = output.subarray(s * size, (s + 1) * size);
    lines.push(
      `${s}: ${topIndices(one, 5)
        .map((i) => `${i} (${one[i]!.toPrecision(4)})`)
        .join('  ')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
