/** C++ that is no hardware: UG1399, "Unsupported C/C++ Constructs". */
import { afterAngle, type Item, type Scope, type Statement, type Token } from './cpp-outline.js';
import { type Frame, functionAround, splitAt } from './names.js';
import type { Context } from './problem.js';

const HEAP = /^(malloc|calloc|realloc|free|alloca)$/;
const CONTAINERS =
  /^(vector|string|map|unordered_map|set|list|deque|queue|function|shared_ptr|unique_ptr|thread|mutex|cout|cerr|cin|endl)$/;
const SYSTEM = /^(printf|fprintf|puts|fopen|fread|fwrite|exit|abort|time|rand)$/;

export function checkStatement(item: Statement, frames: readonly Frame[], context: Context): void {
  const bad = (token: Token, what: string, hint: string): void => context.report(token.line, 'no-hardware', what, hint);
  const { tokens } = item;
  const guard = 'take it out, or keep it from synthesis by #ifndef __SYNTHESIS__';
  for (const [at, token] of tokens.entries()) {
    const [previous, next] = [tokens[at - 1]?.text ?? '', tokens[at + 1]?.text ?? ''];
    const { text } = token;
    const member = previous === '.' || previous === '->';
    if (text === 'new') bad(token, 'new: there is no heap', 'use an array of a constant size');
    if (text === 'delete' && previous !== '=')
      bad(token, 'delete: there is no heap', 'use an array of a constant size');
    if (HEAP.test(text) && next === '(' && !member)
      bad(token, `${text}(): there is no heap`, 'use an array of a constant size');
    if (text === 'goto') bad(token, 'goto', 'use a loop or a condition');
    if (CONTAINERS.test(text) && previous === '::' && tokens[at - 2]?.text === 'std')
      bad(token, `std::${text}: it needs a heap or a system`, 'use an array or hls::stream');
    if (SYSTEM.test(text) && next === '(' && !member && functionAround(frames) !== undefined)
      bad(token, `${text}(): there is no system`, guard);
    if (text === 'throw' || text === 'dynamic_cast' || text === 'typeid')
      bad(token, `${text}: no exceptions or run-time types`, guard);
    if (text === 'virtual') bad(token, 'virtual: no call through a table', 'use a template parameter');
    if (text === 'long' && next === 'double') bad(token, 'long double', 'use float, double or ap_fixed');
    if (
      text === '*' &&
      next === '*' &&
      /^[A-Za-z_>]/.test(previous) &&
      /^[A-Za-z_]/.test(tokens[at + 2]?.text ?? '') &&
      at < 4
    )
      bad(token, 'a pointer to a pointer', 'use an array');
    if (text === 'reinterpret_cast' && tokens.slice(at, at + 4).some((t) => /^ap_u?(int|fixed)$/.test(t.text)))
      bad(token, 'a pointer cast of an arbitrary precision type', 'convert the value, by range()');
  }
}

/** A function that calls itself: by its own name, with as many arguments as it has parameters, where no other function fits. */
export function checkRecursion(scope: Scope, context: Context): void {
  if (scope.head.some((t) => t.text === 'constexpr')) return;
  const overloads = (context.program.functions.get(scope.name) ?? []).filter((n) => n === scope.parameters.length);
  if (overloads.length > 1) return;
  const search = (tokens: readonly Token[]): void => {
    for (const [at, token] of tokens.entries()) {
      if (token.text !== scope.name || tokens[at + 1]?.text !== '(') continue;
      if (/^(\.|->|::|~)$/.test(tokens[at - 1]?.text ?? '')) continue;
      if (argumentsAt(tokens, at + 1) !== scope.parameters.length) continue;
      context.report(token.line, 'recursion', `${scope.name} calls itself`, 'use a loop');
    }
  };
  const walk = (items: readonly Item[]): void => {
    for (const item of items) {
      if (item.kind === 'statement') search(item.tokens);
      else if (item.kind !== 'pragma') {
        search(item.head);
        walk(item.items);
      }
    }
  };
  walk(scope.items);
}

function argumentsAt(tokens: readonly Token[], opening: number): number {
  let depth = 0;
  for (let at = opening; at < tokens.length; at++) {
    if (/^[([{]$/.test(tokens[at]!.text)) depth++;
    if (/^[)\]}]$/.test(tokens[at]!.text) && --depth === 0) {
      const inner = tokens.slice(opening + 1, at);
      return inner.length === 0 ? 0 : splitAt(withoutAngles(inner), ',').length;
    }
  }
  return -1;
}

/** Commas between template arguments do not separate what a function is given. */
function withoutAngles(tokens: readonly Token[]): readonly Token[] {
  const kept: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const end = tokens[at]!.text === '<' ? afterAngle(tokens, at) : -1;
    const isArguments = end > 0 && /^(::|\(|\))$/.test(tokens[end]?.text ?? ')');
    if (isArguments) at = end - 1;
    else kept.push(tokens[at]!);
  }
  return kept;
}
