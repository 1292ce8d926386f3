/** Our bug, told in one plain paragraph. */
import { safeText } from '../diagnostics/safe-text.js';
import { VERSION } from '../version.js';

export function renderInternalError(error: unknown, verbose: boolean): string {
  const what = safeText(error instanceof Error ? error.message.split('\n')[0]! : String(error), 300);
  const paragraph =
    `dybnn-compile ${VERSION} has hit a bug of its own: ${what === '' ? 'no message' : what}. This is not your model's fault. ` +
    `Please report it with the command that you typed, the model if you may share it, and what the same command says ` +
    `with --verbose.`;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return `${wrap(paragraph, 80)}\n${verbose && stack !== '' ? `\nnode ${process.version}, ${process.platform} ${process.arch}\n${stack}\n` : ''}`;
}

function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
