/**
 * Templates -> HTML, by ejs, strictly: `<%=` is the only way to print and it escapes; what is markup must be an Html. A template
 * with `<%-` is refused, so that nobody can forget.
 *
 * Flows in: a template and a view. Flows out: text. Keeps true: a field that the view lacks throws.
 */
import ejs from 'ejs';
import { escapeHtml, Html } from './html.js';

type Printable = Html | string | number;
export type HtmlView = Readonly<Record<string, Printable>>;

export function renderHtml(template: string, view: HtmlView, templateName: string): string {
  if (template.includes('<%-')) throw new Error(`${templateName}: <%- does not escape, use <%=`);
  return ejs.render(template, { view: strict(view, templateName) }, {
    strict: true,
    _with: false,
    localsName: 'locals',
    destructuredLocals: ['view'],
    filename: templateName,
    escape: (value: unknown) => escapePrinted(value, templateName),
  } as ejs.Options) as string;
}

function escapePrinted(value: unknown, templateName: string): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  throw new Error(`${templateName}: printed something that is neither text, number nor Html`);
}

function strict(view: HtmlView, templateName: string): HtmlView {
  return new Proxy(view, {
    get(object, key, receiver): unknown {
      if (typeof key === 'string' && !Object.hasOwn(object, key))
        throw new Error(`${templateName}: no ${key} in the view`);
      return Reflect.get(object, key, receiver);
    },
  });
}
