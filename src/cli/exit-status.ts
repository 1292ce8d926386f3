/** How a run ends, for the shell. */
import type { Diagnostic } from '../diagnostics/diagnostic.js';

export const DONE = 0;
/** The model or the data is at fault; a diagnostic says how. */
export const FAULT = 1;
/** The command was not understood. */
export const USAGE = 2;
/** Our bug (EX_SOFTWARE of sysexits.h). */
export const INTERNAL = 70;

/** Ctrl-C: 128 + SIGINT. */
export const INTERRUPTED = 130;

export type ExitStatus = typeof DONE | typeof FAULT | typeof USAGE | typeof INTERNAL | typeof INTERRUPTED;

/** Diagnostics about what was typed, not about a file. */
const ABOUT_OPTIONS = new Set(['DYB402', 'DYB403', 'DYB407', 'DYB411']);

export function statusOf(diagnostics: readonly Diagnostic[]): ExitStatus {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  return errors.every((d) => ABOUT_OPTIONS.has(d.code)) ? USAGE : FAULT;
}

/** Wrong usage that commander cannot see. `hint`: what to type instead. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A long run was stopped by Ctrl-C, after it kept what it had done. */
export class InterruptedError extends Error {}

/** A command that has said everything already and only has its status left. */
export class EndedError extends Error {
  constructor(readonly status: ExitStatus) {
    super('');
  }
}
