/**
 * What Vitis HLS would ignore or refuse in a design, found without it: pragmas that it does not know, options that it does not take, pragmas
 * attached to nothing, loops without an end that it can see, and C++ that is no hardware.
 *
 * In: the design's own files (not its test bench). Out: the problems, each with its place and what to do. It is a check of text: types are not known, so it
 * finds what is wrong in itself, not what a schedule cannot keep. Rules: AMD's UG1399, "HLS Pragmas" and "Unsupported C/C++ Constructs";
 * the pragmas are in pragma-table.ts, the reading of C++ in cpp-outline.ts.
 */
import {
  afterAngle,
  type Declaration,
  declarationsOf,
  type Item,
  type Loop,
  type Outline,
  outlineOf,
  type PragmaItem,
  type Scope,
  type Statement,
  type Token,
} from './cpp-outline.js';
import {
  INTERFACE_MODES,
  implementationsOf,
  OPERATORS,
  PRAGMAS,
  type PragmaRule,
  REPLACED,
  type Value,
} from './pragma-table.js';

export type PragmaProblemRule =
  | 'unknown-pragma'
  | 'unknown-option'
  | 'missing-option'
  | 'option-value'
  | 'conflict'
  | 'placement'
  | 'unknown-name'
  | 'loop-bound'
  | 'recursion'
  | 'no-hardware';

export interface PragmaProblem {
  readonly path: string;
  readonly line: number;
  readonly rule: PragmaProblemRule;
  readonly what: string;
  readonly hint: string;
}

export interface PragmaCheck {
  /** Macros that only a simulation defines. */
  readonly simulationMacros?: readonly string[];
  /** The top function, where it is known: interfaces stand nowhere else. */
  readonly top?: string;
}

export function checkPragmas(
  files: readonly { readonly path: string; readonly text: string }[],
  check: PragmaCheck = {},
): readonly PragmaProblem[] {
  const outlines = files.map((f) => outlineOf(f.path, f.text, check.simulationMacros ?? ['DYBNN_SIMULATION']));
  const program = programOf(outlines);
  return outlines.flatMap((outline) => {
    const problems: PragmaProblem[] = [];
    const report: Report = (line, rule, what, hint) => problems.push({ path: outline.path, line, rule, what, hint });
    visit(outline.root, [], { program, report, top: check.top ?? null });
    return problems.sort((a, b) => a.line - b.line);
  });
}

type Report = (line: number, rule: PragmaProblemRule, what: string, hint: string) => void;
interface Context {
  readonly program: Program;
  readonly report: Report;
  readonly top: string | null;
}

// ---------------------------------------------------------------- what all files together know

interface Program {
  /** Names that stand for a constant: macros, enumerators, constants outside functions and in classes. */
  readonly constants: ReadonlySet<string>;
  readonly constexprFunctions: ReadonlySet<string>;
  readonly globals: ReadonlySet<string>;
  readonly classes: ReadonlyMap<string, Scope>;
  /** Functions by name: how many parameters each has. */
  readonly functions: ReadonlyMap<string, readonly number[]>;
}

