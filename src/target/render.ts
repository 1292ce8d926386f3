/**
 * Templates -> text, by ejs, strictly: a field that the view lacks throws instead of printing nothing, and nothing is escaped
 * as HTML (the output is C; templates write <%- %>).
 */
import ejs from 'ejs';

export function render(template: string, view: object, templateName: string): string {
  if (template.includes('<%=')) throw new Error(`${templateName}: <%= escapes as HTML, use <%-`);
  return ejs.render(template, { view: strict(view, 'view') }, {
    strict: true,
    localsName: 'locals',
    _with: false,
    destructuredLocals: ['view'],
    filename: templateName,
  } as ejs.Options) as string;
}

/** A view whose absent fields throw. */
function strict<T extends object>(target: T, path: string): T {
  return new Proxy(target, {
    get(object, key, receiver) {
      if (typeof key === 'symbol') return Reflect.get(object, key, receiver);
      if (!(key in object)) throw new Error(`${path}.${key} is not in the view`);
      const value: unknown = Reflect.get(object, key, receiver);
      if (typeof value === 'function') return value.bind(object);
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? strict(value, `${path}.${key}`)
        : Array.isArray(value)
          ? value.map((v, i) => (typeof v === 'object' && v !== null ? strict(v, `${path}.${key}[${i}]`) : v))
          : value;
    },
  });
}
