/**
 * What Vitis HLS would ignore or refuse in a design, found without it: pragmas that it does not know, options that it does not take, pragmas
 * attached to nothing, loops without an end that it can see, and C++ that is no hardware.
 *
 * In: the design's own files (not its test bench). Out: the problems, each with its place and what to do. It is a check of text: types are not known,
 * so it finds what is wrong in itself, not what a schedule cannot keep. Rules: AMD's UG1399, "HLS Pragmas" and "Unsupported C/C++ Constructs".
 */
import { checkRecursion, checkStatement } from './pragmas/check-constructs.js';
import { checkBareLoop, checkLoops, initOf } from './pragmas/check-loops.js';
import { checkCombination, checkOptions } from './pragmas/check-options.js';
import { checkPlace } from './pragmas/check-place.js';
import { declarationsOf, type Item, outlineOf, type PragmaItem, type Scope } from './pragmas/cpp-outline.js';
import { type Frame, type Name, named, programOf } from './pragmas/names.js';
import { parsePragma } from './pragmas/parse-pragma.js';
import { PRAGMAS, REPLACED } from './pragmas/pragma-table.js';
import type { Context, PragmaProblem, Report } from './pragmas/problem.js';

export type { PragmaProblem, PragmaProblemRule } from './pragmas/problem.js';

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
  checkLoops(scope, frames, context);
  if (scope.kind === 'function') checkRecursion(scope, context);
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
