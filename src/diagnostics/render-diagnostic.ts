/**
 * Diagnostics as people read them:
 *
 *     error[DYB203]: unsupported grouping
 *       node       /layer3/conv1 (Conv, opset 13)
 *       found      group = 2
 *       supported  group = 1
 *       hint       re-export with groups=1
 *
 * Flows in: diagnostics. Flows out: text that ends in a line break, or '' for none.
 * Keeps true: whatever a file put into a field, only lines that we wrote begin at the left margin, and no control character
 * reaches the terminal.
 */
import pc from 'picocolors';
import { CODES, type DiagnosticCode } from './codes.js';
import type { Diagnostic } from './diagnostic.js';
import { safeText } from './safe-text.js';

export interface RenderOptions {
  readonly color: boolean;
  /** Diagnostics shown before "and N more". */
  readonly limit?: number;
}

const FIELDS = ['node', 'found', 'supported', 'hint'] as const;
const LABEL_WIDTH = Math.max(...FIELDS.map((f) => f.length)) + 2;
const MAX_LINES = 40;

export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  const limit = options.limit ?? 50;
  const blocks = diagnostics.slice(0, limit).map((d) => renderDiagnostic(d, options.color));
  const hidden = diagnostics.slice(limit).reduce((sum, d) => sum + (d.more ?? 1), 0);
  if (hidden > 0) blocks.push(`and ${hidden} more; --verbose shows more\n`);
  return blocks.join('\n');
}

function renderDiagnostic(diagnostic: Diagnostic, color: boolean): string {
  if (diagnostic.more !== undefined) return `and ${diagnostic.more} more\n`;
  const c = pc.createColors(color);
  const paint = diagnostic.severity === 'error' ? c.red : c.yellow;
  const code = safeText(diagnostic.code, 20);
  const lines = [
    `${c.bold(paint(`${diagnostic.severity}[${code}]`))}${c.bold(`: ${safeText(diagnostic.title, 200)}`)}`,
  ];
  const hint = diagnostic.hint ?? CODES[diagnostic.code as DiagnosticCode]?.cure;
  for (const field of FIELDS) {
    const value = field === 'hint' ? hint : diagnostic[field];
    if (value === undefined) continue;
    const [first = '', ...more] = safeLines(value);
    lines.push(
      `  ${c.dim(field.padEnd(LABEL_WIDTH))}${first}`,
      ...more.map((line) => `  ${' '.repeat(LABEL_WIDTH)}${line}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Several lines are allowed (a compiler's own message); each is indented below the first. */
function safeLines(value: string): string[] {
  const lines = value.replace(/\s+$/, '').split(/\r\n|\n/);
  const shown = lines.slice(0, MAX_LINES).map((line) => safeText(line.replace(/\t/g, '    ')));
  if (lines.length > MAX_LINES) shown.push(`… ${lines.length - MAX_LINES} more lines`);
  return shown;
}
