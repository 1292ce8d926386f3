/**
 * The command line as a whole: parses, runs one command, turns whatever happens into words and an exit status.
 *
 * Flows in: arguments and streams. Flows out: the exit status.
 * Keeps true: no stack trace reaches a user unless --verbose asked for it; nothing here ends the process.
 */
import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { DiagnosticError } from '../diagnostics/diagnostic.js';
import { safeText } from '../diagnostics/safe-text.js';
import { packageCommit } from '../host/package-root.js';
import { nearest } from '../text/suggest.js';
import { VERSION } from '../version.js';
import type { CommandContext } from './command-context.js';
import { addCompileCommand } from './commands/compile.js';
import { addCompletionCommand } from './commands/completion.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addInspectCommand } from './commands/inspect.js';
import { addMergeCommand } from './commands/merge.js';
import { addSimulateCommand } from './commands/simulate.js';
import { addVerifyCommand } from './commands/verify.js';
import {
  DONE,
  EndedError,
  type ExitStatus,
  INTERNAL,
  INTERRUPTED,
  InterruptedError,
  statusOf,
  USAGE,
  UsageError,
} from './exit-status.js';
import { HELP_STYLE } from './help.js';
import { renderInternalError } from './internal-error.js';
import { type CommonOptions, type Streams, Terminal } from './terminal.js';

/** In the order of the help. A command is one file and one line here. */
const COMMANDS = [
  addInspectCommand,
  addSimulateCommand,
  addVerifyCommand,
  addEvaluateCommand,
  addMergeCommand,
  addCompletionCommand,
];

export async function runCommandLine(args: readonly string[], streams: Streams): Promise<ExitStatus> {
  const terminal = new Terminal(streams, scanCommonOptions(args));
  const program = makeProgram({ terminal }, args);
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return USAGE;
    }
    checkHelpTopic(program, args);
    await program.parseAsync(args, { from: 'user' });
    return DONE;
  } catch (error) {
    return explain(error, terminal, helpTopic(program, args));
  }
}

function makeProgram(context: CommandContext, args: readonly string[]): Command {
  const { terminal } = context;
  const topic = (): string => helpTopic(program, args);
  const program: Command = new Command('dybnn-compile')
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .configureHelp(HELP_STYLE)
    .configureOutput({
      writeOut: terminal.streams.out,
      writeErr: terminal.streams.err,
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
      getOutHasColors: () => terminal.outColor,
      getErrHasColors: () => terminal.errColor,
      outputError: (text, write) => write(usageMessage(text, terminal.errColor, topic())),
    });
  const commit = packageCommit();
  program.version(commit === undefined ? VERSION : `${VERSION} (${commit})`, '--version', 'print the version');
  program.helpOption('-h, --help', 'print this help');
  program.helpCommand('help [command]', 'print the help of a command');
  addCompileCommand(program, context);
  for (const add of COMMANDS) add(program, context);
  for (const command of program.commands) command.allowExcessArguments(false);
  return program;
}

function explain(error: unknown, terminal: Terminal, topic: string): ExitStatus {
  if (error instanceof CommanderError) {
    // Help and version come as errors too. Messages have been written by commander.
    return error.exitCode === 0 ? DONE : USAGE;
  }
  if (error instanceof EndedError) return error.status;
  if (error instanceof UsageError) {
    const hint = error.hint === undefined ? '' : `${safeText(error.hint)}\n`;
    terminal.streams.err(usageMessage(`error: ${safeText(error.message)}\n${hint}`, terminal.errColor, topic));
    return USAGE;
  }
  if (error instanceof InterruptedError) {
    terminal.say(error.message);
    return INTERRUPTED;
  }
  if (error instanceof DiagnosticError) {
    terminal.diagnostics(error.diagnostics);
    if (terminal.options.json) terminal.streams.out(`${JSON.stringify({ diagnostics: error.diagnostics }, null, 2)}\n`);
    return statusOf(error.diagnostics);
  }
  terminal.streams.err(renderInternalError(error, terminal.options.verbose));
  return INTERNAL;
}

function usageMessage(text: string, color: boolean, topic: string): string {
  const c = pc.createColors(color);
  const plain = text.replace(/^error: /, '');
  return `${c.bold(c.red('error'))}: ${plain.trimEnd()}\nsee dybnn-compile ${topic}--help\n`;
}

/** "inspect " where that command was typed, else "". */
function helpTopic(program: Command, args: readonly string[]): string {
  const first = args.find((a) => !a.startsWith('-'));
  return program.commands.some((c) => c.name() === first) ? `${first} ` : '';
}

/** `help verfy` is a slip, not a wish for the help of everything. */
function checkHelpTopic(program: Command, [first, topic]: readonly string[]): void {
  const names = program.commands.map((c) => c.name());
  if (first !== 'help' || topic === undefined || topic.startsWith('-') || names.includes(topic)) return;
  const near = nearest(topic, names);
  throw new UsageError(
    `no command '${topic}'`,
    near === undefined ? undefined : `did you mean: dybnn-compile help ${near}`,
  );
}

/** The switches are read before commander does, because its own errors need them too. */
function scanCommonOptions(args: readonly string[]): CommonOptions {
  const end = args.indexOf('--');
  const seen = new Set(end < 0 ? args : args.slice(0, end));
  return {
    json: seen.has('--json'),
    quiet: seen.has('--quiet') || seen.has('-q'),
    verbose: seen.has('--verbose') || seen.has('-v'),
    color: !seen.has('--no-color'),
  };
}
