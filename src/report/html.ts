/**
 * HTML and SVG as values that cannot hold unescaped text by mistake: an Html is made by `element` (which escapes names and
 * numbers that it is given), by joining others, or by `trusted` for files of this package.
 */
export class Html {
  constructor(readonly markup: string) {}
  /** For ejs, which prints what it is given as text; the escape function of render-html.ts lets an Html pass. */
  toString(): string {
    return this.markup;
  }
}

export type Child = Html | string | number | null | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | null>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}

/** Markup written in this package, never a string from a model. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

export function join(children: Child): Html {
  return new Html(markupOf(children));
}

function markupOf(child: Child): string {
  if (child === null) return '';
  if (child instanceof Html) return child.markup;
  if (typeof child === 'string') return escapeHtml(child);
  if (typeof child === 'number') return numberText(child);
  return child.map(markupOf).join('');
}

/** Names of elements and attributes are ours; values and text may be anyone's. An attribute that is null is left out. */
export function element(tag: string, attributes: Attributes, ...children: Child[]): Html {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? numberText(value) : escapeHtml(String(value))}"`)
    .join('');
  const content = markupOf(children);
  return new Html(content === '' && VOID.has(tag) ? `<${tag}${list}/>` : `<${tag}${list}>${content}</${tag}>`);
}

/** Void in HTML, or drawn in SVG without content. */
const VOID = new Set(['br', 'col', 'rect', 'path', 'line', 'circle', 'use', 'polyline']);

/** A tenth of a pixel is enough. */
function numberText(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** JSON inside a script element: no `<`, so nothing in it can end the element or open another. */
export function scriptJson(value: unknown): Html {
  return new Html(
    JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
