/**
 * Help that leads with examples, then usage, commands and options.
 *
 * Flows in: a commander command whose examples were given to `withExamples`. Flows out: its help text.
 */
import type { Command, Help } from 'commander';
import pc from 'picocolors';

export type Example = readonly [command: string, what: string];

const EXAMPLES = new WeakMap<Command, readonly Example[]>();

export function withExamples(command: Command, examples: readonly Example[]): Command {
  EXAMPLES.set(command, examples);
  return command;
}

export function formatHelp(command: Command, helper: Help): string {
  const heading = (text: string): string => helper.styleTitle(text);
  const examples = EXAMPLES.get(command) ?? [];
  const commands = helper.visibleCommands(command);
  const options = helper.visibleOptions(command);
  const args = helper.visibleArguments(command);
  const width = Math.max(
    ...options.map((o) => helper.optionTerm(o).length),
    ...args.map((a) => helper.argumentTerm(a).length),
    ...commands.map((c) => helper.subcommandTerm(c).length),
    0,
  );
  const items = (list: readonly (readonly [string, string])[]): string =>
    list.map(([term, text]) => helper.formatItem(term, width, text, helper)).join('\n');

  const blocks = [helper.boxWrap(command.description(), helper.helpWidth ?? 80)];
  if (examples.length > 0) {
    const longest = Math.max(...examples.map(([line]) => line.length));
    const lines = examples.map(([line, what]) => (what === '' ? `  ${line}` : `  ${line.padEnd(longest)}  ${what}`));
    blocks.push(`${heading('Examples')}\n${lines.join('\n')}`);
  }
  blocks.push(`${heading('Usage')}\n  ${helper.commandUsage(command)}`);
  if (args.length > 0) blocks.push(items(args.map((a) => [helper.argumentTerm(a), helper.argumentDescription(a)])));
  if (commands.length > 0) {
    const list = commands.map((c) => [helper.subcommandTerm(c), helper.subcommandDescription(c)] as const);
    blocks.push(`${heading('Commands')}\n${items(list)}`);
  }
  const groups = new Map<string, (readonly [string, string])[]>();
  for (const option of options) {
    const group = option.helpGroupHeading ?? 'Options';
    groups.set(group, [...(groups.get(group) ?? []), [helper.optionTerm(option), helper.optionDescription(option)]]);
  }
  for (const [group, list] of groups) blocks.push(`${heading(group)}\n${items(list)}`);
  return `${blocks.join('\n\n')}\n`;
}

export const HELP_STYLE = {
  sortSubcommands: false,
  subcommandTerm: (command: Command): string => command.name(),
  styleTitle: (text: string): string => pc.createColors(true).bold(text),
  formatHelp,
} as const;
