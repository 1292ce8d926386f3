/** Identifiers from any text: a model's names are hostile until they have been through here. */

const KEYWORDS = new Set(
  `alignas alignof and asm auto bool break case catch char class const continue default delete do double else enum explicit
  export extern false float for friend goto if inline int long main mutable namespace new not operator or private protected
  public register restrict return short signed sizeof static struct switch template this throw true try typedef typename union
  unsigned using virtual void volatile while xor`.split(/\s+/),
);

/** A lower-case C identifier of at most 48 characters made from any text: letters, digits, single underscores. */
export function identifier(text: string, fallback: string): string {
  const plain = text
    .slice(0, 400)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 48)
    .replace(/_+$/, '');
  const named = plain === '' ? fallback : /^[0-9]/.test(plain) ? `n${plain}` : plain;
  return KEYWORDS.has(named) ? `${named}_` : named;
}
