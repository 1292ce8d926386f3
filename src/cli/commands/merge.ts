/** `dybnn-compile merge RESULTS.json...` */
import type { Command } from 'commander';
import { mergeEvaluations } from '../../evaluate/merge-evaluations.js';
import { parseEvaluation } from '../../evaluate/parse-evaluation.js';
import { writeUserFile } from '../../host/arrays.js';
import { readUserFile } from '../../host/read-file.js';
import { addCommonOptions, type CommandContext } from '../command-context.js';
import { withExamples } from '../help.js';
import { report } from './evaluate.js';

export function addMergeCommand(program: Command, { terminal }: CommandContext): void {
  const command = program
    .command('merge')
    .description('Puts the results of evaluate --shard together.')
    .argument('<RESULTS.json...>', 'files that evaluate --results wrote')
    .option('-o, --output <FILE>', 'write them as one file');
  addCommonOptions(command);
  withExamples(command, [['dybnn-compile merge part-*.json', '']]);
  command.action((files: readonly string[], options: { readonly output?: string }) => {
    const parts = files.map((name) => ({
      name,
      evaluation: parseEvaluation(new TextDecoder().decode(readUserFile(name)), name),
    }));
    const whole = mergeEvaluations(parts);
    if (options.output !== undefined) writeUserFile(options.output, `${JSON.stringify(whole)}\n`);
    const missing = whole.total - whole.samples.length;
    if (missing > 0) terminal.say(`${missing} of ${whole.total} samples are missing`);
    report(whole, terminal);
  });
}
