/** `#pragma HLS name option=value word`, as its name and options. */
import type { Item, Scope, Token } from './cpp-outline.js';
import { PRAGMAS } from './pragma-table.js';

export interface Parsed {
  readonly name: string;
  /** In order; a word that stands alone has no value. */
  readonly options: readonly { readonly option: string; readonly value: readonly Token[] | null }[];
}

/** `pipeline II = 1 rewind` is the name and [ii: 1, rewind]. A value is an expression: it ends where the next option begins. */
export function parsePragma(text: string): Parsed | null {
  const tokens: Token[] = [...text.matchAll(/[A-Za-z_]\w*|\d[\w.]*|"[^"]*"|::|->|[=!<>]=|&&|\|\||\S/g)].map((m) => ({
    text: m[0],
    line: 0,
  }));
  const name = tokens[0]?.text.toLowerCase();
  if (name === undefined || !/^[a-z_]/.test(name)) return null;
  const known = PRAGMAS[name]?.options ?? {};
  const options: { option: string; value: Token[] | null }[] = [];
  let depth = 0;
  for (let at = 1; at < tokens.length; at++) {
    const { text: word } = tokens[at]!;
    if (/^[([{]$/.test(word)) depth++;
    if (/^[)\]}]$/.test(word)) depth--;
    const isWord = /^[A-Za-z_]/.test(word) && depth === 0;
    const previous = tokens[at - 1]?.text ?? '';
    const operandExpected = at > 1 && /^([-+*/%&|^<>(,.!?:=]|::|->|[=!<>]=|&&|\|\|)$/.test(previous);
    const current = options.at(-1);
    if (isWord && tokens[at + 1]?.text === '=' && !operandExpected) {
      options.push({ option: word.toLowerCase(), value: [] });
      at++;
    } else if (
      isWord &&
      !operandExpected &&
      (current?.value === null || current === undefined || word.toLowerCase() in known || current.value.length > 0)
    ) {
      options.push({ option: word.toLowerCase(), value: null });
    } else if (current?.value !== null && current !== undefined) {
      current.value.push(tokens[at]!);
    } else {
      options.push({ option: word, value: null });
    }
  }
  return { name, options };
}

export const wordsOf = (tokens: readonly Token[]): string => tokens.map((t) => t.text).join('');

export const pragmaName = (item: Item): string | null =>
  item.kind === 'pragma' ? (parsePragma(item.text)?.name ?? null) : null;
export const hasPragma = (scope: Scope, name: string): boolean => scope.items.some((i) => pragmaName(i) === name);
export const isOff = (scope: Scope, name: string): boolean =>
  scope.items.some((i) => i.kind === 'pragma' && parsePragma(i.text)?.name === name && /\boff\b/i.test(i.text));
