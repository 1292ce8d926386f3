/** What is wrong, where, and what to do; and how a rule says so. */
import type { Program } from './names.js';

export type PragmaProblemRule =
  | 'unknown-pragma'
  | 'unknown-option'
  | 'missing-option'
  | 'option-value'
  | 'conflict'
  | 'placement'
  | 'unknown-name'
  | 'loop-bound'
  | 'recursion'
  | 'no-hardware';

export interface PragmaProblem {
  readonly path: string;
  readonly line: number;
  readonly rule: PragmaProblemRule;
  readonly what: string;
  readonly hint: string;
}

export type Report = (line: number, rule: PragmaProblemRule, what: string, hint: string) => void;
export interface Context {
  readonly program: Program;
  readonly report: Report;
  readonly top: string | null;
}
