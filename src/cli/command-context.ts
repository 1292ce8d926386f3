/** What every command is given, and the options that every command has. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Terminal } from './terminal.js';

export interface CommandContext {
  readonly terminal: Terminal;
}

export function addCommonOptions(command: Command): Command {
  const options = [
    new Option('--json', 'the report as JSON on standard output'),
    new Option('-q, --quiet', 'nothing but errors'),
    new Option('-v, --verbose', 'more words, and the stack trace of a bug'),
    new Option('--no-color', 'no colours (as with NO_COLOR=1)'),
  ];
  for (const option of options) command.addOption(option.helpGroup('Output'));
  return command;
}

/** For options that take a whole number from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least)) throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
    return value;
  };
}
