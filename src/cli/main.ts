#!/usr/bin/env node
/**
 * The executable: connects the command line to the process.
 *
 * A reader that goes away (`| head`) ends it quietly; Ctrl-C keeps its own effect, see host/cleanup.ts.
 */
import { INTERNAL } from './exit-status.js';
import { renderInternalError } from './internal-error.js';
import { runCommandLine } from './program.js';

const verbose = process.argv.includes('--verbose');

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    // 128 + SIGPIPE, what a C program's status would be.
    process.exit(141);
  });
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(renderInternalError(error, verbose));
    process.exit(INTERNAL);
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  outIsTerminal: process.stdout.isTTY === true,
  errIsTerminal: process.stderr.isTTY === true,
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  env: process.env,
});
