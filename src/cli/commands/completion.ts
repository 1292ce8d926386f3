/** `dybnn-compile completion bash|zsh|fish` */
import { Argument, type Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { completionModel } from '../completion/completion-model.js';
import { renderCompletion, SHELLS, type Shell } from '../completion/render-completion.js';
import { withExamples } from '../help.js';

export function addCompletionCommand(program: Command, { terminal }: CommandContext): void {
  const command = program
    .command('completion')
    .description('Prints a script that completes commands and options in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices([...SHELLS]));
  withExamples(command, [
    ['source <(dybnn-compile completion bash)', 'in ~/.bashrc'],
    ['source <(dybnn-compile completion zsh)', 'in ~/.zshrc'],
    ['dybnn-compile completion fish > ~/.config/fish/completions/dybnn-compile.fish', ''],
  ]);
  command.action((shell: Shell) => terminal.streams.out(renderCompletion(shell, completionModel(program))));
}
