/**
 * Just enough of C++ to know what a pragma is attached to.
 *
 * In: the text of a file. Out: its scopes (functions, loops, classes, blocks) with the statements, pragmas and names in each, in order. What
 * only simulation sees is left out: `__SYNTHESIS__` is defined, the macros given as simulation's are not. Of other conditionals the first branch
 * is taken. It keeps true: every `#pragma HLS` that the synthesiser sees is in the outline, with its line.
 *
 * It reads code that compiles; of code that does not it says something, and ends.
 */

export interface Token {
  readonly text: string;
  readonly line: number;
}

export interface PragmaItem {
  readonly kind: 'pragma';
  /** What follows `#pragma HLS`. */
  readonly text: string;
  readonly line: number;
  /** Not in a scope of its own: between a loop's header and its brace, or inside a statement. */
  readonly detached: boolean;
}
export interface Statement {
  readonly kind: 'statement';
  readonly tokens: readonly Token[];
  readonly line: number;
  /** Loops without braces around this statement, outermost first. */
  readonly loops: readonly Loop[];
}
export interface Loop {
  readonly word: 'for' | 'while' | 'do';
  readonly line: number;
  /** What is between the parentheses. */
  readonly header: readonly Token[];
}
export type ScopeKind =
  | 'file'
  | 'namespace'
  | 'class'
  | 'enum'
  | 'function'
  | 'loop'
  | 'conditional'
  | 'block'
  | 'lambda';
export interface Scope {
  readonly kind: ScopeKind;
  readonly name: string;
  readonly line: number;
  readonly head: readonly Token[];
  /** Of a function: what it takes. */
  readonly parameters: readonly Declaration[];
  /** Of a function or a class: template parameters that are values. */
  readonly templateValues: readonly string[];
  readonly bases: readonly string[];
  /** The loop of a loop's body. */
  readonly loop: Loop | null;
  /** Loops without braces around this scope, outermost first. */
  readonly outerLoops: readonly Loop[];
  readonly items: readonly Item[];
}
export type Item = PragmaItem | Statement | Scope;

export interface Declaration {
  readonly name: string;
  readonly line: number;
  readonly isConstexpr: boolean;
  readonly isConst: boolean;
  readonly initializer: readonly Token[];
}

export interface Outline {
  readonly path: string;
  readonly root: Scope;
  /** Object-like macros that stand for something. */
  readonly macros: readonly string[];
}

export function outlineOf(path: string, text: string, simulationMacros: readonly string[]): Outline {
  const { tokens, macros } = read(text, simulationMacros);
  const reader: Reader = { tokens, at: 0 };
  const items: Item[] = [];
  while (reader.at < tokens.length) {
    items.push(...parseItems(reader, 'file'));
    reader.at++; // a brace too many
  }
  return { path, root: scope('file', path, 1, { items }), macros };
}

// ---------------------------------------------------------------- lines and tokens

/** A token, or a whole pragma where `pragma` is set. */
interface Read extends Token {
  readonly pragma?: true;
}

/** Comments become spaces; lines stay where they are. */
function withoutComments(text: string): string {
  return text.replace(/\/\/(?:\\\n|[^\n])*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'/g, (found) =>
    found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found,
  );
}