function programOf(outlines: readonly Outline[]): Program {
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

function enumerators(tokens: readonly Token[]): readonly string[] {
  return tokens
    .filter((t, at) => /^[A-Za-z_]/.test(t.text) && (at === 0 || tokens[at - 1]?.text === ','))
    .map((t) => t.text);
}

// ---------------------------------------------------------------- names in a scope

interface Name {
  readonly name: string;
  readonly line: number;
  readonly isConstant: boolean;
}
/** A scope on the way to where one is, with the names that it has declared so far. */
interface Frame {
  readonly scope: Scope;
  readonly names: readonly Name[];
}

const innermost = (frames: readonly Frame[]): Scope => frames.at(-1)!.scope;
const functionAround = (frames: readonly Frame[]): Frame | undefined =>
  frames.findLast((f) => f.scope.kind === 'function' || f.scope.kind === 'lambda');

function localName(frames: readonly Frame[], name: string): Name | undefined {
  for (const frame of frames.toReversed()) {
    const found = frame.names.findLast((n) => n.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function memberOf(scope: Scope, name: string, program: Program, depth = 0): boolean {
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

function isKnown(frames: readonly Frame[], name: string, program: Program): boolean {
  return (
    localName(frames, name) !== undefined ||
    frames.some((f) => f.scope.kind === 'class' && memberOf(f.scope, name, program)) ||
    program.globals.has(name)
  );
}

const WORDS_OF_EXPRESSIONS =
  /^(sizeof|static_cast|const|unsigned|signed|int|long|short|char|bool|true|false|typename|template|std)$/;

/** Whether an expression is made of constants alone. */
function isConstant(tokens: readonly Token[], frames: readonly Frame[], program: Program): boolean {
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
function previousIsSizeof(tokens: readonly Token[], at: number): boolean {
  const opening = tokens.slice(0, at).findLastIndex((t) => t.text === '(');
  return (
    opening > 0 && tokens[opening - 1]?.text === 'sizeof' && !tokens.slice(opening, at).some((t) => t.text === ')')
  );
}

function named(declarations: readonly Declaration[], frames: readonly Frame[], program: Program): readonly Name[] {
  return declarations.map((d) => ({
    name: d.name,
    line: d.line,
    isConstant: d.isConstexpr || (d.isConst && isConstant(d.initializer, frames, program)),
  }));
}

// ---------------------------------------------------------------- the walk

function visit(scope: Scope, outer: readonly Frame[], context: Context): void {
  const names: Name[] = [];
  const frames: readonly Frame[] = [...outer, { scope, names }];
  for (const p of scope.templateValues) names.push({ name: p, line: scope.line, isConstant: true });
  names.push(...named(scope.parameters, frames, context.program));
  if (scope.kind === 'lambda') {
    const opening = scope.head.findLastIndex((t) => t.text === '(');
    if (opening >= 0)
      names.push(...scope.head.slice(opening).map((t) => ({ name: t.text, line: t.line, isConstant: false })));
  }
  for (const loop of [...scope.outerLoops, ...(scope.loop === null ? [] : [scope.loop])]) {
    names.push(...named(declarationsOf(initOf(loop)), frames, context.program));
  }
  checkScope(scope, frames, context);
  for (const [at, item] of scope.items.entries()) {
    if (item.kind === 'pragma') {
      checkPragma(item, scope.items.slice(0, at), frames, context);
    } else if (item.kind === 'statement') {
      const before = scope.items[at - 1];
      const endsDo = before?.kind === 'loop' && before.loop?.word === 'do' && item.tokens.length === 0;
      if (!endsDo) for (const loop of item.loops) checkBareLoop(loop, frames, context);
      checkStatement(item, frames, context);
      if (scope.kind !== 'class' && scope.kind !== 'enum')
        names.push(...named(declarationsOf(item.tokens), frames, context.program));
    } else {
      visit(item, frames, context);
    }
  }
}

// ---------------------------------------------------------------- loops

const initOf = (loop: Loop): readonly Token[] => splitAt(loop.header, ';')[0] ?? [];

function splitAt(tokens: readonly Token[], separator: string): readonly (readonly Token[])[] {
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

/** Why a loop's number of iterations cannot be seen; null: it can. */
function unboundedBecause(loop: Loop, frames: readonly Frame[], program: Program): string | null {
  if (loop.word !== 'for') return `a ${loop.word} loop`;
  const [init = [], condition, step] = splitAt(loop.header, ';');
  if (condition === undefined || step === undefined) return null; // over the elements of an array
  const text = (tokens: readonly Token[]): string => tokens.map((t) => t.text).join(' ');
  const at = condition.findIndex(
    (t, i) => /^(<|>|<=|>=|!=)$/.test(t.text) && (t.text !== '<' || !isTemplate(condition, i)),
  );
  if (at < 0 || condition.some((t) => /^(&&|\|\|)$/.test(t.text))) return `its condition is '${text(condition)}'`;
  const sides = [condition.slice(0, at), condition.slice(at + 1)] as const;
  const counter = counterOf(init);
  const [side, bound] = sides[0].length === 1 && sides[0][0]?.text === counter?.name ? sides : [sides[1], sides[0]];
  if (counter === undefined || side.length !== 1 || side[0]?.text !== counter.name) {
    return 'its condition does not compare its counter';
  }
  if (!isConstant(counter.initializer, frames, program)) return `it starts at '${text(counter.initializer)}'`;
  if (!isConstant(bound, frames, program)) return `it ends at '${text(bound)}'`;
  const steps = splitAt(step, ',').filter((s) => s.some((t) => t.text === counter.name));
  const even = steps.some(
    (s) =>
      (s.length === 2 && s.some((t) => t.text === '++' || t.text === '--')) ||
      (s[0]?.text === counter.name &&
        isConstant(s.filter((t) => /^[\w]/.test(t.text)).slice(1), frames, program) &&
        s.some((t) => t.text.endsWith('='))),
  );
  return even ? null : `its step is '${text(step)}'`;
}

/** `int i = 0`, or `i = 0`. */
function counterOf(init: readonly Token[]): Pick<Declaration, 'name' | 'initializer'> | undefined {
  const [name, equals] = init;
  if (name !== undefined && equals?.text === '=') return { name: name.text, initializer: init.slice(2) };
  return declarationsOf(init)[0];
}

function isTemplate(tokens: readonly Token[], at: number): boolean {
  const end = afterAngle(tokens, at);
  return end > 0 && tokens[end]?.text === '::';
}

function isCompileTime(frames: readonly Frame[]): boolean {
  return functionAround(frames)?.scope.head.some((t) => t.text === 'constexpr') ?? false;
}

function checkBareLoop(loop: Loop, frames: readonly Frame[], context: Context): void {
  if (functionAround(frames) === undefined || isCompileTime(frames)) return;
  const why = unboundedBecause(loop, frames, context.program);
  if (why !== null)
    context.report(
      loop.line,
      'loop-bound',
      `a loop without braces has no bound: ${why}`,
      'give it braces and a LOOP_TRIPCOUNT',
    );
}

const pragmaName = (item: Item): string | null =>
  item.kind === 'pragma' ? (parsePragma(item.text)?.name ?? null) : null;
const hasPragma = (scope: Scope, name: string): boolean => scope.items.some((i) => pragmaName(i) === name);
const isOff = (scope: Scope, name: string): boolean =>
  scope.items.some((i) => i.kind === 'pragma' && parsePragma(i.text)?.name === name && /\boff\b/i.test(i.text));

function checkScope(scope: Scope, frames: readonly Frame[], context: Context): void {
  const { report, program } = context;
  for (const loop of scope.outerLoops) checkBareLoop(loop, frames, context);
  if (scope.kind === 'function') checkRecursion(scope, context);
  if (scope.loop !== null && !isCompileTime(frames)) {
    const why = unboundedBecause(scope.loop, frames, program);
    if (why !== null && !hasPragma(scope, 'loop_tripcount')) {
      report(
        scope.line,
        'loop-bound',
        `a loop without a constant bound: ${why}`,
        'add #pragma HLS LOOP_TRIPCOUNT min=... max=...',
      );
    }
    const unroll = scope.items.find((i) => pragmaName(i) === 'unroll');
    if (why !== null && unroll?.kind === 'pragma' && !/\b(factor|off)\b/i.test(unroll.text)) {
      report(
        unroll.line,
        'conflict',
        `a loop that cannot be unrolled completely: ${why}`,
        'give a factor, or a constant bound',
      );
    }
  }
  const pipelined = hasPragma(scope, 'pipeline') && !isOff(scope, 'pipeline');
  if (pipelined && hasPragma(scope, 'dataflow')) {
    report(scope.line, 'conflict', 'PIPELINE and DATAFLOW in one scope', 'keep one of them');
  }
  if (pipelined) checkInnerLoops(scope, frames, context);
}

/** A pipeline unrolls the loops inside it: they must have constant bounds. */
function checkInnerLoops(scope: Scope, outer: readonly Frame[], context: Context): void {
  for (const item of scope.items) {
    if (item.kind === 'pragma' || item.kind === 'class' || item.kind === 'enum') continue;
    const loops =
      item.kind === 'statement' ? item.loops : [...item.outerLoops, ...(item.loop === null ? [] : [item.loop])];
    const names = declaredIn(scope, item, outer, context.program);
    const frames = [...outer, { scope, names }];
    for (const loop of loops) {
      const why = unboundedBecause(loop, frames, context.program);
      if (why !== null) {
        context.report(
          loop.line,
          'conflict',
          `a loop inside a pipeline cannot be unrolled: ${why}`,
          'pipeline the inner loop, or give it a constant bound',
        );
      }
    }
    if (item.kind !== 'statement') checkInnerLoops(item, frames, context);
  }
}

/** What a scope has declared before an item of it. */
function declaredIn(scope: Scope, until: Item, outer: readonly Frame[], program: Program): readonly Name[] {
  const names: Name[] = [];
  const frames = [...outer, { scope, names }];
  for (const item of scope.items) {
    if (item === until) break;
    if (item.kind === 'statement') names.push(...named(declarationsOf(item.tokens), frames, program));
  }
  return names;
}

// ---------------------------------------------------------------- pragmas

interface Parsed {
  readonly name: string;
  /** In order; a word that stands alone has no value. */
  readonly options: readonly { readonly option: string; readonly value: readonly Token[] | null }[];
}

/** `pipeline II = 1 rewind` is the name and [ii: 1, rewind]. A value is an expression: it ends where the next option begins. */
function parsePragma(text: string): Parsed | null {
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

const wordsOf = (tokens: readonly Token[]): string => tokens.map((t) => t.text).join('');

function checkPragma(item: PragmaItem, before: readonly Item[], frames: readonly Frame[], context: Context): void {
  const { report } = context;
  const parsed = parsePragma(item.text);
  if (parsed === null) return report(item.line, 'unknown-pragma', `'#pragma HLS ${item.text}'`, 'name a pragma');
  const upper = parsed.name.toUpperCase();
  const rule = PRAGMAS[parsed.name];
  if (rule === undefined) {
    const instead = REPLACED[parsed.name];
    return report(
      item.line,
      'unknown-pragma',
      `Vitis HLS does not know ${upper}`,
      instead === undefined ? `it knows ${Object.keys(PRAGMAS).join(', ').toUpperCase()}` : `use ${instead}`,
    );
  }
  const values = checkOptions(item, parsed, rule, frames, context);
  checkCombination(item, parsed.name, values, frames, context);
  checkPlace(item, upper, rule, before, frames, context);
}

/** Checks each option by itself; gives those that are right, older spellings as what they mean. */
function checkOptions(
  item: PragmaItem,
  parsed: Parsed,
  rule: PragmaRule,
  frames: readonly Frame[],
  context: Context,
): ReadonlyMap<string, string> {
  const { report } = context;
  const values = new Map<string, string>();
  const upper = parsed.name.toUpperCase();
  for (const { option, value } of parsed.options) {
    const kind = Object.hasOwn(rule.options, option) ? rule.options[option] : undefined;
    if (kind === undefined) {
      const names = Object.keys(rule.options).filter((o) => rule.options[o]?.kind !== 'means');
      report(item.line, 'unknown-option', `${upper} has no option '${option}'`, `its options are ${names.join(', ')}`);
      continue;
    }
    const real = kind.kind === 'means' ? kind.option : option;
    if (values.has(real)) report(item.line, 'conflict', `${upper} gives '${real}' twice`, 'keep one');
    const wrong = wrongValue(option, value, kind, frames, context.program);
    if (wrong !== null) report(item.line, wrong.rule, `${upper} ${wrong.what}`, wrong.hint);
    values.set(real, kind.kind === 'means' ? option : value === null ? '' : wordsOf(value));
  }
  for (const option of rule.required) {
    if (!values.has(option)) report(item.line, 'missing-option', `${upper} lacks '${option}='`, `give ${option}=...`);
  }
  return values;
}

function wrongValue(
  option: string,
  value: readonly Token[] | null,
  kind: Value,
  frames: readonly Frame[],
  program: Program,
): { rule: PragmaProblemRule; what: string; hint: string } | null {
  if (kind.kind === 'means') {
    return value === null
      ? null
      : { rule: 'option-value', what: `'${option}' takes no value`, hint: `write ${kind.option}=${option}` };
  }
  if (kind.kind === 'flag') {
    const fine = value === null || /^(true|false)$/i.test(wordsOf(value));
    return fine ? null : { rule: 'option-value', what: `${option}=${wordsOf(value)}`, hint: `write ${option} alone` };
  }
  if (value === null || value.length === 0)
    return { rule: 'option-value', what: `'${option}' has no value`, hint: `write ${option}=...` };
  const text = wordsOf(value);
  switch (kind.kind) {
    case 'one-of':
      return kind.values.includes(text.toLowerCase())
        ? null
        : { rule: 'option-value', what: `${option}=${text}`, hint: `one of ${kind.values.join(', ')}` };
    case 'identifier':
      return /^[A-Za-z_0-9][\w:<>,]*$/.test(text)
        ? null
        : { rule: 'option-value', what: `${option}=${text}`, hint: 'a name is expected' };
    case 'real':
      return /^[\d.]+([eE][-+]?\d+)?[a-zA-Z]*$/.test(text) || isConstant(value, frames, program)
        ? null
        : { rule: 'option-value', what: `${option}=${text}`, hint: 'a number is expected' };
    case 'constant':
      if (/^\d[\w.]*$/.test(text) && !/^(0[xX][\da-fA-F]+|\d+)[uUlL]*$/.test(text))
        return { rule: 'option-value', what: `${option}=${text}`, hint: 'a whole number is expected' };
      if (!isConstant(value, frames, program) || value.some((t) => t.text === '-')) {
        const negative = /^-\d/.test(text);
        if (negative || !isConstant(value, frames, program))
          return {
            rule: 'option-value',
            what: `${option}=${text}`,
            hint: negative ? 'a number of at least 0 is expected' : 'a constant is expected',
          };
      }
      return null;
    case 'port':
      if (text === 'return') return null;
      return wrongName(
        option,
        value,
        (name) => functionAround(frames)?.scope.parameters.some((p) => p.name === name) ?? false,
        'a parameter of the function',
      );
    case 'variable':
      return text === 'return'
        ? null
        : wrongName(option, value, (name) => isKnown(frames, name, program), 'a variable declared before the pragma');
  }
}

/** A list of variables, each `name`, `name.member` or `this->name`. */
function wrongName(option: string, value: readonly Token[], isThere: (name: string) => boolean, expected: string) {
  for (const part of splitAt(value, ',')) {
    const words = part.map((t) => t.text);
    const at = words[0] === 'this' ? 2 : words[0] === '*' || words[0] === '&' ? 1 : 0;
    const name = words[at] ?? '';
    if (!isThere(name))
      return {
        rule: 'unknown-name' as const,
        what: `${option}=${words.join('')}: there is no '${name}'`,
        hint: `${expected} is expected`,
      };
  }
  return null;
}

function checkCombination(
  item: PragmaItem,
  name: string,
  values: ReadonlyMap<string, string>,
  frames: readonly Frame[],
  context: Context,
): void {
  const report = (rule: PragmaProblemRule, what: string, hint: string): void =>
    context.report(item.line, rule, `${name.toUpperCase()} ${what}`, hint);
  const get = (option: string): string | undefined => values.get(option)?.toLowerCase();
  const off = values.has('off') && get('off') !== 'false';
  switch (name) {
    case 'array_partition':
    case 'array_reshape': {
      const type = get('type') ?? 'complete';
      if (type !== 'complete' && !values.has('factor') && !off)
        report('missing-option', `type=${type} lacks 'factor='`, 'give factor=...');
      if (type === 'complete' && values.has('factor'))
        report('conflict', 'is complete and has a factor', 'leave the factor out, or say cyclic or block');
      break;
    }
    case 'pipeline':
      if (off && values.has('ii')) report('conflict', 'is off and has an II', 'keep one');
      if (get('ii') === '0') report('option-value', 'ii=0', 'an interval is at least 1');
      break;
    case 'unroll':
      if (off && values.has('factor')) report('conflict', 'is off and has a factor', 'keep one');
      if (values.has('skip_exit_check') && !values.has('factor'))
        report('missing-option', "skip_exit_check lacks 'factor='", 'give factor=...');
      break;
    case 'loop_tripcount': {
      const [min, max] = [Number(get('min') ?? 0), Number(get('max'))];
      if (min > max) report('option-value', `min=${min} is more than max=${max}`, 'swap them');
      break;
    }
    case 'latency':
      if (!values.has('min') && !values.has('max')) report('missing-option', 'has neither min nor max', 'give one');
      break;
    case 'alias':
      if (values.has('offset') === values.has('distance'))
        report('conflict', 'takes one of offset and distance', 'keep one');
      break;
    case 'performance':
      if (!['target_ti', 'target_tl', 'assume_ti', 'assume_tl'].some((o) => values.has(o)))
        report('missing-option', 'has no target', 'give target_ti=...');
      break;
    case 'bind_storage': {
      const [type, impl] = [get('type'), get('impl')];
      if (type !== undefined && impl !== undefined && !implementationsOf(type).includes(impl)) {
        report(
          'option-value',
          `type=${type} impl=${impl}: there is no such memory`,
          `${type} can be ${implementationsOf(type).join(', ')}`,
        );
      }
      break;
    }
    case 'bind_op': {
      const [op, impl] = [get('op') ?? '', get('impl')];
      const implementations = Object.hasOwn(OPERATORS, op) ? OPERATORS[op]! : null;
      if (values.has('op') && implementations === null)
        report('option-value', `op=${op}`, `one of ${Object.keys(OPERATORS).join(', ')}`);
      if (implementations !== null && impl !== undefined && !implementations.includes(impl))
        report(
          'option-value',
          `op=${op} impl=${impl}: there is no such operator`,
          `${op} can be ${implementations.join(', ')}`,
        );
      break;
    }
    case 'dependence':
      if (values.has('variable') && values.has('cross_variables'))
        report('conflict', 'takes one of variable and cross_variables', 'keep one');
      if (get('dependent') === 'false' && values.has('distance'))
        report('conflict', 'is false and has a distance', 'leave the distance out');
      break;
    case 'interface':
      checkInterface(values, report, frames, context.top);
      break;
    default:
      break;
  }
  const function_ = functionAround(frames)?.scope;
  const isTop =
    function_ !== undefined &&
    (context.top === null ? hasPragma(function_, 'interface') : function_.name === context.top);
  const target = values.get('variable') ?? '';
  if ((name === 'stream' || name === 'bind_storage') && isTop && function_.parameters.some((p) => p.name === target)) {
    report('placement', `on '${target}', a port of the top function`, 'use INTERFACE for a port');
  }
}

function checkInterface(
  values: ReadonlyMap<string, string>,
  report: (rule: PragmaProblemRule, what: string, hint: string) => void,
  frames: readonly Frame[],
  top: string | null,
): void {
  const mode = values.get('mode')?.toLowerCase() ?? '';
  const takes = Object.hasOwn(INTERFACE_MODES, mode) ? INTERFACE_MODES[mode]! : null;
  if (takes !== null) {
    for (const option of values.keys()) {
      if (option !== 'mode' && option !== 'port' && !takes.includes(option))
        report('unknown-option', `mode=${mode} has no option '${option}'`, `its options are ${takes.join(', ')}`);
    }
  }
  const offset = values.get('offset');
  if (mode === 'm_axi' && offset !== undefined && !/^(slave|direct|off)$/i.test(offset))
    report('option-value', `mode=m_axi offset=${offset}`, 'one of slave, direct, off');
  if (mode === 's_axilite' && offset !== undefined && !/^(0[xX][\da-fA-F]+|\d+)$/.test(offset))
    report('option-value', `mode=s_axilite offset=${offset}`, 'an address is expected');
  const isReturn = values.get('port') === 'return';
  if (mode.startsWith('ap_ctrl') && values.has('port') && !isReturn)
    report('conflict', `mode=${mode} on a parameter`, 'it belongs to port=return');
  if (
    isReturn &&
    takes !== null &&
    !mode.startsWith('ap_ctrl') &&
    mode !== 's_axilite' &&
    functionAround(frames)?.scope.head.some((t) => t.text === 'void')
  ) {
    report('conflict', `mode=${mode} on the return of a void function`, 'use s_axilite or ap_ctrl_*');
  }
  const function_ = functionAround(frames)?.scope.name;
  if (top !== null && function_ !== undefined && function_ !== top)
    report('placement', `in ${function_}`, `interfaces stand in the top function, ${top}`);
}

// ---------------------------------------------------------------- where a pragma stands

function checkPlace(
  item: PragmaItem,
  upper: string,
  rule: PragmaRule,
  before: readonly Item[],
  frames: readonly Frame[],
  context: Context,
): void {
  const report = (what: string, hint: string): void => context.report(item.line, 'placement', `${upper} ${what}`, hint);
  if (item.detached)
    return report(
      'stands inside a statement, or before the brace',
      'put it right after an opening brace, or after a statement',
    );
  const inside = innermost(frames).kind;
  if (functionAround(frames) === undefined)
    return report('stands outside every function', 'put it into the body that it is meant for');
  const isBody = inside === 'function' || inside === 'lambda';
  switch (rule.place) {
    case 'loop':
      if (inside !== 'loop')
        return report(`stands in a ${inside}, not in a loop`, 'put it right after the brace of its loop');
      break;
    case 'function':
      if (!isBody)
        return report(`stands in a ${inside}, not right in a function`, "put it right after the function's brace");
      break;
    case 'function-or-loop':
      if (!isBody && inside !== 'loop')
        return report(
          `stands in a ${inside}, which is neither a loop nor a function`,
          'put it right after the brace that it is meant for',
        );
      break;
    case 'inner-region':
      if (isBody) return report('stands right in a function', 'put it into a block of its own');
      break;
    case 'region':
    case 'scope-of-variable':
      break;
  }
  // What shapes the loop comes first in it; a dataflow's channels may be declared before it is said to be one.
  const shapesLoop = inside === 'loop' && (rule.place === 'loop' || upper === 'PIPELINE' || upper === 'DATAFLOW');
  const mayPrecede = (i: Item): boolean =>
    i.kind === 'pragma' || (upper === 'DATAFLOW' && i.kind === 'statement' && declarationsOf(i.tokens).length > 0);
  if (shapesLoop && !before.every(mayPrecede)) {
    report("is not at the beginning of its loop's body", 'put it right after the brace');
  }
}

// ---------------------------------------------------------------- C++ that is no hardware

const HEAP = /^(malloc|calloc|realloc|free|alloca)$/;
const CONTAINERS =
  /^(vector|string|map|unordered_map|set|list|deque|queue|function|shared_ptr|unique_ptr|thread|mutex|cout|cerr|cin|endl)$/;
const SYSTEM = /^(printf|fprintf|puts|fopen|fread|fwrite|exit|abort|time|rand)$/;

function checkStatement(item: Statement, frames: readonly Frame[], context: Context): void {
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
function checkRecursion(scope: Scope, context: Context): void {
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
