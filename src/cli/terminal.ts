/**
 * Where a command's words go. Reports go to standard output, everything else to standard error.
 *
 * Flows in: the process's streams, or a test's. Flows out: text, coloured only where someone looks at it.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { renderDiagnostics } from '../diagnostics/render-diagnostic.js';

export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Of the terminal behind standard output. */
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The switches that every command has. */
export interface CommonOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

export class Terminal {
  constructor(
    readonly streams: Streams,
    readonly options: CommonOptions,
  ) {}

  get errColor(): boolean {
    return this.usesColor(this.streams.errIsTerminal);
  }

  get outColor(): boolean {
    return this.usesColor(this.streams.outIsTerminal);
  }

  /** Columns that a report may use. */
  get width(): number {
    const asked = Number.parseInt(this.streams.env.COLUMNS ?? '', 10);
    // A terminal that nobody sized has 0.
    const columns = this.streams.columns || (asked > 0 ? asked : 80);
    return Math.max(40, Math.min(columns, 200));
  }

  /** A report, for people or for programs. */
  report(text: () => string, data: () => unknown): void {
    this.streams.out(this.options.json ? `${JSON.stringify(data(), null, 2)}\n` : text());
  }

  /** What went well. */
  say(text: string): void {
    if (!this.options.quiet) this.streams.err(`${text}\n`);
  }

  /** What only a curious reader wants. */
  detail(text: string): void {
    if (this.options.verbose && !this.options.quiet) this.streams.err(`${text}\n`);
  }

  warn(diagnostics: readonly Diagnostic[]): void {
    if (!this.options.quiet) this.diagnostics(diagnostics);
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length === 0) return;
    const limit = this.options.verbose ? { limit: Number.POSITIVE_INFINITY } : {};
    this.streams.err(renderDiagnostics(diagnostics, { color: this.errColor, ...limit }));
  }

  private usesColor(isTerminal: boolean): boolean {
    const { env } = this.streams;
    if (!this.options.color || (env.NO_COLOR !== undefined && env.NO_COLOR !== '')) return false;
    if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0') return true;
    return isTerminal && env.TERM !== 'dumb';
  }
}
