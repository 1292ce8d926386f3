/**
 * Which names there are at a place, and which of them are constants.
 *
 * In: the outlines of all files. Out: what they know together, and what the scopes around a place have declared before it.
 */
import { afterAngle, type Declaration, declarationsOf, type Outline, type Scope, type Token } from './cpp-outline.js';

// ---------------------------------------------------------------- what all files together know

export interface Program {
  /** Names that stand for a constant: macros, enumerators, constants outside functions and in classes. */
  readonly constants: ReadonlySet<string>;
  readonly constexprFunctions: ReadonlySet<string>;
  readonly globals: ReadonlySet<string>;
  readonly classes: ReadonlyMap<string, Scope>;
  /** Functions by name: how many parameters each has. */
  readonly functions: ReadonlyMap<string, readonly number[]>;
}

export function programOf(outlines: readonly Outline[]): Program {
  const constants = new Set(outlines.flatMap((o) => o.macros));
  const constexprFunctions = new Set<string>();
  const globals = new Set<string>();
  const classes = new Map<string, Scope>();
  const functions = new Map<string, number[]>();
  const gather = (scope: Scope): void => {
    for (const item of scope.items) {
      if (item.kind === 'statement') {
        for (const d of declarationsOf(item.tokens)) {
          if (scope.kind !== 'class') globals.add(d.name);
          if (d.isConstexpr || d.isConst) constants.add(d.name);
          if (scope.kind === 'enum') constants.add(d.name);
        }
        if (scope.kind === 'enum') for (const name of enumerators(item.tokens)) constants.add(name);
      } else if (item.kind === 'function') {
        if (item.head.some((t) => t.text === 'constexpr')) constexprFunctions.add(item.name);
        functions.set(item.name, [...(functions.get(item.name) ?? []), item.parameters.length]);
      } else if (item.kind === 'class') {
        classes.set(item.name, item);
        gather(item);
      } else if (item.kind === 'namespace' || item.kind === 'enum') {
        gather(item);
      }
    }
  };
  for (const { root } of outlines) gather(root);
  return { constants, constexprFunctions, globals, classes, functions };
}

export function enumerators(tokens: readonly Token[]): readonly string[] {
  return tokens
    .filter((t, at) => /^[A-Za-z_]/.test(t.text) && (at === 0 || tokens[at - 1]?.text === ','))
    .map((t) => t.text);
}

// ---------------------------------------------------------------- names in a scope

export interface Name {
  readonly name: string;
  readonly line: number;
  readonly isConstant: boolean;
}
/** A scope on the way to where one is, with the names that it has declared so far. */
export interface Frame {
  readonly scope: Scope;
  readonly names: readonly Name[];
}

export const innermost = (frames: readonly Frame[]): Scope => frames.at(-1)!.scope;
export const functionAround = (frames: readonly Frame[]): Frame | undefined =>
  frames.findLast((f) => f.scope.kind === 'function' || f.scope.kind === 'lambda');

export function localName(frames: readonly Frame[], name: string): Name | undefined {
  for (const frame of frames.toReversed()) {
    const found = frame.names.findLast((n) => n.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function memberOf(scope: Scope, name: string, program: Program, depth = 0): boolean {
  const own = scope.items.some((i) => i.kind === 'statement' && declarationsOf(i.tokens).some((d) => d.name === name));
  if (own) return true;
  // A base that is not among the files may have any member.
  return (
    depth < 8 &&
    scope.bases.some((base) => {
      const known = program.classes.get(base);
      return known !== undefined && memberOf(known, name, program, depth + 1);
    })
  );
}

export function isKnown(frames: readonly Frame[], name: string, program: Program): boolean {
  return (
    localName(frames, name) !== undefined ||
    frames.some((f) => f.scope.kind === 'class' && memberOf(f.scope, name, program)) ||
    program.globals.has(name)
  );
}

export const WORDS_OF_EXPRESSIONS =
  /^(sizeof|static_cast|const|unsigned|signed|int|long|short|char|bool|true|false|typename|template|std)$/;

/** Whether an expression is made of constants alone. */
export function isConstant(tokens: readonly Token[], frames: readonly Frame[], program: Program): boolean {
  for (let at = 0; at < tokens.length; at++) {
    const { text } = tokens[at]!;
    if (/^(\.|->|\+\+|--|=)$/.test(text)) return false;
    if (!/^[A-Za-z_]/.test(text) || WORDS_OF_EXPRESSIONS.test(text)) continue;
    let end = at + 1;
    if (previousIsSizeof(tokens, at)) continue;
    if (tokens[end]?.text === '<') {
      const closed = afterAngle(tokens, end);
      if (closed > 0 && /^(::|\()$/.test(tokens[closed]?.text ?? '')) end = closed;
    }
    const qualified = tokens[at - 1]?.text === '::' || tokens[end]?.text === '::';
    if (tokens[end]?.text === '::') {
      at = end;
      continue;
    }
    const local = localName(frames, text);
    if (tokens[end]?.text === '(') {
      // A constexpr function, or a conversion `ap_uint<8>(...)`: what it is given is looked at like the rest.
      if (!program.constexprFunctions.has(text) && !/^ap_u?(int|fixed)$/.test(text)) return false;
      at = end - 1;
    } else if (local !== undefined && !qualified) {
      if (!local.isConstant) return false;
    } else if (!qualified && !program.constants.has(text)) {
      return false;
    }
  }
  return tokens.length > 0;
}

/** `sizeof(T)` is a constant, whatever T is. */
export function previousIsSizeof(tokens: readonly Token[], at: number): boolean {
  const opening = tokens.slice(0, at).findLastIndex((t) => t.text === '(');
  return (
    opening > 0 && tokens[opening - 1]?.text === 'sizeof' && !tokens.slice(opening, at).some((t) => t.text === ')')
  );
}

export function named(
  declarations: readonly Declaration[],
  frames: readonly Frame[],
  program: Program,
): readonly Name[] {
  return declarations.map((d) => ({
    name: d.name,
    line: d.line,
    isConstant: d.isConstexpr || (d.isConst && isConstant(d.initializer, frames, program)),
  }));
}

export function splitAt(tokens: readonly Token[], separator: string): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (/^[([{]$/.test(token.text)) depth++;
    if (/^[)\]}]$/.test(token.text)) depth--;
    if (token.text === separator && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}
