/**
 * The command line as data for shells: flows in commander's own tree, so that completion never lags behind the options.
 */
import type { Command } from 'commander';

export interface CompletedOption {
  /** "--output", "-o". */
  readonly flags: readonly string[];
  readonly description: string;
  readonly value: 'none' | 'file' | 'folder' | 'other' | readonly string[];
}

export interface CompletedCommand {
  /** '' is the command without a name. */
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
}

export function completionModel(program: Command): readonly CompletedCommand[] {
  return [program, ...program.commands].map((command) => ({
    name: command === program ? '' : command.name(),
    description: command.description(),
    options: [
      ...command.options.map(
        (o): CompletedOption => ({
          flags: [o.long, o.short].filter((f) => f !== undefined && f !== null),
          description: o.description,
          value: o.required || o.optional ? (o.argChoices ?? valueKind(o.flags)) : 'none',
        }),
      ),
      { flags: ['--help', '-h'], description: 'print this help', value: 'none' },
    ],
  }));
}

/** By what the help calls the value: <FILE>, <DIR>, <PATH>. */
function valueKind(flags: string): 'file' | 'folder' | 'other' {
  if (/<(FILE|PATH)>/.test(flags)) return 'file';
  return /<DIR>/.test(flags) ? 'folder' : 'other';
}
