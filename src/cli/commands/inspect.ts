/** `dybnn-compile inspect MODEL.onnx` */
import type { Command } from 'commander';
import { countExternal } from '../../host/read-model.js';
import { inspectProgram } from '../../inspect/inspect-program.js';
import { buildProgram } from '../../pipeline.js';
import { addCommonOptions, type CommandContext } from '../command-context.js';
import { withExamples } from '../help.js';
import { addModelOptions, frontEndOptions, type ModelOptions } from '../model-options.js';
import { renderInspect } from '../render-inspect.js';

export function addInspectCommand(program: Command, { terminal }: CommandContext): void {
  const command = program
    .command('inspect')
    .description('What a network is and what it costs, layer by layer.')
    .argument('<MODEL.onnx>', 'the trained network');
  addModelOptions(command);
  addCommonOptions(command);
  withExamples(command, [
    ['dybnn-compile inspect net.onnx', 'a table for your terminal'],
    ['dybnn-compile inspect net.onnx --json | jq .totals', 'the same for programs'],
  ]);
  command.action((path: string, options: ModelOptions) => {
    const { file, front } = frontEndOptions(path, options);
    const external = countExternal(file);
    const built = buildProgram(file.bytes, { ...front, readExternal: external.file.readExternal });
    const report = inspectProgram({ modelName: file.modelName, ...built });
    terminal.warn(built.warnings);
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