const TOKEN =
  /[A-Za-z_]\w*|\.?\d(?:[\w.']|[eEpP][+-])*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])+'|::|->|\+\+|--|[-+*/%&|^=!<>]=|&&|\|\||<<|\.\.\.|\S/g;

function read(text: string, simulationMacros: readonly string[]) {
  const tokens: Read[] = [];
  const macros: string[] = [];
  /** For each open #if: whether its lines count, and whether one of its branches was taken. */
  const open: { live: boolean; taken: boolean }[] = [];
  const live = (): boolean => open.every((o) => o.live);
  const lines = withoutComments(text).split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    let whole = lines[at] ?? '';
    while (whole.trimEnd().endsWith('\\') && at + 1 < lines.length) {
      at++;
      whole = `${whole.trimEnd().slice(0, -1)} ${lines[at]}`;
    }
    const directive = /^\s*#\s*(\w+)\s*(.*)$/.exec(whole);
    if (directive === null) {
      if (live()) for (const found of whole.matchAll(TOKEN)) tokens.push({ text: found[0], line });
      continue;
    }
    const [, word = '', rest = ''] = directive;
    const top = open.at(-1);
    if (word === 'if' || word === 'ifdef' || word === 'ifndef') {
      const holds = conditionHolds(word, rest, simulationMacros);
      open.push({ live: holds, taken: holds });
    } else if ((word === 'elif' || word === 'else') && top !== undefined) {
      const holds = !top.taken && (word === 'else' || conditionHolds('if', rest, simulationMacros));
      open[open.length - 1] = { live: holds, taken: top.taken || holds };
    } else if (word === 'endif') {
      open.pop();
    } else if (live()) {
      const pragma = word === 'pragma' ? /^HLS\b\s*(.*)$/i.exec(rest.trim()) : null;
      if (pragma !== null) tokens.push({ text: pragma[1] ?? '', line, pragma: true });
      const macro = word === 'define' ? /^(\w+)(?:\s+\S|$)/.exec(rest) : null;
      if (macro?.[1] !== undefined && !/^\w+\(/.test(rest) && /\s\S/.test(rest)) macros.push(macro[1]);
    }
  }
  return { tokens, macros };
}

function conditionHolds(word: string, rest: string, simulationMacros: readonly string[]): boolean {
  const text = rest.trim();
  const name = word === 'if' ? /^(!?)\s*defined\s*\(?\s*(\w+)\s*\)?$/.exec(text) : /^()(\w+)/.exec(text);
  if (name === null) return text !== '0';
  const negated = word === 'ifndef' || name[1] === '!';
  if (name[2] === '__SYNTHESIS__') return !negated;
  if (simulationMacros.includes(name[2] ?? '')) return negated;
  return true;
}

// ---------------------------------------------------------------- scopes

interface Reader {
  readonly tokens: readonly Read[];
  at: number;
}

const OPEN = new Set(['(', '[']);
const CLOSE = new Set([')', ']']);

function scope(kind: ScopeKind, name: string, line: number, rest: Partial<Scope>): Scope {
  const none = { parameters: [], templateValues: [], bases: [], loop: null, outerLoops: [], items: [], head: [] };
  return { ...none, kind, name, line, ...rest };
}

/** Everything up to the brace that closes the scope; the reader stays on that brace. */
function parseItems(reader: Reader, inside: ScopeKind): readonly Item[] {
  const items: Item[] = [];
  let head: Token[] = [];
  let depth = 0;
  const pragma = (token: Token, detached: boolean): PragmaItem => ({
    kind: 'pragma',
    text: token.text,
    line: token.line,
    detached,
  });
  for (; reader.at < reader.tokens.length; reader.at++) {
    const token = reader.tokens[reader.at]!;
    if (token.pragma === true) {
      items.push(pragma(token, head.length > 0));
    } else if (token.text === '{') {
      const opened = classify(head, depth, inside);
      reader.at++;
      const inner = parseItems(reader, opened?.kind ?? 'block');
      if (opened === null) {
        // An initializer goes on as part of its statement; lambdas and pragmas in it are kept.
        head.push(token, ...inner.flatMap((i) => (i.kind === 'statement' ? i.tokens : [])), closing(reader, token));
        items.push(...inner.filter((i) => i.kind !== 'statement'));
      } else {
        items.push({ ...opened, items: inner, line: opened.line || token.line });
        if (opened.kind === 'lambda') head.push({ text: '{}', line: token.line });
        else head = [];
      }
    } else if (token.text === '}') {
      if (depth === 0) break;
    } else if (token.text === ';' && depth === 0) {
      if (head.length > 0) items.push(statement(head));
      head = [];
    } else if (token.text === ':' && depth === 0 && isLabel(head, inside)) {
      head = [];
    } else {
      if (OPEN.has(token.text)) depth++;
      if (CLOSE.has(token.text)) depth--;
      head.push(token);
    }
  }
  if (head.length > 0) items.push(statement(head));
  return items;
}

function closing(reader: Reader, otherwise: Token): Token {
  return { text: '}', line: (reader.tokens[reader.at] ?? otherwise).line };
}

function isLabel(head: readonly Token[], inside: ScopeKind): boolean {
  const first = head[0]?.text ?? '';
  if (first === 'case' || first === 'default') return true;
  if (inside === 'class') return ['public', 'private', 'protected'].includes(first);
  return head.length === 1 && /^[A-Za-z_]\w*$/.test(first) && inside !== 'file' && inside !== 'namespace';
}

function statement(head: readonly Token[]): Statement {
  const { rest, loops } = peelControls(head);
  return { kind: 'statement', tokens: rest, line: head[0]!.line, loops };
}

/** The index after the bracket that closes the one at `open`. */
function afterBracket(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (OPEN.has(tokens[at]!.text)) depth++;
    if (CLOSE.has(tokens[at]!.text) && --depth === 0) return at + 1;
  }
  return tokens.length;
}

/** Takes `for (...)`, `if (...)`, `else` and the like off the front. */
function peelControls(head: readonly Token[]) {
  const loops: Loop[] = [];
  let at = 0;
  let last: 'loop' | 'conditional' | null = null;
  for (;;) {
    const word = head[at]?.text;
    const parenthesized =
      head[at + 1]?.text === '(' || (head[at + 1]?.text === 'constexpr' && head[at + 2]?.text === '(');
    const opening = head[at + 1]?.text === '(' ? at + 1 : at + 2;
    if ((word === 'for' || word === 'while') && parenthesized) {
      const end = afterBracket(head, opening);
      loops.push({ word, line: head[at]!.line, header: head.slice(opening + 1, end - 1) });
      at = end;
      last = 'loop';
    } else if ((word === 'if' || word === 'switch') && parenthesized) {
      at = afterBracket(head, opening);
      last = 'conditional';
    } else if (word === 'do') {
      loops.push({ word, line: head[at]!.line, header: [] });
      at++;
      last = 'loop';
    } else if (word === 'else' || word === 'try') {
      at++;
      last = 'conditional';
    } else {
      return { rest: head.slice(at), loops, last };
    }
  }
}

/** What the brace after these tokens opens; null: an initializer. */
function classify(head: readonly Token[], depth: number, inside: ScopeKind): Scope | null {
  const line = head[0]?.line ?? 0;
  const previous = head.at(-1)?.text ?? '';
  if (isLambda(head)) return scope('lambda', '', line, { head });
  if (depth > 0) return null;
  const holdsCode =
    inside === 'function' || inside === 'loop' || inside === 'conditional' || inside === 'block' || inside === 'lambda';
  const declares = declarationKind(head);
  if (holdsCode && declares !== 'class' && declares !== 'enum') {
    const { rest, loops, last } = peelControls(head);
    if (head.length === 0) return scope('block', '', line, {});
    if (rest.length > 0 || last === null) return null;
    if (last === 'conditional') return scope('conditional', '', line, { head, outerLoops: loops });
    return scope('loop', '', loops.at(-1)!.line, { head, loop: loops.at(-1)!, outerLoops: loops.slice(0, -1) });
  }
  const { values, rest } = templateParameters(head);
  if (declares === 'namespace') return scope('namespace', previous, line, { head });
  if (declares === 'enum') return scope('enum', '', line, { head });
  if (declares === 'class') {
    const at = rest.findIndex((t) => /^(struct|class|union)$/.test(t.text));
    const colon = rest.findIndex((t) => t.text === ':');
    const bases = colon < 0 ? [] : rest.slice(colon).filter((t) => /^[A-Za-z_]/.test(t.text));
    return scope('class', rest[at + 1]?.text ?? '', line, {
      head,
      templateValues: values,
      bases: bases.map((t) => t.text),
    });
  }
  const opening = functionParenthesis(rest);
  if (opening < 0) return null;
  const end = afterBracket(rest, opening);
  // `X() : member{1} {`: a member's brace is an initializer, the function's comes after `)` or `}`.
  if (rest.slice(end).some((t) => t.text === ':') && /^[A-Za-z_]/.test(previous)) return null;
  const name = /^\W/.test(rest[opening - 1]?.text ?? '') ? 'operator' : rest[opening - 1]!.text;
  const parameters = splitAtCommas(rest.slice(opening + 1, end - 1)).flatMap(parameter);
  return scope('function', name, line, { head, parameters, templateValues: values });
}

function isLambda(head: readonly Token[]): boolean {
  const at = head.findLastIndex(
    (t, i) => t.text === '[' && /^([=(,?:]|return|&&|\|\|)$/.test(head[i - 1]?.text ?? '='),
  );
  if (at < 0) return false;
  const captures = afterBracket(head, at);
  if (captures === head.length) return true;
  return (
    head[captures]?.text === '(' && head.slice(afterBracket(head, captures)).every((t) => !/^[(){};]$/.test(t.text))
  );
}

function declarationKind(head: readonly Token[]): 'namespace' | 'enum' | 'class' | null {
  const { rest } = templateParameters(head);
  const first = rest.find((t) => !/^(typedef|static|const|inline|export)$/.test(t.text))?.text ?? '';
  if (first === 'namespace' || (first === 'extern' && rest.length === 2 && rest[1]!.text.startsWith('"')))
    return 'namespace';
  if (first === 'enum') return 'enum';
  const plain = rest.every((t) => t.text !== '(' && t.text !== '=');
  return /^(struct|class|union)$/.test(first) && plain ? 'class' : null;
}

/** Takes `template <...>` off the front, as often as it is there. */
function templateParameters(head: readonly Token[]) {
  const values: string[] = [];
  let at = 0;
  while (head[at]?.text === 'template' && head[at + 1]?.text === '<') {
    const end = afterAngle(head, at + 1);
    for (const parameter of splitAtCommas(head.slice(at + 2, end - 1))) {
      const equals = parameter.findIndex((t) => t.text === '=');
      const named = equals < 0 ? parameter : parameter.slice(0, equals);
      if (!/^(class|typename|template)$/.test(named[0]?.text ?? '') && named.length > 1)
        values.push(named.at(-1)!.text);
    }
    at = end;
  }
  return { values, rest: head.slice(at) };
}

/** The index after the `>` that closes the `<` at `open`; -1 where it is a comparison. */
export function afterAngle(tokens: readonly Token[], open: number): number {
  let angles = 0;
  let brackets = 0;
  for (let at = open; at < tokens.length; at++) {
    const { text } = tokens[at]!;
    if (OPEN.has(text)) brackets++;
    if (CLOSE.has(text) && --brackets < 0) return -1;
    if (brackets > 0) continue;
    if (text === '<') angles++;
    else if (text === '<<') angles += 2;
    else if (text === '>' && --angles === 0) return at + 1;
    else if (/^(;|&&|\|\||\{|\})$/.test(text)) return -1;
  }
  return -1;
}

function splitAtCommas(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (OPEN.has(token.text) || token.text === '{') depth++;
    if (CLOSE.has(token.text) || token.text === '}') depth--;
    if (token.text === '<' && depth === 0) {
      const end = afterAngle(tokens, at);
      if (end > 0) {
        parts.at(-1)!.push(...tokens.slice(at, end));
        at = end - 1;
        continue;
      }
    }
    if (token.text === ',' && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts.filter((p) => p.length > 0);
}

/** The parenthesis that opens a function's parameters. */
function functionParenthesis(tokens: readonly Token[]): number {
  for (let at = 0; at < tokens.length; at++) {
    const { text } = tokens[at]!;
    if (text === '=' && tokens[at - 1]?.text !== 'operator') return -1;
    if (text === '<') {
      const end = afterAngle(tokens, at);
      if (end > 0 && tokens[at - 1]?.text !== 'operator') at = end - 1;
    } else if (text === '(') {
      if (!/^(decltype|alignas|__attribute__|noexcept|operator)$/.test(tokens[at - 1]?.text ?? '')) return at;
      at = afterBracket(tokens, at) - 1;
    }
  }
  return -1;
}

// ---------------------------------------------------------------- names

const SPECIFIERS =
  /^(static|const|constexpr|volatile|register|typename|extern|mutable|inline|thread_local|hls_thread_local|unsigned|signed|long|short)$/;
const NOT_A_TYPE =
  /^(return|goto|delete|throw|case|using|typedef|else|new|break|continue|sizeof|static_assert|operator|public|private|template|struct|class|union|enum|friend)$/;
const IDENTIFIER = /^[A-Za-z_]\w*$/;

function parameter(tokens: readonly Token[]): readonly Declaration[] {
  const equals = tokens.findIndex((t) => t.text === '=');
  const named = equals < 0 ? tokens : tokens.slice(0, equals);
  // `const word (&row)[3]`, `float sums[N][M]`: the first of a bracket, else the last identifier.
  const inner = named.findIndex((t, i) => t.text === '(' && /^[&*]$/.test(named[i + 1]?.text ?? ''));
  const bracket = named.findIndex((t) => t.text === '[');
  const at = inner >= 0 ? inner + 2 : bracket > 0 ? bracket - 1 : named.length - 1;
  const name = named[at];
  if (name === undefined || !IDENTIFIER.test(name.text) || at === 0) return [];
  return [{ name: name.text, line: name.line, isConstexpr: false, isConst: false, initializer: [] }];
}

/** The variables that a statement declares; none where it is something else. */
export function declarationsOf(tokens: readonly Token[]): readonly Declaration[] {
  let at = 0;
  const specifiers = new Set<string>();
  while (SPECIFIERS.test(tokens[at]?.text ?? '')) specifiers.add(tokens[at++]!.text);
  const builtin = ['unsigned', 'signed', 'long', 'short'].some((s) => specifiers.has(s));
  const first = tokens[at]?.text ?? '';
  if (NOT_A_TYPE.test(first)) return [];
  const next = tokens[at + 1]?.text ?? '';
  if (!(builtin && !/^(int|char|long|short|double)$/.test(first)) || /^(\*|&)$/.test(next)) {
    if (tokens[at]?.text === '::') at++;
    for (;;) {
      if (!IDENTIFIER.test(tokens[at]?.text ?? '')) return [];
      at++;
      if (tokens[at]?.text === '<') {
        at = afterAngle(tokens, at);
        if (at < 0) return [];
      }
      if (tokens[at]?.text !== '::') break;
      at++;
    }
  }
  const found: Declaration[] = [];
  for (const [index, part] of splitAtCommas(tokens.slice(at)).entries()) {
    let name = 0;
    while (/^(\*|&|&&|const|\()$/.test(part[name]?.text ?? '')) name++;
    const { text, line } = part[name] ?? { text: '', line: 0 };
    const after = part[name + 1]?.text ?? '';
    if (!IDENTIFIER.test(text) || !/^(=|\[|\(|\{|:|\)|)$/.test(after)) return index === 0 ? [] : found;
    if (index === 0 && name > 0 && part[0]?.text === '(' && after !== ')') return [];
    const isConst = specifiers.has('const') || part.slice(0, name).some((t) => t.text === 'const');
    const equals = after === '=' ? name + 2 : name + 1;
    found.push({
      name: text,
      line,
      isConstexpr: specifiers.has('constexpr'),
      isConst,
      initializer: after === '[' ? [] : part.slice(equals),
    });
  }
  return found;
}
