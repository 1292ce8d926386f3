/**
 * How often a loop runs: by constants in its header, or by what a LOOP_TRIPCOUNT says (a schedule has no number otherwise). What a pipeline or an UNROLL
 * unrolls must have constants.
 */
import {
  afterAngle,
  type Declaration,
  declarationsOf,
  type Item,
  type Loop,
  type Scope,
  type Token,
} from './cpp-outline.js';
import { type Frame, functionAround, isConstant, type Name, named, type Program, splitAt } from './names.js';
import { hasPragma, isOff, pragmaName } from './parse-pragma.js';
import type { Context } from './problem.js';

export const initOf = (loop: Loop): readonly Token[] => splitAt(loop.header, ';')[0] ?? [];

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

export function checkBareLoop(loop: Loop, frames: readonly Frame[], context: Context): void {
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

/** The loops of a scope: its own, those without braces around it, and those that its pipeline would unroll. */
export function checkLoops(scope: Scope, frames: readonly Frame[], context: Context): void {
  const { report, program } = context;
  for (const loop of scope.outerLoops) checkBareLoop(loop, frames, context);
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
