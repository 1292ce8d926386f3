/** Tools of this machine that tests of the hardware back end run, where they are there; a test that lacks one says so and is skipped. */
import { execFileSync } from 'node:child_process';

export const CXX = process.env.CXX?.trim() || 'g++';
export const CC = process.env.CC?.trim() || 'cc';

function works(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function firstThat(check: (command: string) => boolean, commands: readonly (string | undefined)[]): string | null {
  return commands.find((c): c is string => c !== undefined && c !== '' && check(c)) ?? null;
}

/** Prints why a group of tests is skipped. */
export function missing(what: string, found: boolean | string | null): boolean {
  if (found) return false;
  console.warn(`skipped: no ${what}`);
  return true;
}

export const hasCxx = works(CXX, '--version') && works(CC, '--version') && works('make', '--version');
export const tclsh = firstThat((c) => works('sh', '-c', `echo 'exit 0' | ${c}`), ['tclsh', 'tclsh8.6']);
export const python = firstThat((c) => works(c, '-c', 'pass'), [process.env.PYTHON, 'python3']);
/** A Python that has numpy. */
export const numpy = firstThat((c) => works(c, '-c', 'import numpy'), [process.env.PYTHON, 'python3']);
