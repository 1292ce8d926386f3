/** docs/guide/diagnostics.md from the table of codes. `npx tsx test/docs/diagnostics-page.ts` writes it anew. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES, type CodeEntry } from '../../src/diagnostics/codes.js';

export const DIAGNOSTICS_PAGE = join(import.meta.dirname, '..', '..', 'docs', 'guide', 'diagnostics.md');

const STAGES: readonly (readonly [string, string])[] = [
  ['0', 'Files and data'],
  ['1', 'Reading ONNX'],
  ['2', 'What the graph holds'],
  ['3', 'Recognising the network'],
  ['4', 'Making the project'],
  ['5', 'simulate, verify, evaluate'],
];

export function diagnosticsPage(): string {
  const entries: [string, CodeEntry][] = Object.entries(CODES);
  const sections = STAGES.map(([digit, title]) => {
    const rows = entries
      .filter(([code]) => code[3] === digit)
      .map(
        ([code, e]) =>
          `### ${code}: ${e.title}\n\n${e.severity === 'warning' ? 'A warning. ' : ''}${e.cause} ${e.cure}\n`,
      );
    return `## ${title}\n\n${rows.join('\n')}`;
  });
  return `# Diagnostics\n\nCodes are stable: they keep their meaning and are never used again for another.\n\n${sections.join('\n')}`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(DIAGNOSTICS_PAGE, diagnosticsPage());
