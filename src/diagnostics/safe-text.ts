/**
 * Text from files on a terminal: names in a hostile model may hold escape sequences, line breaks or direction marks.
 *
 * Flows in: any string. Flows out: one line of printable characters, at most `limit` of them.
 */

/** Control, format (bidi, zero width), surrogate, private use, line and paragraph separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

export function safeText(text: string, limit = 1000): string {
  const short = text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`;
  return escapeUnsafe(short);
}

/** What may not reach a terminal, as `\\u....`. */
export function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}
