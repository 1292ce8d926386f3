/** `dybnn-compile inspect MODEL.onnx` */
import type { Command } from 'commander';
import { countExternal } from '../../host/read-model.js';
import { inspectProgram } from '../../inspect/inspect-program.js';
import { samplesWord, saturationWarnings } from '../../simulate/saturation-warnings.js';
import { simulateSamples } from '../../simulate/simulate-samples.js';
import { addCommonOptions, type CommandContext } from '../command-context.js';
import { withExamples } from '../help.js';
import { addInputOptions, checkPictureOptions } from '../input-options.js';
import { addModelOptions, buildModel, type ModelOptions, openModel } from '../model-options.js';
import { renderInspect } from '../render-inspect.js';

export function addInspectCommand(program: Command, { terminal }: CommandContext): void {
  const command = program
    .command('inspect')
    .description('What a network is and what it costs, layer by layer.')
    .argument('<MODEL.onnx>', 'the trained network');
  addModelOptions(command);
  addInputOptions(command);
  addCommonOptions(command);
  withExamples(command, [
    ['dybnn-compile inspect net.onnx', 'a table for your terminal'],
    ['dybnn-compile inspect net.onnx --numeric fixed16 --calibrate val/ --resize 256', ''],
    ['dybnn-compile inspect net.onnx --json | jq .totals', 'the same for programs'],
  ]);
  command.action(async (path: string, options: ModelOptions) => {
    checkPictureOptions(options, [options.calibrate]);
    const { file, front } = openModel(path, options);
    const external = countExternal(file);
    const reading = { ...front, readExternal: external.file.readExternal };
    const built = await buildModel(file.bytes, reading, options, terminal);
    const { calibration, program } = built;
    // With inputs at hand, what they clip is counted as well.
    const ran = calibration === null ? null : simulateSamples(program, calibration);
    const where = samplesWord(built.numbers?.samples ?? 0);
    const saturated =
      ran === null ? {} : { saturated: { counts: ran.saturated, where: `${where} of the calibration` } };
    const report = inspectProgram({ modelName: file.modelName, ...built, ...saturated });
    terminal.warn([...built.warnings, ...saturationWarnings(ran?.saturated ?? new Map(), where)]);
    terminal.report(
      () =>
        renderInspect(report, {
          width: terminal.width,
          color: terminal.outColor,
          everyStep: terminal.options.verbose,
          fileBytes: file.bytes.length + external.bytes(),
        }),
      () => report,
    );
  });
}
