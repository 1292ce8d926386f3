/**
 * What goes wrong, said once and well: a stable code, the place, what was found, what is supported and what to do.
 *
 * Flows in: a problem found by a stage. Flows out: a Diagnostic (data). Rendering is render-diagnostic.ts's.
 * Keeps true: every error that is the model's, the data's or the user's fault is a DiagnosticError; anything else that
 * escapes is our bug (exit status 70).
 */

export type Severity = 'error' | 'warning';

export interface Diagnostic {
  readonly severity: Severity;
  /** Stable: DYB + three digits. The hundreds say the stage, see codes.ts. */
  readonly code: string;
  /** One line, no full stop. */
  readonly title: string;
  /** The node, file or option at fault, e.g. "/layer3/conv1 (Conv, opset 13)". */
  readonly node?: string;
  readonly found?: string;
  readonly supported?: string;
  readonly hint?: string;
  /** The last of a long list: it stands for so many that are left out. */
  readonly more?: number;
}

/** Thrown by a stage when it has collected all of its problems. Never empty. */
export class DiagnosticError extends Error {
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.severity}[${d.code}]: ${d.title}`).join('\n'));
    this.name = 'DiagnosticError';
  }
}

/** A hostile model can have a problem at each of a million nodes; nobody reads on from here. */
const MOST_KEPT = 1000;

/**
 * Collects a stage's problems; `throwIfAny` ends the stage with all of them at once. Warnings are kept, not thrown.
 *
 * Keeps true: of each severity at most MOST_KEPT are kept, and a last one says how many more there are.
 */
export class DiagnosticBag {
  private readonly kept: Diagnostic[] = [];
  private readonly counts: Record<Severity, number> = { error: 0, warning: 0 };

  error(
    code: DiagnosticCode,
    details: Omit<Diagnostic, 'severity' | 'code' | 'title'> & { readonly title?: string },
  ): void {
    this.add(makeDiagnostic(code, details));
  }

  add(diagnostic: Diagnostic): void {
    if (++this.counts[diagnostic.severity] <= MOST_KEPT) this.kept.push(diagnostic);
  }

  get warnings(): readonly Diagnostic[] {
    return [...this.kept.filter((d) => d.severity === 'warning'), ...this.rest('warning')];
  }

  get hasErrors(): boolean {
    return this.counts.error > 0;
  }

  get errorCount(): number {
    return this.counts.error;
  }

  throwIfAny(): void {
    if (this.hasErrors) throw new DiagnosticError([...this.kept, ...this.rest('warning'), ...this.rest('error')]);
  }

  private rest(severity: Severity): readonly Diagnostic[] {
    const more = this.counts[severity] - MOST_KEPT;
    if (more <= 0) return [];
    const { code } = this.kept.findLast((d) => d.severity === severity)!;
    return [{ severity, code, title: `and ${more} more`, more }];
  }
}

import { CODES, type DiagnosticCode } from './codes.js';

/** A Diagnostic with the code's own severity, and its own title unless another is given. */
export function makeDiagnostic(
  code: DiagnosticCode,
  details: Omit<Diagnostic, 'severity' | 'code' | 'title'> & { readonly title?: string },
): Diagnostic {
  const { severity, title } = CODES[code];
  return { severity, code, title, ...details };
}

/** Shorthand for the stage that can only say one thing and stop. */
export function fail(code: DiagnosticCode, details: Parameters<typeof makeDiagnostic>[1]): never {
  throw new DiagnosticError([makeDiagnostic(code, details)]);
}
